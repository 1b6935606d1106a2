package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.netty.channel.AbortedException;
import reactor.netty.tcp.SslProvider;
import reactor.test.subscriber.TestSubscriber;

/** The change to TLS on a socket that the test holds in its hand. */
@ExtendWith(NoBlocking.class)
class EmbeddedTlsTest {

    private final EmbeddedSocket socket = new EmbeddedSocket();
    private final FramedConnection connection = socket.framed(FrameCodec.of(LengthField.ofSize(4)), Patience.USUAL);

    /** The handlers that providers were asked to configure. */
    private final List<SslHandler> configured = new ArrayList<>();

    @AfterEach
    void everyBufferIsReleased() {
        socket.connection().dispose();
        socket.turn();
        assertThat(socket.bytesInUse()).isZero();
    }

    private TestSubscriber<Void> startTls(SslContext context) {
        SslProvider provider = SslProvider.builder()
                .sslContext(context)
                .handlerConfigurator(configured::add)
                .build();
        TestSubscriber<Void> done = TestSubscriber.create();
        connection.startTls(provider).subscribe(done);
        return done;
    }

    private static SslContext client() {
        return Transport.Tls.client("TLSv1.3");
    }

    private static SslContext server() {
        return Transport.Tls.server("TLSv1.3");
    }

    @Test
    void client_knowsWhomItIsConnectedTo() {
        TestSubscriber<Void> done = startTls(client());
        socket.turn();

        assertThat(configured).containsExactly(socket.pipeline().get(SslHandler.class));
        assertThat(configured.get(0).engine().getPeerHost()).isEqualTo("peer.example");
        assertThat(configured.get(0).engine().getPeerPort()).isEqualTo(4711);
        assertThat(new String(socket.taken(), StandardCharsets.ISO_8859_1)).contains("peer.example");
        assertThat(socket.reads()).isPositive();
        assertThat(done.isTerminated()).isFalse();
    }

    @Test
    void server_doesNot() {
        startTls(server());

        assertThat(configured).containsExactly(socket.pipeline().get(SslHandler.class));
        assertThat(configured.get(0).engine().getPeerHost()).isNull();
        assertThat(configured.get(0).engine().getUseClientMode()).isFalse();
    }

    @Test
    void whatIsBeingSent_isSentBefore() {
        socket.takes(0);
        connection.send(Mono.just(ConnectionTester.frame("plain"))).subscribe();
        startTls(client());
        assertThat(configured).isEmpty();

        socket.takes(9);

        assertThat(configured).hasSize(1);
        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("plain"));
        socket.takes(Long.MAX_VALUE);
    }

    @Test
    void bytesBehindTheLastFrame_areRefused() {
        TestSubscriber<ByteBuffer> next = TestSubscriber.create();
        connection.next().subscribe(next);
        socket.arrive(ConnectionTester.wire("last", "x"));
        TestSubscriber<Void> done = startTls(server());
        socket.turn();

        assertThat(next.getReceivedOnNext()).hasSize(1);
        assertThat(done.expectTerminalError())
                .isInstanceOf(SSLException.class)
                .hasMessage("5 bytes came in plain text behind the last frame before TLS");
        assertThat(configured).isEmpty();
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void startedByWhoGetsTheLastFrame_beginsWhenThatHasReturned() {
        connection.next().doOnNext(frame -> startTls(server())).subscribe();
        socket.arrive(ConnectionTester.wire("last"));
        assertThat(configured).isEmpty();

        socket.pass(Duration.ofMillis(1));

        assertThat(configured).hasSize(1);
    }

    @Test
    void whatWasReadAhead_goesThroughTls() {
        socket.pass(Duration.ofSeconds(1));
        socket.arrive(ConnectionTester.wire("plain text"));
        TestSubscriber<Void> done = startTls(server());
        socket.turn();

        assertThat(done.expectTerminalError()).isInstanceOf(NotSslRecordException.class);
        TestSubscriber<ByteBuffer> reader = TestSubscriber.create();
        connection.receive().subscribe(reader);
        assertThat(reader.getReceivedOnNext()).isEmpty();
        assertThat(reader.expectTerminalError()).hasRootCauseInstanceOf(NotSslRecordException.class);
    }

    @Test
    void handshakeFails() {
        TestSubscriber<Void> done = startTls(server());
        socket.arrive("no TLS".getBytes(StandardCharsets.US_ASCII));

        assertThat(done.expectTerminalError()).isInstanceOf(NotSslRecordException.class);
    }

    @Test
    void connectionThatIsClosed() {
        socket.connection().dispose();
        socket.turn();

        assertThat(startTls(server()).expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(configured).isEmpty();
    }
}
