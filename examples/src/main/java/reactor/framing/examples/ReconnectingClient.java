package reactor.framing.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.netty.FramedConnection;
import reactor.netty.Connection;
import reactor.netty.tcp.TcpClient;
import reactor.util.retry.Retry;

/**
 * Follows the events of {@link EventServer}. It connects again when the connection breaks, and goes on where it was.
 */
public final class ReconnectingClient {

    private static final String USAGE = """
            usage: ReconnectingClient [--host 127.0.0.1] [--port 7000] [--from 0] [--events 10000]
            Follows the events of EventServer through connections that break.
              --host    the loopback address of the server
              --port    its port
              --from    the number of the first event
              --events  how many to take""";

    private ReconnectingClient() {}

    /**
     * Runs the client.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        int from = options.number("--from", 0, 0, Integer.MAX_VALUE);
        int wanted = options.number("--events", 10_000, 1, Integer.MAX_VALUE);
        TcpClient client = TcpClient.create().host(options.host()).port(options.port());

        AtomicInteger connections = new AtomicInteger();
        AtomicLong expected = new AtomicLong(from);
        events(client.doOnConnected(connection -> connections.incrementAndGet()), from)
                .take(wanted)
                .doOnNext(event -> {
                    if (event.number() != expected.getAndIncrement()) {
                        throw new IllegalStateException("not the next one: " + event);
                    }
                })
                .blockLast();
        System.out.printf(
                "events %d to %d, each once and in order, by %d connections%n",
                from, expected.get() - 1, connections.get());
    }

    /** Events from this number on, each once, however often the connection breaks. */
    static Flux<Event> events(TcpClient client, long from) {
        return Flux.defer(() -> {
            AtomicLong next = new AtomicLong(from);
            return Flux.defer(() -> eventsOfOneConnection(client, next.get()))
                    // what the subscriber has got is not asked for again
                    .doOnNext(event -> next.set(event.number() + 1))
                    .retryWhen(Retry.backoff(10, Duration.ofMillis(100))
                            .maxBackoff(Duration.ofSeconds(10))
                            // ten failures one after the other are too many, not ten in a lifetime
                            .transientErrors(true));
        });
    }

    private static Flux<Event> eventsOfOneConnection(TcpClient client, long from) {
        return Flux.usingWhen(
                client.connect(),
                connection -> {
                    FramedConnection framed = FramedConnection.of(connection, EventServer.CODEC)
                            // a peer that is gone without a word is a broken connection, too
                            .idleTimeout(Duration.ofSeconds(30));
                    return framed.send(Mono.just(ByteBuffer.allocate(8).putLong(0, from)))
                            .thenMany(framed.receive())
                            .map(Event::read)
                            // events never end, so the end of the stream is a fault
                            .concatWith(Mono.error(() -> new IOException("the server closed the connection")));
                },
                ReconnectingClient::close);
    }

    private static Mono<Void> close(Connection connection) {
        connection.dispose();
        return connection.onDispose();
    }

    record Event(long number, String text) {

        static Event read(ByteBuffer frame) {
            return new Event(
                    frame.getLong(), StandardCharsets.UTF_8.decode(frame).toString());
        }
    }
}
