package reactor.framing.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs each target under Jazzer in a JVM of its own, for its share of the time. An input that fails is written to
 * target/findings and printed as a line for the corpus, and the campaign fails.
 */
public final class Campaign {

    private static final String STATISTICS = "stat::number_of_executed_units:";

    private static final String WRITTEN = "Test unit written to ";

    /** Longer streams are slower and show nothing new: every length that matters is reached by limits and headers. */
    private static final int MAX_INPUT = 256;

    /** How many lines of a log are shown. */
    private static final int SHOWN = 30;

    private Campaign() {}

    /**
     * Runs it.
     *
     * @param arguments the module's directory, the seconds in all, where chance begins or 0 for somewhere, and the
     *     targets with commas between, or nothing for all of them
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path module = Path.of(arguments[0]);
        String seed = arguments[2];
        List<String> targets = arguments.length > 3 && !arguments[3].isEmpty()
                ? List.of(arguments[3].split(","))
                : List.of("Decode", "Encode", "Netty", "Reference");
        long seconds = Math.max(1, Long.parseLong(arguments[1]) / targets.size());
        List<String> failed = new ArrayList<>();
        long all = 0;
        for (String target : targets) {
            Path log = Files.createDirectories(module.resolve("target")).resolve("fuzz-" + target + ".log");
            int status = fuzz(module, target, seconds, seed, log);
            long executions = executions(log);
            all += executions;
            System.out.printf(
                    "%-10s %,14d executions in %,d s%s%n",
                    target, executions, seconds, status == 0 ? "" : ", failed: see " + log);
            if (status != 0 || executions == 0) {
                failed.add(target);
            }
        }
        System.out.printf("%-10s %,14d executions%n", "all", all);
        if (!failed.isEmpty()) {
            for (String target : failed) {
                show(module.resolve("target").resolve("fuzz-" + target + ".log"));
            }
            System.exit(1);
        }
    }

    private static int fuzz(Path module, String target, long seconds, String seed, Path log)
            throws IOException, InterruptedException {
        Path grown = Files.createDirectories(module.resolve("target/corpus/" + target));
        int number = 0;
        for (byte[] kept : corpus(module, target)) {
            Files.write(grown.resolve("kept-" + number++), kept);
        }
        Path findings = Files.createDirectories(module.resolve("target/findings"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        "-XX:-OmitStackTraceInFastThrow",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=reactor.framing.test." + target + "Target",
                        "--instrumentation_includes=reactor.framing.*:reactor.framing.format.*",
                        "--custom_hook_includes=none.*",
                        "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.*",
                        "--reproducer_path=" + findings,
                        "-artifact_prefix=" + findings.resolve(target) + "-",
                        "-max_total_time=" + seconds,
                        "-seed=" + seed,
                        "-max_len=" + MAX_INPUT,
                        "-timeout=300",
                        "-rss_limit_mb=4096",
                        "-print_final_stats=1",
                        grown.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            process.waitFor(seconds + 300, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    /** The inputs that are kept with the sources, one a line. */
    static List<byte[]> corpus(Path module, String target) throws IOException {
        return Files.readAllLines(module.resolve("corpus/" + target + ".txt")).stream()
                .map(HexFormat.of()::parseHex)
                .toList();
    }

    /** Prints what was found, or else the end of the log, and the input. */
    private static void show(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        int found = 0;
        while (found < lines.size() && !lines.get(found).startsWith("== Java Exception")) {
            found++;
        }
        int from = found < lines.size() ? found : Math.max(0, lines.size() - SHOWN);
        lines.subList(from, Math.min(lines.size(), from + SHOWN)).forEach(System.out::println);
        for (String line : lines) {
            int written = line.indexOf(WRITTEN);
            if (written >= 0) {
                Path input = Path.of(line.substring(written + WRITTEN.length()).trim());
                System.out.println("input      " + HexFormat.of().formatHex(Files.readAllBytes(input)));
            }
        }
    }

    private static long executions(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.startsWith(STATISTICS))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(STATISTICS.length()).trim()))
                    .sum();
        }
    }
}
