package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.framing.HeldChunk.Lifetime;
import reactor.util.context.Context;

/**
 * Takes chunks, one at a time, and emits what is wanted of their frames. Knows signals, demand and threads; what the bytes
 * mean is the {@link FrameAssembler}'s.
 *
 * <p>Whoever has something to do takes {@code wip} and drains; others leave their wish in a volatile field, increment
 * {@code wip} and go. The next chunk is requested after {@code wip} has been given back, so that whoever answers at once
 * finds nobody draining, and its borrowed chunk need not be copied.
 */
final class DecodeSubscriber implements CoreSubscriber<ByteBuffer>, Scannable {

    private final FrameAssembler assembler;
    private final HeldChunk chunk;
    private final Lifetime lifetime;
    private final @Nullable FrameTimer timer;

    /** Takes back chunks that are not read; null unless their lifetime is {@link Lifetime#HANDED_BACK}. */
    private final @Nullable Consumer<? super ByteBuffer> handBack;

    private volatile @Nullable Subscription s;

    private volatile @Nullable Downstream<?> downstream;

    /** A chunk that came while another thread was draining, and that stays as it is. */
    private volatile @Nullable ByteBuffer queued;

    private volatile boolean done;
    private @Nullable Throwable error;

    /** Whether {@link #done} was set here and not by upstream. */
    private boolean faulted;

    private volatile boolean cancelled;
    private volatile boolean timerFired;

    private volatile int wip;

    private static final AtomicIntegerFieldUpdater<DecodeSubscriber> WIP =
            AtomicIntegerFieldUpdater.newUpdater(DecodeSubscriber.class, "wip");

    // The fields below belong to whoever holds wip.

    private final @Nullable FoundFrames foundFrames;

    /** Whether a chunk has been requested and has not come. */
    private boolean pulling;

    private boolean terminated;

    /**
     * @param handBack takes chunks back when all of them has been read; null if they are borrowed or owned
     */
    DecodeSubscriber(CodecSettings settings, @Nullable Consumer<? super ByteBuffer> handBack) {
        FrameDecoder decoder = Objects.requireNonNull(settings.framing().newDecoder(), "newDecoder() returned null");
        this.handBack = handBack;
        lifetime = handBack != null ? Lifetime.HANDED_BACK : settings.zeroCopy() ? Lifetime.OWNED : Lifetime.BORROWED;
        chunk = new HeldChunk(handBack);
        assembler = new FrameAssembler(decoder, settings.maxFrameLength(), settings.skipPolicy(), chunk);
        foundFrames = assembler.foundFrames();
        timer = settings.timeout() == null ? null : new FrameTimer(settings.timeout(), this::onTimer);
    }

    /** Sets whoever reads the frames, before the subscription. */
    <T> void deliverTo(CoreSubscriber<? super T> actual, Downstream.Deliveries<T> deliveries) {
        downstream = new Downstream<>(this, actual, deliveries.create(assembler, actual.currentContext()));
    }

    // ---- upstream

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.validate(this.s, s)) {
            this.s = s;
            Downstream<?> d = downstream;
            if (d != null) {
                d.actual.onSubscribe(d);
            }
        }
    }

    @Override
    public void onNext(ByteBuffer next) {
        Objects.requireNonNull(next, "chunk");
        if (done && !faulted) {
            Operators.onNextDropped(next, currentContext());
            return;
        }
        if (done || cancelled) {
            // on its way when upstream was cancelled
            discardChunk(next);
            return;
        }
        if (wip == 0 && WIP.compareAndSet(this, 0, 1)) {
            if (chunk.hasRemaining() || queued != null) {
                overflow(next);
            } else {
                hold(next, lifetime);
            }
            drainLoop();
            return;
        }
        if (queued != null) {
            overflow(next);
        } else {
            queue(next);
        }
        drain();
    }

    private void hold(ByteBuffer next, Lifetime lifetime) {
        pulling = false;
        chunk.hold(next, lifetime);
    }

    /** Leaves a chunk to whoever is draining, who may get to it after {@code onNext} has returned. */
    private void queue(ByteBuffer next) {
        if (lifetime != Lifetime.BORROWED) {
            queued = next;
            return;
        }
        try {
            byte[] copy = new byte[next.remaining()];
            next.get(next.position(), copy);
            queued = ByteBuffer.wrap(copy);
        } catch (Throwable t) {
            endBy(operatorError(t));
        }
    }

    /** More chunks than were requested: an upstream without backpressure cannot be held back by one slot. */
    private void overflow(ByteBuffer next) {
        discardChunk(next);
        cancelUpstream();
        endBy(Exceptions.failWithOverflow("The source sent a chunk that was not requested"));
    }

    /** Ends the stream behind what is held. */
    private void endBy(Throwable t) {
        error = t;
        faulted = true;
        done = true;
    }

    @Override
    public void onError(Throwable t) {
        if (done || cancelled) {
            Operators.onErrorDropped(t, currentContext());
            return;
        }
        error = t;
        done = true;
        drain();
    }

    @Override
    public void onComplete() {
        if (!done) {
            done = true;
            drain();
        }
    }

    private void cancelUpstream() {
        Subscription s = this.s;
        if (s != null) {
            s.cancel();
        }
    }

    // ---- downstream

    void cancelled(Downstream<?> d) {
        cancelled = true;
        cancelUpstream();
        drain();
    }

    private void onTimer() {
        timerFired = true;
        drain();
    }

    void drain() {
        if (WIP.getAndIncrement(this) == 0) {
            drainLoop();
        }
    }

    /** Emits what can be emitted, then asks upstream for a chunk if one is missing. The caller has taken wip. */
    private void drainLoop() {
        boolean pull;
        try {
            pull = emitAndLeave();
        } catch (Throwable t) {
            // Of a subscriber that throws, or one of those that reactor-core throws on. Nobody is to wait for wip.
            leaveForGood();
            throw t;
        }
        Subscription s = this.s;
        if (pull && s != null) {
            s.request(1);
        }
    }

    /** Drains until nobody has asked for more meanwhile; returns whether a chunk has to be requested. */
    private boolean emitAndLeave() {
        int missed = 1;
        boolean pull = false;
        do {
            Downstream<?> d = downstream;
            if (timer != null) {
                timer.pause();
            }
            if (cancelled || terminated) {
                discardAll();
            } else if (d != null) {
                pull |= emit(d);
            }
            if (wip == missed) {
                leave(d);
            }
            missed = WIP.addAndGet(this, -missed);
        } while (missed != 0);
        return pull;
    }

    private void leave(@Nullable Downstream<?> d) {
        try {
            assembler.outliveChunk();
            if (timer != null && d != null && !cancelled && !terminated && isWaitingForBytes(d)) {
                timer.run(assembler);
            }
        } catch (Throwable t) {
            fail(d, t);
        }
    }

    /** Whether a frame has begun, is wanted, and nothing but its bytes is missing. */
    private boolean isWaitingForBytes(Downstream<?> d) {
        return pulling && d.requested != 0 && !assembler.isReady() && assembler.isInFrame();
    }

    /**
     * Emits what is wanted and can be made.
     *
     * @return whether a chunk has to be requested
     */
    private <T> boolean emit(Downstream<T> d) {
        assembler.deliver(d.delivery);
        long emitted = 0;
        boolean pull = false;
        for (; ; ) {
            if (d.isInterrupted()) {
                break;
            }
            boolean ended = done; // before the look at what is queued
            T next = null;
            if (emitted != d.requested && assembler.mayFind() && foundFrames != null) {
                emitted = foundFrames.emit(d, emitted);
                Throwable failure = foundFrames.failure();
                if (failure != null) {
                    fail(d, failure);
                    return false;
                }
                if (d.isInterrupted()) {
                    break;
                }
            }
            boolean wanted = emitted != d.requested;
            try {
                if (!assembler.isReady()) {
                    if (!wanted && !ended) {
                        break;
                    }
                    if (!assembler.advance()) {
                        ByteBuffer q = queued;
                        if (q != null) {
                            queued = null;
                            hold(q, lifetime == Lifetime.BORROWED ? Lifetime.COPIED : lifetime);
                            continue;
                        }
                        if (!ended) {
                            checkTimer();
                            pull = wanted && !pulling;
                            pulling |= pull;
                            break;
                        }
                        if (error != null || !assembler.complete()) {
                            end(d);
                            return false;
                        }
                    }
                }
                if (!wanted) {
                    break;
                }
                if (d.isInterrupted()) {
                    continue;
                }
                next = assembler.make(d.delivery);
            } catch (Throwable t) {
                fail(d, t);
                return false;
            }
            if (next != null) {
                emitted++;
                d.actual.onNext(next);
            }
        }
        if (cancelled) {
            discardAll();
        }
        d.produced(emitted);
        return pull;
    }

    private void checkTimer() {
        if (timerFired && timer != null) {
            timerFired = false;
            timer.check(assembler);
        }
    }

    private void end(@Nullable Downstream<?> d) {
        if (cancelled) {
            return;
        }
        terminate();
        if (d == null) {
            return;
        }
        if (error == null) {
            d.actual.onComplete();
        } else {
            d.actual.onError(error);
        }
    }

    /** Ends the stream by what the decoder, a reader or a callback has thrown. */
    private void fail(@Nullable Downstream<?> d, Throwable t) {
        Throwable cause = t;
        if (t instanceof FramingException fault) {
            try {
                assembler.locate(fault);
            } catch (Throwable thrownByCallback) {
                cause = thrownByCallback;
            }
        }
        Throwable e = operatorError(cause);
        endBy(e);
        if (cancelled) {
            Operators.onErrorDropped(e, currentContext());
            discardAll();
        } else {
            end(d);
        }
    }

    /** Cancels upstream and gives the error to the hooks, which throw on what reactor-core calls bubbling. */
    private Throwable operatorError(Throwable t) {
        if (t instanceof LentFrames.ReaderFailure && t.getCause() != null) {
            cancelUpstream();
            return t.getCause();
        }
        if (Exceptions.isJvmFatal(t)) {
            // Reactor-core throws these on, but then nobody learns that the stream has ended.
            cancelUpstream();
            return t;
        }
        return Operators.onOperatorError(s, t, currentContext());
    }

    private void terminate() {
        terminated = true;
        discardAll();
    }

    /** Gives wip back although a subscriber, or what it called, has thrown. */
    private void leaveForGood() {
        cancelled = true;
        cancelUpstream();
        int missed;
        do {
            missed = wip;
            discardAll();
        } while (WIP.addAndGet(this, -missed) != 0);
    }

    /** Discards what is held; what has come since the last time, when called again. */
    private void discardAll() {
        if (timer != null) {
            timer.dispose();
        }
        assembler.giveUp(this::discard);
        chunk.giveUp(this::discard);
        ByteBuffer q = queued;
        if (q != null) {
            queued = null;
            discardChunk(q);
        }
    }

    private void discardChunk(ByteBuffer chunk) {
        if (handBack != null) {
            handBack.accept(chunk);
        } else {
            discard(chunk);
        }
    }

    private void discard(ByteBuffer buffer) {
        Operators.onDiscard(buffer, currentContext());
    }

    @Override
    public Context currentContext() {
        Downstream<?> d = downstream;
        return d == null ? Context.empty() : d.actual.currentContext();
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return s;
        }
        if (key == Attr.PREFETCH) {
            return 1;
        }
        if (key == Attr.BUFFERED) {
            ByteBuffer q = queued;
            return assembler.held() + chunk.remaining() + (q == null ? 0 : q.remaining());
        }
        if (key == Attr.TERMINATED) {
            return terminated;
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
