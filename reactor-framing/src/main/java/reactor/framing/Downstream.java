package reactor.framing;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Whoever reads the frames of a {@link DecodeSubscriber}, and what they want.
 *
 * @param <T> what is emitted
 */
final class Downstream<T> implements Subscription, Scannable {

    final CoreSubscriber<? super T> actual;
    final Delivery<T> delivery;
    private final DecodeSubscriber parent;

    volatile boolean cancelled;

    /** Whether the subscription has been handed over, before which nothing may be emitted. */
    private volatile boolean started;

    private volatile long requested;

    @SuppressWarnings("rawtypes")
    private static final AtomicLongFieldUpdater<Downstream> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(Downstream.class, "requested");

    /**
     * The thread that is emitting, which looks at the demand again before it goes on. Others read it without
     * synchronization: whatever they see, it is not themselves.
     */
    private @Nullable Thread emitting;

    /** What they have requested meanwhile, from inside {@code onNext}: it is not in {@link #requested} yet. */
    private long requestedInside;

    /** Says how frames are delivered to each subscriber, given its context. */
    interface Deliveries<T> extends Function<Context, Delivery<T>> {}

    Downstream(DecodeSubscriber parent, CoreSubscriber<? super T> actual, Delivery<T> delivery) {
        this.parent = parent;
        this.actual = actual;
        this.delivery = delivery;
    }

    /** Hands the subscription over. */
    void start() {
        actual.onSubscribe(this);
        started = true;
        parent.drain();
    }

    boolean isStarted() {
        return started;
    }

    /** Whether to emit no more, at least not as before. */
    boolean isInterrupted() {
        return cancelled || parent.isSwitching();
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n)) {
            return;
        }
        if (emitting == Thread.currentThread()) {
            requestedInside = Operators.addCap(requestedInside, n);
        } else {
            Operators.addCap(REQUESTED, this, n);
            parent.drain();
        }
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            parent.cancelled(this);
        }
    }

    // ---- called by whoever emits

    /** How many frames are wanted, those included that are not {@linkplain #produced taken off} yet. */
    long demand() {
        long inside = requestedInside;
        return inside == 0 ? requested : Operators.addCap(requested, inside);
    }

    /**
     * Says that this thread looks at the {@link #demand} before it does anything else, until {@link #emitted}. What
     * {@code onNext} requests until then costs no atomic operation, which is dear for frames of a few bytes.
     */
    void emitting() {
        emitting = Thread.currentThread();
    }

    void emitted() {
        emitting = null;
    }

    void emit(T next) {
        emitting();
        try {
            actual.onNext(next);
        } finally {
            emitted();
        }
    }

    /** Takes frames that were emitted off the demand. */
    void produced(long n) {
        long inside = requestedInside;
        requestedInside = 0;
        if (inside == Long.MAX_VALUE) {
            Operators.addCap(REQUESTED, this, inside); // unbounded from here on
        } else if (inside > n) {
            Operators.addCap(REQUESTED, this, inside - n);
        } else if (inside < n && requested != Long.MAX_VALUE) {
            Operators.produced(REQUESTED, this, n - inside);
        }
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        return parent.scanUnsafe(key);
    }
}
