package reactor.framing.test;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/** The operator of {@link Rechunk}. */
final class FluxRechunk extends FluxOperator<ByteBuffer, ByteBuffer> {

    private static final byte GARBAGE = (byte) 0xEE;

    private final Rechunk how;

    private FluxRechunk(Flux<ByteBuffer> source, Rechunk how) {
        super(source);
        this.how = how;
    }

    static Flux<ByteBuffer> create(Publisher<? extends ByteBuffer> source, Rechunk how) {
        return onAssembly(new FluxRechunk(Flux.from(source), how));
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
        source.subscribe(new RechunkSubscriber(actual, how));
    }

    /** Bytes that have come and have not been sent on. */
    private static final class Bytes {

        private final Queue<byte[]> buffers = new ArrayDeque<>();
        private int read; // of the first buffer
        private long length;

        void add(byte[] buffer) {
            if (buffer.length > 0) {
                buffers.add(buffer);
                length += buffer.length;
            }
        }

        ByteBuffer take(int n) {
            byte[] taken = new byte[n];
            int filled = 0;
            for (byte[] first = buffers.peek(); first != null && filled < n; first = buffers.peek()) {
                int part = Math.min(n - filled, first.length - read);
                System.arraycopy(first, read, taken, filled, part);
                filled += part;
                read += part;
                if (read == first.length) {
                    buffers.remove();
                    read = 0;
                }
            }
            length -= n;
            return ByteBuffer.wrap(taken);
        }
    }

    private static final class RechunkSubscriber implements CoreSubscriber<ByteBuffer>, Subscription, Scannable {

        private final CoreSubscriber<? super ByteBuffer> actual;
        private final Rechunk how;
        private final Rechunk.Sizes sizes;

        /** What has come while somebody else was draining, or while the source was asked. */
        private final Queue<byte[]> arrived = Queues.<byte[]>unbounded().get();

        private @Nullable Subscription s;

        /** Whether the source has been asked for a buffer and has not sent it. */
        private volatile boolean asked;

        private volatile boolean done;
        private @Nullable Throwable error;
        private volatile boolean cancelled;

        private volatile long requested;

        private static final AtomicLongFieldUpdater<RechunkSubscriber> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(RechunkSubscriber.class, "requested");

        private volatile int wip;

        private static final AtomicIntegerFieldUpdater<RechunkSubscriber> WIP =
                AtomicIntegerFieldUpdater.newUpdater(RechunkSubscriber.class, "wip");

        // The fields below belong to whoever holds wip.

        private final Bytes held = new Bytes();
        private long offset;
        private boolean terminated;

        /** The size of the next chunk; 0 while it is not known. */
        private int size;

        private boolean emptyChunkSent;

        RechunkSubscriber(CoreSubscriber<? super ByteBuffer> actual, Rechunk how) {
            this.actual = actual;
            this.how = how;
            sizes = how.sizes();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.validate(this.s, s)) {
                this.s = s;
                actual.onSubscribe(this);
            }
        }

        @Override
        public void onNext(ByteBuffer buffer) {
            if (done) {
                Operators.onNextDropped(buffer, currentContext());
                return;
            }
            byte[] copy = new byte[buffer.remaining()];
            buffer.get(buffer.position(), copy);
            arrived.add(copy);
            asked = false;
            drain();
        }

        @Override
        public void onError(Throwable t) {
            if (done) {
                Operators.onErrorDropped(t, currentContext());
                return;
            }
            error = t;
            done = true;
            drain();
        }

        @Override
        public void onComplete() {
            done = true;
            drain();
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                drain();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (s != null) {
                s.cancel();
            }
        }

        private void drain() {
            if (WIP.getAndIncrement(this) != 0) {
                return;
            }
            int missed = 1;
            do {
                emit();
                missed = WIP.addAndGet(this, -missed);
            } while (missed != 0);
        }

        private void emit() {
            while (!cancelled && !terminated) {
                boolean ended = done; // before the look at what has arrived
                for (byte[] buffer = arrived.poll(); buffer != null; buffer = arrived.poll()) {
                    held.add(buffer);
                }
                if (ended && held.length == 0) {
                    terminated = true;
                    if (error == null) {
                        actual.onComplete();
                    } else {
                        actual.onError(error);
                    }
                } else if (requested == 0) {
                    return;
                } else if (how.hasEmptyChunks() && !emptyChunkSent) {
                    emptyChunkSent = true;
                    send(ByteBuffer.allocate(0));
                } else if (held.length >= size()) {
                    sendChunk(size());
                } else if (!ended && !asked && s != null) {
                    asked = true;
                    s.request(1);
                } else if (held.length > 0) {
                    // The source has no more at hand.
                    sendChunk((int) held.length);
                } else {
                    return;
                }
            }
        }

        private int size() {
            if (size == 0) {
                size = sizes.next(offset);
            }
            return size;
        }

        private void sendChunk(int length) {
            offset += length;
            size = 0;
            emptyChunkSent = false;
            send(held.take(length));
        }

        private void send(ByteBuffer chunk) {
            Operators.produced(REQUESTED, this, 1);
            actual.onNext(chunk);
            if (how.isOverwritten()) {
                Arrays.fill(chunk.array(), GARBAGE);
            }
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        @SuppressWarnings("rawtypes") // as declared in Scannable
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.PARENT) {
                return s;
            }
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.PREFETCH) {
                return 1;
            }
            if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
                return requested;
            }
            if (key == Attr.TERMINATED) {
                return terminated;
            }
            if (key == Attr.CANCELLED) {
                return cancelled;
            }
            if (key == Attr.ERROR) {
                return error;
            }
            if (key == Attr.RUN_STYLE) {
                return Attr.RunStyle.SYNC;
            }
            return null;
        }
    }
}
