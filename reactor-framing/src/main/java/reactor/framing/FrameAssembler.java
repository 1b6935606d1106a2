package reactor.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one stream: has the decoder read the chunk, puts together what it hands over, and keeps to the
 * limit. Used by one thread at a time.
 *
 * <pre>
 * chunk ---&gt; decoder ---&gt; this sink ---&gt; FrameBytes ---&gt; Delivery ---&gt; what is emitted
 *                             |
 *                             +--------&gt; Faults
 * </pre>
 */
final class FrameAssembler implements FrameSink {

    final Faults faults;
    private final HeldChunk chunk;
    private final FrameBytes bytes;
    private final long limit;
    private final FrameDecoder decoder;
    private final @Nullable FoundFrames foundFrames;
    private final CodecSettings.Observed observed;

    /** Whether the decoder has read nothing since the last frame, so that the next one can be found. */
    private boolean betweenFrames = true;

    /** Whether there is something to make: a frame or, if {@link #inParts}, a part. */
    private boolean ready;

    /** Whether that is the whole frame or its last part, and where in the stream it ended then. */
    private boolean ended;

    private long end;

    private boolean inParts;

    /** The frame's length up to here, and how much of it has been delivered in parts. */
    private long length;

    private long delivered;

    /** How many bytes of the frame are to come that are read without the decoder. */
    private long rest;

    /** The frame's length on the wire, or -1. */
    private long wireLength = -1;

    /** @param frameIndex how many frames have come before */
    FrameAssembler(CodecSettings settings, HeldChunk chunk, long frameIndex) {
        decoder = Objects.requireNonNull(settings.framing().newDecoder(), "newDecoder() returned null");
        limit = settings.maxFrameLength();
        this.chunk = chunk;
        bytes = new FrameBytes(chunk);
        faults = new Faults(chunk, settings, frameIndex);
        observed = settings.observed();
        foundFrames = decoder instanceof FrameFinder finder
                ? new FoundFrames(this, chunk, faults, finder, Math.min(limit, FrameBytes.MAX_ARRAY))
                : null;
    }

    // ---- what the operator calls

    /** Sets how frames are delivered from here on. */
    void deliver(Delivery<?> delivery) {
        inParts = delivery.inParts();
        bytes.joinBy(delivery.joiner());
        if (ready) {
            keepWhole();
        }
    }

    /** The loop over frames that are found in the chunk before any of them is read; null if the next one cannot be. */
    @Nullable
    FoundFrames foundFrames() {
        return isBetweenFrames() && chunk.hasRemaining() && !observed.isLogged() ? foundFrames : null;
    }

    /** Whether nothing of a frame has been read that has not been made. */
    boolean isBetweenFrames() {
        return betweenFrames && !ready && !faults.isOpen();
    }

    /** Whether there is something to {@link #make}. */
    boolean isReady() {
        return ready;
    }

    /**
     * Has the decoder read on in the chunk.
     *
     * @return whether there is something to {@link #make}; if not, the chunk is used up
     */
    boolean advance() {
        while (!ready && chunk.hasRemaining()) {
            if (rest != 0 ? readRest() : decode()) {
                endOfFrame();
            } else {
                endOfChunk();
            }
        }
        return ready;
    }

    /** Adds a chunk that is not held to the frame, if it ends before the frame does and there is memory for it. */
    boolean readInside(ByteBuffer next) {
        int start = next.position();
        int n = next.limit() - start;
        if (n >= rest || inParts || next.order() != ByteOrder.BIG_ENDIAN || !bytes.addInside(next, start, n)) {
            return false;
        }
        faults.readInside(next, start, n);
        length += n;
        rest -= n;
        return true;
    }

    /** Has the decoder read; returns whether the frame is complete, else the chunk is used up. */
    private boolean decode() {
        ByteBuffer view = chunk.view();
        int before = view.position();
        betweenFrames = false;
        boolean complete = decoder.decode(view, this) && rest == 0;
        if (complete && view.position() == before) {
            checkProgress(0);
        }
        if (!complete && view.hasRemaining()) {
            throw new IllegalStateException(
                    decoder + " left " + view.remaining() + " bytes of the chunk unread without ending a frame");
        }
        return complete;
    }

    /** Reads what the chunk has of a frame that it cuts, whose place was found, from its index on the wire on. */
    void beginCut(FramePlace place, int at) {
        int start = place.start();
        int here = chunk.bytes().limit() - start;
        betweenFrames = false;
        wireLength = place.end() - at;
        length = here;
        rest = place.length() - here;
        bytes.announce(place.length());
        bytes.addOfChunk(start, here);
        chunk.moveTo(start + here);
        endOfChunk();
    }

    /** Reads what the decoder has left to do; returns whether the frame is complete, else the chunk is used up. */
    private boolean readRest() {
        int start = chunk.at();
        int n = (int) Math.min(rest, chunk.remaining());
        chunk.moveTo(start + n);
        bytes.addOfChunk(start, n);
        length += n;
        rest -= n;
        return rest == 0;
    }

    /**
     * Asks the decoder for what the end of the stream completes.
     *
     * @return whether there is something to {@link #make}; if not, the stream has ended between two frames
     * @throws TruncatedFrameException if it has ended inside one
     */
    boolean complete() {
        while (!ready && rest == 0 && decoder.complete(this)) {
            checkProgress(1);
            endOfFrame();
        }
        if (!ready) {
            faults.endOfStream(wireLength);
        }
        return ready;
    }

    /**
     * Makes what is emitted.
     *
     * @return null if a reader refused the frame, which has then been passed over
     */
    <T> @Nullable T make(Delivery<T> delivery) {
        ready = false;
        long frameIndex = faults.frameIndex();
        if (observed.log() != null && observed.isLogged()) {
            ByteBuffer shown =
                    bytes.areInChunk() ? chunk.bytes().slice(bytes.stretchStart(), bytes.length()) : bytes.lend();
            observed.log().log(
                    observed.name(), inParts ? "received part of frame" : "received frame", frameIndex, shown);
        }
        T next = bytes.areInChunk()
                ? delivery.inChunk(chunk, bytes.stretchStart(), bytes.length(), frameIndex, delivered, ended)
                : delivery.inMemory(bytes, frameIndex, delivered, ended);
        bytes.clear();
        delivered = length;
        if (ended) {
            beginFrame();
            faults.passed(next == null ? delivery.refusal() : null, end);
        }
        return next;
    }

    private void beginFrame() {
        ended = false;
        length = 0;
        delivered = 0;
        rest = 0;
        wireLength = -1;
    }

    /** Lets go of a chunk that has been read; what is still needed of a borrowed one is copied. */
    void outliveChunk() {
        bytes.outlive();
        if (chunk.isHeld()) {
            if (ready) {
                bytes.move();
            }
            bytes.review();
            chunk.outlive();
        }
    }

    /** Gives the partial frame up, or one that was not made. */
    void giveUp(Consumer<? super ByteBuffer> discard) {
        bytes.giveUp(discard);
        ready = false;
    }

    /** Bytes of the unfinished frame that are held in memory. */
    int held() {
        return bytes.length();
    }

    FrameTimeoutException timedOut(Duration timeout) {
        return new FrameTimeoutException(timeout, faults.received(), wireLength);
    }

    private void endOfFrame() {
        faults.frameEnds();
        long frameEnd = faults.endOfFrame();
        betweenFrames = frameEnd == chunk.position();
        if (faults.isDropping()) {
            bytes.clear();
            beginFrame();
            faults.endOfDropped(frameEnd);
        } else {
            end = frameEnd;
            ended = true;
            ready = true;
            keepWhole();
        }
    }

    /** Where frames are whole, a part of one is nothing to make: its other parts went to a subscriber that has left. */
    private void keepWhole() {
        if (!inParts && (!ended || delivered != 0)) {
            ready = false;
            if (ended) {
                bytes.clear();
                beginFrame();
                faults.passed(null, end);
            }
        }
    }

    private void endOfChunk() {
        faults.endOfChunk(length);
        if (inParts && bytes.length() != 0 && !faults.isOpen()) {
            ready = true;
        } else {
            bytes.leaveChunk();
        }
    }

    /**
     * Every frame has a byte on the wire, but for one at the end: a decoder that finds more would find them for ever.
     */
    private void checkProgress(int atTheEnd) {
        if (faults.frameIndex() >= chunk.position() + atTheEnd) {
            throw new IllegalStateException(decoder + " found more frames than there were bytes");
        }
    }

    // ---- what the decoder calls

    @Override
    public boolean keepsFrame() {
        return !inParts && !faults.isDropping();
    }

    @Override
    public void expect(long frameLength) {
        expect(frameLength, -1);
    }

    @Override
    public void expect(long frameLength, long wireLength) {
        if (frameLength < 0) {
            throw new IllegalArgumentException("frameLength must not be negative, was " + frameLength);
        }
        faults.frameBegins();
        this.wireLength = wireLength;
        if (frameLength > limit() && !faults.isDropping()) {
            tooLong(frameLength, "declared length " + frameLength + " exceeds the limit of " + limit() + " bytes");
        }
        if (!inParts) {
            bytes.announce(frameLength);
        }
    }

    @Override
    public void append(ByteBuffer source, int n) {
        faults.frameBegins();
        int start = source.position();
        checkLength(source, n);
        source.position(start + n);
        if (grow(n)) {
            if (chunk.isView(source)) {
                bytes.addOfChunk(start, n);
            } else {
                bytes.addOther(source, start, n);
            }
        }
    }

    @Override
    public boolean appendRest(ByteBuffer source, long n) {
        int here = source.remaining();
        if (n < here) {
            throw new IllegalArgumentException("length must be at least the " + here + " bytes left, was " + n);
        }
        if (!chunk.isView(source) || n > limit() - length) {
            return false;
        }
        append(source, here);
        rest = n - here;
        return true;
    }

    @Override
    public void append(byte value) {
        faults.frameBegins();
        if (grow(1)) {
            bytes.add(value);
        }
    }

    @Override
    public void skip(ByteBuffer source, int n) {
        checkLength(source, n);
        faults.skip(n, length != 0);
        source.position(source.position() + n);
    }

    @Override
    public void begin(int n) {
        long position = chunk.position();
        if (n < 0 || n > position) {
            throw new IllegalArgumentException(
                    "length must be between 0 and the " + position + " bytes read, was " + n);
        }
        faults.mayBegin(position - n);
    }

    @Override
    public void invalid(FramingException cause) {
        faults.invalid(cause);
        bytes.clear();
        beginFrame();
    }

    /** The length of a frame at most: what has to fit into an array, unless parts of it are enough. */
    long limit() {
        return inParts ? limit : Math.min(limit, FrameBytes.MAX_ARRAY);
    }

    /** Counts bytes of the frame; false if they are dropped. */
    private boolean grow(int n) {
        if (n > limit() - length && !faults.isDropping()) {
            tooLong(limit() + 1, "frame is longer than the limit of " + limit() + " bytes");
        }
        length += n;
        return !faults.isDropping();
    }

    private void tooLong(long frameLength, String message) {
        faults.tooLong(frameLength, limit(), message);
        bytes.clear();
    }

    private static void checkLength(ByteBuffer source, int n) {
        if (n < 0 || n > source.remaining()) {
            throw new IllegalArgumentException(
                    "length must be between 0 and the " + source.remaining() + " bytes left, was " + n);
        }
    }
}
