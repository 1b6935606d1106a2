package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The pooled buffer that frames are written into before it goes to the channel. */
final class PackedBuffer {

    /** The size of a buffer that frames are packed into, at most. */
    static final int CAPACITY = 64 * 1024;

    /** The size of a buffer for one frame, at most: 64 KiB, and what stands around them. */
    static final int LARGEST = CAPACITY + 1024;

    /** The size of a buffer, at least. */
    private static final int LEAST_CAPACITY = 1024;

    /** A buffer that is filled is followed by one that is so many times as large. */
    private static final int GROWTH = 8;

    /** What is expected goes down by this part of what it was too much. */
    private static final int DECAY = 8;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final ByteBufAllocator allocator;
    private int capacity = LEAST_CAPACITY;

    /** How many bytes have been taken since the last rest, and how many are likely to be, {@link #CAPACITY} at most. */
    private int sinceRest;

    private int expected = LEAST_CAPACITY;

    private @Nullable ByteBuf buffer;
    private ByteBuffer view = NONE;

    PackedBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** How many bytes fit behind those that are there. */
    int room() {
        return view.remaining();
    }

    /**
     * Where to write.
     *
     * @param needed for how many bytes there has to be room, {@link #LARGEST} at most; if there is not, the buffer is
     *     to be {@linkplain #take taken} first
     */
    ByteBuffer target(int needed) {
        if (buffer == null) {
            int size = Math.max(needed, capacity);
            buffer = allocator.directBuffer(size, size);
            view = buffer.nioBuffer(0, size);
        }
        return view;
    }

    /** Takes what has been written; null if that is nothing. */
    @Nullable
    ByteBuf take() {
        ByteBuf taken = buffer;
        if (taken == null) {
            return null;
        }
        int length = view.position();
        sinceRest = Math.min(CAPACITY, sinceRest + length);
        // of a buffer that was filled there is likely to be more
        capacity = view.remaining() < view.limit() / 4 ? Math.min(CAPACITY, GROWTH * view.limit()) : capacity;
        forget();
        if (length == 0) {
            taken.release();
            return null;
        }
        return taken.writerIndex(length);
    }

    /**
     * Called when nothing is left to write. What comes next is likely to be about as much. It then needs one buffer,
     * and not three of growing sizes.
     */
    void rest() {
        if (sinceRest >= expected) {
            expected = sinceRest;
        } else if (sinceRest > 0) {
            expected -= (expected - sinceRest) / DECAY;
        }
        sinceRest = 0;
        capacity = Math.max(LEAST_CAPACITY, expected);
    }

    /** Gives up what has been written. */
    void discard() {
        if (buffer != null) {
            buffer.release();
            forget();
        }
    }

    private void forget() {
        buffer = null;
        view = NONE;
    }
}
