package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameCodec;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;
import reactor.test.StepVerifier;

/** Changes of the framing and of the transport in mid-stream, signs of life, and how conversations begin and end. */
@Timeout(600)
class ConversationsTest extends ConnectionTester {

    private static final FrameCodec LINES = FrameCodec.of(Delimiter.lines());

    /** The other end of the connection that is {@linkplain #served served}. */
    private Peer peer;

    /** Serves one connection, which the test holds. */
    private FramedConnection served(Transport transport, FrameCodec codec) throws IOException {
        Sinks.One<FramedConnection> served = Sinks.one();
        DisposableServer server = serve(transport, codec, LONG_PATIENCE, s -> s, connection -> {
            served.tryEmitValue(connection);
            return Mono.never();
        });
        peer = connect(transport, server);
        FramedConnection connection = served.asMono().block(SOON);
        assertThat(connection).isNotNull();
        return connection;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- another framing in mid-stream

    @Test
    void switchTo_keepsWhatHasArrived() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);

        peer.write(concat(bytes("UPGRADE\n"), wire("one", "two"), bytes("plain\n")));
        List<String> frames = new ArrayList<>();
        connection
                .receive()
                .map(ConnectionTester::text)
                .doOnNext(frame -> {
                    frames.add(frame);
                    if (frame.equals("UPGRADE")) {
                        connection.switchTo(LENGTH4);
                    } else if (frame.equals("two")) {
                        connection.switchReadingTo(LINES);
                    }
                })
                .take(4)
                .blockLast(SOON);
        connection.send(Mono.just(frame("answer"))).block(SOON);

        assertThat(frames).containsExactly("UPGRADE", "one", "two", "plain");
        assertThat(peer.readNBytes(10)).isEqualTo(wire("answer"));
    }

    @Test
    void switchTo_concernsOneDirection_whenItSaysSo() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);

        connection.send(Mono.just(frame("hello"))).block(SOON);
        connection.switchWritingTo(LENGTH4).send(Mono.just(frame("hello"))).block(SOON);
        peer.write(bytes("still a line\n"));

        assertThat(peer.readNBytes(15)).isEqualTo(concat(bytes("hello\n"), wire("hello")));
        assertThat(text(connection.next().block(SOON))).isEqualTo("still a line");
    }

    @Test
    void switchTo_appliesToFramesThatWaitForTheirTurn() throws Exception {
        FramedConnection connection = served(Transport.NIO, LENGTH4);
        FrameCodec length2 = FrameCodec.of(LengthField.ofSize(2));
        byte[] big = new byte[32 * 1024];

        // more than the socket and the window take, so that the rest is written after the change
        CountDownLatch sent = new CountDownLatch(1);
        connection
                .send(Flux.range(0, 1000).map(i -> ByteBuffer.wrap(big)))
                .subscribe(null, failure -> {}, sent::countDown);
        Thread.sleep(100);
        connection.switchWritingTo(length2);

        boolean four = true;
        int switches = 0;
        for (int i = 0; i < 1000; i++) {
            ByteBuffer head = ByteBuffer.wrap(peer.readNBytes(2));
            if (four && head.getShort(0) != 0) {
                four = false;
                switches++;
            }
            int length = four ? ByteBuffer.wrap(peer.readNBytes(2)).getShort() & 0xFFFF : head.getShort(0) & 0xFFFF;
            assertThat(length).isEqualTo(big.length);
            peer.readNBytes(length);
        }
        assertThat(switches).isEqualTo(1);
        await(sent);
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    // ---- the end of what is sent

    @Test
    void shutdownOutput_afterThePeersFinAndReset_isAborted() throws Exception {
        FramedConnection connection = served(Transport.EPOLL, LINES);

        peer.end(Peer.End.FIN);
        assertThat(connection.receive().collectList().block(SOON)).isEmpty();
        peer.end(Peer.End.RST);
        Thread.sleep(100);

        StepVerifier.create(connection.shutdownOutput())
                .expectError(AbortedException.class)
                .verify(SOON);
    }

    // ---- TLS in mid-stream

    /** Made here: to read keys takes random bytes from the system, for which an event loop must not wait. */
    private static final SslProvider TLS_SERVER =
            SslProvider.builder().sslContext(Transport.Tls.server("TLSv1.3")).build();

    private static final SslProvider TLS_CLIENT =
            SslProvider.builder().sslContext(Transport.Tls.client("TLSv1.3")).build();

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void startTls_atBothEnds(Transport transport) {
        DisposableServer server = serve(
                transport,
                LINES,
                LONG_PATIENCE,
                s -> s,
                connection -> connection
                        .send(Mono.just(frame("220 ready")))
                        .then(connection.next())
                        .then(connection.send(Mono.just(frame("220 go ahead"))))
                        .then(connection.startTls(TLS_SERVER))
                        .then(Mono.defer(() ->
                                connection.send(connection.receive().map(f -> frame("secret " + text(f)))))));

        List<String> seen = new ArrayList<>();
        Mono<String> answers = FramedConnection.connect(
                transport.client(loops, server.address()),
                LINES,
                connection -> connection
                        .next()
                        .then(connection.request(frame("STARTTLS")))
                        .doOnNext(f -> seen.add(text(f)))
                        .then(connection.startTls(TLS_CLIENT))
                        .thenMany(Flux.range(0, 3).concatMap(i -> connection.request(frame("question " + i))))
                        .map(ConnectionTester::text)
                        .collectList()
                        .map(Object::toString));

        assertThat(answers.block(SOON)).isEqualTo("[secret question 0, secret question 1, secret question 2]");
        assertThat(seen).containsExactly("220 go ahead");
    }

    @Test
    void startTls_refusesWhatCameInPlainTextBefore() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        DisposableServer server = serve(
                Transport.NIO,
                LINES,
                LONG_PATIENCE,
                s -> s,
                connection -> connection
                        .next()
                        .then(connection.send(Mono.just(frame("220 go ahead"))))
                        .then(connection.startTls(TLS_SERVER))
                        .doOnError(failure::set)
                        .onErrorComplete()
                        .doFinally(signal -> ended.countDown()));
        Peer peer = connect(Transport.NIO, server);

        peer.write(bytes("STARTTLS\nRCPT TO:<victim@example.org>\n"));

        await(ended);
        assertThat(failure.get())
                .isInstanceOf(SSLException.class)
                .hasMessage("29 bytes came in plain text behind the last frame before TLS");
        peer.readAll().received(SOON);
    }

    @Test
    void startTls_failsWithTheHandshake() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        CompletableFuture<Void> handshake = connection.startTls(TLS_SERVER).toFuture();

        peer.write(bytes("this is no ClientHello\n"));

        assertThat(handshake).failsWithin(SOON).withThrowableThat().withRootCauseInstanceOf(SSLException.class);
    }

    // ---- signs of life

    @Test
    void heartbeat_isSentWhenNothingElseIs() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        AtomicInteger beats = new AtomicInteger();
        connection.heartbeat(Duration.ofMillis(200), () -> frame("beat " + beats.incrementAndGet()));

        // 30 frames in about 600 ms: nothing is silent for 200
        connection
                .send(Flux.interval(Duration.ofMillis(20)).take(30).map(i -> frame("data")))
                .block(SOON);
        int whileBusy = beats.get();
        byte[] busy = peer.readNBytes(30 * 5);

        assertThat(new String(busy, StandardCharsets.UTF_8)).startsWith("data\n");
        String next = new String(peer.readNBytes(14), StandardCharsets.UTF_8);
        assertThat(next).contains("beat " + (whileBusy + 1)).contains("beat " + (whileBusy + 2));
    }

    @Test
    void heartbeat_stopsWithTheOutput() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        AtomicInteger beats = new AtomicInteger();
        connection.heartbeat(Duration.ofMillis(5), () -> frame("beat " + beats.incrementAndGet()));
        peer.readNBytes(14);

        connection.shutdownOutput().block(SOON);
        peer.readAll().received(SOON);
        int sent = beats.get();
        Thread.sleep(50);

        assertThat(beats.get()).isEqualTo(sent);
    }

    @Test
    void idleTimeout_endsAConnectionOnWhichNothingComes() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        connection.idleTimeout(Duration.ofMillis(100));
        peer.write(bytes("one\n"));

        StepVerifier.create(connection.receive().map(ConnectionTester::text))
                .expectNext("one")
                .expectErrorSatisfies(e ->
                        assertThat(e).isInstanceOf(SocketTimeoutException.class).hasMessage("Nothing came for PT0.1S"))
                .verify(SOON);
        connection.connection().onDispose().block(SOON);
    }

    @Test
    void idleTimeout_failsOpenQuestions() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        connection.idleTimeout(Duration.ofMillis(100));

        StepVerifier.create(connection.request(frame("anybody there?")))
                .expectError(SocketTimeoutException.class)
                .verify(SOON);
    }

    @Test
    void idleTimeout_doesNotCountTheTimeOfASlowSubscriber() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        connection.idleTimeout(Duration.ofMillis(50));
        List<String> frames = new ArrayList<>();
        BaseSubscriber<String> slow = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(String frame) {
                frames.add(frame);
            }

            @Override
            protected void hookOnError(Throwable t) {
                // the connection is closed when the test has ended
            }
        };
        connection.receive().map(ConnectionTester::text).subscribe(slow);
        peer.write(bytes("one\n"));
        await("the first frame", () -> frames.size() == 1);

        Thread.sleep(200);
        peer.write(bytes("two\n"));
        slow.request(1);

        await("the second frame", () -> frames.size() == 2);
        assertThat(slow.isDisposed()).isFalse();
    }

    @Test
    void idleTimeout_isNotReachedWhileBytesCome() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        connection.idleTimeout(Duration.ofMillis(500));
        CompletableFuture<String> frame =
                connection.next().map(ConnectionTester::text).toFuture();

        for (int i = 0; i < 10; i++) {
            peer.write(bytes("x"));
            Thread.sleep(100);
        }
        peer.write(bytes("\n"));

        assertThat(frame.get(10, TimeUnit.SECONDS)).isEqualTo("x".repeat(10));
    }

    // ---- beginnings and ends

    @Test
    void stopReceiving_finishesWhatHasArrived() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        peer.write(bytes("one\ntwo\nthree\nfo"));
        List<String> frames = new ArrayList<>();

        connection
                .receive()
                .map(ConnectionTester::text)
                .concatMap(frame -> {
                    if (frames.isEmpty()) {
                        connection.stopReceiving();
                    }
                    frames.add(frame);
                    return connection.send(Mono.just(frame("answer to " + frame)));
                })
                .blockLast(SOON);

        assertThat(frames).containsExactly("one", "two", "three");
        assertThat(peer.readNBytes(14 + 14 + 16)).isEqualTo(bytes("answer to one\nanswer to two\nanswer to three\n"));
        StepVerifier.create(connection.receive()).expectComplete().verify(SOON);
    }

    @Test
    void stopReceiving_endsAReaderThatWaits() throws Exception {
        FramedConnection connection = served(Transport.NIO, LINES);
        CompletableFuture<List<ByteBuffer>> all =
                connection.receive().collectList().toFuture();

        connection.stopReceiving();

        assertThat(all.get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void connect_givesTheResult() {
        DisposableServer server =
                serve(Transport.NIO, LONG_PATIENCE, connection -> connection.send(connection.receive()));

        Mono<String> result = FramedConnection.connect(
                Transport.NIO.client(loops, server.address()),
                LENGTH4,
                connection -> connection.request(frame("hello")).map(ConnectionTester::text));

        assertThat(result.block(SOON)).isEqualTo("hello");
        assertThat(result.block(SOON)).as("again, on a new connection").isEqualTo("hello");
        assertThat(warnings()).isEmpty();
    }

    @Test
    void connect_isEmpty_whenTheConversationIs() {
        DisposableServer server = serve(Transport.NIO, LONG_PATIENCE, connection -> Mono.empty());

        StepVerifier.create(FramedConnection.connect(
                        Transport.NIO.client(loops, server.address()), LENGTH4, connection -> connection.next()))
                .expectComplete()
                .verify(SOON);
    }

    @Test
    void connect_givesTheErrorOfTheConversation() {
        DisposableServer server = serve(
                Transport.NIO, LONG_PATIENCE, connection -> connection.receive().then());
        IllegalStateException failure = new IllegalStateException("no");

        StepVerifier.create(FramedConnection.connect(
                        Transport.NIO.client(loops, server.address()), LENGTH4, connection -> Mono.error(failure)))
                .expectErrorSatisfies(e -> assertThat(e).isSameAs(failure))
                .verify(SOON);
        StepVerifier.create(
                        FramedConnection.connect(Transport.NIO.client(loops, server.address()), LENGTH4, connection -> {
                            throw failure;
                        }))
                .expectErrorSatisfies(e -> assertThat(e).isSameAs(failure))
                .verify(SOON);
        assertThat(warnings()).as("whoever waits for the result is told").isEmpty();
    }

    @Test
    void connect_givesTheErrorOfConnecting() {
        DisposableServer server = serve(Transport.NIO, LONG_PATIENCE, connection -> Mono.empty());
        TcpClient client = Transport.NIO.client(loops, server.address());
        server.disposeNow();

        StepVerifier.create(FramedConnection.connect(client, LENGTH4, connection -> connection.next()))
                .expectError(IOException.class)
                .verify(SOON);
    }

    @Test
    void connect_closesTheConnection_whenItIsCancelled() throws Exception {
        CountDownLatch conversing = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        DisposableServer server = serve(
                Transport.NIO,
                LONG_PATIENCE,
                connection -> connection.receive().then().doFinally(signal -> closed.countDown()));
        Disposable result = FramedConnection.connect(
                        Transport.NIO.client(loops, server.address()), LENGTH4, connection -> {
                            conversing.countDown();
                            return Mono.never().doOnCancel(cancelled::countDown);
                        })
                .subscribe(nothing -> {}, failure -> {});
        await(conversing);

        result.dispose();

        await(cancelled);
        await(closed);
    }

    @Test
    void connect_fails_whenTheConnectionIsClosedHere() {
        DisposableServer server = serve(
                Transport.NIO, LONG_PATIENCE, connection -> connection.receive().then());

        StepVerifier.create(
                        FramedConnection.connect(Transport.NIO.client(loops, server.address()), LENGTH4, connection -> {
                            connection.connection().dispose();
                            return Mono.never();
                        }))
                .expectError(AbortedException.class)
                .verify(SOON);
    }

    @Test
    void connect_passesTheContextOn() {
        DisposableServer server = serve(
                Transport.NIO, LONG_PATIENCE, connection -> connection.receive().then());

        StepVerifier.create(FramedConnection.connect(
                                Transport.NIO.client(loops, server.address()),
                                LENGTH4,
                                connection -> Mono.deferContextual(context -> Mono.just(context.get("key"))))
                        .contextWrite(context -> context.put("key", "value")))
                .expectNext("value")
                .expectComplete()
                .verify(SOON);
    }
}
