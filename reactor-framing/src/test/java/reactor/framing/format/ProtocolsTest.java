package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.FramingMatrix;

class ProtocolsTest {

    private static final String SYSLOG =
            "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - BOM'su root' failed for lonvick on /dev/pts/8";
    private static final String MARKER = "ff".repeat(16);

    /** Messages from specifications and real peers: a format, the bytes on the wire, the frames in hex. */
    private static Stream<Arguments> vectors() {
        return Stream.of(
                // psql 15.19 to a server: SSLRequest, StartupMessage; "Message Formats" gives the code 1234 5679 and
                // the fields
                vector(
                        Protocols.postgres(),
                        "0000000804d2162f"
                                + "00000022 00030000 75736572 00 706f73746772657300 64617461 6261736500 6100 00",
                        "0000000804d2162f",
                        "00000022 00030000 75736572 00 706f73746772657300 64617461 6261736500 6100 00"),
                // the same documentation's AuthenticationOk and ReadyForQuery
                vector(
                        Protocols.postgres(),
                        "52 00000008 00000000 5a 00000005 49",
                        "52 00000008 00000000",
                        "5a 00000005 49"),
                // MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 4.4.2.1 and 4.4.3.1: read one register at
                // address 4
                vector(
                        Protocols.modbusTcp(),
                        "1501 0000 0006 ff 03 0004 0001  1501 0000 0005 ff 03 02 0005",
                        "1501 0000 0006 ff 03 0004 0001",
                        "1501 0000 0005 ff 03 02 0005"),
                // RFC 4271, 4.4: a KEEPALIVE is the header alone; RFC 4486: NOTIFICATION, cease, administrative
                // shutdown
                vector(
                        Protocols.bgp(),
                        MARKER + "0013 04" + MARKER + "0015 03 06 02",
                        MARKER + "0013 04",
                        MARKER + "0015 03 06 02"),
                // [MS-RDPBCGR] 4.1.1, Client X.224 Connection Request PDU
                vector(
                        Protocols.tpkt(),
                        "03 00 00 2c 27 e0 00 00 00 00 00 43 6f 6f 6b 69 65 3a 20 6d 73 74 73 68 61 73 68 3d 65 6c 74"
                                + "6f 6e 73 0d 0a 01 00 08 00 00 00 00 00",
                        "27 e0 00 00 00 00 00 43 6f 6f 6b 69 65 3a 20 6d 73 74 73 68 61 73 68 3d 65 6c 74"
                                + "6f 6e 73 0d 0a 01 00 08 00 00 00 00 00"),
                // SMPP Protocol Specification 3.4, 3.2.3: the example of a bind_transmitter
                vector(
                        Protocols.smpp(),
                        "00 00 00 2f 00 00 00 02 00 00 00 00 00 00 00 01 53 4d 50 50 33 54 45 53 54 00 73 65 63 72 65 74"
                                + "30 38 00 53 55 42 4d 49 54 31 00 00 01 01 00",
                        "00 00 00 2f 00 00 00 02 00 00 00 00 00 00 00 01 53 4d 50 50 33 54 45 53 54 00 73 65 63 72 65 74"
                                + "30 38 00 53 55 42 4d 49 54 31 00 00 01 01 00"),
                // AMQP 0-9-1, 4.2.2 and 4.2.7: the protocol header and a heartbeat
                vector(
                        Protocols.amqp(),
                        "41 4d 51 50 00 00 09 01  08 0000 00000000 ce",
                        "41 4d 51 50 00 00 09 01",
                        "08 0000 00000000 ce"),
                // RFC 6733, 3 and 5.5.1, put together by hand: Device-Watchdog-Request with Origin-Host "a" and
                // Origin-Realm "b"
                vector(
                        Protocols.diameter(),
                        "01 00002c 80 000118 00000000 00000001 00000002"
                                + "00000108 40 000009 61000000 00000128 40 000009 62000000",
                        "01 00002c 80 000118 00000000 00000001 00000002"
                                + "00000108 40 000009 61000000 00000128 40 000009 62000000"),
                // gRPC over HTTP2: not compressed; the message is the "helloworld" example's HelloRequest
                vector(
                        Protocols.grpc(),
                        "00 00000007 0a05776f726c64 00 00000000",
                        "00 00000007 0a05776f726c64",
                        "00 00000000"),
                // RSocket protocol, "KEEPALIVE Frame": stream 0, type 3, respond flag, last received position 0
                vector(Protocols.rsocket(), "00000e 00000000 0c80 0000000000000000", "00000000 0c80 0000000000000000"),
                // SoupBinTCP: client heartbeat "R", login accepted "A" with session and sequence number
                vector(
                        Protocols.soupBinTcp(),
                        "0001 52 001f 41 20202020202020 616263 20202020202020202020202020202020202020 31",
                        "52",
                        "41 20202020202020 616263 20202020202020202020202020202020202020 31"),
                // IEC 60870-5-104, 5.3: TESTFR act and con, STARTDT act
                vector(
                        Protocols.iec104(),
                        "68 04 43 00 00 00  68 04 83 00 00 00  68 04 07 00 00 00",
                        "43 00 00 00",
                        "83 00 00 00",
                        "07 00 00 00"),
                // OPC 10000-6, 7.1.2.3: Hello, version 0, buffers of 65536, no limits, no endpoint
                vector(
                        Protocols.opcUa(),
                        "48454c46 20000000 00000000 00000100 00000100 00000000 00000000 ffffffff",
                        "48454c46 20000000 00000000 00000100 00000100 00000000 00000000 ffffffff"),
                // gitprotocol-common(5), the examples of pkt-lines, and flush, delimiter, response end
                vector(
                        Protocols.gitPktLine(),
                        ascii("0006a\n" + "0005a" + "000bfoobar\n" + "0004" + "0000" + "0001" + "0002"),
                        ascii("0006a\n"),
                        ascii("0005a"),
                        ascii("000bfoobar\n"),
                        ascii("0004"),
                        ascii("0000"),
                        ascii("0001"),
                        ascii("0002")),
                // RFC 5730, 2.3: a hello, framed as RFC 5734, 4 draws it
                vector(
                        Protocols.epp(),
                        "00000046" + ascii("<epp xmlns=\"urn:ietf:params:xml:ns:epp-1.0\">\r\n  <hello/>\r\n</epp>  "),
                        ascii("<epp xmlns=\"urn:ietf:params:xml:ns:epp-1.0\">\r\n  <hello/>\r\n</epp>  ")),
                // MySQL Source Code Documentation, "MySQL Packets" and "OK_Packet"
                vector(
                        Protocols.mysql(),
                        "01 00 00 00 01  07 00 00 02 00 00 00 02 00 00 00",
                        "01 00 00 00 01",
                        "07 00 00 02 00 00 00 02 00 00 00"),
                // [MS-TDS] 4.1, Pre-Login Request
                vector(
                        Protocols.tds(),
                        "12 01 00 2f 00 00 01 00 00 00 1a 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 04 04 00 26 00"
                                + "01 ff 09 00 00 00 00 00 01 00 b8 0d 00 00 01",
                        "12 01 00 2f 00 00 01 00 00 00 1a 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 04 04 00 26 00"
                                + "01 ff 09 00 00 00 00 00 01 00 b8 0d 00 00 01"),
                // RFC 1035, 4.1.1 and 4.1.2, put together by hand: a query for example.com, A, IN
                vector(
                        Protocols.dns(),
                        "001d 1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001",
                        "1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001"),
                // Kafka protocol guide: ApiVersions request, version 0, header version 1: correlation id 1, client "a"
                vector(Protocols.kafka(), "0000000b 0012 0000 00000001 0001 61", "0012 0000 00000001 0001 61"),
                // MQTT 3.1.1, 3.1.2 (figure 3.6, the example of CONNECT's variable header), 3.12 and 3.14
                vector(
                        Protocols.mqtt(),
                        "10 0d 0004 4d515454 04 02 000a 0001 61  c0 00  e0 00",
                        "10 0d 0004 4d515454 04 02 000a 0001 61",
                        "c0 00",
                        "e0 00"),
                // Protocol Buffers documentation, "Encoding": a message with 150 in field 1, and its length as a varint
                vector(Protocols.protobuf(), "03 089601 00", "089601", ""),
                // RFC 5424, 6.5, example 1, framed both ways as RFC 6587, 3.4.1 and 3.4.2 describe; only the first is
                // written
                vector(Protocols.syslog(), ascii("110 " + SYSLOG), ascii(SYSLOG)),
                // HL7 2.x, the start of an ADT message, in a block
                vector(
                        Protocols.mllp(),
                        "0b" + ascii("MSH|^~\\&|A|B\rEVN|A01\r") + "1c0d 0b1c0d",
                        ascii("MSH|^~\\&|A|B\rEVN|A01\r"),
                        ""),
                // Language Server Protocol 3.17, "Base Protocol": the header and the start of the example's content
                vector(
                        Protocols.lsp(),
                        ascii("Content-Length: 36\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\"}"),
                        ascii("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\"}")),
                vector(Protocols.iso8583Decimal(), "30303034 30383030 30303030", "30383030", ""),
                // ISO 8583:1987 network management request 0800, with a binary length
                vector(Protocols.iso8583Binary(), "0004 30383030 0000", "30383030", ""));
    }

    private static FramingMatrix matrix(Framing framing) {
        return FramingMatrix.of(framing).allCutsUpTo(8);
    }

    private static Arguments vector(Framing framing, String wire, String... frames) {
        return Arguments.of(framing, wire, List.of(frames));
    }

    private static String ascii(String text) {
        return HexFormat.of().formatHex(text.getBytes(US_ASCII));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void messagesOfThePeer_readAndWrittenTheSame(Framing framing, String wire, List<String> frames) {
        List<String> events = new ArrayList<>();
        frames.forEach(frame -> events.add(FramingMatrix.frame(FramingMatrix.hex(frame))));
        events.add("complete");
        matrix(framing).stream(wire).yields(events);
        String written = String.join(
                "", encode(framing, frames.stream().map(FramingMatrix::hex).toArray(byte[][]::new)));
        assertThat(written).isEqualTo(HexFormat.of().formatHex(FramingMatrix.hex(wire)));
    }

    /** What can be made of any length: puts a length into the bytes of a message, as its specification says. */
    private interface Message {
        byte[] make(int frameLength);
    }

    /** With {@code open}, the specification allows more than can be tried; with {@code full}, no more fits the length field. */
    private record Bounds(
            Framing framing,
            int min,
            int max,
            boolean open,
            boolean full,
            boolean searches,
            Message wire,
            Message frame) {

        Bounds asOpen() {
            return new Bounds(framing, min, max, true, full, searches, wire, frame);
        }

        Bounds asFull() {
            return new Bounds(framing, min, max, open, true, searches, wire, frame);
        }

        Bounds asSearching() {
            return new Bounds(framing, min, max, open, full, true, wire, frame);
        }

        @Override
        public String toString() {
            return framing + " " + min + ".." + max;
        }
    }

    private static final List<Bounds> BOUNDS = List.of(
            whole(Protocols.postgres(), 5, 20_000, "51", n -> be(n - 1, 4)).asOpen(),
            whole(Protocols.postgres(), 8, 10_000, "", n -> be(n, 4)),
            payload(Protocols.dns(), 12, 65535, n -> be(n, 2)).asFull(),
            payload(Protocols.tpkt(), 3, 65531, n -> concat(FramingMatrix.hex("0300"), be(n + 4, 2)))
                    .asFull()
                    .asSearching(),
            whole(Protocols.smpp(), 16, 70_000, "", n -> be(n, 4)).asOpen(),
            whole(Protocols.bgp(), 19, 4096, MARKER, n -> be(n, 2)).asSearching(),
            whole(Protocols.modbusTcp(), 8, 260, "00010000", n -> be(n - 6, 2)),
            whole(Protocols.amqp(), 8, 70_000, "030001", n -> be(n - 8, 4)).asOpen(),
            payload(Protocols.rsocket(), 6, 0xFFFFFF, n -> be(n, 3)).asFull(),
            whole(Protocols.grpc(), 5, 70_000, "01", n -> be(n - 5, 4)).asOpen(),
            payload(Protocols.kafka(), 0, 70_000, n -> be(n, 4)).asOpen(),
            payload(Protocols.iso8583Binary(), 0, 65535, n -> be(n, 2)).asFull(),
            payload(Protocols.soupBinTcp(), 1, 65535, n -> be(n, 2)).asFull(),
            payload(Protocols.iec104(), 4, 253, n -> concat(FramingMatrix.hex("68"), be(n, 1)))
                    .asSearching(),
            whole(Protocols.opcUa(), 8, 70_000, ascii("MSGC"), n -> reversed(be(n, 4)))
                    .asOpen(),
            whole(
                    Protocols.gitPktLine(),
                    4,
                    65520,
                    "",
                    n -> String.format("%04x", n).getBytes(US_ASCII)),
            payload(Protocols.epp(), 0, 70_000, n -> be(n + 4, 4)).asOpen(),
            whole(Protocols.mysql(), 4, 0xFFFFFF + 4, "", n -> reversed(be(n - 4, 3)))
                    .asFull(),
            whole(Protocols.tds(), 8, 32767, "0401", n -> be(n, 2)));

    private static Bounds payload(Framing framing, int min, int max, Message header) {
        Message payload = n -> {
            byte[] bytes = new byte[n];
            Arrays.fill(bytes, (byte) 0xCE);
            return bytes;
        };
        return new Bounds(
                framing,
                min,
                max,
                false,
                false,
                false,
                n -> concat(header.make(n), payload.make(Math.max(0, n))),
                payload);
    }

    private static Bounds whole(Framing framing, int min, int max, String before, Message length) {
        Message message = n -> {
            byte[] start = concat(FramingMatrix.hex(before), length.make(n));
            byte[] bytes = Arrays.copyOf(start, Math.max(0, n));
            if (n > start.length) {
                Arrays.fill(bytes, start.length, n, (byte) 0xCE);
            }
            return n < start.length ? start : bytes;
        };
        return new Bounds(framing, min, max, false, false, false, message, n -> Arrays.copyOf(message.make(n), n));
    }

    private static byte[] be(long value, int size) {
        return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(value).array(), 8 - size, 8);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @ParameterizedTest
    @FieldSource("BOUNDS")
    void shortestAndLongest_readAndWritten(Bounds bounds) {
        FrameCodec codec = FrameCodec.of(bounds.framing).maxFrameLength(1 << 25);
        for (int length : new int[] {bounds.min, bounds.min + 1, bounds.max - 1, bounds.max}) {
            byte[] wire = bounds.wire.make(length);
            byte[] frame = bounds.frame.make(length);
            for (int step : new int[] {wire.length, 1 + wire.length / 3, 1 + wire.length / 1000}) {
                List<ByteBuffer> chunks = new ArrayList<>();
                for (int at = 0; at < wire.length; at += step) {
                    chunks.add(ByteBuffer.wrap(wire, at, Math.min(step, wire.length - at)));
                }
                assertThat(Flux.fromIterable(chunks)
                                .transform(codec::decode)
                                .collectList()
                                .block())
                        .containsExactly(ByteBuffer.wrap(frame));
            }
            assertThat(Flux.just(ByteBuffer.wrap(frame))
                            .transform(codec::encode)
                            .blockLast())
                    .isEqualTo(ByteBuffer.wrap(wire));
        }
    }

    @ParameterizedTest
    @FieldSource("BOUNDS")
    void oneByteTooShort_corrupt(Bounds bounds) {
        if (bounds.min == 0) {
            return;
        }
        byte[] wire = bounds.wire.make(bounds.min - 1);
        boolean fieldIsNegative = HexFormat.of().formatHex(wire).matches("0[13].*ffffffff|ffffff");
        if (!fieldIsNegative) {
            matrix(bounds.framing).stream(Arrays.copyOf(wire, 30)).yields("error Corrupt #0 @0");
        }
        assertThatThrownBy(() -> encode(bounds.framing, bounds.frame.make(bounds.min - 1)))
                .isInstanceOf(CorruptFrameException.class);
    }

    @ParameterizedTest
    @FieldSource("BOUNDS")
    void oneByteTooLong_refused(Bounds bounds) {
        if (bounds.open) {
            return;
        }
        int length = bounds.max + 1;
        assertThatThrownBy(() -> Flux.just(ByteBuffer.wrap(bounds.frame.make(length)))
                        .transform(FrameCodec.of(bounds.framing).maxFrameLength(1 << 25)::encode)
                        .blockLast())
                .isInstanceOf(FrameTooLongException.class);
        if (!bounds.full) {
            matrix(bounds.framing).stream(Arrays.copyOf(bounds.wire.make(length), 30))
                    .yields(
                            bounds.searches
                                    ? "error Corrupt #0 @0"
                                    : "error TooLong #0 @0 " + length + ">" + bounds.max);
        }
    }

    private static Stream<Arguments> beyondThePositiveInteger() {
        return Stream.of(
                Arguments.of(Protocols.kafka(), "80000000", "2147483648>2147483647"),
                Arguments.of(Protocols.protobuf(), "8080808008", "2147483648>2147483647"),
                Arguments.of(Protocols.postgres(), "5180000000", "2147483649>2147483648"));
    }

    @ParameterizedTest
    @MethodSource("beyondThePositiveInteger")
    void negativeLength_tooLong(Framing framing, String wire, String figures) {
        matrix(framing).with(c -> c.maxFrameLength(Long.MAX_VALUE)).stream(wire)
                .yields("error TooLong #0 @0 " + figures);
    }

    private static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("version 2", Protocols.diameter(), "02000014", "0200001480000118"),
                Arguments.of("length not a multiple of 4", Protocols.diameter(), "01000015", ""),
                Arguments.of("too short", Protocols.diameter(), "01000010", ""),
                Arguments.of("protocol 1", Protocols.modbusTcp(), "000000010002", "000000010002ffff"),
                Arguments.of("compressed flag 2", Protocols.grpc(), "0200000000", "0200000000"),
                Arguments.of("type 4", Protocols.amqp(), "04000000000000", "0400000000000ce0".substring(0, 16)),
                Arguments.of("AMQP 1.0", Protocols.amqp(), "414d515000010000", "414d515000010000"),
                Arguments.of("no end byte", Protocols.amqp(), "0800000000000000", "0800000000000000"),
                Arguments.of(
                        "unknown type", Protocols.opcUa(), ascii("MSH") + "4608000000", ascii("MSH") + "4608000000"),
                Arguments.of(
                        "Hello not final", Protocols.opcUa(), ascii("HELC") + "08000000", ascii("HELC") + "08000000"),
                Arguments.of("chunk type B", Protocols.opcUa(), ascii("MSGB") + "08000000", ascii("MSGB") + "08000000"),
                Arguments.of("0003", Protocols.gitPktLine(), ascii("0003"), ascii("000")),
                Arguments.of("no hex digit", Protocols.gitPktLine(), ascii("00g5a"), ""),
                Arguments.of("sign", Protocols.gitPktLine(), ascii("+005a"), ""),
                Arguments.of("start byte", Protocols.iec104(), "67", ""),
                Arguments.of("version", Protocols.tpkt(), "02", ""),
                Arguments.of("reserved", Protocols.tpkt(), "0301", ""),
                Arguments.of("type 0", Protocols.mqtt(), "0000", "0000"),
                Arguments.of("length of 5 bytes", Protocols.mqtt(), "3080808080", "308080808000"),
                Arguments.of("wrong length", Protocols.mqtt(), "", "c001"),
                Arguments.of("length longer than it needs", Protocols.mqtt(), "308000", "308000"),
                Arguments.of("length of 6 bytes", Protocols.protobuf(), "ffffffffff", ""),
                Arguments.of("marker", Protocols.bgp(), "ffffffffff00", "ff".repeat(15) + "00 0013 04"),
                Arguments.of("startup of 7 bytes", Protocols.postgres(), "0000000700030000", "00000007000300"),
                Arguments.of("shorter than itself", Protocols.epp(), "00000003", ""));
    }

    @ParameterizedTest(name = "{1}, {0}")
    @MethodSource("faults")
    void headerThatCannotBe_corruptAndNotWritten(String fault, Framing framing, String wire, String frame) {
        if (!wire.isEmpty()) {
            assertThat(matrix(framing).stream(wire + "00000000").events()).containsExactly("error Corrupt #0 @0");
            matrix(framing).stream(wire + "00000000").yields("error Corrupt #0 @0");
        }
        if (!frame.isEmpty()) {
            assertThatThrownBy(() -> encode(framing, FramingMatrix.hex(frame))).isInstanceOf(FramingException.class);
        }
    }

    @Test
    void postgres_secondMessageWithoutTypeAfterSslAndGssRequests() {
        String ssl = "0000000804d2162f";
        String gss = "0000000804d21630";
        String cancel = "0000001004d2162e0000000100000002";
        matrix(Protocols.postgres()).stream(gss + ssl + cancel)
                .yields(
                        FramingMatrix.frame(FramingMatrix.hex(gss)),
                        FramingMatrix.frame(FramingMatrix.hex(ssl)),
                        FramingMatrix.frame(FramingMatrix.hex(cancel)),
                        "complete");
        assertThat(encode(Protocols.postgres(), FramingMatrix.hex(ssl), FramingMatrix.hex(cancel)))
                .containsExactly(ssl, cancel);
    }

    @Test
    void postgres_messageWithoutTypeAfterStartup_corrupt() {
        String startup = "000000080003000000000008000300004c";
        matrix(Protocols.postgres()).stream(startup)
                .yields(FramingMatrix.frame(FramingMatrix.hex("0000000800030000")), "error Corrupt #1 @8");
        assertThatThrownBy(() -> encode(
                        Protocols.postgres(),
                        FramingMatrix.hex("0000000800030000"),
                        FramingMatrix.hex("0000000800030000")))
                .isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void amqp_protocolHeaderLater_corrupt() {
        matrix(Protocols.amqp()).stream("0800000000000000ce".substring(0, 14) + "ce414d515000000901")
                .yields("frame 08 00 00 00 00 00 00 ce", "error Corrupt #1 @8");
    }

    /** MQTT 3.1.1, table 2.4: where lengths begin to take another byte, and the longest. */
    @Test
    void mqtt_lengthsOfOneToFourBytes() {
        for (String header : List.of("30 7f", "30 80 01", "30 ff 7f", "30 80 80 01", "30 ff ff 7f", "30 80 80 80 01")) {
            byte[] start = FramingMatrix.hex(header);
            int length = 0;
            for (int i = start.length - 1; i > 0; i--) {
                length = length << 7 | start[i] & 0x7F;
            }
            byte[] packet = Arrays.copyOf(start, start.length + length);
            assertThat(Flux.just(ByteBuffer.wrap(packet))
                            .transform(FrameCodec.of(Protocols.mqtt()).maxFrameLength(1 << 28)::decode)
                            .collectList()
                            .block())
                    .containsExactly(ByteBuffer.wrap(packet));
        }
        matrix(Protocols.mqtt()).stream("30 ff ff ff 7f").yields("error TooLong #0 @0 268435460>8388608");
    }

    @Test
    void syslog_bothWaysMixed_lineFeedsBetweenArePassedOver() {
        matrix(Protocols.syslog()).stream("5 <1>hi\n\n<2>ho\n3 <3>6 <4>\n\n\n<5>\n".getBytes(US_ASCII))
                .yields(
                        FramingMatrix.frame("<1>hi".getBytes(US_ASCII)),
                        FramingMatrix.frame("<2>ho".getBytes(US_ASCII)),
                        FramingMatrix.frame("<3>".getBytes(US_ASCII)),
                        FramingMatrix.frame("<4>\n\n\n".getBytes(US_ASCII)),
                        FramingMatrix.frame("<5>".getBytes(US_ASCII)),
                        "complete");
        matrix(Protocols.syslog()).stream("\n<2>ho".getBytes(US_ASCII)).yields("error Truncated #0 @1 5/-1");
        assertThatThrownBy(() -> encode(Protocols.syslog(), new byte[0])).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void bgp_noiseBetween_nextMarkerIsFound() {
        String keepalive = MARKER + "001304";
        matrix(Protocols.bgp()).skipInvalid().stream(keepalive + MARKER + "1001 02" + "ff" + keepalive)
                .yields(
                        FramingMatrix.frame(FramingMatrix.hex(keepalive)),
                        "skipped Corrupt #1 @19 +20",
                        FramingMatrix.frame(FramingMatrix.hex(keepalive)),
                        "complete");
    }

    @Test
    void iec104_startByteInNoise_lengthTellsItApart() {
        matrix(Protocols.iec104()).skipInvalid().stream("00 68 03 68 fe 68 04 43 00 00 00")
                .yields("skipped Corrupt #0 @0 +5", "frame 43 00 00 00", "complete");
    }

    @Test
    void encoder_fillsTheLengthIn() {
        assertThat(encode(Protocols.tds(), FramingMatrix.hex("0601eeee00000100aa")))
                .containsExactly("0601000900000100aa");
        assertThat(encode(Protocols.postgres(), FramingMatrix.hex("51eeeeeeee6100")))
                .containsExactly("51000000066100");
    }

    @ParameterizedTest
    @FieldSource("BOUNDS")
    void randomBytes_giveOnlyFramesAndFramingExceptions(Bounds bounds) {
        Random random = new Random(11);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            byte[] start = bounds.wire.make(bounds.min + random.nextInt(3));
            if (random.nextInt(4) > 0) {
                bytes = concat(start, bytes);
            }
            if (bytes.length > 0 && random.nextInt(4) > 0) {
                bytes[random.nextInt(Math.max(1, Math.min(bytes.length, start.length)))] ^=
                        (byte) (1 << random.nextInt(8));
            }
            FramingMatrix matrix = matrix(bounds.framing).stream(bytes);
            List<String> events = matrix.events();
            assertThat(events).allMatch(e -> e.matches("(frame|complete|error (Corrupt|TooLong|Truncated)).*"));
            if (i < 2) {
                matrix.yields(events);
            }
        }
    }

    @Test
    void names() {
        assertThat(BOUNDS).allMatch(bounds -> bounds.framing.toString().matches("Protocols\\.[a-zA-Z0-9]+\\(\\)"));
    }

    private static List<String> encode(Framing framing, byte[]... frames) {
        return Flux.just(frames)
                .map(ByteBuffer::wrap)
                .transform(FrameCodec.of(framing)::encode)
                .map(b -> HexFormat.of().formatHex(FramingMatrix.bytes(b)))
                .collectList()
                .block();
    }

    @Test
    void mllp_garbageBeforeTheStartBlockAndLineFeedBehindTheEnd_areSkipped() {
        matrix(Protocols.mllp()).stream("0d0a58 0b 4d53 1c0d 0a 0b 48 1c0d 0a")
                .yields("frame 4d 53", "frame 48", "complete");
    }
}
