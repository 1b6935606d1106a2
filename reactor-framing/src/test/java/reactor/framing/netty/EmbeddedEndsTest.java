package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.netty.channel.AbortedException;
import reactor.test.subscriber.TestSubscriber;

/** How conversations end on a socket that the test holds, and what becomes of sends when the peer is gone. */
@ExtendWith(NoBlocking.class)
class EmbeddedEndsTest {

    private static final FrameCodec LENGTH4 = FrameCodec.of(LengthField.ofSize(4));
    private static final int KIB = 1024;

    /** However long a test lasts, a lost send is kept as if its reader had just been there. */
    private static final Patience ENDLESS =
            new Patience(Patience.USUAL.lost(), Patience.USUAL.shut(), Patience.USUAL.look(), Duration.ofHours(1));

    /** A lost send is given up at the first look that finds no reader. */
    private static final Patience NONE = new Patience(
            Patience.USUAL.lost(), Patience.USUAL.shut(), Patience.USUAL.look(), Duration.ZERO.minusNanos(1));

    private final EmbeddedSocket socket = new EmbeddedSocket();
    /** Whoever reads slowly, if somebody does; reads the rest at the end. */
    private TestSubscriber<ByteBuffer> reader = TestSubscriber.create();

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger log = (Logger) LoggerFactory.getLogger(FramedConnection.class);

    @BeforeEach
    void captureLog() {
        logged.start();
        log.setLevel(Level.DEBUG);
        log.addAppender(logged);
        log.setAdditive(false);
    }

    @AfterEach
    void everyBufferIsReleased() {
        reader.request(Long.MAX_VALUE);
        socket.connection().dispose();
        socket.turn();
        log.detachAppender(logged);
        log.setAdditive(true);
        log.setLevel(null);
        assertThat(socket.bytesInUse()).isZero();
    }

    private List<String> logged() {
        return logged.list.stream()
                .map(event -> event.getLevel()
                        + event.getFormattedMessage().replaceFirst("^.* conversation", " conversation"))
                .toList();
    }

    /** Holds a conversation; what is returned ends when the connection may be closed. */
    private TestSubscriber<Void> converse(
            Patience patience, Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        TestSubscriber<Void> end = TestSubscriber.create();
        Mono.from(FramedConnection.handler(LENGTH4, LENGTH4, conversation, patience)
                        .apply(socket.connection(), socket.connection()))
                .subscribe(end);
        return end;
    }

    private static TestSubscriber<Void> subscribed(Mono<Void> send) {
        TestSubscriber<Void> subscriber = TestSubscriber.create();
        send.subscribe(subscriber);
        return subscriber;
    }

    private static ByteBuffer filled(int wireLength, int by) {
        ByteBuffer frame = ByteBuffer.allocate(wireLength - 4);
        for (int i = 0; i < frame.capacity(); i++) {
            frame.put(i, (byte) by);
        }
        return frame;
    }

    // ---- the conversation ends

    @Test
    void conversationEnds_outputIsShutAndTheInputReadToItsEnd() {
        TestSubscriber<Void> end =
                converse(Patience.USUAL, connection -> connection.send(Mono.just(ConnectionTester.frame("bye"))));
        socket.turn();

        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("bye"));
        assertThat(socket.isOutputShutdown()).isTrue();
        assertThat(end.isTerminated()).isFalse();
        assertThat(socket.reads()).isPositive();
        socket.arrive(ConnectionTester.wire("late"));
        assertThat(socket.reads()).isPositive();
        assertThat(end.isTerminated()).isFalse();

        socket.fin();
        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(logged()).isEmpty();
    }

    /** A task that waits for a minute would hold the conversation, its decoder and its channel as long. */
    @Test
    void conversationEnds_noTaskHoldsIt() {
        Sinks.Empty<Void> work = Sinks.empty();
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> work.asMono());
        socket.turn();
        socket.fin();
        socket.lose();
        assertThat(socket.runScheduledPendingTasks()).isPositive();

        work.tryEmitEmpty();
        socket.pass(Patience.USUAL.look());

        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(socket.runScheduledPendingTasks()).isEqualTo(-1);
    }

    @Test
    void conversationEndsAndThePeerDoesNot_closedAfterASecond() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> Mono.empty());
        socket.pass(Duration.ofSeconds(1).minusNanos(1));
        assertThat(end.isTerminated()).isFalse();

        socket.pass(Duration.ofNanos(1));

        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void conversationEndsBehindThePeer_closedAtOnce() {
        TestSubscriber<Void> end =
                converse(Patience.USUAL, connection -> connection.receive().then());
        socket.fin();

        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void conversationEndsAndTheConnectionIsClosed_closedOnce() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> Mono.empty());
        socket.connection().dispose();
        socket.turn();

        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(socket.hasPendingTasks()).isFalse();
    }

    @Test
    void conversationEndsInsideAFrame_frameIsWrittenToItsEndAndNothingElse() {
        socket.takes(0);
        Sinks.Empty<Void> over = Sinks.empty();
        List<TestSubscriber<Void>> sends = new ArrayList<>();
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            sends.add(subscribed(connection.send(Flux.just(filled(300 * KIB, 1), filled(300 * KIB, 2)))));
            sends.add(subscribed(connection.send(Flux.just(filled(10, 3)))));
            return over.asMono();
        });
        over.tryEmitEmpty();
        assertThat(sends)
                .allSatisfy(send -> assertThat(send.expectTerminalError())
                        .isInstanceOf(AbortedException.class)
                        .hasMessage("The conversation has ended"));

        for (int i = 1; i < 5; i++) {
            socket.takes(60 * KIB);
            socket.pass(Duration.ofMillis(900));
            assertThat(socket.isOutputShutdown()).isFalse();
        }
        socket.takes(60 * KIB);

        assertThat(socket.takenFrames()).containsExactly(filled(300 * KIB, 1));
        assertThat(socket.isOutputShutdown()).isTrue();
        assertThat(end.isTerminated()).isFalse();
    }

    @Test
    void conversationEndsWhilePacked_framesAreOnlyThoseThatWereWritten() {
        Sinks.Empty<Void> over = Sinks.empty();
        List<TestSubscriber<Void>> sends = new ArrayList<>();
        converse(Patience.USUAL, connection -> {
            sends.add(subscribed(connection.send(Flux.just(filled(10, 1)).concatWith(Flux.never()))));
            sends.add(subscribed(connection.send(Flux.never())));
            return over.asMono();
        });
        over.tryEmitEmpty();

        assertThat(sends)
                .allSatisfy(send -> assertThat(send.expectTerminalError()).hasMessage("The conversation has ended"));
        assertThat(socket.takenFrames()).containsExactly(filled(10, 1));
        assertThat(socket.isOutputShutdown()).isTrue();
    }

    @Test
    void conversationEndsAndTheSocketTakesNothing_closedByForceAfterASecond() {
        socket.takes(0);
        Sinks.Empty<Void> over = Sinks.empty();
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            subscribed(connection.send(Flux.just(filled(300 * KIB, 1))));
            return over.asMono();
        });
        over.tryEmitEmpty();
        socket.pass(Duration.ofSeconds(1).minusNanos(1));
        assertThat(end.isTerminated()).isFalse();

        socket.pass(Duration.ofNanos(1));

        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(socket.isOutputShutdown()).isFalse();
    }

    @Test
    void conversationEndsAndTheSocketTakesNothingMore_closedByForceASecondLater() {
        socket.takes(0);
        Sinks.Empty<Void> over = Sinks.empty();
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            subscribed(connection.send(Flux.just(filled(300 * KIB, 1))));
            return over.asMono();
        });
        over.tryEmitEmpty();
        socket.takes(100 * KIB);
        socket.pass(Duration.ofSeconds(1));
        socket.pass(Duration.ofSeconds(1).minusNanos(1));
        assertThat(end.isTerminated()).isFalse();

        socket.pass(Duration.ofNanos(1));

        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void conversationEndsAndTheOutputCannotBeShut_closedAtOnce() {
        socket.failWrites(new IOException("not connected"));
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> Mono.empty());

        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void conversationEndsInsideALongQuestion_itIsWrittenToItsEnd() {
        socket.takes(0);
        Sinks.Empty<Void> over = Sinks.empty();
        converse(Patience.USUAL, connection -> {
            subscribed(connection.request(filled(300 * KIB, 1)).then());
            return over.asMono();
        });
        socket.turn();
        over.tryEmitEmpty();
        socket.takes(Long.MAX_VALUE);

        assertThat(socket.takenFrames()).containsExactly(filled(300 * KIB, 1));
        assertThat(socket.isOutputShutdown()).isTrue();
    }

    @Test
    void conversationEndsInsideAFrameAndThePeerGoes_closedAtOnce() {
        socket.takes(0);
        Sinks.Empty<Void> over = Sinks.empty();
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            subscribed(connection.send(Flux.just(filled(300 * KIB, 1))));
            return over.asMono();
        });
        over.tryEmitEmpty();
        assertThat(end.isTerminated()).isFalse();

        socket.reset();

        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void conversationThatNeverReads_socketIsLookedAtAfterASecond() {
        converse(Patience.USUAL, connection -> Mono.never());
        socket.reads();
        socket.pass(Duration.ofSeconds(1));

        assertThat(socket.reads()).isPositive();
    }

    @Test
    void conversationEndsInsideAFrameOfParts_connectionIsCutOff() {
        Sinks.Empty<Void> over = Sinks.empty();
        converse(Patience.USUAL, connection -> {
            subscribed(connection.sendParts(
                    10, Flux.just(ConnectionTester.frame("ab")).concatWith(Flux.never())));
            return over.asMono();
        });
        assertThat(socket.isOpen()).isTrue();

        over.tryEmitEmpty();

        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void conversationEnds_laterSendsAreRefused() {
        AtomicReference<@Nullable FramedConnection> framed = new AtomicReference<>();
        converse(Patience.USUAL, connection -> {
            framed.set(connection);
            return Mono.empty();
        });

        assertThat(subscribed(framed.get().send(Flux.just(filled(10, 1)))).expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasMessage("The conversation has ended");
        TestSubscriber<ByteBuffer> reader = TestSubscriber.create();
        framed.get().receive().subscribe(reader);
        assertThat(reader.expectTerminalError()).hasMessage("The conversation has ended");
    }

    @Test
    void conversationEnds_whoWaitsForTheOutputToBeShutIsTold() {
        List<TestSubscriber<Void>> shut = new ArrayList<>();
        converse(Patience.USUAL, connection -> {
            subscribed(connection.send(Flux.never()));
            shut.add(subscribed(connection.shutdownOutput()));
            return Mono.empty();
        });

        assertThat(shut.get(0).isTerminatedComplete()).isTrue();
    }

    @Test
    void conversationEnds_heartbeatStops() {
        converse(Patience.USUAL, connection -> {
            connection.heartbeat(Duration.ofNanos(1), () -> ConnectionTester.frame("beat"));
            return Mono.empty();
        });
        socket.pass(Duration.ofMillis(1));

        assertThat(socket.taken()).isEmpty();
    }

    @Test
    void outputThatCannotBeShut_isSaidSo() {
        EmbeddedChannel channel = new EmbeddedChannel();
        assertThat(LingeringClose.shutOutput(channel).cause())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("The output of this channel cannot be shut by itself");
        channel.close();
    }

    // ---- the peer ends

    @Test
    void peerShutsItsOutput_conversationThatDoesNothingIsCancelledAfterAMinute() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> Mono.never());
        socket.fin();
        socket.pass(Duration.ofSeconds(60).minusNanos(1));
        assertThat(end.isTerminated()).isFalse();

        socket.pass(Duration.ofNanos(1));

        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(logged()).containsExactly("DEBUG conversation cancelled, as the peer is gone");
    }

    @Test
    void peerIsLost_conversationThatDoesNothingIsCancelledAfterTenSeconds() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> Mono.never());
        socket.reset();
        socket.pass(Duration.ofSeconds(10).minusNanos(1));
        assertThat(end.isTerminated()).isFalse();

        socket.pass(Duration.ofNanos(1));

        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void peerIsLostBehindItsFin_itIsTenSecondsFromThen() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> Mono.never());
        socket.fin();
        socket.pass(Duration.ofSeconds(5));
        socket.lose();
        socket.pass(Duration.ofSeconds(10).minusNanos(1));
        assertThat(end.isTerminated()).isFalse();

        socket.pass(Duration.ofNanos(1));

        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void peerShutsItsOutput_conversationThatSendsOrReadsGoesOn() {
        Sinks.Many<ByteBuffer> frames = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> end = converse(
                Patience.USUAL, connection -> connection.send(frames.asFlux()).then(Mono.never()));
        socket.fin();
        socket.pass(Duration.ofSeconds(130));
        assertThat(end.isTerminated()).isFalse();

        frames.tryEmitComplete();
        socket.turn();
        socket.pass(Duration.ofSeconds(60));
        assertThat(end.isTerminatedComplete()).isTrue();
    }

    /** A conversation that waits for something else, and whose reader wants nothing of what has arrived. */
    private TestSubscriber<Void> frameThatIsNotWanted_andTheEnd() {
        reader = TestSubscriber.builder().initialRequest(0).build();
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            connection.receive().subscribe(reader);
            return Mono.never();
        });
        socket.arrive(ConnectionTester.wire("a"));
        socket.fin();
        return end;
    }

    @Test
    void peerShutsItsOutput_readerWhoIsSlowGoesOn() {
        TestSubscriber<Void> end = frameThatIsNotWanted_andTheEnd();
        socket.pass(Duration.ofSeconds(130));
        assertThat(end.isTerminated()).isFalse();

        reader.cancel();
        socket.pass(Duration.ofSeconds(60));
        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void readerThatHasBeenToldTheEnd_mayTakeItsTime() {
        TestSubscriber<Void> end =
                converse(Patience.USUAL, connection -> connection.receive().then(Mono.never()));
        socket.fin();
        socket.lose();
        socket.pass(Duration.ofHours(1));

        assertThat(end.isTerminated()).isFalse();
    }

    @Test
    void readerThatIsToldTheEndWhileItIsWatched_mayTakeItsTime() {
        TestSubscriber<Void> end = frameThatIsNotWanted_andTheEnd();
        reader.request(9);
        assertThat(reader.isTerminatedComplete()).isTrue();
        socket.pass(Duration.ofHours(1));

        assertThat(end.isTerminated()).isFalse();
    }

    // ---- failures

    @Test
    void closedHere_conversationIsCancelledAtOnce() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> Mono.never());
        socket.connection().dispose();
        socket.turn();

        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(logged()).isEmpty();
    }

    @Test
    void failures_areLoggedByWhoseTheyAre() {
        record Case(Throwable failure, String logged) {}
        for (Case each : List.of(
                new Case(new IllegalStateException("ours"), "ERROR conversation failed"),
                new Case(new IOException("reset"), "DEBUG conversation cut off"),
                new Case(new AbortedException("gone"), "DEBUG conversation cut off"),
                new Case(
                        reactor.core.Exceptions.multiple(new IOException("reset"), new AbortedException("gone")),
                        "DEBUG conversation cut off"),
                new Case(
                        reactor.core.Exceptions.multiple(new IOException("reset"), new IllegalStateException("ours")),
                        "ERROR conversation failed"),
                new Case(
                        new reactor.framing.CorruptFrameException("theirs"),
                        "WARN conversation ended by reactor.framing.CorruptFrameException: theirs"))) {
            logged.list.clear();
            EmbeddedSocket other = new EmbeddedSocket();
            Mono.from(FramedConnection.handler(LENGTH4, connection -> Mono.error(each.failure()))
                            .apply(other.connection(), other.connection()))
                    .subscribe();
            assertThat(logged()).containsExactly(each.logged());
            other.lose();
        }
    }

    @Test
    void conversationThatThrowsOrIsNull_isAFailure() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            throw new IllegalStateException("of a test");
        });
        socket.fin();
        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(logged()).containsExactly("ERROR conversation failed");

        EmbeddedSocket other = new EmbeddedSocket();
        Mono.from(FramedConnection.handler(LENGTH4, connection -> null).apply(other.connection(), other.connection()))
                .subscribe();
        assertThat(logged.list.get(1).getThrowableProxy().getMessage()).isEqualTo("the conversation is null");
        other.lose();
    }

    @Test
    void conversationThatThrowsWhatCannotBeHandled_itIsThrownOn() {
        assertThatThrownBy(() -> converse(Patience.USUAL, connection -> {
                    throw new OutOfMemoryError("of a test");
                }))
                .isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void closedHereBeforeTheConversationBegins_itEnds() {
        List<String> cancelled = new ArrayList<>();
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            socket.connection().dispose();
            socket.turn();
            return Mono.<Void>never().doOnCancel(() -> cancelled.add("cancelled"));
        });

        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(cancelled).containsExactly("cancelled");
    }

    @Test
    void failureBehindACloseHere_isNoFailure() {
        converse(
                Patience.USUAL,
                connection -> connection
                        .receive()
                        .then()
                        .onErrorResume(e -> Mono.error(new IllegalStateException("made of " + e.getMessage()))));
        socket.connection().dispose();
        socket.turn();

        assertThat(logged()).containsExactly("DEBUG conversation cut off");
    }

    @Test
    void subscriberThatThrowsWhatCannotBeHandled_conversationIsCancelledAndLogged() {
        TestSubscriber<Void> end = converse(Patience.USUAL, connection -> {
            connection
                    .receive()
                    .doOnNext(frame -> {
                        throw new OutOfMemoryError("of a test");
                    })
                    .subscribe();
            return Mono.never();
        });
        socket.arrive(ConnectionTester.wire("a"));

        assertThat(end.isTerminatedComplete()).isTrue();
        assertThat(logged()).containsExactly("ERROR conversation failed");
    }

    @Test
    void contextOfTheHandler_isThatOfTheConversation() {
        List<String> seen = new ArrayList<>();
        Mono.from(FramedConnection.handler(
                                LENGTH4,
                                connection -> Mono.deferContextual(context -> {
                                    seen.add(context.get("key"));
                                    return Mono.empty();
                                }))
                        .apply(socket.connection(), socket.connection()))
                .contextWrite(context -> context.put("key", "value"))
                .subscribe();

        assertThat(seen).containsExactly("value");
    }

    // ---- sends to a peer that is gone

    /** A connection whose reader has not taken all, when the peer resets. */
    private FramedConnection lost(Patience patience) {
        FramedConnection connection = socket.framed(LENGTH4, patience);
        reader = slow();
        connection.receive().subscribe(reader);
        socket.arrive(ConnectionTester.wire("a", "b"));
        socket.reset();
        assertThat(reader.isTerminated()).isFalse();
        return connection;
    }

    private static TestSubscriber<ByteBuffer> slow() {
        return TestSubscriber.builder().initialRequest(1).build();
    }

    @Test
    void whileSomebodyReads_sendsAreDroppedAndComplete() {
        FramedConnection connection = lost(NONE);
        ByteBuf buffer = Unpooled.directBuffer().writeZero(10);

        TestSubscriber<Void> one = subscribed(connection.send(Mono.just(filled(10, 1))));
        TestSubscriber<Void> other = subscribed(connection.sendBuffers(Mono.just(buffer)));
        TestSubscriber<Void> empty = subscribed(connection.send(Flux.empty()));

        assertThat(one.isTerminatedComplete()).isTrue();
        assertThat(other.isTerminatedComplete()).isTrue();
        socket.pass(Duration.ofMillis(1));
        assertThat(empty.isTerminatedComplete()).isTrue();
        assertThat(buffer.refCnt()).isZero();
        assertThat(socket.taken()).isEmpty();
    }

    @Test
    void whileSomebodyReads_sourcesGoOnBy64MessagesAMillisecond() {
        FramedConnection connection = lost(NONE);
        List<Integer> made = new ArrayList<>();
        TestSubscriber<Void> send = subscribed(
                connection.send(Flux.range(0, 150).doOnNext(made::add).map(i -> filled(10, i))));

        assertThat(made).hasSize(64);
        socket.pass(Duration.ofMillis(1).minusNanos(1));
        assertThat(made).hasSize(64);
        socket.pass(Duration.ofNanos(1));
        assertThat(made).hasSize(128);
        assertThat(send.isTerminated()).isFalse();
        socket.pass(Duration.ofMillis(1));
        assertThat(made).hasSize(150);
        assertThat(send.isTerminatedComplete()).isTrue();
    }

    @Test
    void sendThatHadBegun_failsIfMoreIsDroppedAndCompletesIfNot() {
        reader = slow();
        FramedConnection connection = socket.framed(LENGTH4, ENDLESS);
        connection.receive().subscribe(reader);
        Sinks.Many<ByteBuffer> more = Sinks.many().unicast().onBackpressureBuffer();
        Sinks.Many<ByteBuffer> nothing = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> begun = subscribed(connection.send(more.asFlux()));
        TestSubscriber<Void> whole = subscribed(connection.send(nothing.asFlux()));
        Sinks.Many<ByteBuffer> later = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> notBegun = subscribed(connection.send(later.asFlux()));
        more.tryEmitNext(filled(10, 1));
        nothing.tryEmitNext(filled(10, 2));
        socket.turn();
        socket.arrive(ConnectionTester.wire("a", "b"));
        socket.reset();

        more.tryEmitNext(filled(10, 3));
        more.tryEmitComplete();
        nothing.tryEmitComplete();
        later.tryEmitNext(filled(10, 4));
        later.tryEmitComplete();
        socket.pass(Duration.ofMillis(1));

        assertThat(begun.expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasMessage("The peer is gone: Connection reset by peer");
        assertThat(whole.isTerminatedComplete()).isTrue();
        assertThat(notBegun.isTerminatedComplete()).isTrue();
        assertThat(socket.takenFrames()).hasSize(2);
    }

    @Test
    void sendWhoseSourceFails_failsByThat() {
        FramedConnection connection = lost(NONE);
        IllegalStateException failure = new IllegalStateException("of a test");

        TestSubscriber<Void> send = subscribed(connection.send(Flux.error(failure)));
        socket.pass(Duration.ofMillis(1));
        assertThat(send.expectTerminalError()).isSameAs(failure);
        assertThat(subscribed(connection.send(Flux.range(0, 3).map(i -> {
                            throw failure;
                        })))
                        .expectTerminalError())
                .isSameAs(failure);
    }

    @Test
    void whenTheReaderHasLeft_sendsFail() {
        FramedConnection connection = lost(NONE);
        TestSubscriber<Void> send = subscribed(connection.send(Flux.never()));
        socket.pass(Duration.ofMillis(5));
        assertThat(send.isTerminated()).isFalse();

        reader.cancel();
        socket.pass(Duration.ofMillis(1));
        connection.receive().onErrorComplete().subscribe();

        assertThat(send.expectTerminalError()).hasMessage("The peer is gone: Connection reset by peer");
        assertThat(subscribed(connection.send(Flux.never())).expectTerminalError())
                .hasMessage("The peer is gone: Connection reset by peer");
    }

    @Test
    void whenTheReaderHasLeft_sendsGoOnForAWhile() {
        FramedConnection connection = lost(ENDLESS);
        reader.cancel();
        TestSubscriber<Void> send = subscribed(connection.send(Flux.never()));
        TestSubscriber<Void> other = subscribed(connection.send(Mono.just(filled(10, 1))));
        socket.pass(Duration.ofMillis(5));

        assertThat(send.isTerminated()).isFalse();
        assertThat(other.isTerminatedComplete()).isTrue();
        connection.receive().onErrorComplete().subscribe();
    }

    @Test
    void whenNobodyHasReadAndNothingIsThereToRead_sendsFailAtOnce() {
        FramedConnection connection = socket.framed(LENGTH4, ENDLESS);
        TestSubscriber<Void> send = subscribed(connection.send(Flux.never()));
        socket.reset();

        assertThat(send.expectTerminalError()).hasMessage("The peer is gone: Connection reset by peer");
        assertThat(subscribed(connection.send(Mono.just(filled(10, 1)))).expectTerminalError())
                .hasMessage("The peer is gone: Connection reset by peer");
    }

    @Test
    void whenNobodyHasReadWhatIsThere_sendsAreDropped() {
        FramedConnection connection = socket.framed(LENGTH4, ENDLESS);
        socket.pass(Duration.ofSeconds(1));
        socket.arrive(ConnectionTester.wire("a"));
        socket.reset();

        assertThat(subscribed(connection.send(Mono.just(filled(10, 1)))).isTerminatedComplete())
                .isTrue();
        connection.receive().onErrorComplete().subscribe();
    }

    @Test
    void whenSomebodyHasReadAll_sendsAreDropped() {
        FramedConnection connection = socket.framed(LENGTH4, ENDLESS);
        reader = TestSubscriber.create();
        connection.receive().subscribe(reader);
        socket.arrive(ConnectionTester.wire("a"));
        socket.reset();
        assertThat(reader.isTerminatedError()).isTrue();

        assertThat(subscribed(connection.send(Mono.just(filled(10, 1)))).isTerminatedComplete())
                .isTrue();
    }

    @Test
    void frameThatWaitedForRoomWhenThePeerWent_isReleased() {
        reader = slow();
        FramedConnection connection = socket.framed(LENGTH4, ENDLESS);
        connection.receive().subscribe(reader);
        socket.arrive(ConnectionTester.wire("a", "b"));
        socket.takes(0);
        subscribed(connection.send(Flux.range(0, 3).map(i -> filled(60_000, i)).concatWith(Flux.never())));
        ByteBuf buffer = Unpooled.directBuffer().writeZero(10);
        TestSubscriber<Void> send = subscribed(connection.sendBuffers(Mono.just(buffer)));

        socket.reset();

        assertThat(buffer.refCnt()).isZero();
        assertThat(send.isTerminatedComplete()).isTrue();
    }

    @Test
    void bufferThatWaitedForRoomWhenThePeerWent_isReleased() {
        reader = slow();
        FramedConnection connection = socket.framed(LENGTH4, ENDLESS);
        connection.receive().subscribe(reader);
        socket.arrive(ConnectionTester.wire("a", "b"));
        socket.takes(0);
        List<ByteBuf> buffers = new ArrayList<>();
        subscribed(connection.sendBuffers(Flux.range(0, 100).map(i -> {
            ByteBuf buffer = Unpooled.directBuffer().writeZero(4000);
            buffers.add(buffer);
            return buffer;
        })));
        assertThat(buffers).hasSizeBetween(1, 99);

        socket.reset();
        socket.pass(Duration.ofMillis(2));

        assertThat(buffers).hasSize(100).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void lostSendThatIsCancelled_othersGoOn() {
        FramedConnection connection = lost(NONE);
        TestSubscriber<Void> cancelled = subscribed(connection.send(Flux.never()));
        TestSubscriber<Void> other = subscribed(connection.send(Flux.never()));
        cancelled.cancel();
        assertThat(connection.isIdle()).isFalse();

        reader.cancel();
        socket.pass(Duration.ofMillis(1));

        assertThat(other.expectTerminalError()).hasMessage("The peer is gone: Connection reset by peer");
        connection.receive().onErrorComplete().subscribe();
    }

    @Test
    void lostSend_conversationIsNotIdle() {
        List<TestSubscriber<Void>> sends = new ArrayList<>();
        TestSubscriber<Void> end = converse(ENDLESS, connection -> {
            connection.receive().subscribe().dispose();
            sends.add(subscribed(connection.send(Flux.never())));
            return Mono.never();
        });
        socket.reset();
        socket.pass(Duration.ofSeconds(30));
        assertThat(end.isTerminated()).isFalse();

        sends.get(0).cancel();
        socket.pass(Duration.ofSeconds(10));
        assertThat(end.isTerminatedComplete()).isTrue();
    }

    @Test
    void lostQuestion_isForgotten() {
        FramedConnection connection = socket.framed(LENGTH4, ENDLESS);
        socket.takes(0);
        TestSubscriber<ByteBuffer> answer = TestSubscriber.create();
        connection.request(filled(10, 1)).subscribe(answer);
        socket.turn();
        assertThat(connection.isIdle()).isFalse();

        socket.reset();

        assertThat(answer.expectTerminalError()).hasMessage("Connection reset by peer");
        assertThat(connection.isIdle()).isTrue();
    }

    @Test
    void lostSendThatIsCancelled_isForgotten() {
        FramedConnection connection = lost(NONE);
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send = subscribed(connection.send(source.asFlux()));
        assertThat(connection.isIdle()).isFalse();

        send.cancel();
        socket.pass(Duration.ofMillis(5));

        assertThat(source.currentSubscriberCount()).isZero();
        reader.cancel();
        assertThat(connection.isIdle()).isTrue();
        connection.receive().onErrorComplete().subscribe();
        assertThat(send.isTerminated()).isFalse();
        assertThat(socket.hasPendingTasks()).isFalse();
    }

    @Test
    void closedBehindTheLoss_sendsFail() {
        reader = slow();
        List<TestSubscriber<Void>> sends = new ArrayList<>();
        AtomicReference<@Nullable FramedConnection> framed = new AtomicReference<>();
        converse(ENDLESS, connection -> {
            framed.set(connection);
            connection.receive().subscribe(reader);
            sends.add(subscribed(connection.send(Flux.never())));
            return Mono.never();
        });
        socket.arrive(ConnectionTester.wire("a", "b"));
        socket.failWrites(new IOException("Broken pipe"));
        sends.add(subscribed(framed.get().send(Mono.just(filled(10, 1)))));
        socket.turn();
        assertThat(sends.get(0).isTerminated()).isFalse();

        socket.connection().dispose();
        socket.turn();

        assertThat(sends.get(0).expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(sends.get(1).isTerminatedComplete()).isTrue();
    }
}
