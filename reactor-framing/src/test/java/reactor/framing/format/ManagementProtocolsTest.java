package reactor.framing.format;

import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.framing.TestBytes;
import reactor.framing.test.StreamVerifier;

class ManagementProtocolsTest extends PresetsContract {

    private static final int ANY = Integer.MAX_VALUE;

    @Override
    List<Preset> presets() {
        return List.of(ipfix(), bmp(), pcep(), radius(), tacacs(), oncRpc(), zabbix());
    }

    /** Puts the frame's length, less what it does not count, into its bytes. */
    private static byte[] withLength(byte[] frame, int at, int size, int uncounted) {
        long length = frame.length - uncounted;
        for (int i = 0; i < size && at + i < frame.length; i++) {
            frame[at + i] = (byte) (length >> 8 * (size - 1 - i));
        }
        return frame;
    }

    private static byte[] starting(String start, int length) {
        return Arrays.copyOf(filled(length, TestBytes.hex(start)), length);
    }

    private static byte[] random(java.util.Random random, String start, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        byte[] first = TestBytes.hex(start);
        System.arraycopy(first, 0, bytes, 0, first.length);
        return bytes;
    }

    private static Preset ipfix() {
        String template =
                "000a0028583de05700000ecf00000000 0003001801340003000100050002002400020025 00020000".replace(" ", "");
        String record = "000a0060583de05900000ee400000000013300504601730132004701003d0000000000000000033b00000002000000"
                + "03cc2a6e650000035600000520000000 09b3f906eeb3fbaf3ccc2a6ebd1818000400000158b1b138ff00000158b1b3e14d"
                        .replace(" ", "");
        return Preset.of(Protocols.ipfix())
                .vector(
                        "Scapy, test/pcaps/ipfix.pcap: an options template and a record of an exporter",
                        template + record,
                        template,
                        record)
                .corrupt("NetFlow 9", "00090001")
                .corrupt("a length of 15", "000a000f")
                .refuses("version 9", "00090010583de05700000ecf00000000")
                .bounds(16, 65535, n -> withLength(starting("000a", n), 2, 2, 0))
                .verified(verifier -> verifier.lengths(16, 65535)
                        .frames((random, n) -> withLength(random(random, "000a", n), 2, 2, 0)));
    }

    private static Preset bmp() {
        String statistics =
                "03000000e40100800000000000000000200104700000001a000000000000000100001b1bd8dafca40000000000000000"
                        + "00000011000000040000000000010004000000000002000400000000000300040000000000040004000000000005000400000000"
                        + "000600040000000000070008 0000000000012bb5000800080000000000012bb57fff000800000000000003e880000008000000"
                                .replace(" ", "")
                        + "00000003eb80010008000000000000000380020008000000 00000003eb8003000800000000000000168004000800000000"
                                .replace(" ", "")
                        + "000005548005000800000000000000c88006000800000000000005a0";
        return Preset.of(Protocols.bmp())
                .vector("GoBGP, bmp_test.go: statistics of a router", statistics, statistics)
                .vector("recorded from gobgpd 3.10.0 (gobgp bmp add): Initiation", INITIATION, INITIATION)
                .yields(
                        "a Termination, administratively closed (RFC 7854, 4.5)",
                        "03 0000000c 05 0001 0002 0000",
                        "frame 03 00 00 00 0c 05 00 01 00 02 00 00",
                        "complete")
                .corrupt("goBMP, common_header_test.go: a length of 5", "03 00000005 00")
                .corrupt("version 4", "04 00000006")
                .refuses("version 4", "04 00000006 00")
                .leastLength(6, n -> withLength(starting("03", n), 1, 4, 0))
                .verified(verifier ->
                        verifier.lengths(6, ANY).frames((random, n) -> withLength(random(random, "03", n), 1, 4, 0)));
    }

    private static final String INITIATION =
            "03 00000019 04 0002 0005" + ascii("GoBGP") + "0001 0006" + ascii("3.10.0");

    private static Preset pcep() {
        return Preset.of(Protocols.pcep())
                .vector(
                        "ONOS, PcepOpenMsgTest.java and PcepKeepaliveMsgTest.java",
                        "20010014 01100010 201e7801 001000040000000f  20020004",
                        "20010014 01100010 201e7801 001000040000000f",
                        "20020004")
                .corrupt("version 2", "40020004")
                .corrupt("a length of 3", "20020003")
                .refuses("version 0", "00020004")
                .bounds(4, 65535, n -> withLength(starting("20", n), 2, 2, 0))
                .verified(verifier ->
                        verifier.lengths(4, 65535).frames((random, n) -> withLength(random(random, "20", n), 2, 2, 0)));
    }

    private static Preset radius() {
        String request =
                "01ae01173e6bd4c419560b2a3199c844eac2945a01066c6561700606000000021a1b00000009011573657276696365"
                        + "2d747970653d4672616d65640c06000023ee1e1341432d37452d38412d34452d45322d39321f1330302d32362d37332d39452d"
                        + "30462d44334f0b02010009016c656170501255bc12cd4d00f8db34f11872ca5f8cf666021a3100000009012b61756469742d73"
                        + "657373696f6e2d69643d3041433830393045303030303030314130333534434130301a1400000009010e6d6574686f643d646f"
                        + "7431780806c0a80ab90406c0a80a801a1d0000000902174769676162697445746865726e6574312f302f313857174769676162"
                        + "697445746865726e6574312f302f31383d060000000f05060000c3c6";
        return Preset.of(Protocols.radius())
                .vector("Scapy, radius.uts: an Access-Request of a switch", request, request)
                .corrupt("a length of 19", "02000013")
                .yields("a length of 4,097", "02001001", "error TooLong #0 @0 4097>4096")
                .bounds(20, 4096, n -> withLength(starting("02", n), 2, 2, 0))
                .verified(verifier ->
                        verifier.lengths(20, 4096).frames((random, n) -> withLength(random(random, "02", n), 2, 2, 0)));
    }

    private static Preset tacacs() {
        String start = "c0010100907dd0860000001c0500504f7a61edee7da552d356752bbb27ae98aa1a9d173d90d20771";
        String encrypted =
                "c101010000003039 0000002c 9ced73aa3d6d2f1fef629873f0ac2f118ae2898acb5072b26dd2ecabe14e22644c7cb2"
                        + "0e430e33928547cafc";
        return Preset.of(Protocols.tacacs())
                .vector(
                        "Scapy, tacacs.uts, tacquito, crypt_test.go: starts of an authentication",
                        start + encrypted,
                        start,
                        encrypted)
                .corrupt("major version 13", "d00101000000000000000000")
                .corrupt("type 4", "c00401000000000000000000")
                .refuses("type 0", "c00001000000000000000000")
                .leastLength(12, n -> withLength(starting("c00101", n), 8, 4, 12))
                .verified(verifier -> verifier.lengths(12, ANY)
                        .frames((random, n) -> withLength(random(random, "c00101", n), 8, 4, 12)));
    }

    private static Preset oncRpc() {
        String call = "72fe1d13 00000000 00000002 000186a0 0001977c 00000000 0000000000000000 0000000000000000";
        String plain = call.replace(" ", "");
        return Preset.of(Protocols.oncRpc())
                .vector("Nmap, nmap-service-probes, RPCCheck: a call of the portmapper", "80000028" + call, call)
                .readVector(
                        "the same in three fragments, the last one empty; behind it whole",
                        "00000010" + plain.substring(0, 32) + "00000018" + plain.substring(32) + "80000000" + "80000028"
                                + call,
                        call,
                        call)
                .corrupt("an empty fragment that is not the last", "00000000")
                .yields("inside a fragment", "0000000401020304 80000004 05", "error Truncated #0 @0 13/-1")
                .yields("inside the only fragment", "80000004 05", "error Truncated #0 @0 5/8")
                .leastLength(0, n -> filled(n))
                .verified(verifier -> verifier.lengths(0, ANY).alphabet(0x80, 0, 1, 2));
    }

    @Test
    void oncRpc_recordOfFragmentsOverTheLimit_toldAtOneByteMoreAndPassedOver() {
        StreamVerifier.of(Protocols.oncRpc()).with(codec -> codec.maxFrameLength(5)).skipInvalid().stream(
                        "00000004 01020304 80000003 050607" + "80000006 010203040506" + "80000001 09")
                .yields("skipped TooLong #0 @0 6>5 +15", "skipped TooLong #1 @15 6>5 +10", "frame 09", "complete");
    }

    private static Preset zabbix() {
        String compressed = "5a42584403 1d000000 15000000 789c2b492d2e894fcecf2d284a2d2ececccf8b4fcb494c070061d108cb";
        return Preset.of(Protocols.zabbix())
                .vector(
                        "python-zabbix-utils, test_zabbix_getter.py: plain and compressed",
                        "5a42584401 14000000 00000000" + ascii("test_creating_packet") + compressed,
                        "5a42584401 14000000 00000000" + ascii("test_creating_packet"),
                        compressed)
                .yields(
                        "lengths of 8 bytes, with the flag for large packets (Zabbix manual, Protocols, Header)",
                        "5a42584405 0200000000000000 0000000000000000 6869",
                        "frame 5a 42 58 44 05 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 68 69",
                        "complete")
                .corrupt("python-zabbix-utils: flags 4", "5a42584404 04000000 00000000" + ascii("test"))
                .corrupt("python-zabbix-utils: flags 0", "5a42584400 04000000 00000000" + ascii("test"))
                .corrupt("flags 9", "5a42584409")
                .corrupt("another start", "5a425845")
                .yields("more than 1 GiB", "5a42584401 01000040 00000000", "error TooLong #0 @0 1073741838>1073741837")
                .yields(
                        "more than 16 GiB",
                        "5a42584405 0100000004000000 0000000000000000",
                        "error TooLong #0 @0 17179869206>17179869205")
                .yields(
                        "more than 63 bits",
                        "5a42584405 ffffffffffffffff 0000000000000000",
                        "error TooLong #0 @0 9223372036854775807>17179869205")
                .refuses("another length", "5a42584401 03000000 00000000" + ascii("test"))
                .leastLength(13, ManagementProtocolsTest::zabbix)
                .verified(verifier -> verifier.lengths(13, ANY).frames((random, n) -> zabbix(n)));
    }

    private static byte[] zabbix(int length) {
        byte[] message = starting("5a42584401", length);
        if (length >= 13) {
            ByteBuffer.wrap(message)
                    .putInt(5, Integer.reverseBytes(length - 13))
                    .putInt(9, 0);
        }
        return message;
    }
}
