package reactor.framing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the decoder's bytes go: knows the place in the stream, the limit and what happens to a bad frame, and puts the
 * frames together. Used by one drain loop only, so nothing here is synchronized.
 *
 * @param <T> what is emitted: whole frames or parts
 */
abstract class FrameAssembler<T> implements FrameSink {

    /** The largest array that every JVM can make. */
    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /** What is reserved for a frame before any of it has come, at most. */
    private static final int FIRST_RESERVATION = 64 * 1024;

    /** Beyond that: how many times the bytes that have arrived may be reserved. */
    private static final int GROWTH = 8;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();

    private static final ByteBuffer NO_CHUNK = ByteBuffer.allocate(0);
    private static final byte[] NO_BYTES = {};

    private final FrameDecoder decoder;

    /** Whether frames are put together here, and not handed on piece by piece. */
    private final boolean gathers;

    private final long limit;
    private final @Nullable SkipPolicy skipPolicy;

    /** The chunk being decoded, as it was handed in. */
    private @Nullable ByteBuffer source;

    /** What is read of it: a view of our own, once a decoder moves its position. */
    private ByteBuffer chunk = NO_CHUNK;

    /** Whether it is still the chunk itself, which is looked at only; then {@link #at} is where the next byte is. */
    private boolean isBare;

    private int at;

    /** Whether frames may be slices of the chunk. */
    private boolean owned;

    /** The stream offset of the chunk's index 0. */
    private long base;

    /** The stream offset of the frame's first byte, as far as one has been read. */
    private long frameStart;

    /** Bytes skipped since then. */
    private long skipped;

    /**
     * Whether nothing has to be known of the frame but its place in the chunk: none of it was in an earlier chunk, nothing was
     * announced or skipped, and no fault is or was.
     */
    private boolean isPlain = true;

    /** Bytes read already that belong to the next frame. */
    private int readAhead;

    private long frameIndex;
    private long wireLength = -1;

    /** The frame's bytes that have been moved out of chunks, and how many they are. */
    private byte[] bytes = NO_BYTES;

    private int count;

    /** The frame's bytes that are in the chunk still, all in one place. */
    private int segmentStart;

    private int segmentLength;

    /** How many bytes of the stream are the rest of the frame, whatever they are: {@link #appendLast}. */
    private long owed;

    /** Whether that rest has been taken, so that the frame is whole. */
    private boolean isGathered;

    /** The frame's length up to here. */
    private long length;

    private long expectedLength = -1;

    /** The fault that is being passed over, if any; its frame began at {@link #faultStart}. */
    private @Nullable FramingException fault;

    private long faultStart;

    /** Whether the fault is that this frame is too long, so that its end is the end of what is bad. */
    private boolean dropping;

    private int faultsInARow;

    /** The frame's first bytes that were in earlier chunks, and the stream offset of the first of them. */
    private final byte[] head = new byte[FirstBytes.SHOWN];

    private long headStart;
    private int headLength;

    FrameAssembler(FrameDecoder decoder, long limit, @Nullable SkipPolicy skipPolicy, boolean gathers) {
        this.decoder = decoder;
        this.gathers = gathers;
        this.limit = limit;
        this.skipPolicy = skipPolicy;
    }

    /** What is done with faults under {@link FrameCodec#skipInvalid}. */
    record SkipPolicy(Consumer<? super FramingException> onSkipped, int maxFaultsInARow, long maxSkippedBytes) {}

    /** Takes what there is of the frame at its end. */
    abstract T frame();

    /**
     * Makes the frame of bytes that lie in the chunk as they are delivered, all of them.
     *
     * @param owned whether it may be a slice of the chunk
     * @param found how many frames were found before it and are not {@linkplain #countFound counted} yet
     */
    abstract T frameAt(ByteBuffer chunk, int start, int length, boolean owned, int found);

    /** Takes what is emitted of an unfinished frame at the end of a chunk, or moves it out of the chunk. */
    abstract @Nullable T chunkEnd();

    // ---- what the operator calls

    /**
     * Starts with a chunk, which is left as it is; the one before has been used up.
     *
     * @return whether there is something to read
     */
    final boolean take(ByteBuffer source, boolean owned) {
        int start = source.position();
        int n = source.limit() - start;
        release();
        // a frame of which nothing is held may be a slice still
        if (owed != 0 && gathers && fault == null && (count != 0 || !owned || owed > n)) {
            int rest = (int) Math.min(owed, n);
            gather(source, start, rest);
            if (owed != 0) {
                return false;
            }
            isGathered = true;
            start += rest;
        }
        hold(source, start, owned);
        return n != 0;
    }

    /** Keeps a chunk to read it from the given index on. */
    final void hold(ByteBuffer source, int start, boolean owned) {
        this.owned = owned;
        base -= start;
        this.source = source;
        if (source.order() == ByteOrder.BIG_ENDIAN) {
            chunk = source;
            at = start;
            isBare = true;
        } else {
            chunk = source.duplicate().position(start);
        }
    }

    /** Where in the chunk the next byte is. */
    final int at() {
        return isBare ? at : chunk.position();
    }

    private void moveTo(int index) {
        if (isBare) {
            at = index;
        } else {
            chunk.position(index);
        }
    }

    /** The chunk as a decoder may read it. */
    private ByteBuffer view() {
        if (isBare) {
            chunk = chunk.duplicate().position(at);
            isBare = false;
        }
        return chunk;
    }

    /** Whether the rest of the frame has been announced and has not come. */
    final boolean isGathering() {
        return owed != 0;
    }

    /** Where the frame is put together, up to {@link #held} now. */
    final byte[] room() {
        return bytes;
    }

    /** Where in {@link #room} the frame ends, or the room if that is first: none for a frame that is dropped or goes out in parts. */
    final int roomEnd() {
        return (int) Math.min(count + owed, bytes.length);
    }

    /** Counts bytes of chunks that are not held which were put into {@link #room}. */
    final void gathered(int n) {
        count += n;
        length += n;
        owed -= n;
        base += n;
    }

    /** Takes bytes that belong to the frame without anybody having to look at them. */
    private void gather(ByteBuffer source, int start, int n) {
        reserve(count + n);
        copy(source, start, bytes, count, n);
        gathered(n);
    }

    /**
     * Whether no chunk is held, so that there is nothing to {@link #read}. One that ended a frame as it was taken is held until
     * that is read: a frame is begun only when it is wanted.
     */
    @SuppressWarnings("ReferenceEquality") // no other buffer stands for none
    final boolean isUsedUp() {
        return chunk == NO_CHUNK;
    }

    /** Whether there is a chunk of which not all has been read. */
    final boolean hasRemaining() {
        return at() != chunk.limit();
    }

    final int remaining() {
        return Math.max(0, chunk.limit() - at());
    }

    /** Bytes of the unfinished frame that are held. */
    final int held() {
        return count;
    }

    /** Replaces a borrowed chunk by a copy of its unread rest. */
    final void keepRest() {
        if (!owned && hasRemaining()) {
            byte[] rest = new byte[remaining()];
            chunk.get(at(), rest);
            release();
            take(ByteBuffer.wrap(rest), true);
        }
    }

    /** The bytes between the buffer's position and its limit, in a heap buffer of their own. */
    static ByteBuffer copyOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** Whether the chunk has more, and nothing has to be known of the next frame but its place in it. */
    final boolean hasPlain() {
        return isPlain && hasRemaining();
    }

    /** Asked while {@link #hasPlain}: what is read. */
    final ByteBuffer chunk() {
        return chunk;
    }

    /** Asked while {@link #hasPlain}: whether frames may be slices of it. */
    final boolean isOwned() {
        return owned;
    }

    final FrameDecoder decoder() {
        return decoder;
    }

    /** The length of a frame at most, in bytes. */
    final long limit() {
        return limit;
    }

    /** Counts frames that were found and made by {@link #frameAt}. */
    final void countFound(int n) {
        frameIndex += n;
    }

    /**
     * Moves on behind frames that were found and {@linkplain #countFound counted}. Until then everything is as it was before them.
     *
     * @param position where in the chunk they end
     */
    final void moveOn(int position) {
        frameStart = base + position;
        if (position == chunk.limit()) {
            letGo(frameStart);
        } else {
            moveTo(position);
        }
    }

    /** Whether nothing is held, and nothing has to be known of the next frame but its place in a chunk. */
    final boolean isBetweenChunks() {
        return isPlain && isUsedUp();
    }

    /** Passes over a chunk, which is not held, that was a frame. */
    final void passOver(int n) {
        base += n;
        frameStart = base;
        frameIndex++;
    }

    /**
     * Reads on in the chunk, whatever is there.
     *
     * @return what is to be emitted next, or null when the chunk is used up
     */
    final @Nullable T read() {
        if (isGathered) {
            isGathered = false;
            return end();
        }
        if (!hasRemaining()) {
            return null;
        }
        ByteBuffer chunk = view();
        while (chunk.hasRemaining()) {
            int before = chunk.position();
            boolean ended = owed != 0 ? appendOwed() : decoder.decode(chunk, this);
            if (ended && chunk.position() == before) {
                checkProgress();
            }
            if (!ended || owed != 0) {
                if (chunk.hasRemaining()) {
                    throw new IllegalStateException(decoder + " left " + chunk.remaining()
                            + " bytes of the chunk unread without ending a frame");
                }
                return usedUp();
            }
            if (isPlain) {
                return endOfPlainFrame();
            }
            T next = end();
            if (next != null) {
                return next;
            }
        }
        return null;
    }

    /**
     * Whether a frame that begins at the given index and goes on behind the chunk can be put together where its length is reserved at
     * once. One of which the chunk has the header only may be a slice of the next one still.
     */
    final boolean mayCarryOver(int start, long place) {
        return gathers
                && FrameDecoder.lengthOf(place) <= FIRST_RESERVATION
                && FrameDecoder.trailerOf(place) == 0
                && chunk.limit() - start > FrameDecoder.headerOf(place);
    }

    /**
     * Takes what the chunk has of a frame that {@link #mayCarryOver}, and lets go of the chunk.
     *
     * @return how many bytes were put into the array
     */
    final int carryOver(int start, long place, byte[] bytes) {
        ByteBuffer chunk = this.chunk;
        int from = start + FrameDecoder.headerOf(place);
        int end = chunk.limit();
        frameStart = base + start;
        keepHeader(chunk, start, from);
        copy(chunk, from, bytes, 0, end - from);
        letGo(base + end);
        return end - from;
    }

    /**
     * Makes a frame that was carried over, and takes the chunk in which it ends.
     *
     * @param bytes the frame
     * @param passed how many bytes of it came from the chunks behind the one in which it began
     * @param start where in the chunk the next frame begins
     */
    final T carriedOver(byte[] bytes, int passed, ByteBuffer source, int start, boolean owned) {
        base += passed;
        frameStart = base;
        hold(source, start, owned);
        this.bytes = bytes;
        count = bytes.length;
        T next = frame();
        frameIndex++;
        return next;
    }

    /**
     * Begins a frame that was carried over but not to its end.
     *
     * @param held how many bytes of it came from the chunk in which it began
     * @param count how many there are now
     */
    final void beginCarried(long place, byte[] bytes, int held, int count) {
        base += count - held;
        begin(place, bytes, count);
    }

    private void begin(long place, byte[] bytes, int count) {
        int n = FrameDecoder.lengthOf(place);
        isPlain = false;
        expectedLength = n;
        wireLength = FrameDecoder.headerOf(place) + (long) n;
        length = count;
        owed = n - count;
        this.bytes = bytes;
        this.count = count;
    }

    /** Keeps a header for the message; what follows is kept where the frame is put together. */
    private void keepHeader(ByteBuffer chunk, int start, int end) {
        headStart = frameStart;
        headLength = Math.min(head.length, end - start);
        copy(chunk, start, head, 0, headLength);
    }

    /**
     * Moves on to the given index, and takes what the chunk has of a frame that was found there and goes on behind it; declines if
     * frames go out in parts.
     */
    final void beginFound(int start, long place) {
        ByteBuffer chunk = this.chunk;
        int limit = chunk.limit();
        int n = FrameDecoder.lengthOf(place);
        int from = start + FrameDecoder.headerOf(place);
        int held = limit - from;
        moveOn(start);
        if (FrameDecoder.trailerOf(place) != 0 || (from | held) < 0 || start == limit) {
            throw new IllegalStateException(
                    decoder + " found a frame of " + n + " bytes in a chunk that has not got them all");
        }
        if (!gathers) {
            return;
        }
        keepHeader(chunk, start, from);
        begin(place, NO_BYTES, 0);
        reserve(held);
        copy(chunk, from, bytes, 0, held);
        letGo(base + limit);
        count = held;
        length = held;
        owed -= held;
    }

    private @Nullable T usedUp() {
        isPlain = false;
        readAhead = 0;
        T next = fault == null ? chunkEnd() : null;
        keepHead();
        if (fault != null && skipPolicy != null) {
            // Only what is sure to be passed over, for every split the same: some of what was read last may be a start.
            checkSkippedBytes(dropping ? length : frameStart - faultStart, fault, skipPolicy);
        }
        return next;
    }

    /**
     * Asks the decoder for what the end of the stream completes.
     *
     * @return what is to be emitted next, or null if the stream has ended between two frames
     * @throws TruncatedFrameException if it has ended inside one
     */
    final @Nullable T complete() {
        while (owed == 0 && decoder.complete(this)) {
            checkProgress();
            T next = end();
            if (next != null) {
                return next;
            }
        }
        FramingException truncation = null;
        if (isInFrame() && (fault == null || dropping)) {
            truncation = new TruncatedFrameException(position() - frameStart, wireLength);
            locate(truncation);
        }
        if (fault != null) {
            frameStart = position();
            report();
        }
        if (truncation != null) {
            throw truncation;
        }
        return null;
    }

    /** Whether bytes of an unfinished frame have been read. */
    final boolean isInFrame() {
        return position() - frameStart > skipped;
    }

    final long frameIndex() {
        return frameIndex;
    }

    /** Where in the stream the frame began, or may have begun. */
    final long frameStart() {
        return frameStart;
    }

    final long receivedOfFrame() {
        return position() - frameStart;
    }

    final long expectedOfFrame() {
        return wireLength;
    }

    /** Fills in what only the stream knows, and reports first what was being passed over. */
    final void locateLast(FramingException e) {
        if (fault != null && !e.isLocated()) {
            if (dropping) {
                // of the same frame
                locate(e);
                frameStart = position();
            }
            report();
        }
        locate(e);
    }

    /** Fills in what only the stream knows. */
    private void locate(FramingException e) {
        if (!e.isLocated()) {
            long start = fault == null ? frameStart : faultStart;
            e.locate(frameIndex, start, firstBytes(start));
        }
    }

    /** Lets go of the chunk, whose bytes have all been read. */
    final void release() {
        if (source != null) {
            letGo(position());
        }
    }

    /** Goes on at an offset behind the chunk. */
    private void letGo(long offset) {
        base = offset;
        source = null;
        chunk = NO_CHUNK;
        isBare = false;
    }

    /** Lets go of the chunk: the buffer itself if it is owned and nothing of it has been read, else its unread rest, or null. */
    final @Nullable ByteBuffer giveUpChunk() {
        ByteBuffer source = this.source;
        ByteBuffer rest = null;
        if (source != null && hasRemaining()) {
            rest = owned && source.remaining() == remaining() ? source : view().slice();
        }
        release();
        return rest;
    }

    /** Gives the partial frame up, as one buffer, or null if nothing is held. */
    final @Nullable ByteBuffer giveUp() {
        ByteBuffer partial = count == 0 ? null : ByteBuffer.wrap(bytes, 0, count);
        clearFrame();
        return partial;
    }

    // ---- what the decoder calls

    @Override
    public final void expect(long frameLength) {
        expect(frameLength, -1);
    }

    @Override
    public final void expect(long frameLength, long wireLength) {
        isPlain = false;
        if (fault != null) {
            frameAfterFault();
        }
        this.wireLength = wireLength;
        expectedLength = frameLength;
        if (frameLength < 0 || frameLength > limit) {
            refuse(frameLength);
        }
    }

    private void refuse(long frameLength) {
        if (frameLength < 0) {
            throw new IllegalArgumentException("frameLength must not be negative, was " + frameLength);
        }
        if (!dropping) {
            tooLong(frameLength, "declared length " + frameLength + " exceeds the limit of " + limit + " bytes");
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the chunk itself, not one with the same bytes
    public final void append(ByteBuffer source, int n) {
        int start = source.position();
        // the usual case first, and small enough to be inlined into a decoder: a frame that begins in this chunk
        if (length == 0 && source == chunk && fault == null && n >= 0 && n <= limit) {
            source.position(start + n);
            segmentStart = start;
            segmentLength = n;
            length = n;
        } else {
            appendMore(source, start, n);
        }
    }

    @SuppressWarnings("ReferenceEquality") // as above
    private void appendMore(ByteBuffer source, int start, int n) {
        isPlain = false;
        if (fault != null) {
            frameAfterFault();
        }
        if (n < 0 || n > source.remaining()) {
            throw new IllegalArgumentException(
                    "length must be between 0 and the " + source.remaining() + " bytes left, was " + n);
        }
        source.position(start + n);
        if (n > limit - length) {
            tooLong();
        }
        length += n;
        if (dropping) {
            return;
        }
        if (source != chunk) {
            flushSegment();
            reserve(count + n);
            source.get(start, bytes, count, n);
            count += n;
        } else if (segmentLength == 0) {
            segmentStart = start;
            segmentLength = n;
        } else if (segmentStart + segmentLength == start) {
            segmentLength += n;
        } else {
            flushSegment();
            segmentStart = start;
            segmentLength = n;
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // as above
    public final boolean appendLast(FrameDecoder caller, ByteBuffer source, long n) {
        if (caller != decoder) {
            return false;
        }
        if (n < 0 || source != chunk) {
            throw new IllegalArgumentException(
                    n < 0 ? "length must not be negative, was " + n : "chunk must be the one that is being decoded");
        }
        isPlain = false;
        if (expectedLength < 0) {
            expect(length + n, -1);
        }
        if (n > limit - length) {
            tooLong();
        }
        owed = n;
        appendOwed();
        return true;
    }

    /** Takes from the chunk what it has of the frame's last bytes; returns whether that is all. */
    private boolean appendOwed() {
        int n = (int) Math.min(owed, chunk.remaining());
        owed -= n;
        append(chunk, n);
        return owed == 0;
    }

    @Override
    public final void append(byte value) {
        isPlain = false;
        if (fault != null) {
            frameAfterFault();
        }
        if (length >= limit) {
            tooLong();
        }
        length++;
        if (!dropping) {
            flushSegment();
            reserve(count + 1);
            bytes[count++] = value;
        }
    }

    @Override
    public final void skip(ByteBuffer source, int n) {
        if (n < 0 || n > source.remaining()) {
            throw new IllegalArgumentException(
                    "length must be between 0 and the " + source.remaining() + " bytes left, was " + n);
        }
        long position = position();
        source.position(source.position() + n);
        if (position - frameStart == skipped && length == 0) {
            frameStart += skipped + n;
            skipped = 0;
        } else {
            isPlain = false;
            skipped += n;
        }
    }

    @Override
    public final void begin(int n) {
        mayBegin(n);
        if (fault != null) {
            frameAfterFault();
        }
    }

    @Override
    public final void mayBegin(int n) {
        long start = position() - n;
        if (n < 0 || start < 0) {
            throw new IllegalArgumentException(
                    "length must be between 0 and the " + position() + " bytes read, was " + n);
        }
        frameStart = start;
        skipped = 0;
    }

    @Override
    public final void endBefore(int n) {
        if (n < 0 || n > position()) {
            throw new IllegalArgumentException(
                    "length must be between 0 and the " + position() + " bytes read, was " + n);
        }
        isPlain = false;
        readAhead = n;
    }

    @Override
    public final void invalid(FramingException cause) {
        if (skipPolicy == null) {
            throw cause;
        }
        if (fault == null) {
            locate(cause);
            fault = cause;
            faultStart = frameStart;
        }
        dropping = false;
        isPlain = false;
        clearFrame();
        frameStart = position();
    }

    // ---- faults

    private void tooLong() {
        if (!dropping) {
            tooLong(limit + 1, "frame is longer than the limit of " + limit + " bytes");
        }
    }

    private void tooLong(long length, String message) {
        FramingException cause = new FrameTooLongException(message, length, limit);
        if (skipPolicy == null) {
            throw cause;
        }
        locate(cause);
        fault = cause;
        faultStart = frameStart;
        dropping = true;
        dropBytes();
    }

    /** A frame goes on or begins while a fault is open: if that was in the bytes before this frame, it ends here. */
    private void frameAfterFault() {
        if (!dropping) {
            report();
        }
    }

    /** Reports the fault, behind which the frame that begins at {@link #frameStart} is the next one. */
    private void report() {
        FramingException cause = fault;
        SkipPolicy policy = skipPolicy;
        if (cause == null || policy == null) {
            return;
        }
        long bytes = frameStart - faultStart;
        checkSkippedBytes(bytes, cause, policy);
        fault = null;
        dropping = false;
        frameIndex++;
        if (++faultsInARow > policy.maxFaultsInARow) {
            throw cause;
        }
        cause.skipped(bytes);
        policy.onSkipped.accept(cause);
    }

    private static void checkSkippedBytes(long bytes, FramingException cause, SkipPolicy policy) {
        if (bytes > policy.maxSkippedBytes) {
            throw cause;
        }
    }

    /** The end of a frame: of a good one, or of one that was dropped. */
    private @Nullable T end() {
        if (fault != null) {
            frameAfterFault();
            if (dropping) {
                clearFrame();
                endOfFrame();
                report();
                return null;
            }
        }
        T next = frame();
        clearFrame();
        isPlain = readAhead == 0;
        endOfFrame();
        frameIndex++;
        faultsInARow = 0;
        return next;
    }

    /** The end of a frame of which nothing is known but its place in this chunk. */
    private T endOfPlainFrame() {
        T next = frame();
        length = 0;
        frameStart = position();
        frameIndex++;
        return next;
    }

    private void endOfFrame() {
        frameStart = position() - readAhead;
        readAhead = 0;
    }

    /** Every frame has a byte on the wire: a decoder that finds more would find them for ever. */
    private void checkProgress() {
        if (frameIndex >= position()) {
            throw new IllegalStateException(decoder + " found more frames than there were bytes");
        }
    }

    // ---- the place in the stream

    private long position() {
        return base + at();
    }

    /** Keeps the frame's first bytes, for the message, when their chunk goes. */
    private void keepHead() {
        if (headStart != frameStart) {
            headStart = frameStart;
            headLength = 0;
        }
        if (headLength < head.length) {
            headLength = copyFirstBytes(head, headLength, frameStart);
        }
    }

    private byte[] firstBytes(long start) {
        byte[] first = new byte[FirstBytes.SHOWN];
        int known = 0;
        if (headStart == start) {
            System.arraycopy(head, 0, first, 0, headLength);
            known = headLength;
            long gathered = position() - start - known;
            if (owed != 0 && gathered <= count) {
                int n = (int) Math.min(first.length - known, gathered);
                System.arraycopy(bytes, count - (int) gathered, first, known, n);
                known += n;
            }
        }
        return Arrays.copyOf(first, copyFirstBytes(first, known, start));
    }

    /** Adds to the known first bytes of what began at the given offset those that are in the chunk. */
    private int copyFirstBytes(byte[] target, int known, long start) {
        long from = start + known - base;
        if (from < 0 || from >= chunk.limit()) {
            return known;
        }
        int n = Math.min(target.length - known, chunk.limit() - (int) from);
        copy(chunk, (int) from, target, known, n);
        return known + n;
    }

    // ---- the frame's bytes

    /** The length of what has been handed over and not been taken. */
    final int pendingLength() {
        return count + segmentLength;
    }

    final long frameLength() {
        return length;
    }

    /** Takes the bytes that have been handed over and not been taken. */
    final ByteBuffer take() {
        int n = segmentLength;
        if (count != 0 || n == 0) {
            return takeAssembled();
        }
        segmentLength = 0;
        return cut(chunk, segmentStart, n, owned);
    }

    /** A slice of the chunk if it is owned, else a copy. */
    static ByteBuffer cut(ByteBuffer chunk, int start, int length, boolean owned) {
        if (owned) {
            return chunk.slice(start, length);
        }
        byte[] copy = new byte[length];
        chunk.get(start, copy);
        return ByteBuffer.wrap(copy);
    }

    private ByteBuffer takeAssembled() {
        flushSegment();
        ByteBuffer taken = bytes.length == count
                ? ByteBuffer.wrap(bytes)
                : ByteBuffer.wrap(bytes, 0, count).slice();
        bytes = NO_BYTES;
        count = 0;
        return taken;
    }

    /** Looks at the bytes that have been handed over and not been taken; null if the frame is dropped. */
    final @Nullable ByteBuffer look() {
        if (dropping) {
            return null;
        }
        if (count == 0) {
            return segmentLength == 0
                    ? NO_CHUNK.asReadOnlyBuffer()
                    : chunk.slice(segmentStart, segmentLength).asReadOnlyBuffer();
        }
        flushSegment();
        return ByteBuffer.wrap(bytes, 0, count).slice().asReadOnlyBuffer();
    }

    /** Moves the bytes that are in the chunk still out of it. */
    final void flushSegment() {
        int n = segmentLength;
        if (n != 0) {
            reserve(count + n);
            copy(chunk, segmentStart, bytes, count, n);
            count += n;
            segmentLength = 0;
        }
    }

    /** Copies without the cost of a bulk copy where there are but a few bytes, as in chunks of a few bytes. */
    static void copy(ByteBuffer from, int start, byte[] to, int at, int n) {
        if (n > 2 * Long.BYTES) {
            from.get(start, to, at, n);
        } else {
            copyFew(from, start, to, at, n);
        }
    }

    private static void copyFew(ByteBuffer from, int start, byte[] to, int at, int n) {
        if (from.order() != ByteOrder.BIG_ENDIAN) {
            from.get(start, to, at, n);
        } else if (n >= 8) {
            LONG.set(to, at, from.getLong(start));
            LONG.set(to, at + n - 8, from.getLong(start + n - 8));
        } else if (n >= 4) {
            INT.set(to, at, from.getInt(start));
            INT.set(to, at + n - 4, from.getInt(start + n - 4));
        } else if (n > 0) {
            // the first, the middle and the last, whether or not these are different ones: no branch to mispredict
            to[at] = from.get(start);
            to[at + (n >> 1)] = from.get(start + (n >> 1));
            to[at + n - 1] = from.get(start + n - 1);
        }
    }

    private void reserve(int needed) {
        if (needed > bytes.length) {
            byte[] smaller = bytes;
            // The new array is stored before anything is copied into it, so that HotSpot does not take both for one
            // operation, as it does in Arrays.copyOf: what is not copied would be filled with zeros by a slower way, if
            // the array is large (JDK 17 and 25; a frame of 1 MiB takes 7 % longer).
            bytes = new byte[capacityFor(needed)];
            if (count != 0) {
                System.arraycopy(smaller, 0, bytes, 0, count);
            }
        }
    }

    private int capacityFor(int needed) {
        long announced = reservableLength();
        if (announced < needed) {
            long doubled = Math.max(256, 2L * bytes.length);
            return (int) Math.max(needed, Math.min(doubled, Math.min(limit, MAX_ARRAY)));
        }
        // Steps back from the announced length by the same factor, so that none of them is more than that factor above
        // what has arrived, and all of them together are 1 + 1/8 + 1/64 + ... times that length.
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

    /** The length that memory may be reserved for in one piece, or -1 if none was announced. */
    long reservableLength() {
        return expectedLength;
    }

    private void dropBytes() {
        if (count != 0) {
            bytes = NO_BYTES;
            count = 0;
        }
        segmentLength = 0;
    }

    private void clearFrame() {
        dropBytes();
        length = 0;
        owed = 0;
        expectedLength = -1;
        wireLength = -1;
        skipped = 0;
    }
}
