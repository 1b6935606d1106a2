package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Fuseable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/** Writes frames, and packs those that are at hand into one chunk. */
final class FluxCoalesce extends FluxOperator<ByteBuffer, ByteBuffer> {

    private static final int PREFETCH = Queues.SMALL_BUFFER_SIZE;

    /** After how many frames upstream is asked for as many more. */
    private static final int REPLENISH = PREFETCH - (PREFETCH >> 2);

    private final Framing framing;
    private final long maxFrameLength;
    private final int maxChunkLength;

    private FluxCoalesce(Flux<? extends ByteBuffer> source, Framing framing, long maxFrameLength, int maxChunkLength) {
        super(source);
        this.framing = framing;
        this.maxFrameLength = maxFrameLength;
        this.maxChunkLength = maxChunkLength;
    }

    static Flux<ByteBuffer> create(
            Flux<? extends ByteBuffer> source, Framing framing, long maxFrameLength, int maxChunkLength) {
        return onAssembly(new FluxCoalesce(source, framing, maxFrameLength, maxChunkLength));
    }

    @Override
    public int getPrefetch() {
        return PREFETCH;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
        FrameWriter writer;
        try {
            writer = new FrameWriter(framing.newEncoder(), maxFrameLength);
        } catch (Throwable t) {
            Operators.error(actual, Operators.onOperatorError(t, actual.currentContext()));
            return;
        }
        source.subscribe(new CoalesceSubscriber(actual, writer, maxChunkLength));
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : super.scanUnsafe(key);
    }

    static final class CoalesceSubscriber implements CoreSubscriber<ByteBuffer>, Subscription, Scannable {

        private static final int FIRST_CAPACITY = 4096;

        private final CoreSubscriber<? super ByteBuffer> actual;
        private final FrameWriter writer;
        private final int maxChunkLength;

        private @Nullable Subscription s;
        private Queue<ByteBuffer> queue = Queues.<ByteBuffer>empty().get();
        private int sourceMode;

        private volatile boolean done;
        private @Nullable Throwable error;

        /** Whether {@link #done} was set here and not by upstream. */
        private boolean faulted;

        private volatile boolean cancelled;

        private volatile int wip;

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<CoalesceSubscriber> WIP =
                AtomicIntegerFieldUpdater.newUpdater(CoalesceSubscriber.class, "wip");

        private volatile long requested;

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<CoalesceSubscriber> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(CoalesceSubscriber.class, "requested");

        // The fields below belong to whoever holds wip.

        /** Frames taken from the queue since upstream was last asked for more. */
        private int consumed;

        /** The frame that did not fit into the last chunk. */
        private @Nullable ByteBuffer next;

        /** Why a frame could not be written or had; to be told after the chunk with those before it. */
        private @Nullable Throwable failure;

        /** The frame that could not be written; null if it was the source that failed. */
        private @Nullable ByteBuffer failed;

        /** How much room the next chunk is given at first: as much as the last one needed, or all if that was much of it. */
        private int capacity;

        private boolean terminated;

        CoalesceSubscriber(CoreSubscriber<? super ByteBuffer> actual, FrameWriter writer, int maxChunkLength) {
            this.actual = actual;
            this.writer = writer;
            this.maxChunkLength = maxChunkLength;
            capacity = Math.min(FIRST_CAPACITY, maxChunkLength);
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (!Operators.validate(this.s, s)) {
                return;
            }
            this.s = s;
            if (s instanceof Fuseable.QueueSubscription<?>) {
                @SuppressWarnings("unchecked") // what a source of frames queues are frames
                Fuseable.QueueSubscription<ByteBuffer> fused = (Fuseable.QueueSubscription<ByteBuffer>) s;
                int mode = fused.requestFusion(Fuseable.ANY);
                if (mode != Fuseable.NONE) {
                    sourceMode = mode;
                    queue = fused;
                }
            }
            if (sourceMode == Fuseable.SYNC) {
                done = true;
                actual.onSubscribe(this);
                return;
            }
            if (sourceMode == Fuseable.NONE) {
                queue = Queues.<ByteBuffer>get(PREFETCH).get();
            }
            actual.onSubscribe(this);
            // Draining meanwhile is kept off, so that what the source sends at once is packed.
            if (WIP.getAndIncrement(this) == 0) {
                s.request(PREFETCH);
                drain();
            } else {
                s.request(PREFETCH);
            }
        }

        @Override
        public void onNext(@Nullable ByteBuffer frame) {
            if (sourceMode == Fuseable.ASYNC || frame == null) {
                tryDrain();
                return;
            }
            if (done && !faulted) {
                Operators.onNextDropped(frame, currentContext());
                return;
            }
            if (done || cancelled) {
                Operators.onDiscard(frame, currentContext());
                return;
            }
            if (!queue.offer(frame)) {
                Operators.onDiscard(frame, currentContext());
                error = Operators.onOperatorError(
                        s,
                        Exceptions.failWithOverflow(Exceptions.BACKPRESSURE_ERROR_QUEUE_FULL),
                        frame,
                        currentContext());
                faulted = true;
                done = true;
            }
            tryDrain();
        }

        @Override
        public void onError(Throwable t) {
            if (done || cancelled) {
                Operators.onErrorDropped(t, currentContext());
                return;
            }
            error = t;
            done = true;
            tryDrain();
        }

        @Override
        public void onComplete() {
            if (!done) {
                done = true;
                tryDrain();
            }
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                tryDrain();
            }
        }

        @Override
        public void cancel() {
            if (cancelled) {
                return;
            }
            cancelled = true;
            Subscription s = this.s;
            if (s != null) {
                s.cancel();
            }
            tryDrain();
        }

        private void tryDrain() {
            if (WIP.getAndIncrement(this) == 0) {
                drain();
            }
        }

        private void drain() {
            int missed = 1;
            do {
                if (cancelled || terminated) {
                    discardAll();
                } else {
                    emit();
                }
                missed = WIP.addAndGet(this, -missed);
            } while (missed != 0);
        }

        private void emit() {
            long r = requested;
            long emitted = 0;
            for (; ; ) {
                if (cancelled) {
                    discardAll();
                    return;
                }
                if (failure != null) {
                    fail(failure);
                    return;
                }
                if (emitted == r) {
                    r = requested;
                }
                boolean d = done;
                ByteBuffer chunk = null;
                if (emitted != r) {
                    chunk = pack();
                    if (chunk == null && failure != null) {
                        continue;
                    }
                }
                if (chunk == null) {
                    if (d && next == null && queue.isEmpty()) {
                        end();
                        return;
                    }
                    break;
                }
                emitted++;
                actual.onNext(chunk);
            }
            if (emitted != 0 && r != Long.MAX_VALUE) {
                Operators.produced(REQUESTED, this, emitted);
            }
        }

        /**
         * Writes the frames that are at hand, as far as they fit.
         *
         * @return a chunk, or null if no frame is at hand or the first one cannot be written
         */
        private @Nullable ByteBuffer pack() {
            ByteBuffer target = null;
            int position = 0; // in the target, behind the last whole frame
            int frames = 0;
            ByteBuffer frame = next;
            next = null;
            try {
                if (frame == null) {
                    frame = poll();
                }
                while (frame != null) {
                    int length = writer.encodedLength(frame);
                    if (target == null) {
                        target = ByteBuffer.allocate(queue.isEmpty() ? length : roomFor(length, capacity));
                    } else if (length > target.remaining()) {
                        int needed = position + length;
                        if (needed > maxChunkLength || needed < 0) {
                            next = frame;
                            break;
                        }
                        target = ByteBuffer.allocate(roomFor(needed, 2 * target.capacity()))
                                .put(target.flip());
                    }
                    writer.encode(frame, target);
                    position = target.position();
                    frames++;
                    frame = null; // not at fault if what is asked for the next one fails
                    if (position < maxChunkLength) {
                        frame = poll();
                    }
                }
            } catch (Throwable t) {
                failure = t;
                failed = frame;
            }
            writer.wrote(frames, position);
            if (failure instanceof FramingException fault && failed != null) {
                try {
                    writer.locate(fault, failed);
                } catch (RuntimeException e) {
                    fault.addSuppressed(e); // the frame's bytes cannot be read
                }
            }
            if (target == null || frames == 0) {
                return null;
            }
            int length = target.limit(position).position(0).remaining();
            capacity = length > maxChunkLength / 2 ? maxChunkLength : length;
            // a chunk that came out much shorter than expected does not keep the room
            return length < target.capacity() / 2 ? copyOf(target) : target;
        }

        /** All of a chunk for a quarter of it and more, so that no large frame is moved from one array to the next. */
        private int roomFor(int needed, int usual) {
            return Math.max(needed, needed > maxChunkLength / 4 ? maxChunkLength : usual);
        }

        private static ByteBuffer copyOf(ByteBuffer buffer) {
            return ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
        }

        private @Nullable ByteBuffer poll() {
            ByteBuffer frame = queue.poll();
            Subscription s = this.s;
            if (frame != null && s != null && sourceMode != Fuseable.SYNC && ++consumed == REPLENISH) {
                consumed = 0;
                s.request(REPLENISH);
            }
            return frame;
        }

        private void end() {
            Throwable e = error;
            terminate();
            if (e == null) {
                actual.onComplete();
            } else {
                actual.onError(e);
            }
        }

        private void fail(Throwable t) {
            Throwable e = Operators.onOperatorError(s, t, failed, currentContext());
            faulted = true;
            done = true;
            failure = null;
            failed = null;
            terminate();
            actual.onError(e);
        }

        private void terminate() {
            terminated = true;
            discardAll();
        }

        private void discardAll() {
            Context context = currentContext();
            ByteBuffer frame = next;
            if (frame != null) {
                next = null;
                Operators.onDiscard(frame, context);
            }
            frame = failed;
            if (frame != null) {
                failed = null;
                Operators.onDiscard(frame, context);
            }
            if (sourceMode == Fuseable.NONE) {
                Operators.onDiscardQueueWithClear(queue, context, null);
            } else if (sourceMode == Fuseable.ASYNC) {
                queue.clear(); // whoever holds the queue discards; a SYNC source has done so when it was cancelled
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
            if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
                return requested;
            }
            if (key == Attr.PREFETCH) {
                return PREFETCH;
            }
            if (key == Attr.BUFFERED) {
                return queue.size();
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
