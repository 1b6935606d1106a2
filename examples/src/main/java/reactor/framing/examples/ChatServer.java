package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.format.Delimiter;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/** A chat by lines. Every client sees what the others say; {@code nc 127.0.0.1 7000} is one. */
public final class ChatServer {

    private static final String USAGE = """
            usage: ChatServer [--host 127.0.0.1] [--port 7000] [--backlog 1000]
            A chat by lines: nc 127.0.0.1 7000, several times. The first line is the name.
              --host     the loopback address to listen on
              --port     the port, 0 for a free one
              --backlog  how many lines wait for a client that does not read, before it has to leave""";

    private static final FrameCodec LINES = FrameCodec.of(Delimiter.lines()).maxFrameLength(1000);

    private final Sinks.Many<Line> room = Sinks.many().multicast().directBestEffort();

    /** One thread says all lines, one after the other: a sink must not be told two things at a time. */
    private final Scheduler speaker = Schedulers.newSingle("speaker");

    private final int backlog;

    private ChatServer(int backlog) {
        this.backlog = backlog;
    }

    /** What is said; by nobody if it is an announcement. */
    private record Line(FramedConnection from, String text) {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        ChatServer chat = new ChatServer(options.number("--backlog", 1000, 1, 1_000_000));
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(LINES, chat::talk))
                .bindNow();
        System.out.printf("listening on %s:%d, lines%n", server.host(), server.port());
        server.onDispose().block();
    }

    private Mono<Void> talk(FramedConnection client) {
        return client.next()
                .map(ChatServer::text)
                .flatMap(name -> Mono.firstWithSignal(hear(client), speak(client, name)));
    }

    /** Ends when the client shuts its output. */
    private Mono<Void> speak(FramedConnection client, String name) {
        return client.receive()
                .map(line -> new Line(client, name + ": " + text(line)))
                .publishOn(speaker, 16)
                .doOnNext(room::tryEmitNext)
                .doOnSubscribe(subscription -> announce("* " + name + " has come"))
                .doFinally(signal -> announce("* " + name + " has gone"))
                .then();
    }

    private void announce(String text) {
        speaker.schedule(() -> room.tryEmitNext(new Line(null, text)));
    }

    /** Ends when the client reads too slowly, so that nobody waits for it and its lines do not fill the memory. */
    private Mono<Void> hear(FramedConnection client) {
        Flux<String> lines = room.asFlux()
                .filter(line -> line.from() != client)
                .map(Line::text)
                .onBackpressureBuffer(backlog);
        return client.send(lines.map(StandardCharsets.UTF_8::encode)).onErrorComplete(Exceptions::isOverflow);
    }

    private static String text(ByteBuffer line) {
        return StandardCharsets.UTF_8.decode(line).toString();
    }
}
