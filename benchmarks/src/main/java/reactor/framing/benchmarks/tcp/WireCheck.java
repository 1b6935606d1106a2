package reactor.framing.benchmarks.tcp;

import java.nio.ByteBuffer;

/** Compares every byte of a stream with {@link Messages} over and over again, wherever it is cut. */
final class WireCheck {

    private final ByteBuffer expected;
    private final int period;
    private long bytes;

    WireCheck(Messages messages) {
        expected = messages.wire();
        period = expected.limit();
    }

    /** How many bytes have come so far. */
    long bytes() {
        return bytes;
    }

    /** Uses up what has come next. */
    void accept(ByteBuffer received) {
        int end = received.limit();
        while (received.position() < end) {
            int at = (int) (bytes % period);
            int n = Math.min(end - received.position(), period - at);
            expected.limit(at + n).position(at);
            received.limit(received.position() + n);
            int mismatch = received.mismatch(expected);
            if (mismatch >= 0) {
                throw new IllegalStateException("another byte came than was sent, at " + (bytes + mismatch));
            }
            received.position(received.limit()).limit(end);
            bytes += n;
        }
    }
}
