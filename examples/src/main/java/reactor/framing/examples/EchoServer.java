package reactor.framing.examples;

import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameCodec;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/** Sends every frame back; {@link EchoClient} is its other side. */
public final class EchoServer {

    private static final String USAGE = """
            usage: EchoServer [--host 127.0.0.1] [--port 7000] [--framing length4|tlv] [--connections N]
            Sends every frame back.
              --host         the loopback address to listen on
              --port         the port, 0 for a free one
              --framing      length4: a 4-byte length, then the payload; tlv: 0x72, a 2-byte length, the value
              --connections  end after that many connections; without it, serve until killed""";

    private EchoServer() {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        FrameCodec codec = options.codec();
        AtomicLong left = new AtomicLong(options.number("--connections", 0, 1, Integer.MAX_VALUE));
        Sinks.Empty<Void> served = Sinks.empty();
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(codec, connection -> echo(connection, left, served)))
                .bindNow();
        System.out.printf("listening on %s:%d, framing %s%n", server.host(), server.port(), options.framing());
        served.asMono().block();
        server.disposeNow();
    }

    private static Mono<Void> echo(FramedConnection connection, AtomicLong left, Sinks.Empty<Void> served) {
        String peer = connection.connection().address().toString();
        System.out.printf("%s connected%n", peer);
        AtomicLong frames = new AtomicLong();
        return connection
                .send(connection.receive().doOnNext(frame -> frames.incrementAndGet()))
                .doFinally(signal -> {
                    System.out.printf("%s: %d frames, then %s%n", peer, frames.get(), signal);
                    if (left.decrementAndGet() == 0) {
                        served.tryEmitEmpty();
                    }
                });
    }
}
