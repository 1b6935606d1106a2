package reactor.framing.benchmarks.tcp;

import io.netty.channel.epoll.Epoll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Frames over TCP, on loopback: the load in this process, each contender in one of its own. */
public final class TcpBenchmark {

    private static final List<String> SIDE_EFFECTS = List.of("UNREAD", "IDLE", "PING");

    private TcpBenchmark() {}

    /** Does all for a moment, and verifies every byte. */
    public static void quick() throws Exception {
        run(new Throughput.Settings(1, false, 0, 1, 10), 100, List.of());
    }

    /**
     * Measures and prints the tables.
     *
     * @param named the names of modes, lengths, side effects and contenders; none of a kind means all of it
     */
    public static void full(List<String> named) throws Exception {
        run(new Throughput.Settings(3, true, 2000, 7, 200), 3000, named);
    }

    private static void run(Throughput.Settings settings, long pingMillis, List<String> named) throws Exception {
        List<String> modes = names(Cell.Mode.values());
        List<String> lengths =
                Cell.Mode.INGEST.lengths().stream().map(TcpBenchmark::name).toList();
        List<String> contenders = names(TcpContender.values());
        Set<String> unknown = new HashSet<>(named);
        List.of(modes, lengths, contenders, SIDE_EFFECTS).forEach(unknown::removeAll);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("neither modes, lengths nor contenders: " + unknown);
        }
        System.out.println(
                Epoll.isAvailable()
                        ? "Netty's transport is epoll.\n"
                        : "Netty's transport is NIO, as epoll is not available: " + Epoll.unavailabilityCause() + "\n");
        List<String> what =
                chosen(Stream.concat(modes.stream(), SIDE_EFFECTS.stream()).toList(), named);
        List<TcpContender> who =
                chosen(contenders, named).stream().map(TcpContender::valueOf).toList();
        List<Cell> cells = new ArrayList<>();
        for (Cell.Mode mode : Cell.Mode.values()) {
            for (int length : mode.lengths()) {
                if (what.contains(mode.name()) && chosen(lengths, named).contains(name(length))) {
                    cells.add(new Cell(mode, length));
                }
            }
        }
        if (!cells.isEmpty()) {
            List<TcpContender> compared = new ArrayList<>(who);
            compared.remove(TcpContender.BYTES);
            if (!compared.contains(TcpContender.NETTY)) {
                compared.add(TcpContender.NETTY); // the others are told in relation to it
            }
            Throughput throughput = new Throughput(settings, compared);
            throughput.measure(cells);
            throughput.print();
        }
        SideEffects sideEffects = new SideEffects(who, pingMillis);
        if (what.contains("UNREAD")) {
            sideEffects.printUnread();
        }
        if (what.contains("IDLE")) {
            sideEffects.printIdle();
        }
        if (what.contains("PING")) {
            sideEffects.printPing();
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
