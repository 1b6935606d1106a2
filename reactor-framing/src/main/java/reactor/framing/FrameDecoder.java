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
     * @return {@code true} if the frame is complete, or its rest {@linkplain FrameSink#appendLast announced}, {@code false} if
     *     the chunk is used up
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
     * @return {@code true} if what has been handed over since the last frame is a last frame
     */
    boolean complete(FrameSink frame);

    /** What {@link #find} returns where there is nothing that can be taken as it is. */
    long NOT_FOUND = -1;

    /**
     * Looks for the usual case before anything is read: what is delivered of the next frame is one stretch of bytes, and the chunk
     * has the frame from its first byte on the wire to its last. The sink can then take it with no further ado. Not needed for a
     * decoder to work, only for it to be fast.
     *
     * <p>A frame of which the chunk has at least a byte and all of the header is found, too, if nothing comes behind what is
     * delivered: the sink takes what is here and the rest as it comes, as after {@link FrameSink#appendLast}. It may decline, and
     * call {@link #decode} with the same chunk, as it does for a frame over the limit. So who calls another decoder's
     * {@code find} and looks at the frame compares its end with the chunk's limit first.
     *
     * <p>Asked only where a frame begins and nothing of it has been read; there may be no bytes left. The chunk's position says
     * nothing here and stays as it is: it is moved for several frames at once. This method counts nothing as read. Not found is
     * what is not good, a frame of which {@link #place} cannot say all, and one of which not enough is here.
     *
     * @param chunk the chunk as it would be decoded, or the very buffer that was handed in, if it is big-endian: only to be looked
     *     at
     * @param start the index in the chunk at which the frame begins; the chunk's limit if there are no bytes left
     * @return the frame's {@link #place}, or {@link #NOT_FOUND}, upon which {@link #decode} is called, before anything else, with the
     *     same bytes at the same indexes if the chunk has any left
     * @throws FramingException what {@link #decode} would throw itself; what it would give to {@link FrameSink#invalid} is not
     *     found here
     */
    default long find(ByteBuffer chunk, int start) {
        return NOT_FOUND;
    }

    /**
     * Tells where in the chunk a frame was found.
     *
     * @param header the number of bytes in front that are not delivered
     * @param length the length of the frame as it is delivered, in bytes
     * @param trailer the number of bytes behind it that are not delivered
     * @return these numbers in one, or a negative number, which says {@link #NOT_FOUND}, if one of them is negative or the header or
     *     the trailer is longer than 65,535 bytes. 0, a frame of no bytes at all, is decoded, too
     */
    static long place(int header, int length, int trailer) {
        return (header | trailer) >>> 16 == 0 ? (long) trailer << 47 | (long) header << 31 | length : NOT_FOUND;
    }

    /**
     * Tells how long the header of a frame is that was found.
     *
     * @param place what {@link #find} returned, other than {@link #NOT_FOUND}
     * @return the number of bytes in front that are not delivered
     */
    static int headerOf(long place) {
        return (int) (place >>> 31) & 0xFFFF;
    }

    /**
     * Tells the length of a frame that was found.
     *
     * @param place what {@link #find} returned, other than {@link #NOT_FOUND}
     * @return the length of the frame as it is delivered, in bytes
     */
    static int lengthOf(long place) {
        return (int) place & Integer.MAX_VALUE;
    }

    /**
     * Tells how many bytes on the wire a frame has behind those that are delivered.
     *
     * @param place what {@link #find} returned, other than {@link #NOT_FOUND}
     * @return the number of bytes behind it that are not delivered
     */
    static int trailerOf(long place) {
        return (int) (place >>> 47);
    }
}
