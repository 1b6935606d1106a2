package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameWriter;

/**
 * Sends frames whose memory is counted by reference, and releases them. Of a long one the memory itself goes to the
 * channel.
 */
final class BufferSend extends Send<ByteBuf> {

    /** Up to this length a copy into the packed buffer costs less than a buffer of its own on the way to the socket. */
    private static final int COPIED = 4 * 1024;

    /** How much of a frame in several buffers is shown for what is written before it. */
    private static final int SHOWN = 1024;

    private @Nullable ByteBuf buffer;

    /** The bytes of the frame; of one in several buffers, the first ones. */
    private @Nullable ByteBuffer frame;

    /** Writes this frame, also if later ones have another framing. */
    private @Nullable FrameWriter writer;

    /** How many bytes it takes on the wire at most; not asked for if it is written by its first bytes. */
    private int encodedLength;

    /** What a format that changes bytes has made of a long frame, as far as it has not been written. */
    private @Nullable ByteBuf encoded;

    /** Whether the bytes of the frame are written themselves, and whether that has begun. */
    private boolean enveloped;

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
        return begun || encoded != null;
    }

    @Override
    Outcome writeNext() {
        if (buffer == null) {
            boolean ended = !isSourceActive(); // before the look at what is there
            ByteBuf next = next();
            if (next == null) {
                return ended ? Outcome.ENDED : Outcome.IDLE;
            }
            buffer = next;
            writer = outbound.writer();
            prepare(next, writer);
        }
        ByteBuf current = buffer;
        Outcome outcome =
                frame == null || writer == null || current == null ? Outcome.WROTE : write(current, frame, writer);
        if (outcome == Outcome.WROTE && !isInFrame()) {
            discard(takeUnwritten());
            if (isCancelled()) {
                discardAll();
                return Outcome.ENDED;
            }
        }
        return outcome;
    }

    /** Finds out whether and how the frame can be written. */
    private void prepare(ByteBuf buffer, FrameWriter writer) {
        if (buffer.nioBufferCount() == 1) {
            prepare(buffer.nioBuffer(), writer);
            return;
        }
        if (buffer.readableBytes() > COPIED) {
            ByteBuffer start = buffer.nioBuffers(buffer.readerIndex(), SHOWN)[0];
            if (FramePieces.canEnvelop(writer, start) && writer.takesPieces()) {
                frame = start;
                enveloped = true;
                return;
            }
        }
        makeContiguous(buffer, writer);
    }

    private void prepare(ByteBuffer whole, FrameWriter writer) {
        frame = whole;
        encodedLength = writer.encodedLength(whole);
        enveloped = whole.remaining() > COPIED && FramePieces.canEnvelop(writer, whole);
    }

    private ByteBuf makeContiguous(ByteBuf buffer, FrameWriter writer) {
        int length = buffer.readableBytes();
        ByteBuf whole = outbound.allocator().directBuffer(length).writeBytes(buffer, buffer.readerIndex(), length);
        this.buffer = whole;
        buffer.release();
        prepare(whole.nioBuffer(), writer);
        return whole;
    }

    private Outcome write(ByteBuf buffer, ByteBuffer frame, FrameWriter writer) {
        if (enveloped) {
            return writeItself(buffer, frame, writer);
        }
        if (encoded != null || encodedLength > PackedBuffer.CAPACITY) {
            return writeEncoded(frame, writer);
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

    private Outcome writeEncoded(ByteBuffer frame, FrameWriter writer) {
        ByteBuf bytes = encoded;
        if (bytes == null) {
            bytes = encode(frame, writer);
            encoded = bytes;
        }
        if (!writeAll(bytes)) {
            return Outcome.NO_ROOM;
        }
        bytes.release();
        encoded = null;
        return Outcome.WROTE;
    }

    /** A frame that is refused here is not begun. */
    private ByteBuf encode(ByteBuffer frame, FrameWriter writer) {
        ByteBuf bytes = outbound.allocator().directBuffer(encodedLength);
        try {
            ByteBuffer target = bytes.nioBuffer(0, encodedLength);
            writer.encode(frame, target);
            return bytes.retain().writerIndex(target.position());
        } finally {
            bytes.release();
        }
    }

    private Outcome writeItself(ByteBuf buffer, ByteBuffer frame, FrameWriter writer) {
        int around = writer.overhead();
        if (!begun) {
            ByteBuffer target = outbound.target(around);
            if (target == null) {
                return Outcome.NO_ROOM;
            }
            int start = target.position();
            int covered = writer.before(buffer.readableBytes(), frame, target);
            if (covered == EnvelopeEncoder.MORE) {
                ByteBuf whole = makeContiguous(buffer, writer);
                return write(whole, whole.nioBuffer(), writer);
            }
            outbound.wrote(target.position() - start);
            buffer.skipBytes(covered);
            begun = true;
        }
        if (!writeAll(buffer)) {
            return Outcome.NO_ROOM;
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

    /** Writes the bytes themselves, as far as there is room; returns whether that is all. */
    private boolean writeAll(ByteBuf bytes) {
        while (bytes.isReadable()) {
            if (outbound.writeBuffer(bytes) == 0) {
                return false;
            }
        }
        return true;
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
        discard(encoded);
        encoded = null;
        buffer = null;
        frame = null;
        writer = null;
        begun = false;
        return unwritten;
    }
}
