package reactor.framing.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Tells whether the machine was disturbed: times a plain loop of additions before and after each iteration, in the thread
 * and so on the processor of the benchmark. Whoever else is on that processor's core makes it take longer, and the
 * benchmark too.
 */
public final class Disturbance implements InternalProfiler {

    static final String NAME = "disturbance";

    private static final int STEPS = 200_000;
    private static final int REPETITIONS = 5;

    /** How long an iteration waits at most. */
    private static final long PATIENCE_NANOS = 100_000_000;

    private static final long POLL_NANOS = 20_000_000;

    private static final String BEST_PROPERTY = "disturbance.best";
    private static final double BEST = Double.parseDouble(System.getProperty(BEST_PROPERTY, "Infinity"));

    private static volatile double before;
    private static volatile double after;
    private static long sum;

    /** Called by the benchmark when an iteration is about to begin: waits a moment for the machine to be undisturbed. */
    static void before() {
        long start = System.nanoTime();
        do {
            before = time();
        } while (!Quiet.isQuiet(before, BEST) && System.nanoTime() - start < PATIENCE_NANOS);
    }

    /** Called by the benchmark when an iteration has ended. */
    static void after() {
        after = time();
    }

    /** Waits for the machine to be undisturbed, no longer than until the deadline in nanoseconds. */
    static void awaitQuiet(double best, long deadline) {
        while (!Quiet.isQuiet(time(), best) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** What the machine does when it is let, as seen in a second or two. */
    static List<Double> sample() {
        return Stream.generate(Disturbance::time).skip(100).limit(1000).toList();
    }

    /** The option by which a fork knows what to wait for. */
    static String jvmOption(double best) {
        return "-D" + BEST_PROPERTY + "=" + best;
    }

    @Override
    public String getDescription() {
        return "time of a plain loop around the iterations";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return List.of(new ScalarResult(NAME, (before + after) / 2, "ns/step", AggregationPolicy.AVG));
    }

    /** Nanoseconds a step, of some two milliseconds. */
    private static double time() {
        long start = System.nanoTime();
        for (int i = 0; i < REPETITIONS; i++) {
            sum = add(sum);
        }
        return (System.nanoTime() - start) / (double) STEPS / REPETITIONS;
    }

    /** Six additions a step, which a core can do at the same time if it has nothing else to do. */
    private static long add(long start) {
        long a = start;
        long b = 2;
        long c = 3;
        long d = 4;
        long e = 5;
        long f = 6;
        for (int i = 0; i < STEPS; i++) {
            a += b ^ i;
            b += c ^ i;
            c += d ^ i;
            d += e ^ i;
            e += f ^ i;
            f += a ^ i;
        }
        return a ^ b ^ c ^ d ^ e ^ f;
    }
}
