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

/** One operation is one stream, from its first chunk to its end. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DecodeBenchmark extends TimedWhenQuiet {

    @Param
    public Workload workload;

    @Param
    public Contender contender;

    /** Direct, as those from Reactor Netty are, or heap. */
    @Param("direct")
    public String buffers;

    private Stream stream;
    private Frames frames;
    private Run run;

    @Setup
    public void setUp() throws Exception {
        stream = workload.stream(buffers.equals("direct"));
        frames = new Frames();
        run = contender.create(stream, frames);
        frames.verify(run, stream);
    }

    @TearDown
    public void tearDown() {
        run.close();
    }

    @Benchmark
    public Object decode() throws Exception {
        run.run();
        return frames.finish(stream);
    }
}
