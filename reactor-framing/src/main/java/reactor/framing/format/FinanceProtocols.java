package reactor.framing.format;

import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;

import reactor.framing.Framing;

/** The presets of {@link Protocols} for finance. */
final class FinanceProtocols {

    static final Framing ISO_8583_BINARY = preset("iso8583Binary", LengthField.ofSize(2));

    static final Framing ISO_8583_DECIMAL = preset("iso8583Decimal", TextLength.decimal(4));

    static final Framing SOUP_BIN_TCP = preset(
            "soupBinTcp",
            LengthField.ofSize(2)
                    .checkHeader(length("SoupBinTCP packet", header -> header.getShort(0) & 0xFFFF, 1, 0xFFFF)));

    private FinanceProtocols() {}
}
