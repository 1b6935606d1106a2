package reactor.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Puts frames together whole. */
final class WholeFrames extends FrameAssembler<ByteBuffer> {

    WholeFrames(FrameDecoder decoder, long limit, @Nullable SkipPolicy skipPolicy) {
        super(decoder, Math.min(limit, MAX_ARRAY), skipPolicy, true);
    }

    @Override
    ByteBuffer frame() {
        return take();
    }

    @Override
    ByteBuffer frameAt(ByteBuffer chunk, int start, int length, boolean owned, int found) {
        return cut(chunk, start, length, owned);
    }

    @Override
    @Nullable
    ByteBuffer chunkEnd() {
        flushSegment();
        return null;
    }

    @Override
    public @Nullable ByteBuffer whole() {
        return look();
    }
}
