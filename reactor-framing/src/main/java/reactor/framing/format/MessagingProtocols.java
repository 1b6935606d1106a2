package reactor.framing.format;

import static reactor.framing.format.Presets.byFirst;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.refusing;
import static reactor.framing.format.Presets.rule;

import java.nio.ByteBuffer;
import java.util.Locale;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for messaging and remote calls. */
final class MessagingProtocols {

    static final Framing KAFKA = preset(
            "kafka",
            LengthField.ofSize(4)
                    .checkHeader(
                            length("Kafka message", header -> header.getInt(0) & 0xFFFFFFFFL, 0, Presets.MAX_INT)));

    static final Framing MQTT = preset(
            "mqtt",
            byFirst(
                    first -> first < 0x10,
                    refusing("an MQTT packet has no type 0"),
                    Varint.leb128().before(1).maxBytes(4).keepHeader()));

    static final Framing AMQP = amqpFraming();

    static final Framing AMQP_10 = amqp10Framing();

    static final Framing STOMP = preset("stomp", SkipBetween.of(new Scanned(Stomp::new), "\r\n"));

    static final Framing NATS = preset(
            "nats",
            HeaderLength.until("\r\n", MessagingProtocols::natsLength)
                    .endMark((byte) '\r', (byte) '\n')
                    .maxHeader(TextLine.LONGEST));

    static final Framing THRIFT = preset(
            "thrift",
            LengthField.ofSize(4)
                    .checkHeader(
                            length("Thrift message", header -> header.getInt(0) & 0xFFFFFFFFL, 0, Presets.MAX_INT)));

    static final Framing RSOCKET = preset(
            "rsocket",
            LengthField.ofSize(3)
                    .checkHeader(length(
                            "RSocket frame",
                            header -> header.getShort(0) << 8 & 0xFFFF00 | header.get(2) & 0xFF,
                            6,
                            0xFFFFFF)));

    static final Framing GRPC = preset(
            "grpc",
            LengthField.ofSize(4)
                    .before(1)
                    .keepHeader()
                    .checkHeader(rule(
                            "the compressed flag of a gRPC message is 0 or 1",
                            header -> header.get(0) == 0 || header.get(0) == 1)));

    static final Framing PROTOBUF = preset(
            "protobuf",
            new Presets.Bounded("Protocol Buffers message", Varint.leb128().maxBytes(5), 0, Presets.MAX_INT));

    static final Framing SMPP = preset(
            "smpp",
            LengthField.ofSize(4)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(length("SMPP PDU", header -> header.getInt(0) & 0xFFFFFFFFL, 16, 0xFFFFFFFFL)));

    private MessagingProtocols() {}

    private static Framing amqpFraming() {
        long header = 0x414D5150_00000901L;
        // the header's last byte, 1, as a length of 8 bytes in all
        Framing protocolHeader = LengthField.ofSize(1)
                .before(7)
                .adjustment(-1)
                .keepHeader()
                .checkHeader(
                        rule("the protocol header is not that of AMQP 0-9-1", bytes -> bytes.getLong(0) == header));
        Framing frames = LengthField.ofSize(4)
                .before(3)
                .keepHeader()
                .endMark((byte) 0xCE)
                .keepEndMark()
                .checkHeader(rule("the type of an AMQP frame is 1, 2, 3 or 8", bytes -> {
                    byte type = bytes.get(0);
                    return type >= 1 && type <= 3 || type == 8;
                }));
        Framing first = byFirst(value -> value == 'A', protocolHeader, frames);
        return preset("amqp", Switching.of(first, frame -> frames).endsIn(frames));
    }

    private static Framing amqp10Framing() {
        int name = 0x414D5150; // AMQP
        Framing protocolHeader = HeaderLength.ofSize(8, header -> {
            byte id = header.get(4);
            if (id != 0 && id != 2 && id != 3 || header.getInt(4) << 8 != 0x01_00_00_00) {
                throw new CorruptFrameException("the protocol header is not that of AMQP 1.0");
            }
            return 8;
        });
        Framing frames = LengthField.ofSize(4)
                .after(4)
                .counts(Counts.WHOLE_FRAME)
                .keepHeader()
                .checkHeader(length("AMQP frame", header -> header.getInt(0) & 0xFFFFFFFFL, 8, 0xFFFFFFFFL)
                        .and(rule("the type of an AMQP 1.0 frame is 0 or 1", header -> header.get(5) >>> 1 == 0))
                        .and(rule("the data of an AMQP 1.0 frame begin between its header and its end", header -> {
                            int offset = 4 * (header.get(4) & 0xFF);
                            return offset >= 8 && offset <= (header.getInt(0) & 0xFFFFFFFFL);
                        })));
        return preset(
                "amqp10",
                FirstBytes.upTo(
                        4,
                        start -> start.get(0) != 'A'
                                ? frames
                                : start.limit() < 4 ? null : start.getInt(0) == name ? protocolHeader : frames));
    }

    private static long natsLength(ByteBuffer line) {
        int least = switch (TextLine.word(line, 0).toUpperCase(Locale.ROOT)) {
            case "INFO", "CONNECT", "PING", "PONG", "SUB", "UNSUB", "+OK", "-ERR" -> 0;
            case "PUB" -> 3;
            case "HPUB", "MSG" -> 4;
            case "HMSG" -> 5;
            default -> throw new CorruptFrameException("no line of NATS begins so");
        };
        if (least == 0) {
            return line.limit();
        }
        int words = TextLine.count(line);
        if (words < least) {
            throw new CorruptFrameException("a line of NATS with " + words + " words, not " + least);
        }
        return line.limit() + TextLine.number(line, words - 1) + 2;
    }
}
