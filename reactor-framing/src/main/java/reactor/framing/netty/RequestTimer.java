package reactor.framing.netty;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameMetrics.RequestEnd;

/** Tells metrics how a request that has left ends, once. */
final class RequestTimer {

    private final FrameMetrics metrics;
    private final long start = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();

    private RequestTimer(FrameMetrics metrics) {
        this.metrics = metrics;
    }

    static RequestTimer start(FrameMetrics metrics) {
        metrics.requestSent();
        return new RequestTimer(metrics);
    }

    void end(RequestEnd how) {
        if (ended.compareAndSet(false, true)) {
            metrics.requestEnded(how, Duration.ofNanos(System.nanoTime() - start));
        }
    }
}
