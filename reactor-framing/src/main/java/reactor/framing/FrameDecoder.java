package reactor.framing;

import java.nio.ByteBuffer;

/**
 * Finds the frames of one stream. A decoder is used by one subscription, by one thread at a time, and needs no
 * synchronization.
 *
 * <p>A decoder says where the bytes belong and keeps none of them itself, but for a header or a delimiter that a chunk
 * cut in two: it hands the bytes of a frame to the {@link FrameSink}, which also checks the limit. Bytes that the
 * decoder reads from the chunk without handing them over, such as a header, are part of the frame on the wire but not
 * of the frame that is delivered.
 *
 * <p>A decoder that can tell where a frame lies before it reads any of it also implements {@link FrameFinder}, and is
 * faster.
 *
 * <h2>Decoders that read by another decoder</h2>
 *
 * <p>A framing may add something to another one: look at its frames, choose between several, pass over bytes between
 * frames. It keeps the other's decoder and calls it with the chunk. It may rely on this:
 *
 * <ul>
 *   <li>When the other decoder returns {@code true}, the chunk's position is right behind the frame. What follows can
 *       be read by anybody. The exception is a decoder whose last call was {@link FrameSink#begin} with a length above
 *       0: so many bytes of what follows it has read, as only they told where the frame ended.
 *       Another exception is a decoder whose sink took the frame's rest over ({@link FrameSink#appendRest}): that rest
 *       is still to come.
 *   <li>When it returns {@code false}, it has read the chunk to its end and is called again with the next one. It may
 *       be in the middle of a frame, or between two.
 *   <li>It hands over a frame's bytes in their order, in any number of calls. All are about this frame until it returns
 *       {@code true} or calls {@link FrameSink#invalid}, which takes back what has been handed over for it.
 *   <li>It reads any buffer that has the stream's next bytes, in big-endian order, and not only the chunk. For a buffer
 *       that holds bytes of earlier chunks, the sink has to be told that frames begin that many bytes earlier.
 * </ul>
 *
 * <p>And it has to do this:
 *
 * <ul>
 *   <li>give the other decoder all bytes from a frame's first on, and no empty chunk;
 *   <li>if it puts a sink of its own in front, pass every method on, those with a default included, unless it means to
 *       change what they say;
 *   <li>not pass {@link FrameSink#appendRest} on if it looks at the frame's end;
 *   <li>call {@link #complete} of the other decoder when its own is called;
 *   <li>if it implements {@link FrameFinder}, leave a frame to {@link #decode} where the other decoder is in a frame or
 *       finds none, and change nothing by finding one: the frame may be looked for, or decoded, again.
 * </ul>
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
     * Tells that the stream has ended; called until it returns {@code false}. Whether the stream ended inside a frame
     * is not this method's concern: the operator raises {@link TruncatedFrameException} if bytes were read since the
     * last frame that were not {@linkplain FrameSink#skip(ByteBuffer, int) skipped}.
     *
     * @param frame takes the last frame's bytes
     * @return {@code true} if what has been handed over since the last frame is a last frame, which may be empty; the
     *     default returns {@code false}
     */
    default boolean complete(FrameSink frame) {
        return false;
    }
}
