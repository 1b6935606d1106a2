package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program, in a process of its own. */
@Timeout(120)
class StudioTest {

    private static Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Studio.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static List<String> output(Process process, int exitCode) throws Exception {
        List<String> lines;
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            lines = reader.lines().toList();
        } finally {
            process.destroy();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("exit code; output: %s", lines).isEqualTo(exitCode);
        return lines;
    }

    @Test
    void nobodyComes_endsByItself() throws Exception {
        assertThat(output(start("--port", "0", "--idle", "1"), 0))
                .anyMatch(line -> line.startsWith("The studio is at http://127.0.0.1:"))
                .contains("No page was open for 1 seconds: the studio ends.");
    }

    @Test
    void interrupted_servesUntilThenAndEnds() throws Exception {
        Process process = start("--port", "0");
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        String address = reader.readLine().replace("The studio is at ", "");
        HttpResponse<String> page = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(page.body()).contains("<title>The framing studio</title>");

        process.destroy(); // SIGTERM, which the JVM treats as Ctrl-C

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isIn(143, 130, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "--port 70000, '--port must be 0 to 65535, was \"70000\"'",
        "--port, '--port must be 0 to 65535, was \"\"'",
        "--idle x, '--idle must be 0 to 86400, was \"x\"'",
        "--host 0.0.0.0, 'unknown option --host'"
    })
    void badArguments_areRefusedWithTheUsage(String arguments, String message) throws Exception {
        assertThat(output(start(arguments.split(" ")), 2))
                .startsWith(message, "usage: Studio [--port N] [--idle SECONDS]");
    }

    @Test
    void help_isShown() throws Exception {
        assertThat(output(start("--help"), 0)).first().isEqualTo("usage: Studio [--port N] [--idle SECONDS]");
    }

    @Test
    void portInUse_isTold() throws Exception {
        try (StudioServer server = StudioServer.start(0)) {
            assertThat(output(start("--port", "" + server.port()), 1))
                    .containsExactly("Port " + server.port()
                            + " is in use. Take another one with --port; 0 takes any that is free.");
        }
    }
}
