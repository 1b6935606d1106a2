package reactor.framing.format;

import static reactor.framing.format.Presets.byFirst;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;
import static reactor.framing.format.Presets.searching;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.ToLongFunction;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for networks. */
final class NetworkProtocols {

    static final Framing DNS = preset(
            "dns",
            LengthField.ofSize(2)
                    .checkHeader(length("DNS message", header -> header.getShort(0) & 0xFFFF, 12, 0xFFFF)));

    static final Framing BGP = bgpFraming();

    static final Framing DIAMETER = preset(
            "diameter",
            LengthField.ofSize(3)
                    .before(1)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(rule("a Diameter message begins with version 1", header -> header.get(0) == 1)
                            .and(length("Diameter message", header -> header.getInt(0) & 0xFFFFFF, 20, 0xFFFFFC))
                            .and(rule(
                                    "the length of a Diameter message is a multiple of 4",
                                    header -> header.getInt(0) % 4 == 0))));

    static final Framing TPKT = preset(
            "tpkt",
            LengthField.ofSize(2)
                    .marker((byte) 3, (byte) 0)
                    .counts(Counts.WHOLE_FRAME)
                    .checkHeader(header -> (header.getShort(2) & 0xFFFF) >= 7));

    static final Framing SYSLOG = syslogFraming();

    private NetworkProtocols() {}

    private static Framing bgpFraming() {
        byte[] marker = new byte[16];
        Arrays.fill(marker, (byte) 0xFF);
        LengthField format = LengthField.ofSize(2)
                .marker(marker)
                .after(1)
                .counts(Counts.WHOLE_FRAME)
                .keepHeader();
        ToLongFunction<ByteBuffer> length = header -> header.getShort(16) & 0xFFFF;
        return searching("bgp", "BGP message", format, length, 19, 4096);
    }

    private static Framing syslogFraming() {
        Framing counted = TextLength.octetCounting();
        Framing either = byFirst(value -> value >= '0' && value <= '9', counted, Delimiter.of("\n"));
        return new Presets.Named("syslog", SkipBetween.of(either, "\n"), counted);
    }
}
