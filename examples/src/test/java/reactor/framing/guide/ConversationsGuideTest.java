package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.guide.Local.A_WHILE;
import static reactor.framing.guide.Local.SOON;
import static reactor.framing.guide.Local.client;
import static reactor.framing.guide.Local.readAll;
import static reactor.framing.guide.Local.serve;
import static reactor.framing.guide.Local.socket;
import static reactor.framing.guide.Local.text;
import static reactor.framing.guide.Local.utf8;

import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.Sinks.EmitFailureHandler;
import reactor.framing.FrameCodec;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.LengthField;
import reactor.framing.format.Protocols;
import reactor.framing.netty.FramedConnection;
import reactor.framing.netty.Requests;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.channel.AbortedException;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** The samples of docs/conversations.md, each beside the obvious one that goes wrong. */
class ConversationsGuideTest {

    // tag::codec[]
    static final FrameCodec CODEC =
            FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20).frameTimeout(Duration.ofSeconds(10));
    // end::codec[]

    private static final FrameCodec LINES = FrameCodec.of(Delimiter.lines());

    private DisposableServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.disposeNow();
        }
    }

    // ---- connect

    // tag::connect[]
    static Mono<String> ask(TcpClient client, String question) {
        return FramedConnection.connect(
                client, CODEC, connection -> connection.request(utf8(question)).map(answer -> text(answer)));
    }
    // end::connect[]

    // tag::connectNaive[]
    static Mono<String> askAndHope(TcpClient client, String question) {
        Sinks.One<String> result = Sinks.one();
        return client.handle(FramedConnection.handler(
                        CODEC,
                        connection -> connection
                                .request(utf8(question))
                                .doOnNext(answer -> result.tryEmitValue(text(answer)))
                                .then()))
                .connect()
                .then(result.asMono());
    }
    // end::connectNaive[]

    @Test
    void connect_givesTheResult() {
        server = serve(CODEC, connection -> connection.send(connection.receive()));

        StepVerifier.create(ask(client(server), "hello"))
                .expectNext("hello")
                .expectComplete()
                .verify(SOON);
    }

    @Test
    void peerThatClosesWithoutAnAnswer_isAnErrorByConnect_andForTheOtherNothingEver() {
        server = serve(CODEC, connection -> connection.next().then());

        StepVerifier.create(ask(client(server), "hello"))
                .expectError(AbortedException.class)
                .verify(SOON);
        StepVerifier.create(askAndHope(client(server), "hello").timeout(A_WHILE))
                .expectError(TimeoutException.class)
                .verify(SOON);
    }

    // ---- next

    // tag::next[]
    static Mono<Void> greetAndEcho(FramedConnection connection) {
        return connection
                .send(Mono.just(utf8("who are you?")))
                .then(connection.next())
                .flatMap(name -> connection.send(Mono.just(utf8("welcome, " + text(name)))))
                .then(connection.send(connection.receive()));
    }
    // end::next[]

    // tag::nextNaive[]
    static Publisher<Void> greetAndFail(NettyInbound inbound, NettyOutbound outbound) {
        Flux<ByteBuffer> frames = CODEC.decode(inbound.receive().asByteBuffer());
        return frames.next()
                .flatMapMany(name -> frames) // IllegalStateException: receive() has one subscriber in its life
                .then();
    }
    // end::nextNaive[]

    @Test
    void next_readsOneFrameAndLeavesTheOthers() {
        server = serve(CODEC, ConversationsGuideTest::greetAndEcho);

        StepVerifier.create(FramedConnection.connect(
                        client(server),
                        CODEC,
                        connection -> connection
                                .send(Flux.just("Ada", "one", "two").map(Local::utf8))
                                .thenMany(connection.receive().map(Local::text).take(4))
                                .collectList()))
                .expectNext(List.of("who are you?", "welcome, Ada", "one", "two"))
                .expectComplete()
                .verify(SOON);
    }

    @Test
    void secondSubscriberOfReactorNettysReceive_isRefused() {
        Sinks.Empty<Void> served = Sinks.empty();
        server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((inbound, outbound) -> Mono.from(greetAndFail(inbound, outbound))
                        .doOnError(served::tryEmitError)
                        .onErrorComplete())
                .bindNow();

        FramedConnection.connect(
                        client(server),
                        CODEC,
                        connection -> connection.send(Flux.just("Ada", "one").map(Local::utf8)))
                .block(SOON);

        StepVerifier.create(served.asMono())
                .expectError(IllegalStateException.class)
                .verify(SOON);
    }

    // ---- both directions at once

    // tag::chat[]
    static Mono<Void> chat(FramedConnection connection, Sinks.Many<String> room) {
        Mono<Void> hearing = connection
                .receive()
                .doOnNext(line -> room.emitNext(text(line), EmitFailureHandler.busyLooping(Duration.ofSeconds(1))))
                .then();
        Mono<Void> telling = connection.send(room.asFlux().map(line -> utf8(line)));
        return Mono.firstWithSignal(hearing, telling);
    }
    // end::chat[]

    // tag::chatNaive[]
    static Mono<Void> chatForEver(FramedConnection connection, Sinks.Many<String> room) {
        Mono<Void> hearing = connection
                .receive()
                .doOnNext(line -> room.emitNext(text(line), EmitFailureHandler.busyLooping(Duration.ofSeconds(1))))
                .then();
        return Mono.when(hearing, connection.send(room.asFlux().map(line -> utf8(line))));
    }
    // end::chatNaive[]

    @Test
    void guestWhoLeaves_endsTheConversation_butNotTheOneThatWaitsForTheRoomAsWell() throws IOException {
        Sinks.Many<String> room = Sinks.many().multicast().directBestEffort();
        server = serve(LINES, connection -> chat(connection, room));
        try (Socket ada = socket(server);
                Socket bob = socket(server)) {
            await(room, 2);
            ada.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
            assertThat(new String(bob.getInputStream().readNBytes(6), StandardCharsets.UTF_8))
                    .isEqualTo("hello\n");
            ada.shutdownOutput();
            assertThat(readAll(ada)).isEqualTo("hello\n");
        }
        server.disposeNow();

        Sinks.Many<String> other = Sinks.many().multicast().directBestEffort();
        server = serve(LINES, connection -> chatForEver(connection, other));
        try (Socket ada = socket(server)) {
            await(other, 1);
            ada.shutdownOutput();
            ada.setSoTimeout((int) A_WHILE.toMillis());
            assertThatThrownBy(() -> readAll(ada)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    private static void await(Sinks.Many<String> room, int guests) {
        Flux.interval(Duration.ofMillis(10))
                .filter(i -> room.currentSubscriberCount() == guests)
                .blockFirst(SOON);
    }

    // ---- request

    /** Answers the question "slow" only when the next question has come. */
    private static Mono<Void> answerLate(FramedConnection connection) {
        return connection.send(connection
                .receive()
                .map(Local::text)
                .buffer(2)
                .flatMapIterable(questions -> questions)
                .map(question -> utf8("answer to " + question)));
    }

    // tag::request[]
    static Mono<ByteBuffer> ask(FramedConnection connection, String question) {
        return connection.request(utf8(question)).timeout(Duration.ofMillis(200));
    }
    // end::request[]

    // tag::requestNaive[]
    static Mono<ByteBuffer> sendAndTakeTheNext(FramedConnection connection, String question) {
        return connection
                .send(Mono.just(utf8(question)))
                .then(connection.next())
                .timeout(Duration.ofMillis(200));
    }
    // end::requestNaive[]

    @Test
    void questionThatTimedOut_doesNotShiftTheAnswers() {
        server = serve(CODEC, ConversationsGuideTest::answerLate);

        StepVerifier.create(FramedConnection.connect(
                        client(server),
                        CODEC,
                        connection -> ask(connection, "slow")
                                .onErrorComplete(TimeoutException.class)
                                .then(connection.request(utf8("fast")))
                                .map(Local::text)))
                .expectNext("answer to fast")
                .expectComplete()
                .verify(SOON);
    }

    @Test
    void sendAndTakeTheNext_getsTheAnswerToAnotherQuestion() {
        server = serve(CODEC, ConversationsGuideTest::answerLate);

        StepVerifier.create(FramedConnection.connect(
                        client(server),
                        CODEC,
                        connection -> sendAndTakeTheNext(connection, "slow")
                                .onErrorComplete(TimeoutException.class)
                                .then(connection.send(Mono.just(utf8("fast"))).then(connection.next()))
                                .map(Local::text)))
                .expectNext("answer to slow")
                .expectComplete()
                .verify(SOON);
    }

    // tag::pipelining[]
    static Flux<String> askAll(FramedConnection connection, Flux<String> questions) {
        return questions
                .flatMapSequential(question -> connection.request(utf8(question)), 64)
                .map(answer -> text(answer));
    }
    // end::pipelining[]

    @Test
    void pipelinedQuestions_areAnsweredInOrder() {
        server = serve(CODEC, connection -> connection.send(connection.receive()));

        StepVerifier.create(FramedConnection.connect(
                        client(server),
                        CODEC,
                        connection -> askAll(connection, Flux.range(0, 1000).map(String::valueOf))
                                .collectList()))
                .expectNext(
                        Flux.range(0, 1000).map(String::valueOf).collectList().block())
                .expectComplete()
                .verify(SOON);
    }

    // ---- requests by id

    /** Answers two questions at a time, the second one first. */
    private static Mono<Void> answerOutOfOrder(FramedConnection connection) {
        return connection.send(
                connection.receive().buffer(2).flatMapIterable(pair -> List.of(pair.get(1), pair.get(0))));
    }

    private static ByteBuffer question(int id, String text) {
        ByteBuffer bytes = utf8(text);
        return ByteBuffer.allocate(2 + bytes.remaining())
                .putShort((short) id)
                .put(bytes)
                .flip();
    }

    private static String textBehindId(ByteBuffer frame) {
        return text(frame.duplicate().position(2));
    }

    // tag::requests[]
    static Mono<List<String>> askByID(FramedConnection connection) {
        Requests requests = connection.requests(frame -> frame.getShort(0));
        return Flux.just(question(1, "one"), question(2, "two"))
                .flatMapSequential(requests::request)
                .map(answer -> textBehindId(answer))
                .collectList();
    }
    // end::requests[]

    // tag::requestsNaive[]
    static Mono<List<String>> askInOrder(FramedConnection connection) {
        return Flux.just(question(1, "one"), question(2, "two"))
                .flatMapSequential(connection::request)
                .map(answer -> textBehindId(answer))
                .collectList();
    }
    // end::requestsNaive[]

    @Test
    void answersInAnyOrder_findTheirQuestionsById_andNotInOrder() {
        server = serve(CODEC, ConversationsGuideTest::answerOutOfOrder);

        StepVerifier.create(FramedConnection.connect(client(server), CODEC, ConversationsGuideTest::askByID))
                .expectNext(List.of("one", "two"))
                .expectComplete()
                .verify(SOON);
        StepVerifier.create(FramedConnection.connect(client(server), CODEC, ConversationsGuideTest::askInOrder))
                .expectNext(List.of("two", "one"))
                .expectComplete()
                .verify(SOON);
    }

    // ---- an answer with a framing of its own

    // tag::answerCodec[]
    static final FrameCodec POSTGRES = FrameCodec.of(Protocols.postgres());
    static final FrameCodec ONE_BYTE = FrameCodec.of(FixedLength.of(1));

    static ByteBuffer sslRequest() {
        return ByteBuffer.allocate(8).putInt(8).putInt(80877103).flip();
    }

    static Mono<Boolean> hasTls(FramedConnection connection) {
        return connection.request(sslRequest(), ONE_BYTE).map(answer -> answer.get(0) == 'S');
    }
    // end::answerCodec[]

    // tag::answerCodecNaive[]
    static Mono<Boolean> waitsForEver(FramedConnection connection) {
        return connection.request(sslRequest()).map(answer -> answer.get(0) == 'S');
    }
    // end::answerCodecNaive[]

    @Test
    void singleByteOfPostgres_isAnAnswerOnlyWithItsOwnFraming() {
        server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((inbound, outbound) -> outbound.sendByteArray(Mono.just(new byte[] {'N'}))
                        .then()
                        .then(Mono.never()))
                .bindNow();

        StepVerifier.create(FramedConnection.connect(client(server), POSTGRES, ConversationsGuideTest::hasTls))
                .expectNext(false)
                .expectComplete()
                .verify(SOON);
        StepVerifier.create(FramedConnection.connect(
                        client(server),
                        POSTGRES,
                        connection -> waitsForEver(connection).timeout(A_WHILE)))
                .expectError(TimeoutException.class)
                .verify(SOON);
    }

    // ---- another framing in mid-stream

    // tag::switchTo[]
    static Mono<Void> upgrade(FramedConnection connection) {
        return connection.next().filter(line -> text(line).equals("UPGRADE")).flatMap(line -> {
            connection.switchTo(CODEC);
            return connection.send(connection.receive());
        });
    }
    // end::switchTo[]

    private static Mono<Void> authenticate() {
        return Mono.delay(Duration.ofMillis(100)).then();
    }

    // tag::switchToNaive[]
    static Mono<Void> upgradeTooLate(FramedConnection connection) {
        return connection.send(connection
                .receive() // flatMapSequential has requested 256 frames: the next one is being read as a line
                .flatMapSequential(line -> authenticate()
                        .doOnSuccess(done -> connection.switchTo(CODEC))
                        .thenReturn(line)));
    }
    // end::switchToNaive[]

    @Test
    void switchTo_appliesToTheNextFrame_whenNoneIsWanted() throws IOException {
        byte[] wire = "UPGRADE\n\0\0\0\2hi".getBytes(StandardCharsets.UTF_8);
        server = serve(LINES, ConversationsGuideTest::upgrade);
        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(wire);
            socket.shutdownOutput();
            assertThat(readAll(socket)).isEqualTo("\0\0\0\2hi");
        }
        server.disposeNow();

        server = serve(LINES, ConversationsGuideTest::upgradeTooLate);
        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(wire);
            socket.shutdownOutput();
            assertThat(readAll(socket)).contains("\0\0\0\6\0\0\0\2hi");
        }
    }

    // ---- STARTTLS

    // tag::startTls[]
    static Mono<Void> secureServer(FramedConnection connection, SslProvider tls) {
        return connection
                .next()
                .then(connection.send(Mono.just(utf8("220 go ahead"))))
                .then(connection.startTls(tls))
                .then(connection.send(connection.receive()));
    }

    static Mono<String> secureClient(FramedConnection connection, SslProvider tls, String question) {
        return connection
                .request(utf8("STARTTLS"))
                .then(connection.startTls(tls))
                .then(connection.request(utf8(question)))
                .map(answer -> text(answer));
    }
    // end::startTls[]

    // tag::startTlsNaive[]
    static Flux<ByteBuffer> secureByHand(FramedConnection connection, SslProvider tls) {
        return connection
                .next()
                .then(connection.send(Mono.just(utf8("220 go ahead"))))
                .doOnSuccess(sent -> connection
                        .connection()
                        .addHandlerFirst(tls.getSslContext()
                                .newHandler(connection.connection().channel().alloc())))
                .thenMany(connection.receive()); // begins with what came in plain text
    }
    // end::startTlsNaive[]

    @Test
    void startTls_takesOverBetweenTwoFrames() {
        server = serve(LINES, connection -> secureServer(connection, Local.serverTls()));

        StepVerifier.create(FramedConnection.connect(
                        client(server), LINES, connection -> secureClient(connection, Local.clientTls(), "secret")))
                .expectNext("secret")
                .expectComplete()
                .verify(SOON);
    }

    @Test
    void commandSmuggledInBehindStartTls_isRefused_andByHandItIsObeyed() throws Exception {
        Sinks.Empty<Void> served = Sinks.empty();
        server = serve(
                LINES, connection -> secureServer(connection, Local.serverTls()).doOnError(served::tryEmitError));
        inject(server);
        StepVerifier.create(served.asMono()).expectError(SSLException.class).verify(SOON);
        server.disposeNow();

        Sinks.One<String> obeyed = Sinks.one();
        server = serve(
                LINES,
                connection -> secureByHand(connection, Local.serverTls())
                        .next()
                        .doOnNext(line -> obeyed.tryEmitValue(text(line)))
                        .then());
        inject(server);
        StepVerifier.create(obeyed.asMono())
                .expectNext("RCPT TO:<victim@example.org>")
                .expectComplete()
                .verify(SOON);
    }

    private static void inject(DisposableServer server) throws IOException {
        try (Socket socket = socket(server)) {
            socket.getOutputStream().write("STARTTLS\nRCPT TO:<victim@example.org>\n".getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            readAll(socket);
        }
    }

    // ---- signs of life

    // tag::alive[]
    static Flux<ByteBuffer> whileAlive(FramedConnection connection) {
        return connection
                .heartbeat(Duration.ofMillis(100), () -> utf8("ping"))
                .idleTimeout(Duration.ofMillis(500))
                .receive();
    }
    // end::alive[]

    // tag::aliveNaive[]
    static Flux<ByteBuffer> whileQuick(FramedConnection connection) {
        Flux<ByteBuffer> pings = Flux.interval(Duration.ofMillis(100)).map(i -> utf8("ping"));
        return connection
                .receive()
                .timeout(Duration.ofMillis(500)) // counts the time of a slow subscriber, too
                .mergeWith(connection.send(pings).then(Mono.empty()));
    }
    // end::aliveNaive[]

    @Test
    void peerThatSaysNothing_isGivenUp_andOneThatPingsIsNot() throws IOException {
        Sinks.Empty<Void> ended = Sinks.empty();
        server = serve(
                CODEC,
                connection -> whileAlive(connection)
                        .doOnError(ended::tryEmitError)
                        .onErrorComplete()
                        .then());
        try (Socket silent = socket(server)) {
            StepVerifier.create(ended.asMono())
                    .expectError(SocketTimeoutException.class)
                    .verify(SOON);
            assertThat(readAll(silent)).contains("ping");
        }
    }

    @Test
    void slowSubscriber_isNoReasonToEndTheConnection_butIsForTimeout() {
        server = serve(
                CODEC,
                connection -> connection.send(Flux.interval(Duration.ofMillis(10))
                        .onBackpressureDrop()
                        .map(i -> utf8("tick"))));
        Mono<Long> slow = FramedConnection.connect(
                client(server),
                CODEC,
                connection -> whileAlive(connection)
                        .concatMap(frame -> Mono.delay(Duration.ofMillis(700)).thenReturn(frame), 1)
                        .take(2)
                        .count());
        Mono<Long> slowWithTimeout = FramedConnection.connect(
                client(server),
                CODEC,
                connection -> whileQuick(connection)
                        .concatMap(frame -> Mono.delay(Duration.ofMillis(700)).thenReturn(frame), 1)
                        .take(2)
                        .count());

        StepVerifier.create(slow).expectNext(2L).expectComplete().verify(SOON);
        StepVerifier.create(slowWithTimeout).expectError(TimeoutException.class).verify(SOON);
    }

    // ---- an end in good order

    private final CountDownLatch working = new CountDownLatch(1);

    private Mono<ByteBuffer> work(ByteBuffer question) {
        working.countDown();
        return Mono.delay(Duration.ofMillis(200)).thenReturn(question);
    }

    // tag::graceful[]
    Mono<Void> serveUntil(Mono<Void> stop, FramedConnection connection) {
        Disposable stopping = stop.subscribe(null, null, connection::stopReceiving);
        return connection
                .send(connection.receive().flatMapSequential(question -> work(question)))
                .doFinally(signal -> stopping.dispose());
    }

    DisposableServer start(Mono<Void> stop) {
        return TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .channelGroup(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE))
                .handle(FramedConnection.handler(CODEC, connection -> serveUntil(stop, connection)))
                .bindNow();
    }

    void stop(Sinks.Empty<Void> stop, DisposableServer server) {
        stop.tryEmitEmpty();
        server.disposeNow(Duration.ofSeconds(30)); // accepts no more, and waits for the conversations
    }
    // end::graceful[]

    @Test
    void stopReceiving_answersWhatHasArrived() throws Exception {
        Sinks.Empty<Void> stop = Sinks.empty();
        server = start(stop.asMono());
        try (Socket socket = socket(server)) {
            ask(socket);
            working.await();
            stop(stop, server);
            assertThat(readAll(socket)).isEqualTo("\0\0\0\2hi");
        }
    }

    @Test
    void disposeNow_waitsInVainForConversationsThatDoNotKnow() throws Exception {
        server = start(Mono.never());
        try (Socket socket = socket(server)) {
            ask(socket);
            working.await();
            assertThatThrownBy(() -> server.disposeNow(Duration.ofSeconds(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("couldn't be stopped");
        }
    }

    private static void ask(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write("\0\0\0\2hi".getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    // ---- a client that comes back

    // tag::retry[]
    static Mono<Void> follow(TcpClient client, AtomicInteger seen, Function<Integer, Mono<Void>> handle) {
        return FramedConnection.connect(
                        client,
                        CODEC,
                        connection -> connection
                                .send(Mono.fromSupplier(() -> ByteBuffer.allocate(4)
                                        .putInt(seen.get())
                                        .flip()))
                                .thenMany(connection.receive(frame -> frame.getInt()))
                                .concatMap(event -> handle.apply(event).doOnSuccess(done -> seen.set(event)))
                                .then(Mono.<Void>error(new IOException("the server has closed the connection"))))
                .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(10))
                        .maxBackoff(Duration.ofSeconds(10))
                        .transientErrors(true)
                        .filter(e -> e instanceof IOException || e instanceof TruncatedFrameException));
    }
    // end::retry[]

    @Test
    void clientWhoseServerGoesAway_goesOnWhereItWas() {
        // the server sends two events behind the one that the client has seen, and goes away
        server = serve(
                CODEC,
                connection -> connection
                        .next()
                        .flatMap(from -> connection.send(Flux.range(from.getInt(0) + 1, 2)
                                .map(i -> ByteBuffer.allocate(4).putInt(i).flip()))));

        AtomicInteger seen = new AtomicInteger();
        List<Integer> events = new CopyOnWriteArrayList<>();
        Sinks.Empty<Void> seven = Sinks.empty();
        Mono<Void> following = follow(
                client(server),
                seen,
                event -> Mono.fromRunnable(() -> {
                    events.add(event);
                    if (event == 7) {
                        seven.tryEmitEmpty();
                    }
                }));

        StepVerifier.create(following.takeUntilOther(seven.asMono()))
                .expectComplete()
                .verify(SOON);
        assertThat(events).startsWith(1, 2, 3, 4, 5, 6, 7);
    }
}
