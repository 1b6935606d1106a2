package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A program in a process of its own. */
final class Program implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private final String started;

    private Program(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = process.inputReader(StandardCharsets.UTF_8);
        started = String.join(" ", command.subList(0, 1)) + " ... " + command.get(command.size() - 1);
    }

    static Program of(String... command) throws IOException {
        return new Program(List.of(command));
    }

    /** The JVM's options come first, then the class, then its arguments. */
    static Program java(List<String> options, Class<?> main, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("-Dio.netty.leakDetection.level=paranoid");
        // what Netty does to load its native transport is otherwise warned of by newer JDKs, on the output looked at
        // here
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        return new Program(command);
    }

    static Program java(Class<?> main, String... args) throws IOException {
        return java(List.of(), main, args);
    }

    Program type(String input) throws IOException {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    String readLine() throws IOException {
        return output.readLine();
    }

    /** The port that a server says first. */
    int port() throws IOException {
        String line = readLine();
        assertThat(line).as("the first line of %s", started).matches("listening on 127\\.0\\.0\\.1:\\d+, .*");
        return Integer.parseInt(line.replaceAll(".*:(\\d+),.*", "$1"));
    }

    /** Reads up to a line that is wanted. */
    String readUntil(Predicate<String> wanted) throws IOException {
        for (String line = readLine(); line != null; line = readLine()) {
            if (wanted.test(line)) {
                return line;
            }
        }
        throw new AssertionError(started + " has ended and not said that");
    }

    InputStream output() {
        return process.getInputStream();
    }

    OutputStream input() {
        return process.getOutputStream();
    }

    /** Sends the process a signal: STOP and CONT suspend and resume it. */
    void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Ends a server that serves until it is killed; the output that has not been read. */
    String stop() throws Exception {
        // destroy() would close the output as well
        signal("TERM");
        // as a JVM ends that SIGTERM has reached
        return ends(128 + 15);
    }

    /** Waits for the end; the output that has not been read. */
    String ends(int exitCode) throws Exception {
        CompletableFuture<String> rest = CompletableFuture.supplyAsync(
                () -> String.join("\n", output.lines().toList()));
        boolean ended = process.waitFor(100, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        String text = rest.get(10, TimeUnit.SECONDS);
        assertThat(ended)
                .as("%s ends by itself; its output:%n%s", started, text)
                .isTrue();
        assertThat(process.exitValue())
                .as("exit code of %s; its output:%n%s", started, text)
                .isEqualTo(exitCode);
        assertThat(text).doesNotContain("LEAK");
        return text;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
