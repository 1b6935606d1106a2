package reactor.framing.benchmarks.tcp;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import reactor.framing.benchmarks.Rounds;
import reactor.framing.benchmarks.Table;

/**
 * What a contender does to its process and to other connections: memory that it holds, and an event loop that it keeps
 * busy.
 */
final class SideEffects {

    /** Milliseconds in which something would have gone on, were there anything. */
    private static final long MOMENT = 200;

    private static final double MIB = 1 << 20;
    private static final int IDLE_CONNECTIONS = 500;
    private static final int WARM_UP_CONNECTIONS = 50;
    private static final int PING_LENGTH = 64;

    private final List<TcpContender> contenders;
    private final Workers workers;
    private final long millis;

    /** Pings for so many milliseconds. */
    SideEffects(List<TcpContender> contenders, Workers workers, long millis) {
        this.contenders = contenders;
        this.workers = workers;
        this.millis = millis;
    }

    @FunctionalInterface
    private interface Measurement<T> {
        T of(WorkerProcess worker) throws Exception;
    }

    private <T> T measure(TcpContender contender, Measurement<T> measurement) throws Exception {
        WorkerProcess worker = workers.take(contender);
        try {
            return measurement.of(worker);
        } finally {
            workers.giveBack(worker);
        }
    }

    /** What is held for a peer that does not read. */
    void printUnread(List<Integer> lengths) throws Exception {
        Table table = new Table(List.of("contender", "taken from the source and not by the socket", "memory"));
        for (TcpContender contender : contenders) {
            if (contender.sends()) {
                List<String> held = new ArrayList<>();
                List<String> memory = new ArrayList<>();
                for (int length : lengths) {
                    double[] mib = measure(contender, worker -> unread(worker, length));
                    held.add(format("%.2f", mib[0]));
                    memory.add(format("%.1f", mib[1]));
                }
                table.row(List.of(contender.label, String.join(" / ", held), String.join(" / ", memory)));
            }
        }
        System.out.println("Held for a peer that does not read, in MiB, frames of "
                + lengths.stream().map(TcpBenchmark::name).collect(Collectors.joining(" / ")) + ":\n\n" + table);
    }

    private static double[] unread(WorkerProcess worker, int length) throws Exception {
        Messages messages = Messages.ofLength(length);
        new Cell(Cell.Mode.SEND, length).run(worker, messages, 1, true);
        long before = sum(worker.memory());
        int port = worker.send(length, Long.MAX_VALUE, true);
        SocketChannel unread = Peer.connect(port);
        try {
            long taken = awaitStandstill(worker);
            long held = taken * messages.wireLength() - SocketQueues.bytesFrom(port);
            long memory = sum(worker.memory()) - before;
            return new double[] {held / MIB, memory / MIB};
        } finally {
            worker.closePorts();
            unread.close();
        }
    }

    /** Waits until no more messages are taken, and returns how many have been. */
    private static long awaitStandstill(WorkerProcess worker) throws Exception {
        long taken;
        long now = 0;
        do {
            taken = now;
            Thread.sleep(MOMENT);
            now = worker.taken();
        } while (now == 0 || now != taken);
        return taken;
    }

    /** Heap of a connection on which nothing goes on. */
    void printIdle() throws Exception {
        Table table = new Table(List.of("contender", "heap", "direct memory"));
        for (TcpContender contender : contenders) {
            if (contender.asks()) {
                continue;
            }
            double[] bytes = measure(contender, SideEffects::idle);
            table.row(List.of(contender.label, format("%,.0f", bytes[0]), format("%,.0f", bytes[1])));
        }
        System.out.println("An idle connection that has echoed a frame, in bytes:\n\n" + table);
    }

    private static double[] idle(WorkerProcess worker) throws Exception {
        Peer peer = new Peer(Messages.ofLength(PING_LENGTH));
        int port = worker.echo();
        close(worker.watched(() -> peer.idle(port, WARM_UP_CONNECTIONS)));
        Thread.sleep(MOMENT); // for the ends to be seen
        long[] before = worker.memory();
        List<SocketChannel> idle = worker.watched(() -> peer.idle(port, IDLE_CONNECTIONS));
        long[] after = worker.memory();
        close(idle);
        worker.closePorts();
        return new double[] {
            (after[0] - before[0]) / (double) IDLE_CONNECTIONS, (after[1] - before[1]) / (double) IDLE_CONNECTIONS
        };
    }

    private static void close(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }

    /** How long another connection of the event loop waits while one sends without end. */
    void printPing(List<Integer> lengths) throws Exception {
        Table table =
                new Table(List.of("contender", "frames", "ping, median", "ping, p99", "thousand frames a second"));
        for (int length : lengths) {
            for (TcpContender contender : contenders) {
                if (contender.sends()) {
                    table.row(measure(contender, worker -> ping(worker, length)));
                }
            }
        }
        System.out.println("Ping in microseconds, and what an endless send beside it reaches:\n\n" + table);
    }

    private List<String> ping(WorkerProcess worker, int length) throws Exception {
        Messages messages = Messages.ofLength(length);
        Peer pinging = new Peer(Messages.ofLength(PING_LENGTH));
        int endless = worker.send(length, Long.MAX_VALUE, false);
        int echo = worker.echo();
        AtomicLong bytes = new AtomicLong();
        SocketChannel channel = Peer.connect(endless);
        Thread drain = new Thread(() -> new Peer(messages).drain(channel, bytes));
        drain.start();
        worker.watched(() -> pinging.ping(echo, millis * 1_000_000));
        long drained = bytes.get();
        long start = System.nanoTime();
        double[] micros = worker.watched(() -> pinging.ping(echo, millis * 1_000_000));
        double seconds = (System.nanoTime() - start) / 1e9;
        double frames = (bytes.get() - drained) / (double) messages.wireLength();
        channel.close();
        drain.join();
        worker.closePorts();
        Arrays.sort(micros);
        return List.of(
                worker.contender().label,
                TcpBenchmark.name(length),
                format("%,.0f", Rounds.median(micros)),
                format("%,.0f", micros[(int) Math.ceil(0.99 * micros.length) - 1]),
                format("%,.0f", frames / seconds / 1e3));
    }

    private static long sum(long[] memory) {
        return memory[0] + memory[1];
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
