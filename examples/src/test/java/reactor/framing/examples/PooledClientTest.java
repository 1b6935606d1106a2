package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.pool.InstrumentedPool;

@Timeout(60)
class PooledClientTest {

    @Test
    void connectionsThatBreak_areReplacedAndTheirQuestionsAskedAgain() {
        AtomicInteger connections = new AtomicInteger();
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(FramedConnection.handler(LookupServer.CODEC, connection -> {
                    connections.incrementAndGet();
                    // one whole batch, and some of the next
                    return connection.send(connection.receive().take(15));
                }))
                .bindNow();
        InstrumentedPool<FramedConnection> pool =
                PooledClient.pool(TcpClient.create().host("127.0.0.1").port(server.port()), 2);
        try {
            Flux<String> keys = Flux.range(0, 200).map(i -> "key " + i);

            assertThat(PooledClient.ask(pool, keys, 10, 2).collectList().block(Duration.ofSeconds(50)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 200).mapToObj(i -> "key " + i).toList());
            assertThat(connections).hasValueGreaterThanOrEqualTo(14);
        } finally {
            pool.disposeLater().block(Duration.ofSeconds(50));
            server.disposeNow();
        }
    }
}
