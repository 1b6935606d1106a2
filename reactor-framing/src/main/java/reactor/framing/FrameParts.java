package reactor.framing;

import java.nio.ByteBuffer;

/** What each chunk brings of a frame, for the subscriber to keep. */
final class FrameParts implements Delivery<FramePart> {

    private final FrameAssembler assembler;
    private final WholeFrames contents;

    FrameParts(FrameAssembler assembler, boolean slices) {
        this.assembler = assembler;
        contents = new WholeFrames(slices);
    }

    @Override
    public FramePart inChunk(HeldChunk chunk, int start, int length, long frameIndex) {
        return part(frameIndex, contents.inChunk(chunk, start, length, frameIndex));
    }

    @Override
    public FramePart inMemory(FrameBytes bytes, long frameIndex) {
        return part(frameIndex, contents.inMemory(bytes, frameIndex));
    }

    private FramePart part(long frameIndex, ByteBuffer content) {
        return new FramePart(frameIndex, assembler.delivered(), assembler.isLastPart(), content);
    }

    @Override
    public boolean inParts() {
        return true;
    }
}
