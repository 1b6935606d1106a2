package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs every program as a user would. */
@Timeout(120)
class ProgramsTest {

    @Test
    void demonstration_showsChunksAndFramesAndEndsWell() throws Exception {
        try (Program program = Program.java(Demonstration.class)) {
            String output = program.ends(0);

            assertThat(output.lines())
                    .contains(
                            "chunk 2, 5 bytes    00 05 68 65 6c                                   ..hel",
                            "   held             of an unfinished frame: header 4, payload 3 bytes",
                            "   FRAME 1          \"hello\"")
                    .allSatisfy(line -> assertThat(line).hasSizeLessThan(100));
            assertThat(output)
                    .containsSubsequence(
                            "LengthField.ofSize(4)",
                            "8 of 8 messages arrived whole and in order, as 8 frames out of 11 chunks.",
                            "LengthField.ofSize(2).marker((byte) 0x72)",
                            "8 of 8 messages arrived whole and in order, as 8 frames out of 11 chunks.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"length4", "tlv"})
    void echo_everyLineComesBack(String framing) throws Exception {
        try (Program server = server(framing, 2)) {
            String port = portOf(server);
            try (Program client = Program.java(
                    EchoClient.class, "--port", port, "--framing", framing, "--message", "one", "--message", "two")) {
                assertThat(client.ends(0)).isEqualTo("one\ntwo");
            }
            try (Program client = Program.java(EchoClient.class, "--port", port, "--framing", framing)) {
                assertThat(client.type("three\n\nvier \u00e9\n").ends(0)).isEqualTo("three\n\nvier \u00e9");
            }
            assertThat(server.ends(0)).containsSubsequence(": 2 frames", ": 3 frames");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "reactor.framing.examples.EchoServer, --framing lines, '--framing must be length4 or tlv, was lines'",
        "reactor.framing.examples.EchoClient, --port 70000, '--port must be 0 to 65535, was 70000'",
        "reactor.framing.examples.EchoServer, --port x, '--port must be a number, was x'",
        "reactor.framing.examples.EchoClient, --host 8.8.8.8, '--host must be a loopback address, was 8.8.8.8'",
        "reactor.framing.examples.EchoServer, --verbose yes, 'unknown option --verbose'",
        "reactor.framing.examples.EchoClient, --port, '--port needs a value'"
    })
    void badArguments_areRefusedWithTheUsage(Class<?> main, String arguments, String message) throws Exception {
        try (Program program = Program.java(main, arguments.split(" "))) {
            assertThat(program.ends(2)).startsWith(message + "\nusage: " + main.getSimpleName());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"length4", "tlv"})
    void peerInPython_understandsAndIsUnderstood(String framing) throws Exception {
        // In CI there is no excuse: without python3 the test fails there.
        assumeTrue(Boolean.parseBoolean(System.getenv("CI")) || python3IsThere(), "there is no python3 on the path");
        try (Program server = server(framing, 1);
                Program peer =
                        Program.of("python3", Path.of("peer", "framing_peer.py").toString(), portOf(server), framing)) {
            assertThat(peer.ends(0))
                    .isEqualTo("byte by byte: 4 of 4 answers are right\n"
                            + "glued: 300 of 300 answers are right\n"
                            + "large: 3 of 3 answers are right");
            assertThat(server.ends(0)).contains(": 307 frames, then onComplete");
        }
    }

    @Test
    void ownFraming_runs() throws Exception {
        try (Program program = Program.java(OwnFraming.class)) {
            assertThat(program.ends(0))
                    .startsWith("frame: hello\nskipped: CRC-32 is ")
                    .endsWith("\nframe: welcome back");
        }
    }

    @Test
    void receiveFile_frameEightTimesTheHeap() throws Exception {
        receive(256L << 20, "268,435,456");
    }

    @Tag("campaign")
    @Test
    void receiveFile_frameOf4GiB() throws Exception {
        receive(4L << 30, "4,294,967,296");
    }

    private static void receive(long length, String printed) throws Exception {
        List<String> options = List.of("-Xmx32m", "-Duser.language=en", "-Duser.country=US");
        try (Program program = Program.java(options, ReceiveFile.class, Long.toString(length))) {
            assertThat(program.ends(0))
                    .startsWith("one frame of " + printed + " bytes came in ")
                    .endsWith("the file is the same");
        }
    }

    private static Program server(String framing, int connections) throws IOException {
        return Program.java(
                EchoServer.class, "--port", "0", "--framing", framing, "--connections", Integer.toString(connections));
    }

    private static String portOf(Program server) throws IOException {
        return Integer.toString(server.port());
    }

    private static boolean python3IsThere() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
