package reactor.framing.benchmarks.tcp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import reactor.framing.benchmarks.Jvm;

/** A contender in a JVM of its own; the other side of {@link Worker}. */
final class WorkerProcess implements AutoCloseable {

    /**
     * For what is measured. With a heap of up to 512 MiB, Netty's allocator pools no buffer of more than 16 KiB. The
     * first use of each page of the heap takes time, which a server has behind it after its first minutes.
     */
    private static final List<String> MEASURED = List.of("-Xms640m", "-Xmx640m", "-XX:+AlwaysPreTouch");

    private static final List<String> NOT_MEASURED = List.of("-Xmx256m");

    /** Whoever takes so long hangs. */
    private static final int PATIENCE_SECONDS = 60;

    private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "watchdog");
        thread.setDaemon(true);
        return thread;
    });

    private final TcpContender contender;
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    WorkerProcess(TcpContender contender, boolean measured) throws IOException {
        this.contender = contender;
        process = Jvm.start(measured ? MEASURED : NOT_MEASURED, Worker.class, List.of(contender.name()));
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    TcpContender contender() {
        return contender;
    }

    /** Opens a port, and returns its number. */
    int ingest(int length, long periods, boolean everyByte) throws Exception {
        return (int) number("ingest " + length + " " + periods + " " + everyByte);
    }

    int send(int length, long periods, boolean counted) throws Exception {
        return (int) number("send " + length + " " + periods + " " + counted);
    }

    int echo() throws Exception {
        return (int) number("echo");
    }

    int ask(int length, long periods, boolean everyByte, int underWay) throws Exception {
        return (int) number("ask " + length + " " + periods + " " + everyByte + " " + underWay);
    }

    /** How many messages have been taken to be sent. */
    long taken() throws Exception {
        return number("taken");
    }

    /** Nanoseconds of all threads of the process. */
    long cpu() throws Exception {
        return number("cpu");
    }

    /** Nanoseconds that HotSpot has spent on compiling. */
    long compiling() throws Exception {
        return TimeUnit.MILLISECONDS.toNanos(number("compiling"));
    }

    /** Bytes in use on the heap and reserved outside of it. */
    long[] memory() throws Exception {
        String[] words = ask("memory").split(" ");
        return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
    }

    /** Closes ports and connections, and fails if other frames have been taken in than were sent. */
    void closePorts() throws Exception {
        String fault = ask("close");
        if (!fault.isEmpty()) {
            throw new IllegalStateException(contender + ": " + fault);
        }
    }

    private long number(String command) throws Exception {
        return Long.parseLong(ask(command));
    }

    private String ask(String command) throws Exception {
        commands.println(command);
        String answer = watched(answers::readLine);
        if (answer == null) {
            throw new IllegalStateException(contender + " ended at " + command);
        }
        return answer;
    }

    /** Does something with the process that fails if the process ends, and ends it if that takes too long. */
    <T> T watched(Callable<T> action) throws Exception {
        Future<?> end = WATCHDOG.schedule(
                () -> {
                    System.err.println(contender + " hangs");
                    process.destroyForcibly();
                },
                PATIENCE_SECONDS,
                TimeUnit.SECONDS);
        try {
            return action.call();
        } finally {
            end.cancel(false);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
