package reactor.framing.netty;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Fuseable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One send: takes elements from its source when there is room for them. From a source on another thread, a few more are
 * requested in advance.
 *
 * @param <M> what the source emits
 */
abstract class Send<M> implements CoreSubscriber<M>, Subscription, Scannable {

    /** What became of an attempt to write. */
    enum Outcome {
        /** As much as was asked for. */
        WROTE,
        /** The source has nothing at hand. */
        IDLE,
        /** There is no room for the next frame. */
        NO_ROOM,
        /** The source has ended, and all it had is written. */
        ENDED
    }

    private final CoreSubscriber<? super Void> actual;
    final ChannelOutbound outbound;

    /** How much is requested in advance from another thread, as {@link #sizeOf} tells. */
    static final int AHEAD = 32 * 1024;

    private @Nullable Subscription s;

    /** What has come on other threads, or what a fused source has at hand. */
    private Queue<M> queue = Queues.<M>empty().get();

    private int sourceMode;

    /** 1 from the request for a message until it has come. */
    private volatile int pulling;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Send> PULLING =
            AtomicIntegerFieldUpdater.newUpdater(Send.class, "pulling");

    /** How much has come, and how much of it the event loop has taken. */
    private long come;

    private volatile long takenOf;

    @SuppressWarnings("rawtypes")
    private static final AtomicLongFieldUpdater<Send> TAKEN_OF =
            AtomicLongFieldUpdater.newUpdater(Send.class, "takenOf");

    private volatile boolean done;
    private @Nullable Throwable error;

    private volatile boolean cancelled;

    private volatile int terminated;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Send> TERMINATED =
            AtomicIntegerFieldUpdater.newUpdater(Send.class, "terminated");

    // The fields below belong to the event loop.

    /** Up to where the bytes of all sends go with the last of this one. */
    private long end;

    private boolean hasWritten;
    private boolean hasDropped;

    /** What has come on the event loop, behind which nothing has been requested. */
    private @Nullable M handed;

    /** Whether the last message has come on the event loop, behind which nothing has been requested. */
    private boolean cameHere;

    Send(CoreSubscriber<? super Void> actual, ChannelOutbound outbound) {
        this.actual = actual;
        this.outbound = outbound;
    }

    /** Without a source: what is to be sent is put into the queue, on the event loop. */
    Send(CoreSubscriber<? super Void> actual, ChannelOutbound outbound, Queue<M> queue) {
        this(actual, outbound);
        this.queue = queue;
        sourceMode = Fuseable.ASYNC;
    }

    /** How much of what may be requested in advance an element is: the bytes in it, if that is known. */
    abstract int sizeOf(M element);

    /** Writes the next element, or goes on with one. */
    abstract Outcome writeNext();

    /** Whether a part of a frame has been written, so that the rest has to follow, and nothing else before it. */
    abstract boolean isInFrame();

    /**
     * Whether a frame of which a part has been written can be written to its end when the source has been cancelled.
     */
    boolean canFinishFrame() {
        return true;
    }

    /** Gives up the element that is being written. */
    abstract @Nullable M takeUnwritten();

    // ---- the source

    @Override
    public final void onSubscribe(Subscription s) {
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
                done = mode == Fuseable.SYNC;
            }
        }
        if (sourceMode == Fuseable.NONE) {
            queue = Queues.<M>unbounded(16).get();
        }
        actual.onSubscribe(this);
        if (sourceMode == Fuseable.ASYNC) {
            s.request(Long.MAX_VALUE); // bounded by what the source queues
        }
        outbound.run(() -> outbound.add(this));
    }

    @Override
    public final void onNext(@Nullable M next) {
        if (sourceMode == Fuseable.ASYNC || next == null) {
            outbound.onSignal();
            return;
        }
        if (cancelled) {
            discard(next);
        } else if (done) {
            Operators.onNextDropped(next, currentContext());
        } else if (outbound.isOnEventLoop() && handed == null && queue.isEmpty()) {
            handed = next;
            cameHere = true;
            PULLING.lazySet(this, 0);
            outbound.onSignal();
        } else {
            enqueue(next);
        }
    }

    private void enqueue(M next) {
        come += sizeOf(next);
        queue.offer(next);
        pulling = 0;
        if (cancelled) {
            outbound.run(() -> outbound.remove(this)); // the cancel may have emptied the queue before
            return;
        }
        if (come - takenOf < AHEAD && !outbound.isOnEventLoop()) {
            pull();
        }
        outbound.onSignal();
    }

    /** The same as {@link #pull} on the event loop: nobody else requests behind a message that came there. */
    private void pullHere() {
        Subscription s = this.s;
        if (s != null && cameHere) {
            cameHere = false;
            PULLING.lazySet(this, 1);
            s.request(1);
        } else {
            pull();
        }
    }

    /** Requests a message, unless one is under way. */
    private void pull() {
        Subscription s = this.s;
        if (s != null && pulling == 0 && PULLING.compareAndSet(this, 0, 1)) {
            s.request(1);
        }
    }

    @Override
    public final void onError(Throwable t) {
        if (done || cancelled) {
            Operators.onErrorDropped(t, currentContext());
            return;
        }
        error = t;
        done = true;
        outbound.onSignal();
    }

    @Override
    public final void onComplete() {
        done = true;
        outbound.onSignal();
    }

    // ---- the caller

    @Override
    public final void request(long n) {
        Operators.validate(n);
    }

    @Override
    public final void cancel() {
        if (TERMINATED.compareAndSet(this, 0, 1)) {
            cancelSource();
            outbound.run(() -> outbound.remove(this));
        }
    }

    private void cancelSource() {
        cancelled = true;
        Subscription s = this.s;
        if (s != null) {
            s.cancel();
        }
    }

    final boolean isCancelled() {
        return cancelled;
    }

    // ---- the event loop

    /** Whether more may come than what is there already. */
    boolean isSourceActive() {
        return !done;
    }

    /** Whether the source has ended in an error. */
    final boolean hasFailed() {
        return error != null;
    }

    final long end() {
        return end;
    }

    /** Remembers up to where the bytes go that have to be taken by the socket before the end is told. */
    final void endsAt(long offset) {
        end = offset;
    }

    /** Writes frames up to the given number of bytes, and the one that exceeds it. */
    final Outcome write(long bytes) {
        long start = outbound.written();
        try {
            while (outbound.written() < start + bytes) {
                boolean wasInFrame = isInFrame();
                Outcome outcome = writeNext();
                if (outcome != Outcome.WROTE || wasInFrame && !isInFrame()) {
                    return outcome; // behind a long frame it is the others' turn
                }
            }
            return Outcome.WROTE;
        } catch (Throwable t) {
            fail(t);
            return Outcome.ENDED;
        } finally {
            hasWritten |= outbound.written() != start;
        }
    }

    /** Whether bytes of it have been written. */
    final boolean hasWritten() {
        return hasWritten;
    }

    /** Whether messages have been {@linkplain #drop dropped}. */
    final boolean hasDropped() {
        return hasDropped;
    }

    /** Takes the next message, and requests one if none is there. */
    final @Nullable M next() {
        if (sourceMode != Fuseable.NONE) {
            return queue.poll();
        }
        M next = poll();
        if (next == null && !done) {
            pullHere();
            if (pulling == 0) {
                next = poll();
            }
        }
        return next;
    }

    private @Nullable M poll() {
        M next = handed;
        if (next != null) {
            handed = null;
            return next;
        }
        next = queue.poll();
        if (next != null) {
            TAKEN_OF.lazySet(this, takenOf + sizeOf(next));
        }
        return next;
    }

    /** Takes elements that nobody will get, so that their source goes on; returns whether it has ended. */
    final boolean drop(int elements) {
        discard(takeUnwritten());
        try {
            for (int i = 0; i < elements; i++) {
                boolean ended = !isSourceActive(); // before the look at what is there
                M next = next();
                if (next == null) {
                    return ended;
                }
                hasDropped = true;
                discard(next);
            }
        } catch (Throwable t) {
            fail(t);
            return true;
        }
        return false;
    }

    /** A frame cannot be written, or the source has failed in a poll: those before it still are. */
    private void fail(Throwable t) {
        Throwable e = t;
        try {
            e = Operators.onOperatorError(s, t, currentContext());
        } catch (Throwable fatal) {
            cancelSource(); // whatever is thrown, the caller is told
        }
        error = e;
        done = true;
        boolean isCut = isInFrame();
        discardAll();
        if (isCut) {
            outbound.cutOff();
        }
    }

    /** Tells the caller the end: the source's, or this one. */
    final void terminate(@Nullable Throwable reason) {
        if (!TERMINATED.compareAndSet(this, 0, 1)) {
            return;
        }
        Throwable e = error != null ? error : reason;
        if (e == null) {
            actual.onComplete();
        } else {
            actual.onError(e);
        }
    }

    /** Gives up the source, and tells the caller why. */
    void abort(Throwable reason) {
        cancelSource();
        discardAll();
        terminate(reason);
    }

    /** Gives up the source and tells the caller why, but goes on with the frame of which a part has been written. */
    final void endBehindFrame(Throwable reason) {
        cancelSource();
        terminate(reason);
    }

    final void discardAll() {
        discard(takeUnwritten());
        discardQueue();
    }

    void discard(@Nullable M element) {
        if (element != null) {
            Operators.onDiscard(element, currentContext());
        }
    }

    private void discardQueue() {
        if (sourceMode == Fuseable.NONE) {
            for (M element = poll(); element != null; element = poll()) {
                discard(element);
            }
        } else {
            queue.clear(); // whoever holds the queue discards
        }
    }

    @Override
    public final Context currentContext() {
        return actual.currentContext();
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public final @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return s;
        }
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.PREFETCH) {
            return 1;
        }
        if (key == Attr.ERROR) {
            return error;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        if (key == Attr.TERMINATED) {
            return terminated == 1;
        }
        if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.ASYNC;
        }
        return null;
    }
}
