package reactor.framing.benchmarks.tcp;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/**
 * The processes of the contenders. Whatever is measured gets fresh ones, as what a JVM has learnt of one thing can slow
 * it at the next; or the same ones again, if nothing is measured.
 */
final class Workers implements AutoCloseable {

    private final boolean fresh;
    private final Map<TcpContender, WorkerProcess> kept = new EnumMap<>(TcpContender.class);

    Workers(boolean fresh) {
        this.fresh = fresh;
    }

    WorkerProcess take(TcpContender contender) throws IOException {
        WorkerProcess worker = kept.remove(contender);
        return worker == null ? new WorkerProcess(contender, fresh) : worker;
    }

    /** To be called by who has taken it. */
    void giveBack(WorkerProcess worker) {
        if (fresh) {
            worker.close();
        } else {
            kept.put(worker.contender(), worker);
        }
    }

    @Override
    public void close() {
        kept.values().forEach(WorkerProcess::close);
    }
}
