package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.format.FixedLength;
import reactor.framing.format.LengthField;
import reactor.netty.channel.AbortedException;
import reactor.test.subscriber.TestSubscriber;

/** Questions and answers on a socket that the test holds in its hand. */
@ExtendWith(NoBlocking.class)
class EmbeddedQuestionsTest {

    private static final int MOST = 256;

    /** The metrics of requests, as text. */
    private final List<String> metrics = new ArrayList<>();

    private final FrameCodec codec = FrameCodec.of(LengthField.ofSize(4))
            .maxFrameLength(100_000)
            .metrics(new FrameMetrics() {
                @Override
                public void requestSent() {
                    metrics.add("sent");
                }

                @Override
                public void requestEnded(RequestEnd end, Duration time) {
                    assertThat(time).isBetween(Duration.ZERO, Duration.ofHours(1));
                    metrics.add(end.name());
                }
            });

    private final EmbeddedSocket socket = new EmbeddedSocket();
    private final FramedConnection connection = socket.framed(codec, Patience.USUAL);

    /** Ids below zero are those of frames that answer nothing; 13 cannot be told. */
    private final Requests requests = connection.requests(frame -> {
        int id = frame.getInt(0);
        if (id == 13) {
            throw new IllegalStateException("of a test");
        }
        return id < 0 ? null : id;
    });

    enum Kind {
        IN_ORDER,
        BY_ID
    }

    private IntFunction<Mono<ByteBuffer>> asker(Kind kind) {
        return number -> kind == Kind.IN_ORDER ? connection.request(frame(number)) : requests.request(frame(number));
    }

    @AfterEach
    void everyBufferIsReleased() {
        socket.connection().dispose();
        socket.turn();
        assertThat(socket.bytesInUse()).isZero();
    }

    private static ByteBuffer frame(int number) {
        return ByteBuffer.allocate(4).putInt(0, number);
    }

    private TestSubscriber<Integer> subscribed(Mono<ByteBuffer> answer) {
        TestSubscriber<Integer> subscriber = TestSubscriber.create();
        answer.map(frame -> frame.getInt(0)).subscribe(subscriber);
        socket.turn();
        return subscriber;
    }

    private List<Integer> asked() {
        return socket.takenFrames().stream().map(frame -> frame.getInt(0)).toList();
    }

    private void answer(int... numbers) {
        ByteBuffer wire = ByteBuffer.allocate(8 * numbers.length);
        for (int number : numbers) {
            wire.putInt(4).putInt(number);
        }
        socket.arrive(wire.array());
    }

    private static int[] numbers(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    // ---- both

    @ParameterizedTest
    @EnumSource
    void questionsOfOneTurnOfTheEventLoop_leaveTogether(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        for (int i = 0; i < 3; i++) {
            ask.apply(i).subscribe();
        }
        assertThat(socket.taken()).isEmpty();
        socket.turn();

        assertThat(socket.buffers()).containsExactly(24);
        assertThat(asked()).containsExactly(0, 1, 2);
    }

    @ParameterizedTest
    @EnumSource
    void noMoreThan256AreOpen_othersLeaveWhenThereIsRoom(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        List<TestSubscriber<Integer>> all = new ArrayList<>();
        for (int i = 100; i < 100 + MOST + 3; i++) {
            all.add(subscribed(ask.apply(i)));
        }
        assertThat(asked()).hasSize(MOST);

        answer(100);
        assertThat(asked()).hasSize(MOST + 1);
        answer(numbers(101, 100 + MOST + 3));

        assertThat(all).allMatch(TestSubscriber::isTerminatedComplete);
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).getReceivedOnNext()).containsExactly(100 + i);
        }
        assertThat(metrics).hasSize(2 * (MOST + 3));
    }

    @ParameterizedTest
    @EnumSource
    void cancelledWhileItWaits_doesNotLeave(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        for (int i = 100; i < 100 + MOST; i++) {
            subscribed(ask.apply(i));
        }
        TestSubscriber<Integer> cancelled = subscribed(ask.apply(1000));
        TestSubscriber<Integer> last = subscribed(ask.apply(2000));
        cancelled.cancel();
        answer(100);

        assertThat(asked()).hasSize(MOST + 1).contains(2000).doesNotContain(1000);
        answer(numbers(101, 100 + MOST));
        answer(2000);
        assertThat(last.getReceivedOnNext()).containsExactly(2000);
        assertThat(metrics).doesNotContain("CANCELLED");
    }

    @ParameterizedTest
    @EnumSource
    void cancelledWhenItHasLeft_itsAnswerIsDroppedAndItIsCountedOnce(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        TestSubscriber<Integer> cancelled = subscribed(ask.apply(1));
        TestSubscriber<Integer> second = subscribed(ask.apply(2));
        cancelled.cancel();
        assertThat(metrics).containsExactly("sent", "sent", "CANCELLED");
        answer(1, 2);

        assertThat(cancelled.getReceivedOnNext()).isEmpty();
        assertThat(second.getReceivedOnNext()).containsExactly(2);
        assertThat(metrics).containsExactly("sent", "sent", "CANCELLED", "ANSWERED");
    }

    @ParameterizedTest
    @EnumSource
    void streamEnds_openAndWaitingAndLaterQuestionsFail(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        List<TestSubscriber<Integer>> all = new ArrayList<>();
        for (int i = 100; i < 100 + MOST + 3; i++) {
            all.add(subscribed(ask.apply(i)));
        }
        socket.fin();
        all.add(subscribed(ask.apply(1000)));

        assertThat(all)
                .allSatisfy(each -> assertThat(each.expectTerminalError())
                        .isInstanceOf(AbortedException.class)
                        .hasMessage("The stream ended before the answer came"));
        assertThat(metrics).hasSize(2 * MOST).contains("FAILED");
    }

    /** Also when a question waited for room, which comes no more. */
    @ParameterizedTest
    @EnumSource
    void streamEndsWhileAQuestionWaits_outputCanBeShut(Kind kind) {
        for (int i = 0; i <= MOST; i++) {
            subscribed(asker(kind).apply(100 + i));
        }
        socket.fin();
        TestSubscriber<Void> shut = TestSubscriber.create();
        connection.shutdownOutput().subscribe(shut);
        socket.turn();

        assertThat(shut.isTerminatedComplete()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void connectionIsReset_questionsFailByThat(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        TestSubscriber<Integer> open = subscribed(ask.apply(1));
        socket.reset();

        assertThat(open.expectTerminalError()).isExactlyInstanceOf(IOException.class);
        assertThat(subscribed(ask.apply(2)).expectTerminalError()).isExactlyInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void connectionIsClosedHere_questionsFail(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        List<TestSubscriber<Integer>> all = new ArrayList<>();
        for (int i = 100; i < 100 + MOST + 3; i++) {
            all.add(subscribed(ask.apply(i)));
        }
        socket.connection().dispose();
        socket.turn();
        all.add(subscribed(ask.apply(1000)));

        assertThat(all)
                .allSatisfy(each -> assertThat(each.expectTerminalError())
                        .isInstanceOf(AbortedException.class)
                        .hasMessage("The connection has been closed"));
    }

    @ParameterizedTest
    @EnumSource
    void outputIsShut_questionsAreRefusedAndAnswersStillCome(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        TestSubscriber<Integer> before = subscribed(ask.apply(1));
        connection.shutdownOutput().subscribe();
        assertThat(socket.isOutputShutdown()).isTrue();

        assertThat(subscribed(ask.apply(2)).expectTerminalError()).hasMessage("The output has been shut down");
        answer(1);
        assertThat(before.getReceivedOnNext()).containsExactly(1);
    }

    @ParameterizedTest
    @EnumSource
    void somebodyElseReads_questionFailsAndDoesNotLeave(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        TestSubscriber<ByteBuffer> reader = TestSubscriber.create();
        connection.receive().subscribe(reader);

        assertThat(subscribed(ask.apply(1)).expectTerminalError()).hasMessage("receive() has a subscriber already");
        assertThat(socket.taken()).isEmpty();
        reader.cancel();
        TestSubscriber<Integer> second = subscribed(ask.apply(2));
        answer(2);
        assertThat(second.getReceivedOnNext()).containsExactly(2);
        assertThat(metrics).containsExactly("sent", "ANSWERED");
    }

    @ParameterizedTest
    @EnumSource
    void questionThatIsTooLong_concernsNobodyElse(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        ByteBuffer tooLong = ByteBuffer.allocate(100_001);
        TestSubscriber<Integer> failed =
                subscribed(kind == Kind.IN_ORDER ? connection.request(tooLong) : requests.request(tooLong));
        TestSubscriber<Integer> second = subscribed(ask.apply(2));
        answer(2);

        assertThat(failed.expectTerminalError()).isInstanceOf(FrameTooLongException.class);
        assertThat(second.getReceivedOnNext()).containsExactly(2);
        assertThat(metrics).containsExactly("sent", "ANSWERED");
    }

    @ParameterizedTest
    @EnumSource
    void longQuestion_leavesWholeAlsoIfItIsCancelled(Kind kind) {
        socket.takes(0);
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        for (int i = 0; i < 2; i++) {
            connection.send(Mono.just(ByteBuffer.allocate(60_000))).subscribe();
        }
        ByteBuffer longOne = ByteBuffer.allocate(90_000).putInt(0, 1);
        TestSubscriber<Integer> cancelled =
                subscribed(kind == Kind.IN_ORDER ? connection.request(longOne) : requests.request(longOne));
        TestSubscriber<Integer> second = subscribed(ask.apply(2));
        connection.send(Mono.just(frame(3))).subscribe();
        cancelled.cancel();
        socket.takes(Long.MAX_VALUE);

        assertThat(asked()).containsExactlyInAnyOrder(0, 0, 1, 2, 3).startsWith(0, 0, 1);
        answer(1, 2);
        assertThat(second.getReceivedOnNext()).containsExactly(2);
    }

    @ParameterizedTest
    @EnumSource
    void questionsThatWaitForRoom_doNotHoldUpSends(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        for (int i = 100; i < 100 + MOST + 3; i++) {
            subscribed(ask.apply(i));
        }
        connection.send(Mono.just(frame(7))).subscribe();
        connection.send(Mono.just(frame(8))).subscribe();
        socket.turn();

        assertThat(asked()).hasSize(MOST + 2).contains(7, 8);
    }

    @ParameterizedTest
    @EnumSource
    void writeFails_waitingQuestionsFailAndOpenOnesGetWhatHasArrived(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        List<TestSubscriber<Integer>> all = new ArrayList<>();
        for (int i = 100; i < 100 + MOST + 3; i++) {
            all.add(subscribed(ask.apply(i)));
        }
        socket.failWrites(new IOException("Broken pipe"));
        connection.send(Mono.just(frame(7))).onErrorComplete().subscribe();
        socket.turn();

        for (TestSubscriber<Integer> waiting : all.subList(MOST, MOST + 3)) {
            assertThat(waiting.expectTerminalError()).hasMessageStartingWith("The peer is gone: ");
        }
        answer(100);
        assertThat(all.get(0).getReceivedOnNext()).containsExactly(100);
        assertThat(all.get(1).isTerminated()).isFalse();
        assertThat(subscribed(ask.apply(1000)).expectTerminalError()).hasMessageStartingWith("The peer is gone: ");
    }

    @ParameterizedTest
    @EnumSource
    void encoderThrows_openQuestionsFailAndTheConnectionIsClosed(Kind kind) {
        IllegalStateException failure = new IllegalStateException("of a test");
        connection.switchWritingTo(FrameCodec.of(new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return LengthField.ofSize(4).newDecoder();
            }

            @Override
            public FrameEncoder newEncoder() {
                return new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        return frame.remaining();
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        throw failure;
                    }
                };
            }
        }));
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        TestSubscriber<Integer> first = subscribed(ask.apply(1));

        assertThat(first.expectTerminalError()).isSameAs(failure);
        assertThat(subscribed(ask.apply(2)).expectTerminalError()).isSameAs(failure);
        assertThat(socket.isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void streamEndsInsideALongQuestion_framesOfOthersAreWhole(Kind kind) {
        socket.takes(0);
        ByteBuffer longOne = ByteBuffer.allocate(90_000).putInt(0, 1);
        TestSubscriber<Integer> first = TestSubscriber.create();
        connection.send(Mono.just(ByteBuffer.allocate(60_000))).subscribe();
        (kind == Kind.IN_ORDER ? connection.request(longOne) : requests.request(longOne))
                .map(frame -> frame.getInt(0))
                .subscribe(first);
        socket.turn();
        socket.fin();
        connection.send(Mono.just(frame(3))).subscribe();
        socket.takes(Long.MAX_VALUE);

        assertThat(first.expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(asked()).containsExactly(0, 1, 3);
    }

    @ParameterizedTest
    @EnumSource
    void streamEndsWhileAQuestionWaitsForTheSocket_itDoesNotLeave(Kind kind) {
        socket.takes(0);
        for (int i = 0; i < 2; i++) {
            connection.send(Mono.just(ByteBuffer.allocate(60_000))).subscribe();
        }
        ByteBuffer question = ByteBuffer.allocate(60_000).putInt(0, 1);
        TestSubscriber<Integer> first =
                subscribed(kind == Kind.IN_ORDER ? connection.request(question) : requests.request(question));
        socket.fin();
        socket.takes(Long.MAX_VALUE);

        assertThat(first.expectTerminalError()).isInstanceOf(AbortedException.class);
        assertThat(asked()).containsExactly(0, 0);
    }

    /** No memory: not the peer's end, so that the answers to what has left still come. */
    @ParameterizedTest
    @EnumSource
    void writeFailsHere_waitingQuestionsFail(Kind kind) {
        IntFunction<Mono<ByteBuffer>> ask = asker(kind);
        List<TestSubscriber<Integer>> all = new ArrayList<>();
        for (int i = 100; i < 100 + MOST + 3; i++) {
            all.add(subscribed(ask.apply(i)));
        }
        OutOfMemoryError failure = new OutOfMemoryError("of a test");
        socket.failWrites(failure);
        connection.send(Mono.just(frame(7))).subscribe(nothing -> {}, expected -> {});
        socket.turn();

        for (TestSubscriber<Integer> waiting : all.subList(MOST, MOST + 3)) {
            assertThat(waiting.expectTerminalError()).isSameAs(failure);
        }
        answer(100);
        assertThat(all.get(0).getReceivedOnNext()).containsExactly(100);
    }

    // ---- in order

    @Test
    void inOrder_oneAnswerIsRequestedAtATimeAndOthersReadBehindIt() {
        TestSubscriber<Integer> first = subscribed(connection.request(frame(1)));
        answer(1, 7);
        assertThat(first.getReceivedOnNext()).containsExactly(1);

        assertThat(subscribed(connection.next()).getReceivedOnNext()).containsExactly(7);
        TestSubscriber<Integer> second = subscribed(connection.request(frame(2)));
        assertThat(subscribed(connection.next()).expectTerminalError()).isInstanceOf(IllegalStateException.class);
        answer(2);
        assertThat(second.getReceivedOnNext()).containsExactly(2);
    }

    @Test
    void inOrder_answersAreReadByTheirOwnFramings() {
        FrameCodec oneByte = FrameCodec.of(FixedLength.of(1));
        List<ByteBuffer> answers = new ArrayList<>();
        Flux.mergeSequential(
                        connection.request(frame(1), oneByte),
                        connection.request(frame(2), oneByte),
                        connection.request(frame(3)),
                        connection.request(frame(4), oneByte))
                .subscribe(answers::add);
        socket.turn();
        socket.arrive(new byte[] {'a', 'b', 0, 0, 0, 2, 'c', 'd', 'e', 0, 0, 0, 1, 'f'});

        assertThat(answers).extracting(ConnectionTester::text).containsExactly("a", "b", "cd", "e");
        TestSubscriber<ByteBuffer> next = TestSubscriber.create();
        connection.next().subscribe(next);
        assertThat(next.getReceivedOnNext()).containsExactly(ConnectionTester.frame("f"));
    }

    @Test
    void inOrder_switchToWhileAnAnswerHasItsOwnFraming_concernsTheNextFrame() {
        FrameCodec oneByte = FrameCodec.of(FixedLength.of(1));
        List<ByteBuffer> answers = new ArrayList<>();
        connection.request(frame(1), oneByte).subscribe(answers::add);
        socket.turn();
        connection.switchReadingTo(FrameCodec.of(FixedLength.of(2)));
        socket.arrive(new byte[] {'a', 'b', 'c', 'd'});
        connection.next().subscribe(answers::add);

        assertThat(answers).extracting(ConnectionTester::text).containsExactly("a", "bc");
        connection.switchReadingTo(oneByte);
        connection.next().subscribe(answers::add);
        assertThat(answers).extracting(ConnectionTester::text).containsExactly("a", "bc", "d");
    }

    // ---- by id

    @Test
    void byId_idsInUseAreRefused() {
        TestSubscriber<Integer> first = subscribed(requests.request(frame(1)));
        assertThat(subscribed(requests.request(frame(1))).expectTerminalError())
                .hasMessage("A question with the id 1 is open");
        first.cancel();
        assertThat(subscribed(requests.request(frame(1))).expectTerminalError())
                .hasMessage("A question with the id 1 was cancelled and may still be answered");
        answer(1);

        TestSubscriber<Integer> again = subscribed(requests.request(frame(1)));
        answer(1);
        assertThat(again.getReceivedOnNext()).containsExactly(1);
    }

    @Test
    void byId_1024CancelledQuestionsAreRemembered() {
        for (int i = 0; i < 1025; i++) {
            subscribed(requests.request(frame(100 + i))).cancel();
        }

        TestSubscriber<Integer> oldest = subscribed(requests.request(frame(100)));
        answer(100);
        assertThat(oldest.getReceivedOnNext()).containsExactly(100);
        assertThat(subscribed(requests.request(frame(101))).expectTerminalError())
                .hasMessageContaining("was cancelled");
    }

    @Test
    void byId_questionThatIsCancelled_makesRoom() {
        List<TestSubscriber<Integer>> open = new ArrayList<>();
        for (int i = 100; i < 100 + MOST; i++) {
            open.add(subscribed(requests.request(frame(i))));
        }
        subscribed(requests.request(frame(1000)));
        assertThat(asked()).doesNotContain(1000);

        open.get(5).cancel();
        socket.turn();

        assertThat(asked()).contains(1000);
    }

    @Test
    void byId_lateAnswer_isNotOneOfTheOthers() {
        TestSubscriber<ByteBuffer> others = TestSubscriber.create();
        requests.others().subscribe(others);
        subscribed(requests.request(frame(1))).cancel();
        answer(1, -2);

        assertThat(others.getReceivedOnNext()).containsExactly(frame(-2));
    }

    @Test
    void byId_questionWithoutAnIdFails() {
        assertThat(subscribed(requests.request(frame(-1))).expectTerminalError())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The question has no id");
        assertThat(subscribed(requests.request(frame(13))).expectTerminalError())
                .hasMessage("of a test");
        assertThat(socket.taken()).isEmpty();
    }

    @Test
    void byId_idOfAnAnswerCannotBeTold_everythingFails() {
        TestSubscriber<Integer> open = subscribed(requests.request(frame(1)));
        TestSubscriber<ByteBuffer> others = TestSubscriber.create();
        requests.others().subscribe(others);
        answer(13);

        assertThat(open.expectTerminalError()).hasMessage("of a test");
        assertThat(others.expectTerminalError()).hasMessage("of a test");
        assertThat(subscribed(requests.request(frame(2))).expectTerminalError()).hasMessage("of a test");
        TestSubscriber<Integer> next = subscribed(connection.next());
        answer(7);
        assertThat(next.getReceivedOnNext()).as("others may read").containsExactly(7);
    }

    @Test
    void byId_othersWaitForASlowSubscriber64AtMost() {
        TestSubscriber<Integer> others =
                TestSubscriber.builder().initialRequest(0).build();
        requests.others().map(frame -> frame.getInt(0)).subscribe(others);
        TestSubscriber<Integer> answer = subscribed(requests.request(frame(1)));
        answer(IntStream.range(0, 64).map(i -> -1 - i).toArray());
        answer(1);
        assertThat(answer.isTerminated()).isFalse();

        others.request(1);
        socket.turn();

        assertThat(others.getReceivedOnNext()).containsExactly(-1);
        assertThat(answer.getReceivedOnNext()).containsExactly(1);
        others.request(100);
        assertThat(others.getReceivedOnNext()).hasSize(64);
        answer(-65, -66);
        assertThat(others.getReceivedOnNext()).hasSize(66);
        socket.fin();
        assertThat(others.isTerminatedComplete()).isTrue();
    }

    @Test
    void byId_othersThatNobodyTakesAnyMore_areDropped() {
        TestSubscriber<Integer> others =
                TestSubscriber.builder().initialRequest(0).build();
        requests.others().map(frame -> frame.getInt(0)).subscribe(others);
        TestSubscriber<Integer> answer = subscribed(requests.request(frame(1)));
        answer(IntStream.range(0, 64).map(i -> -1 - i).toArray());
        answer(IntStream.range(0, 200).map(i -> -1 - i).toArray());
        answer(1);
        assertThat(answer.isTerminated()).isFalse();

        others.cancel();
        socket.turn();

        assertThat(answer.getReceivedOnNext()).containsExactly(1);
    }

    @Test
    void byId_framesThatAnswerNothing_areDroppedWhileThereAreNoOthers() {
        TestSubscriber<Integer> answer = subscribed(requests.request(frame(1)));
        answer(IntStream.range(0, 200).map(i -> 1000 + i).toArray());
        answer(IntStream.range(0, 200).map(i -> -1 - i).toArray());
        answer(1);

        assertThat(answer.getReceivedOnNext()).containsExactly(1);
    }

    @Test
    void byId_manyAnswers_theStreamGoesOn() {
        for (int i = 100; i < 400; i++) {
            TestSubscriber<Integer> answer = subscribed(requests.request(frame(i)));
            if (i % 3 == 0) {
                answer.cancel();
            }
            answer(i);
            assertThat(answer.getReceivedOnNext()).hasSize(i % 3 == 0 ? 0 : 1);
        }
    }

    @Test
    void byId_othersWhileSomebodyElseReads_fail() {
        connection.receive().subscribe();
        TestSubscriber<ByteBuffer> others = TestSubscriber.create();
        requests.others().subscribe(others);

        assertThat(others.expectTerminalError()).hasMessage("receive() has a subscriber already");
    }
}
