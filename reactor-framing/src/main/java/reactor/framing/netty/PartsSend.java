package reactor.framing.netty;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.framing.FrameWriter;

/** Sends one frame of a known length that comes in pieces. Other sends wait from its first byte to its last. */
final class PartsSend extends Send<ByteBuffer> {

    private final long frameLength;

    /** Bytes of the frame that have not been written. */
    private long left;

    private @Nullable ByteBuffer piece;

    /** What of it has not been written. */
    private ByteBuffer rest = ByteBuffer.allocate(0);

    /** Writes this frame, also if later ones have another framing; null before the first byte. */
    private @Nullable FrameWriter writer;

    private boolean written;

    PartsSend(CoreSubscriber<? super Void> actual, ChannelOutbound outbound, long frameLength) {
        super(actual, outbound);
        this.frameLength = frameLength;
        left = frameLength;
    }

    @Override
    int sizeOf(ByteBuffer part) {
        return part.remaining();
    }

    @Override
    boolean isInFrame() {
        return writer != null && !written;
    }

    @Override
    boolean canFinishFrame() {
        return false;
    }

    @Override
    Outcome writeNext() {
        FrameWriter current = writer;
        if (current != null && left == 0 && !written) {
            return writeEnd(current);
        }
        if (!rest.hasRemaining()) {
            boolean ended = !isSourceActive(); // before the look at what is there
            ByteBuffer next = next();
            if (next != null) {
                piece = next;
                rest = next.duplicate();
                check(rest.remaining());
            } else if (!ended) {
                return Outcome.IDLE;
            } else if (left != 0) {
                throw new IllegalArgumentException("The parts of a frame of " + frameLength + " bytes ended after "
                        + (frameLength - left) + " bytes");
            } else if (current != null) {
                return Outcome.ENDED;
            }
        }
        return current != null ? writeRest() : writeStart(outbound.writer());
    }

    private void check(int length) {
        if (length > left) {
            throw new IllegalArgumentException("The parts have more than the " + frameLength + " bytes of the frame");
        }
    }

    private Outcome writeStart(FrameWriter writer) {
        if (!writer.takesPieces()) {
            throw new UnsupportedOperationException("This framing has to see a whole frame before it can write it");
        }
        ByteBuffer target = outbound.target(Math.min(writer.overhead(), PackedBuffer.CAPACITY));
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int start = target.position();
        int covered = writer.before(frameLength, rest, target);
        outbound.wrote(target.position() - start);
        rest.position(rest.position() + covered);
        left -= covered;
        this.writer = writer;
        return Outcome.WROTE;
    }

    private Outcome writeRest() {
        ByteBuffer target = outbound.target(1);
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int start = target.position();
        FramePieces.copy(rest, target);
        int n = target.position() - start;
        outbound.wrote(n);
        left -= n;
        if (!rest.hasRemaining()) {
            piece = null;
        }
        return Outcome.WROTE;
    }

    private Outcome writeEnd(FrameWriter writer) {
        ByteBuffer target = outbound.target(Math.min(writer.overhead(), PackedBuffer.CAPACITY));
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int start = target.position();
        writer.behind(target);
        outbound.wrote(target.position() - start);
        written = true;
        return Outcome.WROTE;
    }

    @Override
    @Nullable
    ByteBuffer takeUnwritten() {
        ByteBuffer unwritten = piece;
        piece = null;
        rest = ByteBuffer.allocate(0);
        return unwritten;
    }
}
