package reactor.framing.netty;

import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** Sends a frame whenever nothing has been sent for a while. Used on the event loop. */
final class Heartbeat {

    private final FramedConnection framed;
    private final EventLoop eventLoop;
    private final long nanos;
    private final Supplier<? extends ByteBuffer> frame;

    /** When bytes went to the channel last. */
    private long last = System.nanoTime();

    private boolean stopped;

    Heartbeat(FramedConnection framed, Duration interval, Supplier<? extends ByteBuffer> frame) {
        this.framed = framed;
        this.frame = frame;
        eventLoop = framed.channel().eventLoop();
        nanos = interval.toNanos();
    }

    void start() {
        schedule(nanos);
    }

    void onWrite() {
        last = System.nanoTime();
    }

    void stop() {
        stopped = true;
    }

    private void schedule(long delay) {
        eventLoop.schedule(this::check, delay, TimeUnit.NANOSECONDS);
    }

    private void check() {
        if (stopped) {
            return;
        }
        long left = nanos - (System.nanoTime() - last);
        if (left > 0) {
            schedule(left);
        } else {
            // A failure is told to those who send or read.
            framed.send(Mono.fromSupplier(frame)).subscribe(null, failure -> {}, () -> schedule(nanos));
        }
    }
}
