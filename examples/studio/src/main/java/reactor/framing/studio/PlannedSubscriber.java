package reactor.framing.studio;

import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Requests frames as a scenario says, and knows what is requested and not delivered.
 *
 * @param <T> what a frame is
 */
abstract class PlannedSubscriber<T> extends BaseSubscriber<T> {

    private final Scenario.Demand plan;
    private final VirtualTimeScheduler clock;
    private long demand;
    private int frames;
    private String ended;

    PlannedSubscriber(Scenario.Demand plan, VirtualTimeScheduler clock) {
        this.plan = plan;
        this.clock = clock;
    }

    /** What is requested and not delivered; -1 for unbounded. */
    final long demand() {
        return demand;
    }

    /** The number of frames delivered. */
    final int frames() {
        return frames;
    }

    /** How the stream ended, or null. */
    final String ended() {
        return ended;
    }

    /** Told before frames are requested. */
    abstract void requests(long n);

    /** Told when a request has been made and all that came of it at once has come. */
    abstract void hasRequested();

    /** Told of a frame, which has been counted. */
    abstract void delivered(T frame);

    /** Told of the end; the error is null if there is none. */
    abstract void ended(Throwable error);

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        switch (plan.mode()) {
            case "unbounded" -> ask(Long.MAX_VALUE);
            case "batch" -> ask(plan.n());
            case "slow" -> ask(1);
            default -> {}
        }
    }

    /** Requests some frames, or with 0 all of them. */
    final void requestByHand(int n) {
        ask(n == 0 ? Long.MAX_VALUE : n);
    }

    private void ask(long n) {
        if (ended == null) {
            demand = n == Long.MAX_VALUE || demand < 0 ? -1 : demand + n;
            requests(n);
            request(n);
            hasRequested();
        }
    }

    @Override
    protected void hookOnNext(T frame) {
        if (demand > 0) {
            demand--;
        }
        frames++;
        delivered(frame);
        if (plan.mode().equals("batch") && frames % plan.n() == 0) {
            ask(plan.n());
        } else if (plan.mode().equals("slow")) {
            clock.schedule(() -> ask(1), plan.millis(), TimeUnit.MILLISECONDS);
        }
    }

    @Override
    protected void hookOnComplete() {
        ended = "complete";
        ended(null);
    }

    @Override
    protected void hookOnError(Throwable t) {
        ended = "error";
        ended(t);
    }
}
