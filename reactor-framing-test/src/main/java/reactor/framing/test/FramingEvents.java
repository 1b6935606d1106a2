package reactor.framing.test;

import java.nio.ByteBuffer;
import reactor.framing.FrameTooLongException;
import reactor.framing.FramingException;
import reactor.framing.TruncatedFrameException;

/**
 * What a subscriber sees of a stream, written as text: what {@link StreamVerifier#yields} expects, and what a failure
 * shows. Every stream ends in {@code complete} or {@code error}.
 *
 * <table>
 * <caption>The notation</caption>
 * <thead>
 * <tr><th scope="col">event</th><th scope="col">means</th></tr>
 * </thead>
 * <tbody>
 * <tr><td>{@code frame 68 69}</td><td>a frame, its bytes in hexadecimal; <code>"frame "</code> is an empty
 * one</td></tr>
 * <tr><td>{@code complete}</td><td>the stream ended between two frames</td></tr>
 * <tr><td>{@code error Truncated #1 @4 2/3}</td><td>a {@link TruncatedFrameException}: the frame with index 1, which
 * begins at offset 4 of the stream, and of which 2 of 3 bytes had come; -1 if it was not known how many it
 * has</td></tr>
 * <tr><td>{@code error TooLong #0 @0 10>9}</td><td>a {@link FrameTooLongException}: a length of 10, where 9 is the
 * limit</td></tr>
 * <tr><td>{@code error Corrupt #2 @17}</td><td>a {@link reactor.framing.CorruptFrameException}; other subclasses of
 * {@link FramingException} likewise, with their names</td></tr>
 * <tr><td>{@code skipped Corrupt #2 @17 +5}</td><td>a fault of which {@link reactor.framing.FrameCodec#skipInvalid} was
 * told; 5 bytes were passed over</td></tr>
 * <tr><td>{@code error java.lang.IllegalStateException: no}</td><td>any other exception</td></tr>
 * </tbody>
 * </table>
 */
public final class FramingEvents {

    static final String FRAME = "frame ";
    static final String SKIPPED = "skipped ";
    static final String ERROR = "error ";
    static final String COMPLETE = "complete";

    private FramingEvents() {}

    /**
     * Returns the event of a frame.
     *
     * @param frame the frame's bytes
     * @return {@code frame}, a space, and the bytes in hexadecimal
     */
    public static String frame(byte[] frame) {
        return FRAME + Bytes.hex(frame);
    }

    /**
     * Returns the event of a frame.
     *
     * @param frame the frame, read between its position and its limit and left as it is
     * @return {@code frame}, a space, and the bytes in hexadecimal
     */
    public static String frame(ByteBuffer frame) {
        return frame(Bytes.of(frame));
    }

    /**
     * Returns what all splits of a stream have in common of an error: its type and its figures, without {@code error}
     * or {@code skipped} in front. The message is left out, since the bytes in it may be more or fewer.
     *
     * @param error the error
     * @return such as {@code Truncated #1 @4 2/3}
     */
    public static String describe(Throwable error) {
        if (!(error instanceof FramingException fault)) {
            return error.toString();
        }
        StringBuilder text = new StringBuilder(name(fault.getClass().getSimpleName()));
        text.append(" #").append(fault.frameIndex()).append(" @").append(fault.offset());
        if (error instanceof TruncatedFrameException truncated) {
            text.append(' ').append(truncated.received()).append('/').append(truncated.expected());
        } else if (error instanceof FrameTooLongException tooLong) {
            text.append(' ').append(tooLong.length()).append('>').append(tooLong.limit());
        }
        if (fault.skippedBytes() != 0) {
            text.append(" +").append(fault.skippedBytes());
        }
        return text.toString();
    }

    private static String name(String type) {
        String name = type.endsWith("Exception") ? type.substring(0, type.length() - "Exception".length()) : type;
        if (name.equals("FrameTooLong") || name.equals("FrameTimeout")) {
            return name.substring("Frame".length());
        }
        return name.endsWith("Frame") && name.length() > "Frame".length()
                ? name.substring(0, name.length() - "Frame".length())
                : name;
    }
}
