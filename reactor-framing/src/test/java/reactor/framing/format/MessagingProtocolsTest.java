package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;

class MessagingProtocolsTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(amqp10(), stomp(), nats(), thrift());
    }

    private static Preset amqp10() {
        return Preset.of(Protocols.amqp10())
                .vector(
                        "written by Apache Qpid's proton-j 0.34.1: protocol header, open, begin",
                        "414d5150 00 01 00 00" + OPEN + BEGIN,
                        "414d5150 00 01 00 00",
                        OPEN,
                        BEGIN)
                .vector(
                        "the same: protocol header of SASL, sasl-init; a protocol header behind it",
                        "414d5150 03 01 00 00" + SASL_INIT + "414d5150 00 01 00 00",
                        "414d5150 03 01 00 00",
                        SASL_INIT,
                        "414d5150 00 01 00 00")
                .vector("OASIS AMQP 1.0, part 2, 2.4.5: an empty frame", "00000008 02 00 0000", "00000008 02 00 0000")
                .corrupt("AMQP 0-9-1", "414d5150 00 00 09 01")
                .corrupt("protocol id 1", "414d5150 01 01 00 00")
                .corrupt("7 bytes", "00000007 02 00 0000")
                .corrupt("type 2", "00000008 02 02 0000")
                .corrupt("data that begin inside the header", "00000008 01 00 0000")
                .corrupt("data that begin behind the frame", "00000008 03 00 0000")
                .refuses("AMQP 0-9-1", "414d5150 00 00 09 01")
                .leastLength(8, MessagingProtocolsTest::amqpFrame)
                .verified(verifier -> verifier.frames((random, length) -> amqpFrame(Math.max(8, length)))
                        .frames("414d5150 00 01 00 00", "414d5150 03 01 00 00")
                        .alphabet(0, 1, 2, 3, 8, 9, 'A', 'M', 'Q', 'P'));
    }

    private static final String OPEN = "00000015 02 00 0000 005310c00802a1026331a10168";
    private static final String BEGIN = "00000020 02 00 0000 005311c01305405201707fffffff707fffffff700000ffff";
    private static final String SASL_INIT = "00000019 02 01 0000 005341c00c01a309414e4f4e594d4f5553";

    private static byte[] amqpFrame(int length) {
        return filled(
                length, ByteBuffer.allocate(8).putInt(length).put((byte) 2).array());
    }

    private static Preset stomp() {
        return Preset.of(Protocols.stomp())
                .vector(
                        "STOMP 1.2, the examples of frames; DISCONNECT with the empty line that the text leaves out",
                        String.join("", STOMP_EXAMPLES),
                        STOMP_EXAMPLES)
                .readVector(
                        "the same, with line ends between them",
                        "0a" + String.join("0a0d0a", STOMP_EXAMPLES) + "0a",
                        STOMP_EXAMPLES)
                .yields(
                        "NUL in a body whose length is known, and the first of two lengths",
                        ascii("SEND\ncontent-length:3\ncontent-length:9\n\na\0b\0"),
                        "frame "
                                + ascii("SEND\ncontent-length:3\ncontent-length:9\n\na\0b\0")
                                        .replaceAll("(..)(?=.)", "$1 "),
                        "complete")
                .yields("a length announced", ascii("SEND\ncontent-length:300\n\na"), "error Truncated #0 @0 26/326")
                .yields(
                        "a length beyond the limit",
                        ascii("SEND\ncontent-length:8388608\n\n"),
                        "error TooLong #0 @0 8388638>8388608")
                .vector(
                        "STOMP 1.2: lines may end in CR LF",
                        ascii("CONNECTED\r\nversion:1.1\r\n\r\n\0"),
                        ascii("CONNECTED\r\nversion:1.1\r\n\r\n\0"))
                .yields(
                        "a command of 32 letters, a length of 09, other headers that look like a length",
                        ascii(LONG_COMMAND + LIKE_LENGTHS),
                        FramingEvents.frame(TestBytes.hex(ascii(LONG_COMMAND))),
                        FramingEvents.frame(TestBytes.hex(ascii(LIKE_LENGTHS))),
                        "complete")
                .yields(
                        "a length of 18 digits",
                        ascii("SEND\ncontent-length:" + "9".repeat(18) + "\n\n"),
                        "error TooLong #0 @0 1000000000000000040>8388608")
                .yields("a heart-beat is not waited for", "0a0a", "complete")
                .yields("fault behind line ends", ascii("\n\nsend\n"), "error Corrupt #0 @2")
                .corrupt("a command in small letters", ascii("send\n\n\0"))
                .corrupt("no command", ascii("\0"))
                .corrupt("a command of 33 letters", ascii("A".repeat(33)))
                .corrupt("no colon in a header", ascii("SEND\nabc\n\n\0"))
                .corrupt("NUL in the headers", ascii("SEND\na:b\0"))
                .corrupt("CR in a header", ascii("SEND\na:\rb\n\n\0"))
                .corrupt("a content-length of no digits", ascii("SEND\ncontent-length:\n\n\0"))
                .corrupt("a content-length that is no number", ascii("SEND\ncontent-length:1a\n\n\0"))
                .corrupt("a content-length of 19 digits", ascii("SEND\ncontent-length:" + "0".repeat(19) + "\n\n\0"))
                .corrupt("a body longer than its content-length", ascii("SEND\ncontent-length:1\n\nab\0"))
                .refuses("two frames", ascii("BEGIN\n\n\0BEGIN\n\n\0"))
                .refuses("no NUL", ascii("BEGIN\n\n"))
                .refuses("line ends first", ascii("\nBEGIN\n\n\0"))
                .verified(verifier -> verifier.frames(MessagingProtocolsTest::stompFrame)
                        .alphabet('A', 'Z', ':', '\n', '\r', 0, 'c', '1'));
    }

    private static final String LONG_COMMAND = "A".repeat(31) + "Z\ncontent-length:09\n\nnine\0five\0";
    private static final String LIKE_LENGTHS = "SEND\ncontent-lengthy:1\nxontent-length:1\ncontent-lengt:1\n\nabc\0";

    private static final String[] STOMP_EXAMPLES = {
        ascii("CONNECT\naccept-version:1.0,1.1,2.0\nhost:stomp.github.org\n\n\0"),
        ascii("CONNECTED\nversion:1.1\n\n\0"),
        ascii("SEND\ndestination:/queue/a\ncontent-type:text/plain\n\nhello queue a\n\0"),
        ascii("DISCONNECT\nreceipt:77\n\n\0"),
        ascii("MESSAGE\nsubscription:0\nmessage-id:007\ndestination:/queue/a\ncontent-type:text/plain\n\n"
                + "hello queue a\0"),
        ascii("ERROR\nreceipt-id:message-12345\ncontent-type:text/plain\ncontent-length:170\n"
                + "message:malformed frame received\n\nThe message:\n-----\nMESSAGE\ndestined:/queue/a\n"
                + "receipt:message-12345\n\nHello queue a!\n-----\n"
                + "Did not contain a destination header, which is REQUIRED\nfor message propagation.\n\0")
    };

    private static byte[] stompFrame(Random random, int length) {
        String eol = random.nextBoolean() ? "\n" : "\r\n";
        boolean known = random.nextBoolean();
        int body = Math.max(0, length - 32);
        String start = "SEND" + eol + "a:b" + eol + (known ? "content-length:" + body + eol : "") + eol;
        return (start + (known ? "\0" : "\n").repeat(body) + "\0").getBytes(US_ASCII);
    }

    private static Preset nats() {
        return Preset.of(Protocols.nats())
                .vector(
                        "NATS documentation, Client Protocol (nats-io/nats.docs), the examples",
                        String.join("", NATS),
                        NATS)
                .yields(
                        "a payload that looks like lines",
                        ascii("PUB a 8\r\nPUB b 1\r\r\npub c 1\r\nx\r\n"),
                        "frame " + ascii("PUB a 8\r\nPUB b 1\r\r\n").replaceAll("(..)(?=.)", "$1 "),
                        "frame " + ascii("pub c 1\r\nx\r\n").replaceAll("(..)(?=.)", "$1 "),
                        "complete")
                .yields("a payload's length announced", ascii("MSG a 1 9\r\n"), "error Truncated #0 @0 11/22")
                .corrupt("an unknown line", ascii("HELLO\r\n"))
                .corrupt("no size", ascii("PUB a\r\n"))
                .corrupt("a size that is no number", ascii("PUB a b c\r\n"))
                .corrupt("no CR LF behind the payload", ascii("PUB a 1\r\nabc"))
                .corrupt("a line of more than 16,000 bytes", "61".repeat(16_001))
                .refuses("another size", ascii("PUB a 3\r\nab\r\n"))
                .refuses("two lines", ascii("PING\r\nPING\r\n"))
                .verified(verifier -> verifier.frames((random, length) -> {
                            int payload = Math.max(0, length - 16);
                            return random.nextInt(4) == 0
                                    ? "PING\r\n".getBytes(US_ASCII)
                                    : ("MSG a 9 " + payload + "\r\n" + "P".repeat(payload) + "\r\n").getBytes(US_ASCII);
                        })
                        .alphabet('P', 'I', 'N', 'G', 'U', 'B', ' ', '1', '\r', '\n'));
    }

    private static final String[] NATS = {
        ascii("INFO {\"server_id\":\"Zk0GQ3JBSrg3oyxCRRlE09\",\"version\":\"1.2.0\",\"proto\":1,\"go\":\"go1.10.3\","
                + "\"host\":\"0.0.0.0\",\"port\":4222,\"max_payload\":1048576,\"client_id\":2392}\r\n"),
        ascii("CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":false,\"name\":\"\",\"lang\":\"go\","
                + "\"version\":\"1.2.2\",\"protocol\":1}\r\n"),
        ascii("PUB FOO 11\r\nHello NATS!\r\n"),
        ascii("PUB FRONT.DOOR JOKE.22 11\r\nKnock Knock\r\n"),
        ascii("PUB NOTIFY 0\r\n\r\n"),
        ascii("HPUB FOO 22 33\r\nNATS/1.0\r\nBar: Baz\r\n\r\nHello NATS!\r\n"),
        ascii("SUB FOO 1\r\n"),
        ascii("UNSUB 1 5\r\n"),
        ascii("MSG FOO.BAR 9 GREETING.34 11\r\nHello World\r\n"),
        ascii("HMSG FOO.BAR 9 BAZ.69 34 45\r\nNATS/1.0\r\nFoodGroup: vegetable\r\n\r\nHello World\r\n"),
        ascii("PING\r\n"),
        ascii("PONG\r\n"),
        ascii("+OK\r\n"),
        ascii("-ERR 'Unknown Protocol Operation'\r\n")
    };

    private static Preset thrift() {
        return Preset.of(Protocols.thrift())
                .vector(
                        "written by libthrift 0.20.0 (TFramedTransport, TBinaryProtocol): a call of ping",
                        "00000011 8001000100000004" + ascii("ping") + "00000001 00",
                        "8001000100000004" + ascii("ping") + "00000001 00")
                .yields("a negative length", "80010001", "error TooLong #0 @0 2147549185>2147483647")
                .leastLength(0, length -> filled(length))
                .verified(verifier -> verifier.lengths(0, Integer.MAX_VALUE));
    }
}
