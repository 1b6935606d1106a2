package reactor.framing;

import org.jspecify.annotations.Nullable;

/**
 * A frame that could not be read or written. Tells which frame, where in the stream it began and, in its message, the
 * bytes it began with.
 *
 * <p>A decoder or encoder creates one of the subclasses with a message that says what is wrong; the operator fills in
 * where. For the same stream of bytes these figures are the same however it was cut into chunks; the bytes in the
 * message may be more or fewer, as more or fewer had arrived.
 */
public abstract class FramingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private long frameIndex = -1;
    private long offset = -1;
    private long skippedBytes;
    private byte[] firstBytes = {};
    private boolean sent;

    /**
     * Creates an exception without a place in the stream.
     *
     * @param message what is wrong with the frame
     */
    protected FramingException(String message) {
        super(message);
    }

    /**
     * Returns which frame this is about, counted from 0 over all frames of the stream, skipped ones included.
     *
     * @return the frame's index, or -1 if the exception did not come from an operator
     */
    public final long frameIndex() {
        return frameIndex;
    }

    /**
     * Returns how many bytes of the stream came before the frame's first byte, marker and header included.
     *
     * @return the stream offset in bytes, or -1 if the exception did not come from an operator
     */
    public final long offset() {
        return offset;
    }

    /**
     * Returns how many bytes of the stream were passed over because of this fault, counted from {@link #offset()}.
     *
     * @return a number of bytes; 0 if nothing was skipped since the fault ended the stream
     */
    public final long skippedBytes() {
        return skippedBytes;
    }

    /**
     * Returns what is wrong, where, and the first bytes of the frame in hexadecimal and ASCII; when a stream begins
     * like that of a well-known protocol, it says so.
     */
    @Override
    public @Nullable String getMessage() {
        String message = super.getMessage();
        return offset < 0 ? message : message + ErrorText.describe(offset, firstBytes, !sent);
    }

    final boolean isLocated() {
        return offset >= 0;
    }

    final void locate(long frameIndex, long offset, byte[] firstBytes) {
        this.frameIndex = frameIndex;
        this.offset = offset;
        this.firstBytes = firstBytes;
    }

    final void locateSent(long frameIndex, long offset, byte[] firstBytes) {
        locate(frameIndex, offset, firstBytes);
        sent = true;
    }

    final void skipped(long bytes) {
        skippedBytes = bytes;
    }
}
