package reactor.framing.netty;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;
import reactor.framing.FrameCodec;

/** A question that has not been answered. */
final class OpenQuestion {

    private final ByteBuffer frame;
    private final @Nullable FrameCodec answerCodec;
    private final MonoSink<ByteBuffer> asker;
    private volatile boolean abandoned;

    /** By what the answer is found; null before the question leaves, and where the order tells. */
    @Nullable
    Object id;

    OpenQuestion(ByteBuffer frame, @Nullable FrameCodec answerCodec, MonoSink<ByteBuffer> asker) {
        this.frame = frame;
        this.answerCodec = answerCodec;
        this.asker = asker;
        asker.onDispose(() -> abandoned = true);
    }

    ByteBuffer frame() {
        return frame;
    }

    /** How the answer is framed; null if as everything else. */
    @Nullable
    FrameCodec answerCodec() {
        return answerCodec;
    }

    /** Whether the asker has cancelled, so that nothing is to be told any more. */
    boolean isAbandoned() {
        return abandoned;
    }

    void answer(ByteBuffer answer) {
        if (!abandoned) {
            asker.success(answer);
        }
    }

    void fail(Throwable reason) {
        if (!abandoned) {
            asker.error(reason);
        }
    }
}
