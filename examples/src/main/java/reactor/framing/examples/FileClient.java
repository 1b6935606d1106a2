package reactor.framing.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.framing.netty.FramedConnection;
import reactor.netty.tcp.TcpClient;

/** Stores a file on {@link FileServer}, or fetches one from it. */
public final class FileClient {

    private static final String USAGE = """
            usage: FileClient --put|--get NAME --file FILE [--host 127.0.0.1] [--port 7000]
            Stores a file on FileServer, or fetches one.
              --put   store it under this name
              --get   fetch what is stored under this name
              --file  the file here
              --host  the loopback address of the server
              --port  its port""";

    private FileClient() {}

    /**
     * Runs the client.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        Path file = Path.of(options.required("--file"));
        if (options.has("--put") == options.has("--get")) {
            throw options.refuse("either --put or --get");
        }
        TcpClient client = TcpClient.create().host(options.host()).port(options.port());
        String answer = FramedConnection.connect(
                        client,
                        FileServer.WORDS,
                        FileServer.FILES,
                        server -> options.has("--put")
                                ? put(server, options.required("--put"), file)
                                : get(server, options.required("--get"), file))
                .block();
        System.out.println(answer);
        System.exit(answer == null || answer.startsWith("failed") ? 1 : 0);
    }

    static Mono<String> put(FramedConnection server, String name, Path file) {
        Mono<Void> sent = Mono.fromCallable(() -> Files.size(file))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(length -> FileServer.say(server, "put " + name).then(FileBytes.send(server, file, length)));
        // an answer may come while the file is still being sent: it says why not
        return Mono.firstWithSignal(answer(server), sent.then(Mono.never()));
    }

    static Mono<String> get(FramedConnection server, String name, Path file) {
        return FileServer.say(server, "get " + name).then(answer(server)).flatMap(answer -> {
            if (!answer.startsWith("sending ")) {
                return Mono.just(answer);
            }
            server.switchReadingTo(FileServer.FILES);
            return FileBytes.store(server, file).map(length -> "fetched " + length + " bytes");
        });
    }

    private static Mono<String> answer(FramedConnection server) {
        return server.next().single().map(FileServer::words);
    }
}
