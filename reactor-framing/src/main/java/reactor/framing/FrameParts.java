package reactor.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Hands on what each chunk brings of a frame. */
final class FrameParts extends FrameAssembler<FramePart> {

    FrameParts(FrameDecoder decoder, long limit, @Nullable SkipPolicy skipPolicy) {
        super(decoder, limit, skipPolicy, false);
    }

    @Override
    FramePart frame() {
        return part(true);
    }

    @Override
    FramePart frameAt(ByteBuffer chunk, int start, int length, boolean owned, int found) {
        return new FramePart(frameIndex() + found, 0, true, cut(chunk, start, length, owned));
    }

    @Override
    @Nullable
    FramePart chunkEnd() {
        return pendingLength() == 0 ? null : part(false);
    }

    private FramePart part(boolean last) {
        return new FramePart(frameIndex(), frameLength() - pendingLength(), last, take());
    }

    @Override
    long reservableLength() {
        return -1;
    }
}
