package reactor.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link FrameDecoder} puts a frame. The library implements it, once for whole frames and once for
 * {@linkplain FramePart parts}; a decoder is the same for both.
 *
 * <p>The sink knows the limit. When a frame proves too long, {@link #expect} and {@link #append} throw, or, under
 * {@link FrameCodec#skipInvalid}, drop the frame and return: a decoder goes on finding boundaries as if nothing had
 * happened.
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
     * Adds bytes to the frame and moves the buffer's position over them.
     *
     * @param chunk the chunk that is being decoded, or any other buffer that holds bytes of the frame (a header that the
     *     decoder kept, say), which is then copied at once
     * @param length the number of bytes, from the buffer's position on
     * @throws FrameTooLongException if the frame becomes longer than the limit
     */
    void append(ByteBuffer chunk, int length);

    /**
     * Announces the rest of the frame and adds it: the bytes that the chunk has of it, and then the others as they come, which
     * the sink takes by itself. The decoder returns true, and is called again with the first byte behind the frame. If that
     * does not come, the end of the stream is a truncation, and {@link FrameDecoder#complete} is not asked.
     *
     * @param decoder the decoder that calls; the sink declines for one that is called by another decoder, which may want to
     *     see all chunks and where a frame ends
     * @param chunk the chunk that is being decoded; its position is moved over what it has of the bytes
     * @param length the number of bytes, here and in the chunks to come
     * @return whether the sink does so; if not it has done nothing, and the decoder {@linkplain #expect(long, long) announces} the
     *     frame and {@linkplain #append(ByteBuffer, int) hands} its bytes over chunk by chunk
     * @throws FrameTooLongException if the frame becomes longer than the limit
     */
    default boolean appendLast(FrameDecoder decoder, ByteBuffer chunk, long length) {
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
     * Tells that a frame begins with the bytes that were read last, and that whatever was read before them since the last
     * frame belongs to no frame. Only a decoder that looks for a start which a chunk may cut in two needs this: it has
     * read bytes of which it learns later whether they were that start. Otherwise a frame begins with the first byte that
     * is read and not {@linkplain #skip skipped}.
     *
     * @param length the number of bytes read last that belong to the frame
     */
    default void begin(int length) {}

    /**
     * Tells that a frame may begin with the bytes that were read last, while it is being looked for, and that whatever was
     * read before them since the last frame belongs to no frame. Unlike {@link #begin} this leaves open whether it does, so
     * that nothing is reported yet.
     *
     * @param length the number of bytes read last that may be the beginning of a frame, 0 or more
     */
    default void mayBegin(int length) {}

    /**
     * Tells that the frame ended before the bytes that were read last, which belong to what follows. Only a decoder that has
     * to read on to know where a frame ends needs this; it calls it last, before it returns true.
     *
     * @param length the number of bytes read last that do not belong to the frame
     */
    default void endBefore(int length) {}

    /**
     * Tells that what has been read since the last frame is bad. The bytes handed over for this frame are given up.
     *
     * <p>By default this method throws the cause. Under {@link FrameCodec#skipInvalid} it returns, and the decoder has to
     * find the next frame: it {@linkplain #skip skips} what it passes over, or says with {@link #mayBegin} and {@link #begin}
     * which of the bytes that were read before are the start of a frame. The fault is reported when the next frame begins; a further one
     * before that belongs to the same report.
     *
     * @param cause what is wrong; where in the stream is filled in by the sink
     * @throws FramingException the cause
     */
    void invalid(FramingException cause);

    /**
     * Shows what has been handed over for the frame, if all of it is here still. It is not where the frame is delivered in
     * parts, of which some have gone out, nor where it is dropped.
     *
     * @return the frame so far, in a read-only buffer with position 0 and in big-endian order, valid until the sink is used
     *     again; null if it is not here
     */
    default @Nullable ByteBuffer whole() {
        return null;
    }
}
