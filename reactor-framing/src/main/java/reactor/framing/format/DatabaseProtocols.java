package reactor.framing.format;

import static reactor.framing.format.Presets.byFirst;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;

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
                        first, message -> message.get(0) == 0 && asksForEncryption(message.getInt(4)) ? first : typed));
    }

    private static boolean asksForEncryption(int code) {
        int sslRequest = 80877103;
        int gssEncRequest = 80877104;
        return code == sslRequest || code == gssEncRequest;
    }
}
