package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.guide.Local.SOON;
import static reactor.framing.guide.Local.client;
import static reactor.framing.guide.Local.readAll;
import static reactor.framing.guide.Local.serve;
import static reactor.framing.guide.Local.socket;
import static reactor.framing.guide.Local.text;
import static reactor.framing.guide.Local.utf8;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;

/** The samples of docs/reactor-netty.md. */
class ReactorNettyGuideTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4));

    private static Mono<ByteBuffer> answer(ByteBuffer question) {
        return Mono.just(question);
    }

    // tag::server[]
    static DisposableServer start() {
        return TcpServer.create()
                .host("127.0.0.1")
                .port(0) // any that is free
                .handle(FramedConnection.handler(
                        CODEC,
                        connection -> connection.send(connection.receive().concatMap(question -> answer(question)))))
                .bindNow();
    }
    // end::server[]

    // tag::client[]
    static Mono<List<String>> ask(TcpClient client, List<String> questions) {
        return FramedConnection.connect(
                client,
                CODEC,
                connection -> Flux.fromIterable(questions)
                        .flatMapSequential(question -> connection.request(utf8(question)))
                        .map(answer -> text(answer))
                        .collectList());
    }
    // end::client[]

    // tag::halfClose[]
    static Mono<List<String>> sendAllThenReadAll(FramedConnection connection, Flux<ByteBuffer> questions) {
        Mono<Void> asking = connection.send(questions).then(connection.shutdownOutput());
        Mono<List<String>> answers =
                connection.receive().map(answer -> text(answer)).collectList();
        return Mono.zip(answers, asking.thenReturn(true), (all, done) -> all);
    }
    // end::halfClose[]

    @Test
    void serverAnswersClient() {
        DisposableServer server = start();
        StepVerifier.create(ask(client(server), List.of("one", "two")))
                .expectNext(List.of("one", "two"))
                .expectComplete()
                .verify(SOON);
        StepVerifier.create(FramedConnection.connect(
                        client(server),
                        CODEC,
                        connection -> sendAllThenReadAll(connection, Flux.just(utf8("one"), utf8("two")))))
                .expectNext(List.of("one", "two"))
                .expectComplete()
                .verify(SOON);
        server.disposeNow();
    }

    // tag::tls[]
    static DisposableServer startWithTls(SslProvider tls) {
        return TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .secure(tls)
                .handle(FramedConnection.handler(CODEC, connection -> connection.send(connection.receive())))
                .bindNow();
    }

    static Mono<List<String>> askByTls(TcpClient client, SslProvider tls, List<String> questions) {
        return ask(client.secure(tls), questions);
    }
    // end::tls[]

    @Test
    void serverAnswersByTls() {
        DisposableServer server = startWithTls(Local.serverTls());
        StepVerifier.create(askByTls(client(server), Local.clientTls(), List.of("one", "two")))
                .expectNext(List.of("one", "two"))
                .expectComplete()
                .verify(SOON);
        server.disposeNow();
    }

    // tag::of[]
    static Mono<ByteBuffer> askOn(Connection connection, ByteBuffer question) {
        FramedConnection framed = FramedConnection.of(connection, CODEC);
        return framed.request(question).doFinally(signal -> connection.dispose());
    }
    // end::of[]

    @Test
    void connectionOfOnesOwn_carriesFrames() {
        DisposableServer server = start();
        StepVerifier.create(client(server).connect().flatMap(connection -> askOn(connection, utf8("hi"))))
                .expectNext(utf8("hi"))
                .expectComplete()
                .verify(SOON);
        server.disposeNow();
    }

    // tag::endNaive[]
    static Publisher<Void> neverSeesTheEnd(NettyInbound inbound, NettyOutbound outbound) {
        return CODEC.decode(inbound.receive().asByteBuffer())
                .doOnError(TruncatedFrameException.class, e -> System.err.println("the peer broke off"))
                .then();
    }
    // end::endNaive[]

    // tag::end[]
    static Publisher<Void> seesTheEnd(FramedConnection connection) {
        return connection
                .receive()
                .doOnError(TruncatedFrameException.class, e -> System.err.println("the peer broke off"))
                .then();
    }
    // end::end[]

    @Test
    void peerThatBreaksOff_isSeenByFramedConnection_andIsACancelForAPublisherThatHandleReturned() throws Exception {
        Sinks.One<Throwable> seen = Sinks.one();
        DisposableServer server = serve(
                CODEC,
                connection -> Flux.from(seesTheEnd(connection))
                        .doOnError(seen::tryEmitValue)
                        .then());
        breakOff(server);
        assertThat(seen.asMono().block(SOON)).isInstanceOf(TruncatedFrameException.class);
        server.disposeNow();

        Sinks.One<SignalType> ended = Sinks.one();
        server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((inbound, outbound) ->
                        Flux.from(neverSeesTheEnd(inbound, outbound)).doFinally(ended::tryEmitValue))
                .bindNow();
        breakOff(server);
        assertThat(ended.asMono().block(SOON)).isEqualTo(SignalType.CANCEL);
        server.disposeNow();
    }

    private static void breakOff(DisposableServer server) throws Exception {
        try (Socket socket = socket(server)) {
            socket.getOutputStream().write("\0\0\0\5he".getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            readAll(socket);
        }
    }

    // tag::prefetch[]
    static Mono<Void> headerThenBody(FramedConnection connection) {
        return connection
                .receive()
                .takeUntil(line -> text(line).isEmpty()) // directly behind receive()
                .publishOn(Schedulers.parallel())
                .then(connection.send(connection.receive()));
    }
    // end::prefetch[]

    // tag::prefetchNaive[]
    static Mono<Void> headerAndPartOfTheBody(FramedConnection connection) {
        return connection
                .receive()
                .publishOn(Schedulers.parallel()) // requests 256 frames, and drops what it holds
                .takeUntil(line -> text(line).isEmpty())
                .then(connection.send(connection.receive()));
    }
    // end::prefetchNaive[]

    @Test
    void whatRequestsInAdvance_losesFrames_unlessTakeUntilIsInFrontOfIt() throws Exception {
        byte[] wire = "\0\0\0\1h\0\0\0\0\0\0\0\4body".getBytes(StandardCharsets.UTF_8);
        DisposableServer server = serve(CODEC, ReactorNettyGuideTest::headerThenBody);
        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(wire);
            socket.shutdownOutput();
            assertThat(readAll(socket)).isEqualTo("\0\0\0\4body");
        }
        server.disposeNow();

        // Which frames are held when takeUntil ends is a matter of threads: often the body, not always.
        server = serve(CODEC, ReactorNettyGuideTest::headerAndPartOfTheBody);
        int rounds = 0;
        boolean lost = false;
        while (!lost && rounds++ < 100) {
            try (Socket socket = socket(server)) {
                socket.getOutputStream().write(wire);
                socket.shutdownOutput();
                lost = readAll(socket).isEmpty();
            }
        }
        server.disposeNow();
        assertThat(lost).as("lost in one of %d rounds", rounds).isTrue();
    }

    // tag::errors[]
    static Mono<Void> conversation(FramedConnection connection) {
        return connection
                .send(connection.receive().concatMap(question -> answer(question)))
                .onErrorResume(TruncatedFrameException.class, e -> Mono.empty()); // ours to know: not logged
    }
    // end::errors[]

    @Test
    void conversationThatHandlesAnError_ends() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        DisposableServer server =
                serve(CODEC, connection -> conversation(connection).doOnError(failure::set));
        breakOff(server);
        server.disposeNow();
        assertThat(failure).hasNullValue();
    }
}
