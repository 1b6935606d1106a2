package reactor.framing.benchmarks.tcp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * The frames that go over the wire, a few of one length over and over again: payloads behind a length of four bytes.
 * Both processes make the same ones, so that each knows what has to come from the other.
 */
final class Messages {

    private static final long SEED = 15485863;

    /**
     * Bytes of payload before the first frame comes again: few enough for the caches, as of what was made a moment ago.
     */
    private static final int PERIOD = 1 << 18;

    private static final int MIN_FRAMES = 4;

    private final byte[][] payloads;
    private final ByteBuffer wire;

    private Messages(byte[][] payloads) {
        this.payloads = payloads;
        wire = ByteBuffer.allocateDirect(payloads.length * wireLength());
        for (byte[] payload : payloads) {
            wire.putInt(payload.length).put(payload);
        }
        wire.flip();
    }

    /** Makes frames whose payloads have so many bytes. */
    static Messages ofLength(int length) {
        Random random = new Random(SEED);
        byte[][] payloads = new byte[Math.max(MIN_FRAMES, PERIOD / length)][length];
        for (byte[] payload : payloads) {
            random.nextBytes(payload);
        }
        return new Messages(payloads);
    }

    /** How many there are before the first one comes again. */
    int count() {
        return payloads.length;
    }

    byte[] payload(int index) {
        return payloads[index];
    }

    /** The payloads, each in a buffer. */
    ByteBuffer[] buffers() {
        return Arrays.stream(payloads).map(ByteBuffer::wrap).toArray(ByteBuffer[]::new);
    }

    /** Bytes of a frame on the wire. */
    int wireLength() {
        return 4 + payloads[0].length;
    }

    /** All of them as they are on the wire; the buffer's position and limit are the caller's. */
    ByteBuffer wire() {
        return wire.duplicate();
    }
}
