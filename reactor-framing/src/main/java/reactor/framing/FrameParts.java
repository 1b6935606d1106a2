package reactor.framing;

import java.nio.ByteBuffer;

/** What each chunk brings of a frame, for the subscriber to keep. */
final class FrameParts implements Delivery<FramePart> {

    private final WholeFrames contents;

    FrameParts(boolean slices) {
        contents = new WholeFrames(slices);
    }

    @Override
    public FramePart inChunk(HeldChunk chunk, int start, int length, long frameIndex, long offset, boolean last) {
        ByteBuffer content = contents.inChunk(chunk, start, length, frameIndex, offset, last);
        return new FramePart(frameIndex, offset, last, content);
    }

    @Override
    public FramePart inMemory(FrameBytes bytes, long frameIndex, long offset, boolean last) {
        return new FramePart(frameIndex, offset, last, contents.inMemory(bytes, frameIndex, offset, last));
    }

    @Override
    public boolean inParts() {
        return true;
    }
}
