package reactor.framing.benchmarks.tcp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.framing.benchmarks.Rounds;
import reactor.framing.benchmarks.Table;

/** Frames a second, and the processor time that one takes the contender, by turns. */
final class Throughput {

    /** The part of the time from which on the peer counts as what limits. */
    private static final double PEER_LIMITS = 0.9;

    /** The part of the processor's time below which the compiler counts as done. */
    private static final double QUIET = 0.05;

    /** How many times as long as asked for a warm-up takes at most, by the clock. */
    private static final int LONGEST_WARM_UP = 10;

    private final Settings settings;
    private final List<TcpContender> contenders;
    private final Map<Cell, Result> results = new LinkedHashMap<>();

    /**
     * How long to measure.
     *
     * @param forks how many JVMs of each contender
     * @param rounds how many windows for each contender in each JVM
     */
    record Settings(int forks, long warmUpMillis, int rounds, long windowMillis) {}

    /** What contenders took in one cell. */
    private static final class Result {

        private final List<TcpContender> contenders;
        private final Rounds rounds = new Rounds();
        private final double[] cpu;
        private final double[] frames;
        private final List<List<Double>> peerLoads;

        Result(List<TcpContender> contenders) {
            this.contenders = contenders;
            cpu = new double[contenders.size()];
            frames = new double[contenders.size()];
            peerLoads = Stream.generate(() -> (List<Double>) new ArrayList<Double>())
                    .limit(contenders.size())
                    .toList();
        }

        /** What the others are compared with. */
        int netty() {
            return contenders.indexOf(TcpContender.NETTY);
        }

        double cpuPerFrame(int contender) {
            return cpu[contender] / frames[contender];
        }

        boolean peerLimits(int contender) {
            double[] loads = peerLoads.get(contender).stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            return Rounds.median(loads) >= PEER_LIMITS;
        }
    }

    Throughput(Settings settings, List<TcpContender> contenders) {
        this.settings = settings;
        this.contenders = new ArrayList<>(contenders);
        if (!contenders.contains(TcpContender.NETTY)) {
            this.contenders.add(TcpContender.NETTY); // what the others are compared with
        }
    }

    void measure(Cell cell, Workers workers) throws Exception {
        for (int fork = 1; fork <= settings.forks; fork++) {
            System.err.println(cell.mode().label + ", " + TcpBenchmark.name(cell.length()) + ", JVM " + fork);
            List<WorkerProcess> taken = new ArrayList<>();
            try {
                for (TcpContender contender : contenders) {
                    if (contender.takesPartIn(cell)) {
                        taken.add(workers.take(contender));
                    }
                }
                measure(cell, taken);
            } finally {
                taken.forEach(workers::giveBack);
            }
        }
    }

    private void measure(Cell cell, List<WorkerProcess> workers) throws Exception {
        Result result = results.computeIfAbsent(
                cell,
                key -> new Result(workers.stream().map(WorkerProcess::contender).toList()));
        Messages messages = Messages.ofLength(cell.length());
        long[] periods = new long[workers.size()];
        for (int i = 0; i < periods.length; i++) {
            periods[i] = warmUp(cell, workers.get(i), messages);
        }
        result.rounds.newFork();
        for (int round = 0; round < settings.rounds; round++) {
            double[] nanos = new double[periods.length];
            for (int turn = 0; turn < periods.length; turn++) {
                int i = (round + turn) % periods.length;
                long cpu = workers.get(i).cpu();
                Peer.Window window = cell.run(workers.get(i), messages, periods[i], false);
                result.cpu[i] += workers.get(i).cpu() - cpu;
                result.frames[i] += window.frames();
                result.peerLoads.get(i).add(window.load());
                nanos[i] = window.nanosPerFrame();
            }
            result.rounds.add(nanos);
        }
    }

    /**
     * Runs a contender until its code is compiled: first with every byte verified, then as it will be timed. Of long
     * frames there are few in a second, so that this takes ten seconds and more. The processor's time counts, as the
     * compiler has little of it where others use the machine.
     *
     * @return how many times the messages take as long as a window, going by the fastest run: a run that something
     *     disturbed would make all windows short, and mostly about opening a connection
     */
    private long warmUp(Cell cell, WorkerProcess worker, Messages messages) throws Exception {
        long nanos = settings.warmUpMillis * 1_000_000;
        long start = System.nanoTime();
        double fastest = Double.MAX_VALUE;
        long periods = 1;
        long used = 0;
        long usedQuietly = 0;
        do {
            long cpu = worker.cpu();
            long compiling = worker.compiling();
            Peer.Window window = cell.run(worker, messages, periods, used <= nanos);
            fastest = Math.min(fastest, window.nanosPerFrame() * messages.count());
            periods = Math.max(1, Math.round(settings.windowMillis * 1e6 / fastest));
            long usedNow = worker.cpu() - cpu;
            used += usedNow;
            boolean isQuiet = worker.compiling() - compiling < QUIET * usedNow;
            usedQuietly = isQuiet ? usedQuietly + usedNow : 0;
        } while (usedQuietly < nanos / 2 && System.nanoTime() - start < LONGEST_WARM_UP * nanos);
        return periods;
    }

    void print() {
        print("Frames a second, relative to plain Netty", this::speed);
        print("Processor time a frame, relative to plain Netty", this::relativeCpu);
        print("Thousand frames a second", this::frames);
    }

    private String speed(Result result, int contender) {
        return String.format(Locale.ROOT, "%.2f", result.rounds.speed(contender, result.netty()))
                + (result.rounds.forksDiffer(contender, result.netty()) ? "~" : "")
                + (result.peerLimits(contender) ? "^" : "");
    }

    private String relativeCpu(Result result, int contender) {
        return String.format(Locale.ROOT, "%.2f", result.cpuPerFrame(contender) / result.cpuPerFrame(result.netty()));
    }

    private String frames(Result result, int contender) {
        double thousands = 1e6 / result.rounds.cost(contender);
        return String.format(Locale.ROOT, thousands < 100 ? "%.1f" : "%,.0f", thousands);
    }

    private void print(String title, BiFunction<Result, Integer, String> figure) {
        List<Cell.Mode> modes =
                results.keySet().stream().map(Cell::mode).distinct().toList();
        Table table =
                new Table(Stream.concat(Stream.of("contender"), modes.stream().map(this::header))
                        .toList());
        for (TcpContender contender : contenders) {
            if (results.keySet().stream().noneMatch(contender::takesPartIn)) {
                continue;
            }
            table.row(Stream.concat(
                            Stream.of(contender.label), modes.stream().map(mode -> cell(contender, mode, figure)))
                    .toList());
        }
        System.out.println(title + ":\n\n" + table);
    }

    private String cell(TcpContender contender, Cell.Mode mode, BiFunction<Result, Integer, String> figure) {
        return results(mode)
                .map(result -> {
                    int i = result.getValue().contenders.indexOf(contender);
                    return i < 0 ? "-" : figure.apply(result.getValue(), i);
                })
                .collect(Collectors.joining(" / "));
    }

    private String header(Cell.Mode mode) {
        return mode.label + ": "
                + results(mode)
                        .map(result -> TcpBenchmark.name(result.getKey().length()))
                        .collect(Collectors.joining(" / "));
    }

    private Stream<Map.Entry<Cell, Result>> results(Cell.Mode mode) {
        return results.entrySet().stream().filter(result -> result.getKey().mode() == mode);
    }
}
