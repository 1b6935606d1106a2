package reactor.framing.benchmarks;

import java.util.Arrays;
import java.util.List;
import reactor.framing.benchmarks.memory.MemoryBenchmark;
import reactor.framing.benchmarks.tcp.TcpBenchmark;

/** {@code java -jar benchmarks.jar quick}, {@code memory} or {@code tcp}. */
public final class Main {

    private Main() {}

    public static void main(String[] args) throws Exception {
        System.setProperty("io.netty.leakDetection.level", "disabled");
        List<String> named = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
        System.out.println(Conditions.describe());
        switch (args.length == 0 ? "" : args[0]) {
            case "quick" -> {
                MemoryBenchmark.quick();
                TcpBenchmark.quick();
            }
            case "memory" -> MemoryBenchmark.full(named);
            case "tcp" -> TcpBenchmark.full(named);
            default -> {
                System.err.println("usage: java -jar benchmarks.jar quick | memory [name ...] | tcp [name ...]");
                System.exit(2);
            }
        }
    }
}
