package reactor.framing;

import java.nio.ByteBuffer;

/**
 * Where a {@link FrameDecoder} puts a frame. The library implements it; a decoder is the same whether frames are
 * delivered whole, lent or in {@linkplain FramePart parts}.
 *
 * <p>The sink knows the limit. When a frame proves too long, {@link #expect} and {@link #append} throw, or, under
 * {@link FrameCodec#skipInvalid}, drop the frame and return: a decoder goes on finding boundaries as if nothing had
 * happened.
 *
 * <p>A frame begins with the first byte that is read and not {@linkplain #skip skipped}. A decoder that looks for a
 * start which a chunk may cut in two has read bytes of which it learns later whether they were that start: it says so
 * with {@link #begin}.
 */
public interface FrameSink {

    /**
     * Announces the length of the frame, which is checked against the limit and tells how much memory it will need.
     *
     * @param frameLength the length of the frame as it will be delivered, in bytes
     * @throws FrameTooLongException if the length exceeds the limit
     */
    void expect(long frameLength);

    /**
     * Announces the length of the frame and the number of bytes that it takes on the wire, which is what
     * {@link TruncatedFrameException#expected()} then tells.
     *
     * @param frameLength the length of the frame as it will be delivered, in bytes
     * @param wireLength the length of the frame on the wire, header included, in bytes, or -1 if it is not known
     * @throws FrameTooLongException if the length exceeds the limit
     */
    default void expect(long frameLength, long wireLength) {
        expect(frameLength);
    }

    /**
     * Adds bytes to the frame and moves the buffer's position over them. A length of 0 adds nothing, and tells that a
     * frame has begun: a fault before it ends here.
     *
     * @param chunk the chunk that is being decoded, or any other buffer that holds bytes of the frame (a header that
     *     the decoder kept, say), which is then copied at once
     * @param length the number of bytes, from the buffer's position on
     * @throws FrameTooLongException if the frame becomes longer than the limit
     */
    void append(ByteBuffer chunk, int length);

    /**
     * Hands the sink the rest of the frame: the next bytes of the stream, as they are. The frame ends behind them. The
     * chunk's position is moved over those that it has. The decoder then returns {@code true}, and is called again for
     * the next frame.
     *
     * <p>A long frame goes through many chunks. This saves a call of the decoder for each of them.
     *
     * <p>The sink may refuse, as the default does. Then nothing has happened, and the decoder goes on by
     * {@link #append}. A sink that has to see where the frame ends always refuses.
     *
     * @param chunk the chunk that is being decoded
     * @param length the number of bytes, from the chunk's position on, which is not less than the chunk has
     * @return whether the sink has taken the rest over
     */
    default boolean appendRest(ByteBuffer chunk, long length) {
        return false;
    }

    /**
     * Adds a byte that is not in the chunk as it is, such as an unescaped one.
     *
     * @param value the byte
     * @throws FrameTooLongException if the frame becomes longer than the limit
     */
    void append(byte value);

    /**
     * Passes over bytes that belong to no frame, such as white space between frames or noise, and moves the chunk's
     * position over them.
     *
     * @param chunk the chunk that is being decoded
     * @param length the number of bytes, from the chunk's position on
     */
    void skip(ByteBuffer chunk, int length);

    /**
     * Tells that a frame begins, or may begin, with the bytes that were read last, and that whatever was read before
     * them since the last frame belongs to no frame.
     *
     * <p>As long as a frame merely may begin there, a fault before it stays open. It ends when the decoder goes on with
     * {@link #expect} or {@link #append}, of no bytes if there are none yet. When the decoder returns {@code true}
     * next, the bytes belong to the frame behind the one that has ended.
     *
     * @param length the number of bytes read last that are, or may be, the beginning of a frame, 0 or more
     */
    default void begin(int length) {}

    /**
     * Tells that what has been read since the last frame is bad. The bytes handed over for this frame are given up.
     *
     * <p>By default this method throws the cause. Under {@link FrameCodec#skipInvalid} it returns, and the decoder has
     * to find the next frame: it {@linkplain #skip skips} what it passes over. The fault is reported when the next
     * frame begins; a further one before that belongs to the same report.
     *
     * @param cause what is wrong; where in the stream is filled in by the sink
     * @throws FramingException the cause
     */
    void invalid(FramingException cause);

    /**
     * Tells whether what is handed over for this frame is kept until the frame is whole. It is not where frames are
     * delivered in parts, nor when this one is dropped: it may then be longer than what fits into memory, and a decoder
     * that keeps bytes of the frame for itself keeps a bounded number of them.
     *
     * @return whether all of the frame is kept
     */
    default boolean keepsFrame() {
        return false;
    }
}
