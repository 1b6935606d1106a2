package reactor.framing;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BiConsumer;

/** Has a function write each message into one buffer, which is used again for the next. */
final class WrittenFrames<M> implements MessageFrames<M> {

    private static final int FIRST_CAPACITY = 256;

    /** A buffer of this size is not worth giving back. */
    private static final int KEPT_CAPACITY = 64 * 1024;

    /** How many messages have to need much less than a larger buffer before it is given back. */
    private static final int REVIEWED = 16;

    private final BiConsumer<? super M, ? super ByteBuffer> writer;
    private final long limit;
    private ByteBuffer buffer;
    private int smallInARow;

    WrittenFrames(BiConsumer<? super M, ? super ByteBuffer> writer, long limit) {
        this.writer = writer;
        this.limit = Math.min(limit, FrameBytes.MAX_ARRAY);
        buffer = ByteBuffer.allocate((int) Math.min(FIRST_CAPACITY, this.limit));
    }

    @Override
    public ByteBuffer frame(M message) {
        giveBackIfTooLarge();
        for (; ; ) {
            buffer.clear().order(ByteOrder.BIG_ENDIAN);
            try {
                writer.accept(message, buffer);
                return buffer.flip();
            } catch (BufferOverflowException e) {
                grow(e);
            }
        }
    }

    private void grow(BufferOverflowException cause) {
        int capacity = buffer.capacity();
        if (capacity == limit) {
            FrameTooLongException tooLong = new FrameTooLongException(
                    "the message takes more than the limit of " + limit + " bytes", limit + 1, limit);
            tooLong.addSuppressed(cause);
            throw tooLong;
        }
        buffer = ByteBuffer.allocate((int) Math.min(limit, 2L * capacity));
    }

    /** Looks at the frame before. */
    private void giveBackIfTooLarge() {
        if (buffer.capacity() > KEPT_CAPACITY) {
            smallInARow = buffer.limit() < buffer.capacity() / 8 ? smallInARow + 1 : 0;
            if (smallInARow == REVIEWED) {
                buffer = ByteBuffer.allocate(KEPT_CAPACITY);
                smallInARow = 0;
            }
        }
    }
}
