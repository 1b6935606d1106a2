package reactor.framing.peers;

import java.util.Arrays;
import java.util.Random;

/** What the programs of this package share. */
final class Peers {

    private Peers() {}

    static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    static void same(byte[] actual, byte[] expected, String what) {
        check(Arrays.equals(actual, expected), what + ": " + actual.length + " bytes, of " + expected.length);
    }

    /** The same for the same length. */
    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
