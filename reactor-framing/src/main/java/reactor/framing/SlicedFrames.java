package reactor.framing;

/**
 * Frames that share the memory of their chunk.
 *
 * @param <T> what is made of them
 */
final class SlicedFrames<T> implements Delivery<T> {

    private final FrameStream.Slicer<? extends T> slicer;

    SlicedFrames(FrameStream.Slicer<? extends T> slicer) {
        this.slicer = slicer;
    }

    @Override
    public T inChunk(HeldChunk chunk, int start, int length, long frameIndex, long offset, boolean last) {
        return chunk.sliceBy(slicer, start, length);
    }

    @Override
    public T inMemory(FrameBytes bytes, long frameIndex, long offset, boolean last) {
        return slicer.copy(bytes.lend());
    }
}
