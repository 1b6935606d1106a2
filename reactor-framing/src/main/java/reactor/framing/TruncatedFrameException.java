package reactor.framing;

/** A stream that ended inside a frame. */
public final class TruncatedFrameException extends FramingException {

    private static final long serialVersionUID = 1L;

    private final long received;
    private final long expected;

    TruncatedFrameException(long received, long expected) {
        super("the stream ended inside a frame, after " + Long.toString(received)
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
