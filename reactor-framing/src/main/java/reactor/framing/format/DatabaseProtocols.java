package reactor.framing.format;

import static reactor.framing.format.Presets.byFirst;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;

import java.nio.ByteBuffer;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for databases and caches. */
final class DatabaseProtocols {

    static final Framing POSTGRES = postgresFraming();

    static final Framing MYSQL =
            preset("mysql", LengthField.ofSize(3).littleEndian().after(1).keepHeader());

    static final Framing TDS = preset(
            "tds",
            LengthField.ofSize(2)
                    .before(2)
                    .after(4)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(length("TDS packet", header -> header.getShort(2) & 0xFFFF, 8, 32767)));

    static final Framing MONGO = preset(
            "mongo",
            LengthField.ofSize(4)
                    .after(12)
                    .littleEndian()
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(rule("the opcode of a MongoDB message is 1 or 2001 to 2013", header -> {
                                int opcode = Integer.reverseBytes(header.getInt(12));
                                return opcode == 1 || opcode >= 2001 && opcode <= 2013;
                            })
                            .and(length(
                                    "MongoDB message",
                                    header -> Integer.reverseBytes(header.getInt(0)) & 0xFFFFFFFFL,
                                    16,
                                    48_000_000))));

    private static final Framing CASSANDRA_ENVELOPES = LengthField.ofSize(4)
            .before(5)
            .keepHeader()
            .checkHeader(rule("the version of a Cassandra message is 3, 4 or 5", header -> {
                        int version = header.get(0) & 0x7F;
                        return version >= 3 && version <= 5;
                    })
                    .and(length(
                            "Cassandra message",
                            header -> 9 + (header.getInt(5) & 0xFFFFFFFFL),
                            9,
                            9 + 256 * 1024 * 1024)));

    static final Framing CASSANDRA = preset("cassandra", CASSANDRA_ENVELOPES);

    static final Framing CASSANDRA_V5 = cassandraV5Framing();

    static final Framing RESP = preset("resp", new Scanned(Resp::new));

    static final Framing MEMCACHED = memcachedFraming();

    static final Framing ZOOKEEPER = zookeeperFraming();

    private DatabaseProtocols() {}

    private static Framing postgresFraming() {
        Framing typed = LengthField.ofSize(4)
                .before(1)
                .counts(Counts.AFTER_LENGTH)
                .adjustment(-4)
                .keepHeader()
                .checkHeader(rule("a PostgreSQL message's type is not 0", header -> header.get(0) != 0)
                        .and(length(
                                "PostgreSQL message",
                                header -> 1 + (header.getInt(1) & 0xFFFFFFFFL),
                                5,
                                1 + Presets.MAX_INT)));
        Framing untyped = LengthField.ofSize(4)
                .counts(Counts.WHOLE_FRAME)
                .keepHeader()
                .checkHeader(length("PostgreSQL startup message", header -> header.getInt(0) & 0xFFFFFFFFL, 8, 10_004));
        Framing first = byFirst(value -> value == 0, untyped, typed);
        return preset(
                "postgres",
                Switching.of(
                                first,
                                message -> message.get(0) == 0 && asksForEncryption(message.getInt(4)) ? first : typed)
                        .endsIn(typed));
    }

    private static boolean asksForEncryption(int code) {
        int sslRequest = 80877103;
        int gssEncRequest = 80877104;
        return code == sslRequest || code == gssEncRequest;
    }

    private static Framing cassandraV5Framing() {
        Framing segments = new CassandraSegments();
        return preset(
                "cassandraV5",
                Switching.of(CASSANDRA_ENVELOPES, message -> endsUnframed(message) ? segments : CASSANDRA_ENVELOPES)
                        .endsIn(segments));
    }

    /** Whether what follows in this direction is in outer frames. */
    private static boolean endsUnframed(ByteBuffer message) {
        int version = message.get(0) & 0x7F;
        int opcode = message.get(4);
        return version == 5 && opcode >= 1 && opcode <= 3; // STARTUP, READY, AUTHENTICATE
    }

    private static Framing memcachedFraming() {
        byte[] lineEnd = {'\r', '\n'};
        Framing text = HeaderLength.until(lineEnd, DatabaseProtocols::memcachedLength)
                .endMark(lineEnd)
                .maxHeader(TextLine.LONGEST);
        Framing binary = LengthField.ofSize(4)
                .before(8)
                .after(12)
                .keepHeader()
                .checkHeader(rule("the body of a memcached message has its key and extras", header -> {
                    int keyAndExtras = (header.getShort(2) & 0xFFFF) + (header.get(4) & 0xFF);
                    return (header.getInt(8) & 0xFFFFFFFFL) >= keyAndExtras;
                }));
        return preset("memcached", byFirst(first -> first == 0x80 || first == 0x81, binary, text));
    }

    private static long memcachedLength(ByteBuffer line) {
        int length = switch (TextLine.word(line, 0)) {
            case "set", "add", "replace", "append", "prepend", "cas" -> 4;
            case "VALUE" -> 3;
            case "ms" -> 2;
            case "VA" -> 1;
            default -> 0;
        };
        return length == 0 ? line.limit() : line.limit() + TextLine.number(line, length) + 2;
    }

    private static Framing zookeeperFraming() {
        Framing packets = LengthField.ofSize(4)
                .checkHeader(length("ZooKeeper packet", header -> header.getInt(0) & 0xFFFFFFFFL, 8, Presets.MAX_INT));
        Framing command = FixedLength.of(4);
        return new Presets.Named(
                "zookeeper", byFirst(first -> first >= 'a' && first <= 'z', command, packets), packets);
    }
}
