package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.framing.FrameDecoder;

/**
 * The least that an operator has to do for a frame: find it, compare its length with the limit and its end with the chunk's, look
 * whether it is cancelled and more is wanted, make a slice or a copy, and call {@code onNext}. It knows no faults, no place in the
 * stream, no other thread and no chunk that comes later: what it takes beyond the plain loop, any operator takes. For frames of up
 * to {@link #LONGEST} bytes on the wire of which a chunk cuts one at most, all of them at hand, and for demand that does not end.
 */
final class LeastOperator extends Flux<ByteBuffer> {

    private static final int LONGEST = 256;

    private final Stream stream;
    private final boolean owned;

    LeastOperator(Stream stream, boolean owned) {
        this.stream = stream;
        this.owned = owned;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
        FrameDecoder decoder = stream.format().framing.newDecoder();
        actual.onSubscribe(new Loop(actual, decoder, stream.longest(), stream.chunks(), owned));
    }

    private static final class Loop implements Subscription {

        private static final AtomicLongFieldUpdater<Loop> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Loop.class, "requested");

        private final CoreSubscriber<? super ByteBuffer> actual;
        private final FrameDecoder decoder;
        private final long maxLength;
        private final ByteBuffer[] chunks;
        private final boolean owned;

        private volatile boolean cancelled;
        private volatile long requested;
        private long emitted;

        Loop(
                CoreSubscriber<? super ByteBuffer> actual,
                FrameDecoder decoder,
                long maxLength,
                ByteBuffer[] chunks,
                boolean owned) {
            this.actual = actual;
            this.decoder = decoder;
            this.maxLength = maxLength;
            this.chunks = chunks;
            this.owned = owned;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        /** Emits all from inside the first call. */
        @Override
        public void request(long n) {
            if (Operators.addCap(REQUESTED, this, n) == 0) {
                emitAll();
            }
        }

        private void emitAll() {
            ByteBuffer cut = ByteBuffer.allocate(0);
            for (ByteBuffer chunk : chunks) {
                int at = chunk.position();
                if (cut.hasRemaining()) {
                    // as much of the chunk as the frame may have that the one before has cut
                    ByteBuffer whole = ByteBuffer.allocate(cut.remaining() + LONGEST)
                            .put(cut)
                            .put(chunk.slice(at, Math.min(LONGEST, chunk.remaining())))
                            .flip();
                    int known = cut.position();
                    long place = decoder.find(whole, 0);
                    int from = FrameDecoder.headerOf(place);
                    int n = FrameDecoder.lengthOf(place);
                    at += from + n + FrameDecoder.trailerOf(place) - known;
                    actual.onNext(Limit.frame(whole, from, n, false));
                    emitted++;
                }
                at = emitFound(chunk, at);
                if (cancelled) {
                    return;
                }
                cut = chunk.slice(at, chunk.limit() - at);
            }
            actual.onComplete();
        }

        private int emitFound(ByteBuffer chunk, int start) {
            FrameDecoder decoder = this.decoder;
            CoreSubscriber<? super ByteBuffer> actual = this.actual;
            long maxLength = this.maxLength;
            boolean owned = this.owned;
            long limit = chunk.limit();
            long at = start;
            long emitted = this.emitted;
            long r = requested;
            while (!cancelled && (emitted != r || emitted != (r = requested))) {
                long place = decoder.find(chunk, (int) at);
                long n = FrameDecoder.lengthOf(place);
                long from = at + FrameDecoder.headerOf(place);
                long end = from + n + FrameDecoder.trailerOf(place);
                if (place <= 0 || n > maxLength || end > limit) {
                    break;
                }
                at = end;
                emitted++;
                actual.onNext(Limit.frame(chunk, (int) from, (int) n, owned));
            }
            this.emitted = emitted;
            return (int) at;
        }
    }
}
