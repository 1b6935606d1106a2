package reactor.framing.format;

import static reactor.framing.format.Presets.preset;

import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for web and mail. */
final class WebProtocols {

    static final Framing EPP = preset("epp", LengthField.ofSize(4).counts(Counts.WHOLE_FRAME));

    private WebProtocols() {}
}
