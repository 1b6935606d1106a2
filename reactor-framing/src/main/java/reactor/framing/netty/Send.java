package reactor.framing.netty;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Fuseable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.framing.FrameWriter;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One send: takes messages from its source when there is room for them. From a source on another thread, a few more are
 * requested in advance.
 *
 * @param <M> a message; a frame itself, unless a function writes it
 */
final class Send<M> implements CoreSubscriber<M>, Subscription, Scannable {

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
    private final ChannelOutbound outbound;

    /** Writes a message; null if messages are frames. */
    private final @Nullable BiConsumer<? super M, ? super ByteBuffer> function;

    /** How many bytes of frames, or else how many messages, are requested in advance from another thread. */
    private static final int AHEAD_BYTES = 32 * 1024;

    private static final int AHEAD_MESSAGES = 64;

    private @Nullable Subscription s;

    /** What has come, or what a fused source has at hand. */
    private Queue<M> queue = Queues.<M>empty().get();

    private int sourceMode;

    /** 1 from the request for a message until it has come. */
    private volatile int pulling;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<Send> PULLING =
            AtomicIntegerFieldUpdater.newUpdater(Send.class, "pulling");

    /** How much has come, and how much of it the event loop has taken: bytes of frames, or else a share for each message. */
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

    /** The message that is being written, its frame, and how many bytes that takes. */
    private @Nullable M message;

    private @Nullable ByteBuffer frame;
    private int encodedLength;

    /** A long frame of which a part has been written. */
    private @Nullable FramePieces pieces;

    /** Up to where the bytes of all sends go with the last of this one. */
    private long end;

    Send(
            CoreSubscriber<? super Void> actual,
            ChannelOutbound outbound,
            @Nullable BiConsumer<? super M, ? super ByteBuffer> function) {
        this.actual = actual;
        this.outbound = outbound;
        this.function = function;
    }

    // ---- the source

    @Override
    public void onSubscribe(Subscription s) {
        if (!Operators.validate(this.s, s)) {
            return;
        }
        this.s = s;
        if (s instanceof Fuseable.QueueSubscription<?>) {
            @SuppressWarnings("unchecked") // what a source of messages queues are messages
            Fuseable.QueueSubscription<M> fused = (Fuseable.QueueSubscription<M>) s;
            int mode = fused.requestFusion(Fuseable.ANY);
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
    public void onNext(@Nullable M next) {
        if (sourceMode == Fuseable.ASYNC || next == null) {
            outbound.onSignal();
            return;
        }
        if (cancelled) {
            Operators.onDiscard(next, currentContext());
        } else if (done) {
            Operators.onNextDropped(next, currentContext());
        } else {
            come += sizeOf(next);
            queue.offer(next);
            pulling = 0;
            if (come - takenOf < AHEAD_BYTES && !outbound.isOnEventLoop()) {
                pull();
            }
            outbound.onSignal();
        }
    }

    private int sizeOf(M message) {
        return function == null ? ((ByteBuffer) message).remaining() : AHEAD_BYTES / AHEAD_MESSAGES;
    }

    /** Requests a message, unless one is under way. */
    private void pull() {
        Subscription s = this.s;
        if (s != null && pulling == 0 && PULLING.compareAndSet(this, 0, 1)) {
            s.request(1);
        }
    }

    @Override
    public void onError(Throwable t) {
        if (done || cancelled) {
            Operators.onErrorDropped(t, currentContext());
            return;
        }
        error = t;
        done = true;
        outbound.onSignal();
    }

    @Override
    public void onComplete() {
        done = true;
        outbound.onSignal();
    }

    // ---- the caller

    @Override
    public void request(long n) {
        Operators.validate(n);
    }

    @Override
    public void cancel() {
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

    boolean isCancelled() {
        return cancelled;
    }

    // ---- the event loop

    /** Whether a part of a frame has been written, so that the rest has to follow. */
    boolean isInFrame() {
        return pieces != null;
    }

    /** Whether there may be more than what is there already. */
    boolean isSourceActive() {
        return !done;
    }

    long end() {
        return end;
    }

    /** Remembers up to where the bytes go that have to be taken by the socket before the end is told. */
    void endsAt(long offset) {
        end = offset;
    }

    /** Writes frames up to the given number of bytes, and the one that exceeds it. */
    Outcome write(long bytes) {
        long stop = outbound.written() + bytes;
        while (outbound.written() < stop) {
            try {
                Outcome outcome = writeNext();
                if (outcome != Outcome.WROTE) {
                    return outcome;
                }
            } catch (Throwable t) {
                fail(t);
                return Outcome.ENDED;
            }
        }
        return Outcome.WROTE;
    }

    private Outcome writeNext() {
        if (pieces != null) {
            return writePieces(pieces);
        }
        FrameWriter writer = outbound.writer();
        if (frame == null) {
            boolean d = done; // before the look at what is there
            message = next();
            if (message == null) {
                return d ? Outcome.ENDED : Outcome.IDLE;
            }
            frame = function == null ? (ByteBuffer) message : writer.frame(message, function);
            encodedLength = writer.encodedLength(frame);
        }
        if (encodedLength > PackedBuffer.CAPACITY) {
            pieces = FramePieces.of(frame, encodedLength, writer);
            return writePieces(pieces);
        }
        ByteBuffer target = outbound.target(encodedLength);
        if (target == null) {
            return Outcome.NO_ROOM;
        }
        int start = target.position();
        writer.encode(frame, target);
        outbound.wrote(target.position() - start);
        frameIsWritten();
        return Outcome.WROTE;
    }

    private Outcome writePieces(FramePieces pieces) {
        if (!outbound.writePieces(pieces)) {
            return Outcome.NO_ROOM;
        }
        this.pieces = null;
        frameIsWritten();
        if (cancelled) {
            discardAll();
            return Outcome.ENDED;
        }
        return Outcome.WROTE;
    }

    private void frameIsWritten() {
        message = null;
        frame = null;
    }

    /** Takes the next message, and requests one if none is there. */
    private @Nullable M next() {
        M next = queue.poll();
        if (sourceMode != Fuseable.NONE) {
            return next;
        }
        if (next == null && !done) {
            pull();
            next = queue.poll();
        }
        if (next != null) {
            TAKEN_OF.lazySet(this, takenOf + sizeOf(next));
        }
        return next;
    }

    /** Takes messages that nobody will get, so that their source goes on; returns whether it has ended. */
    boolean drop(int messages) {
        pieces = null;
        discardMessage();
        try {
            for (int i = 0; i < messages; i++) {
                boolean d = done;
                M next = next();
                if (next == null) {
                    return d;
                }
                Operators.onDiscard(next, currentContext());
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
            e = Operators.onOperatorError(s, t, message, currentContext());
        } catch (Throwable fatal) {
            cancelSource(); // whatever is thrown, the caller is told
        }
        error = e;
        done = true;
        pieces = null;
        discardMessage();
        discardQueue();
    }

    /** Tells the caller the end: the source's, or this one. */
    void terminate(@Nullable Throwable reason) {
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

    void discardAll() {
        pieces = null;
        discardMessage();
        discardQueue();
    }

    private void discardMessage() {
        M m = message;
        frameIsWritten();
        if (m != null) {
            Operators.onDiscard(m, currentContext());
        }
    }

    private void discardQueue() {
        if (sourceMode == Fuseable.NONE) {
            Operators.onDiscardQueueWithClear(queue, currentContext(), null);
        } else {
            queue.clear(); // whoever holds the queue discards
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
