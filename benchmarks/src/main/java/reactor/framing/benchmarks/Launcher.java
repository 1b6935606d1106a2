package reactor.framing.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.profile.GCProfiler;
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
 * Runs the benchmarks and writes the report: {@code java -jar benchmarks.jar quick|full|more [workload or contender ...]}.
 *
 * <p>Every contender's frames are verified before it is timed. {@code quick} verifies all of them, and times few and
 * shortly: it shows that everything works. {@code full} takes more than half an hour. Who names workloads or contenders
 * gets just these, with any setting; the names are those of the enums. {@code more} adds one round at least to the last
 * full run, and waits for the machine to be undisturbed before each fork, for twenty minutes in all.
 *
 * <p>Each contender runs in a JVM of its own, in rounds. What else runs on the machine's cores makes a loop take up to
 * twice as long, for a moment or for minutes; so iterations are short, wait a little for the machine to be undisturbed, and
 * count if it was ({@link Disturbance}, {@link Quiet}). The contenders of which too few iterations count get another round.
 * The young generation has a fixed size, as the time for an allocation depends on it, and so the limit does.
 */
public final class Launcher {

    private static final String[] JVM_OPTIONS =
            TimedWhenQuiet.class.getAnnotation(Fork.class).jvmArgs();

    private static final Duration LAST_ROUND_BEGINS = Duration.ofMinutes(20);

    /** How long an iteration is: so short that the machine is the same from its beginning to its end. */
    private static final int MILLIS = 20;

    /** How long a contender is timed. */
    private enum Setting {
        QUICK(1, 3, 200, 5),
        FULL(5, 4, 200, 25),
        MORE(5, 4, 200, 25);

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
                    "up to %d round(s), none begun after %d minutes, in each a fork with %d x %d ms to warm up and %d x %d ms"
                            + " that are timed",
                    rounds,
                    LAST_ROUND_BEGINS.toMinutes(),
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
        if (settings.size() != 1 || !words.isEmpty() || cells.isEmpty()) {
            System.err.println("usage: java -jar benchmarks.jar quick|full|more [workload or contender ...]");
            words.forEach(word -> System.err.println("neither a workload nor a contender: " + word));
            System.exit(2);
        }
        Setting setting = settings.get(0);
        Path module = module();
        Path directory = Files.createDirectories(
                all && setting == Setting.FULL || setting == Setting.MORE
                        ? module.resolve("results/jdk" + Runtime.version().feature())
                        : module.resolve("target/results"));
        if (all && setting == Setting.QUICK) {
            verify();
            cells = cells.stream().filter(Launcher::isQuick).toList();
        }
        Path json = directory.resolve("results.json");
        Path machine = directory.resolve("machine.md");
        Results results = setting == Setting.MORE ? Results.read(json) : Results.none();
        Files.writeString(
                machine,
                setting == Setting.MORE
                        ? Files.readString(machine) + command(args) + ", " + LocalDate.now() + "\n"
                        : machine(setting, args));
        time(setting, cells, results, json, module.resolve("target/jmh.log"));
        Report.main(new String[] {json.toString()});
    }

    private static String command(String[] args) {
        return "- Command: `java -jar benchmarks/target/benchmarks.jar " + String.join(" ", args) + "`";
    }

    private static void time(Setting setting, List<Cell> cells, Results results, Path json, Path log)
            throws IOException, RunnerException {
        double best = Quiet.best(List.of(Disturbance.sample()));
        long deadline = System.nanoTime() + LAST_ROUND_BEGINS.toNanos();
        try (PrintStream output = new PrintStream(Files.newOutputStream(log))) {
            OutputFormat format = OutputFormatFactory.createFormatInstance(output, VerboseMode.NORMAL);
            for (int round = 1; round <= setting.rounds; round++) {
                double quietest = results.isEmpty() ? best : Math.min(best, results.best());
                boolean isFirst = round == 1;
                List<Cell> open = cells.stream()
                        .filter(cell ->
                                isFirst || !results.isEnough(cell.workload.name(), cell.contender.name(), quietest))
                        .toList();
                if (open.isEmpty() || System.nanoTime() - deadline > 0) {
                    break;
                }
                best = quietest;
                for (int i = 0; i < open.size(); i++) {
                    Cell cell = open.get(i);
                    if (setting == Setting.MORE) {
                        Disturbance.awaitQuiet(best, deadline);
                    }
                    RunResult result;
                    try {
                        result = new Runner(options(setting, cell, best), format).runSingle();
                    } catch (RunnerException e) {
                        throw new RunnerException(cell + " failed; see " + log, e);
                    }
                    Results.Fork fork = results.add(cell.workload.name(), cell.contender.name(), result);
                    System.out.printf(
                            Locale.ROOT,
                            "round %d of at most %d, %3d of %d: %-5s %-20s %,12.0f us, disturbance %.2f%n",
                            round,
                            setting.rounds,
                            i + 1,
                            open.size(),
                            cell.workload,
                            cell.contender,
                            Quiet.median(fork.micros()),
                            Quiet.median(fork.disturbances()));
                    results.write(json);
                }
            }
        }
    }

    private static Options options(Setting setting, Cell cell, double best) {
        return new OptionsBuilder()
                .include(cell.benchmark.getName() + "\\.")
                .param("workload", cell.workload.name())
                .param("contender", cell.contender.name())
                .addProfiler(GCProfiler.class)
                .addProfiler(Disturbance.class)
                .shouldFailOnError(true)
                .jvmArgsAppend(Disturbance.jvmOption(best))
                .forks(1)
                .warmupIterations(setting.warmups)
                .warmupTime(TimeValue.milliseconds(setting.warmupMillis))
                .measurementIterations(setting.iterations)
                .measurementTime(TimeValue.milliseconds(MILLIS))
                .build();
    }

    /** Verifies all contenders at all workloads of which they have the format, those that are timed there or not. */
    private static void verify() throws Exception {
        for (Workload workload : Workload.values()) {
            Stream stream = workload.stream(true);
            for (Contender contender : Contender.values()) {
                if (contender.supports(workload)) {
                    System.out.println("verify " + workload + " " + contender);
                    Frames frames = new Frames();
                    Run run = contender.create(stream, frames);
                    frames.verify(run, stream);
                    run.close();
                }
            }
        }
        for (EncodeWorkload workload : EncodeWorkload.values()) {
            EncodeWorkload.Source source = workload.source();
            for (EncodeContender contender : EncodeContender.values()) {
                if (contender.supports(workload)) {
                    System.out.println("verify " + workload + " " + contender);
                    Wire wire = new Wire();
                    Run run = contender.create(source, wire);
                    wire.verify(run, source);
                    run.close();
                }
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
                if (contender.supports(workload) && (allContenders || encodeContenders.contains(contender))) {
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
    static String normalized(String name) {
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
                command(args),
                "- Date: " + LocalDate.now(),
                "- CPU: " + cpu() + ", " + Runtime.getRuntime().availableProcessors() + " processors",
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
