package reactor.framing.netty;

import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * Hands the frames of one long subscription to one subscriber after the other. Demand cannot be taken back when a
 * subscriber cancels; so frames are requested one at a time, and the one that is under way then waits for the next
 * subscriber.
 */
final class FluxFrames extends Flux<ByteBuffer> implements CoreSubscriber<ByteBuffer>, Disposable, Scannable {

    private final Channel channel;
    private final Sinks.Empty<Void> ended = Sinks.empty();

    private volatile boolean subscribedOnce;

    private volatile @Nullable Subscription s;

    private static final AtomicReferenceFieldUpdater<FluxFrames, @Nullable Subscription> S =
            AtomicReferenceFieldUpdater.newUpdater(FluxFrames.class, Subscription.class, "s");

    private volatile @Nullable FrameSubscription current;

    private static final AtomicReferenceFieldUpdater<FluxFrames, @Nullable FrameSubscription> CURRENT =
            AtomicReferenceFieldUpdater.newUpdater(FluxFrames.class, FrameSubscription.class, "current");

    /** The frame that was requested and has not been emitted. */
    private volatile @Nullable ByteBuffer next;

    private volatile boolean done;
    private @Nullable Throwable error;

    private volatile boolean disposed;

    private volatile int wip;

    private static final AtomicIntegerFieldUpdater<FluxFrames> WIP =
            AtomicIntegerFieldUpdater.newUpdater(FluxFrames.class, "wip");

    /** Whether a frame has been requested and not been emitted; belongs to whoever holds wip. */
    private boolean pulling;

    FluxFrames(Channel channel) {
        this.channel = channel;
    }

    // ---- downstream

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
        FrameSubscription subscription = new FrameSubscription(this, actual);
        if (!CURRENT.compareAndSet(this, null, subscription)) {
            Operators.error(actual, new IllegalStateException("receive() has a subscriber already"));
            return;
        }
        subscribedOnce = true;
        actual.onSubscribe(subscription);
        subscription.ready = true;
        drain();
    }

    boolean wasSubscribed() {
        return subscribedOnce;
    }

    boolean isActive() {
        return current != null;
    }

    /** Completes when the frames have ended, or, on a closed connection, when they are not wanted any more. */
    Mono<Void> ended() {
        return ended.asMono();
    }

    @Nullable
    Throwable error() {
        return error;
    }

    private void release(FrameSubscription subscription) {
        if (CURRENT.compareAndSet(this, subscription, null) && !channel.isActive()) {
            ended.tryEmitEmpty();
        }
    }

    // ---- upstream

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.setOnce(S, this, s)) {
            drain();
        }
    }

    @Override
    public void onNext(ByteBuffer frame) {
        next = frame;
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
    public void dispose() {
        disposed = true;
        Operators.terminate(S, this);
        drain();
    }

    @Override
    public boolean isDisposed() {
        return disposed;
    }

    @Override
    public Context currentContext() {
        FrameSubscription subscription = current;
        return subscription == null ? Context.empty() : subscription.actual.currentContext();
    }

    private void drain() {
        if (WIP.getAndIncrement(this) != 0) {
            return;
        }
        int missed = 1;
        boolean pull = false;
        do {
            if (disposed) {
                discardNext();
            }
            FrameSubscription subscription = current;
            if (subscription != null && subscription.ready) {
                pull |= emit(subscription);
            }
            missed = WIP.addAndGet(this, -missed);
        } while (missed != 0);
        if (pull) {
            // Only now that wip is free: for a frame that had to wait here the decoder would copy the rest of its
            // chunk.
            Subscription s = this.s;
            if (s != null) {
                s.request(1);
            }
        }
    }

    /** Emits what is wanted and there; tells whether a frame has to be requested. */
    private boolean emit(FrameSubscription subscription) {
        CoreSubscriber<? super ByteBuffer> actual = subscription.actual;
        for (; ; ) {
            if (subscription.cancelled) {
                return false;
            }
            boolean d = done;
            ByteBuffer frame = next;
            if (disposed) {
                end(subscription, MonoWrite.closed());
                return false;
            }
            if (frame == null && d) {
                end(subscription, error);
                return false;
            }
            if (subscription.requested == 0) {
                return false;
            }
            if (frame == null) {
                boolean pull = !pulling && s != null;
                pulling |= pull;
                return pull;
            }
            next = null;
            pulling = false;
            actual.onNext(frame);
            Operators.produced(FrameSubscription.REQUESTED, subscription, 1);
        }
    }

    private void end(FrameSubscription subscription, @Nullable Throwable error) {
        subscription.cancelled = true;
        CURRENT.compareAndSet(this, subscription, null);
        ended.tryEmitEmpty();
        if (error == null) {
            subscription.actual.onComplete();
        } else {
            subscription.actual.onError(error);
        }
    }

    private void discardNext() {
        ByteBuffer frame = next;
        if (frame != null) {
            next = null;
            Operators.onDiscard(frame, currentContext());
        }
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return s;
        }
        if (key == Attr.ACTUAL) {
            return current;
        }
        if (key == Attr.BUFFERED) {
            return next == null ? 0 : 1;
        }
        if (key == Attr.TERMINATED) {
            return done;
        }
        if (key == Attr.ERROR) {
            return error;
        }
        if (key == Attr.CANCELLED) {
            return disposed;
        }
        if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.SYNC;
        }
        return null;
    }

    private static final class FrameSubscription implements Subscription, Scannable {

        private final FluxFrames parent;
        private final CoreSubscriber<? super ByteBuffer> actual;

        /** Whether {@code onSubscribe} has returned, before which nothing may be emitted. */
        private volatile boolean ready;

        private volatile boolean cancelled;

        private volatile long requested;

        private static final AtomicLongFieldUpdater<FrameSubscription> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(FrameSubscription.class, "requested");

        FrameSubscription(FluxFrames parent, CoreSubscriber<? super ByteBuffer> actual) {
            this.parent = parent;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                parent.drain();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            parent.release(this);
        }

        @Override
        @SuppressWarnings("rawtypes") // as declared in Scannable
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.PARENT) {
                return parent;
            }
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
                return requested;
            }
            if (key == Attr.CANCELLED) {
                return cancelled;
            }
            if (key == Attr.RUN_STYLE) {
                return Attr.RunStyle.SYNC;
            }
            return null;
        }
    }
}
