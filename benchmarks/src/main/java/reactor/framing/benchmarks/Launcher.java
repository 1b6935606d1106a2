package reactor.framing.benchmarks;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks and writes the report: {@code java -jar benchmarks.jar quick|full [workload or contender ...]}.
 *
 * <p>Every contender's frames are verified before it is timed. {@code quick} verifies all of them, and times few and
 * shortly: it shows that everything works. {@code full} takes more than half an hour. Who names workloads or contenders
 * gets just these, with either setting; the names are those of the enums.
 *
 * <p>Each contender runs in a JVM of its own, in rounds: a machine that becomes slower for a while then does so for all of
 * them. The young generation has a fixed size, as the time for an allocation depends on it, and so the limit does.
 */
public final class Launcher {

    private static final String[] JVM_OPTIONS = {
        "-Xms1g",
        "-Xmx1g",
        "-Xmn512m",
        "-XX:+UseParallelGC",
        "-XX:+AlwaysPreTouch",
        "-Dio.netty.leakDetection.level=disabled"
    };

    /** How long an iteration is: so short that the machine is the same from its beginning to its end. */
    private static final int MILLIS = 20;

    /** How long a contender is timed. */
    private enum Setting {
        QUICK(1, 3, 200, 5),
        FULL(5, 4, 200, 25);

        private final int rounds;
        private final int warmups;
        private final int warmupMillis;
        private final int iterations;

        Setting(int rounds, int warmups, int warmupMillis, int iterations) {
            this.rounds = rounds;
            this.warmups = warmups;
            this.warmupMillis = warmupMillis;
            this.iterations = iterations;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "up to %d round(s), in each a fork with %d x %d ms to warm up and %d x %d ms that count",
                    rounds,
                    warmups,
                    warmupMillis,
                    iterations,
                    MILLIS);
        }
    }

    /** What is timed: a contender at a workload. */
    private record Cell(Class<?> benchmark, Enum<?> workload, Enum<?> contender) {}

    private Launcher() {}

    public static void main(String[] args) throws Exception {
        List<String> words =
                Arrays.stream(args).map(Launcher::normalized).collect(Collectors.toCollection(ArrayList::new));
        List<Setting> settings = chosen(Setting.values(), words);
        boolean all = words.isEmpty();
        List<Cell> cells = cells(words);
        if (settings.size() != 1 || !words.isEmpty()) {
            System.err.println("usage: java -jar benchmarks.jar quick|full [workload or contender ...]");
            words.forEach(word -> System.err.println("neither a workload nor a contender: " + word));
            System.exit(2);
        }
        Setting setting = settings.get(0);
        Path module = module();
        Path directory = Files.createDirectories(
                all && setting == Setting.FULL
                        ? module.resolve("results/jdk" + Runtime.version().feature())
                        : module.resolve("target/results"));
        if (all && setting == Setting.QUICK) {
            verify(cells);
            cells = cells.stream().filter(Launcher::isQuick).toList();
        }
        Path json = directory.resolve("results.json");
        Files.writeString(directory.resolve("machine.md"), machine(setting, args));
        time(setting, cells, json, module.resolve("target/jmh.log"));
        Report.main(new String[] {json.toString()});
    }

    private static void time(Setting setting, List<Cell> cells, Path json, Path log)
            throws IOException, RunnerException {
        JsonArray results = new JsonArray();
        Map<Cell, List<Double>> disturbances = new HashMap<>();
        cells.forEach(cell -> disturbances.put(cell, new ArrayList<>()));
        List<Cell> open = cells;
        double best = Quiet.best(List.of(Disturbance.sample()));
        try (PrintStream output = new PrintStream(Files.newOutputStream(log))) {
            OutputFormat format = OutputFormatFactory.createFormatInstance(output, VerboseMode.NORMAL);
            for (int round = 1; round <= setting.rounds && !open.isEmpty(); round++) {
                for (int i = 0; i < open.size(); i++) {
                    Cell cell = open.get(i);
                    RunResult result;
                    try {
                        result = new Runner(options(setting, cell, best), format).runSingle();
                    } catch (RunnerException e) {
                        throw new RunnerException(cell + " failed; see " + log, e);
                    }
                    JsonArray micros = new JsonArray();
                    JsonArray disturbance = new JsonArray();
                    JsonArray allocated = new JsonArray();
                    for (BenchmarkResult fork : result.getBenchmarkResults()) {
                        for (IterationResult iteration : fork.getIterationResults()) {
                            micros.add(rounded(iteration.getPrimaryResult()));
                            disturbance.add(
                                    rounded(iteration.getSecondaryResults().get(Disturbance.NAME)));
                            allocated.add(
                                    rounded(iteration.getSecondaryResults().get("gc.alloc.rate.norm")));
                        }
                    }
                    disturbance.forEach(each -> disturbances.get(cell).add((Double) each));
                    results.add(new JsonObject()
                            .put("workload", cell.workload.name())
                            .put("contender", cell.contender.name())
                            .put("micros", micros)
                            .put("disturbance", disturbance)
                            .put("allocated", Report.median(values(allocated))));
                    System.out.printf(
                            Locale.ROOT,
                            "round %d of at most %d, %3d of %d: %-5s %-20s %,12.0f us, disturbance %.2f%n",
                            round,
                            setting.rounds,
                            i + 1,
                            open.size(),
                            cell.workload,
                            cell.contender,
                            Report.median(values(micros)),
                            Report.median(values(disturbance)));
                }
                Files.writeString(json, lines(results));
                double quietest = Quiet.best(disturbances.values());
                open = cells.stream()
                        .filter(cell -> !Quiet.isEnough(disturbances.get(cell), quietest))
                        .toList();
            }
        }
    }

    private static List<Double> values(JsonArray numbers) {
        return numbers.stream().map(each -> (Double) each).toList();
    }

    /** To four significant digits. */
    private static double rounded(Result<?> result) {
        return new BigDecimal(result.getScore()).round(new MathContext(4)).doubleValue();
    }

    /** A line for each result. */
    private static String lines(JsonArray results) {
        return results.stream().map(Object::toString).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    private static Options options(Setting setting, Cell cell, double best) {
        return new OptionsBuilder()
                .include(cell.benchmark.getName() + "\\.")
                .param("workload", cell.workload.name())
                .param("contender", cell.contender.name())
                .addProfiler(GCProfiler.class)
                .addProfiler(Disturbance.class)
                .shouldFailOnError(true)
                .jvmArgs(JVM_OPTIONS)
                .jvmArgsAppend(Disturbance.jvmOption(best))
                .forks(1)
                .warmupIterations(setting.warmups)
                .warmupTime(TimeValue.milliseconds(setting.warmupMillis))
                .measurementIterations(setting.iterations)
                .measurementTime(TimeValue.milliseconds(MILLIS))
                .build();
    }

    private static void verify(List<Cell> cells) throws Exception {
        Map<Enum<?>, Object> made = new HashMap<>();
        for (Cell cell : cells) {
            System.out.println("verify " + cell.workload + " " + cell.contender);
            if (cell.workload instanceof Workload workload && cell.contender instanceof Contender contender) {
                Stream stream = (Stream) made.computeIfAbsent(workload, w -> workload.stream(true));
                Frames frames = new Frames();
                Run run = contender.create(stream, frames);
                frames.verify(run, stream);
                run.close();
            } else if (cell.workload instanceof EncodeWorkload workload
                    && cell.contender instanceof EncodeContender contender) {
                EncodeWorkload.Source source =
                        (EncodeWorkload.Source) made.computeIfAbsent(workload, w -> workload.source());
                Wire wire = new Wire();
                Run run = contender.create(source, wire);
                wire.verify(run, source);
                run.close();
            }
        }
    }

    /** Whether the quick setting times it and does not only verify it. */
    private static boolean isQuick(Cell cell) {
        return switch (cell.workload.name()) {
                    case "W1", "W2", "E1" -> true;
                    default -> false;
                }
                && switch (cell.contender.name()) {
                    case "LIMIT", "LIMIT_COALESCED", "LIMIT_OWNED", "LIMIT_BORROWED" -> true;
                    case "ZERO_COPY", "BORROWED", "ENCODE", "COALESCE" -> true;
                    case "HAND_WRITTEN", "NETTY_ADAPTIVE" -> true;
                    default -> false;
                };
    }

    private static List<Cell> cells(List<String> words) {
        List<Workload> workloads = chosen(Workload.values(), words);
        List<EncodeWorkload> encodeWorkloads = chosen(EncodeWorkload.values(), words);
        boolean allWorkloads = workloads.isEmpty() && encodeWorkloads.isEmpty();
        // some are in both enums
        List<String> names = List.copyOf(words);
        List<Contender> contenders = chosen(Contender.values(), words);
        List<EncodeContender> encodeContenders = chosen(EncodeContender.values(), new ArrayList<>(names));
        encodeContenders.forEach(contender -> words.remove(normalized(contender.name())));
        boolean allContenders = contenders.isEmpty() && encodeContenders.isEmpty();
        List<Cell> cells = new ArrayList<>();
        for (Workload workload : allWorkloads ? List.of(Workload.values()) : workloads) {
            for (Contender contender : Contender.values()) {
                if (contender.supports(workload)
                        && (allContenders ? contender.takesPart(workload) : contenders.contains(contender))) {
                    cells.add(new Cell(DecodeBenchmark.class, workload, contender));
                }
            }
        }
        for (EncodeWorkload workload : allWorkloads ? List.of(EncodeWorkload.values()) : encodeWorkloads) {
            for (EncodeContender contender : EncodeContender.values()) {
                if (allContenders || encodeContenders.contains(contender)) {
                    cells.add(new Cell(EncodeBenchmark.class, workload, contender));
                }
            }
        }
        return cells;
    }

    /** Those that are named, which are taken out of the words. */
    private static <E extends Enum<E>> List<E> chosen(E[] all, List<String> words) {
        return Arrays.stream(all)
                .filter(each -> words.remove(normalized(each.name())))
                .toList();
    }

    /** So that "zeroCopy" names ZERO_COPY. */
    private static String normalized(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "");
    }

    /** The module's folder, which holds target/benchmarks.jar. */
    private static Path module() throws URISyntaxException {
        return Path.of(Launcher.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .getParent()
                .getParent();
    }

    private static String machine(Setting setting, String[] args) throws IOException {
        Properties versions = new Properties();
        try (var in = Launcher.class.getResourceAsStream("/versions.properties")) {
            versions.load(in);
        }
        return String.join(
                "\n",
                "- Command: `java -jar benchmarks/target/benchmarks.jar " + String.join(" ", args) + "`",
                "- Date: " + LocalDate.now(),
                "- CPU: " + cpu() + ", of which " + Runtime.getRuntime().availableProcessors() + " processors",
                "- JVM: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version") + ", "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                "- JVM options: `" + String.join(" ", JVM_OPTIONS) + "`",
                "- Setting: " + setting,
                "- Versions: "
                        + versions.stringPropertyNames().stream()
                                .sorted()
                                .map(name -> name + " " + versions.getProperty(name))
                                .collect(Collectors.joining(", ")),
                "");
    }

    private static String cpu() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.exists(info)) {
            return "unknown";
        }
        try (var lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
