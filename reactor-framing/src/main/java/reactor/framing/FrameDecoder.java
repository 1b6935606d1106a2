package reactor.framing;

import java.nio.ByteBuffer;

/**
 * Finds the frames of one stream. A decoder is used by one subscription, by one thread at a time, and needs no
 * synchronization.
 *
 * <p>A decoder says where the bytes belong and keeps none of them itself, but for a header or a delimiter that a chunk
 * cut in two: it hands the bytes of a frame to the {@link FrameSink}, which also checks the limit. Bytes that the decoder
 * reads from the chunk without handing them over, such as a header, are part of the frame on the wire but not of the
 * frame that is delivered.
 *
 * <p>A decoder that can tell where a frame lies before it reads any of it also implements {@link FrameFinder}, and is
 * faster.
 */
public interface FrameDecoder {

    /**
     * Reads from the chunk's position to the end of at most one frame.
     *
     * <p>The chunk is the decoder's to read: a view with a position of its own and big-endian byte order. It is valid
     * until this method returns, and has at least one byte left. When the same chunk holds more frames, this method is
     * called again for each.
     *
     * @param chunk the next bytes of the stream; its position is moved over the bytes that were read
     * @param frame takes the frame's bytes
     * @return {@code true} if the frame is complete, {@code false} if the chunk is used up
     * @throws FramingException if the bytes break the format's rules and there is nothing to find the way back by; a
     *     fault that can be passed over goes to {@link FrameSink#invalid(FramingException)} instead
     */
    boolean decode(ByteBuffer chunk, FrameSink frame);

    /**
     * Tells that the stream has ended; called until it returns {@code false}. Whether the stream ended inside a frame is
     * not this method's concern: the operator raises {@link TruncatedFrameException} if bytes were read since the last
     * frame that were not {@linkplain FrameSink#skip(ByteBuffer, int) skipped}.
     *
     * @param frame takes the last frame's bytes
     * @return {@code true} if what has been handed over since the last frame is a last frame, which may be empty; the
     *     default returns {@code false}
     */
    default boolean complete(FrameSink frame) {
        return false;
    }
}
