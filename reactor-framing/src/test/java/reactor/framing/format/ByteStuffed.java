package reactor.framing.format;

import java.util.HexFormat;
import java.util.Random;

/** Payloads of the formats whose frames may hold any byte. */
final class ByteStuffed {

    private ByteStuffed() {}

    /** Random bytes, most of them of those that mean something to the format. */
    static byte[] bytes(Random random, int length, int... special) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        for (int i = 0; i < length; i++) {
            if (random.nextInt(4) != 0) {
                bytes[i] = (byte) special[random.nextInt(special.length)];
            }
        }
        return bytes;
    }

    static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }
}
