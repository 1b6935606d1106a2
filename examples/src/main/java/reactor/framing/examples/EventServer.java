package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.LongStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Sends numbered events, from the number on that the client has said first. It breaks each connection after some, as
 * networks do: the other side of {@link ReconnectingClient}.
 *
 * <pre>
 * client  length 00 08, number of the first event (8)
 * server  length (2), number (8), text
 * </pre>
 */
public final class EventServer {

    private static final String USAGE = """
            usage: EventServer [--host 127.0.0.1] [--port 7000] [--break-after 1000]
            Sends numbered events, and breaks each connection after some of them.
              --host         the loopback address to listen on
              --port         the port, 0 for a free one
              --break-after  after how many events""";

    static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(2));

    private EventServer() {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        int breakAfter = options.number("--break-after", 1000, 1, Integer.MAX_VALUE);
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(
                        CODEC,
                        connection -> connection
                                .next()
                                .flatMap(first ->
                                        connection.send(events(first.getLong()).take(breakAfter)))
                                .then(halfAFrame(connection))))
                .bindNow();
        System.out.printf("listening on %s:%d, events%n", server.host(), server.port());
        server.onDispose().block();
    }

    private static Flux<ByteBuffer> events(long first) {
        return Flux.fromStream(() -> LongStream.iterate(first, i -> i + 1).mapToObj(i -> event(i, "event " + i)));
    }

    private static ByteBuffer event(long number, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length).putLong(number).put(bytes).flip();
    }

    /** A frame that fails in the middle: the connection is closed there. */
    private static Mono<Void> halfAFrame(FramedConnection connection) {
        return connection.sendParts(16, Flux.just(ByteBuffer.allocate(8))).onErrorComplete();
    }
}
