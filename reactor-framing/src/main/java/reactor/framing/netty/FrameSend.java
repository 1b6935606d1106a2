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

    /** How much room the next message is likely to need: as much as the last one. */
    private int likelyRoom;

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
        M next = message;
        if (next == null) {
            boolean ended = !isSourceActive(); // before the look at what is there
            next = next();
            if (next == null) {
                return ended ? Outcome.ENDED : Outcome.IDLE;
            }
            message = next;
        }
        Outcome outcome = current.isPresent() ? current.write() : write(next);
        if (outcome == Outcome.WROTE) {
            message = null;
            if (isCancelled()) {
                discardAll();
                return Outcome.ENDED;
            }
        }
        return outcome;
    }

    /** Writes a message of which nothing has been written. */
    private Outcome write(M message) {
        FrameWriter writer = outbound.writer();
        if (function == null) {
            current.begin((ByteBuffer) message, writer);
            return current.write();
        }
        if (writer.isEnvelope()) {
            while (likelyRoom <= PackedBuffer.LARGEST) {
                ByteBuffer target = outbound.target(likelyRoom);
                if (target == null) {
                    return Outcome.NO_ROOM;
                }
                int start = target.position();
                if (writer.writeInPlace(message, function, target)) {
                    likelyRoom = target.position() - start + writer.overhead();
                    outbound.wrote(target.position() - start);
                    return Outcome.WROTE;
                }
                boolean hadAllRoom = start == 0 && target.limit() >= PackedBuffer.LARGEST;
                likelyRoom = hadAllRoom ? PackedBuffer.LARGEST + 1 : PackedBuffer.LARGEST;
            }
        }
        ByteBuffer frame = writer.frame(message, function);
        likelyRoom = frame.remaining() + 2 * writer.overhead();
        current.begin(frame, writer);
        return current.write();
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
