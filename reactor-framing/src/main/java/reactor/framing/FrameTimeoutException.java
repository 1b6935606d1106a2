package reactor.framing;

import java.time.Duration;

/** A frame that was not complete within {@link FrameCodec#frameTimeout(Duration)} of its first byte. */
public final class FrameTimeoutException extends FramingException {

    private static final long serialVersionUID = 1L;

    private final long received;
    private final long expected;

    FrameTimeoutException(Duration timeout, long received, long expected) {
        super("a frame was not complete within " + timeout + ", after " + Long.toString(received)
                + (expected < 0 ? " bytes" : " of " + expected + " bytes"));
        this.received = received;
        this.expected = expected;
    }

    /**
     * Returns how many bytes of the frame had arrived, marker and header included.
     *
     * @return a number of bytes on the wire
     */
    public long received() {
        return received;
    }

    /**
     * Returns how many bytes the frame has, marker and header included.
     *
     * @return a number of bytes on the wire, or -1 if it was not known yet
     */
    public long expected() {
        return expected;
    }
}
