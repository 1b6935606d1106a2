package reactor.framing.benchmarks;

import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A benchmark of which each iteration tells how much the machine was disturbed. */
@State(Scope.Benchmark)
@Fork(
        value = 1,
        jvmArgs = {
            "-Xms1g",
            "-Xmx1g",
            "-Xmn512m",
            "-XX:+UseParallelGC",
            "-XX:+AlwaysPreTouch",
            "-Dio.netty.leakDetection.level=disabled"
        })
public abstract class TimedWhenQuiet {

    @Setup(Level.Iteration)
    public void before() {
        Disturbance.before();
    }

    @TearDown(Level.Iteration)
    public void after() {
        Disturbance.after();
    }
}
