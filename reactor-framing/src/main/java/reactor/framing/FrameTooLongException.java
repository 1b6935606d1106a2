package reactor.framing;

/**
 * A frame that is longer than {@link FrameCodec#maxFrameLength(long)} or than its format can say. Lengths are those of
 * the frame as it is delivered.
 */
public final class FrameTooLongException extends FramingException {

    private static final long serialVersionUID = 1L;

    private final long length;
    private final long limit;

    /**
     * Creates an exception without a place in the stream, which the operator fills in.
     *
     * @param message what is too long
     * @param length the length that was declared or reached, in bytes
     * @param limit the largest length that is allowed, in bytes
     */
    public FrameTooLongException(String message, long length, long limit) {
        super(message);
        this.length = length;
        this.limit = limit;
    }

    /**
     * Returns the length that was declared; where the format declares none, one more than the limit.
     *
     * @return a length in bytes
     */
    public long length() {
        return length;
    }

    /**
     * Returns the largest length that was allowed.
     *
     * @return a length in bytes
     */
    public long limit() {
        return limit;
    }
}
