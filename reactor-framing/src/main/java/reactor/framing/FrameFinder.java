package reactor.framing;

import java.nio.ByteBuffer;

/**
 * A decoder that can tell where in a chunk the next frame lies before it reads any of it. Such frames are cut out of
 * the chunk one after the other, with neither {@link #decode} nor a {@link FrameSink} in between: for small frames in
 * large chunks that is two to three times as fast.
 *
 * <p>Finding is for the usual case only. {@link #decode} reads every frame that is not found: one whose header a chunk
 * cuts, one that is bad, one that is over the limit.
 */
public interface FrameFinder extends FrameDecoder {

    /**
     * Looks for a frame that begins at the given index, of which the chunk has every byte on the wire, and of which the
     * delivered bytes lie in one place. Called only where a frame begins: before the first one, or after one that was
     * found or {@linkplain #decode decoded}.
     *
     * <p>Nothing counts as read: when this method returns {@code false}, {@link #decode} is called next, with the same
     * bytes at the same indexes.
     *
     * @param chunk the chunk, in big-endian order, only to be looked at; its position has no meaning here and is left
     *     as it is
     * @param start the index at which the frame begins; the chunk's limit if no byte is left
     * @param place is told where the frame lies
     * @return whether there is such a frame
     * @throws FramingException what {@link #decode} would throw; a fault that {@link #decode} would hand to
     *     {@link FrameSink#invalid} is not found here
     */
    boolean find(ByteBuffer chunk, int start, FramePlace place);

    /**
     * Looks for a frame that begins at the given index and that the chunk cuts behind its header, so that its length is
     * known. All its bytes from the first delivered one on have to be delivered. Called where {@link #find} has just
     * returned {@code false}, and the chunk has a byte left.
     *
     * <p>The rest of such a frame is read without this decoder, which is asked again for the one behind it. Nothing
     * counts as read here either: when this method returns {@code false}, as it does by default, {@link #decode} is
     * called next.
     *
     * @param chunk the chunk, as in {@link #find}
     * @param start the index at which the frame begins
     * @param place is told where the frame lies: it starts at the chunk's limit at the latest, and ends behind it
     * @return whether there is such a frame
     * @throws FramingException what {@link #decode} would throw
     */
    default boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
        return false;
    }
}
