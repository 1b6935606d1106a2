package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.format.Cobs;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FirstBytes;
import reactor.framing.format.LengthField;
import reactor.framing.format.Protocols;
import reactor.framing.format.Switching;
import reactor.netty.channel.AbortedException;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

/** What leaves by a socket that the test holds in its hand, and when. */
@ExtendWith(NoBlocking.class)
class EmbeddedSendTest {

    private static final FrameCodec LENGTH4 = FrameCodec.of(LengthField.ofSize(4));
    private static final FrameCodec LINES = FrameCodec.of(Delimiter.lines());

    /** Whoever sends without reading is told a loss at once; nobody is waited for. */
    private static final Patience NONE = new Patience(
            Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ZERO.minusNanos(1));

    private static final int KIB = 1024;

    private final EmbeddedSocket socket = new EmbeddedSocket();
    private final FramedConnection connection = socket.framed(LENGTH4, NONE);

    @AfterEach
    void everyBufferIsReleased() {
        socket.lose();
        assertThat(socket.bytesInUse()).isZero();
    }

    /** A frame of so many bytes on the wire, which tells whose it is. */
    private static ByteBuffer filled(int wireLength, int by) {
        ByteBuffer frame = ByteBuffer.allocate(wireLength - 4);
        for (int i = 0; i < frame.capacity(); i++) {
            frame.put(i, (byte) by);
        }
        return frame;
    }

    private static Flux<ByteBuffer> frames(int count, int wireLength, int by) {
        return Flux.range(0, count).map(i -> filled(wireLength, by));
    }

    private static TestSubscriber<Void> subscribed(Mono<Void> send) {
        TestSubscriber<Void> subscriber = TestSubscriber.create();
        send.subscribe(subscriber);
        return subscriber;
    }

    private static boolean isComplete(TestSubscriber<?> subscriber) {
        return subscriber.isTerminatedComplete();
    }

    private static boolean isOpen(TestSubscriber<?> subscriber) {
        return !subscriber.isTerminatedOrCancelled();
    }

    // ---- what leaves together

    @Test
    void framesAtHand_leaveAtOnceAndInOneBuffer() {
        subscribed(connection.send(Flux.just("a", "bc", "").map(ConnectionTester::frame)));

        assertThat(socket.buffers()).containsExactly(5 + 6 + 4);
        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("a", "bc", ""));
    }

    @Test
    void shortBuffersAtHand_leaveInOneBuffer_longOnesByThemselves() {
        List<ByteBuf> buffers = Stream.of(1, 2, 4 * KIB + 1)
                .map(length -> Unpooled.directBuffer().writeBytes(filled(4 + length, 1)))
                .toList();
        subscribed(connection.sendBuffers(Flux.fromIterable(buffers)));

        assertThat(socket.buffers()).containsExactly(5 + 6 + 4, 4 * KIB + 1);
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void framesThatComeOneByOneInATurnOfTheEventLoop_leaveTogetherAtItsEnd() {
        Sinks.Many<ByteBuffer> frames = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send = subscribed(connection.send(frames.asFlux().hide()));

        frames.tryEmitNext(filled(10, 1));
        frames.tryEmitNext(filled(20, 2));
        assertThat(socket.taken()).isEmpty();
        socket.turn();

        assertThat(socket.buffers()).containsExactly(30);
        frames.tryEmitNext(filled(40, 3));
        socket.turn();
        assertThat(socket.buffers()).containsExactly(30, 40);
        assertThat(isOpen(send)).isTrue();
        frames.tryEmitComplete();
        socket.turn();
        assertThat(isComplete(send)).isTrue();
    }

    /** Such as {@code receive()} whose last frame is cut: that is told when the frame is asked for. */
    @Test
    void sourceThatEndsWhenItIsAsked_endsTheSend() {
        Flux<ByteBuffer> empty =
                Flux.<ByteBuffer>generate(sink -> sink.complete()).hide();
        IOException failure = new IOException("no more");
        Flux<ByteBuffer> failing =
                Flux.<ByteBuffer>generate(sink -> sink.error(failure)).hide();
        Flux<ByteBuffer> failsInFrame =
                Flux.concat(Mono.just(ByteBuffer.allocate(2)), failing).hide();

        assertThat(isComplete(subscribed(connection.send(empty)))).isTrue();
        assertThat(isComplete(subscribed(connection.sendBuffers(empty.map(Unpooled::wrappedBuffer)))))
                .isTrue();
        assertThat(isComplete(subscribed(connection.sendParts(0, empty)))).isTrue();
        for (Mono<Void> send : List.of(
                connection.send(failing),
                connection.sendBuffers(failing.map(Unpooled::wrappedBuffer)),
                connection.sendParts(4, failsInFrame))) {
            TestSubscriber<Void> sent = subscribed(send);
            socket.turn();
            assertThat(sent.expectTerminalError()).isSameAs(failure);
        }
    }

    @Test
    void sourceThatMakesAnotherEmit_thatIsSentInTheSameTurn() {
        Sinks.Many<ByteBuffer> other = Sinks.many().unicast().onBackpressureBuffer();
        subscribed(connection.send(other.asFlux().hide()));

        subscribed(connection.send(Flux.<ByteBuffer>never().doOnRequest(n -> other.tryEmitNext(filled(10, 1)))));
        assertThat(socket.buffers()).containsExactly(10);

        subscribed(connection.send(Flux.generate(sink -> {
            other.tryEmitNext(filled(20, 1));
            sink.complete();
        })));
        assertThat(socket.buffers()).containsExactly(10, 20);
    }

    @Test
    void metricsThatMakeASourceEmit_thatIsSentAsWell() {
        Sinks.Many<ByteBuffer> other = Sinks.many().unicast().onBackpressureBuffer();
        EmbeddedSocket second = new EmbeddedSocket();
        FramedConnection counted = second.framed(
                LENGTH4.metrics(new FrameMetrics() {
                    @Override
                    public void sent(long frames, long bytes, long largest) {
                        if (bytes == 20) {
                            other.tryEmitNext(filled(10, 1));
                        }
                    }
                }),
                NONE);
        subscribed(counted.send(other.asFlux().hide()));

        subscribed(counted.send(Flux.just(filled(20, 1))));
        second.turn();

        assertThat(second.buffers()).containsExactly(20, 10);
        second.lose();
        assertThat(second.bytesInUse()).isZero();
    }

    @Test
    void answersToFramesOfOneRead_leaveTogetherBehindIt() {
        List<Integer> buffersDuringRead = new ArrayList<>();
        connection
                .send(connection.receive().doOnNext(frame -> buffersDuringRead.addAll(socket.buffers())))
                .subscribe();

        socket.arrive(ConnectionTester.wire("a", "b", "c"));

        assertThat(buffersDuringRead).isEmpty();
        assertThat(socket.buffers()).containsExactly(15);
        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("a", "b", "c"));
    }

    @Test
    void buffersGrowWhenTheyAreFilled_andAreSmallAgainBehindFramesThatComeAlone() {
        subscribed(connection.send(frames(200, KIB, 1)));
        socket.turn();
        assertThat(socket.buffers()).startsWith(KIB, 8 * KIB, 64 * KIB, 64 * KIB);

        for (int i = 0; i < 1000; i++) {
            subscribed(connection.send(frames(1, 10, 2)));
            socket.turn();
        }
        socket.takes(0);
        subscribed(connection.send(frames(1, 10, 2)));
        assertThat(socket.bytesInUse()).as("memory for one small frame").isEqualTo(KIB);
    }

    /** A buffer grows only behind one of which more than three quarters were filled. */
    @Test
    void buffersWithRoomLeft_areFollowedByOnesOfTheSameSize() {
        subscribed(connection.send(Flux.just(100, 2000, 3000).map(length -> filled(length, 1))));
        assertThat(socket.buffers()).containsExactly(100, 2000, 3000);

        EmbeddedSocket other = new EmbeddedSocket();
        subscribed(other.framed(LENGTH4, NONE).send(Flux.just(768, 500, 600).map(length -> filled(length, 1))));
        assertThat(other.buffers()).containsExactly(768, 500, 600);
    }

    @Test
    void bufferBehindARest_isAsLargeAsWhatWasSentBefore_andSlowlyBecomesSmaller() {
        subscribed(connection.send(frames(16, KIB, 1)));
        assertThat(socket.buffers()).containsExactly(KIB, 8 * KIB, 7 * KIB);
        subscribed(connection.send(frames(16, KIB, 1)));
        assertThat(socket.buffers()).endsWith(7 * KIB, 16 * KIB);

        subscribed(connection.send(frames(1, 10, 2)));
        subscribed(connection.send(Flux.empty()));
        socket.takes(0);
        subscribed(connection.send(frames(1, 10, 3)));
        assertThat(socket.bytesInUse()).isEqualTo(16 * KIB - (16 * KIB - 10) / 8);
        socket.takes(Long.MAX_VALUE);
    }

    // ---- the window

    @Test
    void socketThatIsFull_windowIsFilledAndKept() {
        socket.takes(0);
        TestSubscriber<Void> send = subscribed(connection.send(frames(400, KIB, 1)));
        socket.turn();
        long first = socket.waiting();
        assertThat(first).isEqualTo((1 + 8 + 64) * KIB);

        socket.takes(first);
        assertThat(socket.taken()).hasSize((int) first);
        assertThat(socket.waiting()).as("two full buffers").isEqualTo(128 * KIB);

        socket.takes(64 * KIB - 1);
        assertThat(socket.waiting()).as("no whole buffer was taken").isEqualTo(128 * KIB);
        socket.takes(1);
        assertThat(socket.waiting()).isEqualTo(128 * KIB);
        assertThat(isOpen(send)).isTrue();

        socket.takes(Long.MAX_VALUE);
        assertThat(socket.takenFrames()).hasSize(400);
        assertThat(isComplete(send)).isTrue();
    }

    @Test
    void socketThatIsFull_twoFramesOf64KibLeaveTogether() {
        assertTwoLeaveTogether(connection.send(frames(3, 4 + 64 * KIB, 1)));
    }

    @Test
    void socketThatIsFull_twoBuffersOf64KibLeaveTogether() {
        assertTwoLeaveTogether(connection.sendBuffers(
                Flux.range(0, 3).map(i -> Unpooled.directBuffer().writeZero(64 * KIB))));
    }

    private void assertTwoLeaveTogether(Mono<Void> send) {
        socket.takes(0);
        subscribed(send);
        socket.turn();
        assertThat(socket.waiting()).isEqualTo(2 * (4 + 64 * KIB));
        socket.takes(Long.MAX_VALUE);
        assertThat(socket.takenFrames()).hasSize(3);
    }

    @Test
    void socketThatIsFull_longBuffersKeepToTheWindow() {
        socket.takes(0);
        ByteBuf buffer = Unpooled.directBuffer().writeZero(300 * KIB);
        TestSubscriber<Void> send = subscribed(connection.sendBuffers(Mono.just(buffer)));
        socket.turn();

        assertThat(socket.waiting()).isEqualTo(4 + 128 * KIB);
        socket.takes(4 + 64 * KIB - 1);
        assertThat(socket.waiting()).isEqualTo(128 * KIB);
        socket.takes(1);
        assertThat(socket.waiting()).isEqualTo(128 * KIB);

        socket.takes(Long.MAX_VALUE);
        assertThat(isComplete(send)).isTrue();
        assertThat(buffer.refCnt()).isZero();
        assertThat(socket.takenFrames()).containsExactly(ByteBuffer.allocate(300 * KIB));
        assertThat(socket.buffers()).allMatch(length -> 0 < length && length <= 64 * KIB);
    }

    @Test
    void send_endsWhenTheSocketHasTakenItsLastByte() {
        socket.takes(0);
        TestSubscriber<Void> first = subscribed(connection.send(frames(1, 10, 1)));
        TestSubscriber<Void> second = subscribed(connection.send(frames(1, 20, 2)));
        TestSubscriber<Void> nothing = subscribed(connection.send(Flux.empty()));

        socket.takes(9);
        assertThat(isOpen(first)).isTrue();
        socket.takes(1);
        assertThat(isComplete(first)).isTrue();
        assertThat(isOpen(second)).isTrue();
        assertThat(isOpen(nothing)).isTrue();
        socket.takes(20);
        assertThat(isComplete(second)).isTrue();
        assertThat(isComplete(nothing)).isTrue();
    }

    @Test
    void send_endsAlsoWhileAnotherOneFillsTheWindow() {
        socket.takes(0);
        TestSubscriber<Void> first = subscribed(connection.send(frames(1, 10, 1)));
        TestSubscriber<Void> second = subscribed(connection.send(frames(400, KIB, 2)));

        socket.takes(10);

        assertThat(isComplete(first)).isTrue();
        assertThat(isOpen(second)).isTrue();
    }

    @Test
    void metrics_areToldWhatLeaves() {
        List<String> told = new ArrayList<>();
        FrameMetrics metrics = new FrameMetrics() {
            @Override
            public void sent(long frames, long bytes, long largest) {
                told.add(frames + " frames, " + bytes + " bytes, " + largest);
            }
        };
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection counted = other.framed(LENGTH4.metrics(metrics), NONE);
        subscribed(counted.send(Flux.just(filled(10, 1), filled(20, 2))));
        assertThat(told).containsExactly("2 frames, 30 bytes, 20");

        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        subscribed(counted.send(source.asFlux()));
        source.tryEmitNext(filled(40, 3));
        counted.switchWritingTo(LINES);
        source.tryEmitNext(ConnectionTester.frame("not counted"));
        other.turn();
        assertThat(told).containsExactly("2 frames, 30 bytes, 20", "1 frames, 40 bytes, 40");
        other.lose();
    }

    // ---- turns

    @Test
    void twoLongSends_takeTurnsOf32KiB() {
        socket.takes(0);
        subscribed(connection.send(frames(300, KIB, 1)));
        subscribed(connection.send(frames(300, KIB, 2)));
        socket.takes(Long.MAX_VALUE);

        List<Integer> runs = runs(socket.takenFrames());
        // by a turn is meant what one send writes before the other; a full socket cuts some short
        assertThat(runs).hasSizeGreaterThanOrEqualTo(14).allMatch(run -> run <= 73 + 32);
        assertThat(runs.subList(3, runs.size() - 4)).containsOnly(32);
    }

    /** How many frames of one sender come in a row. */
    private static List<Integer> runs(List<ByteBuffer> frames) {
        List<Integer> runs = new ArrayList<>();
        int last = -1;
        for (ByteBuffer frame : frames) {
            if (frame.get(0) == last) {
                runs.set(runs.size() - 1, runs.get(runs.size() - 1) + 1);
            } else {
                runs.add(1);
                last = frame.get(0);
            }
        }
        return runs;
    }

    @Test
    void sendWithoutAFrameAtHand_doesNotHoldUpOthers() {
        Sinks.Many<ByteBuffer> idle = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> idleSend = subscribed(connection.send(idle.asFlux()));
        Sinks.Many<ByteBuffer> second = Sinks.many().unicast().onBackpressureBuffer();
        subscribed(connection.send(second.asFlux()));

        second.tryEmitNext(filled(10, 2));
        socket.turn();
        assertThat(socket.takenFrames()).hasSize(1);
        idle.tryEmitNext(filled(10, 1));
        second.tryEmitNext(filled(10, 2));
        idle.tryEmitComplete();
        socket.turn();

        assertThat(socket.takenFrames()).hasSize(3);
        assertThat(isComplete(idleSend)).isTrue();
    }

    @Test
    void socketThatKeepsUp_otherChannelsGetTheirTurnBehind512KiB() {
        TestSubscriber<Void> send = subscribed(connection.send(frames(1200, KIB, 1)));

        assertThat(socket.taken()).as("before the event loop goes on").hasSize(512 * KIB);
        socket.turn();

        assertThat(socket.takenFrames()).hasSize(1200);
        assertThat(isComplete(send)).isTrue();
    }

    @Test
    void frameOfSeveralBuffers_staysWhole() {
        socket.takes(0);
        subscribed(connection.send(Flux.just(filled(200 * KIB, 1), filled(10, 1))));
        subscribed(connection.send(Flux.just(filled(150 * KIB, 2), filled(10, 2))));
        socket.takes(Long.MAX_VALUE);

        assertThat(socket.takenFrames())
                .containsExactly(filled(200 * KIB, 1), filled(150 * KIB, 2), filled(10, 1), filled(10, 2));
    }

    // ---- sources

    @Test
    void sourceIsAskedForOneFrameAtATime_whenItIsOnTheEventLoop() {
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        TestSubscriber<Void> send = subscribed(connection.send(source.flux()));
        source.assertMinRequested(1);
        source.assertMaxRequested(1);

        source.next(filled(10, 1));
        socket.turn();
        source.assertMaxRequested(2);
        socket.takes(0);
        source.complete();
        socket.takes(Long.MAX_VALUE);

        assertThat(isComplete(send)).isTrue();
    }

    @Test
    void sourceThatAnswersLater_isAskedForOneMessageAtATime_howeverOftenSendsAreLookedAt() {
        List<Long> requests = new ArrayList<>();
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        subscribed(connection.send(source.flux().doOnRequest(requests::add)));
        for (int i = 1; i <= 3; i++) {
            subscribed(connection.send(frames(1, 10, 7)));
            socket.turn();
            assertThat(requests).hasSize(i).containsOnly(1L);
            source.next(filled(10, i));
            socket.turn();
        }
        assertThat(requests).hasSize(4);
    }

    @Test
    void sourceThatEmitsMoreThanIsRequested_losesNothing() {
        TestPublisher<ByteBuffer> source = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        TestSubscriber<Void> send = subscribed(connection.send(source.flux()));
        socket.takes(0);
        subscribed(connection.send(frames(200, KIB, 1)));
        for (int i = 2; i < 5; i++) {
            source.next(filled(10, i));
        }
        source.complete();
        socket.takes(Long.MAX_VALUE);

        assertThat(socket.takenFrames()).hasSize(203).contains(filled(10, 2), filled(10, 3), filled(10, 4));
        assertThat(send.isTerminatedComplete()).isTrue();
    }

    @Test
    void sourceThatFails_framesBeforeLeaveFirst() {
        socket.takes(0);
        IllegalStateException failure = new IllegalStateException("of a test");
        TestSubscriber<Void> send = subscribed(
                connection.send(frames(2, 10, 1).concatWith(Flux.error(failure)).hide()));
        assertThat(isOpen(send)).isTrue();

        socket.takes(Long.MAX_VALUE);

        assertThat(send.expectTerminalError()).isSameAs(failure);
        assertThat(socket.takenFrames()).hasSize(2);
    }

    @Test
    void sourceThatGoesOnBehindItsEnd_isToldSo() {
        List<Object> dropped = new ArrayList<>();
        TestPublisher<ByteBuffer> source = TestPublisher.createNoncompliant(
                TestPublisher.Violation.CLEANUP_ON_TERMINATE, TestPublisher.Violation.DEFER_CANCELLATION);
        TestSubscriber<Void> send = subscribed(connection
                .send(source.flux())
                .contextWrite(context -> context.put(
                                "reactor.onNextDropped.local", (java.util.function.Consumer<Object>) dropped::add)
                        .put("reactor.onErrorDropped.local", (java.util.function.Consumer<Object>) dropped::add)));
        source.complete();
        ByteBuffer late = filled(10, 1);
        source.next(late);
        IllegalStateException failure = new IllegalStateException("late");
        source.error(failure);
        socket.turn();

        assertThat(isComplete(send)).isTrue();
        assertThat(dropped).containsExactly(late, failure);
        assertThat(socket.taken()).isEmpty();
    }

    @Test
    void secondSubscription_isCancelled() {
        connection
                .send(subscriber -> {
                    subscriber.onSubscribe(Operators.emptySubscription());
                    TestPublisher<ByteBuffer> second = TestPublisher.create();
                    second.subscribe(subscriber);
                    second.assertCancelled();
                    subscriber.onComplete();
                })
                .as(EmbeddedSendTest::subscribed);
        assertThat(socket.taken()).isEmpty();
    }

    @Test
    void whatIsScannedOfASend() {
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        Mono<Void> mono = connection.send(source.asFlux());
        assertThat(Scannable.from(mono).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
        assertThat(Scannable.from(mono).scan(Scannable.Attr.PARENT).isScanAvailable())
                .isTrue();
        assertThat(Scannable.from(mono).scan(Scannable.Attr.PREFETCH)).isZero();
        Scannable send = scannable(mono);

        assertThat(send.scan(Scannable.Attr.PARENT).isScanAvailable()).isTrue();
        assertThat(send.scanUnsafe(Scannable.Attr.ACTUAL)).isInstanceOf(BaseSubscriber.class);
        assertThat(send.scan(Scannable.Attr.PREFETCH)).isEqualTo(1);
        assertThat(send.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
        assertThat(send.scan(Scannable.Attr.CANCELLED)).isFalse();
        assertThat(send.scan(Scannable.Attr.TERMINATED)).isFalse();
        assertThat(send.scan(Scannable.Attr.ERROR)).isNull();

        IllegalStateException failure = new IllegalStateException("of a test");
        source.tryEmitError(failure);
        socket.turn();
        assertThat(send.scan(Scannable.Attr.ERROR)).isSameAs(failure);
        assertThat(send.scan(Scannable.Attr.TERMINATED)).isTrue();
        assertThat(send.scan(Scannable.Attr.CANCELLED)).isFalse();

        Scannable cancelled = scannable(connection.send(Flux.never()));
        ((Subscription) cancelled).cancel();
        assertThat(cancelled.scan(Scannable.Attr.CANCELLED)).isTrue();
    }

    private static Scannable scannable(Mono<Void> send) {
        AtomicReference<@Nullable Subscription> subscription = new AtomicReference<>();
        send.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription s) {
                subscription.set(s);
            }

            @Override
            protected void hookOnError(Throwable t) {}
        });
        return Scannable.from(subscription.get());
    }

    // ---- cancelling

    @Test
    void cancelledSend_itsSourceIsCancelledAndWhatIsQueuedDiscarded() {
        socket.takes(0);
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        TestSubscriber<Void> send =
                subscribed(connection.send(source.flux()).doOnDiscard(ByteBuffer.class, discarded::add));
        subscribed(connection.send(frames(200, KIB, 1)));
        source.next(filled(10, 2));

        send.cancel();

        source.assertCancelled();
        assertThat(discarded).containsExactly(filled(10, 2));
        socket.takes(Long.MAX_VALUE);
        assertThat(socket.takenFrames()).hasSize(200);
    }

    @Test
    void cancelledInsideALongFrame_frameIsFinishedAndNothingFollows() {
        socket.takes(0);
        List<Integer> made = new ArrayList<>();
        TestSubscriber<Void> send =
                subscribed(connection.send(Flux.range(0, 5).doOnNext(made::add).map(i -> filled(300 * KIB, i))));
        TestSubscriber<Void> other = subscribed(connection.send(frames(1, 10, 7)));

        send.cancel();
        socket.takes(Long.MAX_VALUE);

        assertThat(socket.takenFrames()).containsExactly(filled(300 * KIB, 0), filled(10, 7));
        assertThat(made).containsExactly(0);
        assertThat(isComplete(other)).isTrue();
        assertThat(send.isTerminated()).isFalse();
    }

    @Test
    void cancelledInsideALongBuffer_frameIsFinishedAndOthersAreReleased() {
        socket.takes(0);
        ByteBuf first = Unpooled.directBuffer().writeZero(300 * KIB);
        ByteBuf second = Unpooled.directBuffer().writeZero(300 * KIB);
        TestSubscriber<Void> send = subscribed(connection.sendBuffers(Flux.just(first, second)));

        send.cancel();
        socket.takes(Long.MAX_VALUE);

        assertThat(socket.takenFrames()).containsExactly(ByteBuffer.allocate(300 * KIB));
        assertThat(first.refCnt()).isZero();
        assertThat(second.refCnt()).isEqualTo(1); // a source that has it still
        second.release();
    }

    @Test
    void cancelledBeforeItsTurn_bufferIsReleased() {
        socket.takes(0);
        ByteBuf buffer = Unpooled.directBuffer().writeZero(10);
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send =
                subscribed(connection.sendBuffers(source.asFlux().hide()));
        subscribed(connection.send(frames(200, KIB, 1)));
        source.tryEmitNext(buffer);

        send.cancel();

        assertThat(buffer.refCnt()).isZero();
        socket.takes(Long.MAX_VALUE);
    }

    @Test
    void cancelledPartsInsideTheirFrame_closeTheConnection() {
        Sinks.Many<ByteBuffer> parts = Sinks.many().unicast().onBackpressureBuffer();
        parts.tryEmitNext(ConnectionTester.frame("ab"));
        TestSubscriber<Void> send = subscribed(connection.sendParts(6, parts.asFlux()));
        assertThat(socket.isOpen()).isTrue();

        send.cancel();

        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void cancelledPartsBeforeTheirFrame_connectionGoesOn() {
        Sinks.Many<ByteBuffer> parts = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send = subscribed(connection.sendParts(6, parts.asFlux()));

        send.cancel();
        TestSubscriber<Void> other = subscribed(connection.send(frames(1, 10, 1)));
        socket.turn();

        assertThat(isComplete(other)).isTrue();
    }

    @Test
    void cancelledWhileAFrameWaitsForRoom_itIsDiscardedAndTheRestOfAQueueToo() {
        for (boolean queued : List.of(true, false)) {
            EmbeddedSocket other = new EmbeddedSocket();
            FramedConnection framed = other.framed(LENGTH4, NONE);
            other.takes(0);
            List<Integer> discarded = new ArrayList<>();
            Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
            for (int i = 1; i < 6; i++) {
                source.tryEmitNext(filled(50_000, i));
            }
            TestSubscriber<Void> send = subscribed(
                    framed.send(queued ? source.asFlux() : source.asFlux().hide())
                            .doOnDiscard(ByteBuffer.class, frame -> discarded.add((int) frame.get(0))));
            send.cancel();

            assertThat(discarded).containsExactlyInAnyOrder(3, 4, 5);
            other.takes(Long.MAX_VALUE);
            assertThat(other.takenFrames()).containsExactly(filled(50_000, 1), filled(50_000, 2));
            other.lose();
        }
    }

    @Test
    void sourceThatEmitsBehindItsCancellation_frameIsDiscarded() {
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> source = TestPublisher.createNoncompliant(TestPublisher.Violation.DEFER_CANCELLATION);
        TestSubscriber<Void> send =
                subscribed(connection.send(source.flux()).doOnDiscard(ByteBuffer.class, discarded::add));
        send.cancel();
        source.next(filled(10, 1));

        assertThat(discarded).containsExactly(filled(10, 1));
        assertThat(socket.taken()).isEmpty();
    }

    @Test
    void frameThatCannotBeEncoded_isDiscardedWithThoseBehindItAndItsSourceCancelled() {
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> source = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection framed = other.framed(LENGTH4.maxFrameLength(100), NONE);
        other.takes(0);
        TestSubscriber<Void> send =
                subscribed(framed.send(source.flux()).doOnDiscard(ByteBuffer.class, discarded::add));
        subscribed(framed.send(frames(2000, 100, 1)));
        source.next(filled(105, 2), filled(10, 3));
        other.takes(Long.MAX_VALUE);

        assertThat(send.expectTerminalError()).isInstanceOf(FrameTooLongException.class);
        assertThat(discarded).containsExactly(filled(105, 2), filled(10, 3));
        source.assertCancelled();
        assertThat(other.takenFrames()).hasSize(2000);
        other.lose();
        assertThat(other.bytesInUse()).isZero();
    }

    @Test
    void sourceThatThrowsWhatCannotBeHandled_sendFailsByThat() {
        List<String> cancelled = new ArrayList<>();
        TestSubscriber<Void> send = subscribed(connection.send(
                Flux.range(0, 3).doOnCancel(() -> cancelled.add("cancelled")).map(i -> {
                    throw new OutOfMemoryError("of a test");
                })));
        socket.turn();

        assertThat(send.expectTerminalError()).isInstanceOf(OutOfMemoryError.class);
        assertThat(cancelled).containsExactly("cancelled");
    }

    // ---- the output is shut

    @Test
    void shutdownOutput_waitsForSendsOfNowAndRefusesOthers() {
        socket.takes(0);
        TestSubscriber<Void> before = subscribed(connection.send(frames(300, KIB, 1)));
        TestSubscriber<Void> shut = subscribed(connection.shutdownOutput());
        TestSubscriber<Void> later = subscribed(connection.send(frames(1, 10, 2)));

        assertThat(later.expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasMessage("The output has been shut down");
        socket.takes(300 * KIB - 1);
        assertThat(socket.isOutputShutdown()).isFalse();
        assertThat(isOpen(shut)).isTrue();
        socket.takes(1);
        assertThat(socket.isOutputShutdown()).isTrue();
        assertThat(isComplete(before)).isTrue();
        assertThat(isComplete(shut)).isTrue();
    }

    @Test
    void shutdownOutput_isDoneAtOnce_whenNothingIsSent() {
        TestSubscriber<Void> shut = subscribed(connection.shutdownOutput());

        assertThat(socket.isOutputShutdown()).isTrue();
        assertThat(isComplete(shut)).isTrue();
        assertThat(isComplete(subscribed(connection.shutdownOutput()))).isTrue();
    }

    @Test
    void shutdownOutput_waitsForTheBytesOfASendThatIsCancelled() {
        socket.takes(0);
        TestSubscriber<Void> send =
                subscribed(connection.send(Flux.just(filled(10, 1)).concatWith(Flux.never())));
        TestSubscriber<Void> shut = subscribed(connection.shutdownOutput());

        send.cancel();
        assertThat(socket.isOutputShutdown()).isFalse();
        socket.takes(10);

        assertThat(isComplete(shut)).isTrue();
        assertThat(socket.takenFrames()).containsExactly(filled(10, 1));
    }

    @Test
    void shutdownOutput_isDoneAtOnce_whenTheLastSendIsCancelledWithNothingOnItsWay() {
        TestSubscriber<Void> send = subscribed(connection.send(Flux.never()));
        TestSubscriber<Void> shut = subscribed(connection.shutdownOutput());
        assertThat(socket.isOutputShutdown()).isFalse();

        send.cancel();

        assertThat(isComplete(shut)).isTrue();
    }

    @Test
    void shutdownOutput_waitsForWhatACancelledSendHasWrittenMeanwhile() {
        socket.takes(0);
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send = subscribed(connection.send(source.asFlux()));
        source.tryEmitNext(filled(10, 1));
        socket.turn();
        TestSubscriber<Void> shut = subscribed(connection.shutdownOutput());
        source.tryEmitNext(filled(10, 2));
        socket.turn();

        send.cancel();
        socket.takes(19);
        assertThat(socket.isOutputShutdown()).isFalse();
        socket.takes(1);

        assertThat(isComplete(shut)).isTrue();
        assertThat(socket.takenFrames()).containsExactly(filled(10, 1), filled(10, 2));
    }

    // ---- the end of the connection

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionEndsWhileFramesWaitForTheEndOfTheTurn_theirMemoryIsReleased(boolean here) {
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send = subscribed(connection.send(source.asFlux()));
        source.tryEmitNext(filled(10, 1));
        assertThat(socket.bytesInUse()).isPositive();

        if (here) {
            socket.pipeline().close();
            socket.turn();
        } else {
            socket.reset();
        }

        assertThat(send.expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(socket.bytesInUse()).isZero();
        assertThat(socket.taken()).isEmpty();
    }

    @Test
    void closedHere_sendsFailAtOnce() {
        socket.takes(0);
        TestSubscriber<Void> finishing = subscribed(connection.send(frames(1, 10, 1)));
        TestSubscriber<Void> sending = subscribed(connection.send(Flux.never()));

        socket.connection().dispose();
        socket.turn();

        for (TestSubscriber<Void> send : List.of(finishing, sending, subscribed(connection.send(frames(1, 10, 2))))) {
            assertThat(send.expectTerminalError())
                    .isInstanceOf(AbortedException.class)
                    .hasMessage("The connection has been closed");
        }
    }

    @Test
    void closedHere_sourceIsCancelledAndWhatItHasEmittedDiscarded() {
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        TestSubscriber<Void> send =
                subscribed(connection.send(source.flux()).doOnDiscard(ByteBuffer.class, discarded::add));
        socket.takes(0);
        subscribed(connection.send(frames(200, KIB, 1)));
        source.next(filled(10, 2));

        socket.connection().dispose();
        socket.turn();

        assertThat(send.isTerminatedError()).isTrue();
        source.assertCancelled();
        assertThat(discarded).containsExactly(filled(10, 2));
    }

    @Test
    void closedHere_whoWaitsForTheOutputToBeShutIsTold() {
        subscribed(connection.send(Flux.never()));
        TestSubscriber<Void> shut = subscribed(connection.shutdownOutput());
        assertThat(shut.isTerminated()).isFalse();

        socket.connection().dispose();
        socket.turn();

        assertThat(shut.isTerminated()).isTrue();
    }

    @Test
    void closedHereByTheSourceOfASend_nothingIsWrittenAnyMore() {
        TestSubscriber<Void> send = subscribed(connection.send(Flux.range(0, 3)
                .doOnNext(i -> {
                    if (i == 1) {
                        socket.connection().dispose();
                    }
                })
                .map(i -> filled(10, i))));
        socket.turn();
        TestSubscriber<Void> other = subscribed(connection.send(frames(1, 10, 7)));

        assertThat(send.expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(other.expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(socket.takenFrames()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void writeThatFails_nobodyWhoReads_sendFailsWithItsCause() {
        IOException broken = new IOException("Broken pipe");
        socket.failWrites(broken);
        TestSubscriber<Void> send =
                subscribed(connection.send(Flux.just(filled(10, 1)).concatWith(Flux.never())));
        socket.turn();

        assertThat(send.expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasMessageStartingWith("The peer is gone: ")
                .hasRootCause(broken);
        assertThat(subscribed(connection.send(frames(1, 10, 2))).expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasRootCause(broken);
        assertThat(socket.isOpen()).as("what has arrived may be read").isTrue();
    }

    @Test
    void writeToAChannelThatIsClosed_sendFailsByTheReasonOfThat() {
        socket.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new ClosedChannelException().initCause(new IOException("Connection timed out")));
            }
        });
        TestSubscriber<Void> send = subscribed(connection.send(frames(1, 10, 1)));

        assertThat(send.expectTerminalError()).hasMessage("The peer is gone: Connection timed out");
    }

    @Test
    void writeThatFailsAsThereIsNoMemory_saysSo() {
        OutOfMemoryError error = new OutOfMemoryError("of a test");
        socket.failWrites(error);
        TestSubscriber<Void> send =
                subscribed(connection.send(Flux.just(filled(10, 1)).concatWith(Flux.never())));
        socket.turn();

        assertThat(send.expectTerminalError()).isSameAs(error);
    }

    /** Inside a send, when its next frame has no room in the buffer. */
    @Test
    void writeThatFailsWhileASendWrites_nothingIsHeld() {
        socket.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new ClosedChannelException());
            }
        });
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send = subscribed(connection.send(source.asFlux()));
        source.tryEmitNext(filled(600, 1));
        source.tryEmitNext(filled(600, 2));

        assertThat(send.expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(socket.bytesInUse()).isZero();
    }

    // ---- formats

    @Test
    void switchTo_concernsTheNextFrame() {
        subscribed(connection.send(frames(1, 10, 1)));
        connection.switchWritingTo(LINES);
        subscribed(connection.send(Mono.just(ConnectionTester.frame("line"))));
        socket.turn();

        byte[] taken = socket.taken();
        assertThat(taken).hasSize(15);
        assertThat(new String(taken, 10, 5, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("line\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 64 * KIB - 5, 64 * KIB - 4, 64 * KIB - 3, 64 * KIB + 1020, 64 * KIB + 1021, 200 * KIB})
    void messagesOfEverySize_areWrittenByAFunction(int length) {
        for (FrameCodec codec : List.of(LENGTH4, FrameCodec.of(Cobs.create()))) {
            EmbeddedSocket other = new EmbeddedSocket();
            FramedConnection framed = other.framed(codec, NONE);
            List<ByteBuffer> frames =
                    List.of(filled(20, 1), filled(4 + length, 2), filled(4 + length, 3), filled(30, 4));
            TestSubscriber<Void> send = subscribed(
                    framed.send(Flux.fromIterable(frames), (frame, target) -> target.put(frame.duplicate())));
            other.turn();

            assertThat(isComplete(send)).isTrue();
            assertThat(codec.decode(Mono.just(ByteBuffer.wrap(other.taken())))
                            .collectList()
                            .block())
                    .containsExactlyElementsOf(frames);
            other.lose();
            assertThat(other.bytesInUse()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4 * KIB, 4 * KIB + 1, 64 * KIB, 64 * KIB + 1, 200 * KIB})
    void buffersOfEverySize_areWrittenAndReleased(int length) {
        for (FrameCodec codec : List.of(LENGTH4, FrameCodec.of(Cobs.create()))) {
            EmbeddedSocket other = new EmbeddedSocket();
            FramedConnection framed = other.framed(codec, NONE);
            List<ByteBuf> buffers = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                buffers.add(Unpooled.directBuffer().writeBytes(filled(4 + length, i)));
            }
            TestSubscriber<Void> send = subscribed(framed.sendBuffers(Flux.fromIterable(buffers)));
            other.turn();

            assertThat(isComplete(send)).isTrue();
            assertThat(codec.decode(Mono.just(ByteBuffer.wrap(other.taken())))
                            .collectList()
                            .block())
                    .containsExactly(filled(4 + length, 1), filled(4 + length, 2), filled(4 + length, 3));
            assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
            other.lose();
            assertThat(other.bytesInUse()).isZero();
        }
    }

    /** A frame in three buffers, the first of them with so many bytes. */
    private static ByteBuf joined(ByteBuffer frame, int first) {
        ByteBuf bytes = Unpooled.directBuffer().writeBytes(frame.duplicate());
        int second = (bytes.readableBytes() - first) / 2;
        return Unpooled.wrappedBuffer(bytes.readRetainedSlice(first), bytes.readRetainedSlice(second), bytes);
    }

    /** Framings that write a frame as it is, that change it, that look at all of it, that need more than its start. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4 * KIB, 4 * KIB + 1, 100 * KIB, 300 * KIB})
    void joinedBuffersOfEverySize_areWrittenAndReleased(int length) {
        for (Framing framing : List.of(
                LengthField.ofSize(4),
                Cobs.create(),
                LengthField.ofSize(4).before(2).keepHeader(),
                LengthField.ofSize(4).endMark((byte) 1).keepEndMark(),
                choosing(1, LengthField.ofSize(4)),
                choosing(2, LengthField.ofSize(4)),
                choosing(15, LengthField.ofSize(4)),
                choosing(2, Cobs.create()),
                choosing(2, LengthField.ofSize(4).endMark((byte) 1).keepEndMark()),
                Switching.of(LengthField.ofSize(4), frame -> LengthField.ofSize(4)))) {
            FrameCodec codec = FrameCodec.of(framing);
            EmbeddedSocket other = new EmbeddedSocket();
            FramedConnection framed = other.framed(codec, NONE);
            List<ByteBuf> buffers = List.of(joined(filled(16 + length, 1), 1), joined(filled(16 + length, 1), 5));
            TestSubscriber<Void> send = subscribed(framed.sendBuffers(Flux.fromIterable(buffers)));
            other.turn();

            assertThat(isComplete(send)).as(framing.toString()).isTrue();
            ByteBuffer expected = filled(16 + length, 1);
            if (framing.toString().contains("before(2)")) {
                expected.putInt(2, length + 6); // filled in
            }
            assertThat(codec.decode(Mono.just(ByteBuffer.wrap(other.taken())))
                            .collectList()
                            .block())
                    .as(framing.toString())
                    .containsExactly(expected, expected);
            assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
            other.lose();
            assertThat(other.bytesInUse()).isZero();
        }
    }

    /** Chooses the framing by so many first bytes. */
    private static Framing choosing(int bytes, Framing framing) {
        return FirstBytes.upTo(bytes, start -> start.limit() < bytes ? null : framing);
    }

    static Stream<Framing> leavingFramesAsTheyAre() {
        return Stream.of(
                LengthField.ofSize(4), choosing(1, LengthField.ofSize(4)), choosing(255, LengthField.ofSize(4)));
    }

    @ParameterizedTest
    @MethodSource("leavingFramesAsTheyAre")
    void joinedBuffer_isNotCopied_andLeavesInPieces(Framing framing) {
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection framed = other.framed(FrameCodec.of(framing), NONE);
        other.takes(0);
        ByteBuf buffer = joined(filled(300 * KIB, 1), 100 * KIB);
        subscribed(framed.sendBuffers(Mono.just(buffer)));
        assertThat(other.bytesInUse()).isLessThan(2 * KIB);

        other.takes(Long.MAX_VALUE);
        assertThat(other.takenFrames()).containsExactly(filled(300 * KIB, 1));
        assertThat(buffer.refCnt()).isZero();
        other.lose();
        assertThat(other.bytesInUse()).isZero();
    }

    /** Once the last framing is in use. */
    @Test
    void joinedMessageOfAProtocolThatSwitches_isNotCopied() {
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection framed = other.framed(FrameCodec.of(Protocols.postgres()), NONE);
        ByteBuffer ready = ByteBuffer.allocate(6).put(0, (byte) 'Z').putInt(1, 5);
        assertThat(isComplete(subscribed(framed.send(Mono.just(ready))))).isTrue();
        other.taken();
        other.takes(0);
        ByteBuffer row = filled(4 + 300 * KIB, 1).put(0, (byte) 'd').putInt(1, 300 * KIB - 1);
        ByteBuf buffer = joined(row, 100 * KIB);
        subscribed(framed.sendBuffers(Mono.just(buffer)));
        assertThat(other.bytesInUse()).isLessThan(2 * KIB);

        other.takes(Long.MAX_VALUE);
        assertThat(other.taken()).endsWith(row.array());
        assertThat(buffer.refCnt()).isZero();
        other.lose();
        assertThat(other.bytesInUse()).isZero();
    }

    @Test
    void joinedBufferThatIsRefused_isReleased_andTheConnectionGoesOn() {
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection framed = other.framed(LENGTH4.maxFrameLength(10 * KIB), NONE);
        ByteBuf buffer = joined(filled(300 * KIB, 1), 100 * KIB);
        TestSubscriber<Void> refused = subscribed(framed.sendBuffers(Mono.just(buffer)));
        assertThat(refused.expectTerminalError()).isInstanceOf(FrameTooLongException.class);
        assertThat(buffer.refCnt()).isZero();

        TestSubscriber<Void> next = subscribed(framed.send(frames(1, 10, 2)));
        other.turn();
        assertThat(isComplete(next)).isTrue();
        assertThat(other.takenFrames()).containsExactly(filled(10, 2));
        other.lose();
        assertThat(other.bytesInUse()).isZero();
    }

    /** A format that has to look at all of a frame is shown all of it. */
    @Test
    void joinedBufferWithoutItsEndMark_isRefused() {
        FrameCodec marked =
                FrameCodec.of(LengthField.ofSize(4).endMark((byte) 2).keepEndMark());
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection framed = other.framed(marked, NONE);
        ByteBuf buffer = joined(filled(300 * KIB, 1), 100 * KIB);
        TestSubscriber<Void> refused = subscribed(framed.sendBuffers(Mono.just(buffer)));

        assertThat(refused.expectTerminalError()).isInstanceOf(CorruptFrameException.class);
        assertThat(buffer.refCnt()).isZero();
        assertThat(other.taken()).isEmpty();
        assertThat(other.bytesInUse()).isZero();
    }

    static Stream<Framing> changingTheFirstByte() {
        return Stream.of(LengthField.ofSize(4), Cobs.create());
    }

    /** It is refused by what stands before it, or when it is encoded, which is before any of it is written. */
    @ParameterizedTest
    @MethodSource("changingTheFirstByte")
    void longBufferThatItsEncoderRefuses_isReleased_andTheConnectionGoesOn(Framing framing) {
        EmbeddedSocket other = new EmbeddedSocket();
        Framing line = Delimiter.lines();
        FramedConnection framed =
                other.framed(FrameCodec.of(FirstBytes.of(first -> first == 1 ? framing : line)), NONE);
        ByteBuf buffer = Unpooled.directBuffer().writeBytes(filled(300 * KIB, 1));
        TestSubscriber<Void> refused = subscribed(framed.sendBuffers(Mono.just(buffer)));

        assertThat(refused.expectTerminalError()).hasMessageContaining("would be read by another framing");
        assertThat(buffer.refCnt()).isZero();
        assertThat(other.bytesInUse()).isZero();
        assertThat(isComplete(subscribed(framed.send(Mono.just(ConnectionTester.frame("ab"))))))
                .isTrue();
        assertThat(other.isOpen()).isTrue();
        assertThat(other.taken()).asString(StandardCharsets.US_ASCII).isEqualTo("ab\n");
    }

    @Test
    void connectionThatIsLostInsideAChangedBuffer_releasesIt() {
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection framed = other.framed(FrameCodec.of(Cobs.create()), NONE);
        other.takes(0);
        ByteBuf buffer = Unpooled.directBuffer().writeBytes(filled(300 * KIB, 1));
        subscribed(framed.sendBuffers(Mono.just(buffer)));

        other.lose();
        assertThat(buffer.refCnt()).isZero();
        assertThat(other.bytesInUse()).isZero();
    }

    /** What the encoder has made of a long frame is written to its end, too, and released. */
    @Test
    void changedBufferThatIsCancelled_isFinishedAndReleased() {
        EmbeddedSocket other = new EmbeddedSocket();
        FrameCodec codec = FrameCodec.of(Cobs.create());
        FramedConnection framed = other.framed(codec, NONE);
        other.takes(0);
        ByteBuf buffer = Unpooled.directBuffer().writeBytes(filled(300 * KIB, 1));
        TestSubscriber<Void> send = subscribed(framed.sendBuffers(Mono.just(buffer)));
        assertThat(other.bytesInUse()).isPositive();

        send.cancel();
        other.takes(Long.MAX_VALUE);

        assertThat(codec.decode(Mono.just(ByteBuffer.wrap(other.taken())))
                        .collectList()
                        .block())
                .containsExactly(filled(300 * KIB, 1));
        assertThat(buffer.refCnt()).isZero();
        other.lose();
        assertThat(other.bytesInUse()).isZero();
    }

    // ---- heartbeats

    /** What is told to a heartbeat. */
    @Test
    void bytesOfALongBuffer_countAsWritten() {
        ChannelOutbound.Reading nobody = new ChannelOutbound.Reading() {
            @Override
            public boolean isActive() {
                return false;
            }

            @Override
            public boolean wasEver() {
                return false;
            }
        };
        ChannelOutbound outbound = new ChannelOutbound(socket, connection.inbound(), LENGTH4, nobody, NONE);
        List<String> written = new ArrayList<>();
        outbound.onWrite(() -> written.add("bytes"));
        ByteBuf buffer = Unpooled.directBuffer().writeZero(100 * KIB);

        assertThat(outbound.writeBuffer(buffer)).isEqualTo(64 * KIB);
        assertThat(written).hasSize(1);
        buffer.release();
    }

    @Test
    void heartbeat_isSentWhileNothingElseIs() {
        connection.heartbeat(Duration.ofNanos(1), () -> ConnectionTester.frame("beat"));
        assertThat(socket.taken()).isEmpty();

        advance(1);
        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("beat"));
        advance(1);
        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("beat", "beat"));
    }

    @Test
    void heartbeat_isNotAskedForWhenThePeerIsGone() {
        List<String> made = new ArrayList<>();
        EmbeddedSocket other = new EmbeddedSocket();
        FramedConnection framed = other.framed(LENGTH4, Patience.USUAL);
        TestSubscriber<ByteBuffer> reader =
                TestSubscriber.builder().initialRequest(1).build();
        framed.receive().subscribe(reader);
        framed.heartbeat(Duration.ofNanos(1), () -> {
            made.add("beat");
            return ConnectionTester.frame("beat");
        });
        other.arrive(ConnectionTester.wire("a", "b"));
        other.reset();
        made.clear();
        other.pass(Duration.ofMillis(5));

        assertThat(made).isEmpty();
        reader.request(1);
    }

    @Test
    void durationsThatAreNotPositive_areRefused() {
        for (Duration duration : List.of(Duration.ZERO, Duration.ofNanos(-1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> connection.heartbeat(duration, () -> ConnectionTester.frame("beat")))
                    .withMessage("Not a positive duration: " + duration);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> connection.idleTimeout(duration))
                    .withMessage("Not a positive duration: " + duration);
        }
    }

    @Test
    void heartbeat_isNotSentBeforeItsTime() {
        connection.heartbeat(Duration.ofHours(1), () -> ConnectionTester.frame("beat"));

        // the clock that tells when something was sent is not this event loop's
        socket.pass(Duration.ofMinutes(90));

        assertThat(socket.taken()).isEmpty();
    }

    private void advance(long nanos) {
        socket.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        socket.turn();
    }

    @Test
    void heartbeat_stopsWithTheNextOneAndWithTheOutput() {
        connection.heartbeat(Duration.ofNanos(1), () -> ConnectionTester.frame("first"));
        connection.heartbeat(Duration.ofNanos(1), () -> ConnectionTester.frame("second"));
        advance(1);
        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("second"));

        subscribed(connection.shutdownOutput());
        advance(5);
        assertThat(socket.taken()).isEqualTo(ConnectionTester.wire("second"));
    }
}
