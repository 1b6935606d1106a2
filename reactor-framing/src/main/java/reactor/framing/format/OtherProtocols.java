package reactor.framing.format;

import static reactor.framing.format.Presets.preset;

import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for tools and whatever fits no other field. */
final class OtherProtocols {

    static final Framing LSP = preset("lsp", ContentLength.create());

    static final Framing GIT_PKT_LINE = preset(
            "gitPktLine",
            new Presets.Bounded(
                    "pkt-line",
                    TextLength.hex(4).counts(Counts.WHOLE_FRAME).keepHeader().headerOnlyUpTo(2),
                    4,
                    65520));

    private OtherProtocols() {}
}
