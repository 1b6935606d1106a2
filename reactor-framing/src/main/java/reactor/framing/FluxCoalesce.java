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

/**
 * Writes messages, and packs those that are at hand into one chunk. Knows signals, demand and threads; what is written
 * is the {@link Packer}'s.
 *
 * @param <M> a message; a frame itself, for {@link FrameCodec#encode}
 */
final class FluxCoalesce<M> extends FluxOperator<M, ByteBuffer> {

    private static final int PREFETCH = Queues.SMALL_BUFFER_SIZE;

    /** After how many frames upstream is asked for as many more. */
    private static final int REPLENISH = PREFETCH - (PREFETCH >> 2);

    private final CodecSettings settings;
    private final MessageFrames<M> frames;

    private FluxCoalesce(Flux<? extends M> source, CodecSettings settings, MessageFrames<M> frames) {
        super(source);
        this.settings = settings;
        this.frames = frames;
    }

    static <M> Flux<ByteBuffer> create(Flux<? extends M> source, CodecSettings settings, MessageFrames<M> frames) {
        return onAssembly(new FluxCoalesce<>(source, settings, frames));
    }

    @Override
    public int getPrefetch() {
        return PREFETCH;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
        Packer<M> packer;
        try {
            packer = new Packer<>(new FrameWriter(settings), frames, settings.maxChunkLength());
        } catch (Throwable t) {
            Operators.error(actual, Operators.onOperatorError(t, actual.currentContext()));
            return;
        }
        source.subscribe(new CoalesceSubscriber<>(actual, packer));
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : super.scanUnsafe(key);
    }

    static final class CoalesceSubscriber<M> implements CoreSubscriber<M>, Subscription, Packer.Source<M>, Scannable {

        private final CoreSubscriber<? super ByteBuffer> actual;
        private final Packer<M> packer;

        private @Nullable Subscription s;
        private Queue<M> queue = Queues.<M>empty().get();
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

        private boolean terminated;

        CoalesceSubscriber(CoreSubscriber<? super ByteBuffer> actual, Packer<M> packer) {
            this.actual = actual;
            this.packer = packer;
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (!Operators.validate(this.s, s)) {
                return;
            }
            this.s = s;
            if (s instanceof Fuseable.QueueSubscription<?>) {
                @SuppressWarnings("unchecked") // what a source of messages queues are messages
                Fuseable.QueueSubscription<M> fused = (Fuseable.QueueSubscription<M>) s;
                int mode = fused.requestFusion(Fuseable.SYNC);
                if (mode == Fuseable.NONE) {
                    // What stands behind a change of threads runs there, and not where the queue is polled.
                    mode = fused.requestFusion(Fuseable.ASYNC | Fuseable.THREAD_BARRIER);
                }
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
                queue = Queues.<M>get(PREFETCH).get();
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
        public void onNext(@Nullable M message) {
            if (sourceMode == Fuseable.ASYNC || message == null) {
                tryDrain();
                return;
            }
            if (done && !faulted) {
                Operators.onNextDropped(message, currentContext());
                return;
            }
            if (done || cancelled) {
                Operators.onDiscard(message, currentContext());
                return;
            }
            if (!queue.offer(message)) {
                Operators.onDiscard(message, currentContext());
                error = Operators.onOperatorError(
                        s,
                        Exceptions.failWithOverflow(Exceptions.BACKPRESSURE_ERROR_QUEUE_FULL),
                        message,
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
            cancelUpstream();
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
                try {
                    if (cancelled || terminated) {
                        discardAll();
                    } else {
                        emit();
                    }
                } catch (Throwable t) {
                    // Of a subscriber that throws, or one of those that reactor-core throws on.
                    leaveForGood();
                    throw t;
                }
                missed = WIP.addAndGet(this, -missed);
            } while (missed != 0);
        }

        /** Gives wip back although somebody has thrown; nobody is to wait for it. */
        private void leaveForGood() {
            cancelled = true;
            cancelUpstream();
            int missed;
            do {
                missed = wip;
                discardAll();
            } while (WIP.addAndGet(this, -missed) != 0);
        }

        private void emit() {
            long r = requested;
            long emitted = 0;
            for (; ; ) {
                if (cancelled) {
                    discardAll();
                    return;
                }
                Throwable failure = packer.failure();
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
                    chunk = packer.pack(this);
                    if (chunk == null && packer.failure() != null) {
                        continue;
                    }
                }
                if (chunk == null) {
                    if (d && !packer.hasNext() && queue.isEmpty()) {
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

        @Override
        public boolean isEmpty() {
            return queue.isEmpty();
        }

        @Override
        public @Nullable M poll() {
            M message = queue.poll();
            Subscription s = this.s;
            if (message != null && s != null && sourceMode != Fuseable.SYNC && ++consumed == REPLENISH) {
                consumed = 0;
                s.request(REPLENISH);
            }
            return message;
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
            M failed = packer.takeFailed();
            Throwable e = t;
            if (Exceptions.isJvmFatal(t)) {
                // Reactor-core throws these on, but then nobody learns that the stream has ended.
                cancelUpstream();
            } else {
                e = Operators.onOperatorError(s, t, failed, currentContext());
            }
            faulted = true;
            done = true;
            terminate();
            actual.onError(e);
        }

        private void terminate() {
            terminated = true;
            discardAll();
        }

        private void discardAll() {
            discard(packer.takeNext());
            discard(packer.takeFailed());
            if (sourceMode == Fuseable.NONE) {
                Operators.onDiscardQueueWithClear(queue, currentContext(), null);
            } else if (sourceMode == Fuseable.ASYNC) {
                queue.clear(); // whoever holds the queue discards; a SYNC source has done so when it was cancelled
            }
        }

        private void discard(@Nullable M message) {
            if (message != null) {
                Operators.onDiscard(message, currentContext());
            }
        }

        private void cancelUpstream() {
            Subscription s = this.s;
            if (s != null) {
                s.cancel();
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
