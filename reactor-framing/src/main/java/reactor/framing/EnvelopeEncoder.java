package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * An encoder that leaves the frame's bytes as they are and writes others around them. A long frame can then be written
 * in pieces, with no buffer that holds all of it.
 *
 * <pre>
 * +--------------+-----------------+--------------+
 * | before (...) | frame, as it is | behind (...) |
 * +--------------+-----------------+--------------+
 * </pre>
 */
public interface EnvelopeEncoder extends FrameEncoder {

    /** What {@link #before} returns if it has to be shown more of the frame. */
    int MORE = -1;

    /**
     * Returns how many bytes {@link #before} and {@link #behind} each write at most, those of the frame's start that
     * {@link #before} writes included.
     *
     * @return a number of bytes
     */
    int overhead();

    /**
     * Writes what stands on the wire before the frame's bytes. Nothing is written if this throws or returns {@link
     * #MORE}.
     *
     * <p>Of a frame that comes in pieces {@link #encodedLength} is not called: what that refuses has to be refused
     * here.
     *
     * @param frameLength the length of the frame, in bytes
     * @param start the frame, or the first bytes of it if it comes in pieces; its position is left alone
     * @param target the bytes for the wire, in big-endian order, with at least {@link #overhead()} bytes left
     * @return how many of the frame's first bytes have been written, too: a header that the frame brings and into which
     *     a length is filled in, say; mostly 0. {@link #MORE} if the start is not the whole frame and is too short to
     *     tell: the method is called again with a longer one
     * @throws FramingException if the format cannot carry a frame of this length or with this start
     */
    int before(long frameLength, ByteBuffer start, ByteBuffer target);

    /**
     * Writes what stands on the wire behind the frame's bytes.
     *
     * @param target the bytes for the wire, with at least {@link #overhead()} bytes left
     */
    default void behind(ByteBuffer target) {}

    /**
     * Tells whether a frame can be written that is not known but for its length and its start. It cannot where the
     * format has to look at all bytes to know that they can be carried.
     *
     * @return whether a frame may come in pieces
     */
    default boolean takesPieces() {
        return true;
    }

    @Override
    default EnvelopeEncoder envelope(ByteBuffer start) {
        return this;
    }

    @Override
    default void encode(ByteBuffer frame, ByteBuffer target) {
        int length = frame.remaining();
        int written = before(length, frame, target);
        int position = target.position();
        copy(frame, frame.position() + written, target, position, length - written);
        target.position(position + length - written);
        behind(target);
    }

    /** From array to array is several times as fast as from buffer to buffer. */
    private static void copy(ByteBuffer source, int from, ByteBuffer target, int at, int length) {
        if (target.hasArray()) {
            Objects.checkFromIndexSize(at, length, target.limit());
            source.get(from, target.array(), target.arrayOffset() + at, length);
        } else {
            target.put(at, source, from, length);
        }
    }
}
