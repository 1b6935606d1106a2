package reactor.framing.test;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs what may loop without end, in a thread of its own: nothing can stop such a loop, but whoever waits for it can
 * go. What counts is the time that the thread has had the processor, so that a machine that is busy with something else
 * makes no difference; a thread that is blocked gets a multiple of that time.
 */
final class Watchdog {

    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int BLOCKED = 6;
    private static final long LOOK_EVERY_MILLIS = 50;

    private Watchdog() {}

    static void run(String name, Duration patience, Progress progress, Runnable task) {
        Watchdog.<Boolean>call(name, patience, progress, () -> {
            task.run();
            return true;
        });
    }

    static <T> T call(String name, Duration patience, Progress progress, Callable<T> task) {
        AtomicReference<@Nullable T> result = new AtomicReference<>();
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.set(task.call());
                    } catch (Throwable t) {
                        thrown.set(t);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
        thread.start();
        await(thread, patience, progress);
        Throwable t = thrown.get();
        if (t instanceof Failure failure) {
            throw failure.toError();
        }
        if (t != null) {
            throw new AssertionError("could not be verified: " + t, t);
        }
        T value = result.get();
        if (value == null) {
            throw new AssertionError("nothing was returned");
        }
        return value;
    }

    private static void await(Thread thread, Duration patience, Progress progress) {
        long steps = progress.steps();
        long started = processorTime(thread);
        long waited = 0;
        try {
            for (thread.join(LOOK_EVERY_MILLIS); thread.isAlive(); thread.join(LOOK_EVERY_MILLIS)) {
                waited += LOOK_EVERY_MILLIS;
                if (progress.steps() != steps) {
                    steps = progress.steps();
                    started = processorTime(thread);
                    waited = 0;
                } else if (processorTime(thread) - started > patience.toNanos()
                        || waited > BLOCKED * patience.toMillis()) {
                    giveUp(thread, progress);
                }
            }
        } catch (InterruptedException e) {
            progress.abandon();
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while a framing was verified", e);
        }
    }

    /** Nanoseconds; 0 where nobody tells. */
    private static long processorTime(Thread thread) {
        try {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            return threads.isThreadCpuTimeSupported() ? Math.max(0, threads.getThreadCpuTime(thread.getId())) : 0;
        } catch (LinkageError | UnsupportedOperationException noManagement) {
            return 0;
        }
    }

    private static void giveUp(Thread thread, Progress progress) {
        StackTraceElement[] trace = thread.getStackTrace();
        progress.abandon();
        thread.interrupt();
        thread.setPriority(Thread.MIN_PRIORITY);
        String place = null;
        for (StackTraceElement element : trace) {
            if (place == null && Failure.isUsers(element.getClassName())) {
                place = Failure.place(element);
            }
        }
        Throwable cause = new Throwable("where it was");
        cause.setStackTrace(trace);
        throw new AssertionError(
                "a loop without end" + (place == null ? "" : " at " + place) + "\n\n  while it had to "
                        + progress.doing() + "\n",
                cause);
    }
}
