package reactor.framing;

import java.nio.ByteBuffer;

/** Frames that the subscriber keeps. */
final class WholeFrames implements Delivery<ByteBuffer> {

    /** Whether a frame that lies in one chunk is a slice of it, as chunks are owned. */
    private final boolean slices;

    WholeFrames(boolean slices) {
        this.slices = slices;
    }

    @Override
    public ByteBuffer inChunk(HeldChunk chunk, int start, int length, long frameIndex, long offset, boolean last) {
        return slices ? chunk.slice(start, length) : chunk.copy(start, length);
    }

    @Override
    public ByteBuffer inMemory(FrameBytes bytes, long frameIndex, long offset, boolean last) {
        return bytes.keep();
    }
}
