package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.framing.FrameWriter;

/**
 * Sends frames whose memory is counted by reference, and releases them. Of a long one the memory itself goes to the
 * channel.
 */
final class BufferSend extends Send<ByteBuf> {

    /** Up to this length a copy into the packed buffer costs less than a buffer of its own on the way to the socket. */
    private static final int COPIED = 4 * 1024;

    private @Nullable ByteBuf buffer;
    private @Nullable ByteBuffer frame;

    /** Writes this frame, also if later ones have another framing. */
    private @Nullable FrameWriter writer;

    private int encodedLength;

    /** A long frame that is written by copies. */
    private @Nullable FramePieces pieces;

    /** Whether the bytes of the frame are being written themselves. */
    private boolean begun;

    BufferSend(CoreSubscriber<? super Void> actual, ChannelOutbound outbound) {
        super(actual, outbound);
    }

    @Override
    int sizeOf(ByteBuf frame) {
        return frame.readableBytes();
    }

    @Override
    boolean isInFrame() {
        return begun || pieces != null;
    }

    @Override
    Outcome writeNext() {
        ByteBuf current = buffer;
        if (current == null) {
            boolean ended = !isSourceActive(); // before the look at what is there
            current = next();
            if (current == null) {
                return ended ? Outcome.ENDED : Outcome.IDLE;
            }
            buffer = current;
            frame = current.nioBuffer();
            writer = outbound.writer();
            encodedLength = writer.encodedLength(frame);
        }
        Outcome outcome = frame == null || writer == null ? Outcome.WROTE : write(current, frame, writer);
        if (outcome == Outcome.WROTE && !isInFrame()) {
            discard(takeUnwritten());
            if (isCancelled()) {
                discardAll();
                return Outcome.ENDED;
            }
        }
        return outcome;
    }

    private Outcome write(ByteBuf buffer, ByteBuffer frame, FrameWriter writer) {
        if (pieces != null || encodedLength > PackedBuffer.CAPACITY && !FramePieces.canEnvelop(writer)) {
            return writeCopies(frame, writer);
        }
        if (begun || FramePieces.canEnvelop(writer) && frame.remaining() > COPIED) {
            return writeItself(buffer, frame, writer);
        }
        ByteBuffer target = outbound.target(encodedLength);
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int start = target.position();
        writer.encode(frame, target);
        outbound.wrote(target.position() - start);
        return Outcome.WROTE;
    }

    private Outcome writeCopies(ByteBuffer frame, FrameWriter writer) {
        if (pieces == null) {
            pieces = FramePieces.of(frame, encodedLength, writer);
        }
        if (!outbound.writePieces(pieces)) {
            return Outcome.NO_ROOM;
        }
        pieces = null;
        return Outcome.WROTE;
    }

    private Outcome writeItself(ByteBuf buffer, ByteBuffer frame, FrameWriter writer) {
        int around = writer.overhead();
        if (!begun) {
            ByteBuffer target = outbound.target(around);
            if (target == null) {
                return Outcome.NO_ROOM;
            }
            int start = target.position();
            int covered = writer.before(frame.remaining(), frame, target);
            outbound.wrote(target.position() - start);
            buffer.skipBytes(covered);
            begun = true;
        }
        while (buffer.isReadable()) {
            int n = outbound.writeBuffer(buffer);
            if (n == 0) {
                return Outcome.NO_ROOM;
            }
        }
        ByteBuffer target = outbound.target(around);
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int start = target.position();
        writer.behind(target);
        outbound.wrote(target.position() - start);
        begun = false;
        return Outcome.WROTE;
    }

    @Override
    void discard(@Nullable ByteBuf unwritten) {
        if (unwritten != null) {
            unwritten.release();
        }
    }

    @Override
    @Nullable
    ByteBuf takeUnwritten() {
        ByteBuf unwritten = buffer;
        buffer = null;
        frame = null;
        pieces = null;
        writer = null;
        begun = false;
        return unwritten;
    }
}
