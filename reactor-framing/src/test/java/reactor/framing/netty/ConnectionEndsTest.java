package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.netty.Peer.End;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;

/**
 * Every shape of conversation by every way in which a peer ends a connection, on every transport. The peer sends frames
 * and ends the connection; what has to come of it is in {@link Cell#verify}.
 */
@Timeout(600)
class ConnectionEndsTest extends ConnectionTester {

    private static final AtomicInteger CELLS = new AtomicInteger();

    /** Of some cells only, as often as wanted: {@code -Dends.cells="READS, FIN.*" -Dends.rounds=100}. */
    private static final Predicate<String> CHOSEN =
            Pattern.compile(System.getProperty("ends.cells", "")).asPredicate();

    /**
     * Whether all cells are tried, for some five minutes; else those of the plain transport, and a third of the others.
     */
    private static final boolean ALL = Boolean.getBoolean("ends.all") || System.getProperty("ends.cells") != null;

    private static final int ROUNDS = Integer.getInteger("ends.rounds", 1);

    /** Less than one read of a socket. */
    private static final int FEW = 20;

    /** More than one read of a socket, and more than a window of answers. */
    private static final int MANY = 20_000;

    /** How many frames the conversation that ends early takes. */
    private static final int EARLY = 5;

    /** What a conversation does with the connection. */
    enum Shape {
        READS(true, false) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return cell.receive(connection).doOnNext(cell::see).then();
            }
        },
        READS_LENT(true, false) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return connection
                        .receive(frame -> {
                            cell.see(frame);
                            return frame.getInt();
                        })
                        .doOnComplete(cell::receiveCompleted)
                        .doOnError(cell::receiveFailed)
                        .then();
            }
        },
        READS_ONE_BY_ONE(true, false) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return connection
                        .next()
                        .expand(frame -> connection.next())
                        .doOnNext(cell::see)
                        .doOnComplete(cell::receiveCompleted)
                        .doOnError(cell::receiveFailed)
                        .then();
            }
        },
        ANSWERS(true, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return connection.send(cell.receive(connection).doOnNext(cell::see));
            }
        },
        ANSWERS_LATER(true, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return connection.send(cell.receive(connection)
                        .doOnNext(cell::see)
                        .flatMapSequential(frame -> Mono.just(frame).delayElement(Duration.ofMillis(100)), 8192, 8192));
            }
        },
        ANSWERS_ELSEWHERE(true, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return connection.send(cell.receive(connection)
                        .publishOn(Schedulers.parallel())
                        .doOnNext(cell::see));
            }
        },
        WORKS_ON_EACH(true, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return cell.receive(connection)
                        .concatMap(frame -> cell.work(frame).then(connection.send(Mono.just(frame))), 0)
                        .then();
            }
        },
        WORKS_ON_EACH_PREFETCHED(true, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return cell.receive(connection)
                        .concatMap(frame -> cell.work(frame).then(connection.send(Mono.just(frame))))
                        .then();
            }
        },
        WORKS_ON_SEVERAL(true, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return cell.receive(connection)
                        .flatMap(frame -> connection.send(cell.work(frame).thenReturn(frame)), 16)
                        .then();
            }
        },
        LOOKS_SOMETHING_UP(true, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return Mono.delay(Duration.ofMillis(50)).then(ANSWERS.converse(connection, cell));
            }
        },
        NEVER_READS(false, false) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return Mono.never();
            }
        },
        NEVER_ENDS(true, false) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                // send comes first: the connection is disposed of as soon as receive has ended
                return Mono.when(
                        connection.send(Mono.never()).doOnError(cell::sendFailed),
                        cell.receive(connection).doOnNext(cell::see).then().onErrorComplete());
            }
        },
        ENDS_EARLY(false, true) {
            @Override
            Mono<Void> converse(FramedConnection connection, Cell cell) {
                return connection.send(connection.receive().take(EARLY).doOnNext(cell::see));
            }
        };

        /** Whether it reads to the end. */
        final boolean reads;

        final boolean answers;

        Shape(boolean reads, boolean answers) {
            this.reads = reads;
            this.answers = answers;
        }

        abstract Mono<Void> converse(FramedConnection connection, Cell cell);
    }

    /** When the peer ends the connection. */
    enum Moment {
        /** While the conversation goes on. */
        MEANWHILE,
        /** Before the conversation does anything. */
        BEFORE
    }

    /** One conversation, and what is seen of it. */
    static final class Cell {

        final Shape shape;
        final End how;
        final Transport transport;
        final int frames;
        final Moment moment;

        private final Sinks.Empty<Void> peerHasEnded = Sinks.empty();
        private final Sinks.One<FramedConnection> served = Sinks.one();
        private final Sinks.Empty<Void> receiveEnded = Sinks.empty();
        private final Sinks.Empty<Void> conversationEnded = Sinks.empty();
        private final AtomicInteger seen = new AtomicInteger();
        private final AtomicReference<@Nullable String> wrong = new AtomicReference<>();
        private final AtomicReference<@Nullable Object> receiveEnd = new AtomicReference<>();
        private final AtomicReference<@Nullable Throwable> sendFailure = new AtomicReference<>();
        private final AtomicReference<@Nullable Object> end = new AtomicReference<>();

        Cell(Shape shape, End how, Transport transport, int frames, Moment moment) {
            this.shape = shape;
            this.how = how;
            this.transport = transport;
            this.frames = frames;
            this.moment = moment;
        }

        Cell again() {
            return new Cell(shape, how, transport, frames, moment);
        }

        @Override
        public String toString() {
            return shape + ", " + how + ", " + transport + ", " + frames + " frames, " + moment;
        }

        // ---- the conversation

        Mono<Void> converse(FramedConnection connection) {
            served.tryEmitValue(connection);
            Mono<Void> conversation = Mono.defer(() -> shape.converse(connection, this));
            if (moment == Moment.BEFORE && shape != Shape.NEVER_READS) {
                conversation =
                        peerHasEnded.asMono().publishOn(Schedulers.parallel()).then(conversation);
            }
            return conversation
                    .doOnSuccess(nothing -> end.set("completion"))
                    .doOnError(end::set)
                    .doOnCancel(() -> end.set("cancel"))
                    .doFinally(signal -> conversationEnded.tryEmitEmpty());
        }

        Flux<ByteBuffer> receive(FramedConnection connection) {
            return connection.receive().doOnComplete(this::receiveCompleted).doOnError(this::receiveFailed);
        }

        void see(ByteBuffer frame) {
            int number = seen.getAndIncrement();
            if (!frame.equals(ByteBuffer.wrap(payload(number)))) {
                wrong.compareAndSet(null, "frame " + number + " is wrong");
            }
        }

        /** Takes a while with some of the frames, and comes from another thread. */
        Mono<Void> work(ByteBuffer frame) {
            see(frame);
            return frame.getInt(0) % (frames / 20) == 0
                    ? Mono.delay(Duration.ofMillis(5)).then()
                    : Mono.<Void>fromRunnable(() -> {}).subscribeOn(Schedulers.parallel());
        }

        void receiveCompleted() {
            receiveEnd.set("completion");
            receiveEnded.tryEmitEmpty();
        }

        void receiveFailed(Throwable failure) {
            receiveEnd.set(failure);
            receiveEnded.tryEmitEmpty();
        }

        void sendFailed(Throwable failure) {
            sendFailure.set(failure);
        }

        // ---- the peer

        void run(Peer peer) throws Exception {
            FramedConnection connection = served.asMono().block(SOON);
            // the handshake of TLS has been written to its end
            connection.channel().eventLoop().submit(() -> {}).get();
            boolean unixReset = transport == Transport.UNIX && how == End.RST;
            if (!unixReset) {
                peer.readAll();
            }
            peer.write(wire(frames));
            if (unixReset) {
                peer.awaitReadable();
            }
            if (how == End.CLOSE && !shape.answers) {
                peer.awaitNothingUnread(); // a session ticket, say: it would make a reset of the close
            }
            peer.end(how);
            if (how == End.CLOSE) {
                peer.received(SOON); // the system closes the socket when the thread that reads has left it
            }
            peerHasEnded.tryEmitEmpty();
            if (shape == Shape.NEVER_ENDS) {
                receiveEnded.asMono().block(SOON);
                connection.connection().dispose();
            }
            soon("the conversation ends", conversationEnded.asMono());
            soon("the connection is closed", connection.connection().onDispose());
            Peer.Received received = how == End.FIN || how == End.CLOSE_NOTIFY ? peer.received(SOON) : null;
            verify(received);
        }

        private void soon(String what, Mono<Void> signal) {
            Boolean come =
                    signal.thenReturn(true).timeout(SOON, Mono.just(false)).block();
            assertThat(come).as(what + "; " + state()).isTrue();
        }

        private String state() {
            return "seen " + seen + ", receive " + receiveEnd + ", conversation " + end;
        }

        // ---- what has to come of it

        void verify(Peer.@Nullable Received received) {
            SoftAssertions all = new SoftAssertions();
            all.assertThat(wrong.get()).as("wrong frames").isNull();
            verifyFrames(all);
            verifyReceiveEnd(all);
            verifyConversationEnd(all);
            if (received != null) {
                verifyAnswers(received, all);
            }
            all.assertAll();
        }

        /** Whether the system may have thrown away what the peer had sent. */
        private boolean mayBeCutOff() {
            // closing with unread answers is a reset as well
            boolean reset = how == End.RST || how == End.CLOSE && shape.answers;
            return reset && frames == MANY;
        }

        private void verifyFrames(SoftAssertions all) {
            if (shape == Shape.ENDS_EARLY) {
                all.assertThat(seen.get()).as("frames seen").isEqualTo(EARLY);
            } else if (shape.reads && mayBeCutOff()) {
                all.assertThat(seen.get()).as("frames seen").isLessThanOrEqualTo(frames);
            } else {
                all.assertThat(seen.get()).as("frames seen").isEqualTo(shape.reads ? frames : 0);
            }
        }

        private void verifyReceiveEnd(SoftAssertions all) {
            Object receiveEnd = this.receiveEnd.get();
            if (!shape.reads) {
                return;
            }
            if (how == End.RST) {
                all.assertThat(receiveEnd).as("end of receive").isInstanceOf(IOException.class);
            } else if (how == End.CLOSE && shape.answers && moment == Moment.MEANWHILE) {
                // the peer closed before it had read the answers
                all.assertThat(receiveEnd)
                        .as("end of receive")
                        .satisfiesAnyOf(
                                e -> assertThat(e).isEqualTo("completion"),
                                e -> assertThat(e).isInstanceOf(IOException.class));
            } else {
                all.assertThat(receiveEnd).as("end of receive").isEqualTo("completion");
            }
        }

        private void verifyConversationEnd(SoftAssertions all) {
            Object end = this.end.get();
            boolean peerReads = how == End.FIN || how == End.CLOSE_NOTIFY && transport != Transport.TLS12;
            if (shape == Shape.NEVER_READS) {
                all.assertThat(end).as("end of the conversation").isEqualTo("cancel");
            } else if (shape == Shape.NEVER_ENDS) {
                all.assertThat(sendFailure.get()).as("end of send").isInstanceOf(AbortedException.class);
            } else if (how == End.RST && shape.reads) {
                all.assertThat(end)
                        .as("end of the conversation")
                        .satisfies(e -> assertThat(reasons(e)).contains("reset"));
            } else if (peerReads || !shape.answers) {
                all.assertThat(end).as("end of the conversation").isEqualTo("completion");
            }
        }

        private static String reasons(@Nullable Object end) {
            StringBuilder all = new StringBuilder();
            for (Throwable t = end instanceof Throwable e ? e : null; t != null; t = t.getCause()) {
                all.append(t).append(' ');
            }
            return all.toString();
        }

        private void verifyAnswers(Peer.Received received, SoftAssertions all) {
            all.assertThat(received.failure())
                    .as("failure of the peer's reading")
                    .isNull();
            int expected = !shape.answers ? 0 : shape == Shape.ENDS_EARLY ? EARLY : frames;
            List<ByteBuffer> answers = unwire(received.bytes());
            if (transport == Transport.TLS12 && how == End.CLOSE_NOTIFY) {
                // whoever gets close_notify has to close then
                all.assertThat(answers.size()).as("answers").isLessThanOrEqualTo(expected);
            } else {
                all.assertThat(answers.size()).as("answers").isEqualTo(expected);
            }
            if (shape == Shape.WORKS_ON_SEVERAL) {
                all.assertThat(new HashSet<>(answers)).as("different answers").hasSameSizeAs(answers);
                return;
            }
            for (int i = 0; i < answers.size(); i++) {
                if (!answers.get(i).equals(ByteBuffer.wrap(payload(i)))) {
                    all.fail("answer " + i + " is wrong");
                    return;
                }
            }
        }
    }

    private static boolean exists(Shape shape, End how, Transport transport, int frames, Moment moment) {
        if (how == End.CLOSE_NOTIFY && !transport.isTls()) {
            return false;
        }
        if (transport == Transport.UNIX && how == End.RST && (!shape.answers || moment == Moment.BEFORE)) {
            return false; // has to have something unread
        }
        if (frames == MANY && (moment == Moment.BEFORE || transport == Transport.UNIX && how == End.RST)) {
            return false; // is more than the sockets hold
        }
        return shape != Shape.NEVER_READS || frames == FEW;
    }

    private static List<Cell> cells(Stream<Transport> transports, int frames, Moment moment) {
        List<Cell> all = new ArrayList<>();
        transports.forEach(transport -> {
            for (Shape shape : Shape.values()) {
                for (End how : End.values()) {
                    Cell cell = new Cell(shape, how, transport, frames, moment);
                    if (exists(shape, how, transport, frames, moment) && CHOSEN.test(cell.toString())) {
                        all.add(cell);
                    }
                }
            }
        });
        List<Cell> cells = IntStream.range(0, all.size())
                .filter(i -> ALL || i % 3 == 0 || frames == FEW && all.get(i).transport == Transport.EPOLL)
                .mapToObj(all::get)
                .toList();
        return IntStream.range(0, ROUNDS)
                .boxed()
                .flatMap(round -> cells.stream().map(Cell::again))
                .toList();
    }

    private static Stream<Transport> transports() {
        return Stream.of(Transport.EPOLL, Transport.NIO, Transport.TLS12, Transport.TLS13, Transport.UNIX);
    }

    static List<Cell> fewFramesMeanwhile() {
        return cells(transports(), FEW, Moment.MEANWHILE);
    }

    static List<Cell> fewFramesBefore() {
        return cells(transports(), FEW, Moment.BEFORE);
    }

    static List<Cell> manyFrames() {
        return cells(transports(), MANY, Moment.MEANWHILE);
    }

    @AfterAll
    static void tellHowMany() {
        System.out.println("ends of connections: " + CELLS + " cells");
        assertThat(CELLS).as("cells").hasPositiveValue();
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("fewFramesMeanwhile")
    void peerEndsWhileFewFramesAreUnderWay_nothingIsLost(Cell cell) throws Exception {
        runOnServer(cell);
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("fewFramesBefore")
    void peerEndsBeforeFramesAreRead_nothingIsLost(Cell cell) throws Exception {
        runOnServer(cell);
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("manyFrames")
    void peerEndsWhileManyFramesAreUnderWay_nothingIsLost(Cell cell) throws Exception {
        runOnServer(cell);
    }

    private void runOnServer(Cell cell) throws Exception {
        CELLS.incrementAndGet();
        DisposableServer server = serve(cell.transport, patience(cell), cell::converse);
        cell.run(connect(cell.transport, server));
        assertThat(warnings()).as("logged").isEmpty();
    }

    /** Only those who never read, or never end, have to wait for the end of it. */
    private static Patience patience(Cell cell) {
        return cell.shape == Shape.NEVER_READS || cell.shape == Shape.NEVER_ENDS ? SHORT : LONG_PATIENCE;
    }

    // ---- the client's side

    static List<Cell> onClients() {
        Set<Shape> shapes = EnumSet.of(
                Shape.READS,
                Shape.ANSWERS,
                Shape.ANSWERS_LATER,
                Shape.WORKS_ON_EACH,
                Shape.NEVER_READS,
                Shape.ENDS_EARLY);
        return cells(Stream.of(Transport.EPOLL, Transport.NIO, Transport.TLS13), FEW, Moment.MEANWHILE).stream()
                .filter(cell -> shapes.contains(cell.shape))
                .toList();
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("onClients")
    void serverEnds_clientLosesNothing(Cell cell) throws Exception {
        CELLS.incrementAndGet();
        try (Peer.Listener listener = new Peer.Listener(cell.transport)) {
            Mono<? extends Connection> client = cell.transport
                    .client(loops, listener.address())
                    .option(ChannelOption.ALLOCATOR, allocator)
                    .doOnConnected(resources::add)
                    .handle(FramedConnection.handler(LENGTH4, LENGTH4, cell::converse, patience(cell)))
                    .connect();
            client.subscribe();
            Peer peer = listener.accept();
            peers.add(peer);
            cell.run(peer);
        }
        assertThat(warnings()).as("logged").isEmpty();
    }
}
