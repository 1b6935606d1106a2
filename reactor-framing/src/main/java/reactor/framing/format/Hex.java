package reactor.framing.format;

import java.util.HexFormat;

/** Bytes in a message. */
final class Hex {

    private static final HexFormat FORMAT = HexFormat.ofDelimiter(" ");

    private Hex() {}

    static String of(byte... bytes) {
        return FORMAT.formatHex(bytes);
    }
}
