package reactor.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.Fuseable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * Cuts a stream of chunks into frames, or parts of frames. Asks upstream for one chunk at a time, and only while what is
 * wanted cannot be made of the chunk that is held.
 *
 * @param <T> what is emitted
 */
final class FluxDecode<T> extends FluxOperator<ByteBuffer, T> {

    private final Framing framing;
    private final Function<? super FrameDecoder, ? extends FrameAssembler<T>> assemblers;
    private final boolean zeroCopy;
    private final @Nullable Timeout timeout;

    /** A frame's time to become whole, and the clock for it, which is asked for at subscription. */
    record Timeout(Duration duration, Supplier<? extends Scheduler> scheduler) {}

    private FluxDecode(
            Flux<? extends ByteBuffer> source,
            Framing framing,
            Function<? super FrameDecoder, ? extends FrameAssembler<T>> assemblers,
            boolean zeroCopy,
            @Nullable Timeout timeout) {
        super(source);
        this.framing = framing;
        this.assemblers = assemblers;
        this.zeroCopy = zeroCopy;
        this.timeout = timeout;
    }

    static <T> Flux<T> create(
            Flux<? extends ByteBuffer> source,
            Framing framing,
            Function<? super FrameDecoder, ? extends FrameAssembler<T>> assemblers,
            boolean zeroCopy,
            @Nullable Timeout timeout) {
        return onAssembly(new FluxDecode<>(source, framing, assemblers, zeroCopy, timeout));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        DecodeSubscriber<T> subscriber;
        try {
            FrameDecoder decoder = Objects.requireNonNull(framing.newDecoder(), "newDecoder() returned null");
            FrameTimer timer = timeout == null ? null : new FrameTimer(timeout.duration, timeout.scheduler.get());
            subscriber = new DecodeSubscriber<>(actual, assemblers.apply(decoder), zeroCopy, timer);
        } catch (Throwable t) {
            Operators.error(actual, Operators.onOperatorError(t, actual.currentContext()));
            return;
        }
        source.subscribe(subscriber);
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : super.scanUnsafe(key);
    }

    static final class DecodeSubscriber<T> implements CoreSubscriber<ByteBuffer>, Subscription, Scannable {

        private final CoreSubscriber<? super T> actual;
        private final FrameAssembler<T> assembler;
        private final boolean zeroCopy;
        private final @Nullable FrameTimer timer;

        private @Nullable Subscription s;

        /** A chunk that came while another thread was draining; ours to keep. */
        private volatile @Nullable ByteBuffer queued;

        private volatile boolean done;
        private @Nullable Throwable error;

        /** Whether {@link #done} was set here and not by upstream. */
        private boolean faulted;

        private volatile boolean cancelled;
        private volatile boolean timerFired;

        private volatile int wip;

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<DecodeSubscriber> WIP =
                AtomicIntegerFieldUpdater.newUpdater(DecodeSubscriber.class, "wip");

        private volatile long requested;

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<DecodeSubscriber> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(DecodeSubscriber.class, "requested");

        // The fields below belong to whoever holds wip.

        /** Decoded to see whether the stream has more, and not wanted yet; or carried over, and about to be emitted. */
        private @Nullable T ready;

        /** Whether a chunk has been requested and has not come. */
        private boolean pulling;

        private boolean terminated;

        /** The source, if it has its chunks at hand: an array or an iterable, which are asked instead of requested from. */
        private @Nullable Queue<? extends ByteBuffer> source;

        DecodeSubscriber(
                CoreSubscriber<? super T> actual,
                FrameAssembler<T> assembler,
                boolean zeroCopy,
                @Nullable FrameTimer timer) {
            this.actual = actual;
            this.assembler = assembler;
            this.zeroCopy = zeroCopy;
            this.timer = timer;
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.validate(this.s, s)) {
                this.s = s;
                // No other fused source: it might let somebody reuse a chunk before the next one is asked for, or not
                // tidy up. And a timer has to be able to interrupt a source that blocks.
                if (s instanceof Fuseable.SynchronousSubscription<?> && timer == null) {
                    @SuppressWarnings("unchecked") // what a source of chunks queues are chunks
                    Fuseable.SynchronousSubscription<ByteBuffer> fused =
                            (Fuseable.SynchronousSubscription<ByteBuffer>) s;
                    if (fused.requestFusion(Fuseable.SYNC | Fuseable.THREAD_BARRIER) == Fuseable.SYNC) {
                        source = fused;
                    }
                }
                actual.onSubscribe(this);
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
                Operators.onDiscard(next, currentContext());
                return;
            }
            if (wip == 0 && WIP.compareAndSet(this, 0, 1)) {
                if (!assembler.hasRemaining() && queued == null) {
                    take(next, zeroCopy);
                } else {
                    overflow(next);
                }
                drain();
                return;
            }
            if (queued != null) {
                overflow(next);
            } else {
                // whoever is draining may get to this chunk after onNext has returned
                queued = zeroCopy ? next : FrameAssembler.copyOf(next);
            }
            tryDrain();
        }

        /** More chunks than were requested: an upstream without backpressure cannot be held back by one slot. */
        private void overflow(ByteBuffer next) {
            Operators.onDiscard(next, currentContext());
            Subscription s = this.s;
            if (s != null) {
                s.cancel();
            }
            error = Exceptions.failWithOverflow("The source sent a chunk that was not requested");
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
            tryDrain();
        }

        @Override
        public void onComplete() {
            if (done) {
                return;
            }
            done = true;
            tryDrain();
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

        private void onTimer() {
            timerFired = true;
            tryDrain();
        }

        private void tryDrain() {
            if (WIP.getAndIncrement(this) == 0) {
                drain();
            }
        }

        /** Emits what can be emitted, then asks upstream for a chunk if one is missing. The caller has taken wip. */
        private void drain() {
            Subscription s = this.s;
            if (drainAndLeave() && s != null) {
                // Only now that wip is free: whoever answers finds nobody draining and need not copy the chunk.
                s.request(1);
            }
        }

        /** Drains until nobody has asked for more meanwhile; returns whether a chunk has to be requested. */
        private boolean drainAndLeave() {
            int missed = 1;
            boolean pull = false;
            for (; ; ) {
                if (timer != null) {
                    timer.pause();
                }
                if (cancelled || terminated) {
                    discardAll();
                } else {
                    pull |= emit();
                }
                if (wip == missed) {
                    assembler.keepRest();
                    if (timer != null && !cancelled && !terminated) {
                        watch(timer);
                    }
                }
                missed = WIP.addAndGet(this, -missed);
                if (missed == 0) {
                    return pull;
                }
            }
        }

        /**
         * Emits what is wanted and can be made.
         *
         * @return whether a chunk has to be requested
         */
        private boolean emit() {
            CoreSubscriber<? super T> actual = this.actual;
            long r = requested;
            long emitted = 0;
            boolean pull = false;
            for (; ; ) {
                if (cancelled) {
                    discardAll();
                    return false;
                }
                if (emitted == r) {
                    r = requested;
                }
                boolean wanted = emitted != r;
                T next = ready;
                if (next != null) {
                    if (!wanted) {
                        break;
                    }
                    ready = null;
                } else {
                    if (!wanted && !done && source == null) {
                        break;
                    }
                    if (wanted && assembler.hasPlain()) {
                        emitted = source == null
                                ? emitFound(actual, assembler, emitted)
                                : emitFromSource(source, actual, assembler, emitted);
                        if (terminated) {
                            return false;
                        }
                        r = requested;
                        if (cancelled || emitted == r) {
                            continue;
                        }
                    }
                    try {
                        next = assembler.isUsedUp() ? null : assembler.read();
                        if (next == null && (wanted || done || isSourceEmpty())) {
                            next = poll(wanted);
                        }
                    } catch (Throwable t) {
                        fail(t);
                        return false;
                    }
                    if (cancelled) {
                        // from inside a callback of ours, such as that of skipInvalid
                        ready = next;
                        discardAll();
                        return false;
                    }
                    if (next == null) {
                        if (terminated) {
                            return false;
                        }
                        if (wanted && assembler.hasPlain()) {
                            continue;
                        }
                        if (wanted && !pulling && !done && source == null) {
                            pulling = true;
                            pull = true;
                        }
                        break;
                    }
                    if (!wanted) {
                        ready = next;
                        break;
                    }
                }
                emitted++;
                actual.onNext(next);
            }
            if (!assembler.hasRemaining()) {
                assembler.release();
            }
            if (emitted != 0 && r != Long.MAX_VALUE) {
                Operators.produced(REQUESTED, this, emitted);
            }
            return pull;
        }

        /**
         * Emits what is found in the chunk, frame after frame, while they lie whole in it and are wanted; then takes the beginning of one that
         * goes on behind it. By itself, and with all it needs for a frame in local variables, few of which change, as what is done for each
         * frame is what decoding small ones costs.
         *
         * @return how many have been emitted then, in all; if the decoder has failed, this is {@link #terminated} or {@link #cancelled}
         */
        private long emitFound(CoreSubscriber<? super T> actual, FrameAssembler<T> assembler, long emitted) {
            FrameDecoder decoder = assembler.decoder();
            long maxLength = assembler.limit();
            boolean owned = assembler.isOwned();
            ByteBuffer chunk = assembler.chunk();
            long limit = chunk.limit();
            long at = assembler.at();
            int found = 0;
            int wanted = wantedBeyond(emitted);
            long begun = FrameDecoder.NOT_FOUND;
            boolean handing = false;
            try {
                for (; ; ) {
                    long place = decoder.find(chunk, (int) at);
                    long n = length(place);
                    long from = at + header(place);
                    long end = from + n + trailer(place);
                    if (place <= 0 || n > maxLength || end > limit) {
                        begun = n > maxLength || cancelled ? FrameDecoder.NOT_FOUND : place;
                        break;
                    }
                    if (cancelled) {
                        break; // from inside the decoder
                    }
                    T next = assembler.frameAt(chunk, (int) from, (int) n, owned, found);
                    at = end;
                    found++;
                    handing = true;
                    actual.onNext(next);
                    handing = false;
                    if (cancelled || found == wanted && found == (wanted = wantedBeyond(emitted))) {
                        break;
                    }
                }
            } catch (Throwable t) {
                if (handing) {
                    throw t; // not ours to handle
                }
                assembler.countFound(found);
                assembler.moveOn((int) at);
                fail(t);
                return emitted + found;
            }
            assembler.countFound(found);
            moveOnOrBegin((int) at, begun);
            return emitted + found;
        }

        // What FrameDecoder tells of a place, but as longs, so that adding them up cannot overflow.

        private static long header(long place) {
            return place >>> 31 & 0xFFFF;
        }

        private static long length(long place) {
            return place & Integer.MAX_VALUE;
        }

        private static long trailer(long place) {
            return place >>> 47;
        }

        /** How many more are wanted than have been emitted; if there are more of them than a chunk can have, that is enough to know. */
        private int wantedBeyond(long emitted) {
            return (int) Math.min(requested - emitted, Integer.MAX_VALUE);
        }

        private boolean isWanted(long emitted) {
            return !cancelled && emitted != requested;
        }

        /** Moves on to the given index and, if a frame was found there that goes on behind the chunk, takes what there is of it. */
        private void moveOnOrBegin(int at, long begun) {
            if (begun <= 0) {
                assembler.moveOn(at);
                return;
            }
            Queue<? extends ByteBuffer> source = this.source;
            try {
                if (source != null && assembler.mayCarryOver(at, begun)) {
                    ready = carryOver(source, at, begun);
                } else {
                    assembler.beginFound(at, begun);
                }
            } catch (Throwable t) {
                fail(t);
            }
        }

        /**
         * Takes a frame that was found to go on behind the chunk up to its end, from the source. What is known of the frame is stored only if
         * that has no more, as it takes a tenth of the time where frames are about as long as chunks.
         *
         * @return the frame, or null if the source has ended inside it or this is {@link #cancelled}
         */
        private @Nullable T carryOver(Queue<? extends ByteBuffer> source, int start, long place) {
            FrameAssembler<T> assembler = this.assembler;
            int n = FrameDecoder.lengthOf(place);
            byte[] bytes = new byte[n];
            int held = assembler.carryOver(start, place, bytes);
            int count = held;
            ByteBuffer next;
            while (!cancelled && (next = pollSource(source)) != null) {
                int from = next.position();
                int rest = Math.min(n - count, next.limit() - from);
                FrameAssembler.copy(next, from, bytes, count, rest);
                count += rest;
                if (count == n) {
                    return assembler.carriedOver(bytes, n - held, next, from + rest, zeroCopy);
                }
            }
            assembler.beginCarried(place, bytes, held, count);
            return null;
        }

        /**
         * Emits what is found in the chunk and in those that come next from the source, while nothing but frames is found and they are wanted.
         *
         * @return how many have been emitted then, in all; if the decoder has failed, this is {@link #terminated} or {@link #cancelled}
         */
        private long emitFromSource(
                Queue<? extends ByteBuffer> source,
                CoreSubscriber<? super T> actual,
                FrameAssembler<T> assembler,
                long emitted) {
            emitted = emitFound(actual, assembler, emitted);
            while (isWanted(emitted)) {
                T carried = ready;
                if (carried != null) {
                    ready = null;
                    emitted++;
                    actual.onNext(carried);
                    if (isWanted(emitted) && assembler.hasPlain()) {
                        emitted = emitFound(actual, assembler, emitted);
                    }
                } else if (assembler.isBetweenChunks() && !done) {
                    emitted = emitChunks(source, actual, assembler, emitted);
                } else {
                    break;
                }
            }
            return emitted;
        }

        /**
         * Emits the chunks that come next from the source while each is one frame, from its first byte to its last, and wanted. Such a
         * chunk is not even stored. One that is something else is taken, and gone on with as by {@link #emitFound}.
         *
         * @return how many have been emitted then, in all
         */
        private long emitChunks(
                Queue<? extends ByteBuffer> source,
                CoreSubscriber<? super T> actual,
                FrameAssembler<T> assembler,
                long emitted) {
            FrameDecoder decoder = assembler.decoder();
            long maxLength = assembler.limit();
            long r = requested;
            while (!cancelled && (emitted != r || emitted != (r = requested))) {
                ByteBuffer chunk = pollSource(source);
                if (chunk == null) {
                    return emitted;
                }
                if (chunk.order() != ByteOrder.BIG_ENDIAN) {
                    assembler.take(chunk, zeroCopy);
                    break;
                }
                int start = chunk.position();
                long limit = chunk.limit();
                long place;
                long n;
                long end;
                T next = null;
                try {
                    place = decoder.find(chunk, start);
                    n = length(place);
                    long from = start + header(place);
                    end = from + n + trailer(place);
                    if (place > 0 && n <= maxLength && end <= limit && !cancelled) {
                        next = assembler.frameAt(chunk, (int) from, (int) n, zeroCopy, 0);
                    }
                } catch (Throwable t) {
                    assembler.take(chunk, zeroCopy);
                    fail(t);
                    return emitted;
                }
                if (next == null) {
                    assembler.take(chunk, zeroCopy);
                    moveOnOrBegin(start, n > maxLength || cancelled ? FrameDecoder.NOT_FOUND : place);
                    return emitted;
                }
                assembler.passOver((int) end - start);
                emitted++;
                if (end != limit) {
                    assembler.hold(chunk, (int) end, zeroCopy);
                    actual.onNext(next);
                    break;
                }
                actual.onNext(next);
            }
            return isWanted(emitted) && assembler.hasPlain() ? emitFound(actual, assembler, emitted) : emitted;
        }

        /**
         * Goes on where the chunk that is held is used up: with one that has come meanwhile, or with the end of the stream.
         *
         * @return what is to be emitted next; or null if there is nothing now or, if then {@link #terminated}, ever; or if a chunk has been
         *     taken that {@link #emitFound} is to look at, as something is wanted
         */
        private @Nullable T poll(boolean wanted) {
            for (; ; ) {
                if (cancelled) {
                    return null;
                }
                boolean d = done;
                ByteBuffer q = queued;
                if (q != null) {
                    queued = null;
                    take(q, true);
                } else if (source != null && !d) {
                    takeFromSource(source);
                } else if (d) {
                    return end();
                } else {
                    if (timerFired && timer != null) {
                        timerFired = false;
                        timer.fired(assembler);
                    }
                    return null;
                }
                T next = wanted && assembler.hasPlain() ? null : assembler.read();
                if (next != null || wanted && assembler.hasPlain()) {
                    return next;
                }
            }
        }

        /** Takes chunks until there is something to read, or the source has ended. */
        private void takeFromSource(Queue<? extends ByteBuffer> source) {
            assembler.release(); // before anybody can reuse what it lent
            ByteBuffer next;
            do {
                next = assembler.isGathering() ? gather(source) : pollSource(source);
            } while (next != null && !assembler.take(next, zeroCopy) && !cancelled);
        }

        /**
         * Takes chunks of which all belongs to the frame and which it has room for. By itself, and with where they go in a local variable, as
         * what is done for each chunk is what decoding small ones costs.
         *
         * @return the next one, which has not been taken, or null if the source has ended or this is {@link #cancelled}
         */
        private @Nullable ByteBuffer gather(Queue<? extends ByteBuffer> source) {
            FrameAssembler<T> assembler = this.assembler;
            byte[] bytes = assembler.room();
            int end = assembler.roomEnd();
            int held = assembler.held();
            int at = held;
            ByteBuffer next = null;
            while (!cancelled && (next = pollSource(source)) != null) {
                int start = next.position();
                int n = next.limit() - start;
                if (n >= end - at) {
                    break;
                }
                FrameAssembler.copy(next, start, bytes, at, n);
                at += n;
                next = null;
            }
            assembler.gathered(at - held);
            return next;
        }

        /** The next chunk of a source that has not ended before; null if it ends now, and then this is {@link #done}. */
        private @Nullable ByteBuffer pollSource(Queue<? extends ByteBuffer> source) {
            try {
                // Polled even if empty, as some sources tidy up then. Asked in any case: FluxIterable loses what
                // its iterator's hasNext() throws in a poll.
                boolean ended = source.isEmpty();
                ByteBuffer next = source.poll();
                if (!ended && next != null) {
                    return next;
                }
            } catch (Throwable t) {
                error = Operators.onOperatorError(s, t, currentContext());
            }
            done = true;
            return null;
        }

        /**
         * Whether a source that is asked has nothing more, so that the end can be told without demand. Asked only when nothing
         * is held that could be delivered meanwhile.
         */
        private boolean isSourceEmpty() {
            Queue<? extends ByteBuffer> source = this.source;
            if (source == null) {
                return false;
            }
            assembler.release(); // before anybody can reuse what it lent
            try {
                return source.isEmpty();
            } catch (Throwable t) {
                error = Operators.onOperatorError(s, t, currentContext());
                done = true;
                return true;
            }
        }

        /** Takes a chunk in; it is left as it is. */
        private void take(ByteBuffer next, boolean owned) {
            pulling = false;
            assembler.take(next, owned);
        }

        private @Nullable T end() {
            Throwable e = error;
            if (e == null) {
                T last = assembler.complete();
                if (last != null) {
                    return last;
                }
            }
            if (cancelled) {
                return null;
            }
            terminate();
            if (e == null) {
                actual.onComplete();
            } else {
                actual.onError(e);
            }
            return null;
        }

        private void fail(Throwable t) {
            Throwable cause = t;
            if (t instanceof FramingException fault) {
                try {
                    assembler.locateLast(fault);
                } catch (Throwable thrownByCallback) {
                    cause = thrownByCallback;
                }
            }
            Throwable e = Operators.onOperatorError(s, cause, currentContext());
            error = e;
            faulted = true;
            done = true;
            if (cancelled) {
                Operators.onErrorDropped(e, currentContext());
                discardAll();
                return;
            }
            terminate();
            actual.onError(e);
        }

        private void terminate() {
            terminated = true;
            discardAll();
        }

        /** Discards what is held; what has come since the last time, when called again. */
        private void discardAll() {
            Context context = currentContext();
            if (timer != null) {
                timer.dispose();
            }
            ByteBuffer partial = assembler.giveUp();
            if (partial != null) {
                Operators.onDiscard(partial, context);
            }
            T next = ready;
            if (next != null) {
                ready = null;
                Operators.onDiscard(next, context);
            }
            ByteBuffer rest = assembler.giveUpChunk();
            if (rest != null) {
                Operators.onDiscard(rest, context);
            }
            ByteBuffer q = queued;
            if (q != null) {
                queued = null;
                Operators.onDiscard(q, context);
            }
        }

        /** Has the timer run while a frame has begun, is wanted, and nothing but its bytes is missing. */
        private void watch(FrameTimer timer) {
            if (pulling && ready == null && requested != 0 && assembler.isInFrame()) {
                try {
                    timer.run(assembler.frameStart(), this::onTimer);
                } catch (RejectedExecutionException e) {
                    fail(e);
                }
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
                return 1;
            }
            if (key == Attr.BUFFERED) {
                ByteBuffer q = queued;
                return assembler.held() + assembler.remaining() + (q == null ? 0 : q.remaining());
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

    /** Adds up how long a frame has been waited for. Used by whoever drains. */
    static final class FrameTimer {

        private final Duration timeout;
        private final long timeoutNanos;
        private final Scheduler scheduler;

        private long frameStart = -1;
        private long waited;
        private boolean running;
        private long runningSince;
        private @Nullable Disposable task;

        FrameTimer(Duration timeout, Scheduler scheduler) {
            this.timeout = timeout;
            // room for the clock: schedulers add a delay to their time
            timeoutNanos = Math.min(TimeUnit.NANOSECONDS.convert(timeout), Long.MAX_VALUE / 2);
            this.scheduler = scheduler;
        }

        void pause() {
            if (running) {
                running = false;
                waited += scheduler.now(TimeUnit.NANOSECONDS) - runningSince;
            }
        }

        void run(long frameStart, Runnable onTimer) {
            if (this.frameStart != frameStart) {
                this.frameStart = frameStart;
                waited = 0;
            }
            running = true;
            runningSince = scheduler.now(TimeUnit.NANOSECONDS);
            // One task serves frame after frame: when it runs, it looks how long the frame of that moment has waited.
            if (task == null) {
                task = scheduler.schedule(onTimer, Math.max(0, timeoutNanos - waited), TimeUnit.NANOSECONDS);
            }
        }

        void fired(FrameAssembler<?> assembler) {
            task = null;
            if (assembler.isInFrame() && assembler.frameStart() == frameStart && waited >= timeoutNanos) {
                throw new FrameTimeoutException(timeout, assembler.receivedOfFrame(), assembler.expectedOfFrame());
            }
        }

        void dispose() {
            Disposable t = task;
            if (t != null) {
                task = null;
                t.dispose();
            }
        }
    }
}
