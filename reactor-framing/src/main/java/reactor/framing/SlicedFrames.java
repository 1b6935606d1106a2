package reactor.framing;

import org.jspecify.annotations.Nullable;

/**
 * Frames that share the memory of their chunk.
 *
 * @param <T> what is made of them
 */
final class SlicedFrames<T> implements Delivery<T> {

    private final FrameStream.Slicer<? extends T> slicer;

    /** The slicer, if it can join. */
    private final FrameStream.@Nullable Joiner<? extends T> joiner;

    SlicedFrames(FrameStream.Slicer<? extends T> slicer) {
        this.slicer = slicer;
        joiner = slicer instanceof FrameStream.Joiner<? extends T> j ? j : null;
    }

    @Override
    public FrameStream.@Nullable Joiner<?> joiner() {
        return joiner;
    }

    @Override
    public T inChunk(HeldChunk chunk, int start, int length, long frameIndex, long offset, boolean last) {
        return chunk.sliceBy(slicer, start, length);
    }

    @Override
    public T inMemory(FrameBytes bytes, long frameIndex, long offset, boolean last) {
        return joiner != null && bytes.areInChunks() ? joiner.join(bytes.pieces()) : slicer.copy(bytes.lend());
    }
}
