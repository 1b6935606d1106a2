package reactor.framing.netty;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tasks that wait for sends to end, and for the socket to take what these have written. A send that is cancelled has
 * ended, but its last whole frame may still be on its way.
 */
final class AfterSends {

    private static final class Waiting {

        private final Set<Send<?>> sends;
        private final Runnable task;

        /** Up to where the bytes of the sends go. */
        private long end;

        Waiting(Set<Send<?>> sends, long end, Runnable task) {
            this.sends = sends;
            this.end = end;
            this.task = task;
        }
    }

    private final List<Waiting> all = new ArrayList<>(0);

    /** @param written how many bytes have been written by now */
    void add(List<Send<?>> sends, long written, Runnable task) {
        all.add(new Waiting(new HashSet<>(sends), written, task));
    }

    /** @param written how many bytes have been written by now */
    void ended(Send<?> send, long written) {
        for (Waiting each : all) {
            if (each.sends.remove(send)) {
                each.end = written;
            }
        }
    }

    /**
     * Runs the tasks that need not wait any more.
     *
     * @param taken how many bytes the socket has taken
     */
    void run(long taken) {
        if (all.isEmpty()) {
            return; // as nearly always
        }
        for (Waiting each : List.copyOf(all)) {
            if (each.sends.isEmpty() && each.end <= taken && all.remove(each)) {
                each.task.run();
            }
        }
    }
}
