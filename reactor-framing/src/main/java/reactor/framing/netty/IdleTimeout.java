package reactor.framing.netty;

import io.netty.util.concurrent.EventExecutor;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells when nothing has come for a while although it was waited for. One task serves many waits: it looks at the time
 * when the current wait began, and runs again when that could be too long. Used on the event loop.
 */
final class IdleTimeout {

    private final EventExecutor eventLoop;
    private final long nanos;
    private final Consumer<Throwable> onIdle;

    private boolean waiting;
    private long since;
    private boolean scheduled;

    IdleTimeout(EventExecutor eventLoop, Duration timeout, Consumer<Throwable> onIdle) {
        this.eventLoop = eventLoop;
        this.onIdle = onIdle;
        nanos = timeout.toNanos();
    }

    /** A wait begins, unless one is under way. */
    void start() {
        if (!waiting) {
            waiting = true;
            since = System.nanoTime();
            schedule(nanos);
        }
    }

    /** What was waited for has come, or never will. */
    void stop() {
        waiting = false;
    }

    private void schedule(long delay) {
        if (!scheduled) {
            scheduled = true;
            eventLoop.schedule(this::check, delay, TimeUnit.NANOSECONDS);
        }
    }

    private void check() {
        scheduled = false;
        if (!waiting) {
            return;
        }
        long left = nanos - (System.nanoTime() - since);
        if (left > 0) {
            schedule(left);
        } else {
            waiting = false;
            onIdle.accept(new SocketTimeoutException("Nothing came for " + Duration.ofNanos(nanos)));
        }
    }
}
