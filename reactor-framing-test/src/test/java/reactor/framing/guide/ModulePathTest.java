package reactor.framing.guide;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.test.FramingVerifier;

/** Modules of a user are compiled and run against the modules of the library, with Netty and without it. */
class ModulePathTest {

    private static final List<Class<?>> REQUIRED =
            List.of(FrameCodec.class, Flux.class, Publisher.class, NullMarked.class);

    /** A program, run in the module that its sources make. */
    private static final String DECODE = """
            package app;

            public class Main {
                public static void main(String[] args) {
                    var codec = reactor.framing.FrameCodec.of(reactor.framing.format.LengthField.ofSize(1));
                    var chunk = java.nio.ByteBuffer.wrap(new byte[] {1, 'a', 1, 'b'});
                    codec.decode(reactor.core.publisher.Flux.just(chunk))
                            .subscribe(frame -> System.out.print((char) frame.get(0)));
                    System.out.print(" " + reactor.framing.FrameCodec.class.getModule());
                    System.out.print(" " + ModuleLayer.boot().findModule("reactor.netty.core").isPresent());
                }
            }
            """;

    private static final String CONNECT = """
            package app;

            import java.nio.ByteBuffer;
            import reactor.framing.FrameCodec;
            import reactor.framing.format.LengthField;
            import reactor.framing.netty.FramedConnection;
            import reactor.netty.tcp.TcpClient;
            import reactor.netty.tcp.TcpServer;

            public class Main {
                public static void main(String[] args) {
                    var codec = FrameCodec.of(LengthField.ofSize(1));
                    var server = TcpServer.create().host("127.0.0.1")
                            .handle(FramedConnection.handler(codec, c -> c.send(c.receive())))
                            .bindNow();
                    var client = TcpClient.create().remoteAddress(server::address).connectNow();
                    var connection = FramedConnection.of(client, codec);
                    var answer = connection.request(ByteBuffer.wrap(new byte[] {'x'})).block();
                    System.out.print((char) answer.get(0));
                    client.disposeNow();
                    server.disposeNow();
                }
            }
            """;

    private static final String VERIFY = """
            package app;

            import reactor.framing.format.LengthField;
            import reactor.framing.test.FramingVerifier;

            public class Main {
                public static void main(String[] args) {
                    FramingVerifier.of(LengthField.ofSize(1))
                            .frames("78", "79 7A")
                            .verify();
                    System.out.print("verified in " + FramingVerifier.class.getModule());
                }
            }
            """;

    @TempDir
    private Path directory;

    @Test
    void framingAlone_runsWithoutNetty() throws Exception {
        assertThat(run("reactor.framing", DECODE, REQUIRED, List.of())).isEqualTo("ab module reactor.framing false");
    }

    /**
     * Reactor Netty does not name the modules of Netty that it needs. So all that are there are asked for, without the
     * one that only our own tests have.
     */
    @Test
    void bridge_runsWhereTheUserAddsNetty() throws Exception {
        List<Path> netty = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(jar -> jar.getFileName().toString().startsWith("netty-")
                        || jar.getFileName().toString().startsWith("reactor-netty-"))
                .filter(jar -> !jar.getFileName().toString().startsWith("netty-codec-protobuf"))
                .toList();

        // newer JDKs warn of Netty's native transport first
        assertThat(run("reactor.framing; requires reactor.netty.core", CONNECT, REQUIRED, netty)
                        .lines())
                .last()
                .isEqualTo("x");
    }

    @Test
    void verifier_runsAsAModule() throws Exception {
        List<Class<?>> modules = new ArrayList<>(REQUIRED);
        modules.add(FramingVerifier.class);

        assertThat(run("reactor.framing.test", VERIFY, modules, List.of()))
                .isEqualTo("verified in module reactor.framing.test");
    }

    private String run(String requires, String main, List<Class<?>> modules, List<Path> jars) throws Exception {
        Path sources = Files.createDirectories(directory.resolve("sources/app"));
        Path declaration = Files.writeString(
                sources.resolveSibling("module-info.java"), "module app { requires " + requires + "; }");
        Path program = Files.writeString(sources.resolve("Main.java"), main);
        Path classes = directory.resolve("classes");
        String libraries = Stream.concat(modules.stream().map(ModulePathTest::home), jars.stream())
                .map(Path::toString)
                .collect(joining(File.pathSeparator));

        assertThat(process(
                        "javac", "-p", libraries, "-d", classes.toString(), declaration.toString(), program.toString()))
                .isEmpty();
        return process(
                "java",
                "-p",
                classes + File.pathSeparator + libraries,
                "--add-modules",
                jars.isEmpty() ? "java.base" : "ALL-MODULE-PATH",
                "-m",
                "app/app.Main");
    }

    private static Path home(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns what the tool of the JDK printed; fails if it failed. */
    private String process(String tool, String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, tool, ".txt");
        List<String> command = Stream.concat(
                        Stream.of(Path.of(System.getProperty("java.home"), "bin", tool)
                                .toString()),
                        Stream.of(arguments))
                .toList();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES))
                    .as("the end of %s", tool)
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(output);
        assertThat(process.exitValue()).as(printed).isZero();
        return printed.strip();
    }
}
