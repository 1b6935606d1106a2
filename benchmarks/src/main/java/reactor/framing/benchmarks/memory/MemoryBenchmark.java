package reactor.framing.benchmarks.memory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import reactor.framing.benchmarks.Jvm;
import reactor.framing.benchmarks.Rounds;
import reactor.framing.benchmarks.Table;

/** Decoding and encoding in memory: all contenders at all workloads, or those that are named. */
public final class MemoryBenchmark {

    /** The young generation has a fixed size, as the time for an allocation swings with the layout of the heap. */
    private static final List<String> JVM_OPTIONS =
            List.of("-Xms1g", "-Xmx1g", "-Xmn512m", "-XX:+UseParallelGC", "-XX:+AlwaysPreTouch");

    private static final int FORKS = 3;
    private static final long MILLIS = 1000;

    private MemoryBenchmark() {}

    /** Verifies every contender at every workload, in this JVM, and times one workload for a moment. */
    public static void quick() throws Exception {
        for (String workload : names(DecodeWorkload.values(), EncodeWorkload.values())) {
            for (String contender : contenders(workload).keySet()) {
                Turns.contender(workload, contender);
            }
        }
        print(
                "Decoding",
                Map.of("W1", measure("W1", List.copyOf(contenders("W1").keySet()), 1, 20)));
    }

    /**
     * Times contenders and prints the tables.
     *
     * @param named the names of workloads and contenders; all workloads if none is named, and all contenders
     */
    public static void full(List<String> named) throws Exception {
        Set<String> unknown = new HashSet<>(named);
        unknown.removeAll(names(DecodeWorkload.values(), EncodeWorkload.values()));
        unknown.removeAll(names(DecodeContender.values(), EncodeContender.values()));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("neither workloads nor contenders: " + unknown);
        }
        print("Decoding", measure(names(DecodeWorkload.values()), named));
        print("Encoding", measure(names(EncodeWorkload.values()), named));
    }

    private static Map<String, Result> measure(List<String> workloads, List<String> named) throws Exception {
        Map<String, Result> results = new LinkedHashMap<>();
        boolean allWorkloads =
                named.stream().noneMatch(names(DecodeWorkload.values(), EncodeWorkload.values())::contains);
        boolean allContenders =
                named.stream().noneMatch(names(DecodeContender.values(), EncodeContender.values())::contains);
        for (String workload : workloads) {
            List<String> contenders = contenders(workload).keySet().stream()
                    .filter(contender -> allContenders || named.contains(contender))
                    .toList();
            if ((allWorkloads || named.contains(workload)) && !contenders.isEmpty()) {
                results.put(workload, measure(workload, contenders, FORKS, MILLIS));
            }
        }
        return results;
    }

    private static Result measure(String workload, List<String> contenders, int forks, long millis) throws IOException {
        Rounds rounds = new Rounds();
        double[] allocated = {};
        for (int fork = 1; fork <= forks; fork++) {
            System.err.println(workload + ", JVM " + fork + " of " + forks);
            rounds.newFork();
            List<String> arguments = new ArrayList<>(List.of(Long.toString(millis), workload));
            arguments.addAll(contenders);
            Process turns = Jvm.start(JVM_OPTIONS, Turns.class, arguments);
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(turns.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(Turns.ROUND)) {
                        rounds.add(numbers(line));
                    } else if (line.startsWith(Turns.ALLOCATED)) {
                        allocated = numbers(line);
                    }
                }
            }
            if (allocated.length == 0) {
                throw new IllegalStateException(workload + " failed");
            }
        }
        return new Result(contenders, rounds, allocated);
    }

    private static double[] numbers(String line) {
        return Arrays.stream(line.split(" "))
                .skip(1)
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** The labels of those that can take part, by name. */
    private static Map<String, String> contenders(String workload) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (workload.startsWith("E")) {
            Arrays.stream(EncodeContender.values())
                    .filter(contender -> contender.supports(EncodeWorkload.valueOf(workload)))
                    .forEach(contender -> labels.put(contender.name(), contender.label));
        } else {
            Arrays.stream(DecodeContender.values())
                    .filter(contender -> contender.supports(DecodeWorkload.valueOf(workload)))
                    .forEach(contender -> labels.put(contender.name(), contender.label));
        }
        return labels;
    }

    private static List<String> names(Enum<?>[]... all) {
        return Arrays.stream(all).flatMap(Arrays::stream).map(Enum::name).toList();
    }

    private static void print(String title, Map<String, Result> results) {
        if (!results.isEmpty()) {
            print(title + ", speed relative to the fastest of Netty's allocators", results, Result::speed);
            print(title + ", nanoseconds a frame", results, Result::nanos);
            print(title + ", bytes allocated a frame", results, Result::allocated);
        }
    }

    private static void print(String title, Map<String, Result> results, BiFunction<Result, Integer, String> figure) {
        Map<String, String> labels = new LinkedHashMap<>();
        results.keySet().forEach(workload -> labels.putAll(contenders(workload)));
        Table table = new Table(
                Stream.concat(Stream.of("contender"), results.keySet().stream()).toList());
        labels.forEach((contender, label) -> {
            if (results.values().stream().anyMatch(result -> result.contenders.contains(contender))) {
                table.row(Stream.concat(
                                Stream.of(label),
                                results.values().stream().map(result -> result.cell(contender, figure)))
                        .toList());
            }
        });
        System.out.println(title + ":\n\n" + table);
    }

    /** What contenders took at one workload. */
    private record Result(List<String> contenders, Rounds rounds, double[] allocated) {

        String cell(String contender, BiFunction<Result, Integer, String> figure) {
            int i = contenders.indexOf(contender);
            return i < 0 ? "" : figure.apply(this, i);
        }

        String speed(int contender) {
            int[] netty = IntStream.range(0, contenders.size())
                    .filter(i -> contenders.get(i).startsWith("NETTY"))
                    .toArray();
            if (netty.length == 0) {
                return "";
            }
            int reference = rounds.fastest(netty);
            return String.format(Locale.ROOT, "%.2f", rounds.speed(contender, reference))
                    + (rounds.forksDiffer(contender, reference) ? "~" : "");
        }

        String nanos(int contender) {
            return shortened(rounds.cost(contender));
        }

        String allocated(int contender) {
            return shortened(allocated[contender]);
        }

        private static String shortened(double value) {
            return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
        }
    }
}
