package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The place in the stream, and what is bad there: where the frame that is being read began, which fault is being passed
 * over, and what an exception tells of both.
 */
final class Faults {

    /** What is done with faults under {@link FrameCodec#skipInvalid}. */
    record SkipPolicy(Consumer<? super FramingException> onSkipped, int maxFaultsInARow, long maxSkippedBytes) {}

    private static final int UNKNOWN = -1;

    private static final byte[] NO_BYTES = {};

    private final HeldChunk chunk;

    /** Null: the first fault ends the stream. */
    private final @Nullable SkipPolicy policy;

    private final @Nullable FrameMetrics metrics;

    /** What the metrics have not been told; null if there are none. */
    private final @Nullable FrameTally tally;

    private long frameIndex;

    /** The stream offset of the frame's first byte, as far as one has been read. */
    private long frameStart;

    /** Where a frame may begin of which it is not known yet; {@link #UNKNOWN} if there is no such place. */
    private long possibleStart = UNKNOWN;

    /** Bytes skipped inside the frame. */
    private long skipped;

    /** The fault that is being passed over, if any, and where what is bad began. */
    private @Nullable FramingException open;

    private long openStart;

    /** Whether the open fault is that this frame is too long, so that its end is the end of what is bad. */
    private boolean dropping;

    private int faultsInARow;

    /** The frame's first bytes that were in earlier chunks, and the stream offset of the first of them. */
    private byte[] head = NO_BYTES;

    private long headStart;
    private int headLength;

    Faults(HeldChunk chunk, CodecSettings settings, long frameIndex) {
        this.chunk = chunk;
        policy = settings.skipPolicy();
        FrameMetrics m = settings.observed().metrics();
        metrics = m;
        tally = m == null ? null : new FrameTally(m::received);
        this.frameIndex = frameIndex;
        frameStart = chunk.position();
    }

    // ---- the place

    long frameIndex() {
        return frameIndex;
    }

    long frameStart() {
        return frameStart;
    }

    /** Bytes of the frame that have been read, header included. */
    long received() {
        return chunk.position() - frameStart;
    }

    /** Whether bytes of an unfinished frame have been read. */
    boolean isInFrame() {
        return received() > skipped;
    }

    boolean isOpen() {
        return open != null;
    }

    boolean isDropping() {
        return dropping;
    }

    void mayBegin(long offset) {
        possibleStart = offset;
    }

    /** The frame goes on: a place at which it may have begun is where it did begin. */
    void settleStart() {
        if (possibleStart != UNKNOWN) {
            frameStart = possibleStart;
            possibleStart = UNKNOWN;
            skipped = 0;
        }
    }

    /** Passes over bytes in front of the frame, or in the middle of it if any of it has been delivered. */
    void skip(int n, boolean begun) {
        settleStart();
        if (!begun && received() == skipped) {
            frameStart += skipped + n;
            skipped = 0;
        } else {
            skipped += n;
        }
    }

    /** A frame has been decoded to its end. What was read behind it belongs to the next one. */
    long endOfFrame() {
        long end = possibleStart == UNKNOWN ? chunk.position() : possibleStart;
        possibleStart = UNKNOWN;
        return end;
    }

    /** Goes on behind a good frame. */
    private void nextFrame(long start) {
        if (tally != null) {
            long bytes = start - frameStart - skipped;
            tally.add(1, bytes, bytes);
        }
        frameStart = start;
        skipped = 0;
        frameIndex++;
        faultsInARow = 0;
    }

    /** Goes on behind frames that were found, the last of which ended here. */
    void passFound(long frames, long largest) {
        long end = chunk.position();
        if (tally != null) {
            tally.add(frames, end - frameStart, largest);
        }
        frameStart = end;
        frameIndex += frames;
        if (frames != 0) {
            faultsInARow = 0;
        }
    }

    boolean isMeasured() {
        return metrics != null;
    }

    /** Tells the metrics what has been read since the last time. */
    void reportRead() {
        if (tally != null) {
            tally.report();
        }
    }

    // ---- faults

    /** Something between two frames is bad: thrown, or passed over up to the next frame. */
    void invalid(FramingException cause) {
        if (policy == null) {
            throw cause;
        }
        settleStart();
        open(cause);
        dropping = false;
        frameStart = chunk.position();
        skipped = 0;
    }

    /** The frame is too long: thrown, or dropped up to its end. */
    void tooLong(long length, long limit, String message) {
        FramingException cause = new FrameTooLongException(message, length, limit);
        if (policy == null) {
            throw cause;
        }
        open(cause);
        dropping = true;
    }

    private void open(FramingException cause) {
        if (open == null) {
            locate(cause);
            open = cause;
            openStart = frameStart;
        }
    }

    /** A frame begins or goes on: if the open fault was in the bytes before it, it ends here. */
    void frameBegins() {
        settleStart();
        if (open != null && !dropping) {
            report(frameStart);
        }
    }

    /** A frame ends, which may have had no bytes to tell that it began. */
    void frameEnds() {
        if (open != null && !dropping) {
            report(frameStart);
        }
    }

    /** A frame that was dropped has ended. */
    void endOfDropped(long end) {
        frameStart = end;
        skipped = 0;
        report(end);
    }

    /** A whole frame has been delivered, or the subscriber's reader found it bad. */
    void passed(@Nullable FramingException refusal, long end) {
        if (refusal == null) {
            nextFrame(end);
            return;
        }
        locate(refusal);
        if (policy == null) {
            throw refusal;
        }
        open = refusal;
        openStart = frameStart;
        endOfDropped(end);
    }

    /** Reports the open fault, which ended at this offset. */
    private void report(long end) {
        FramingException cause = open;
        SkipPolicy policy = this.policy;
        if (cause == null || policy == null) {
            return;
        }
        long bytes = end - openStart;
        checkSkipped(bytes, cause, policy);
        open = null;
        dropping = false;
        frameIndex++;
        if (++faultsInARow > policy.maxFaultsInARow) {
            throw cause;
        }
        cause.skipped(bytes);
        if (metrics != null) {
            metrics.fault(cause);
        }
        policy.onSkipped.accept(cause);
    }

    private static void checkSkipped(long bytes, FramingException cause, SkipPolicy policy) {
        if (bytes > policy.maxSkippedBytes) {
            throw cause;
        }
    }

    /** The chunk is used up, of which nothing can be looked at later. */
    void endOfChunk(long frameLength) {
        settleStart();
        keepHead();
        if (open != null && policy != null) {
            // Only what is sure to be passed over, for every split the same: some of what was read last may be a start.
            checkSkipped(dropping ? frameLength : frameStart - openStart, open, policy);
        }
    }

    /** The stream has ended: reports what was being passed over, and says whether it ended inside a frame. */
    void endOfStream(long expected) {
        settleStart();
        FramingException truncation = null;
        if (isInFrame() && (open == null || dropping)) {
            truncation = new TruncatedFrameException(received(), expected);
            locate(truncation);
        }
        if (open != null) {
            frameStart = chunk.position();
            report(frameStart);
        }
        if (truncation != null) {
            throw truncation;
        }
    }

    /** The fault ends the stream: fills in what only the stream knows, and reports first what was being passed over. */
    void fatal(FramingException e) {
        settleStart();
        if (open != null && !e.isLocated()) {
            if (dropping) {
                // of the same frame
                locate(e);
                frameStart = chunk.position();
            }
            report(frameStart);
        }
        locate(e);
        if (metrics != null) {
            metrics.fault(e);
        }
    }

    private void locate(FramingException e) {
        if (!e.isLocated()) {
            long start = open == null ? frameStart : openStart;
            e.locate(frameIndex, start, firstBytes(start));
        }
    }

    // ---- the first bytes of a frame, for the message

    private void keepHead() {
        if (headStart != frameStart) {
            headStart = frameStart;
            headLength = 0;
        }
        if (headLength < ErrorText.SHOWN) {
            if (head.length == 0) {
                head = new byte[ErrorText.SHOWN];
            }
            headLength = copyFirstBytes(head, headLength, frameStart);
        }
    }

    /** More of the frame has come, in a chunk that is not held. */
    void readInside(ByteBuffer source, int start, int n) {
        int shown = Math.min(n, head.length - headLength);
        if (shown > 0) {
            FrameBytes.copy(source, start, head, headLength, shown);
            headLength += shown;
        }
    }

    private byte[] firstBytes(long start) {
        byte[] first = new byte[ErrorText.SHOWN];
        int known = 0;
        if (headStart == start) {
            System.arraycopy(head, 0, first, 0, headLength);
            known = headLength;
        }
        return Arrays.copyOf(first, copyFirstBytes(first, known, start));
    }

    /** Adds to the known first bytes of what began at the given offset those that are in the chunk. */
    private int copyFirstBytes(byte[] target, int known, long start) {
        ByteBuffer bytes = chunk.bytes();
        long from = start + known - chunk.offsetOf(0);
        if (from < 0 || from >= bytes.limit()) {
            return known;
        }
        int n = Math.min(target.length - known, bytes.limit() - (int) from);
        FrameBytes.copy(bytes, (int) from, target, known, n);
        return known + n;
    }
}
