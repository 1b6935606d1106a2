package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;
import static reactor.framing.format.Preset.plain;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.framing.Framing;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class NetworkProtocolsTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(tlsRecords(), ber(), ldap(), snmp(), kerberos(), socks5(), socks5Replies(), proxyProtocol());
    }

    private static Preset tlsRecords() {
        return Preset.of(Protocols.tlsRecords())
                .vector(
                        "RFC 8448, 3: ClientHello, an alert of the client, encrypted",
                        CLIENT_HELLO + ALERT,
                        CLIENT_HELLO,
                        ALERT)
                .yields("18,433 bytes", "17 0303 4801", "error TooLong #0 @0 18438>18437")
                .corrupt("type 19", "13 0303 0001 00")
                .corrupt("type 25", "19 0303 0001 00")
                .corrupt("version 2", "16 0200 0001 00")
                .corrupt("an HTTP request", ascii("GET / HTTP/1.1\r\n"))
                .bounds(
                        5,
                        18_437,
                        length -> filled(
                                length, (byte) 23, (byte) 3, (byte) 3, (byte) (length - 5 >> 8), (byte) (length - 5)))
                .verified(verifier -> verifier.frames((random, length) -> {
                            int fragment = Math.min(18_432, Math.max(0, length - 5));
                            return filled(
                                    5 + fragment,
                                    (byte) (20 + random.nextInt(5)),
                                    (byte) 3,
                                    (byte) random.nextInt(5),
                                    (byte) (fragment >> 8),
                                    (byte) fragment);
                        })
                        .alphabet(20, 21, 22, 23, 24, 3, 0, 1, 0xFF));
    }

    private static final String CLIENT_HELLO = "16 0301 00c4 010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912"
            + "ec18a2ef6283024dece7000006130113031302010000910000000b0009000006736572766572ff01000100000a00140012001d00"
            + "170018001901000101010201030104002300000033002600240 01d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae"
            + "4d5413691e529aaf2c002b0003020304000d0020001e04030503060302030804080508060401050106010201040205020602"
            + "0202002d00020101001c00024001";
    private static final String ALERT = "17 0303 0013 c9872760655666b74d7ff1153efd6db6d0b0e3";

    private static Preset ber() {
        String wideTag = "bf 81 48 03 02 01 05";
        return Preset.of(Protocols.ber())
                .vector("ITU-T X.690 (02/2021), A.3: a personnel record", PERSONNEL_RECORD, PERSONNEL_RECORD)
                .vector(
                        "ITU-T X.690 (02/2021), 8.9 and 8.1.3.5: a sequence, a length of 201 in two bytes",
                        "30 0a 16 05 536d697468 01 01 ff" + "04 81 c9" + "a5".repeat(201),
                        "30 0a 16 05 536d697468 01 01 ff",
                        "04 81 c9" + "a5".repeat(201))
                .yields("a tag of three bytes", wideTag, "frame " + wideTag, "complete")
                .yields(
                        "a length in eight bytes",
                        "04 88 0000000000000001 aa",
                        "frame 04 88 00 00 00 00 00 00 00 01 aa",
                        "complete")
                .yields("a length beyond the limit", "04 84 00800000", "error TooLong #0 @0 8388614>8388608")
                .yields("a length announced", "30 82 0100", "error Truncated #0 @0 4/260")
                .corrupt("an indefinite length", "30 80 0000")
                .corrupt("a length of nine bytes", "30 89 00")
                .corrupt("a length of 64 bits", "30 88 8000000000000000")
                .corrupt("a length of 63 bits", "30 88 7fffffffffffffff")
                .corrupt("tag 0", "00 00")
                .corrupt("a tag of six bytes", "1f 8181818181 01 00")
                .refuses("another length", "04 02 61")
                .refuses("only a tag", "04")
                .leastLength(2, length -> berValue((byte) 4, length))
                .verified(verifier -> verifier.frames((random, length) ->
                                berValue((byte) (random.nextBoolean() ? 4 : 0x30), Math.max(2, length)))
                        .frames(wideTag)
                        .alphabet(0, 1, 2, 4, 0x1F, 0x30, 0x80, 0x81, 0x82, 0x88));
    }

    private static final String PERSONNEL_RECORD = plain("60 81 85"
            + "61 10 1a 04 4a6f686e 1a 01 50 1a 05 536d697468  a0 0a 1a 08 4469726563746f72  42 01 33"
            + "a1 0a 43 08 3139373130393137  a2 12 61 10 1a 04 4d617279 1a 01 54 1a 05 536d697468"
            + "a3 42 31 1f 61 11 1a 05 52616c7068 1a 01 54 1a 05 536d697468 a0 0a 43 08 3139353731313131"
            + "31 1f 61 11 1a 05 537573616e 1a 01 42 1a 05 4a6f6e6573 a0 0a 43 08 3139353930373137");

    /** A value of 2 to 70,000 bytes; where no length gives that, the length has a byte more than it needs. */
    private static byte[] berValue(byte tag, int length) {
        if (length < 2 + 0x80) {
            return filled(length, tag, (byte) (length - 2));
        }
        if (length < 3 + 0x100) {
            return filled(length, tag, (byte) 0x81, (byte) (length - 3));
        }
        if (length < 4 + 0x10000) {
            return filled(length, tag, (byte) 0x82, (byte) (length - 4 >> 8), (byte) (length - 4));
        }
        int contents = length - 5;
        return filled(length, tag, (byte) 0x83, (byte) (contents >> 16), (byte) (contents >> 8), (byte) contents);
    }

    private static Preset ldap() {
        String bind = "300c 020101 6007 020103 0400 8000";
        String search =
                "304c 020102 632a040a64633d6578616d706c650a01000a0103020100020100010100870b6f626a656374436c617373"
                        + "3000a01b30190417322e31362e3834302e312e3131333733302e332e342e32";
        return Preset.of(Protocols.ldap())
                .vector("recorded from the JDK's LDAP client: bind, search", bind + search, bind, search)
                .vector(
                        "Nmap, nmap-service-probes, LDAPSearchReq: a length of four bytes, as Windows writes it",
                        "30 84 0000002d 020107 63 84 00000024 0400 0a0100 0a0100 020100 020164 010100"
                                + "870b6f626a656374436c617373 30 84 00000000",
                        "30 84 0000002d 020107 63 84 00000024 0400 0a0100 0a0100 020100 020164 010100"
                                + "870b6f626a656374436c617373 30 84 00000000")
                .yields("a length beyond the limit", "30 84 00800000", "error TooLong #0 @0 8388614>8388608")
                .corrupt("no sequence", "31 05 020103 4200")
                .corrupt("an indefinite length", "30 80 020103 4200 0000")
                .refuses("another length", "30 06 020103 4200")
                .leastLength(2, length -> berValue((byte) 0x30, length))
                .verified(verifier -> verifier.frames((random, length) -> berValue((byte) 0x30, Math.max(2, length)))
                        .alphabet(0, 1, 2, 0x30, 0x80, 0x81, 0x82, 0x84));
    }

    private static Preset snmp() {
        String version1 =
                "3029 020100 0406 7075626c6963 a01c 02041691b397 020100 020100 300e300c 06082b06010201010100 0500";
        String version2 =
                "3029 020101 0406 7075626c6963 a01c 02045f74b072 020100 020100 300e300c 06082b06010201010300 0500";
        return Preset.of(Protocols.snmp())
                .vector(
                        "recorded from Net-SNMP's snmpget over TCP, versions 1 and 2c",
                        version1 + version2,
                        version1,
                        version2)
                .corrupt("no sequence", "02 01 00")
                .leastLength(2, length -> berValue((byte) 0x30, length))
                .verified(verifier -> verifier.frames((random, length) -> berValue((byte) 0x30, Math.max(2, length)))
                        .alphabet(0, 1, 2, 0x30, 0x80, 0x81, 0x82, 0x84));
    }

    private static Preset kerberos() {
        String request =
                "6a818a308187a103020105a20302010aa47b3079a00703050000000000a1123010a003020101a10930071b05616c696365"
                        + "a20d1b0b4558414d504c452e434f4da320301ea003020102a11730151b066b72627467741b0b4558414d504c452e434f4d"
                        + "a511180f31393730303130313030303030305aa706020437bae2c6a80e300c020120020111020114020113";
        return Preset.of(Protocols.kerberos())
                .vector("recorded from the JDK's Kerberos client: AS-REQ", "0000008d" + request, request)
                .yields("the reserved bit", "80000002 3000", "error TooLong #0 @0 2147483650>2147483647")
                .corrupt("one byte", "00000001 30")
                .leastLength(2, length -> filled(length))
                .verified(verifier -> verifier.lengths(2, Integer.MAX_VALUE));
    }

    private static Preset socks5() {
        return Preset.of(Protocols.socks5())
                .vector(
                        "recorded from the JDK's client: two methods, a request by name",
                        "05 02 0002  05 01 00 03 0b6578616d706c652e636f6d 0050",
                        "05 02 0002",
                        "05 01 00 03 0b6578616d706c652e636f6d 0050")
                .vector(
                        "the same with a password, and a request by address",
                        "05 02 0002  01 04 75736572 06 736563726574  05 01 00 01 c0000201 0050",
                        "05 02 0002",
                        "01 04 75736572 06 736563726574",
                        "05 01 00 01 c0000201 0050")
                .yields(
                        "an IPv6 address, and bytes behind the request",
                        "05 01 00  05 03 00 04 20010db8000000000000000000000001 0035  00",
                        "frame 05 01 00",
                        "frame 05 03 00 04 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 00 35",
                        "error Corrupt #2 @25")
                .corrupt("SOCKS 4", "04 01 0050 c0000201 00")
                .corrupt("no methods", "05 00 05")
                .yields("command 4", "05 01 00 05 04 00 01 00", "frame 05 01 00", "error Corrupt #1 @3")
                .yields("reserved", "05 01 00 05 01 01 01 00", "frame 05 01 00", "error Corrupt #1 @3")
                .yields("address type 2", "05 01 00 05 01 00 02 00", "frame 05 01 00", "error Corrupt #1 @3")
                .yields("neither password nor request", "05 01 00 02 00", "frame 05 01 00", "error Corrupt #1 @3")
                .refuses("another count", "05 02 00")
                .verifiedReading(verifier -> verifier.example(
                        "05 02 0002  01 04 75736572 06 736563726574  05 01 00 01 c0000201 0050",
                        "05 02 0002",
                        "01 04 75736572 06 736563726574",
                        "05 01 00 01 c0000201 0050"));
    }

    private static Preset socks5Replies() {
        return Preset.of(Protocols.socks5Replies())
                .vector(
                        "written by Netty's Socks5ServerEncoder 4.1: password, its status, the reply",
                        "05 02  01 00  05 00 00 03 0d70726f78792e6578616d706c65 0438",
                        "05 02",
                        "01 00",
                        "05 00 00 03 0d70726f78792e6578616d706c65 0438")
                .yields(
                        "no authentication, and bytes behind the reply",
                        "05 00  05 08 00 01 00000000 0000  00",
                        "frame 05 00",
                        "frame 05 08 00 01 00 00 00 00 00 00",
                        "error Corrupt #2 @12")
                .corrupt("SOCKS 4", "00 5a 0000")
                .yields("status of version 5", "05 02 05 00", "frame 05 02", "error Corrupt #1 @2")
                .yields("reply of version 4", "05 00 04 00 00 01 00", "frame 05 00", "error Corrupt #1 @2")
                .yields("reply 9", "05 00 05 09 00 01 00", "frame 05 00", "error Corrupt #1 @2")
                .verifiedReading(verifier -> verifier.example(
                        "05 02  01 00  05 00 00 03 0d70726f78792e6578616d706c65 0438",
                        "05 02",
                        "01 00",
                        "05 00 00 03 0d70726f78792e6578616d706c65 0438"));
    }

    private static Preset proxyProtocol() {
        return Preset.of(Protocols.proxyProtocol())
                .vector(
                        "The PROXY protocol (HAProxy, doc/proxy-protocol.txt), 2.1: the longest line of IPv4",
                        LONGEST_IPV4,
                        LONGEST_IPV4)
                .vector("the same: the longest line of all, of 107 bytes", LONGEST_LINE, LONGEST_LINE)
                .vector("written by Netty's HAProxyMessageEncoder 4.1, version 2", PROXY_V2, PROXY_V2)
                .vector("the same, 2.2: LOCAL, without addresses", PROXY_LOCAL, PROXY_LOCAL)
                .yields(
                        "bytes behind the header",
                        ascii("PROXY UNKNOWN\r\nhi"),
                        "frame 50 52 4f 58 59 20 55 4e 4b 4e 4f 57 4e 0d 0a",
                        "error Corrupt #1 @15")
                .corrupt("no header", ascii("GET / HTTP/1.1\r\n"))
                .corrupt("another word", ascii("PROXIES TCP4\r\n"))
                .corrupt("another family", ascii("PROXY UDP4 1\r\n"))
                .corrupt("a line of 108 bytes", ascii("PROXY UNKNOWN " + "f".repeat(92) + "\r\n"))
                .corrupt("another signature", "0d0a0d0a000d0a515549540b 20 00 0000")
                .corrupt("version 1 in binary", "0d0a0d0a000d0a515549540a 11 00 0000")
                .corrupt("command 2", "0d0a0d0a000d0a515549540a 22 00 0000")
                .refuses("no header", ascii("hello\r\n"))
                .refuses("another length", "0d0a0d0a000d0a515549540a 20 00 0001")
                .verifiedReading(
                        verifier -> verifier.example(LONGEST_LINE, LONGEST_LINE).example(PROXY_V2, PROXY_V2));
    }

    private static final String LONGEST_IPV4 = ascii("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n");
    private static final String LONGEST_LINE = ascii("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
            + " ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n");
    private static final String PROXY_V2 = plain("0d0a0d0a000d0a515549540a 21 21 0024"
            + "20010db8000000000000000000000001 20010db8000000000000000000000002 dc04 01bb");
    private static final String PROXY_LOCAL = plain("0d0a0d0a000d0a515549540a 20 00 0000");

    /** The example of the PROXY protocol's specification, 2.1. */
    @Tag("slow")
    @Test
    void proxyProtocol_whatFollowsIsReadByTheGivenFraming() {
        Framing format = Protocols.proxyProtocol(Delimiter.of("\r\n\r\n"));
        String header = "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n";
        String request = "GET / HTTP/1.1\r\nHost: 192.168.0.11";
        StreamVerifier.of(format).allCutsUpTo(8).stream((header + request + "\r\n\r\n").getBytes(US_ASCII))
                .yields(frame(header), frame(request), "complete");
        StreamVerifier.of(format).allCutsUpTo(8).stream(PROXY_V2 + ascii("a\r\n\r\nb\r\n\r\n"))
                .yields("frame " + PROXY_V2.replaceAll("(..)(?=.)", "$1 "), "frame 61", "frame 62", "complete");
        FramingVerifier.of(Preset.readOnly(format))
                .example(ascii(header + request + "\r\n\r\n"), ascii(header), ascii(request))
                .verify();
    }

    @Test
    void proxyProtocol_argumentIsCheckedAndTold() {
        assertThat(Protocols.proxyProtocol(Delimiter.of("#"))).hasToString("Protocols.proxyProtocol(Delimiter.of(23))");
        assertThatNullPointerException().isThrownBy(() -> Protocols.proxyProtocol(null));
    }

    @Test
    void socks5_whatFollowsIsReadByTheGivenFraming() {
        Framing lines = Delimiter.of("\n");
        StreamVerifier.of(Protocols.socks5(lines)).allCutsUpTo(8).stream(
                        "05 01 00 05 01 00 01 c0000201 0050" + ascii("a\nb\n"))
                .yields("frame 05 01 00", "frame 05 01 00 01 c0 00 02 01 00 50", "frame 61", "frame 62", "complete");
        StreamVerifier.of(Protocols.socks5Replies(lines)).allCutsUpTo(8).stream(
                        "05 00 05 00 00 01 c0000201 0050" + ascii("a\nb\n"))
                .yields("frame 05 00", "frame 05 00 00 01 c0 00 02 01 00 50", "frame 61", "frame 62", "complete");
        assertThat(Protocols.socks5(lines)).hasToString("Protocols.socks5(Delimiter.of(0a))");
        assertThatNullPointerException().isThrownBy(() -> Protocols.socks5(null));
        assertThatNullPointerException().isThrownBy(() -> Protocols.socks5Replies(null));
    }

    private static String frame(String text) {
        return "frame " + ascii(text).replaceAll("(..)(?=.)", "$1 ");
    }
}
