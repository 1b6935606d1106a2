package reactor.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of one stream. An encoder is used by one subscription, by one thread at a time.
 *
 * <p>Frames are read between their position and their limit and are not changed, neither their bytes nor their
 * position, limit or order, not even for a moment: another thread may be reading the same buffer.
 */
public interface FrameEncoder {

    /**
     * Returns how many bytes the frame takes on the wire at most, and checks that it can be written at all.
     *
     * @param frame the frame
     * @return an upper bound of what {@link #encode(ByteBuffer, ByteBuffer)} writes, in bytes
     * @throws FramingException if this format cannot carry the frame; the stream then ends with this exception
     */
    int encodedLength(ByteBuffer frame);

    /**
     * Writes the frame at the target's position and moves that position. Nothing is written unless all can be.
     *
     * @param frame the frame, for which {@link #encodedLength(ByteBuffer)} has been called just before
     * @param target the bytes for the wire, in big-endian order, with at least that many bytes left
     */
    void encode(ByteBuffer frame, ByteBuffer target);

    /**
     * Returns what can write a frame in pieces, if this format leaves the frame's bytes as they are. An encoder that
     * does so with every frame is an {@link EnvelopeEncoder} itself; this method is for one that leaves frames to
     * others.
     *
     * @param start the frame, or the first bytes of it if it comes in pieces; its position is left alone
     * @return what writes the bytes around this frame, until something is asked about another one; null if the frame
     *     can only be {@linkplain #encode encoded}. If the start is too short to tell, an envelope whose
     *     {@link EnvelopeEncoder#before} returns {@link EnvelopeEncoder#MORE}: this method is then asked again, with a
     *     longer start
     * @throws FramingException if this format cannot carry a frame with this start
     */
    default @Nullable EnvelopeEncoder envelope(ByteBuffer start) {
        return null;
    }
}
