package reactor.framing.test;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Bytes, and how they are written. */
final class Bytes {

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    /** How many bytes of a stream are shown at most. */
    private static final int SHOWN = 64;

    private static final int SHOWN_OF_LONG = 16;

    private Bytes() {}

    static byte[] of(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    static String hex(byte[] bytes) {
        return HEX.formatHex(bytes);
    }

    /** The first bytes, and how many there are if these are not all. */
    static String shortHex(byte[] bytes) {
        return bytes.length <= SHOWN
                ? (bytes.length == 0 ? "(no bytes)" : hex(bytes))
                : HEX.formatHex(bytes, 0, SHOWN_OF_LONG) + " ... (" + bytes.length + " bytes)";
    }

    /** Bytes from hexadecimal digits; white space is ignored. */
    static byte[] parse(String hex) {
        try {
            return HexFormat.of().parseHex(hex.replaceAll("\\s+", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("bytes must be given in hexadecimal, were \"" + hex + "\"", e);
        }
    }

    static byte[] join(List<byte[]> parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        parts.forEach(joined::writeBytes);
        return joined.toByteArray();
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Without the bytes between the two indexes. */
    static byte[] without(byte[] bytes, int from, int to) {
        return concat(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, to, bytes.length));
    }

    /** A stream with its cuts: {@code 03 61 | 62 63}; of a long one the bytes around the cuts. */
    static String cut(byte[] stream, int[] cuts) {
        if (stream.length == 0) {
            return "(no bytes)";
        }
        int from = 0;
        int to = stream.length;
        if (to > SHOWN) {
            int middle = cuts.length == 0 ? 0 : cuts[0];
            from = Math.max(0, middle - SHOWN_OF_LONG);
            to = Math.min(stream.length, middle + SHOWN_OF_LONG);
        }
        StringBuilder text = new StringBuilder();
        if (from > 0) {
            text.append("(").append(from).append(" bytes) ... ");
        }
        int next = Arrays.binarySearch(cuts, from);
        next = next < 0 ? -next - 1 : next;
        for (int i = from; i < to; i++) {
            for (; next < cuts.length && cuts[next] == i; next++) {
                text.append(i == 0 ? "| " : " |");
            }
            text.append(i == from ? "" : " ");
            HEX.toHexDigits(text, stream[i]);
        }
        for (; to == stream.length && next < cuts.length; next++) {
            text.append(" |");
        }
        if (to < stream.length) {
            text.append(" ... (").append(stream.length - to).append(" bytes more)");
        }
        return text.toString();
    }
}
