package reactor.framing;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BiConsumer;

/** A buffer into which functions write messages, one after the other. */
final class MessageBuffer {

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);
    private static final int FIRST_CAPACITY = 256;

    /** A buffer of this size is not worth giving back. */
    private static final int KEPT_CAPACITY = 64 * 1024;

    /** How many messages have to need much less than a larger buffer before it is given back. */
    private static final int REVIEWED = 16;

    private final long limit;
    private ByteBuffer buffer = NONE;
    private int smallInARow;

    MessageBuffer(long limit) {
        this.limit = Math.min(limit, FrameBytes.MAX_ARRAY);
    }

    /** Returns the message, until the next one is written. */
    <M> ByteBuffer write(M message, BiConsumer<? super M, ? super ByteBuffer> writer) {
        giveBackIfTooLarge();
        if (buffer.capacity() == 0) {
            buffer = ByteBuffer.allocate((int) Math.min(FIRST_CAPACITY, limit));
        }
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
