package reactor.framing.test;

import java.util.function.Supplier;

/** What is being done, told to a watchdog in another thread. */
final class Progress {

    /** Says that nobody waits for this thread any more. */
    static final class Abandoned extends Error {

        private static final long serialVersionUID = 1L;

        Abandoned() {
            super("took too long", null, false, false);
        }
    }

    private static final Supplier<String> NOTHING = () -> "";

    private volatile long steps;
    private volatile Supplier<String> doing = NOTHING;
    private volatile boolean abandoned;

    /** One thing has been done, and another begins. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
    void begin(Supplier<String> next) {
        check();
        doing = next;
        steps++;
    }

    /** Ends this thread if nobody waits for it. */
    void check() {
        if (abandoned) {
            throw new Abandoned();
        }
    }

    long steps() {
        return steps;
    }

    String doing() {
        return doing.get();
    }

    void abandon() {
        abandoned = true;
    }
}
