package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.StreamVerifier;

class AutomationProtocolsTest extends PresetsContract {

    private static final int ANY = Integer.MAX_VALUE;
    private static final String RESET = "0564 05c0 0100 0004";
    private static final String USER_DATA = "0564 14f3 0100 0004  c0c3013c02063c03063c04063c0106";

    @Override
    List<Preset> presets() {
        return List.of(
                modbusRtuRequests(), modbusRtuResponses(), dnp3(), dlmsWrapper(), knxNetIp(), ads(), hsms(), hj212());
    }

    private static Preset modbusRtuRequests() {
        return Preset.of(Protocols.modbusRtuRequests())
                .vector(
                        "pymodbus, test_framer.py: reads of two units; written by pymodbus 3.0.0: the picture",
                        "1103007c0002 0743  ff03007c0002 100d  1103006b0003 7687",
                        "1103007c0002",
                        "ff03007c0002",
                        "1103006b0003")
                // Debian's python3-pymodbus: ModbusRtuFramer(ClientDecoder()).buildPacket(request) of unit 17, such as
                // ReadCoilsRequest(0x13, 0x25), WriteMultipleCoilsRequest(0x13, [1, 0, 1, 1, 0, 0, 1, 1, 1, 0]),
                // ReadWriteMultipleRegistersRequest(read_address=3, read_count=6, write_address=14,
                // write_registers=[255] * 3)
                .vector(
                        "written by pymodbus 3.0.0: a request of each function",
                        "110100130025 0e84  110200c40016 baa9  110400080001 b298  110500acff00 4e8b  110600010003 9a9b"
                                + "1107 4c22  11080000a537 d81d  110b 4c27  110c 0de5  110f0013000a02cd01 bf0b"
                                + "11100001000204000a0102 c6f0  1111 cdec  11140e0600040001000206000300090002 f938"
                                + "11150d0600040007000306af04be100d dbc7  1116000400f20025 66e2"
                                + "111700030006000e00030600ff00ff00ff 4b54  111804de 0787  112b0e0100 b1b4",
                        "110100130025",
                        "110200c40016",
                        "110400080001",
                        "110500acff00",
                        "110600010003",
                        "1107",
                        "11080000a537",
                        "110b",
                        "110c",
                        "110f0013000a02cd01",
                        "11100001000204000a0102",
                        "1111",
                        "11140e0600040001000206000300090002",
                        "11150d0600040007000306af04be100d",
                        "1116000400f20025",
                        "111700030006000e00030600ff00ff00ff",
                        "111804de",
                        "112b0e0100")
                .corrupt("another CRC", "1103006b0003 7688")
                .corrupt("function 9", "1109")
                .corrupt("function 131", "1183")
                .corrupt("type 13 of function 43", "112b0d")
                .skipping(
                        "another CRC",
                        "1103006b0003 7688 1103007c0002 0743",
                        "skipped Corrupt #0 @0 +8",
                        FramingEvents.frame(TestBytes.hex("1103007c0002")),
                        "complete")
                .yields("255 bytes", "111000000000f8", "error TooLong #0 @0 255>254")
                .yields("inside a header", "1110000000", "error Truncated #0 @0 5/-1")
                .refuses("another length", "11100001000204000a01")
                .refuses("function 9", "1109")
                .bounds(3, 254, n -> counted(n, 0x14))
                .verified(verifier -> verifier.lengths(3, 254)
                        .frames((random, n) -> counted(n, 0x14))
                        .alphabet(3, 6, 0x10, 0x14, 0x2B, 0x0E, 4));
    }

    /** A message of which the third byte counts the rest. */
    private static byte[] counted(int length, int function) {
        return Arrays.copyOf(filled(length, (byte) 0x11, (byte) function, (byte) (length - 3)), length);
    }

    private static Preset modbusRtuResponses() {
        return Preset.of(Protocols.modbusRtuResponses())
                .vector(
                        "pymodbus, test/framer/test_framer.py: what two reads are answered",
                        "110304008d008e fbbd  110306ae4156524340 49ad",
                        "110304008d008e",
                        "110306ae4156524340")
                .vector(
                        "Wikipedia, \"Modbus\", the example of the CRC: an input register of -1",
                        "010402ffff b880",
                        "010402ffff")
                // as the requests above: ReadCoilsResponse, ..., ExceptionResponse(1, 2)
                .vector(
                        "written by pymodbus 3.0.0: responses of the functions, and an exception",
                        "110103cd6b05 4012  110203acdb35 2018  110306022b00000064 c8ba  110402000a f8f4"
                                + "110500acff00 4e8b  110600010003 9a9b  11076d e218  11080000a537 d81d"
                                + "110b00000108 a6cd  110c08000001080121 2000 5901  110f0013000a 2699 "
                                + "111000010002 1298"
                                + "1111020aff 3a1f  11150d0600040007000306af04be100d dbc7  1116000400f20025 66e2"
                                + "11170c00fe0acd00010003000d00ff 0d75  112b0e01830000030016"
                                + ascii("Company identification") + "010f" + ascii("Product code XX") + "0205"
                                + ascii("V2.11") + "b2ab  118102 c054",
                        "110103cd6b05",
                        "110203acdb35",
                        "110306022b00000064",
                        "110402000a",
                        "110500acff00",
                        "110600010003",
                        "11076d",
                        "11080000a537",
                        "110b00000108",
                        "110c080000010801212000",
                        "110f0013000a",
                        "111000010002",
                        "1111020aff",
                        "11150d0600040007000306af04be100d",
                        "1116000400f20025",
                        "11170c00fe0acd00010003000d00ff",
                        "112b0e01830000030016"
                                + ascii("Company identification")
                                + "010f"
                                + ascii("Product code XX")
                                + "0205"
                                + ascii("V2.11"),
                        "118102")
                .corrupt("another CRC", "010402ffff b881")
                .corrupt("function 9", "1109")
                .corrupt("type 13 of function 43", "112b0d")
                .yields("255 bytes", "1103fc", "error TooLong #0 @0 255>254")
                .refuses("another length", "010402ff")
                .bounds(3, 254, n -> counted(n, 3))
                .verified(verifier -> verifier.lengths(3, 254)
                        .frames((random, n) -> counted(n, 3))
                        .alphabet(3, 6, 0x10, 0x14, 0x2B, 0x0E, 0x83, 4));
    }

    /**
     * MODBUS Application Protocol 1.1b3, section 6: the PDUs of its examples, behind a unit and with a CRC. Those of
     * functions 20, 21 and 24 are also in pymodbus, test/pdu/test_decoders.py, or were written by pymodbus 3.0.0.
     */
    @Test
    void modbus_everyFunctionOfTheSpecification_hasItsLength() {
        assertLengths(
                ModbusRtu.REQUESTS,
                "0100130013",
                "0200c40016",
                "03006b0003",
                "0400080001",
                "0500acff00",
                "0600010003",
                "07",
                "080000a537",
                "0b",
                "0c",
                "0f0013000a02cd01",
                "100001000204000a0102",
                "11",
                "140e0600040001000206000300090002",
                "150d0600040007000306af04be100d",
                "16000400f20025",
                "1700030006000e00030600ff00ff00ff",
                "1804de",
                "2b0e0100");
        assertLengths(
                ModbusRtu.RESPONSES,
                "0103cd6b05",
                "0203acdb35",
                "0306022b00000064",
                "0402000a",
                "0500acff00",
                "0600010003",
                "076d",
                "080000a537",
                "0bffff0108",
                "0c080000010801212000",
                "0f0013000a",
                "1000010002",
                "1103000aff",
                "140c05060dfe0020050633cd0040",
                "150d0600040007000306af04be100d",
                "16000400f20025",
                "170c00fe0acd00010003000d00ff",
                "180006000201b81284",
                "2b0e0101000003 0016" + ascii("Company identification") + "010f" + ascii("Product code XX") + "0205"
                        + ascii("V2.11"),
                "8102");
    }

    private static void assertLengths(reactor.framing.Framing framing, String... pdus) {
        StringBuilder stream = new StringBuilder();
        String[] events = new String[pdus.length + 1];
        for (int i = 0; i < pdus.length; i++) {
            byte[] message = TestBytes.hex("11" + pdus[i]);
            int crc = 0xFFFF;
            for (byte each : message) {
                crc ^= each & 0xFF;
                for (int bit = 0; bit < 8; bit++) {
                    crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xA001;
                }
            }
            stream.append(HexFormat.of().formatHex(message)).append("%02x%02x".formatted(crc & 0xFF, crc >> 8));
            events[i] = FramingEvents.frame(message);
        }
        events[pdus.length] = "complete";
        StreamVerifier.of(framing).allCutsUpTo(4).stream(stream.toString()).yields(events);
    }

    private static Preset dnp3() {
        String blocks =
                "c1e38196000201280100000001020128 010001000102012801000200010201 28 01000300012002280100000001000020"
                        + "0228010001000100000101010000 0300 001e020100000100010000010000";
        String wire =
                "0564 5373 0004 0100 03fc  c1e38196000201280100000001020128 0524  01000100010201280100020001020128 b477"
                        + "01000300012002280100000001000020 a525  02280100010001000001010100000300 2fac  001e020100000100010000010000 16ed";
        return Preset.of(Protocols.dnp3())
                .vector(
                        "opendnp3, TestLinkFrame.cpp: reset link states, confirmed user data of master and outstation",
                        RESET + "e921" + "0564 14f3 0100 0004 0a3b  c0c3013c02063c03063c04063c0106 9a12" + wire,
                        RESET,
                        USER_DATA,
                        "0564 5373 0004 0100" + blocks)
                .corrupt("opendnp3, TestLinkReceiver.cpp: another CRC of the header", RESET + "e920")
                .corrupt(
                        "opendnp3, TestLinkReceiver.cpp: another CRC of the data",
                        "0564 14f3 0100 0004 0a3b  c0c3013c02063c03063c04063c0106 9a11")
                .corrupt("no start", "0563")
                .corrupt("a length of 4", "0564 04c0 0100 0004" + crc("0564 04c0 0100 0004"))
                .skipping(
                        "opendnp3, TestLinkReceiver.cpp: a start in front of a start; other CRCs",
                        "0564" + RESET + "e921" + RESET + "e920"
                                + "0564 14f3 0100 0004 0a3b  c0c3013c02063c03063c04063c0106 9a11" + RESET + "e921",
                        "skipped Corrupt #0 @0 +2",
                        FramingEvents.frame(TestBytes.hex(RESET)),
                        "skipped Corrupt #2 @12 +10",
                        "skipped Corrupt #3 @22 +27",
                        FramingEvents.frame(TestBytes.hex(RESET)),
                        "complete")
                .skipping(
                        "another CRC of the data, then noise",
                        "0564 14f3 0100 0004 0a3b  c0c3013c02063c03063c04063c0106 9a11 00" + RESET + "e921",
                        "skipped Corrupt #0 @0 +27",
                        "skipped Corrupt #1 @27 +1",
                        FramingEvents.frame(TestBytes.hex(RESET)),
                        "complete")
                .yields("inside a block", "0564 14f3 0100 0004 0a3b c0c3", "error Truncated #0 @0 12/27")
                .refuses("no start", "0465 05c0 0100 0004")
                .bounds(8, 258, n -> dnp3(filled(n)))
                .verified(verifier -> verifier.lengths(8, 258).frames((random, n) -> {
                    byte[] frame = new byte[n];
                    random.nextBytes(frame);
                    return dnp3(frame);
                }));
    }

    /** CRCs do not count. */
    @Test
    void dnp3_limitIsThatOfTheFrame() {
        for (int length : new int[] {8, 23, 24, 25, 86}) {
            String wire = written(Protocols.dnp3(), List.of(HexFormat.of().formatHex(dnp3(filled(length)))));
            StreamVerifier verifier = StreamVerifier.of(Protocols.dnp3()).stream(wire);
            assertThat(verifier.with(codec -> codec.maxFrameLength(length)).events())
                    .endsWith("complete");
            assertThat(verifier.with(codec -> codec.maxFrameLength(length - 1)).events())
                    .containsExactly("error TooLong #0 @0 " + length + ">" + (length - 1));
        }
    }

    private static byte[] dnp3(byte[] frame) {
        frame[0] = 0x05;
        frame[1] = 0x64;
        frame[2] = (byte) (frame.length - 3);
        return frame;
    }

    private static String crc(String block) {
        int crc = 0;
        for (byte each : TestBytes.hex(block)) {
            crc ^= each & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xA6BC;
            }
        }
        crc = ~crc & 0xFFFF;
        return "%02x%02x".formatted(crc & 0xFF, crc >> 8);
    }

    private static Preset dlmsWrapper() {
        String meter =
                "db082f192291991641033b30000001e5025ce9d2271fd78be8c204211a916a9d7f587e0a7a814cadea89e9593f01f92ea8c0"
                        + "87b5bdfdefeab6becf282dfe49c08f5be6dc8400";
        return Preset.of(Protocols.dlmsWrapper())
                .vector(
                        "dlms-cosem, test_udp_message.py: an encrypted notification of a meter",
                        "0001 0001 0001 0046" + meter,
                        "0001 0001 0001 0046" + meter)
                .corrupt("version 2", "0002")
                .refuses("version 2", "0002 0001 0001 0000")
                .bounds(8, 65543, n -> dlms(filled(n)))
                .verified(verifier -> verifier.lengths(8, 65543).frames((random, n) -> {
                    byte[] message = new byte[n];
                    random.nextBytes(message);
                    return dlms(message);
                }));
    }

    private static byte[] dlms(byte[] message) {
        if (message.length >= 8) {
            ByteBuffer.wrap(message).putShort(0, (short) 1).putShort(6, (short) (message.length - 8));
        }
        return message;
    }

    private static Preset knxNetIp() {
        String connect = "06100205001a 0801c0a82a018495 0801c0a82a01cca9 04040200";
        String indication = "061004200017 04022100 2900bcd011162916030080 0c3f";
        return Preset.of(Protocols.knxNetIp())
                .vector(
                        "xknx, connect_request_test.py, tunnel_test.py: connect request, tunnelling request",
                        connect + indication,
                        connect,
                        indication)
                .corrupt("another version", "0611")
                .corrupt("a length of 5", "061002050005")
                .skipping(
                        "a length of 5",
                        "061002050005" + connect,
                        "skipped Corrupt #0 @0 +6",
                        FramingEvents.frame(TestBytes.hex(connect)),
                        "complete")
                .refuses("another version", "061102050006")
                .bounds(6, 65535, n -> knx(filled(n, (byte) 6, (byte) 0x10)))
                .verified(verifier -> verifier.lengths(6, 65535).frames((random, n) -> {
                    byte[] frame = new byte[n];
                    random.nextBytes(frame);
                    return knx(frame);
                }));
    }

    private static byte[] knx(byte[] frame) {
        frame[0] = 0x06;
        frame[1] = 0x10;
        if (frame.length >= 6) {
            ByteBuffer.wrap(frame).putShort(4, (short) frame.length);
        }
        return frame;
    }

    private static Preset ads() {
        String request =
                "c0a817140101 5303 c0a817c80101 5303 0200 0400 0c000000 00000000 02000000 05f000000000801a01000000";
        String response = "c0a817c80101 5303 c0a817140101 5303 0200 0500 09000000 00000000 02000000 000000000100000001";
        return Preset.of(Protocols.ads())
                .vector(
                        "Apache PLC4X, ads/ParserSerializerTestsuite.xml: a read and its response",
                        "0000 2c000000" + request + "0000 29000000" + response,
                        request,
                        response)
                .corrupt("reserved", "0001")
                .corrupt("two lengths", "0000 2d000000" + request + "00")
                .skipping(
                        "two lengths",
                        "0000 2d000000" + request + "0000 29000000" + response,
                        "skipped Corrupt #0 @0 +50",
                        FramingEvents.frame(TestBytes.hex(response)),
                        "complete")
                .refuses("two lengths", request + "00")
                .leastLength(32, n -> ads(filled(n)))
                .verified(verifier -> verifier.lengths(32, ANY).frames((random, n) -> {
                    byte[] packet = new byte[n];
                    random.nextBytes(packet);
                    return ads(packet);
                }));
    }

    private static byte[] ads(byte[] packet) {
        if (packet.length >= 32) {
            ByteBuffer.wrap(packet).putInt(20, Integer.reverseBytes(packet.length - 32));
        }
        return packet;
    }

    private static Preset hsms() {
        return Preset.of(Protocols.hsms())
                .vector(
                        "secsgem, test_hsms_packets.py: Select.req and .rsp, S1F1",
                        "0000000a ffff000000010000007b  0000000a ffff000000020000007b  0000000a 0064810100000000007b",
                        "ffff000000010000007b",
                        "ffff000000020000007b",
                        "0064810100000000007b")
                .corrupt("a length of 9", "00000009")
                .refuses("9 bytes", "ffff0000000100 0000")
                .leastLength(10, n -> filled(n))
                .verified(verifier -> verifier.lengths(10, ANY));
    }

    private static Preset hj212() {
        String segment = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
                + "CP=&&RtdInterval=30&&";
        String measured =
                "ST=32;CN=2011;PW=123456;MN=0873HHMZWSLH02;CP=&&DataTime=20160103133030;060-Rtd=3.0943,060-Flag=N;"
                        + "011-Rtd=18.0412,011-Flag=N;001-Rtd=8.2137,001-Flag=N;B01-Rtd=10.9890,B01-Flag=N&&";
        return Preset.of(Protocols.hj212())
                .vector(
                        "HJ 212-2017, annex A: the example of the CRC",
                        ascii("##0101" + segment + "1C80\r\n"),
                        ascii(segment))
                .readVector(
                        "HJT212FormatValidatorTest.java of a collector: a measurement, with its CRC in lower case",
                        ascii("##0178" + measured + "a9c1\r\n"),
                        ascii(measured))
                .corrupt("another CRC", ascii("##0101" + segment + "1C81\r\n"))
                .corrupt("no CR LF", ascii("##0101" + segment + "1C80##"))
                .corrupt("no digit", ascii("##01a1"))
                .corrupt("no start", ascii("#0"))
                .skipping(
                        "another CRC, noise, a length that cannot be",
                        ascii("##0101" + segment + "1C81\r\n" + "\r\n" + "##0101" + segment + "1C80\r\n" + "##1025x"
                                + "##0101" + segment + "1C80\r\n"),
                        "skipped Corrupt #0 @0 +113",
                        "skipped Corrupt #1 @113 +2",
                        FramingEvents.frame(TestBytes.hex(ascii(segment))),
                        "skipped TooLong #3 @228 1025>1024 +7",
                        FramingEvents.frame(TestBytes.hex(ascii(segment))),
                        "complete")
                .bounds(0, 1024, n -> filled(n))
                .verified(verifier -> verifier.lengths(0, 1024).alphabet('#', '0', '1', '\r', '\n'));
    }
}
