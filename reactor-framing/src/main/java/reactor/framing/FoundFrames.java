package reactor.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;

/**
 * The loop over frames that lie whole in the chunk and are found there before any of them is read.
 *
 * <p>Most frames are small and lie in one chunk with many others. What is done for each of them is what decoding costs,
 * so this loop does nothing else: it finds a frame, compares it with the limit and the chunk's end, makes what is
 * emitted, and looks for a cancel and the demand. What is the same for the whole chunk is in local variables, which
 * HotSpot keeps in registers; the place in the chunk is written back once, when the loop is left. Reading each frame
 * through the decoder and the sink takes two to three times as long.
 */
final class FoundFrames {

    private final FrameAssembler assembler;
    private final HeldChunk chunk;
    private final Faults faults;
    private final FrameFinder finder;
    private final long limit;
    private final FramePlace place = new FramePlace();

    /** Measures what is found; null if nobody wants to know. */
    private final @Nullable LargestFound largest;

    private @Nullable Throwable failure;

    FoundFrames(FrameAssembler assembler, HeldChunk chunk, Faults faults, FrameFinder finder, long limit) {
        this.assembler = assembler;
        this.chunk = chunk;
        this.faults = faults;
        largest = faults.isMeasured() ? new LargestFound(finder) : null;
        this.finder = largest != null ? largest : finder;
        this.limit = limit;
    }

    /**
     * Emits the frames that are found, while they are wanted. Of the first that is not found nothing has been read.
     *
     * @param before how many have been emitted that are not taken off the demand yet
     * @return how many have been emitted then
     */
    <T> long emit(Downstream<T> downstream, long before) {
        CoreSubscriber<? super T> actual = downstream.actual;
        Delivery<T> delivery = downstream.delivery;
        FrameFinder finder = this.finder;
        FramePlace place = this.place;
        HeldChunk chunk = this.chunk;
        Faults faults = this.faults;
        ByteBuffer bytes = chunk.bytes();
        long limit = this.limit;
        int chunkEnd = bytes.limit();
        int at = chunk.at();
        long firstIndex = faults.frameIndex() - before;
        long emitted = before;
        long wanted = downstream.demand();
        boolean refused = false;
        boolean missed = false;
        downstream.emitting();
        try {
            while (emitted != wanted || emitted != (wanted = downstream.demand())) {
                T next;
                int end;
                try {
                    if (!finder.find(bytes, at, place) || place.length() > limit || (end = place.end()) > chunkEnd) {
                        missed = true;
                        break;
                    }
                    if (downstream.isInterrupted()) {
                        break;
                    }
                    if (end <= at) {
                        throw new IllegalStateException(finder + " found a frame without a byte at index " + at);
                    }
                    next = delivery.inChunk(chunk, place.start(), place.length(), firstIndex + emitted, 0, true);
                } catch (Throwable t) {
                    failure = t;
                    break;
                }
                if (next == null) {
                    refused = true;
                    break;
                }
                at = end;
                emitted++;
                actual.onNext(next);
            }
        } finally {
            downstream.emitted();
            chunk.moveTo(at);
            faults.passFound(emitted - before, largest == null ? 0 : largest.take());
        }
        if (refused) {
            pass(delivery.refusal());
        } else if (missed && at != chunkEnd && !downstream.isInterrupted()) {
            beginCut(at);
        }
        return emitted;
    }

    /** Reads what the chunk has of the frame that it cuts, if that is all there is to it. */
    private void beginCut(int at) {
        try {
            if (finder.findCut(chunk.bytes(), at, place) && place.length() <= limit) {
                checkCut(place, chunk.bytes().limit());
                assembler.beginCut(place, at);
            }
        } catch (Throwable t) {
            failure = t;
        }
    }

    private void checkCut(FramePlace place, int chunkEnd) {
        int start = place.start();
        int end = start + place.length();
        if (start > chunkEnd || end <= chunkEnd || end != place.end()) {
            throw new IllegalStateException(finder + " found a frame of " + place.length() + " bytes at index " + start
                    + " that ends at " + place.end() + ", which is none that the chunk cuts");
        }
    }

    /** What the decoder, a reader or a callback has thrown; asked once. */
    @Nullable
    Throwable failure() {
        Throwable t = failure;
        failure = null;
        return t;
    }

    /** Passes over a frame that the subscriber's reader refused, or was told to go on without. */
    private void pass(@Nullable FramingException refusal) {
        chunk.moveTo(place.end());
        try {
            faults.passed(refusal, chunk.position());
        } catch (Throwable t) {
            failure = t;
        }
    }
}
