package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.TruncatedFrameException;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;

/** How connections end, in situations that have each gone wrong once or are likely to. */
@Timeout(600)
@Tag("one-jdk") // the ends that depend on a JDK are in ConnectionEndsTest
class EndSituationsTest extends ConnectionTester {

    /** A conversation and how it ended. */
    private static final class Watched implements Function<FramedConnection, Publisher<Void>> {

        private final Function<FramedConnection, Publisher<Void>> conversation;
        private final Sinks.One<FramedConnection> served = Sinks.one();
        private final Sinks.One<Object> ended = Sinks.one();

        Watched(Function<FramedConnection, Publisher<Void>> conversation) {
            this.conversation = conversation;
        }

        @Override
        public Publisher<Void> apply(FramedConnection connection) {
            served.tryEmitValue(connection);
            return Mono.defer(() -> Mono.from(conversation.apply(connection)))
                    .doOnSuccess(nothing -> ended.tryEmitValue("completion"))
                    .doOnError(ended::tryEmitValue)
                    .doOnCancel(() -> ended.tryEmitValue("cancel"));
        }

        FramedConnection served() {
            return served.asMono().block(SOON);
        }

        /** "completion", "cancel" or the error; "nothing" if it does not end. */
        Object end() {
            return ended.asMono().timeout(SOON, Mono.just("nothing")).block();
        }

        /** Whether the channel is closed, soon. */
        boolean closes() {
            return Boolean.TRUE.equals(served().connection()
                    .onDispose()
                    .thenReturn(true)
                    .timeout(SOON, Mono.just(false))
                    .block());
        }
    }

    private static String reasons(Object end) {
        StringBuilder all = new StringBuilder();
        for (Throwable t = end instanceof Throwable e ? e : null; t != null; t = t.getCause()) {
            all.append(t).append(' ');
        }
        return all.toString();
    }

    private static ByteBuffer filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    // ---- the peer shuts its output

    @ParameterizedTest
    @EnumSource
    void finBehindAQuestion_answerArrivesInEveryRound(Transport transport) throws Exception {
        DisposableServer server = serve(transport, LONG_PATIENCE, connection -> connection.send(connection.receive()));

        for (int i = 0; i < 100; i++) {
            Peer peer = connect(transport, server).readAll();
            peer.write(wire("question " + i));
            peer.shutdownOutput();

            Peer.Received received = peer.received(SOON);
            assertThat(received.failure()).isNull();
            assertThat(received.bytes()).as("round " + i).isEqualTo(wire("question " + i));
        }
    }

    @ParameterizedTest
    @EnumSource
    void finBehindAQuestion_slowAnswerArrives(Transport transport) throws Exception {
        DisposableServer server = serve(
                transport,
                LONG_PATIENCE,
                connection -> connection.send(connection.receive().delayElements(Duration.ofMillis(100))));
        List<Peer> all = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            Peer peer = connect(transport, server).readAll();
            peer.write(wire("question"));
            peer.shutdownOutput();
            all.add(peer);
        }

        for (Peer peer : all) {
            assertThat(peer.received(SOON).bytes()).isEqualTo(wire("question"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void finAndPeerThatReadsSlowly_allOfALongAnswerArrives(Transport transport) throws Exception {
        int count = 256;
        Watched watched = new Watched(connection -> connection.send(connection
                .receive()
                .flatMap(frame -> Flux.range(0, count).map(i -> filled(64 * 1024, i)))));
        DisposableServer server = serve(transport, LONG_PATIENCE, watched);
        Peer peer = connect(transport, server);

        peer.write(wire("question"));
        peer.shutdownOutput();
        FramedConnection connection = watched.served();
        await("the end of receive()", () -> connection.inbound().hasEnded());
        for (int i = 0; i < count; i++) {
            if (i % 32 == 0) {
                Thread.sleep(20); // the socket is full now and then
            }
            ByteBuffer frame = ByteBuffer.wrap(peer.readNBytes(4 + 64 * 1024));
            assertThat(frame.getInt()).isEqualTo(64 * 1024);
            assertThat(frame).isEqualTo(filled(64 * 1024, i));
        }

        assertThat(peer.read(new byte[1])).isEqualTo(-1);
        assertThat(watched.end()).isEqualTo("completion");
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS12", "TLS13", "NIO_TLS13"})
    void closeNotifyRightBehindAQuestion_answerArrivesInEveryRound(Transport transport) throws Exception {
        DisposableServer server = serve(transport, LONG_PATIENCE, connection -> connection.send(connection.receive()));

        for (int i = 0; i < 20; i++) {
            Peer peer = connect(transport, server).readAll();
            peer.write(wire("question"));
            peer.end(Peer.End.CLOSE_NOTIFY);

            Peer.Received received = peer.received(SOON);
            assertThat(received.failure()).isNull();
            assertThat(received.bytes()).as("round " + i).isEqualTo(wire("question"));
        }
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void lookUpBeforeTheFirstReceive_whatArrivedMeanwhileIsThere(Transport transport) throws Exception {
        for (Peer.End how : List.of(Peer.End.FIN, Peer.End.CLOSE, Peer.End.RST)) {
            if (transport == Transport.UNIX && how == Peer.End.RST) {
                continue; // has no such thing
            }
            Sinks.Empty<Void> found = Sinks.empty();
            AtomicInteger seen = new AtomicInteger();
            Watched watched = new Watched(connection -> found.asMono()
                    .publishOn(Schedulers.parallel())
                    .thenMany(connection.receive())
                    .doOnNext(frame -> seen.incrementAndGet())
                    .then());
            DisposableServer server = serve(transport, LONG_PATIENCE, watched);
            Peer peer = connect(transport, server);
            watched.served().channel().eventLoop().submit(() -> {}).get();

            peer.write(wire("question"));
            peer.end(how);
            Mono.delay(Duration.ofMillis(50)).block();
            found.tryEmitEmpty();

            Object end = watched.end();
            assertThat(seen).as(how + ", " + end).hasValue(1);
            if (how == Peer.End.RST) {
                assertThat(end).as("end").isInstanceOf(IOException.class);
            } else {
                assertThat(end).as("end").isEqualTo("completion");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void peerClosesAndConversationNeverReads_isCancelledInBoundedTime(Transport transport) throws Exception {
        Watched watched = new Watched(connection -> Mono.never());
        DisposableServer server = serve(transport, SHORT, watched);

        connect(transport, server).close();

        assertThat(watched.end()).isEqualTo("cancel");
        assertThat(watched.closes()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void peerSendsAndClosesAndConversationNeverReads_isCancelledInBoundedTime(Transport transport) throws Exception {
        Watched watched = new Watched(connection -> Mono.never());
        DisposableServer server = serve(transport, SHORT, watched);
        Peer peer = connect(transport, server);

        peer.write(wire("question"));
        peer.close();

        assertThat(watched.end()).isEqualTo("cancel");
        assertThat(watched.closes()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void peerClosesAndConversationReadsNoMore_isCancelledInBoundedTime(Transport transport) throws Exception {
        Watched watched = new Watched(connection -> connection.next().then(Mono.never()));
        DisposableServer server = serve(transport, SHORT, watched);
        Peer peer = connect(transport, server);

        peer.write(wire("question"));
        peer.close();

        assertThat(watched.end()).isEqualTo("cancel");
        assertThat(watched.closes()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO", "TLS12", "TLS13"})
    void peerResetsAndConversationReadsNoMore_isCancelledInBoundedTime(Transport transport) throws Exception {
        Sinks.Empty<Void> read = Sinks.empty();
        Watched watched = new Watched(connection ->
                connection.next().doOnNext(frame -> read.tryEmitEmpty()).then(Mono.never()));
        DisposableServer server = serve(transport, SHORT, watched);
        Peer peer = connect(transport, server);

        peer.write(wire("question"));
        read.asMono().block(SOON);
        peer.reset();

        assertThat(watched.end()).isEqualTo("cancel");
        assertThat(watched.closes()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO", "TLS12", "TLS13"})
    void peerResetsAndSendHasNothingToSend_failsInBoundedTime(Transport transport) throws Exception {
        Sinks.Empty<Void> read = Sinks.empty();
        Watched watched = new Watched(connection ->
                connection.next().doOnNext(frame -> read.tryEmitEmpty()).then(connection.send(Flux.never())));
        DisposableServer server = serve(transport, SHORT, watched);
        Peer peer = connect(transport, server);

        peer.write(wire("subscribe"));
        read.asMono().block(SOON);
        // the session tickets of TLS have been written: their failure would be the only one to tell of the reset
        watched.served().channel().eventLoop().submit(() -> {}).get();
        peer.reset();

        assertThat(watched.end()).isInstanceOf(AbortedException.class);
        assertThat(reasons(watched.end())).contains("reset");
        assertThat(watched.closes()).isTrue();
    }

    // ---- writes fail, the peer resets

    @ParameterizedTest
    @EnumSource
    void failedWrite_unreadInputIsNotThrownAway(Transport transport) throws Exception {
        int count = 500;
        AtomicInteger seen = new AtomicInteger();
        Watched watched = new Watched(connection -> connection.send(connection
                .receive()
                .concatMap(
                        frame -> Mono.delay(Duration.ofMillis(1)).map(tick -> {
                            seen.incrementAndGet();
                            return frame;
                        }),
                        0)));
        DisposableServer server = serve(transport, LONG_PATIENCE, watched);
        Peer peer = connect(transport, server);

        peer.write(wire(count));
        peer.close();

        Object end = watched.end();
        assertThat(end).isNotInstanceOf(TruncatedFrameException.class);
        assertThat(seen).as("end: " + end).hasValue(count);
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void peerIsGone_everyFrameIsWorkedOnByAnswersOfTheirOwn(Transport transport) throws Exception {
        int count = 500;
        AtomicInteger seen = new AtomicInteger();
        Watched watched = new Watched(connection -> connection
                .receive()
                .flatMap(
                        frame ->
                                connection.send(Mono.delay(Duration.ofMillis(1)).map(tick -> {
                                    seen.incrementAndGet();
                                    return frame;
                                })),
                        8)
                .then());
        DisposableServer server = serve(transport, LONG_PATIENCE, watched);
        Peer peer = connect(transport, server);

        peer.write(wire(count));
        peer.close();

        Object end = watched.end();
        assertThat(seen).as("end: " + end).hasValue(count);
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO", "TLS12", "TLS13"})
    void resetThatAWriteSees_isTheEndOfReceive(Transport transport) throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch reset = new CountDownLatch(1);
        AtomicReference<@Nullable Object> receiveEnd = new AtomicReference<>();
        Watched watched = new Watched(connection -> {
            Flux<ByteBuffer> received = connection
                    .receive()
                    .doOnComplete(() -> receiveEnd.set("completion"))
                    .doOnError(receiveEnd::set)
                    .doOnNext(frame -> {
                        reading.countDown();
                        NoBlocking.allow("the write comes before the event loop can see anything", () -> await(reset));
                    });
            return connection.send(received);
        });
        DisposableServer server = serve(transport, LONG_PATIENCE, watched);
        Peer peer = connect(transport, server);

        peer.write(wire("question"));
        await(reading);
        peer.reset();
        reset.countDown();

        Object end = watched.end();
        assertThat(receiveEnd.get()).isInstanceOf(IOException.class);
        assertThat(reasons(end)).contains("reset");
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO", "TLS12", "TLS13"})
    void resetWhileAnswering_conversationIsToldTheReset(Transport transport) throws Exception {
        for (int i = 0; i < 20; i++) {
            Watched watched = new Watched(connection -> connection.send(connection.receive()));
            DisposableServer server = serve(transport, LONG_PATIENCE, watched);
            Peer peer = connect(transport, server);

            peer.write(wire("question"));
            peer.readNBytes(12);
            peer.reset();

            assertThat(reasons(watched.end())).as("round " + i).contains("reset");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readTimeout_isTheEndOfReceiveWhereverTheHandlerStands(boolean before) throws Exception {
        UnaryOperator<TcpServer> handlerBefore = server -> server.doOnConnection(
                connection -> connection.addHandlerLast("timeout", new ReadTimeoutHandler(100, TimeUnit.MILLISECONDS)));
        AtomicReference<@Nullable Object> receiveEnd = new AtomicReference<>();
        Watched watched = new Watched(connection -> {
            if (!before) {
                connection.connection().addHandlerLast("timeout", new ReadTimeoutHandler(100, TimeUnit.MILLISECONDS));
            }
            return connection.send(connection
                    .receive()
                    .doOnComplete(() -> receiveEnd.set("completion"))
                    .doOnError(receiveEnd::set));
        });
        DisposableServer server = serve(
                Transport.EPOLL, LENGTH4, LONG_PATIENCE, before ? handlerBefore : UnaryOperator.identity(), watched);
        connect(Transport.EPOLL, server).write(wire("question"));

        Object end = watched.end();
        assertThat(receiveEnd.get()).isInstanceOf(ReadTimeoutException.class);
        assertThat(reasons(end)).contains("ReadTimeoutException");
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void endlessSourceBesideASlowReaderOfWhatIsLeft_isDrainedSlowly(Transport transport) throws Exception {
        AtomicLong taken = new AtomicLong();
        AtomicInteger read = new AtomicInteger();
        Sinks.Empty<Void> gone = Sinks.empty();
        Watched watched = new Watched(connection -> Mono.when(
                connection
                        .receive()
                        .delayElements(Duration.ofMillis(10))
                        .doOnNext(frame -> read.incrementAndGet())
                        .then(),
                connection
                        .send(Flux.<ByteBuffer>generate(sink -> {
                            taken.incrementAndGet();
                            sink.next(frame("tick"));
                        }))
                        .doOnError(e -> gone.tryEmitEmpty())));
        DisposableServer server = serve(transport, SHORT, watched);
        Peer peer = connect(transport, server);

        peer.write(wire(100));
        peer.readNBytes(1000);
        peer.close();
        await("the first frames", () -> read.get() >= 20);
        long before = taken.get();
        await("more frames", () -> read.get() >= 80);
        long dropped = taken.get() - before;
        Object end = watched.end();

        System.out.println("dropped while 60 frames were read in 600 ms: " + dropped);
        assertThat(dropped).isLessThan(500_000);
        assertThat(end).isInstanceOf(AbortedException.class);
    }

    // ---- the connection is closed here

    enum LocalClose {
        DISPOSE {
            @Override
            void close(FramedConnection connection, DisposableServer server) {
                connection.connection().dispose();
            }
        },
        SERVER_WITH_GROUP {
            @Override
            void close(FramedConnection connection, DisposableServer server) {
                try {
                    server.disposeNow(Duration.ofMillis(50));
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("couldn't be stopped");
                }
            }
        },
        CHANNEL {
            @Override
            void close(FramedConnection connection, DisposableServer server) {
                connection.connection().channel().close();
            }
        };

        abstract void close(FramedConnection connection, DisposableServer server);
    }

    @ParameterizedTest
    @EnumSource
    void closedHere_receiveNeverCompletes(LocalClose how) throws Exception {
        for (Transport transport : Transport.values()) {
            for (boolean insideAFrame : new boolean[] {false, true}) {
                for (int i = 0; i < 5; i++) {
                    Sinks.Empty<Void> seen = Sinks.empty();
                    Watched watched = new Watched(connection -> connection
                            .receive()
                            .doOnNext(frame -> seen.tryEmitEmpty())
                            .count()
                            .then());
                    DisposableServer server = serve(
                            transport,
                            LENGTH4,
                            LONG_PATIENCE,
                            s -> s.channelGroup(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE)),
                            watched);
                    Peer peer = connect(transport, server);
                    peer.write(wire("batch"));
                    if (insideAFrame) {
                        peer.write(new byte[] {0, 0, 0, 9, 'p'});
                    }
                    seen.asMono().block(SOON);

                    how.close(watched.served(), server);

                    assertThat(watched.end())
                            .as(transport + ", inside a frame: " + insideAFrame)
                            .isInstanceOf(AbortedException.class);
                }
            }
        }
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void closedHereWhileAFrameIsBeingSent_sendFails(LocalClose how) throws Exception {
        for (Transport transport : Transport.values()) {
            Sinks.One<Object> sent = Sinks.one();
            Watched watched = new Watched(connection -> Mono.when(
                    connection.receive().then().onErrorComplete(),
                    connection
                            .send(Mono.just(filled(64 << 20, 1)))
                            .doOnSuccess(v -> sent.tryEmitValue("completion"))
                            .doOnError(sent::tryEmitValue)));
            DisposableServer server = serve(
                    transport,
                    LENGTH4.maxFrameLength(64 << 20),
                    LONG_PATIENCE,
                    s -> s.channelGroup(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE)),
                    watched);
            Peer peer = connect(transport, server);
            peer.readNBytes(1000);

            how.close(watched.served(), server);

            Object end = sent.asMono().timeout(SOON, Mono.just("nothing")).block();
            assertThat(end).as(transport.toString()).isInstanceOf(AbortedException.class);
            assertThat((Throwable) end)
                    .as(transport.toString())
                    .hasMessageNotContaining("peer")
                    .hasMessageNotContaining("null");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 600, 5000, 60_000, 70_000, 100_000, 1_000_000})
    void closedHereByTheSourceOfASend_conversationEnds(int length) throws Exception {
        AtomicInteger count = new AtomicInteger();
        Watched watched =
                new Watched(connection -> connection.send(connection.receive().map(frame -> {
                    if (count.incrementAndGet() == 2) {
                        connection.connection().dispose();
                    }
                    return filled(length, 1);
                })));
        DisposableServer server = serve(Transport.EPOLL, LONG_PATIENCE, watched);
        Peer peer = connect(Transport.EPOLL, server);

        peer.write(wire(10));

        assertThat(watched.end()).isInstanceOf(AbortedException.class);
        assertThat(watched.closes()).isTrue();
        assertThat(warnings()).isEmpty();
    }

    @Test
    void closedHere_whatTheConversationMakesOfItIsNotLoggedAsAFailure() throws Exception {
        Sinks.Empty<Void> seen = Sinks.empty();
        Watched watched = new Watched(connection -> connection
                .receive()
                .doOnNext(frame -> seen.tryEmitEmpty())
                .then()
                .onErrorMap(e -> new IllegalStateException("the batch is incomplete", e)));
        DisposableServer server = serve(Transport.EPOLL, LONG_PATIENCE, watched);
        connect(Transport.EPOLL, server).write(wire("batch"));
        seen.asMono().block(SOON);

        watched.served().connection().dispose();

        assertThat(watched.end()).isInstanceOf(IllegalStateException.class);
        assertThat(watched.closes()).isTrue();
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void eventLoopsAreDisposedWhileUnreadInputIsWorkedOn_conversationEnds(Transport transport) throws Exception {
        LoopResources own = LoopResources.create("connection-test-own", 1, 1, true);
        AtomicInteger read = new AtomicInteger();
        Watched watched = new Watched(connection -> connection
                .receive()
                .concatMap(frame -> Mono.delay(Duration.ofMillis(1)).thenReturn(frame), 1)
                .doOnNext(frame -> read.incrementAndGet())
                .then());
        DisposableServer server =
                serve(transport, LENGTH4, LONG_PATIENCE, s -> s.runOn(own, transport == Transport.EPOLL), watched);
        Peer peer = connect(transport, server);

        peer.write(wire(20_000));
        peer.shutdownOutput();
        await("the first frames", () -> read.get() > 10);
        own.disposeLater(Duration.ZERO, SOON).block(SOON);

        assertThat(watched.end()).isInstanceOf(AbortedException.class);
    }

    @Test
    void serverIsDisposed_conversationsUnderWayFinish() throws Exception {
        Sinks.Empty<Void> asked = Sinks.empty();
        Watched watched = new Watched(connection -> connection.send(
                connection.next().doOnNext(frame -> asked.tryEmitEmpty()).delayElement(Duration.ofMillis(300))));
        DisposableServer server = serve(
                Transport.EPOLL,
                LENGTH4,
                LONG_PATIENCE,
                s -> s.channelGroup(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE)),
                watched);
        Peer peer = connect(Transport.EPOLL, server).readAll();
        peer.write(wire("question"));
        asked.asMono().block(SOON);

        server.disposeNow(SOON);

        assertThat(watched.end()).isEqualTo("completion");
        Peer.Received received = peer.received(SOON);
        assertThat(received.failure()).isNull();
        assertThat(received.bytes()).isEqualTo(wire("question"));
    }

    // ---- the conversation ends

    @ParameterizedTest
    @EnumSource
    void conversationThatOnlyGreetsAndPeerThatTalksFirst_greetingArrives(Transport transport) throws Exception {
        CountDownLatch talked = new CountDownLatch(1);
        Watched watched = new Watched(connection -> {
            NoBlocking.allow("all that follows is done in one turn of the event loop", () -> await(talked));
            return connection.send(Mono.just(frame("greeting")));
        });
        DisposableServer server = serve(transport, LONG_PATIENCE, watched);

        for (int i = 0; i < 20; i++) {
            Peer peer = transport.isTls() ? null : connect(transport, server);
            if (peer == null) {
                talked.countDown();
                peer = connect(transport, server);
            }
            peer.write(wire(10));
            talked.countDown();
            Mono.delay(Duration.ofMillis(20)).block(); // what the system sends after the close has arrived
            peer.write(wire(10));

            assertThat(peer.readNBytes(12)).as("round " + i).isEqualTo(wire("greeting"));
            assertThat(peer.read(new byte[1])).as("round " + i).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void conversationEndsWhileThePeerDoesNotRead_connectionIsClosedInBoundedTime(Transport transport) throws Exception {
        Watched watched = new Watched(connection -> Mono.firstWithSignal(
                        connection.send(Flux.range(0, 1024).map(i -> filled(64 * 1024, i))),
                        Mono.delay(Duration.ofMillis(300)))
                .then());
        DisposableServer server = serve(transport, LONG_PATIENCE, watched);
        Peer peer = connect(transport, server);
        peer.readNBytes(100);

        assertThat(watched.end()).isEqualTo("completion");
        assertThat(watched.closes()).as("closed").isTrue();
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void conversationCancelsASendAndEnds_peerSeesWholeFramesOnly(Transport transport) throws Exception {
        Watched watched = new Watched(connection -> Mono.firstWithSignal(
                        connection.send(Flux.range(0, 4096).map(i -> filled(16 * 1024 - 7, i))),
                        Mono.delay(Duration.ofMillis(200)))
                .then());
        DisposableServer server = serve(transport, LONG_PATIENCE, watched);
        Peer peer = connect(transport, server);
        peer.readNBytes(4 + 16 * 1024 - 7);

        watched.end();

        peer.readAll();
        Peer.Received received = peer.received(SOON);
        assertThat(received.failure()).isNull();
        assertThat(unwire(received.bytes())).isNotEmpty();
    }

    // ---- the client's side

    @ParameterizedTest
    @EnumSource
    void connectNowThenOf_greetingOfAPeerThatStaysIsNotLost(Transport transport) throws Exception {
        for (int i = 0; i < 30; i++) {
            try (Peer.Listener listener = new Peer.Listener(transport)) {
                Mono<Peer> accepted = Mono.fromCallable(() -> {
                            Peer peer = listener.accept();
                            peer.write(wire("greeting"));
                            return peer;
                        })
                        .subscribeOn(Schedulers.boundedElastic())
                        .cache();
                accepted.subscribe(peers::add);
                Connection connection =
                        transport.client(loops, listener.address()).connectNow();
                resources.add(connection);
                accepted.block(SOON);
                if (i % 2 == 0) {
                    Mono.delay(Duration.ofMillis(5)).block(); // it has arrived
                }

                FramedConnection framed = FramedConnection.of(connection, LENGTH4);

                StepVerifier.create(framed.next().map(ConnectionTester::text))
                        .expectNext("greeting")
                        .expectComplete()
                        .verify(SOON);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectNowThenOf_connectionThatIsClosedByThenSaysSo(Transport transport) throws Exception {
        for (int i = 0; i < 10; i++) {
            try (Peer.Listener listener = new Peer.Listener(transport)) {
                Mono<Peer> accepted = Mono.fromCallable(() -> {
                            Peer peer = listener.accept();
                            peer.write(wire("greeting"));
                            peer.close();
                            return peer;
                        })
                        .subscribeOn(Schedulers.boundedElastic())
                        .cache();
                accepted.subscribe(peers::add);
                Connection connection =
                        transport.client(loops, listener.address()).connectNow();
                resources.add(connection);
                accepted.block(SOON);
                Mono.delay(Duration.ofMillis(i)).block();

                List<String> frames = new ArrayList<>();
                Object end = FramedConnection.of(connection, LENGTH4)
                        .receive()
                        .map(ConnectionTester::text)
                        .doOnNext(frames::add)
                        .then(Mono.<Object>just("completion"))
                        .onErrorResume(Mono::just)
                        .block(SOON);

                if (frames.isEmpty()) {
                    assertThat(end).isInstanceOf(AbortedException.class);
                } else {
                    assertThat(frames).containsExactly("greeting");
                    assertThat(end).isEqualTo("completion");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientShutsItsOutput_serverAnswersAfterwards(Transport transport) throws Exception {
        DisposableServer server = serve(
                transport,
                LONG_PATIENCE,
                connection -> connection
                        .receive()
                        .count()
                        .flatMap(count -> connection.send(Mono.just(frame(count + " frames")))));
        TcpClient client = transport.client(loops, Transport.jdkAddress(server.address()));
        Sinks.One<List<String>> answers = Sinks.one();
        Connection connection = client.handle(FramedConnection.handler(
                        LENGTH4,
                        c -> c.send(Flux.range(0, 1000).map(i -> ByteBuffer.wrap(payload(i))))
                                .then(c.shutdownOutput())
                                .thenMany(c.receive().map(ConnectionTester::text))
                                .collectList()
                                .doOnNext(answers::tryEmitValue)
                                .then()))
                .connectNow();
        resources.add(connection);

        List<String> all = answers.asMono().block(SOON);

        if (transport == Transport.TLS12) {
            assertThat(all).isEmpty(); // whoever gets close_notify has to close
        } else {
            assertThat(all).containsExactly("1000 frames");
        }
        assertThat(warnings()).isEmpty();
    }
}
