package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.netty.channel.AbortedException;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * Writes buffers to a channel, as many as fit into a window of bytes. Reactor Netty's own {@code send} counts buffers
 * instead, 128 of any size.
 *
 * <p>What one turn of the event loop finds waiting is packed into pooled direct buffers and flushed once.
 */
final class MonoWrite extends Mono<Void> implements Scannable {

    /** The next buffer is requested while fewer bytes than these are waiting for the socket. */
    private static final int WINDOW = 128 * 1024;

    /** The size of the pooled buffers at most. */
    private static final int PACK = 64 * 1024;

    private final Flux<ByteBuffer> source;
    private final Channel channel;

    MonoWrite(Flux<ByteBuffer> source, Channel channel) {
        this.source = source;
        this.channel = channel;
    }

    static AbortedException closed() {
        return new AbortedException("The connection has been closed");
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        source.subscribe(new WriteSubscriber(actual, channel));
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.PARENT ? source : key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    private static final class WriteSubscriber
            implements CoreSubscriber<ByteBuffer>, Subscription, Runnable, Scannable {

        private final CoreSubscriber<? super Void> actual;
        private final Channel channel;
        private final EventLoop eventLoop;
        private final Queue<ByteBuffer> queue = Queues.<ByteBuffer>unbounded().get();

        private @Nullable Subscription s;

        private volatile boolean done;
        private @Nullable Throwable error;
        private volatile boolean cancelled;

        /** Bytes that have come and have not been taken by the socket. */
        private volatile long pending;

        private static final AtomicLongFieldUpdater<WriteSubscriber> PENDING =
                AtomicLongFieldUpdater.newUpdater(WriteSubscriber.class, "pending");

        /** 1 from the request for a buffer until it has come. */
        private volatile int pulling;

        private static final AtomicIntegerFieldUpdater<WriteSubscriber> PULLING =
                AtomicIntegerFieldUpdater.newUpdater(WriteSubscriber.class, "pulling");

        private volatile int wip;

        private static final AtomicIntegerFieldUpdater<WriteSubscriber> WIP =
                AtomicIntegerFieldUpdater.newUpdater(WriteSubscriber.class, "wip");

        private volatile int terminated;

        private static final AtomicIntegerFieldUpdater<WriteSubscriber> TERMINATED =
                AtomicIntegerFieldUpdater.newUpdater(WriteSubscriber.class, "terminated");

        // The fields below belong to the event loop.

        /** Those of the pending bytes that have been handed to the channel. */
        private long writing;

        /** Why bytes were lost, if any were. */
        private @Nullable Throwable loss;

        WriteSubscriber(CoreSubscriber<? super Void> actual, Channel channel) {
            this.actual = actual;
            this.channel = channel;
            eventLoop = channel.eventLoop();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.validate(this.s, s)) {
                this.s = s;
                actual.onSubscribe(this);
                pull();
            }
        }

        private void pull() {
            Subscription s = this.s;
            if (s != null && pending < WINDOW && PULLING.compareAndSet(this, 0, 1)) {
                s.request(1);
            }
        }

        @Override
        public void onNext(ByteBuffer bytes) {
            if (cancelled) {
                Operators.onDiscard(bytes, currentContext());
                return;
            }
            if (done) {
                Operators.onNextDropped(bytes, currentContext());
                return;
            }
            PENDING.addAndGet(this, bytes.remaining());
            queue.offer(bytes);
            pulling = 0;
            schedule();
            pull();
        }

        @Override
        public void onError(Throwable t) {
            if (done || cancelled) {
                Operators.onErrorDropped(t, currentContext());
                return;
            }
            error = t;
            done = true;
            schedule();
        }

        @Override
        public void onComplete() {
            done = true;
            schedule();
        }

        @Override
        public void request(long n) {
            Operators.validate(n);
        }

        @Override
        public void cancel() {
            if (TERMINATED.compareAndSet(this, 0, 1)) {
                stop();
                schedule();
            }
        }

        private void stop() {
            cancelled = true;
            Subscription s = this.s;
            if (s != null) {
                s.cancel();
            }
        }

        private void schedule() {
            if (WIP.getAndIncrement(this) == 0) {
                execute();
            }
        }

        private void execute() {
            try {
                // Also from the event loop itself: what else comes in this turn goes with it.
                eventLoop.execute(this);
            } catch (RejectedExecutionException e) {
                // The event loop has ended, and all its channels with it; wip stays, so nobody else gets here.
                stop();
                discardQueue();
                terminate(closed());
            }
        }

        @Override
        public void run() {
            int missed = wip;
            boolean d = done;
            if (cancelled) {
                discardQueue();
            } else {
                write();
                if (d) {
                    endIfWritten();
                }
            }
            if (WIP.addAndGet(this, -missed) != 0) {
                // Not at once: a source and a peer that keep up would have the event loop for themselves.
                execute();
            }
        }

        private void write() {
            if (!channel.isActive()) {
                drop();
                return;
            }
            ByteBuf out = null;
            boolean written = false;
            try {
                for (ByteBuffer bytes = queue.poll(); bytes != null; bytes = queue.poll()) {
                    while (bytes.hasRemaining()) {
                        if (out == null) {
                            int capacity = (int) Math.min(PACK, pending - writing);
                            out = channel.alloc().ioBuffer(capacity, capacity);
                        }
                        int n = Math.min(out.writableBytes(), bytes.remaining());
                        out.writeBytes(bytes.slice(bytes.position(), n));
                        bytes.position(bytes.position() + n);
                        if (!out.isWritable()) {
                            ByteBuf full = out;
                            out = null;
                            write(full);
                            written = true;
                        }
                    }
                }
                if (out != null) {
                    ByteBuf last = out;
                    out = null;
                    write(last);
                    written = true;
                }
            } catch (Throwable t) {
                if (out != null) {
                    out.release();
                }
                fail(t);
                // a frame may have been written in part
                channel.close();
                return;
            }
            if (written) {
                channel.flush();
            }
        }

        private void write(ByteBuf out) {
            int n = out.readableBytes();
            writing += n;
            channel.write(out).addListener(future -> written(n, future.cause()));
        }

        private void written(int n, @Nullable Throwable failure) {
            writing -= n;
            long left = PENDING.addAndGet(this, -n);
            if (failure != null && !cancelled) {
                if (channel.isActive()) {
                    fail(failure);
                    // a frame may have been written in part
                    channel.close();
                    return;
                }
                loss = new AbortedException(failure);
            }
            if (done) {
                endIfWritten();
            } else if (left <= WINDOW / 2) {
                pull();
            }
        }

        /** The channel is closed: the source goes on as if the bytes had been sent, until it is cancelled. */
        private void drop() {
            long dropped = 0;
            for (ByteBuffer bytes = queue.poll(); bytes != null; bytes = queue.poll()) {
                dropped += bytes.remaining();
                Operators.onDiscard(bytes, currentContext());
            }
            if (dropped != 0) {
                loss = closed();
                PENDING.addAndGet(this, -dropped);
                pull();
            }
        }

        private void discardQueue() {
            for (ByteBuffer bytes = queue.poll(); bytes != null; bytes = queue.poll()) {
                Operators.onDiscard(bytes, currentContext());
            }
        }

        private void endIfWritten() {
            if (pending == 0) {
                terminate(error != null ? error : loss);
            }
        }

        private void fail(Throwable t) {
            stop();
            discardQueue();
            terminate(t);
        }

        private void terminate(@Nullable Throwable t) {
            if (TERMINATED.compareAndSet(this, 0, 1)) {
                if (t == null) {
                    actual.onComplete();
                } else {
                    actual.onError(t);
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
            if (key == Attr.BUFFERED) {
                return (int) Math.min(Integer.MAX_VALUE, pending);
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
}
