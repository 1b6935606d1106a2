package reactor.framing;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Operators;
import reactor.framing.HeldChunk.Lifetime;
import reactor.util.context.Context;

/**
 * Emits what is wanted of the frames of one stream. Knows demand, threads and ends; what the bytes mean is the
 * {@link FrameAssembler}'s, and upstream's signals are the {@link DecodeSubscriber}'s.
 *
 * <p>Whoever has something to do takes {@code wip} and drains; others leave their wish in a volatile field, increment
 * {@code wip} and go. The next chunk is requested after {@code wip} has been given back, so that whoever answers at
 * once finds nobody draining, and its borrowed chunk need not be copied. An operator has one subscriber, with which the
 * stream ends. A {@link FrameStream} has one after the other: what is held stays for the next.
 */
abstract class FrameDrain {
    final HeldChunk chunk;
    final NextChunk nextChunk;

    /** Whether the stream ends with its subscriber. */
    final boolean single;

    volatile @Nullable Subscription s;

    volatile @Nullable Downstream<?> downstream;

    @SuppressWarnings("rawtypes") // a class literal has no type arguments
    private static final AtomicReferenceFieldUpdater<FrameDrain, @Nullable Downstream> DOWNSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(FrameDrain.class, Downstream.class, "downstream");

    /** Whether there has ever been one. */
    volatile boolean wasSubscribed;

    /** Whether no more chunks will come. */
    volatile boolean done;

    @Nullable
    Throwable error;

    /** Whether {@link #done} was set here and not by upstream. */
    boolean faulted;

    volatile boolean cancelled;

    /** Whether what has come of a frame at the end is dropped. */
    volatile boolean dropPartialFrame;

    /** Why the stream was cancelled, for the subscribers of a {@link FrameStream}. */
    private @Nullable Throwable cancelReason;

    /** How to go on behind the frame that is being read; null if nothing changes. */
    private volatile @Nullable CodecSettings following;

    private volatile int wip;

    private static final AtomicIntegerFieldUpdater<FrameDrain> WIP =
            AtomicIntegerFieldUpdater.newUpdater(FrameDrain.class, "wip");

    // The fields below belong to whoever holds wip.

    FrameAssembler assembler;
    private @Nullable FrameTimer timer;
    private volatile boolean timerFired;

    /** Whether a chunk has been requested and has not come. */
    boolean pulling;

    boolean terminated;

    /** Whether a subscriber has been told the end. */
    volatile boolean endTold;

    FrameDrain(CodecSettings settings, boolean single, @Nullable Consumer<? super ByteBuffer> handBack) {
        Lifetime lifetime = settings.zeroCopy() ? Lifetime.OWNED : Lifetime.BORROWED;
        this.single = single;
        nextChunk = new NextChunk(handBack != null ? Lifetime.HANDED_BACK : lifetime, handBack);
        chunk = new HeldChunk(handBack);
        assembler = new FrameAssembler(settings, chunk, 0);
        timer = newTimer(settings);
    }

    private @Nullable FrameTimer newTimer(CodecSettings settings) {
        return FrameTimer.of(settings.timeout(), () -> {
            timerFired = true;
            drain();
        });
    }

    /** Takes wip if nobody has it. */
    final boolean tryEnter() {
        return wip == 0 && WIP.compareAndSet(this, 0, 1);
    }

    /** Gives wip back if nobody has asked for more meanwhile. */
    final boolean tryLeave() {
        return WIP.compareAndSet(this, 1, 0);
    }

    /** Ends the stream behind what is held. */
    final void endBy(Throwable t) {
        error = t;
        faulted = true;
        done = true;
    }

    final void cancelUpstream() {
        Subscription s = this.s;
        if (s != null) {
            s.cancel();
        }
    }

    // ---- downstream

    /** Makes this subscriber the one who reads the frames, unless there is one. */
    final boolean add(Downstream<?> d) {
        boolean added = DOWNSTREAM.compareAndSet(this, null, d);
        wasSubscribed |= added;
        return added;
    }

    final void cancelled(Downstream<?> d) {
        if (single) {
            cancelled = true;
            cancelUpstream();
        } else {
            DOWNSTREAM.compareAndSet(this, d, null);
        }
        drain();
    }

    /** Gives up what has arrived and will arrive; subscribers are told why. */
    final void abort(Throwable reason) {
        cancelReason = reason;
        cancelled = true;
        cancelUpstream();
        drain();
    }

    /** Goes on by another framing and policy behind the frame that is being read. */
    final void switchTo(CodecSettings settings) {
        following = settings;
        drain();
    }

    final boolean isSwitching() {
        return following != null;
    }

    /** How many bytes are here and have not been delivered. */
    final int buffered() {
        return assembler.held() + chunk.remaining() + nextChunk.remaining();
    }

    final boolean isDraining() {
        return wip != 0;
    }

    final void drain() {
        if (WIP.getAndIncrement(this) == 0) {
            drainLoop();
        }
    }

    /** Emits what can be emitted, then asks upstream for a missing chunk. The caller has taken wip. */
    final void drainLoop() {
        boolean pull;
        try {
            pull = emitAndLeave();
        } catch (Throwable t) {
            // Of a subscriber that throws, or one of those that reactor-core throws on. Nobody is to wait for wip.
            leaveForGood(t);
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
                if (!single && d != null && d.isStarted()) {
                    signalEnd(d);
                }
            } else if (d != null && d.isStarted()) {
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
            assembler.faults.reportRead();
            if (timer != null && d != null && !cancelled && !terminated && isWaitingForBytes(d)) {
                timer.run(assembler);
            }
        } catch (Throwable t) {
            fail(d, t);
        }
    }

    /** Whether a frame has begun, is wanted, and nothing but its bytes is missing. */
    private boolean isWaitingForBytes(Downstream<?> d) {
        return pulling && d.demand() != 0 && !assembler.isReady() && assembler.faults.isInFrame();
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
        while (!d.cancelled) {
            boolean ended = done; // before the look at what has arrived
            T next = null;
            FoundFrames found = emitted != d.demand() && following == null ? assembler.foundFrames() : null;
            if (found != null) {
                emitted = found.emit(d, emitted);
                Throwable failure = found.failure();
                if (failure != null) {
                    fail(d, failure);
                    return false;
                }
                if (d.isInterrupted()) {
                    continue;
                }
            }
            boolean wanted = emitted != d.demand();
            try {
                switchIfBetweenFrames(d);
                if (!assembler.isReady()) {
                    if (!wanted && !(ended && mayLookAhead())) {
                        break;
                    }
                    if (!assembler.advance()) {
                        if (nextChunk.moveTo(chunk)) {
                            pulling = false;
                            continue;
                        }
                        if (!ended) {
                            if (timerFired && timer != null) {
                                timerFired = false;
                                timer.check(assembler);
                            }
                            pull = wanted && !pulling && s != null;
                            pulling |= pull;
                            break;
                        }
                        if (error != null || dropPartialFrame || !assembler.complete()) {
                            end(d);
                            return false;
                        }
                    }
                }
                if (!wanted) {
                    break;
                }
                if (!d.cancelled) {
                    next = assembler.make(d.delivery);
                }
            } catch (Throwable t) {
                fail(d, t);
                return false;
            }
            if (next != null) {
                emitted++;
                d.emit(next);
            }
        }
        d.produced(emitted);
        return pull;
    }

    /**
     * Whether to decode beyond what is wanted, to see whether the stream has ended. Where another subscriber may come,
     * with another framing, unread bytes are left to them.
     */
    private boolean mayLookAhead() {
        return single || !chunk.hasRemaining() && nextChunk.isEmpty();
    }

    private void switchIfBetweenFrames(Downstream<?> d) {
        CodecSettings settings = following;
        if (settings != null && assembler.isBetweenFrames()) {
            following = null;
            assembler.faults.reportRead();
            assembler = new FrameAssembler(settings, chunk, assembler.faults.frameIndex());
            assembler.deliver(d.delivery);
            if (timer != null) {
                timer.dispose();
            }
            timer = newTimer(settings);
        }
    }

    // ---- ends

    private void end(@Nullable Downstream<?> d) {
        if (!cancelled) {
            assembler.faults.reportRead();
            terminated = true;
            discardAll();
            if (d != null) {
                signalEnd(d);
            }
        }
    }

    private void signalEnd(Downstream<?> d) {
        Throwable e = terminated ? error : cancelReason;
        if (!single) {
            DOWNSTREAM.compareAndSet(this, d, null);
        }
        if (d.cancelled) {
            return;
        }
        endTold = true;
        if (e == null) {
            d.actual.onComplete();
        } else {
            d.actual.onError(e);
        }
    }

    /** Ends the stream by what the decoder, a reader or a callback has thrown. */
    private void fail(@Nullable Downstream<?> d, Throwable t) {
        Throwable cause = t;
        if (t instanceof FramingException fault) {
            try {
                assembler.faults.fatal(fault);
            } catch (Throwable thrownByCallback) {
                cause = thrownByCallback;
            }
        }
        Throwable e = operatorError(cause);
        endBy(e);
        if (cancelled) {
            Operators.onErrorDropped(e, currentContext()); // whoever has cancelled has this loop run once more
        } else {
            end(d);
        }
    }

    /** Cancels upstream and gives the error to the hooks, which throw on what reactor-core calls bubbling. */
    abstract Throwable operatorError(Throwable t);

    /** Gives wip back although a subscriber, or what it called, has thrown. */
    private void leaveForGood(Throwable t) {
        cancelReason = t;
        cancelled = true;
        cancelUpstream();
        Downstream<?> d = downstream;
        int missed;
        do {
            missed = wip;
            discardAll();
        } while (WIP.addAndGet(this, -missed) != 0);
        if (!single && d != null && !d.cancelled) {
            signalEnd(d); // a connection has nobody else who learns of it
        }
    }

    /** Discards what is held; what has come since the last time, when called again. */
    private void discardAll() {
        if (timer != null) {
            timer.dispose();
        }
        Context context = currentContext();
        assembler.giveUp(buffer -> Operators.onDiscard(buffer, context));
        chunk.giveUp(buffer -> Operators.onDiscard(buffer, context));
        nextChunk.discard(context);
    }

    public abstract Context currentContext();
}
