package reactor.framing.netty;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameWriter;

/** Sends one frame of a known length that comes in pieces. Other sends wait from its first byte to its last. */
final class PartsSend extends Send<ByteBuffer> {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** How much of a frame is held at most until its header is there. */
    private static final int LONGEST_START = 64 * 1024;

    private final long frameLength;

    /** Bytes of the frame that have not come. */
    private long left;

    /** Whether more bytes have come than the frame has. */
    private boolean tooMany;

    private @Nullable ByteBuffer piece;

    /** What of it has not been written or held. */
    private ByteBuffer rest = NOTHING;

    /** The frame's first bytes, as parts that are shorter than its header have brought them. */
    private ByteBuffer start = NOTHING;

    /** Whether the header does not end in them. */
    private boolean needsMore;

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
        return writer != null && (!written || tooMany);
    }

    @Override
    boolean canFinishFrame() {
        return false;
    }

    @Override
    Outcome writeNext() {
        FrameWriter current = writer;
        boolean isUsedUp = !rest.hasRemaining() && (needsMore || !start.hasRemaining());
        if (current != null && isUsedUp && left == 0 && !written) {
            return writeEnd(current);
        }
        if (isUsedUp) {
            boolean ended = !isSourceActive(); // before the look at what is there
            ByteBuffer next = next();
            if (next != null) {
                take(next);
            } else if (!ended) {
                return Outcome.IDLE;
            } else if (hasFailed()) {
                if (isInFrame()) {
                    outbound.cutOff();
                }
                return Outcome.ENDED;
            } else if (left != 0) {
                throw new IllegalArgumentException("The parts of a frame of " + frameLength + " bytes ended after "
                        + (frameLength - left) + " bytes");
            } else if (current != null) {
                return Outcome.ENDED;
            }
        }
        return current != null ? writeRest() : writeStart(outbound.writer());
    }

    private void take(ByteBuffer part) {
        piece = part;
        rest = part.duplicate();
        int length = rest.remaining();
        if (length > left) {
            tooMany = true;
            throw new IllegalArgumentException("The parts have more than the " + frameLength + " bytes of the frame");
        }
        left -= length;
    }

    private Outcome writeStart(FrameWriter writer) {
        if (start.hasRemaining()) {
            hold();
        }
        ByteBuffer first = start.hasRemaining() ? start : rest;
        needsMore = false;
        if (!FramePieces.canEnvelop(writer, first) || !writer.takesPieces()) {
            throw new UnsupportedOperationException("This framing has to see a whole frame before it can write it");
        }
        ByteBuffer target = outbound.target(writer.overhead());
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int position = target.position();
        int covered = writer.before(frameLength, first, target);
        if (covered == EnvelopeEncoder.MORE) {
            if (first.remaining() >= LONGEST_START) {
                throw new IllegalStateException(
                        "This framing asks for more than the first " + first.remaining() + " bytes of a frame");
            }
            hold();
            needsMore = true;
            return Outcome.WROTE;
        }
        outbound.wrote(target.position() - position);
        first.position(first.position() + covered);
        this.writer = writer;
        return Outcome.WROTE;
    }

    /** Copies bytes behind those that are held, as the header may end in them. */
    private void hold() {
        if (start.capacity() == 0) {
            start = ByteBuffer.allocate((int) Math.min(frameLength, LONGEST_START))
                    .limit(0);
        }
        int held = start.limit();
        int n = Math.min(rest.remaining(), start.capacity() - held);
        start.limit(held + n).put(held, rest, rest.position(), n);
        rest.position(rest.position() + n);
        if (!rest.hasRemaining()) {
            piece = null;
        }
    }

    private Outcome writeRest() {
        ByteBuffer target = outbound.target(1);
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int position = target.position();
        FramePieces.copy(start.hasRemaining() ? start : rest, target);
        outbound.wrote(target.position() - position);
        if (!rest.hasRemaining()) {
            piece = null;
        }
        return Outcome.WROTE;
    }

    private Outcome writeEnd(FrameWriter writer) {
        ByteBuffer target = outbound.target(writer.overhead());
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
        rest = NOTHING;
        start = NOTHING;
        return unwritten;
    }
}
