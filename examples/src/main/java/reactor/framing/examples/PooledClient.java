package reactor.framing.examples;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.netty.FramedConnection;
import reactor.netty.channel.AbortedException;
import reactor.netty.tcp.TcpClient;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolBuilder;
import reactor.pool.PooledRef;
import reactor.util.retry.Retry;

/** Asks {@link LookupServer} by a pool of connections, many questions at a time by each of them. */
public final class PooledClient {

    private static final String USAGE = """
            usage: PooledClient [--host 127.0.0.1] [--port 7000] [--connections 4] [--questions 1000] [--batch 50]
            Asks LookupServer --answers in-order by a pool of connections, many questions at a time by each.
              --host         the loopback address of the server
              --port         its port
              --connections  how many connections to open at most
              --questions    how many questions to ask
              --batch        how many of them a connection is borrowed for""";

    private PooledClient() {}

    /**
     * Runs the client.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        int connections = options.number("--connections", 4, 1, 100);
        int questions = options.number("--questions", 1000, 1, Integer.MAX_VALUE);
        int batch = options.number("--batch", 50, 1, 256);
        TcpClient client = TcpClient.newConnection().host(options.host()).port(options.port());

        InstrumentedPool<FramedConnection> pool = pool(client, connections);
        Flux<String> keys = Flux.range(0, questions).map(i -> "key " + i);
        AtomicInteger expected = new AtomicInteger();
        long answers = ask(pool, keys, batch, connections)
                .doOnNext(answer -> {
                    if (!answer.equals("KEY " + expected.getAndIncrement())) {
                        throw new IllegalStateException("not the answer to this question: " + answer);
                    }
                })
                .count()
                .block();
        System.out.printf(
                "%d questions asked, each answered, by %d connections%n",
                answers, pool.metrics().allocatedSize());
        pool.disposeLater().block();
    }

    /** A connection that has ended is not handed out again. */
    static InstrumentedPool<FramedConnection> pool(TcpClient client, int size) {
        return PoolBuilder.from(client.connect().map(connection -> FramedConnection.of(connection, LookupServer.CODEC)))
                .sizeBetween(0, size)
                .evictionPredicate((connection, use) -> connection.connection().isDisposed())
                .destroyHandler(connection -> {
                    connection.connection().dispose();
                    return connection.connection().onDispose();
                })
                .buildPool();
    }

    /**
     * Borrows a connection for each batch, and asks all of its questions at once. A connection can be given back after a
     * timeout: the late answer is dropped when it comes. When the connection breaks, the batch is asked again by another, so
     * these have to be questions that may be asked twice.
     */
    static Flux<String> ask(InstrumentedPool<FramedConnection> pool, Flux<String> keys, int batch, int connections) {
        return keys.buffer(batch)
                .flatMapSequential(
                        some -> Flux.usingWhen(
                                        pool.acquire(),
                                        borrowed -> Flux.fromIterable(some)
                                                .flatMapSequential(key -> ask(borrowed.poolable(), key), batch)
                                                .collectList(),
                                        PooledRef::release,
                                        (borrowed, failure) ->
                                                isBroken(failure) ? borrowed.invalidate() : borrowed.release(),
                                        PooledRef::release)
                                // that a connection has broken in the pool shows when it is used
                                .retryWhen(Retry.max(connections).filter(PooledClient::isBroken)),
                        connections)
                .flatMapIterable(answers -> answers);
    }

    private static boolean isBroken(Throwable failure) {
        return failure instanceof AbortedException || failure instanceof IOException;
    }

    private static Mono<String> ask(FramedConnection connection, String key) {
        return connection
                .request(LookupServer.message(0, key))
                .timeout(Duration.ofSeconds(10))
                .map(LookupServer::text);
    }
}
