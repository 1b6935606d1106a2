package reactor.framing.benchmarks.tcp;

import com.sun.management.OperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * The process of one contender: does what it is told line by line, answers each with a line, and ends with its input.
 * The other side is {@link WorkerProcess}.
 */
public final class Worker {

    private final Server server;
    private Received received;
    private Outgoing outgoing;

    private Worker(Server server) {
        this.server = server;
    }

    /** The argument is the contender's name. */
    public static void main(String[] args) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Worker worker = new Worker(TcpContender.valueOf(args[0]).newServer());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            answers.println(worker.answer(line.split(" ")));
            answers.flush();
        }
        System.exit(0);
    }

    private String answer(String[] words) throws IOException {
        return switch (words[0]) {
            case "ingest" -> {
                received = new Received(messages(words), Long.parseLong(words[2]), Boolean.parseBoolean(words[3]));
                yield "" + server.ingest(received);
            }
            case "send" -> {
                outgoing = new Outgoing(messages(words), Long.parseLong(words[2]), Boolean.parseBoolean(words[3]));
                yield "" + server.send(outgoing);
            }
            case "echo" -> "" + server.echo();
            case "ask" -> {
                outgoing = new Outgoing(messages(words), Long.parseLong(words[2]), false);
                received = new Received(messages(words), Long.parseLong(words[2]), Boolean.parseBoolean(words[3]));
                yield "" + server.ask(outgoing, received, Integer.parseInt(words[4]));
            }
            case "taken" -> "" + outgoing.taken();
            case "cpu" ->
                "" + ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
            case "compiling" -> "" + ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
            case "memory" -> heap() + " " + direct();
            case "close" -> {
                server.close();
                String fault = received == null ? "" : received.fault();
                received = null;
                yield fault;
            }
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private static Messages messages(String[] words) {
        return Messages.ofLength(Integer.parseInt(words[1]));
    }

    /** Bytes in use after collecting garbage. */
    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Bytes that are reserved outside of the heap; Netty counts all of its own, the JVM all but some of Netty's. */
    private static long direct() {
        long jvm = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return Math.max(PlatformDependent.usedDirectMemory(), jvm);
    }
}
