package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Keeps files. Each is one frame on the wire, and may be larger than the heap; {@link FileClient} is the other side.
 *
 * <pre>
 * to store   client  "put NAME", then the file    server  "stored N bytes"
 * to fetch   client  "get NAME"                   server  "sending N bytes", then the file
 * neither                                         server  "failed: " and the reason
 * </pre>
 *
 * <p>Each of these, and each file, is a frame with a length of 8 bytes.
 */
public final class FileServer {

    private static final String USAGE = """
            usage: FileServer --directory DIR [--host 127.0.0.1] [--port 7000]
            Keeps files, which may be larger than the heap.
              --directory  where the files are
              --host       the loopback address to listen on
              --port       the port, 0 for a free one""";

    /** Nobody's command takes more than this of the memory. */
    static final FrameCodec WORDS = FrameCodec.of(LengthField.ofSize(8)).maxFrameLength(1000);

    /** Files are never in memory as a whole, so they may have any length. */
    static final FrameCodec FILES = FrameCodec.of(LengthField.ofSize(8)).maxFrameLength(Long.MAX_VALUE);

    /** What a client may call a file: no name leads out of the directory. */
    private static final Pattern NAME = Pattern.compile("\\w[\\w.-]{0,99}");

    private final Path directory;

    private FileServer(Path directory) {
        this.directory = directory;
    }

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        FileServer files = new FileServer(Path.of(options.required("--directory")));
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(WORDS, FILES, files::serve))
                .bindNow();
        System.out.printf("listening on %s:%d, files%n", server.host(), server.port());
        server.onDispose().block();
    }

    private Mono<Void> serve(FramedConnection client) {
        return client.next()
                .flatMap(command -> carryOut(client, words(command)))
                .onErrorResume(NoSuchFileException.class, e -> say(client, "failed: there is no such file"));
    }

    private Mono<Void> carryOut(FramedConnection client, String command) {
        String name = command.substring(Math.min(4, command.length()));
        if (!NAME.matcher(name).matches()) {
            return say(client, "failed: a file cannot be called that");
        }
        Path file = directory.resolve(name);
        if (command.startsWith("put ")) {
            client.switchReadingTo(FILES);
            return FileBytes.store(client, file).flatMap(length -> say(client, "stored " + length + " bytes"));
        }
        if (command.startsWith("get ")) {
            return Mono.fromCallable(() -> Files.size(file))
                    .subscribeOn(Schedulers.boundedElastic())
                    .flatMap(length ->
                            say(client, "sending " + length + " bytes").then(FileBytes.send(client, file, length)));
        }
        return say(client, "failed: neither put nor get");
    }

    static Mono<Void> say(FramedConnection connection, String words) {
        return connection.send(Mono.just(StandardCharsets.UTF_8.encode(words)));
    }

    static String words(ByteBuffer frame) {
        return StandardCharsets.UTF_8.decode(frame).toString();
    }
}
