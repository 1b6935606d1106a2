package reactor.framing;

import org.jspecify.annotations.Nullable;

/**
 * How a frame is handed on: to keep, lent for a call, or in parts.
 *
 * @param <T> what is emitted
 */
interface Delivery<T> {

    /**
     * Makes what is emitted of a frame, or part, that lies in the chunk.
     *
     * @param offset how many bytes of the frame are in the parts before this one
     * @param last whether it is the last part of the frame, or all of it
     * @return null if a reader refused the frame, and {@link #refusal} tells why, or was told to go on without it
     */
    @Nullable
    T inChunk(HeldChunk chunk, int start, int length, long frameIndex, long offset, boolean last);

    /** The same for one that was put together in memory. */
    @Nullable
    T inMemory(FrameBytes bytes, long frameIndex, long offset, boolean last);

    /** Whether what a chunk has of a frame is emitted before the rest has come. */
    default boolean inParts() {
        return false;
    }

    /** Who joins what several chunks have brought of a frame; null if it is to be put together in memory. */
    default FrameStream.@Nullable Joiner<?> joiner() {
        return null;
    }

    /** Why the last frame was refused; asked once. */
    default @Nullable FramingException refusal() {
        return null;
    }
}
