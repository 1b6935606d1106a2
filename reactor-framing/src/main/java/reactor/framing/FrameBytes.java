package reactor.framing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the frame that is being read, or of its part: first those that were moved into memory, or stay in chunks
 * that are kept, then one stretch of the chunk.
 */
final class FrameBytes {

    /** The largest array that every JVM can make. */
    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /**
     * What is reserved for a frame before any of it has come, at most. Memory of this size is not worth giving back.
     */
    private static final int FIRST_RESERVATION = 64 * 1024;

    /** Beyond that: how many times the bytes that have arrived may be reserved. */
    private static final int GROWTH = 8;

    /** What is reserved at least where no length was announced. */
    private static final int SMALLEST = 256;

    /** For how many frames or chunks memory has to be too large before it is given back. */
    private static final int REVIEWED = 16;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();

    private static final byte[] NOTHING = {};

    private final HeldChunk chunk;

    /** Kept for the next frame, unless a frame that is exactly as long takes it along. */
    private byte[] memory = NOTHING;

    /** How many bytes of the frame are in memory. */
    private int moved;

    private int stretchStart;
    private int stretchLength;

    /** Tells which bytes stay in their chunk until the frame is whole; null if none do. */
    private FrameStream.@Nullable Joiner<?> joiner;

    /** What of the frame stays in its chunks, with what was moved before that; null if nothing does. */
    private @Nullable KeptPieces kept;

    /** The frame's length if it has been announced and the frame is put together here, else -1. */
    private int announced = -1;

    /** A view of the memory, for whoever gets frames lent. */
    private @Nullable ByteBuffer lent;

    /** How many frames and chunks ago the memory was last reviewed, and how much of it was needed since. */
    private int sinceReview;

    private int neededSinceReview;

    FrameBytes(HeldChunk chunk) {
        this.chunk = chunk;
    }

    void announce(long frameLength) {
        announced = (int) Math.min(frameLength, MAX_ARRAY); // a longer one is not put together
    }

    /** Sets who may join pieces of a frame, so that what comes of a long one can stay in its chunks. */
    void joinBy(FrameStream.@Nullable Joiner<?> joiner) {
        this.joiner = joiner;
    }

    int length() {
        return moved + (kept == null ? 0 : kept.lengthInChunks()) + stretchLength;
    }

    /** Whether all bytes are in one place in the chunk. */
    boolean areInChunk() {
        return moved == 0 && kept == null && stretchLength != 0;
    }

    /** Whether bytes are in chunks that came before this one. */
    boolean areInChunks() {
        return kept != null;
    }

    int stretchStart() {
        return stretchStart;
    }

    /** Adds bytes of the chunk. */
    void addOfChunk(int start, int n) {
        if (stretchLength != 0 && stretchStart + stretchLength != start) {
            move();
        }
        if (stretchLength == 0) {
            stretchStart = start;
        }
        stretchLength += n;
    }

    /** Adds bytes of a chunk that is not held, if there is memory for them. */
    boolean addInside(ByteBuffer source, int start, int n) {
        if (n > memory.length - moved || joiner != null && joiner.keeps(source, n)) {
            return false;
        }
        copy(source, start, memory, moved, n);
        moved += n;
        return true;
    }

    /** Adds bytes that are nowhere in the chunk. */
    void addOther(ByteBuffer source, int start, int n) {
        move();
        reserve(moved + n);
        source.get(start, memory, moved, n);
        moved += n;
    }

    void add(byte value) {
        move();
        reserve(moved + 1);
        memory[moved++] = value;
    }

    /** Moves the stretch into memory, as the chunk is about to go or something else comes behind it. */
    void move() {
        int n = stretchLength;
        if (n != 0) {
            reserve(moved + n);
            copy(chunk.bytes(), stretchStart, memory, moved, n);
            moved += n;
            stretchLength = 0;
        }
    }

    /** Leaves the chunk, which is used up: the stretch stays in it until the frame is whole, or is moved. */
    void leaveChunk() {
        if (stretchLength != 0 && joiner != null && chunk.canBeKept() && joiner.keeps(chunk.source(), stretchLength)) {
            KeptPieces pieces = kept != null ? kept : new KeptPieces();
            kept = pieces;
            pieces.addOfMemory(memory, moved);
            pieces.addOfChunk(chunk.piece(stretchStart, stretchLength));
            chunk.keep();
            stretchLength = 0;
        } else {
            move();
        }
    }

    /** Moves everything into memory if chunks are not to be kept any longer. */
    void outlive() {
        if (kept != null && chunk.isHandedBackAtOnce()) {
            moveKept(kept);
        }
    }

    private void moveKept(KeptPieces pieces) {
        byte[] all = new byte[moved + pieces.lengthInChunks()];
        copyMoved(pieces, all);
        clearKept(pieces);
        forgetMemory();
        memory = all;
        moved = all.length;
    }

    /** Copies what was moved or kept; returns how many bytes that were. */
    private int copyMoved(@Nullable KeptPieces pieces, byte[] target) {
        if (pieces == null) {
            System.arraycopy(memory, 0, target, 0, moved);
            return moved;
        }
        pieces.addOfMemory(memory, moved);
        return pieces.copyTo(target);
    }

    private void clearKept(KeptPieces pieces) {
        kept = null;
        pieces.handBack(chunk);
    }

    /** The bytes as pieces, until they are {@linkplain #clear cleared}. */
    List<FrameStream.Piece> pieces() {
        List<FrameStream.Piece> all = new ArrayList<>();
        if (kept != null) {
            kept.addOfMemory(memory, moved);
            all.addAll(kept.all());
        }
        if (stretchLength != 0) {
            all.add(chunk.piece(stretchStart, stretchLength));
        }
        return all;
    }

    /**
     * Takes the bytes as a buffer for the subscriber to keep, whose array they fill; after that they are {@linkplain
     * #clear cleared}.
     */
    ByteBuffer keep() {
        int n = length();
        byte[] frame;
        if (memory.length == n && kept == null) {
            move();
            frame = memory;
            forgetMemory();
        } else {
            frame = new byte[n];
            int at = copyMoved(kept, frame);
            if (stretchLength != 0) {
                chunk.bytes().get(stretchStart, frame, at, stretchLength);
            }
        }
        return ByteBuffer.wrap(frame);
    }

    /** Shows the bytes for the length of a call, after which they are {@linkplain #clear cleared}. */
    ByteBuffer lend() {
        move();
        if (kept != null) {
            moveKept(kept);
        }
        ByteBuffer lent = this.lent;
        if (lent == null) {
            lent = ByteBuffer.wrap(memory).asReadOnlyBuffer();
            this.lent = lent;
        }
        return HeldChunk.place(lent, 0, moved);
    }

    /** Gives the bytes up: those in memory, and those in the chunk, which are not read for that. */
    void giveUp(Consumer<? super ByteBuffer> discard) {
        if (moved != 0) {
            discard.accept(ByteBuffer.wrap(memory, 0, moved));
            forgetMemory();
        }
        if (stretchLength != 0) {
            discard.accept(chunk.bytes().slice(stretchStart, stretchLength));
        }
        clear();
    }

    void clear() {
        neededSinceReview = Math.max(neededSinceReview, moved);
        if (kept != null) {
            clearKept(kept);
        }
        moved = 0;
        stretchLength = 0;
        announced = -1;
        review();
    }

    /**
     * Called once a frame or chunk: gives memory back that was grown for a large frame and has not been needed for a
     * while.
     */
    void review() {
        if (memory.length > FIRST_RESERVATION && moved == 0 && ++sinceReview == REVIEWED) {
            if (neededSinceReview < memory.length / GROWTH) {
                forgetMemory();
            }
            sinceReview = 0;
            neededSinceReview = 0;
        }
    }

    private void forgetMemory() {
        memory = NOTHING;
        lent = null;
    }

    private void reserve(int needed) {
        if (needed > memory.length) {
            byte[] smaller = memory;
            // Stored before anything is copied into it, so that HotSpot does not take both for one operation, as it
            // does
            // in Arrays.copyOf: it would fill the rest with zeros by a slower way (a frame of 1 MiB takes 7 % longer).
            memory = new byte[capacityFor(needed)];
            lent = null;
            if (moved != 0) {
                System.arraycopy(smaller, 0, memory, 0, moved);
            }
        }
    }

    private int capacityFor(int needed) {
        if (announced < needed) {
            long doubled = Math.max(SMALLEST, 2L * memory.length);
            return (int) Math.max(needed, Math.min(doubled, MAX_ARRAY));
        }
        // Steps back from the announced length by the same factor: none of them is more than that factor above what has
        // arrived, and all of them together are 1 + 1/8 + 1/64 + ... times that length.
        long capacity = announced;
        while (capacity > FIRST_RESERVATION) {
            long smaller = (capacity + GROWTH - 1) / GROWTH;
            if (smaller < needed) {
                break;
            }
            capacity = smaller;
        }
        return (int) capacity;
    }

    /** Copies without the cost of a bulk copy where there are but a few bytes, as in chunks of a few bytes. */
    static void copy(ByteBuffer from, int start, byte[] to, int at, int n) {
        if (n > 2 * Long.BYTES) {
            from.get(start, to, at, n);
        } else if (n >= Long.BYTES) {
            LONG.set(to, at, from.getLong(start));
            LONG.set(to, at + n - Long.BYTES, from.getLong(start + n - Long.BYTES));
        } else if (n >= Integer.BYTES) {
            INT.set(to, at, from.getInt(start));
            INT.set(to, at + n - Integer.BYTES, from.getInt(start + n - Integer.BYTES));
        } else if (n > 0) {
            // the first, the middle and the last, whether or not these are different ones: no branch to mispredict
            to[at] = from.get(start);
            to[at + (n >> 1)] = from.get(start + (n >> 1));
            to[at + n - 1] = from.get(start + n - 1);
        }
    }
}
