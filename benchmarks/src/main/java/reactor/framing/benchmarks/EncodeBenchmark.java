package reactor.framing.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One operation is one stream, from its first frame to its end. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EncodeBenchmark extends TimedWhenQuiet {

    @Param
    public EncodeWorkload workload;

    @Param
    public EncodeContender contender;

    private EncodeWorkload.Source source;
    private Wire wire;
    private Run run;

    @Setup
    public void setUp() throws Exception {
        source = workload.source();
        wire = new Wire();
        run = contender.create(source, wire);
        wire.verify(run, source);
    }

    @TearDown
    public void tearDown() {
        run.close();
    }

    @Benchmark
    public Object encode() throws Exception {
        run.run();
        return wire.finish(source);
    }
}
