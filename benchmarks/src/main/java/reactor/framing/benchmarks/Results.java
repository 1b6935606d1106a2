package reactor.framing.benchmarks;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** The iterations of all forks so far: what {@link Launcher} writes and {@link Report} reads. */
final class Results {

    /** One fork's iterations: microseconds an operation, {@link Disturbance}, and the bytes allocated an operation. */
    record Fork(String workload, String contender, List<Double> micros, List<Double> disturbances, double allocated) {}

    private final List<Fork> forks;

    /** By workload and contender. */
    private final Map<List<String>, List<Double>> disturbances = new HashMap<>();

    private Results(List<Fork> forks) {
        this.forks = forks;
        forks.forEach(fork -> disturbances(fork.workload, fork.contender).addAll(fork.disturbances));
    }

    static Results none() {
        return new Results(new ArrayList<>());
    }

    static Results read(Path json) throws IOException {
        return new Results(new JsonArray(Files.readString(json))
                .stream()
                        .map(each -> (JsonObject) each)
                        .map(fork -> new Fork(
                                fork.getString("workload"),
                                fork.getString("contender"),
                                numbers(fork.getJsonArray("micros")),
                                numbers(fork.getJsonArray("disturbance")),
                                fork.getDouble("allocated")))
                        .collect(Collectors.toCollection(ArrayList::new)));
    }

    private static List<Double> numbers(JsonArray array) {
        return array.stream().map(each -> ((Number) each).doubleValue()).toList();
    }

    List<Fork> forks() {
        return forks;
    }

    Fork add(String workload, String contender, RunResult result) {
        List<Double> micros = new ArrayList<>();
        List<Double> disturbance = new ArrayList<>();
        List<Double> allocated = new ArrayList<>();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                micros.add(rounded(iteration.getPrimaryResult()));
                disturbance.add(rounded(iteration.getSecondaryResults().get(Disturbance.NAME)));
                allocated.add(rounded(iteration.getSecondaryResults().get("gc.alloc.rate.norm")));
            }
        }
        Fork fork = new Fork(workload, contender, micros, disturbance, Quiet.median(allocated));
        forks.add(fork);
        disturbances(workload, contender).addAll(disturbance);
        return fork;
    }

    /** To four significant digits. */
    private static double rounded(Result<?> result) {
        return new BigDecimal(result.getScore()).round(new MathContext(4)).doubleValue();
    }

    private List<Double> disturbances(String workload, String contender) {
        return disturbances.computeIfAbsent(List.of(workload, contender), key -> new ArrayList<>());
    }

    boolean isEmpty() {
        return forks.isEmpty();
    }

    /** What {@link Disturbance} is on this machine at its best. */
    double best() {
        return Quiet.best(disturbances.values());
    }

    /** Whether enough undisturbed iterations have been seen. */
    boolean isEnough(String workload, String contender, double best) {
        return Quiet.isEnough(disturbances(workload, contender), best);
    }

    /** Writes a line for each fork. */
    void write(Path json) throws IOException {
        Files.writeString(
                json,
                forks.stream()
                        .map(fork -> new JsonObject()
                                .put("workload", fork.workload)
                                .put("contender", fork.contender)
                                .put("micros", new JsonArray(fork.micros))
                                .put("disturbance", new JsonArray(fork.disturbances))
                                .put("allocated", fork.allocated)
                                .toString())
                        .collect(Collectors.joining(",\n", "[\n", "\n]\n")));
    }
}
