package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class WebProtocolsTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(webSocket(), http2(), sip(), rtsp(), imap());
    }

    private static Preset webSocket() {
        return Preset.of(Protocols.webSocket())
                .vector(
                        "RFC 6455, 5.7: a text, unmasked and masked, in two fragments; ping and pong",
                        "81 05 48656c6c6f  81 85 37fa213d 7f9f4d5158  01 03 48656c  80 02 6c6f"
                                + "89 05 48656c6c6f  8a 85 37fa213d 7f9f4d5158",
                        "81 05 48656c6c6f",
                        "81 85 37fa213d 7f9f4d5158",
                        "01 03 48656c",
                        "80 02 6c6f",
                        "89 05 48656c6c6f",
                        "8a 85 37fa213d 7f9f4d5158")
                .vector(
                        "RFC 6455, 5.7: 256 bytes of binary data",
                        "82 7e 0100" + "a5".repeat(256),
                        "82 7e 0100" + "a5".repeat(256))
                .yields("a length of 64 KiB", "82 7f 0000000000010000 00", "error Truncated #0 @0 11/65546")
                .yields(
                        "a length beyond the limit",
                        "82 7f 4000000000000000",
                        "error TooLong #0 @0 4611686018427387914>8388608")
                .corrupt("a length of more than 63 bits", "82 7f 8000000000000000 00")
                .corrupt("opcode 3", "83 00 00")
                .corrupt("opcode 11", "8b 00 00")
                .corrupt("a ping that is a fragment", "09 00 00")
                .corrupt("a ping of 126 bytes", "89 7e 007e")
                .corrupt("125 in two bytes", "82 7e 007d")
                .corrupt("65,535 in eight bytes", "82 7f 000000000000ffff")
                .yields("an HTTP request", ascii("GET /chat HTTP/1.1\r\n"), "error Corrupt #0 @0")
                .refuses("another length", "81 05 48656c6c")
                .leastLength(2, WebProtocolsTest::unmasked)
                .verified(verifier -> verifier.frames(WebProtocolsTest::masked));
    }

    /** An unmasked frame of 2 to 70,000 bytes. */
    private static byte[] unmasked(int length) {
        int payload = length < 2 + 126 ? length - 2 : length < 4 + 0x10000 ? length - 4 : length - 10;
        return Arrays.copyOf(frame(payload, new byte[0]), Math.max(0, length));
    }

    private static byte[] masked(Random random, int length) {
        byte[] key = new byte[4];
        random.nextBytes(key);
        return frame(Math.max(0, length - 14), key);
    }

    private static byte[] frame(int payload, byte[] key) {
        int mask = key.length == 0 ? 0 : 0x80;
        ByteBuffer frame = ByteBuffer.allocate(14 + Math.max(0, payload)).put((byte) 0x82);
        if (payload < 126) {
            frame.put((byte) (mask | payload));
        } else if (payload < 0x10000) {
            frame.put((byte) (mask | 126)).putShort((short) payload);
        } else {
            frame.put((byte) (mask | 127)).putLong(payload);
        }
        frame.put(key);
        return Arrays.copyOf(frame.array(), frame.position() + Math.max(0, payload));
    }

    private static Preset http2() {
        return Preset.of(Protocols.http2())
                .vector(
                        "recorded from curl 7.88.1 (nghttp2 1.52.0): preface, SETTINGS, WINDOW_UPDATE, HEADERS",
                        PREFACE + HTTP2_SETTINGS + HTTP2_WINDOW_UPDATE + HTTP2_HEADERS,
                        PREFACE,
                        HTTP2_SETTINGS,
                        HTTP2_WINDOW_UPDATE,
                        HTTP2_HEADERS)
                .vector(
                        "http2jp/http2-frame-test-case, normal.json of settings, ping and data",
                        "00000C 04 00 00000000 0001 00002000 0003 00001388  000008 06 00 00000000 6465616462656566"
                                + "000014 00 08 00000002 06 48656C6C6F2C20776F726C6421 486F77647921",
                        "00000C 04 00 00000000 0001 00002000 0003 00001388",
                        "000008 06 00 00000000 6465616462656566",
                        "000014 00 08 00000002 06 48656C6C6F2C20776F726C6421 486F77647921")
                .corrupt("an HTTP/1.1 request", ascii("POST / HTTP/1.1\r\nHost: a\r\n\r\n"))
                .yields(
                        "another preface later is no fault of framing, but a long frame",
                        PREFACE + "000000 04 00 00000000 505249 20 2a 20485454",
                        "frame " + PREFACE.replaceAll("(..)(?=.)", "$1 "),
                        "frame 00 00 00 04 00 00 00 00 00",
                        "error Truncated #2 @33 9/5263954")
                .refuses("too short", "000001 04 00 000000")
                .bounds(9, 9 + 0xFFFFFF, length -> http2Frame(length))
                .verified(verifier -> verifier.frames((random, length) -> http2Frame(Math.max(9, length)))
                        .example(PREFACE + HTTP2_SETTINGS, PREFACE, HTTP2_SETTINGS)
                        .alphabet(0, 1, 4, 'P', 'R', 'I', ' '));
    }

    private static final String PREFACE = ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    private static final String HTTP2_SETTINGS = "000012 04 00 00000000 0003 00000064 0004 02000000 0002 00000000";
    private static final String HTTP2_WINDOW_UPDATE = "000004 08 00 00000000 01ff0001";
    private static final String HTTP2_HEADERS =
            "00001f 01 05 00000001 828486418b089d5c0b8170dc69b032ff7a8825b650c3abbcf2e153032a2f2a";

    private static byte[] http2Frame(int length) {
        int payload = length - 9;
        return filled(
                length,
                (byte) (payload >> 16),
                (byte) (payload >> 8),
                (byte) payload,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 1);
    }

    private static Preset sip() {
        String folded = ascii("OPTIONS sip:a@b SIP/2.0\r\nSubject: a\r\n b\r\nl : 0\r\n\r\n");
        return Preset.of(Protocols.sip())
                .vector("RFC 3665, 3.1, F1 and F2: INVITE and 180 Ringing", INVITE + RINGING, INVITE, RINGING)
                .readVector(
                        "RFC 5626, 4.4.1: keep-alives between them",
                        "0d0a0d0a" + INVITE + "0d0a" + RINGING,
                        INVITE,
                        RINGING)
                .yields("a folded header", folded, "frame " + folded.replaceAll("(..)(?=.)", "$1 "), "complete")
                .yields(
                        "a length beyond the limit",
                        ascii("A sip:a SIP/2.0\r\nl: 99999999\r\n\r\n"),
                        "error TooLong #0 @0 100000031>8388608")
                .corrupt("no length", ascii("ACK sip:a@b SIP/2.0\r\nTo: a\r\n\r\n"))
                .corrupt("two lengths", ascii("ACK sip:a@b SIP/2.0\r\nl: 0\r\nContent-Length: 1\r\n\r\n"))
                .corrupt("LF alone", ascii("ACK sip:a@b SIP/2.0\n"))
                .corrupt("headers of more than 16,000 bytes", ascii("A".repeat(16_001)))
                .refuses("another length", ascii("ACK sip:a@b SIP/2.0\r\nl: 2\r\n\r\nabc"))
                .verified(verifier -> verifier.frames((random, length) -> {
                            int body = Math.max(0, length - 30);
                            return ("M sip:a SIP/2.0\r\nl: " + body + "\r\n\r\n" + "\r".repeat(body))
                                    .getBytes(US_ASCII);
                        })
                        .alphabet('l', ':', ' ', '1', '\r', '\n', 'A'));
    }

    private static final String SDP =
            "v=0\r\no=alice 2890844526 2890844526 IN IP4 client.atlanta.example.com\r\ns=-\r\n"
                    + "c=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
    private static final String INVITE = ascii("INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
            + "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\nMax-Forwards: 70\r\n"
            + "From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\nTo: Bob <sip:bob@biloxi.example.com>\r\n"
            + "Call-ID: 3848276298220188511@atlanta.example.com\r\nCSeq: 1 INVITE\r\n"
            + "Contact: <sip:alice@client.atlanta.example.com;transport=tcp>\r\nContent-Type: application/sdp\r\n"
            + "Content-Length: 151\r\n\r\n" + SDP);
    private static final String RINGING = ascii("SIP/2.0 180 Ringing\r\n"
            + "Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74bf9\r\n ;received=192.0.2.101\r\n"
            + "From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"
            + "To: Bob <sip:bob@biloxi.example.com>;tag=8321234356\r\n"
            + "Call-ID: 3848276298220188511@atlanta.example.com\r\nCSeq: 1 INVITE\r\n"
            + "Contact: <sip:bob@client.biloxi.example.com;transport=tcp>\r\nContent-Length: 0\r\n\r\n");

    private static Preset rtsp() {
        String setup = ascii("SETUP rtsp://foo.com/bar.file RTSP/1.0\r\nCSeq: 2\r\n"
                + "Transport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n");
        String ok = ascii("RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 12345678\r\nDate: 05 Jun 1997 18:59:15 GMT\r\n"
                + "RTP-Info: url=rtsp://foo.com/bar.file;\r\n  seq=232433;rtptime=972948234\r\n\r\n");
        String rtp = "24 06 0004 01020304";
        String rtcp = "24 0d 0004 05060708";
        String parameter = ascii("SET_PARAMETER rtsp://example.com/fizzle/foo RTSP/1.0\r\nCSeq: 421\r\n"
                + "Content-length: 20\r\nContent-type: text/parameters\r\n\r\nbarparam: barstuff\r\n");
        String data = "24 00 000c 8060001e 0000d2f0 4b7f1a2c";
        return Preset.of(Protocols.rtsp())
                .vector(
                        "RFC 2326, 10.12: SETUP, the answer to PLAY; gortsplib, interleaved_frame_test.go: the data",
                        setup + ok + rtp + rtcp,
                        setup,
                        ok,
                        rtp,
                        rtcp)
                .vector("RFC 2326, 10.9: SET_PARAMETER, whose body has a length", parameter + ok, parameter, ok)
                .yields("data announced", "24 00 000c", "error Truncated #0 @0 4/16")
                .yields(
                        "line ends between",
                        "0d0a" + data + "0d0a",
                        "frame 24 00 00 0c 80 60 00 1e 00 00 d2 f0 4b 7f 1a 2c",
                        "complete")
                .corrupt("a header without a colon", ascii("PLAY a RTSP/1.0\r\nabc\r\n\r\n"))
                .corrupt("no length", ascii("PLAY a RTSP/1.0\r\nContent-Length: x\r\n\r\n"))
                .refuses("another length", ascii("PLAY a RTSP/1.0\r\nContent-Length:2\r\n\r\nabc"))
                .bounds(
                        4,
                        65_539,
                        length -> filled(length, (byte) '$', (byte) 1, (byte) (length - 4 >> 8), (byte) (length - 4)))
                .verified(verifier -> verifier.frames((random, length) -> {
                            int body = Math.max(0, length - 40);
                            return random.nextBoolean()
                                    ? filled(
                                            4 + Math.min(body, 0xFFFF),
                                            (byte) '$',
                                            (byte) 0,
                                            (byte) (Math.min(body, 0xFFFF) >> 8),
                                            (byte) Math.min(body, 0xFFFF))
                                    : ("PLAY a RTSP/1.0\r\nContent-Length:" + body + "\r\n\r\n" + "$".repeat(body))
                                            .getBytes(US_ASCII);
                        })
                        .alphabet('$', 0, 1, ':', ' ', '\r', '\n', 'A'));
    }

    private static Preset imap() {
        String login = ascii("A001 LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man\r\n");
        String ok = ascii("A001 OK LOGIN completed\r\n");
        String text = ascii("* 12 FETCH (BODY[HEADER] {342}\r\nDate: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
                + "From: Terry Gray <gray@cac.washington.edu>\r\n"
                + "Subject: IMAP4rev1 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n"
                + "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
                + "Message-Id: <B27397-0100000@cac.washington.edu>\r\nMIME-Version: 1.0\r\n"
                + "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n)\r\n");
        return Preset.of(Protocols.imap())
                .vector("RFC 2088, 3: two literals", login + ok, login, ok)
                .vector(
                        "RFC 3501, 8: a literal of 342 bytes in a session",
                        ascii("* 18 EXISTS\r\n") + text + ascii("a004 OK FETCH completed\r\n"),
                        ascii("* 18 EXISTS\r\n"),
                        text,
                        ascii("a004 OK FETCH completed\r\n"))
                .yields(
                        "a literal that looks like lines, and one of no bytes",
                        ascii("a {5}\r\nb\r\n{9 {0}\r\n\r\nc\r\n"),
                        "frame " + ascii("a {5}\r\nb\r\n{9 {0}\r\n\r\n").replaceAll("(..)(?=.)", "$1 "),
                        "frame 63 0d 0a",
                        "complete")
                .yields(
                        "braces that are no literal",
                        ascii("a {5} \r\n{}\r\n{+}\r\n{5++}\r\n{{1}\r\nx\r\n"),
                        "frame 61 20 7b 35 7d 20 0d 0a",
                        "frame 7b 7d 0d 0a",
                        "frame 7b 2b 7d 0d 0a",
                        "frame 7b 35 2b 2b 7d 0d 0a",
                        "frame 7b 7b 31 7d 0d 0a 78 0d 0a",
                        "complete")
                .yields("a literal beyond the limit", ascii("a {99999999}\r\n"), "error Truncated #0 @0 14/-1")
                .corrupt("LF alone", ascii("a001 NOOP\n"))
                .corrupt("CR alone", ascii("a001 NOOP\ra"))
                .refuses("two lines", ascii("a\r\nb\r\n"))
                .refuses("half a literal", ascii("a {5}\r\nab\r\n"))
                .verified(verifier -> verifier.frames((random, length) -> {
                            int literal = Math.max(0, length - 20);
                            return ("a {" + literal + (random.nextBoolean() ? "+" : "") + "}\r\n" + "\n".repeat(literal)
                                            + (random.nextBoolean() ? " {2}\r\n}\r\r\n" : "\r\n"))
                                    .getBytes(US_ASCII);
                        })
                        .alphabet('{', '}', '+', '1', '2', '\r', '\n', 'a'));
    }
}
