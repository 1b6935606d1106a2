package reactor.framing.test;

import java.util.Arrays;

/** Bytes from a fuzzer, read as decisions from the front; what is left is the stream. Behind the end come zeros. */
final class Data {

    private final byte[] bytes;
    private int at;

    Data(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A number from 0 to 255. */
    int next() {
        return at < bytes.length ? bytes[at++] & 0xFF : 0;
    }

    /** A number from 0 to below the bound. */
    int below(int bound) {
        return next() % bound;
    }

    boolean flag() {
        return (next() & 1) != 0;
    }

    byte[] bytes(int n) {
        byte[] taken = new byte[n];
        for (int i = 0; i < n; i++) {
            taken[i] = (byte) next();
        }
        return taken;
    }

    byte[] rest() {
        byte[] rest = Arrays.copyOfRange(bytes, Math.min(at, bytes.length), bytes.length);
        at = bytes.length;
        return rest;
    }

    /** Takes the distances of the cuts first, so that the stream stays where it is when a fuzzer changes them. */
    int[] distances() {
        int n = below(10);
        int[] distances = new int[n];
        for (int i = 0; i < n; i++) {
            distances[i] = next();
        }
        return distances;
    }

    /** Where a stream of this length is cut: at these distances, over and over when they begin with an odd number. */
    static int[] cuts(int[] distances, int length) {
        if (distances.length == 0) {
            return distances;
        }
        boolean again = (distances[0] & 1) != 0;
        int[] cuts = new int[length];
        int n = 0;
        int at = 0;
        for (int i = 0; again || i < distances.length; i++) {
            int distance = distances[i % distances.length] >> 1;
            at += again ? Math.max(1, distance) : distance;
            if (at >= length) {
                break;
            }
            if (n == cuts.length) {
                break;
            }
            cuts[n++] = at;
        }
        return Arrays.copyOf(cuts, n);
    }
}
