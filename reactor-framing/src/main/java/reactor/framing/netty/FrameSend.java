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

    /** The message that is being written, its frame, and how many bytes that takes. */
    private @Nullable M message;

    private @Nullable ByteBuffer frame;
    private int encodedLength;

    /** What is left of a long frame of which a part has been written. */
    private @Nullable FramePieces pieces;

    FrameSend(
            CoreSubscriber<? super Void> actual,
            ChannelOutbound outbound,
            @Nullable BiConsumer<? super M, ? super ByteBuffer> function) {
        super(actual, outbound);
        this.function = function;
    }

    @Override
    int sizeOf(M message) {
        return function == null ? ((ByteBuffer) message).remaining() : AHEAD / AHEAD_MESSAGES;
    }

    @Override
    boolean isInFrame() {
        return pieces != null;
    }

    @Override
    Outcome writeNext() {
        if (pieces != null) {
            return writePieces(pieces);
        }
        FrameWriter writer = outbound.writer();
        if (frame == null) {
            boolean ended = !isSourceActive(); // before the look at what is there
            message = next();
            if (message == null) {
                return ended ? Outcome.ENDED : Outcome.IDLE;
            }
            frame = function == null ? (ByteBuffer) message : writer.frame(message, function);
            encodedLength = writer.encodedLength(frame);
        }
        if (encodedLength > PackedBuffer.CAPACITY) {
            pieces = FramePieces.of(frame, encodedLength, writer);
            return writePieces(pieces);
        }
        ByteBuffer target = outbound.target(encodedLength);
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int start = target.position();
        writer.encode(frame, target);
        outbound.wrote(target.position() - start);
        message = null;
        frame = null;
        return Outcome.WROTE;
    }

    private Outcome writePieces(FramePieces pieces) {
        if (!outbound.writePieces(pieces)) {
            return Outcome.NO_ROOM;
        }
        takeUnwritten();
        if (isCancelled()) {
            discardAll();
            return Outcome.ENDED;
        }
        return Outcome.WROTE;
    }

    @Override
    @Nullable
    M takeUnwritten() {
        M unwritten = message;
        message = null;
        frame = null;
        pieces = null;
        return unwritten;
    }
}
