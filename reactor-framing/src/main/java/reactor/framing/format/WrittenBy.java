package reactor.framing.format;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;

/** By what the last two frames were written, for formats that choose an encoder for each frame. */
final class WrittenBy {

    private @Nullable FrameEncoder encoder;
    private @Nullable Framing framing;

    /** Those of the frame before. */
    private @Nullable FrameEncoder encoderBefore;

    private @Nullable Framing framingBefore;

    /** The encoder of the last frame; null if there is none. */
    @Nullable
    FrameEncoder encoder() {
        return encoder;
    }

    /** The framing of the last frame; null if there is none. */
    @Nullable
    Framing framing() {
        return framing;
    }

    /** A frame has been written. */
    void add(Framing framing, FrameEncoder encoder) {
        encoderBefore = this.encoder;
        framingBefore = this.framing;
        this.encoder = encoder;
        this.framing = framing;
    }

    /** Refuses the last frame if its first byte makes the delimiter of the frame before it a longer one. */
    void checkStart(ByteBuffer target, int start) {
        boolean changes = encoderBefore != null && encoderBefore != encoder; // each encoder sees to its own frames
        if (changes && target.position() != start && Delimiter.growsBehind(encoderBefore, target.get(start))) {
            throw new CorruptFrameException(Delimiter.LONGER);
        }
    }

    /** The last frame is refused after all. */
    void takeBack() {
        if (encoder != null) {
            FillingEncoder.takeBack(encoder);
            encoder = encoderBefore;
            framing = framingBefore;
        }
    }

    /** The encoder of the last frame, or the one inside of it that wrote it; null if there is none. */
    @Nullable
    FrameEncoder innermost() {
        return FillingEncoder.innermost(encoder);
    }
}
