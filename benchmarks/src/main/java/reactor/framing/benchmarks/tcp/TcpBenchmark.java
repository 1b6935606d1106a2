package reactor.framing.benchmarks.tcp;

import io.netty.channel.epoll.Epoll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Frames over TCP, on loopback: the load in this process, each contender in one of its own. */
public final class TcpBenchmark {

    private static final List<Integer> LENGTHS = List.of(64, 1 << 10, 1 << 16, 1 << 20);

    /** What is measured beside throughput. */
    private enum SideEffect {
        UNREAD,
        IDLE,
        PING
    }

    private final List<Cell> cells = new ArrayList<>();
    private final List<SideEffect> sideEffects;
    private final List<TcpContender> contenders;

    /** Chooses those that are named; all modes and side effects, all lengths, all contenders if none of them is. */
    private TcpBenchmark(List<String> named) {
        boolean all = Arrays.stream(Cell.Mode.values()).noneMatch(mode -> named.contains(mode.name()))
                && Arrays.stream(SideEffect.values()).noneMatch(each -> named.contains(each.name()));
        List<String> lengths = chosen(LENGTHS.stream().map(TcpBenchmark::name).toList(), named);
        for (Cell.Mode mode : Cell.Mode.values()) {
            for (int length : LENGTHS) {
                if ((all || named.contains(mode.name())) && lengths.contains(name(length)) && mode.has(length)) {
                    cells.add(new Cell(mode, length));
                }
            }
        }
        sideEffects = Arrays.stream(SideEffect.values())
                .filter(each -> all || named.contains(each.name()))
                .toList();
        contenders = chosen(names(TcpContender.values()), named).stream()
                .map(TcpContender::valueOf)
                .toList();
        Set<String> unknown = new HashSet<>(named);
        unknown.removeAll(names(Cell.Mode.values()));
        unknown.removeAll(names(SideEffect.values()));
        unknown.removeAll(names(TcpContender.values()));
        unknown.removeAll(LENGTHS.stream().map(TcpBenchmark::name).toList());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("neither modes, lengths nor contenders: " + unknown);
        }
    }

    /** Does all for a moment, and verifies every byte. */
    public static void quick() throws Exception {
        try (Workers workers = new Workers(false)) {
            Throughput.Settings settings = new Throughput.Settings(1, 0, 1, 10);
            new TcpBenchmark(List.of()).run(workers, settings, List.of(1 << 20), List.of(1 << 10), 50);
        }
    }

    /**
     * Measures and prints the tables.
     *
     * @param named the names of modes, side effects, lengths and contenders
     */
    public static void full(List<String> named) throws Exception {
        try (Workers workers = new Workers(true)) {
            Throughput.Settings settings = new Throughput.Settings(3, 3000, 7, 200);
            new TcpBenchmark(named).run(workers, settings, LENGTHS, List.of(64, 1 << 10), 3000);
        }
    }

    private void run(
            Workers workers, Throughput.Settings settings, List<Integer> unread, List<Integer> ping, long pingMillis)
            throws Exception {
        System.out.println(
                Epoll.isAvailable()
                        ? "Netty's transport is epoll.\n"
                        : "Netty's transport is NIO, as epoll is not available: " + Epoll.unavailabilityCause() + "\n");
        if (!cells.isEmpty()) {
            Throughput throughput = new Throughput(settings, contenders);
            try {
                for (Cell cell : cells) {
                    throughput.measure(cell, workers);
                }
            } finally {
                throughput.print();
            }
        }
        SideEffects measured = new SideEffects(contenders, workers, pingMillis);
        for (SideEffect each : sideEffects) {
            switch (each) {
                case UNREAD -> measured.printUnread(unread);
                case IDLE -> measured.printIdle();
                case PING -> measured.printPing(ping);
            }
        }
    }

    private static List<String> chosen(List<String> all, List<String> named) {
        List<String> chosen = all.stream().filter(named::contains).toList();
        return chosen.isEmpty() ? all : chosen;
    }

    private static List<String> names(Enum<?>[] all) {
        return Arrays.stream(all).map(Enum::name).toList();
    }

    /** Such as 64B and 64K. */
    static String name(int length) {
        return length < 1 << 10 ? length + "B" : length < 1 << 20 ? (length >> 10) + "K" : (length >> 20) + "M";
    }
}
