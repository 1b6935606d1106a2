package reactor.framing;

/** A frame that breaks the rules of its format, such as a wrong marker, a length that cannot be, or a bad escape. */
public final class CorruptFrameException extends FramingException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a place in the stream, which the operator fills in.
     *
     * @param message what is wrong with the frame
     */
    public CorruptFrameException(String message) {
        super(message);
    }
}
