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
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.StreamVerifier;

class ProtocolsTest {

    private static final String SYSLOG = ascii("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - ")
            + "efbbbf"
            + ascii("'su root' failed for lonvick on /dev/pts/8");
    private static final String MARKER = "ff".repeat(16);
    private static final String CAPABILITIES = "010000cc 80000101 00000000 a8cc407d a8c1b2b4"
            + "00000108 4000000c 74657374 00000128 40000011 6c6f63616c686f7374000000 00000101 4000000e 00010a0100010000"
            + "0000010a 4000000c 0000000d 0000010d 00000013 676f2d6469616d6574657200 00000116 4000000c 5350228a"
            + "00000109 4000000c 000028af 00000109 4000000c 0000000d 00000102 4000000c 00000004"
            + "0000012b 4000000c 00000000 00000104 40000020 00000102 4000000c 00000004 0000010a 4000000c 000028af"
            + "0000010b 0000000c 00000001";
    private static final String OPC_URL = ascii("opc.tcp://tattata:62543/AAAAA/AggregationServer");
    private static final String GET_ENDPOINTS = "4d53474674000000 0a000000 01000000 02000000 01000000 0100ac01"
            + "0000b71940d9d01dcf01 01000000 00000000 ffffffff 00000000 000000 2f000000"
            + OPC_URL
            + "00000000 00000000";
    private static final String EPP_HELLO = ascii("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
            + "<epp xmlns=\"urn:ietf:params:xml:ns:epp-1.0\">\n  <hello/>\n</epp>\n");
    private static final String MIRTH_ACK =
            ascii("MSH|^~\\&|CERNER|HOSPITAL-A|x|000000|20230724101700.088||ACK|20230724101700.088|P|2.3\r"
                    + "MSA|AA|1912340911\r");
    private static final String DAP_NEXT = "{\r\n    \"seq\": 153,\r\n    \"type\": \"request\",\r\n"
            + "    \"command\": \"next\",\r\n    \"arguments\": {\r\n        \"threadId\": 3\r\n    }\r\n}";
    private static final String SIGN_ON = ascii("01100000000820")
            + "80380000008100000400000000000000"
            + ascii("362910102957103110000005031SU20111031102957201110311029573001");
    private static final String ECHO_TEST =
            ascii("0800") + "82200000080000000400000000000000" + ascii("0529204738403568914920403568061");

    /** Messages from specifications and real peers: a format, the bytes on the wire, the frames in hex. */
    static Stream<Arguments> vectors() {
        return Stream.of(
                // recorded from psql 15.18, the server having answered N: SSLRequest, StartupMessage
                vector(
                        Protocols.postgres(),
                        "0000000804d2162f"
                                + "0000003f000300007573657200706f73746772657300646174616261736500706f7374677265730061"
                                + "70706c69636174696f6e5f6e616d65007073716c0000",
                        "0000000804d2162f",
                        "0000003f000300007573657200706f73746772657300646174616261736500706f7374677265730061"
                                + "70706c69636174696f6e5f6e616d65007073716c0000"),
                // PostgreSQL documentation, "Message Formats": AuthenticationOk, ReadyForQuery (idle)
                vector(
                        Protocols.postgres(),
                        "52 00000008 00000000 5a 00000005 49",
                        "52 00000008 00000000",
                        "5a 00000005 49"),
                // MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 4.4.1.2: the example of a request; pymodbus
                // 3.0.0 writes the same, ModbusSocketFramer(ClientDecoder()).buildPacket(ReadHoldingRegistersRequest(4,
                // 1))
                vector(Protocols.modbusTcp(), "1501 0000 0006 ff 03 0004 0001", "1501 0000 0006 ff 03 0004 0001"),
                // Open Modbus/TCP Specification 1.0, 4: the example of a transaction, register 4 of unit 9 being 5
                vector(
                        Protocols.modbusTcp(),
                        "0000 0000 0006 09 03 0004 0001  0000 0000 0005 09 03 02 0005",
                        "0000 0000 0006 09 03 0004 0001",
                        "0000 0000 0005 09 03 02 0005"),
                // an OPEN of AS 25186 (jeanmichel-gh/bgp4r, test/unit/messages/open_test.rb); RFC 4271, 4.4: a
                // KEEPALIVE is the header alone; RFC 4486: NOTIFICATION, cease, administrative shutdown
                vector(
                        Protocols.bgp(),
                        MARKER + "002d 01 04 6262 00b4 51341109 10 0206010400010080 02028000 02020200"
                                + MARKER + "0013 04"
                                + MARKER + "0015 03 06 02",
                        MARKER + "002d 01 04 6262 00b4 51341109 10 0206010400010080 02028000 02020200",
                        MARKER + "0013 04",
                        MARKER + "0015 03 06 02"),
                // [MS-RDPBCGR] 4.1.1, Client X.224 Connection Request PDU
                vector(
                        Protocols.tpkt(),
                        "03 00 00 2c 27 e0 00 00 00 00 00 43 6f 6f 6b 69 65 3a 20 6d 73 74 73 68 61 73 68 3d 65 6c 74"
                                + "6f 6e 73 0d 0a 01 00 08 00 00 00 00 00",
                        "27 e0 00 00 00 00 00 43 6f 6f 6b 69 65 3a 20 6d 73 74 73 68 61 73 68 3d 65 6c 74"
                                + "6f 6e 73 0d 0a 01 00 08 00 00 00 00 00"),
                // SMPP Protocol Specification 3.4, 3.2.2: the sample PDU, a bind_transmitter
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
                // what a client sends RabbitMQ (pixie-io/pixie, protocols/amqp/parse_test.cc): basic.publish, its
                // content header and body
                vector(
                        Protocols.amqp(),
                        "01000100000029003c002800000d736f6d655f65786368616e676513617765736f6d652d726f7574696e672d6b657900ce"
                                + "0200010000000f003c0000000000000000000c100001ce"
                                + "0300010000000c68656c6c6f2c20776f726c64ce",
                        "01000100000029003c002800000d736f6d655f65786368616e676513617765736f6d652d726f7574696e672d6b657900ce",
                        "0200010000000f003c0000000000000000000c100001ce",
                        "0300010000000c68656c6c6f2c20776f726c64ce"),
                // a Capabilities-Exchange-Request (fiorix/go-diameter, diam/message_test.go)
                vector(Protocols.diameter(), CAPABILITIES, CAPABILITIES),
                // recorded from a gRPC client (D. Hermes, "Decoding HTTP/2 and gRPC", 2019), without the frame
                // header of HTTP/2; an empty message
                vector(
                        Protocols.grpc(),
                        "00 00000010 0a05416c6963651207 5265646d6f6e64  00 00000000",
                        "00 00000010 0a05416c6963651207 5265646d6f6e64",
                        "00 00000000"),
                // recorded from a Spring server (defaultbranch/howto-rsocket, README): the PAYLOAD that answers a
                // request, in CBOR
                vector(
                        Protocols.rsocket(),
                        "00000f 00000001 2860 fb4022000000000000",
                        "00000001 2860 fb4022000000000000"),
                // Nasdaq's own library (Nasdaq/nasdaq-protocols, tests/test_soup_core.py): login accepted,
                // sequenced data, heartbeats of both sides, end of session
                vector(
                        Protocols.soupBinTcp(),
                        "001f" + ascii("Atest      2                   ") + "0009" + ascii("Stest_txt")
                                + "000148 000152 00015a",
                        ascii("Atest      2                   "),
                        ascii("Stest_txt"),
                        "48",
                        "52",
                        "5a"),
                // IEC 60870-5-104, clause 5, the U format: TESTFR act and con
                vector(Protocols.iec104(), "68 04 43 00 00 00  68 04 83 00 00 00", "43 00 00 00", "83 00 00 00"),
                // recorded from a server by a client that uses lib60870 (PVKonovalov/iec104_test_client, README):
                // STARTDT con, the confirmation of a general interrogation, six single points, a double point
                vector(
                        Protocols.iec104(),
                        "68 04 0b 00 00 00  68 0e 00 00 02 00 64 01 07 00 01 00 00 00 00 14"
                                + "68 22 02 00 02 00 01 06 14 00 01 00 b9 0b 00 00 ba 0b 00 00 bb 0b 00 01 bc 0b 00 00"
                                + "bd 0b 00 00 be 0b 00 00  68 0e 04 00 02 00 03 01 14 00 01 00 d1 07 00 01",
                        "0b 00 00 00",
                        "00 00 02 00 64 01 07 00 01 00 00 00 00 14",
                        "02 00 02 00 01 06 14 00 01 00 b9 0b 00 00 ba 0b 00 00 bb 0b 00 01 bc 0b 00 00"
                                + "bd 0b 00 00 be 0b 00 00",
                        "04 00 02 00 03 01 14 00 01 00 d1 07 00 01"),
                // recorded between a client and a server (node-opcua/node-opcua,
                // node-opcua-transport/test-fixtures): Hello, GetEndpoints; Acknowledge
                vector(
                        Protocols.opcUa(),
                        "48454c464f00000000000000ffff0000ffff000000004000000000002f000000" + OPC_URL + GET_ENDPOINTS,
                        "48454c464f00000000000000ffff0000ffff000000004000000000002f000000" + OPC_URL,
                        GET_ENDPOINTS),
                vector(
                        Protocols.opcUa(),
                        "41434b461c00000000000000ffff0000ffff00000000400000000000",
                        "41434b461c00000000000000ffff0000ffff00000000400000000000"),
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
                // recorded from git upload-pack 2.39.5: what it can do, in version 2
                vector(
                        Protocols.gitPktLine(),
                        ascii("000eversion 2\n0015agent=git/2.39.5\n0013ls-refs=unborn\n"
                                + "0020fetch=shallow wait-for-done\n0012server-option\n0017object-format=sha1\n0010object-info\n"
                                + "0000"),
                        ascii("000eversion 2\n"),
                        ascii("0015agent=git/2.39.5\n"),
                        ascii("0013ls-refs=unborn\n"),
                        ascii("0020fetch=shallow wait-for-done\n"),
                        ascii("0012server-option\n"),
                        ascii("0017object-format=sha1\n"),
                        ascii("0010object-info\n"),
                        ascii("0000")),
                // the hello of RFC 5730, 2.3, as the client Net::EPP 0.22 frames it
                vector(Protocols.epp(), "0000007a" + EPP_HELLO, EPP_HELLO),
                // MySQL Internals Manual, the examples of COM_QUIT, COM_STMT_CLOSE and OK_Packet
                vector(
                        Protocols.mysql(),
                        "01 00 00 00 01  05 00 00 00 19 01 00 00 00  07 00 00 02 00 00 00 02 00 00 00",
                        "01 00 00 00 01",
                        "05 00 00 00 19 01 00 00 00",
                        "07 00 00 02 00 00 00 02 00 00 00"),
                // [MS-TDS] 4.1, Pre-Login Request
                vector(
                        Protocols.tds(),
                        "12 01 00 2f 00 00 01 00 00 00 1a 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 04 04 00 26 00"
                                + "01 ff 09 00 00 00 00 00 01 00 b8 0d 00 00 01",
                        "12 01 00 2f 00 00 01 00 00 00 1a 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 04 04 00 26 00"
                                + "01 ff 09 00 00 00 00 00 01 00 b8 0d 00 00 01"),
                // recorded from NSD 4.6.1: the answer with the address of ns.example
                vector(
                        Protocols.dns(),
                        "003a 123484000001000100010000026e73076578616d706c650000010001c00c000100010000003c0004c0000201c00f"
                                + "000200010000003c0002c00c",
                        "123484000001000100010000026e73076578616d706c650000010001c00c000100010000003c0004c0000201c00f"
                                + "000200010000003c0002c00c"),
                // what Kafka's own client and broker send (pixie-io/pixie, protocols/kafka/test_data.h): Metadata
                // request, Produce response
                vector(
                        Protocols.kafka(),
                        "0000001c 0003000b00000001000d61646d696e636c69656e742d310001010000",
                        "0003000b00000001000d61646d696e636c69656e742d310001010000"),
                vector(
                        Protocols.kafka(),
                        "00000040 00000004000212717569636b73746172742d6576656e7473020000000000000000000000000000ff"
                                + "ffffffffffffff0000000000000000010000000000000000",
                        "00000004000212717569636b73746172742d6576656e7473020000000000000000000000000000ff"
                                + "ffffffffffffff0000000000000000010000000000000000"),
                // recorded from Mosquitto 2.0.11, in 3.1.1 and 5: CONNACK, SUBACK, PUBLISH, PINGRESP
                vector(
                        Protocols.mqtt(),
                        "20020000 9003000100 300400017468 d000",
                        "20020000",
                        "9003000100",
                        "300400017468",
                        "d000"),
                vector(
                        Protocols.mqtt(),
                        "200900000622000a210014 900400010000 30050001740068 d000",
                        "200900000622000a210014",
                        "900400010000",
                        "30050001740068",
                        "d000"),
                // Protocol Buffers documentation, "Encoding", the example of a submessage: 150 in field 1, behind
                // its length
                vector(Protocols.protobuf(), "03 089601", "089601"),
                // RFC 5424, 6.5, example 1, with its length in front (RFC 6587, 3.4.1)
                vector(Protocols.syslog(), ascii("110 ") + SYSLOG, SYSLOG),
                // recorded from logger (util-linux 2.38.1) with --octet-count
                vector(
                        Protocols.syslog(),
                        ascii("32 <34>Nov 22 01:38:34 vm su: hello"),
                        ascii("<34>Nov 22 01:38:34 vm su: hello")),
                // recorded from Mirth Connect in MLLP release 2: commit acknowledgement, application
                // acknowledgement
                vector(Protocols.mllp(), "0b 06 1c0d 0b" + MIRTH_ACK + "1c0d", "06", MIRTH_ACK),
                // Debug Adapter Protocol, "Overview", the example; its length is right with lines that end in CR LF
                vector(Protocols.lsp(), ascii("Content-Length: 119\r\n\r\n" + DAP_NEXT), ascii(DAP_NEXT)),
                // recorded from a cash machine (Stack Overflow, "Understanding ISO 8583 messaging log"): 0820, sign
                // on
                vector(Protocols.iso8583Binary(), "005b" + SIGN_ON, SIGN_ON),
                // a 0800 packed by jPOS (jpos-users, "Analysis of the HEXDUMP OUTPUT"); the 4 digits in front are
                // by hand, as moov-io/iso8583 (network/ascii_4bytes_header_test.go) and jPOS's ASCIIChannel have
                // them
                vector(Protocols.iso8583Decimal(), "30303531" + ECHO_TEST, ECHO_TEST));
    }

    private static StreamVerifier matrix(Framing framing) {
        return StreamVerifier.of(framing).allCutsUpTo(8);
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
        frames.forEach(frame -> events.add(FramingEvents.frame(TestBytes.hex(frame))));
        events.add("complete");
        matrix(framing).stream(wire).yields(events);
        String written = String.join(
                "", encode(framing, frames.stream().map(TestBytes::hex).toArray(byte[][]::new)));
        assertThat(written).isEqualTo(HexFormat.of().formatHex(TestBytes.hex(wire)));
    }

    /** What can be made of any length: puts a length into the bytes of a message, as its specification says. */
    private interface Message {
        byte[] make(int frameLength);
    }

    /**
     * With {@code open}, the specification allows more than can be tried; with {@code full}, no more fits the length
     * field.
     */
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
            whole(Protocols.postgres(), 8, 10_004, "", n -> be(n, 4)),
            payload(Protocols.dns(), 12, 65535, n -> be(n, 2)).asFull(),
            payload(Protocols.tpkt(), 3, 65531, n -> concat(TestBytes.hex("0300"), be(n + 4, 2)))
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
            payload(
                            Protocols.iso8583Decimal(),
                            0,
                            9999,
                            n -> String.format("%04d", n).getBytes(US_ASCII))
                    .asFull(),
            payload(Protocols.soupBinTcp(), 1, 65535, n -> be(n, 2)).asFull(),
            payload(Protocols.iec104(), 4, 253, n -> concat(TestBytes.hex("68"), be(n, 1)))
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
            byte[] start = concat(TestBytes.hex(before), length.make(n));
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
                Arguments.of("Hello not final", Protocols.opcUa(), "", ascii("HELC") + "08000000"),
                Arguments.of("CloseSecureChannel not final", Protocols.opcUa(), ascii("CLOC") + "08000000", ""),
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
                Arguments.of("length 0", Protocols.syslog(), ascii("0 "), ""),
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
            assertThatThrownBy(() -> encode(framing, TestBytes.hex(frame))).isInstanceOf(FramingException.class);
        }
    }

    @Test
    void postgres_secondMessageWithoutTypeAfterSslAndGssRequests() {
        String ssl = "0000000804d2162f";
        String gss = "0000000804d21630";
        String cancel = "0000001004d2162e0000000100000002";
        matrix(Protocols.postgres()).stream(gss + ssl + cancel)
                .yields(
                        FramingEvents.frame(TestBytes.hex(gss)),
                        FramingEvents.frame(TestBytes.hex(ssl)),
                        FramingEvents.frame(TestBytes.hex(cancel)),
                        "complete");
        assertThat(encode(Protocols.postgres(), TestBytes.hex(ssl), TestBytes.hex(cancel)))
                .containsExactly(ssl, cancel);
    }

    @Test
    void postgres_messageWithoutTypeAfterStartup_corrupt() {
        String startup = "000000080003000000000008000300004c";
        matrix(Protocols.postgres()).stream(startup)
                .yields(FramingEvents.frame(TestBytes.hex("0000000800030000")), "error Corrupt #1 @8");
        assertThatThrownBy(() -> encode(
                        Protocols.postgres(), TestBytes.hex("0000000800030000"), TestBytes.hex("0000000800030000")))
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
            byte[] start = TestBytes.hex(header);
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
    void diameter_shortestAndLongest_readAndWritten() {
        FrameCodec codec = FrameCodec.of(Protocols.diameter()).maxFrameLength(1 << 24);
        for (int length : new int[] {20, 24, 0xFFFFF8, 0xFFFFFC}) {
            ByteBuffer message = ByteBuffer.allocate(length).putInt(0, 1 << 24 | length);
            assertThat(Flux.just(message)
                            .transform(codec::encode)
                            .transform(codec::decode)
                            .collectList()
                            .block())
                    .containsExactly(message);
        }
        assertThatThrownBy(() -> encode(
                        Protocols.diameter(),
                        ByteBuffer.allocate(16).putInt(0, 1 << 24).array()))
                .isInstanceOf(CorruptFrameException.class);
    }

    /** OPC 10000-6, 7.1.2.2: the byte behind the type is F, but the receiver does not look at it. */
    @Test
    void opcUa_anyByteBehindTheTypeOfTheConnectionProtocol_read() {
        String acknowledge = ascii("ACK") + "001c00000000000000ffff0000ffff00000000400000000000";
        matrix(Protocols.opcUa()).stream(acknowledge)
                .yields(FramingEvents.frame(TestBytes.hex(acknowledge)), "complete");
    }

    @Test
    void syslog_bothWaysMixed_lineFeedsBetweenArePassedOver() {
        matrix(Protocols.syslog()).stream("5 <1>hi\n\n<2>ho\n3 <3>6 <4>\n\n\n<5>\n".getBytes(US_ASCII))
                .yields(
                        FramingEvents.frame("<1>hi".getBytes(US_ASCII)),
                        FramingEvents.frame("<2>ho".getBytes(US_ASCII)),
                        FramingEvents.frame("<3>".getBytes(US_ASCII)),
                        FramingEvents.frame("<4>\n\n\n".getBytes(US_ASCII)),
                        FramingEvents.frame("<5>".getBytes(US_ASCII)),
                        "complete");
        matrix(Protocols.syslog()).stream("\n<2>ho".getBytes(US_ASCII)).yields("error Truncated #0 @1 5/-1");
        assertThatThrownBy(() -> encode(Protocols.syslog(), new byte[0])).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void bgp_noiseBetween_nextMarkerIsFound() {
        String keepalive = MARKER + "001304";
        matrix(Protocols.bgp()).skipInvalid().stream(keepalive + MARKER + "1001 02" + "ff" + keepalive)
                .yields(
                        FramingEvents.frame(TestBytes.hex(keepalive)),
                        "skipped Corrupt #1 @19 +20",
                        FramingEvents.frame(TestBytes.hex(keepalive)),
                        "complete");
    }

    @Test
    void iec104_startByteInNoise_lengthTellsItApart() {
        matrix(Protocols.iec104()).skipInvalid().stream("00 68 03 68 fe 68 04 43 00 00 00")
                .yields("skipped Corrupt #0 @0 +5", "frame 43 00 00 00", "complete");
    }

    @Test
    void encoder_fillsTheLengthIn() {
        assertThat(encode(Protocols.tds(), TestBytes.hex("0601eeee00000100aa"))).containsExactly("0601000900000100aa");
        assertThat(encode(Protocols.postgres(), TestBytes.hex("51eeeeeeee6100")))
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
            StreamVerifier matrix = matrix(bounds.framing).stream(bytes);
            List<String> events = matrix.events();
            assertThat(events).allMatch(e -> e.matches("(frame|complete|error (Corrupt|TooLong|Truncated)).*"));
            if (i < 2) {
                matrix.yields(events);
            }
        }
    }

    /** The usual message is found in a chunk, also behind the first one that has another framing. */
    @Test
    void messagesOfProtocolsWithSeveralFramings_areFound() {
        for (String[] each : new String[][] {
            {"postgres", "0000000800030000", "5a 00000005 49"},
            {"amqp", "414d515000000901", "08 0000 00000000 ce"},
            {"mqtt", "c000", "d000"},
            {"syslog", "312061", "312062"}
        }) {
            Framing framing = each[0].equals("postgres")
                    ? Protocols.postgres()
                    : each[0].equals("amqp")
                            ? Protocols.amqp()
                            : each[0].equals("mqtt") ? Protocols.mqtt() : Protocols.syslog();
            FrameFinder finder = (FrameFinder) framing.newDecoder();
            // the first one changes the framing in some of them, so that it is decoded
            ByteBuffer first = ByteBuffer.wrap(TestBytes.hex(each[1]));
            if (!finder.find(first, 0, new FramePlace())) {
                assertThat(finder.decode(first, new IgnoringSink())).as(each[0]).isTrue();
            }
            ByteBuffer second = ByteBuffer.wrap(TestBytes.hex(each[2]));
            FramePlace place = new FramePlace();
            assertThat(finder.find(second, 0, place)).as(each[0]).isTrue();
            assertThat(place.end()).as(each[0]).isEqualTo(second.limit());
        }
    }

    /** Takes what a decoder hands over, and does nothing with it. */
    private static final class IgnoringSink implements FrameSink {

        @Override
        public void expect(long frameLength) {}

        @Override
        public void append(ByteBuffer chunk, int length) {
            chunk.position(chunk.position() + length);
        }

        @Override
        public void append(byte value) {}

        @Override
        public void skip(ByteBuffer chunk, int length) {
            chunk.position(chunk.position() + length);
        }

        @Override
        public void invalid(FramingException cause) {
            throw cause;
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
                .map(b -> HexFormat.of().formatHex(TestBytes.bytes(b)))
                .collectList()
                .block();
    }

    @Test
    void mllp_garbageBeforeTheStartBlockAndLineFeedBehindTheEnd_areSkipped() {
        matrix(Protocols.mllp()).stream("0d0a58 0b 4d53 1c0d 0a 0b 48 1c0d 0a")
                .yields("frame 4d 53", "frame 48", "complete");
    }

    @Test
    void zeroCopy_messageInOneChunkIsASlice() {
        byte[] chunk = {0x40, 2, 0, 7};
        ByteBuffer frame = FrameCodec.of(Protocols.mqtt())
                .zeroCopy()
                .decode(Flux.just(ByteBuffer.wrap(chunk)))
                .blockLast();
        assertThat(frame.array()).isSameAs(chunk);
    }

    @Test
    void zeroCopy_messageOfAHeaderAloneIsASlice() {
        byte[] terminate = {'X', 0, 0, 0, 4};
        ByteBuffer frame = FrameCodec.of(Protocols.postgres())
                .zeroCopy()
                .decode(Flux.just(ByteBuffer.wrap(terminate)))
                .blockLast();
        assertThat(frame.array()).isSameAs(terminate);
    }
}
