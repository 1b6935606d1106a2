package reactor.framing.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** {@code java -jar benchmarks.jar quick|full [workloads and contenders]}. */
public final class Launcher {

    private Launcher() {}

    public static void main(String[] args) throws RunnerException {
        List<String> words = new ArrayList<>(Arrays.asList(args));
        boolean full = !words.isEmpty() && words.remove(0).equals("full");
        List<Workload> workloads = chosen(Workload.values(), words);
        List<Contender> contenders = chosen(Contender.values(), words);
        if (!words.isEmpty()) {
            throw new IllegalArgumentException("neither a workload nor a contender: " + words);
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(DecodeBenchmark.class.getName())
                .param("workload", names(workloads))
                .param("contender", names(contenders))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .jvmArgs("-Xms1g", "-Xmx1g", "-Xmn512m", "-XX:+UseParallelGC", "-XX:+AlwaysPreTouch",
                        "-Dio.netty.leakDetection.level=disabled")
                .forks(full ? 3 : 1)
                .warmupIterations(full ? 5 : 3)
                .warmupTime(TimeValue.milliseconds(full ? 500 : 300))
                .measurementIterations(full ? 5 : 3)
                .measurementTime(TimeValue.milliseconds(full ? 500 : 300));
        Collection<RunResult> results = new Runner(options.build()).run();
        for (Workload workload : workloads) {
            Stream stream = workload.stream(false);
            System.out.printf("%n%s: %s%n", workload, workload.description);
            double limitOwned = 0;
            double limitBorrowed = 0;
            double netty = Double.MAX_VALUE;
            for (RunResult r : results) {
                if (r.getParams().getParam("workload").equals(workload.name())) {
                    String name = r.getParams().getParam("contender");
                    double score = r.getPrimaryResult().getScore();
                    if (name.equals("limitOwned")) {
                        limitOwned = score;
                    } else if (name.equals("limitBorrowed")) {
                        limitBorrowed = score;
                    } else if (name.startsWith("netty")) {
                        netty = Math.min(netty, score);
                    }
                }
            }
            System.out.printf(
                    "%-18s %12s %12s %10s %10s %8s %8s %8s%n",
                    "", "frames/s", "MiB/s", "ns/frame", "B/frame", "owned", "borrowed", "netty");
            for (RunResult r : results) {
                if (r.getParams().getParam("workload").equals(workload.name())) {
                    double score = r.getPrimaryResult().getScore();
                    double allocated = r.getSecondaryResults().get("gc.alloc.rate.norm") == null
                            ? Double.NaN
                            : r.getSecondaryResults().get("gc.alloc.rate.norm").getScore();
                    System.out.printf(
                            "%-18s %,12.0f %,12.0f %10.1f %10.1f %8.2f %8.2f %8.2f%n",
                            r.getParams().getParam("contender"),
                            stream.frames() / score * 1e6,
                            stream.payload() / 1048576.0 / score * 1e6,
                            score * 1e3 / stream.frames(),
                            allocated / stream.frames(),
                            limitOwned / score,
                            limitBorrowed / score,
                            netty / score);
                }
            }
        }
    }

    /** Those of the enum that are named, which are taken out of the words, or all of them if none is. */
    private static <E extends Enum<E>> List<E> chosen(E[] all, List<String> words) {
        List<E> chosen = Arrays.stream(all).filter(e -> words.remove(e.name())).toList();
        return chosen.isEmpty() ? Arrays.asList(all) : chosen;
    }

    private static String[] names(List<? extends Enum<?>> chosen) {
        return chosen.stream().map(Enum::name).toArray(String[]::new);
    }
}
