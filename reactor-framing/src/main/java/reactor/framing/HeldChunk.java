package reactor.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The chunk that is being read, one at most, and where in the stream it lies. */
final class HeldChunk {

    /** How long the bytes of a chunk stay as they are. */
    enum Lifetime {
        /** Until {@code onNext} returns. */
        BORROWED,
        /** For good: frames may be slices of it. */
        OWNED,
        /** Until the chunk is handed back. */
        HANDED_BACK,
        /** For good, as it is a copy of a borrowed one. Frames are no slices of it: each has an array of its own. */
        COPIED
    }

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** Takes back chunks of which all has been read; null unless chunks are {@link Lifetime#HANDED_BACK}. */
    private final @Nullable Consumer<? super ByteBuffer> handBack;

    /** As it was handed in; null if no chunk is held. */
    private @Nullable ByteBuffer source;

    private Lifetime lifetime = Lifetime.BORROWED;

    /** What is read: the source itself, which is only looked at, until a decoder has to move a position. */
    private ByteBuffer bytes = NONE;

    /** Whether {@link #bytes} is a view of our own, whose position tells what has been read, instead of {@link #at}. */
    private boolean viewed;

    private int at;

    /** Whether a chunk is handed back before all of it has been read. */
    private volatile boolean handsBackAtOnce;

    /** Whether somebody else hands the chunk back. */
    private boolean kept;

    /** The stream offset of index 0. */
    private long base;

    /** For whoever gets frames lent: made once a chunk, placed anew for each frame. */
    private @Nullable ByteBuffer lent;

    HeldChunk(@Nullable Consumer<? super ByteBuffer> handBack) {
        this.handBack = handBack;
    }

    /** Starts with a chunk, which is left as it is; of the one before all has been read. */
    void hold(ByteBuffer source, Lifetime lifetime) {
        release();
        this.source = source;
        this.lifetime = lifetime;
        int start = source.position();
        base -= start;
        at = start;
        viewed = false;
        kept = false;
        bytes = source;
        if (source.order() != ByteOrder.BIG_ENDIAN) {
            view();
        }
    }

    /** From the next {@link #outlive} on, a chunk that is to be handed back is not kept. */
    void handBackAtOnce() {
        handsBackAtOnce = true;
    }

    boolean isHandedBackAtOnce() {
        return handsBackAtOnce;
    }

    /** Whether the chunk may be {@linkplain #keep kept}. */
    boolean canBeKept() {
        return lifetime == Lifetime.HANDED_BACK;
    }

    /** Leaves it to the caller to {@linkplain #handBack hand back} the chunk. */
    void keep() {
        kept = true;
    }

    /** The chunk as it was emitted. */
    ByteBuffer source() {
        return Objects.requireNonNull(source);
    }

    void handBack(ByteBuffer chunk) {
        if (handBack != null) {
            handBack.accept(chunk);
        }
    }

    /** Goes on behind a chunk that has been read without being held. */
    void pass(ByteBuffer source) {
        base += source.remaining();
        handBack(source);
    }

    boolean isHeld() {
        return source != null;
    }

    boolean hasRemaining() {
        return at() != bytes.limit();
    }

    int remaining() {
        return bytes.limit() - at();
    }

    /** The index of the next byte. */
    int at() {
        return viewed ? bytes.position() : at;
    }

    void moveTo(int index) {
        if (viewed) {
            bytes.position(index);
        } else {
            at = index;
        }
    }

    /** The stream offset of the next byte. */
    long position() {
        return base + at();
    }

    /** The stream offset of the byte at this index. */
    long offsetOf(int index) {
        return base + index;
    }

    /** The chunk in big-endian order, only to be looked at. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** The chunk as a decoder may read it. */
    ByteBuffer view() {
        if (!viewed) {
            bytes = bytes.duplicate().position(at);
            viewed = true;
        }
        return bytes;
    }

    @SuppressWarnings("ReferenceEquality") // the view itself, not a buffer with the same bytes
    boolean isView(ByteBuffer buffer) {
        return buffer == bytes;
    }

    /** A frame of these bytes that the subscriber keeps, of an owned chunk. */
    ByteBuffer slice(int start, int length) {
        return bytes.slice(start, length);
    }

    /** These bytes as a piece of a frame. */
    FrameStream.Piece piece(int start, int length) {
        boolean isOfChunk = lifetime == Lifetime.HANDED_BACK;
        return new FrameStream.Piece(isOfChunk ? source() : bytes, start, length, isOfChunk);
    }

    <T> T sliceBy(FrameStream.Slicer<T> slicer, int start, int length) {
        return lifetime == Lifetime.COPIED ? slicer.copy(lend(start, length)) : slicer.slice(source(), start, length);
    }

    /** A frame of these bytes that the subscriber keeps, of any chunk. */
    ByteBuffer copy(int start, int length) {
        byte[] copy = new byte[length];
        bytes.get(start, copy);
        return ByteBuffer.wrap(copy);
    }

    /** These bytes for the length of a call. */
    ByteBuffer lend(int start, int length) {
        ByteBuffer lent = this.lent;
        if (lent == null) {
            lent = bytes.asReadOnlyBuffer();
            this.lent = lent;
        }
        return place(lent, start, length);
    }

    /** Whoever had the buffer lent may have changed its limit, position and order. */
    static ByteBuffer place(ByteBuffer lent, int start, int length) {
        return lent.order(ByteOrder.BIG_ENDIAN).limit(start + length).position(start);
    }

    /**
     * Lets go of a chunk that has been read, and copies the unread rest of a borrowed one, which is about to become
     * invalid, and of one that is to be handed back at once.
     */
    void outlive() {
        if (!hasRemaining()) {
            release();
        } else if (lifetime == Lifetime.BORROWED || handsBackAtOnce && lifetime == Lifetime.HANDED_BACK) {
            ByteBuffer rest = ByteBuffer.wrap(copyRest());
            hold(rest, Lifetime.COPIED);
        }
    }

    private byte[] copyRest() {
        int n = remaining();
        try {
            byte[] rest = new byte[n];
            bytes.get(at(), rest);
            return rest;
        } catch (OutOfMemoryError e) {
            throw new IllegalStateException(
                    "Not enough memory to copy the " + n + " unread bytes of a borrowed chunk; "
                            + "use zeroCopy() for chunks that stay as they are, such as a mapped file",
                    e);
        }
    }

    /** Lets go of the chunk, of which no more is read. */
    void release() {
        ByteBuffer source = this.source;
        if (source != null) {
            base = position();
            at = 0;
            this.source = null;
            viewed = false;
            bytes = NONE;
            lent = null;
            if (lifetime == Lifetime.HANDED_BACK && !kept) {
                handBack(source);
            }
        }
    }

    /** Gives the chunk up: itself if it is owned and nothing of it has been read, else its unread rest. */
    void giveUp(Consumer<? super ByteBuffer> discard) {
        ByteBuffer source = this.source;
        if (source != null && hasRemaining() && lifetime != Lifetime.HANDED_BACK) {
            boolean untouched = lifetime == Lifetime.OWNED && source.remaining() == remaining();
            discard.accept(untouched ? source : bytes.slice(at(), remaining()));
        }
        release();
    }
}
