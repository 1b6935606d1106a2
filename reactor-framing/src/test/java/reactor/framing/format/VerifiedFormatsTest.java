package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.format.LengthField.Counts;
import reactor.framing.test.FrameGenerator;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;

/** The formats whose own tests do not run the verifier: length fields with their options, and the presets. */
class VerifiedFormatsTest {

    private static final int ANY = Integer.MAX_VALUE;

    private static Arguments payload(Framing framing, int min, int max) {
        return arguments(framing, FramingVerifier.of(framing).lengths(min, max));
    }

    private static Arguments whole(Framing framing, int min, int max, FrameGenerator messages) {
        return arguments(framing, FramingVerifier.of(framing).lengths(min, max).frames(messages));
    }

    /** A message whose length field is where the generator says. */
    private interface Header {
        ByteBuffer put(ByteBuffer message, int length);
    }

    private static FrameGenerator message(Header header) {
        return (random, length) -> {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            header.put(ByteBuffer.wrap(bytes), length);
            return bytes;
        };
    }

    static Stream<Arguments> lengthFields() {
        byte aa = (byte) 0xAA;
        byte bb = (byte) 0xBB;
        return Stream.of(
                payload(LengthField.ofSize(1), 0, 0xFF),
                payload(LengthField.ofSize(2), 0, 0xFFFF),
                payload(LengthField.ofSize(3).littleEndian(), 0, 0xFFFFFF),
                payload(LengthField.ofSize(4), 0, ANY),
                payload(LengthField.ofSize(5).littleEndian(), 0, ANY),
                payload(LengthField.ofSize(8), 0, ANY),
                payload(LengthField.ofSize(2).counts(Counts.WHOLE_FRAME), 0, 0xFFFF - 2),
                payload(LengthField.ofSize(1).adjustment(-1), 0, 0xFE),
                payload(LengthField.ofSize(2).marker(aa, aa, bb), 0, 0xFFFF),
                whole(
                        LengthField.ofSize(2).before(1).after(1).keepHeader(),
                        4,
                        4 + 0xFFFF,
                        message((m, n) -> m.putShort(1, (short) (n - 4)))),
                whole(
                        LengthField.ofSize(2).marker(aa).keepHeader(),
                        3,
                        3 + 0xFFFF,
                        message((m, n) -> m.put(aa).putShort((short) (n - 3)))),
                whole(
                        LengthField.ofSize(1).marker(aa, bb).after(2).strip(1),
                        4,
                        4 + 0xFF,
                        message((m, n) -> m.put(bb).put((byte) (n - 4)))),
                whole(
                        LengthField.ofSize(1).marker(aa).keepHeader().checkHeader(header -> header.get(1) != 5),
                        8,
                        2 + 0xFF,
                        message((m, n) -> m.put(aa).put((byte) (n - 2)))),
                whole(
                        LengthField.ofSize(2).keepHeader().endMark(aa, bb).keepEndMark(),
                        4,
                        4 + 0xFFFF,
                        message((m, n) ->
                                m.putShort((short) (n - 4)).put(n - 2, aa).put(n - 1, bb))),
                payload(Switching.of(LengthField.ofSize(1), frame -> LengthField.ofSize(2)), 0, 0xFF));
    }

    static Stream<Arguments> objects() {
        return Stream.of(arguments(
                Json.objects(),
                FramingVerifier.of(Json.objects())
                        .lengths(2, ANY)
                        .frames(VerifiedFormatsTest::object)
                        .refuses("", "7b", "7d", "7b 7d 20", "7b 22 7d", "20 7b 7d", "5b 5d")
                        .alphabet('{', '}', '[', ']', ',', '"', '\\', ' ', '\n')
                        .atEnd(VerifiedFormatsTest::endOfObject)));
    }

    /** Of three bytes and more with a string, in which braces mean nothing. */
    private static byte[] object(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (length < 4 ? ' ' : "ab{}[],:".charAt(random.nextInt(8)));
        }
        bytes[0] = '{';
        bytes[length - 1] = '}';
        if (length >= 4) {
            bytes[1] = '"';
            bytes[length - 2] = '"';
        }
        return bytes;
    }

    /** The line end behind an object is not part of it. */
    private static String endOfObject(byte[] rest) {
        String text = new String(rest, US_ASCII);
        boolean isWhole = text.equals("{}") || text.equals("{ }") || text.length() >= 4 && text.endsWith("\"}");
        return text.isEmpty() ? "complete" : isWhole ? FramingEvents.frame(rest) : FramingVerifier.TRUNCATED;
    }

    static Stream<Arguments> presets() {
        return Stream.of(
                payload(Protocols.dns(), 12, 0xFFFF),
                payload(Protocols.tpkt(), 3, 0xFFFF - 4),
                payload(Protocols.rsocket(), 6, 0xFFFFFF),
                payload(Protocols.kafka(), 0, ANY),
                payload(Protocols.iso8583Binary(), 0, 0xFFFF),
                payload(Protocols.iso8583Decimal(), 0, 9999),
                payload(Protocols.soupBinTcp(), 1, 0xFFFF),
                payload(Protocols.iec104(), 4, 253),
                payload(Protocols.epp(), 0, ANY),
                payload(Protocols.protobuf(), 0, ANY),
                payload(Protocols.lsp(), 0, ANY),
                arguments(Protocols.mllp(), FramingVerifier.of(Protocols.mllp())),
                arguments(Protocols.syslog(), FramingVerifier.of(Protocols.syslog())),
                arguments(
                        Protocols.postgres(),
                        FramingVerifier.of(Protocols.postgres())
                                .lengths(5, ANY)
                                .frames(message((m, n) -> m.put((byte) 'Q').putInt(n - 1)))
                                .alphabet('Q', 0, 4, 5, 8)),
                whole(Protocols.smpp(), 16, ANY, message((m, n) -> m.putInt(n))),
                whole(
                        Protocols.bgp(),
                        19,
                        4096,
                        message((m, n) -> m.putLong(-1).putLong(-1).putShort((short) n))),
                whole(
                        Protocols.modbusTcp(),
                        8,
                        260,
                        message((m, n) -> m.putInt(0x10000).putShort((short) (n - 6)))),
                whole(
                        Protocols.amqp(),
                        8,
                        ANY,
                        message((m, n) ->
                                m.put(TestBytes.hex("03 00 01")).putInt(n - 8).put(n - 1, (byte) 0xCE))),
                whole(
                        Protocols.grpc(),
                        5,
                        ANY,
                        message((m, n) -> m.put((byte) 1).putInt(n - 5))),
                whole(
                        Protocols.opcUa(),
                        8,
                        ANY,
                        message((m, n) -> m.put("MSGC".getBytes(US_ASCII)).putInt(Integer.reverseBytes(n)))),
                whole(
                        Protocols.gitPktLine(),
                        4,
                        65520,
                        message((m, n) -> m.put(String.format("%04x", n).getBytes(US_ASCII)))),
                whole(
                        Protocols.mysql(),
                        4,
                        4 + 0xFFFFFF,
                        message((m, n) ->
                                m.put((byte) (n - 4)).put((byte) (n - 4 >> 8)).put((byte) (n - 4 >> 16)))),
                whole(
                        Protocols.tds(),
                        8,
                        32767,
                        message((m, n) -> m.put(TestBytes.hex("04 01")).putShort((short) n))),
                whole(Protocols.diameter(), 20, 0xFFFFFC, VerifiedFormatsTest::diameter));
    }

    /** The length is a multiple of 4. */
    private static byte[] diameter(Random random, int length) {
        int multiple = length & ~3;
        return message((m, n) -> m.putInt(1 << 24 | multiple)).generate(random, multiple);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"lengthFields", "objects"})
    void promises_areKept(Framing framing, FramingVerifier verifier) {
        verifier.verify();
    }

    @Tag("one-jdk")
    @ParameterizedTest(name = "{0}")
    @MethodSource("presets")
    void promisesOfPresets_areKept(Framing preset, FramingVerifier verifier) {
        verifier.verify();
    }
}
