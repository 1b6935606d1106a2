package reactor.framing.benchmarks.memory;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One contender at one workload in a JVM of its own, for JMH's profilers and for who trusts no other instrument. One
 * operation is one stream, from subscription to end.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(
        value = 3,
        jvmArgs = {
            "-Xms1g",
            "-Xmx1g",
            "-Xmn512m",
            "-XX:+UseParallelGC",
            "-XX:+AlwaysPreTouch",
            "-Dio.netty.leakDetection.level=disabled"
        })
public class JmhBenchmark {

    @Param("W1")
    public String workload;

    @Param({"LIMIT_OWNED", "LIMIT_BORROWED", "ZERO_COPY", "BORROWED", "HAND_WRITTEN", "NETTY_ADAPTIVE"})
    public String contender;

    private LongSupplier run;

    @Setup
    public void setUp() throws Exception {
        run = Turns.contender(workload, contender);
    }

    @Benchmark
    public long stream() {
        return run.getAsLong();
    }
}
