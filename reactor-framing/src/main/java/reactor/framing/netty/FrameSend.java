package reactor.framing.netty;

import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.framing.FrameWriter;

/**
 * Sends whole frames.
 *
 * @param <M> a message; a frame itself, unless a function writes it
 */
final class FrameSend<M> extends Send<M> {

    /** How many messages are requested in advance from another thread. */
    private static final int AHEAD_MESSAGES = 64;

    /** Writes a message; null if messages are frames. */
    private final @Nullable BiConsumer<? super M, ? super ByteBuffer> function;

    private final CurrentFrame current;
    private @Nullable M message;

    FrameSend(
            CoreSubscriber<? super Void> actual,
            ChannelOutbound outbound,
            @Nullable BiConsumer<? super M, ? super ByteBuffer> function) {
        super(actual, outbound);
        this.function = function;
        current = new CurrentFrame(outbound);
    }

    @Override
    int sizeOf(M message) {
        return function == null ? ((ByteBuffer) message).remaining() : AHEAD / AHEAD_MESSAGES;
    }

    @Override
    boolean isInFrame() {
        return current.isCut();
    }

    @Override
    Outcome writeNext() {
        if (!current.isPresent()) {
            boolean ended = !isSourceActive(); // before the look at what is there
            M next = next();
            if (next == null) {
                return ended ? Outcome.ENDED : Outcome.IDLE;
            }
            message = next;
            FrameWriter writer = outbound.writer();
            current.begin(function == null ? (ByteBuffer) next : writer.frame(next, function), writer);
        }
        Outcome outcome = current.write();
        if (outcome == Outcome.WROTE) {
            message = null;
            if (isCancelled()) {
                discardAll();
                return Outcome.ENDED;
            }
        }
        return outcome;
    }

    @Override
    @Nullable
    M takeUnwritten() {
        M unwritten = message;
        message = null;
        current.clear();
        return unwritten;
    }
}
