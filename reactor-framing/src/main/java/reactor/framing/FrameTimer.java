package reactor.framing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Adds up how long a frame has been waited for. Used by whoever drains. */
final class FrameTimer {

    /** A frame's time to become whole, and the clock for it, which is asked for at subscription. */
    record Timeout(Duration duration, Supplier<? extends Scheduler> scheduler) {}

    private final Duration timeout;
    private final long timeoutNanos;
    private final Scheduler scheduler;
    private final Runnable onTimer;

    private long frameStart = -1;
    private long waited;
    private boolean running;
    private long runningSince;
    private @Nullable Disposable task;

    /**
     * @param onTimer has {@link #check} called when the time may be over
     */
    static @Nullable FrameTimer of(@Nullable Timeout timeout, Runnable onTimer) {
        return timeout == null ? null : new FrameTimer(timeout, onTimer);
    }

    private FrameTimer(Timeout timeout, Runnable onTimer) {
        this.timeout = timeout.duration;
        // room for the clock: schedulers add a delay to their time
        timeoutNanos = Math.min(TimeUnit.NANOSECONDS.convert(timeout.duration), Long.MAX_VALUE / 2);
        scheduler = timeout.scheduler.get();
        this.onTimer = onTimer;
    }

    /** Stops the clock while something else than the frame's bytes is waited for. */
    void pause() {
        if (running) {
            running = false;
            waited += scheduler.now(TimeUnit.NANOSECONDS) - runningSince;
        }
    }

    /** Has the clock run for the frame that is being read. */
    void run(FrameAssembler assembler) {
        if (frameStart != assembler.faults.frameStart()) {
            frameStart = assembler.faults.frameStart();
            waited = 0;
        }
        running = true;
        runningSince = scheduler.now(TimeUnit.NANOSECONDS);
        // One task serves frame after frame: when it runs, it looks how long the frame of that moment has waited.
        if (task == null) {
            task = scheduler.schedule(onTimer, Math.max(0, timeoutNanos - waited), TimeUnit.NANOSECONDS);
        }
    }

    /** The task has run. */
    void check(FrameAssembler assembler) {
        task = null;
        if (assembler.faults.isInFrame() && assembler.faults.frameStart() == frameStart && waited >= timeoutNanos) {
            throw assembler.timedOut(timeout);
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
