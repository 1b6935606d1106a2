package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.TestBytes;
import reactor.framing.test.StreamVerifier;

class DatabaseProtocolsTest extends PresetsContract {

    private static final String MONGO_MESSAGE = "31000000 95030000 bc010000 dd070000 03000100"
            + "00 18000000 106e0001000000 016f6b00000000000000f03f 00 00000000";

    private static final String MONGO_INSERT = "72000000 03000000 00000000 dd070000 00000000"
            + "00 35000000 02696e7365727400 0a000000 646f63756d656e747300 086f72646572656400 01"
            + "0224646200 07000000 6672616d657300 00"
            + "01 27000000 646f63756d656e747300 19000000 105f696400 00000000 056461746100 00000000 00 00";

    private static final String MONGO_REPLY =
            "2d000000 02000000 03000000 dd070000 00000000" + "00 18000000 106e0001000000 016f6b00 000000000000f03f 00";

    private static final String CQL_QUERY = "04 00 0006 07 0000003c 00000027"
            + ascii("SELECT * FROM system.schema_keyspaces ;")
            + "0001 34 00000064 0008 00059daf91d4c05c";

    @Override
    List<Preset> presets() {
        return List.of(resp(), memcached(), mongo(), cassandra(), cassandraV5(), zookeeper());
    }

    private static Preset resp() {
        return Preset.of(Protocols.resp())
                .vector("Redis protocol specification, the examples of RESP2", all(RESP2), RESP2)
                .vector("redis-specifications, protocol/RESP3.md, the examples", all(RESP3), RESP3)
                .vector("Redis protocol specification, LLEN mylist", ascii(LLEN), ascii(LLEN))
                .vector("the same, streamed strings and aggregates", all(STREAMED), STREAMED)
                .vector(
                        "Redis protocol specification, inline commands",
                        ascii("PING\r\n+PONG\r\nEXISTS somekey\r\n:0\r\n"),
                        ascii("PING\r\n"),
                        ascii("+PONG\r\n"),
                        ascii("EXISTS somekey\r\n"),
                        ascii(":0\r\n"))
                .yields("a string's length announced", ascii("$11\r\nbulk"), "error Truncated #0 @0 9/18")
                .yields("a string inside an array", ascii("*1\r\n$11\r\nbulk"), "error Truncated #0 @0 13/-1")
                .yields("a string beyond the limit", ascii("$8388604\r\n"), "error TooLong #0 @0 8388616>8388608")
                .yields(
                        "a string over 512 MiB",
                        ascii("*1\r\n$536870913\r\n"),
                        "error TooLong #0 @0 536870913>536870912")
                .yields("a string of 512 MiB", ascii("*1\r\n$536870912\r\n"), "error Truncated #0 @0 16/-1")
                .yields(
                        "an inline command of more than 64 KiB",
                        ascii("+OK\r\n") + "61".repeat(65537),
                        "frame 2b 4f 4b 0d 0a",
                        "error TooLong #1 @5 65537>65536")
                .yields(
                        "inline commands of the first and the last letters",
                        ascii("a\nz\nA\nZ\n"),
                        "frame 61 0a",
                        "frame 7a 0a",
                        "frame 41 0a",
                        "frame 5a 0a",
                        "complete")
                .yields(
                        "an empty map in front of another reply",
                        ascii("%0\r\n+OK\r\n"),
                        "frame 25 30 0d 0a",
                        "frame 2b 4f 4b 0d 0a",
                        "complete")
                .yields(
                        "attributes of two pairs",
                        ascii("|2\r\n+a\r\n:1\r\n+b\r\n:2\r\n+c\r\n"),
                        "frame " + spaced(ascii("|2\r\n+a\r\n:1\r\n+b\r\n:2\r\n+c\r\n")),
                        "complete")
                .yields(
                        "128 values in each other",
                        ascii("*1\r\n".repeat(128)) + ascii(":1\r\n"),
                        "frame " + spaced(ascii("*1\r\n".repeat(128)) + ascii(":1\r\n")),
                        "complete")
                .corrupt("129 values in each other", ascii("*1\r\n".repeat(129)))
                .corrupt("a digit first", ascii("1\r\n"))
                .corrupt("a letter inside an array", ascii("*1\r\nPING\r\n"))
                .corrupt("a push message inside an array", ascii("*1\r\n>1\r\n+a\r\n"))
                .corrupt("a part of a string, without its beginning", ascii(";1\r\na\r\n"))
                .corrupt("the end of an aggregate, without its beginning", ascii(".\r\n"))
                .corrupt("a value inside a streamed string", ascii("$?\r\n+a\r\n"))
                .corrupt("a string inside a streamed string", ascii("$?\r\n$1\r\na\r\n"))
                .corrupt("a length of which CR alone is the end", ascii("$3\rabc\r\n"))
                .corrupt("a string behind which there is but a CR", ascii("*2\r\n$1\r\na\rb"))
                .corrupt("the end of an aggregate inside one that has a count", ascii("*2\r\n:1\r\n.\r\n"))
                .corrupt("no CR LF behind a string", ascii("$1\r\nabc"))
                .corrupt("CR without LF behind a string", ascii("$1\r\na\ra"))
                .corrupt("LF without CR", ascii("+OK\n"))
                .corrupt("CR in a text", ascii("+O\rK\r\n"))
                .corrupt("length -2", ascii("$-2\r\n"))
                .corrupt("a negative length of a map", ascii("%-1\r\n"))
                .corrupt("no length", ascii("*\r\n"))
                .corrupt("a length that is no number", ascii("$a\r\n"))
                .corrupt("a sign behind a digit", ascii("*1-\r\n"))
                .corrupt("11 digits", ascii("*00000000001\r\n"))
                .corrupt("a streamed push message", ascii(">?\r\n"))
                .yields(
                        "good replies before a bad one",
                        ascii("+OK\r\n:1\r\n?"),
                        "frame 2b 4f 4b 0d 0a",
                        "frame 3a 31 0d 0a",
                        "error Corrupt #2 @9")
                .refuses("two replies", ascii("+OK\r\n+OK\r\n"))
                .refuses("part of a reply", ascii("*2\r\n:1\r\n"))
                .refuses("no bytes", "")
                .verified(verifier -> verifier.frames(
                                (random, length) -> reply(random, length).getBytes(US_ASCII))
                        .alphabet(
                                '*', '$', '+', ':', '%', '|', ';', '.', '?', '-', '0', '1', '2', '3', '\r', '\n', 'a'));
    }

    private static final String[] RESP2 = {
        ascii("+OK\r\n"),
        ascii("-ERR unknown command 'asdf'\r\n"),
        ascii(":1000\r\n"),
        ascii("$5\r\nhello\r\n"),
        ascii("$0\r\n\r\n"),
        ascii("$-1\r\n"),
        ascii("*0\r\n"),
        ascii("*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n"),
        ascii("*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n$5\r\nhello\r\n"),
        ascii("*-1\r\n"),
        ascii("*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n"),
        ascii("*3\r\n$5\r\nhello\r\n$-1\r\n$5\r\nworld\r\n")
    };

    private static final String[] RESP3 = {
        ascii("_\r\n"),
        ascii("#t\r\n"),
        ascii(",1.23\r\n"),
        ascii(",inf\r\n"),
        ascii("(3492890328409238509324850943850943825024385\r\n"),
        ascii("!21\r\nSYNTAX invalid syntax\r\n"),
        ascii("=15\r\ntxt:Some string\r\n"),
        ascii("%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n"),
        ascii(
                "|1\r\n+key-popularity\r\n%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0.0012\r\n*2\r\n:2039123\r\n:9543892\r\n"),
        ascii("*3\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:3600\r\n:3\r\n"),
        ascii("~5\r\n+orange\r\n+apple\r\n#t\r\n:100\r\n:999\r\n"),
        ascii(">3\r\n+message\r\n+somechannel\r\n+this is the message\r\n")
    };

    private static final String[] STREAMED = {
        ascii("$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n"),
        ascii("*?\r\n:1\r\n:2\r\n:3\r\n.\r\n"),
        ascii("%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n")
    };

    private static final String LLEN = "*2\r\n$4\r\nLLEN\r\n$6\r\nmylist\r\n";

    private static String all(String... frames) {
        return String.join("", frames);
    }

    private static String spaced(String hex) {
        return hex.replaceAll("(..)(?=.)", "$1 ");
    }

    /** A value of about this length. */
    private static String reply(Random random, int length) {
        if (length < 12) {
            return random.nextBoolean() ? "+" + "a".repeat(length) + "\r\n" : "$-1\r\n";
        }
        return switch (random.nextInt(6)) {
            case 0 -> "$" + (length - 12) + "\r\n" + "*".repeat(length - 12) + "\r\n";
            case 1 -> "*2\r\n:7\r\n" + reply(random, length - 8);
            case 2 -> "%1\r\n+k\r\n" + reply(random, length - 8);
            case 3 -> "*?\r\n" + reply(random, length - 8) + ".\r\n";
            case 4 -> "|1\r\n+k\r\n:1\r\n" + reply(random, length - 12);
            default -> "$?\r\n;" + (length - 11) + "\r\n" + "x".repeat(length - 11) + "\r\n;0\r\n";
        };
    }

    @Test
    void resp_stringThatLooksLikeReplies_isOneFrame() {
        String value = "$12\r\n+OK\r\n*9\r\n$-1\r\n";
        StreamVerifier.of(Protocols.resp()).allCutsUpTo(8).stream(ascii(value + "+OK\r\n"))
                .yields("frame " + spaced(ascii(value)), "frame 2b 4f 4b 0d 0a", "complete");
    }

    @Test
    void resp_messagesOfFaults() {
        assertThatThrownBy(() -> read("?")).hasMessageStartingWith("expected a value of RESP but found 3f at offset 0");
        assertThatThrownBy(() -> read("*1\r\n?"))
                .hasMessageStartingWith("expected a value of RESP but found 3f, inside 1 others at offset 0");
        assertThatThrownBy(() -> written(Protocols.resp(), List.of(ascii("+OK\r\n+OK\r\n"))))
                .hasMessageStartingWith("frame goes on behind its end, with 5 bytes");
    }

    private static void read(String text) {
        Flux.just(US_ASCII.encode(text))
                .transform(FrameCodec.of(Protocols.resp())::decode)
                .blockLast();
    }

    private static Preset memcached() {
        return Preset.of(Protocols.memcached())
                .vector(
                        "recorded between a client and memcached 1.6.18: what the client sends",
                        all(MEMCACHED_REQUESTS),
                        MEMCACHED_REQUESTS)
                .vector("the same: what the server sends", all(MEMCACHED_REPLIES), MEMCACHED_REPLIES)
                .vector(
                        "memcached, doc/protocol-binary.txt, the examples of get",
                        "80 00 0005 00 00 0000 00000005 00000000 0000000000000000 48656c6c6f"
                                + "81 00 0000 04 00 0000 00000009 00000000 0000000000000001 deadbeef 576f726c64",
                        "80 00 0005 00 00 0000 00000005 00000000 0000000000000000 48656c6c6f",
                        "81 00 0000 04 00 0000 00000009 00000000 0000000000000001 deadbeef 576f726c64")
                .yields(
                        "a value that looks like lines",
                        ascii("set a 0 0 15\r\nset b 0 0 9\r\nab\r\nget a\r\n"),
                        "frame " + spaced(ascii("set a 0 0 15\r\nset b 0 0 9\r\nab\r\n")),
                        "frame 67 65 74 20 61 0d 0a",
                        "complete")
                .yields("a value's length announced", ascii("VALUE a 0 9\r\n"), "error Truncated #0 @0 13/24")
                .corrupt("no size", ascii("set a 0 0\r\n"))
                .corrupt("a size that is no number", ascii("VALUE a 0 x\r\n"))
                .corrupt("a negative size", ascii("cas a 0 0 -1 1\r\n"))
                .corrupt("no CR LF behind the value", ascii("set a 0 0 1\r\nabc"))
                .corrupt("a line of more than 16,000 bytes", "61".repeat(16_001))
                .corrupt(
                        "binary, with a body shorter than its key",
                        "80 00 0005 00 00 0000 00000004 00000000 0000000000000000")
                .refuses("another size", ascii("set a 0 0 3\r\nab\r\n"))
                .refuses("a line and another", ascii("get a\r\nget a\r\n"))
                .verified(verifier -> verifier.frames((random, length) -> {
                            String line = switch (random.nextInt(4)) {
                                case 0 -> "ms k %d T0\r\n";
                                case 1 -> "VALUE k 0 %d 77\r\n";
                                case 2 -> "set k 0 0 %d noreply\r\n";
                                default -> "get k\r\n";
                            };
                            int value = Math.max(0, length - line.length());
                            String start = line.formatted(value);
                            return (start.startsWith("get") ? start : start + "g".repeat(value) + "\r\n")
                                    .getBytes(US_ASCII);
                        })
                        .frames("8000000100000000000000010000000000000000000000006b")
                        .alphabet('s', 'e', 't', ' ', 'k', '0', '1', '\r', '\n', 0x80));
    }

    private static final String[] MEMCACHED_REQUESTS = {
        ascii("set a 0 0 7\r\nEND\r\nEN\r\n"),
        ascii("get a b\r\n"),
        ascii("gets a\r\n"),
        ascii("mg a v t\r\n"),
        ascii("ms b 2\r\nhi\r\n"),
        ascii("mn\r\n"),
        ascii("incr a 1\r\n"),
        ascii("version\r\n")
    };

    private static final String[] MEMCACHED_REPLIES = {
        ascii("STORED\r\n"),
        ascii("VALUE a 0 7\r\nEND\r\nEN\r\n"),
        ascii("END\r\n"),
        ascii("VALUE a 0 7 1\r\nEND\r\nEN\r\n"),
        ascii("END\r\n"),
        ascii("VA 7 t-1\r\nEND\r\nEN\r\n"),
        ascii("HD\r\n"),
        ascii("MN\r\n"),
        ascii("CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"),
        ascii("VERSION 1.6.18\r\n")
    };

    private static Preset mongo() {
        return Preset.of(Protocols.mongo())
                .vector("an OP_MSG (pixie-io/pixie, protocols/mongodb/parse_test.cc)", MONGO_MESSAGE, MONGO_MESSAGE)
                .vector(
                        "recorded between MongoDB's Java driver 5.6.4 and mongo-java-server 1.47.0: an insert",
                        MONGO_INSERT + MONGO_REPLY,
                        MONGO_INSERT,
                        MONGO_REPLY)
                .yields(
                        "48,000,001 bytes",
                        "016cdc02 00000000 00000000 dd070000",
                        "error TooLong #0 @0 48000001>48000000")
                .corrupt("15 bytes", "0f000000 00000000 00000000 dd070000")
                .corrupt("opcode 2014", "10000000 00000000 00000000 de070000")
                .corrupt("an HTTP request", ascii("GET / HTTP/1.1\r\n\r\n"))
                .leastLength(16, DatabaseProtocolsTest::mongoMessage)
                .verified(verifier -> verifier.frames((random, length) -> mongoMessage(Math.max(16, length)))
                        .alphabet(0, 0x10, 0x11, 0xDD, 7, 1, 0xFF));
    }

    private static byte[] mongoMessage(int length) {
        return filled(
                length,
                ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(length)
                        .putInt(8, 1)
                        .putInt(12, 2013)
                        .array());
    }

    private static Preset cassandra() {
        return Preset.of(Protocols.cassandra())
                .vector(
                        "recorded from cqlsh (pixie-io/pixie, protocols/cql/parse_test.cc): a query, OPTIONS",
                        CQL_QUERY + "04 00 0061 05 00000000",
                        CQL_QUERY,
                        "04 00 0061 05 00000000")
                .yields(
                        "a body of 256 MiB and a byte",
                        "84 00 0001 08 10000001",
                        "error TooLong #0 @0 268435466>268435465")
                .corrupt("version 2", "02 00 00 05 00000000 00")
                .corrupt("version 6", "06 00 0000 05 00000000")
                .leastLength(9, DatabaseProtocolsTest::envelope)
                .verified(verifier -> verifier.frames((random, length) -> envelope(Math.max(9, length)))
                        .alphabet(0, 4, 0x84, 5, 1, 0xFF));
    }

    private static byte[] envelope(int length) {
        return filled(
                length,
                ByteBuffer.allocate(9)
                        .putInt(0x05000001)
                        .put((byte) 7)
                        .putInt(length - 9)
                        .array());
    }

    private static Preset cassandraV5() {
        return Preset.of(Protocols.cassandraV5())
                .vector(
                        "OPTIONS in an outer frame, by the encoder of the DataStax driver (native-protocol 1.5.1)",
                        CQL_STARTUP + "090002 a4c8c1 0500000105 00000000 b5557486",
                        CQL_STARTUP,
                        "0500000105 00000000")
                .readVector(
                        "the same, not self-contained",
                        CQL_STARTUP + "090000 b91978 0500000105 00000000 b5557486",
                        CQL_STARTUP,
                        "0500000105 00000000")
                .yields(
                        "the header's CRC is wrong",
                        CQL_STARTUP + "090002 a4c8c2 0500000105 00000000 b5557486",
                        "frame " + spaced(Preset.plain(CQL_STARTUP)),
                        "error Corrupt #1 @31")
                .yields(
                        "the payload's CRC is wrong",
                        CQL_STARTUP + "090002 a4c8c1 0500000104 00000000 b5557486",
                        "frame " + spaced(Preset.plain(CQL_STARTUP)),
                        "error Corrupt #1 @31")
                .skipping(
                        "the payload's CRC is wrong",
                        CQL_STARTUP + "090002 a4c8c1 0500000104 00000000 b5557486"
                                + "090002 a4c8c1 0500000105 00000000 b5557486",
                        "frame " + spaced(Preset.plain(CQL_STARTUP)),
                        "skipped Corrupt #1 @31 +19",
                        "frame 05 00 00 01 05 00 00 00 00",
                        "complete")
                .corrupt("version 2", "02 00 00 05 00000000 00")
                .verified(verifier -> verifier.frames((random, length) -> envelope(Math.max(9, length)))
                        .frames(CQL_STARTUP, "0500000105 00000000")
                        .alphabet(0, 1, 2, 5, 9, 0x85, 0xA4, 0xC8, 0xC1));
    }

    private static final String CQL_STARTUP =
            "05 00 0000 01 00000016 0001 000b" + ascii("CQL_VERSION") + "0005" + ascii("3.0.0");

    /**
     * A message of 300,000 bytes in three outer frames, and two short ones in one; through both codecs they are
     * messages again.
     */
    @Test
    void cassandraV5_messagesOverSeveralFramesAndSeveralInOne_areMessagesAgain() {
        byte[] startup = TestBytes.hex(CQL_STARTUP);
        byte[] longOne = envelope(300_000);
        byte[] shortOne = envelope(20);
        byte[] two = Arrays.copyOf(shortOne, 40);
        System.arraycopy(shortOne, 0, two, 20, 20);
        List<ByteBuffer> payloads = new ArrayList<>(List.of(ByteBuffer.wrap(startup)));
        for (int at = 0; at < longOne.length; at += CassandraSegments.LONGEST) {
            payloads.add(ByteBuffer.wrap(longOne, at, Math.min(CassandraSegments.LONGEST, longOne.length - at)));
        }
        payloads.add(ByteBuffer.wrap(two));
        List<ByteBuffer> wire = Flux.fromIterable(payloads)
                .transform(FrameCodec.of(Protocols.cassandraV5())::encode)
                .collectList()
                .block();
        List<Integer> selfContained =
                wire.stream().skip(1).map(frame -> frame.get(2) >> 1 & 1).toList();
        assertThat(selfContained).containsExactly(0, 0, 0, 1);
        assertThat(Flux.fromIterable(wire)
                        .transform(FrameCodec.of(Protocols.cassandraV5())::decode)
                        .transform(FrameCodec.of(Protocols.cassandra())::decode)
                        .map(TestBytes::bytes)
                        .map(HexFormat.of()::formatHex)
                        .collectList()
                        .block())
                .containsExactly(
                        HexFormat.of().formatHex(startup),
                        HexFormat.of().formatHex(longOne),
                        HexFormat.of().formatHex(shortOne),
                        HexFormat.of().formatHex(shortOne));
    }

    private static Preset zookeeper() {
        return Preset.of(Protocols.zookeeper())
                .vector(
                        "recorded from ZooKeeper's client 3.9.2: ConnectRequest",
                        "0000002d" + ZOOKEEPER_CONNECT,
                        ZOOKEEPER_CONNECT)
                .readVector(
                        "ZooKeeper Administrator's Guide, the example of a four-letter command",
                        ascii("ruok"),
                        ascii("ruok"))
                .yields("a negative length", "80000000", "error TooLong #0 @0 2147483648>2147483647")
                .corrupt("7 bytes", "00000007 00000000000000")
                .leastLength(8, length -> filled(length))
                .verified(verifier -> verifier.lengths(8, Integer.MAX_VALUE).alphabet(0, 1, 8, 9, 'r', 'u', 'o', 'k'));
    }

    private static final String ZOOKEEPER_CONNECT =
            "00000000 0000000000000000 00001770 0000000000000000 00000010 00000000000000000000000000000000 00";
}
