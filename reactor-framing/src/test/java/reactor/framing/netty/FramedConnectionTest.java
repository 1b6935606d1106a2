package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.TestBytes;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.LengthField;
import reactor.framing.test.FramingEvents;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;

@Timeout(600)
@ExtendWith(NoBlocking.class)
class FramedConnectionTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final FrameCodec LENGTH4 = FrameCodec.of(LengthField.ofSize(4));
    private static final FrameCodec TLV = FrameCodec.of(LengthField.ofSize(2).marker((byte) 0x72));

    private static final ListAppender<ILoggingEvent> LEAKS = new ListAppender<>();

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final List<Disposable> resources = new ArrayList<>();

    static List<FrameCodec> codecs() {
        return List.of(LENGTH4, TLV, LENGTH4.zeroCopy(), TLV.coalesce(8192));
    }

    @BeforeAll
    static void watchForLeaks() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        LEAKS.start();
        ((Logger) LoggerFactory.getLogger(ResourceLeakDetector.class)).addAppender(LEAKS);
    }

    @AfterAll
    static void noBufferHasLeaked() {
        for (int i = 0; i < 5; i++) {
            System.gc();
            // a leak is reported when the next buffer is allocated
            PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        assertThat(LEAKS.list).isEmpty();
    }

    @BeforeEach
    void captureLog() {
        logged.list = new CopyOnWriteArrayList<>();
        logged.start();
        root.addAppender(logged);
    }

    @AfterEach
    void cleanUp() {
        resources.forEach(Disposable::dispose);
        root.detachAppender(logged);
    }

    // ---- both ways

    @ParameterizedTest
    @MethodSource("codecs")
    void echo_everyFrameComesBack(FrameCodec codec) {
        Random random = new Random(1);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            byte[] frame = new byte[i % 100 == 0 ? 65_535 : random.nextInt(300)];
            random.nextBytes(frame);
            frames.add(frame);
        }
        DisposableServer server = serve(codec, connection -> connection.send(connection.receive()));
        List<ByteBuffer> replies = new ArrayList<>();
        Connection client = connect(
                server,
                codec,
                connection -> Mono.when(
                        connection.send(Flux.fromIterable(frames).map(ByteBuffer::wrap)),
                        connection.receive().take(frames.size()).doOnNext(replies::add)));

        client.onDispose().block(SOON);

        assertThat(replies).hasSize(frames.size());
        for (int i = 0; i < frames.size(); i++) {
            assertThat(replies.get(i)).isEqualTo(ByteBuffer.wrap(frames.get(i)));
        }
        assertThat(logged.list).isEmpty();
    }

    @Test
    void loneFrame_leavesAtOnce() {
        DisposableServer server = serve(LENGTH4, connection -> connection.send(connection.receive()));
        AtomicInteger rounds = new AtomicInteger();
        Connection client = connect(server, LENGTH4, connection -> {
            Sinks.Many<ByteBuffer> questions = Sinks.many().unicast().onBackpressureBuffer();
            questions.tryEmitNext(frame("0"));
            return Mono.when(
                    connection.send(questions.asFlux()),
                    connection.receive().take(500).doOnNext(answer -> {
                        if (rounds.incrementAndGet() < 500) {
                            questions.tryEmitNext(answer);
                        } else {
                            questions.tryEmitComplete();
                        }
                    }));
        });

        client.onDispose().block(SOON);

        assertThat(rounds).hasValue(500);
    }

    @Test
    void overlappingSends_mixFramesButNotBytes() {
        Sinks.One<List<byte[]>> received = Sinks.one();
        DisposableServer server = serve(
                LENGTH4,
                connection -> connection
                        .receive()
                        .map(TestBytes::bytes)
                        .collectList()
                        .doOnNext(received::tryEmitValue)
                        .then());
        connect(
                server,
                LENGTH4,
                connection -> Flux.range(1, 8)
                        .flatMap(sender -> connection.send(Flux.range(0, 50)
                                .map(i -> ByteBuffer.wrap(filled(sender * 10_000 + i, sender.byteValue())))
                                .publishOn(Schedulers.parallel())))
                        .then());

        List<byte[]> frames = received.asMono().block(SOON);

        assertThat(frames)
                .hasSize(400)
                .allSatisfy(frame -> assertThat(frame)
                        .isEqualTo(filled(frame.length, frame[0]))
                        .hasSizeBetween(10_000, 80_049));
    }

    @Test
    void nothingToSend_completes() {
        Sinks.Empty<Void> sent = Sinks.empty();
        DisposableServer server =
                serve(LENGTH4, connection -> connection.send(Flux.empty()).doOnSuccess(v -> sent.tryEmitEmpty()));

        connect(server, LENGTH4, connection -> connection.receive().then());

        StepVerifier.create(sent.asMono()).expectComplete().verify(SOON);
    }

    @Test
    void frameThatCannotBeEncoded_failsAfterThoseBefore() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        DisposableServer server = serve(
                LENGTH4.maxFrameLength(3),
                connection -> connection
                        .send(Flux.just("one", "two", "three").map(FramedConnectionTest::frame))
                        .doOnError(failure::set)
                        .onErrorComplete());
        Sinks.Many<String> received = Sinks.many().unicast().onBackpressureBuffer();
        connect(
                server,
                LENGTH4,
                connection -> connection
                        .receive()
                        .map(FramedConnectionTest::text)
                        .doOnNext(received::tryEmitNext)
                        .doOnComplete(received::tryEmitComplete)
                        .then());

        StepVerifier.create(received.asFlux())
                .expectNext("one", "two")
                .expectComplete()
                .verify(SOON);
        assertThat(failure.get()).hasMessageContaining("frame of 5 bytes exceeds the limit of 3 bytes");
    }

    // ---- one stream of frames, one subscriber after the other

    @Test
    void receiveCancelled_nextSubscriberGoesOn() throws IOException {
        Sinks.One<String> seen = Sinks.one();
        DisposableServer server = serve(LENGTH4, connection -> {
            Flux<String> texts = connection.receive().map(FramedConnectionTest::text);
            // takeUntil has unbounded demand when it cancels, take(n) has none left
            return Flux.concat(
                            texts.takeUntil("2"::equals).collectList(),
                            texts.take(3).collectList(),
                            texts.next().map(List::of),
                            texts.collectList())
                    .collectList()
                    .doOnNext(lists -> seen.tryEmitValue(lists.toString()))
                    .then();
        });

        try (Socket socket = socket(server)) {
            for (int i = 1; i <= 9; i++) {
                socket.getOutputStream().write(new byte[] {0, 0, 0, 1, (byte) ('0' + i)});
            }
        }

        assertThat(seen.asMono().block(SOON)).isEqualTo("[[1, 2], [3, 4, 5], [6], [7, 8, 9]]");
    }

    @Test
    void receiveCancelledAndSubscribedAgainAndAgain_losesNothing() throws IOException {
        Sinks.One<List<Integer>> seen = Sinks.one();
        DisposableServer server = serve(
                LENGTH4,
                connection -> connection
                        .receive()
                        .map(ByteBuffer::getInt)
                        .takeUntil(i -> i % 7 == 0)
                        .publishOn(Schedulers.parallel())
                        .repeat(500)
                        .takeUntil(i -> i == 3000)
                        .collectList()
                        .doOnNext(seen::tryEmitValue)
                        .then());

        try (Socket socket = socket(server)) {
            ByteBuffer bytes = ByteBuffer.allocate(8 * 3000);
            for (int i = 1; i <= 3000; i++) {
                bytes.putInt(4).putInt(i);
            }
            socket.getOutputStream().write(bytes.array());
            assertThat(seen.asMono().block(SOON))
                    .isEqualTo(Flux.range(1, 3000).collectList().block());
        }
    }

    @Test
    void receiveCancelledWhileFrameIsAwaited_frameIsKeptForTheNext() throws IOException {
        Sinks.One<FramedConnection> served = Sinks.one();
        DisposableServer server = serve(LENGTH4, connection -> {
            served.tryEmitValue(connection);
            return connection.connection().onDispose();
        });

        try (Socket socket = socket(server)) {
            Flux<String> texts = served.asMono().block(SOON).receive().map(FramedConnectionTest::text);
            Scannable frames = Scannable.from(served.asMono().block(SOON).receive());
            StepVerifier.create(texts)
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(100))
                    .thenCancel()
                    .verify(SOON);
            socket.getOutputStream().write(new byte[] {0, 0, 0, 1, '1', 0, 0, 0, 1, '2', 0, 0, 0, 1, '3'});
            Mono.delay(Duration.ofMillis(10))
                    .repeat(() -> frames.scanOrDefault(Scannable.Attr.BUFFERED, 0) == 0)
                    .blockLast(SOON);
            StepVerifier.create(texts, 0).expectSubscription().thenCancel().verify(SOON);

            StepVerifier.create(texts.take(3))
                    .expectNext("1", "2", "3")
                    .expectComplete()
                    .verify(SOON);
        }
    }

    @Test
    void secondSubscriberAtATime_refused() throws IOException {
        Sinks.One<Throwable> refusal = Sinks.one();
        Sinks.One<String> received = Sinks.one();
        DisposableServer server = serve(LENGTH4, connection -> {
            Mono<Void> first = connection
                    .receive()
                    .doOnNext(frame -> received.tryEmitValue(text(frame)))
                    .then();
            Mono<Void> second = connection
                    .receive()
                    .doOnError(refusal::tryEmitValue)
                    .onErrorComplete()
                    .then();
            return Mono.when(first, second);
        });

        try (Socket socket = socket(server)) {
            assertThat(refusal.asMono().block(SOON))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("receive() has a subscriber already");
            socket.getOutputStream().write(new byte[] {0, 0, 0, 2, 'h', 'i'});
            assertThat(received.asMono().block(SOON)).isEqualTo("hi");
        }
    }

    @Test
    void noDemand_nothingIsRead() {
        // a frame cut from what has been read anyway must wait for demand, too
        Sinks.One<FramedConnection> served = Sinks.one();
        DisposableServer server = serve(LENGTH4, connection -> {
            served.tryEmitValue(connection);
            return Mono.never();
        });
        connect(
                server,
                LENGTH4,
                connection -> connection
                        .send(Flux.just(frame("1"), frame("2"), frame("3")))
                        .then(Mono.never()));

        StepVerifier.create(
                        served.asMono().flatMapMany(FramedConnection::receive).map(FramedConnectionTest::text), 0)
                .expectSubscription()
                .thenRequest(1)
                .expectNext("1")
                .expectNoEvent(Duration.ofMillis(200))
                .thenRequest(1)
                .expectNext("2")
                .thenCancel()
                .verify(SOON);
    }

    // ---- the end

    @Test
    void peerClosesInsideFrame_truncated() throws IOException {
        Sinks.Many<String> seen = Sinks.many().unicast().onBackpressureBuffer();
        AtomicReference<Connection> served = new AtomicReference<>();
        DisposableServer server = serve(LENGTH4, connection -> {
            served.set(connection.connection());
            return connection
                    .receive()
                    .doOnNext(frame -> seen.tryEmitNext(text(frame)))
                    .doOnError(seen::tryEmitError)
                    .then();
        });

        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(new byte[] {0, 0, 0, 2, 'h', 'i', 0, 0, 0, 9, 'a'});
        }

        StepVerifier.create(seen.asFlux())
                .expectNext("hi")
                .expectErrorSatisfies(e -> {
                    assertThat(e).isInstanceOf(TruncatedFrameException.class);
                    assertThat(FramingEvents.describe(e)).isEqualTo("Truncated #1 @6 5/13");
                })
                .verify(SOON);
        served.get().onDispose().block(SOON);
        assertThat(loggedOnce()).satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage()).contains("TruncatedFrameException", "after 5 of 13 bytes");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"publishOn", "flatMap", "send", "sendEach"})
    void peerClosesWhileFramesAreUnderWay_allProcessed(String how) throws Exception {
        int count = 200;
        AtomicInteger processed = new AtomicInteger();
        CountDownLatch peerClosed = new CountDownLatch(1);
        Sinks.Empty<Void> ended = Sinks.empty();
        Function<ByteBuffer, ByteBuffer> process = frame -> {
            await(peerClosed);
            processed.incrementAndGet();
            return frame;
        };
        DisposableServer server = serve(LENGTH4, connection -> {
            Flux<ByteBuffer> received = connection.receive();
            Mono<Void> all = switch (how) {
                case "publishOn" ->
                    received.publishOn(Schedulers.boundedElastic()).map(process).then();
                case "flatMap" ->
                    received.flatMap(frame -> Mono.fromCallable(() -> process.apply(frame))
                                    .subscribeOn(Schedulers.boundedElastic()))
                            .then();
                case "sendEach" ->
                    received.concatMap(frame -> Mono.fromCallable(() -> process.apply(frame))
                                    .subscribeOn(Schedulers.boundedElastic())
                                    .flatMap(answer -> connection.send(Mono.just(answer))))
                            .then();
                default ->
                    connection.send(
                            received.publishOn(Schedulers.boundedElastic()).map(process));
            };
            return all.onErrorComplete(AbortedException.class).doFinally(signal -> ended.tryEmitEmpty());
        });

        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(frames(count));
        }
        peerClosed.countDown();

        StepVerifier.create(ended.asMono()).expectComplete().verify(SOON);
        assertThat(processed).hasValue(count);
        assertThat(logged.list).isEmpty();
    }

    @Test
    void peerClosesAfterMuchMoreThanIsUnderWay_allProcessed() throws Exception {
        int count = 100_000;
        Sinks.One<Long> processed = Sinks.one();
        DisposableServer server = serve(
                LENGTH4,
                connection -> connection
                        .receive()
                        .publishOn(Schedulers.boundedElastic(), 16)
                        .count()
                        .doOnNext(processed::tryEmitValue)
                        .then());

        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(frames(count));
        }

        assertThat(processed.asMono().block(SOON)).isEqualTo(count);
    }

    @Test
    void peerResets_receiveFailsAndNothingIsLogged() throws IOException {
        Sinks.Empty<Void> seen = Sinks.empty();
        CountDownLatch reading = new CountDownLatch(1);
        DisposableServer server = serve(
                LENGTH4,
                connection -> connection
                        .receive()
                        .doOnNext(frame -> reading.countDown())
                        .doOnError(seen::tryEmitError)
                        .then());

        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(new byte[] {0, 0, 0, 0, 0, 0});
            await(reading);
            socket.setSoLinger(true, 0);
        }

        StepVerifier.create(seen.asMono()).expectError(IOException.class).verify(SOON);
        assertThat(logged.list).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void conversationFails_connectionIsClosedAndTheFailureLoggedOnce(boolean atOnce) throws IOException {
        DisposableServer server = serve(LENGTH4, connection -> {
            if (atOnce) {
                throw new IllegalArgumentException("no conversation");
            }
            return connection
                    .receive()
                    .publishOn(Schedulers.parallel())
                    .doOnNext(frame -> {
                        throw new IllegalArgumentException("no conversation");
                    })
                    .then();
        });

        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(new byte[] {0, 0, 0, 1, 'x'});
            assertThat(endOf(socket)).isTrue();
        }

        assertThat(loggedOnce()).satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.ERROR);
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("no conversation");
        });
    }

    @Test
    void conversationEndsWhileFramesAreUnread_readerApartFailsAndNothingLeaks() throws IOException {
        Sinks.Many<String> apart = Sinks.many().unicast().onBackpressureBuffer();
        DisposableServer server = serve(LENGTH4, connection -> {
            CountDownLatch first = new CountDownLatch(1);
            connection
                    .receive()
                    .limitRate(1)
                    .publishOn(Schedulers.boundedElastic(), 1)
                    .doOnNext(frame -> first.countDown())
                    .delayElements(Duration.ofMillis(50))
                    .map(frame -> "frame")
                    .subscribe(apart::tryEmitNext, apart::tryEmitError, apart::tryEmitComplete);
            return Mono.<Void>fromRunnable(() -> await(first)).subscribeOn(Schedulers.boundedElastic());
        });

        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(frames(100_000));
            assertThat(endOf(socket)).isTrue();
        } catch (IOException e) {
            // closed while we were writing
            assertThat(e).isInstanceOf(SocketException.class);
        }

        StepVerifier.create(apart.asFlux().filter("nothing"::equals))
                .expectError(AbortedException.class)
                .verify(SOON);
    }

    @Test
    void peerBreaksTheFraming_connectionIsClosedAndTheFaultLoggedOnce() throws IOException {
        DisposableServer server = serve(TLV, connection -> connection.send(connection.receive()));

        try (Socket socket = socket(server)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(endOf(socket)).isTrue();
        }

        assertThat(loggedOnce()).satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage())
                    .contains(CorruptFrameException.class.getName(), "47 45 54 20", "HTTP");
        });
    }

    @Test
    void peerCloses_sendThatGoesOnRegardlessFails() throws IOException {
        Sinks.Empty<Void> sent = Sinks.empty();
        DisposableServer server = serve(LENGTH4, connection -> {
            Mono<Void> ticks = connection
                    .send(Flux.interval(Duration.ofMillis(10)).map(i -> frame("tick")))
                    .doOnError(sent::tryEmitError);
            return Mono.when(connection.receive().then(), ticks);
        });

        try (Socket socket = socket(server)) {
            assertThat(socket.getInputStream().readNBytes(8)).hasSize(8);
        }

        StepVerifier.create(sent.asMono()).expectError(AbortedException.class).verify(SOON);
        assertThat(logged.list).isEmpty();
    }

    @Test
    void peerCloses_conversationThatOnlySendsFails() throws IOException {
        Sinks.Empty<Void> sent = Sinks.empty();
        DisposableServer server = serve(
                LENGTH4,
                connection -> connection
                        .send(Flux.interval(Duration.ofMillis(10)).map(i -> frame("tick")))
                        .doOnError(sent::tryEmitError));

        try (Socket socket = socket(server)) {
            assertThat(socket.getInputStream().readNBytes(8)).hasSize(8);
        }

        StepVerifier.create(sent.asMono()).expectError(AbortedException.class).verify(SOON);
        assertThat(logged.list).isEmpty();
    }

    @Test
    void closedHere_isAnAbortBothWays() {
        DisposableServer server = serve(LENGTH4, connection -> Mono.never());
        Connection connection =
                TcpClient.create().host("127.0.0.1").port(server.port()).connectNow();
        FramedConnection framed = FramedConnection.of(connection, LENGTH4);
        connection.disposeNow();

        StepVerifier.create(framed.send(Flux.just(frame("x"))))
                .expectError(AbortedException.class)
                .verify(SOON);
        StepVerifier.create(framed.receive())
                .expectError(AbortedException.class)
                .verify(SOON);
    }

    @Test
    void serverDisposed_conversationsThatNeverEndAreAborted() {
        Sinks.Empty<Void> aborted = Sinks.empty();
        Sinks.Empty<Void> under = Sinks.empty();
        DefaultChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .channelGroup(connections)
                .handle(FramedConnection.handler(
                        LENGTH4,
                        connection -> connection
                                .receive()
                                .doOnNext(frame -> under.tryEmitEmpty())
                                .then(Mono.<Void>never())
                                .doOnError(aborted::tryEmitError)))
                .bindNow();
        Connection client = connect(
                server,
                LENGTH4,
                connection -> connection
                        .send(Mono.just(frame("x")))
                        .then(connection.receive().then()));
        under.asMono().block(SOON);

        StepVerifier.create(Mono.fromRunnable(() -> server.disposeNow(Duration.ofMillis(300)))
                        .subscribeOn(Schedulers.boundedElastic()))
                .expectErrorMessage("Socket couldn't be stopped within 300ms")
                .verify(SOON);

        StepVerifier.create(aborted.asMono())
                .expectError(AbortedException.class)
                .verify(SOON);
        client.onDispose().block(SOON);
        assertThat(logged.list).isEmpty();
    }

    @Test
    void clientDisposed_itsConversationIsAborted() {
        Sinks.Empty<Void> aborted = Sinks.empty();
        DisposableServer server = serve(LENGTH4, connection -> connection.send(connection.receive()));
        Connection client = connect(
                server,
                LENGTH4,
                connection -> connection.receive().then(Mono.<Void>never()).doOnError(aborted::tryEmitError));

        client.disposeNow();

        StepVerifier.create(aborted.asMono())
                .expectError(AbortedException.class)
                .verify(SOON);
        assertThat(logged.list).isEmpty();
    }

    // ---- backpressure

    @Test
    void consumerOfTenFramesASecond_blocksTheSenderOfAGibibyte() {
        int frameLength = 64 * 1024;
        AtomicLong sent = new AtomicLong();
        AtomicLong cut = new AtomicLong();
        AtomicLong consumed = new AtomicLong();
        Sinks.Empty<Void> ended = Sinks.empty();
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .childOption(ChannelOption.SO_RCVBUF, 64 * 1024)
                .handle(FramedConnection.handler(
                        LENGTH4,
                        connection -> connection
                                .receive()
                                .doOnNext(frame -> cut.incrementAndGet())
                                .delayElements(Duration.ofMillis(100))
                                .doOnNext(frame -> consumed.incrementAndGet())
                                .then()
                                .doOnTerminate(ended::tryEmitEmpty)))
                .bindNow();
        resources.add(server);
        byte[] frame = new byte[frameLength];
        Connection client = TcpClient.create()
                .host("127.0.0.1")
                .port(server.port())
                .option(ChannelOption.SO_SNDBUF, 64 * 1024)
                .handle(FramedConnection.handler(
                        LENGTH4,
                        connection -> connection.send(Flux.range(0, 1 << 14)
                                .map(i -> ByteBuffer.wrap(frame))
                                .doOnNext(f -> sent.incrementAndGet()))))
                .connectNow();
        resources.add(client);

        Mono.delay(Duration.ofMillis(20))
                .repeat(() -> consumed.get() == 0)
                .then()
                .block(SOON);
        List<long[]> samples = Flux.interval(Duration.ofMillis(500), Duration.ofMillis(250))
                .take(9)
                .map(i -> new long[] {sent.get(), cut.get(), consumed.get(), usedMemory()})
                .collectList()
                .block(SOON);

        client.disposeNow();
        ended.asMono().then(Mono.delay(Duration.ofMillis(50))).block(SOON);
        // nothing if the system happened to have taken whole frames when the client went
        assertThat(logged.list)
                .hasSizeLessThan(2)
                .allSatisfy(event -> assertThat(event.getFormattedMessage()).contains("TruncatedFrameException"));

        for (long[] sample : samples) {
            System.out.printf(
                    "sent %d KiB, frames cut %d, consumed %d, heap used %d KiB%n",
                    sample[0] * frameLength / 1024, sample[1], sample[2], sample[3] / 1024);
        }
        long[] first = samples.get(0);
        long[] last = samples.get(samples.size() - 1);
        assertThat(last[2]).as("consumed").isGreaterThan(first[2]);
        assertThat(samples).allSatisfy(sample -> {
            assertThat(sample[1] - sample[2]).as("cut and not consumed").isBetween(0L, 2L);
            assertThat(sample[0] - sample[2]).as("sent and not consumed").isLessThan(24);
            assertThat(sample[3] - first[3]).as("heap growth").isLessThan(8 << 20);
        });
    }

    // ----

    private DisposableServer serve(
            FrameCodec codec, Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(FramedConnection.handler(codec, conversation))
                .bindNow();
        resources.add(server);
        return server;
    }

    private Connection connect(
            DisposableServer server,
            FrameCodec codec,
            Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        Connection connection = TcpClient.create()
                .host("127.0.0.1")
                .port(server.port())
                .handle(FramedConnection.handler(codec, conversation))
                .connectNow();
        resources.add(connection);
        return connection;
    }

    /** What is logged, once anything is, and once whatever came of the conversation's end has had its time, too. */
    private ILoggingEvent loggedOnce() {
        Mono.delay(Duration.ofMillis(20))
                .repeat(logged.list::isEmpty)
                .then(Mono.delay(Duration.ofMillis(50)))
                .block(SOON);
        assertThat(logged.list).hasSize(1);
        return logged.list.get(0);
    }

    private static Socket socket(DisposableServer server) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    /** Whether the peer has closed, reset included. */
    private static boolean endOf(Socket socket) {
        try {
            return socket.getInputStream().transferTo(OutputStream.nullOutputStream()) >= 0;
        } catch (IOException e) {
            return true;
        }
    }

    private static byte[] frames(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * count);
        for (int i = 0; i < count; i++) {
            bytes.putInt(4).putInt(i);
        }
        return bytes.array();
    }

    private static byte[] filled(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return bytes;
    }

    private static ByteBuffer frame(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer frame) {
        return StandardCharsets.UTF_8.decode(frame).toString();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long usedMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
