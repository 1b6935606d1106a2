package reactor.framing.format;

import static reactor.framing.format.Presets.preset;

import reactor.framing.Framing;

/** The presets of {@link Protocols} for health. */
final class HealthProtocols {

    static final Framing MLLP = preset(
            "mllp", StartEnd.of(new byte[] {0x0B}, new byte[] {0x1C, 0x0D}).skipBetween());

    private HealthProtocols() {}
}
