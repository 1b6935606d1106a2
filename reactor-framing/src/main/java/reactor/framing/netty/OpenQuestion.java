package reactor.framing.netty;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;
import reactor.framing.FrameCodec;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameMetrics.RequestEnd;

/** A question that has not been answered. */
final class OpenQuestion {

    private final ByteBuffer frame;
    private final @Nullable FrameCodec answerCodec;
    private final MonoSink<ByteBuffer> asker;
    private volatile boolean abandoned;

    /** By what the answer is found; null before the question leaves, and where the order tells. */
    @Nullable
    Object id;

    /** Runs from when the question has left, if anybody counts; else null. */
    private volatile @Nullable RequestTimer timer;

    /** @param onCancel is told, on any thread, that the asker has cancelled */
    OpenQuestion(
            ByteBuffer frame,
            @Nullable FrameCodec answerCodec,
            MonoSink<ByteBuffer> asker,
            Consumer<? super OpenQuestion> onCancel) {
        this.frame = frame;
        this.answerCodec = answerCodec;
        this.asker = asker;
        asker.onDispose(() -> abandoned = true);
        asker.onCancel(() -> {
            ended(RequestEnd.CANCELLED);
            onCancel.accept(this);
        });
    }

    /** The question is about to leave. */
    void leaves(@Nullable FrameMetrics metrics) {
        if (metrics != null) {
            timer = RequestTimer.start(metrics);
            if (abandoned) {
                ended(RequestEnd.CANCELLED);
            }
        }
    }

    private void ended(RequestEnd how) {
        RequestTimer t = timer;
        if (t != null) {
            t.end(how);
        }
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
            ended(RequestEnd.ANSWERED);
            asker.success(answer);
        }
    }

    void fail(Throwable reason) {
        if (!abandoned) {
            ended(RequestEnd.FAILED);
            asker.error(reason);
        }
    }
}
