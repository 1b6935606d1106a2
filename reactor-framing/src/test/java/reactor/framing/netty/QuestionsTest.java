package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameTooLongException;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.FixedLength;
import reactor.framing.format.LengthField;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;
import reactor.test.StepVerifier;

/** Questions and answers, in order and by id. Every frame here is four bytes: the number of the question. */
@Timeout(600)
class QuestionsTest extends ConnectionTester {

    /** How many questions are asked in the long test; a command of its own asks a million. */
    private static final int MANY = Integer.getInteger("questions", 20_000);

    /** Who asks. */
    enum Kind {
        IN_ORDER {
            @Override
            Function<Integer, Mono<Integer>> on(FramedConnection connection) {
                return number -> connection.request(number(number)).map(Kind::number);
            }
        },
        BY_ID {
            @Override
            Function<Integer, Mono<Integer>> on(FramedConnection connection) {
                Requests requests = connection.requests(Kind::number);
                return number -> requests.request(number(number)).map(Kind::number);
            }
        };

        abstract Function<Integer, Mono<Integer>> on(FramedConnection connection);

        static ByteBuffer number(int number) {
            return ByteBuffer.allocate(4).putInt(0, number);
        }

        static int number(ByteBuffer frame) {
            return frame.getInt(frame.position());
        }
    }

    /** A connection on which this end asks, and the peer that answers. */
    private record Pair(FramedConnection connection, Peer peer) {}

    private Pair pair() throws IOException {
        return pair(LENGTH4);
    }

    private Pair pair(FrameCodec codec) throws IOException {
        Sinks.One<FramedConnection> served = Sinks.one();
        DisposableServer server = serve(Transport.NIO, codec, LONG_PATIENCE, s -> s, connection -> {
            served.tryEmitValue(connection);
            return Mono.never();
        });
        Peer peer = connect(Transport.NIO, server);
        FramedConnection connection = served.asMono().block(SOON);
        assertThat(connection).isNotNull();
        return new Pair(connection, peer);
    }

    private static int readQuestion(Peer peer) throws IOException {
        ByteBuffer question = ByteBuffer.wrap(peer.readNBytes(8));
        assertThat(question.getInt()).isEqualTo(4);
        return question.getInt();
    }

    private static void answer(Peer peer, int... numbers) throws IOException {
        ByteBuffer answers = ByteBuffer.allocate(8 * numbers.length);
        for (int number : numbers) {
            answers.putInt(4).putInt(number);
        }
        peer.write(answers.array());
    }

    private static Throwable failure(CompletableFuture<Integer> answer) throws InterruptedException, TimeoutException {
        try {
            throw new AssertionError("answered by " + answer.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private static int get(CompletableFuture<Integer> answer) throws Exception {
        return answer.get(10, TimeUnit.SECONDS);
    }

    // ---- counted

    @ParameterizedTest
    @EnumSource
    void metrics_areToldHowEachQuestionThatLeftEnded(Kind kind) throws Exception {
        Queue<String> told = new ConcurrentLinkedQueue<>();
        FrameMetrics metrics = new FrameMetrics() {
            @Override
            public void requestSent() {
                told.add("sent");
            }

            @Override
            public void requestEnded(RequestEnd end, Duration time) {
                assertThat(time).isPositive();
                told.add(end.name());
            }
        };
        Pair pair = pair(LENGTH4.metrics(metrics));
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());

        CompletableFuture<Integer> answered = ask.apply(1).toFuture();
        readQuestion(pair.peer());
        answer(pair.peer(), 1);
        assertThat(get(answered)).isEqualTo(1);
        Disposable cancelled = ask.apply(2).subscribe();
        readQuestion(pair.peer());
        cancelled.dispose();
        CompletableFuture<Integer> failed = ask.apply(3).toFuture();
        readQuestion(pair.peer());
        pair.peer().close();
        failure(failed);

        await("all ends", () -> told.size() == 6);
        assertThat(told).containsExactly("sent", "ANSWERED", "sent", "CANCELLED", "sent", "FAILED");
    }

    // ---- answers

    @ParameterizedTest
    @EnumSource
    void eachGetsItsAnswer_whenAllArePipelined(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());

        CompletableFuture<List<Integer>> answers =
                Flux.range(0, 100).flatMapSequential(ask, 100).collectList().toFuture();
        for (int i = 0; i < 100; i++) {
            assertThat(readQuestion(pair.peer())).isEqualTo(i);
        }
        for (int i = 0; i < 100; i++) {
            answer(pair.peer(), i);
        }

        assertThat(answers.get(10, TimeUnit.SECONDS))
                .isEqualTo(Flux.range(0, 100).collectList().block());
    }

    @Test
    void byId_answersMayComeInAnyOrder() throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = Kind.BY_ID.on(pair.connection());

        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(ask.apply(i).toFuture());
            numbers.add(readQuestion(pair.peer()));
        }
        Collections.shuffle(numbers, new Random(1));
        answer(pair.peer(), numbers.stream().mapToInt(number -> number).toArray());

        for (int i = 0; i < 50; i++) {
            assertThat(get(answers.get(i))).isEqualTo(i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachGetsItsAnswer_whenAskedFromManyThreads(Kind kind) throws Exception {
        Pair pair = pair();
        Thread echo = echo(pair.peer());
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());

        Flux<Integer> wrong = Flux.range(0, 8)
                .flatMap(thread -> Flux.range(thread * 1000, 1000)
                        .flatMap(number -> ask.apply(number).filter(answer -> !answer.equals(number)), 50)
                        .subscribeOn(Schedulers.boundedElastic()));

        assertThat(wrong.collectList().block(SOON)).isEmpty();
        pair.peer().finish();
        echo.join(10_000);
    }

    /** Sends back what comes. */
    private static Thread echo(Peer peer) {
        Thread thread = new Thread(
                () -> {
                    byte[] some = new byte[8 * 1024];
                    try {
                        for (int n = peer.read(some); n >= 0; n = peer.read(some)) {
                            peer.write(java.util.Arrays.copyOf(some, n));
                        }
                    } catch (IOException e) {
                        // the test has ended
                    }
                },
                "echo");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(1200)
    void noAnswerGoesToAnotherQuestion_withRandomCancels(Kind kind) throws Exception {
        Pair pair = pair();
        Thread echo = echo(pair.peer());
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        Random random = new Random(7);
        AtomicInteger answered = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();

        Flux.range(0, MANY)
                .flatMap(
                        number -> {
                            int fate = random.nextInt(8);
                            Mono<Integer> asked = ask.apply(number).doOnNext(answer -> {
                                assertThat(answer).isEqualTo(number);
                                answered.incrementAndGet();
                            });
                            return fate == 0
                                    ? asked.takeUntilOther(Mono.empty())
                                    : fate == 1
                                            ? asked.takeUntilOther(
                                                    Mono.delay(Duration.ofNanos(random.nextInt(200_000))))
                                            : asked;
                        },
                        100)
                .doOnError(failure::set)
                .blockLast(Duration.ofMinutes(15));

        assertThat(failure.get()).isNull();
        assertThat(answered.get()).isGreaterThan(MANY / 2);
        assertThat(ask.apply(-1).block(SOON))
                .as("who asks next gets its own answer")
                .isEqualTo(-1);
        pair.peer().finish();
        echo.join(10_000);
    }

    // ---- cancelled questions

    @ParameterizedTest
    @EnumSource
    void lateAnswer_isDropped_whenItsQuestionWasCancelled(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());

        Disposable first = ask.apply(1).subscribe();
        CompletableFuture<Integer> second = ask.apply(2).toFuture();
        assertThat(readQuestion(pair.peer())).isEqualTo(1);
        assertThat(readQuestion(pair.peer())).isEqualTo(2);
        first.dispose();
        answer(pair.peer(), 1, 2);

        assertThat(get(second)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void lateAnswer_isDropped_whenItsQuestionHasTimedOut(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());

        Sinks.Empty<Void> late = Sinks.empty();
        CompletableFuture<Integer> first = ask.apply(1).timeout(late.asMono()).toFuture();
        assertThat(readQuestion(pair.peer())).isEqualTo(1);
        late.tryEmitEmpty();
        assertThatThrownBy(() -> get(first)).hasCauseInstanceOf(TimeoutException.class);
        CompletableFuture<Integer> second = ask.apply(2).toFuture();
        assertThat(readQuestion(pair.peer())).isEqualTo(2);
        answer(pair.peer(), 1);
        answer(pair.peer(), 2);

        assertThat(get(second)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void cancelledQuestion_doesNotLeave_whileItWaits(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        List<CompletableFuture<Integer>> open = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            open.add(ask.apply(i).toFuture());
        }
        Disposable cancelled = ask.apply(1000).subscribe();
        CompletableFuture<Integer> last = ask.apply(2000).toFuture();
        cancelled.dispose();

        for (int i = 0; i < 256; i++) {
            assertThat(readQuestion(pair.peer())).isEqualTo(i);
        }
        answer(pair.peer(), 0);
        assertThat(readQuestion(pair.peer())).isEqualTo(2000);
        for (int i = 1; i < 256; i++) {
            answer(pair.peer(), i);
        }
        answer(pair.peer(), 2000);

        assertThat(get(last)).isEqualTo(2000);
    }

    @ParameterizedTest
    @EnumSource
    void openQuestions_areBounded(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        CompletableFuture<Long> all =
                Flux.range(0, 1000).flatMap(ask, 1000).count().toFuture();

        for (int i = 0; i < 256; i++) {
            assertThat(readQuestion(pair.peer())).isEqualTo(i);
        }
        for (int i = 256; i < 1000; i++) {
            answer(pair.peer(), i - 256);
            assertThat(readQuestion(pair.peer())).isEqualTo(i);
        }
        for (int i = 1000 - 256; i < 1000; i++) {
            answer(pair.peer(), i);
        }

        assertThat(all.get(10, TimeUnit.SECONDS)).isEqualTo(1000);
    }

    // ---- ends

    @ParameterizedTest
    @EnumSource
    void everyOpenQuestionFails_whenThePeerEndsTheStream(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        List<CompletableFuture<Integer>> questions = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            questions.add(ask.apply(i).toFuture());
        }

        assertThat(readQuestion(pair.peer())).isZero();
        answer(pair.peer(), 0);
        pair.peer().shutdownOutput();

        assertThat(get(questions.get(0))).isZero();
        for (int i = 1; i < 300; i++) {
            assertThat(failure(questions.get(i)))
                    .isInstanceOf(AbortedException.class)
                    .hasMessage("The stream ended before the answer came");
        }
        StepVerifier.create(ask.apply(1000)).expectError(AbortedException.class).verify(SOON);
    }

    @ParameterizedTest
    @EnumSource
    void everyOpenQuestionFails_whenTheStreamEndsInsideAnAnswer(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        CompletableFuture<Integer> first = ask.apply(1).toFuture();
        CompletableFuture<Integer> second = ask.apply(2).toFuture();

        pair.peer().write(new byte[] {0, 0, 0, 4, 0});
        pair.peer().shutdownOutput();

        assertThat(failure(first)).isInstanceOf(TruncatedFrameException.class);
        assertThat(failure(second)).isInstanceOf(TruncatedFrameException.class);
    }

    @ParameterizedTest
    @EnumSource
    void everyOpenQuestionFails_whenTheConnectionIsReset(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        CompletableFuture<Integer> first = ask.apply(1).toFuture();
        CompletableFuture<Integer> second = ask.apply(2).toFuture();
        readQuestion(pair.peer());
        readQuestion(pair.peer());

        pair.peer().reset();

        assertThat(failure(first)).isInstanceOf(IOException.class);
        assertThat(failure(second)).isInstanceOf(IOException.class);
        StepVerifier.create(ask.apply(3)).expectError(IOException.class).verify(SOON);
    }

    @ParameterizedTest
    @EnumSource
    void everyOpenQuestionFails_whenTheConnectionIsClosedHere(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        List<CompletableFuture<Integer>> questions = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            questions.add(ask.apply(i).toFuture());
        }

        pair.connection().connection().dispose();

        for (CompletableFuture<Integer> question : questions) {
            assertThat(failure(question)).isInstanceOf(AbortedException.class);
        }
        StepVerifier.create(ask.apply(1000)).expectError(AbortedException.class).verify(SOON);
    }

    @ParameterizedTest
    @EnumSource
    void questionFails_whenTheOutputHasBeenShut(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        CompletableFuture<Integer> before = ask.apply(1).toFuture();

        pair.connection().shutdownOutput().block(SOON);

        StepVerifier.create(ask.apply(2))
                .expectErrorMessage("The output has been shut down")
                .verify(SOON);
        assertThat(readQuestion(pair.peer())).isEqualTo(1);
        answer(pair.peer(), 1);
        assertThat(get(before)).as("the answer still comes").isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void questionThatCannotBeWritten_concernsNobodyElse(Kind kind) throws Exception {
        Pair pair = pair(FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(100));
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        CompletableFuture<Integer> first = ask.apply(1).toFuture();
        Mono<ByteBuffer> tooLong = kind == Kind.IN_ORDER ? pair.connection().request(ByteBuffer.allocate(101)) : null;

        if (tooLong != null) {
            StepVerifier.create(tooLong)
                    .expectError(FrameTooLongException.class)
                    .verify(SOON);
        }
        CompletableFuture<Integer> second = ask.apply(2).toFuture();
        assertThat(readQuestion(pair.peer())).isEqualTo(1);
        assertThat(readQuestion(pair.peer())).isEqualTo(2);
        answer(pair.peer(), 1, 2);

        assertThat(get(first)).isEqualTo(1);
        assertThat(get(second)).isEqualTo(2);
    }

    // ---- other readers

    @ParameterizedTest
    @EnumSource
    void questionFails_whileSomebodyElseReads(Kind kind) throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = kind.on(pair.connection());
        Disposable reader = pair.connection().receive().subscribe();

        StepVerifier.create(ask.apply(1))
                .expectErrorMessage("receive() has a subscriber already")
                .verify(SOON);
        reader.dispose();

        CompletableFuture<Integer> second = ask.apply(2).toFuture();
        assertThat(readQuestion(pair.peer())).isEqualTo(2);
        answer(pair.peer(), 2);
        assertThat(get(second)).isEqualTo(2);
    }

    @Test
    void inOrder_framesAreLeftToOthers_whenNoQuestionIsOpen() throws Exception {
        Pair pair = pair();
        FramedConnection connection = pair.connection();
        answer(pair.peer(), 100);
        assertThat(connection.next().map(Kind::number).block(SOON)).isEqualTo(100);

        CompletableFuture<Integer> answer = new CompletableFuture<>();
        CompletableFuture<Integer> next = new CompletableFuture<>();
        connection.request(Kind.number(1)).subscribe(frame -> {
            answer.complete(Kind.number(frame));
            connection.next().map(Kind::number).subscribe(next::complete, next::completeExceptionally);
        });
        readQuestion(pair.peer());
        answer(pair.peer(), 1, 101);

        assertThat(get(answer)).isEqualTo(1);
        assertThat(get(next)).isEqualTo(101);
    }

    // ---- the framing of an answer

    @Test
    void inOrder_answerIsReadByItsOwnFraming() throws Exception {
        Pair pair = pair();
        FramedConnection connection = pair.connection();
        FrameCodec oneByte = FrameCodec.of(FixedLength.of(1));

        CompletableFuture<List<ByteBuffer>> answers = Flux.mergeSequential(
                        connection.request(Kind.number(1)),
                        connection.request(Kind.number(2), oneByte),
                        connection.request(Kind.number(3), oneByte),
                        connection.request(Kind.number(4)))
                .collectList()
                .toFuture();
        for (int i = 1; i <= 4; i++) {
            assertThat(readQuestion(pair.peer())).isEqualTo(i);
        }
        pair.peer().write(new byte[] {0, 0, 0, 1, 'a', 'b', 'c', 0, 0, 0, 2, 'd', 'e', 0, 0, 0, 1, 'f'});

        assertThat(answers.get(10, TimeUnit.SECONDS))
                .extracting(ConnectionTester::text)
                .containsExactly("a", "b", "c", "de");
        assertThat(text(connection.next().block(SOON))).isEqualTo("f");
    }

    // ---- ids

    @Test
    void byId_idInUseIsRefused() throws Exception {
        Pair pair = pair();
        Function<Integer, Mono<Integer>> ask = Kind.BY_ID.on(pair.connection());
        CompletableFuture<Integer> first = ask.apply(1).toFuture();

        StepVerifier.create(ask.apply(1))
                .expectErrorMessage("A question with the id 1 is open")
                .verify(SOON);
        readQuestion(pair.peer());
        answer(pair.peer(), 1);
        assertThat(get(first)).isEqualTo(1);

        Disposable cancelled = ask.apply(1).subscribe();
        readQuestion(pair.peer());
        cancelled.dispose();
        StepVerifier.create(ask.apply(1))
                .expectErrorMessage("A question with the id 1 was cancelled and may still be answered")
                .verify(SOON);

        CompletableFuture<Integer> other = ask.apply(2).toFuture();
        readQuestion(pair.peer());
        answer(pair.peer(), 1, 2);
        assertThat(get(other)).isEqualTo(2);
        CompletableFuture<Integer> again = ask.apply(1).toFuture();
        readQuestion(pair.peer());
        answer(pair.peer(), 1);
        assertThat(get(again)).isEqualTo(1);
    }

    @Test
    void byId_framesThatAnswerNothing_goToTheOthers() throws Exception {
        Pair pair = pair();
        Requests requests = pair.connection().requests(frame -> Kind.number(frame) < 0 ? null : Kind.number(frame));
        List<Integer> others = new ArrayList<>();
        CountDownLatch ended = new CountDownLatch(1);
        requests.others()
                .map(Kind::number)
                .doFinally(signal -> ended.countDown())
                .subscribe(others::add);

        answer(pair.peer(), -1, 77);
        CompletableFuture<Integer> answer =
                requests.request(Kind.number(1)).map(Kind::number).toFuture();
        readQuestion(pair.peer());
        answer(pair.peer(), -2, 1, -3);
        pair.peer().shutdownOutput();

        assertThat(get(answer)).isEqualTo(1);
        await(ended);
        assertThat(others).containsExactly(-1, 77, -2, -3);
        StepVerifier.create(requests.request(Kind.number(-5)))
                .expectError(AbortedException.class)
                .verify(SOON);
    }

    @Test
    void byId_questionWithoutAnIdFails() throws Exception {
        Pair pair = pair();
        Requests requests = pair.connection().requests(frame -> (Integer) null);

        StepVerifier.create(requests.request(Kind.number(1)))
                .expectErrorMessage("The question has no id")
                .verify(SOON);
    }

    @Test
    void byId_othersAreDropped_whileNobodyTakesThem() throws Exception {
        Pair pair = pair();
        Requests requests = pair.connection().requests(Kind::number);
        CompletableFuture<Integer> first =
                requests.request(Kind.number(1)).map(Kind::number).toFuture();
        readQuestion(pair.peer());

        for (int i = 0; i < 1000; i++) {
            answer(pair.peer(), -1 - i);
        }
        answer(pair.peer(), 1);

        assertThat(get(first)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void byId_slowSubscriberOfTheOthers_holdsThePeerUp(boolean cancels) throws Exception {
        Pair pair = pair();
        Requests requests = pair.connection().requests(Kind::number);
        List<Integer> others = Collections.synchronizedList(new ArrayList<>());
        BaseSubscriber<Integer> slow = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {}

            @Override
            protected void hookOnNext(Integer number) {
                others.add(number);
            }
        };
        requests.others().map(Kind::number).subscribe(slow);
        CompletableFuture<Integer> answer =
                requests.request(Kind.number(1)).map(Kind::number).toFuture();
        readQuestion(pair.peer());
        for (int i = 0; i < 64; i++) {
            answer(pair.peer(), -1 - i);
        }
        answer(pair.peer(), 1);
        Thread.sleep(100);
        assertThat(answer).as("the answer behind 64 frames that nobody takes").isNotDone();

        if (cancels) {
            slow.cancel();
        } else {
            slow.request(1);
        }

        assertThat(get(answer)).isEqualTo(1);
        assertThat(others).hasSize(cancels ? 0 : 1);
    }

    @Test
    void byId_everythingFails_whenTheIdOfAFrameCannotBeTold() throws Exception {
        Pair pair = pair();
        IllegalArgumentException unreadable = new IllegalArgumentException("unreadable");
        Requests requests = pair.connection().requests(frame -> {
            int number = Kind.number(frame);
            if (number == 13) {
                throw unreadable;
            }
            return number;
        });
        CompletableFuture<Integer> open =
                requests.request(Kind.number(1)).map(Kind::number).toFuture();
        StepVerifier.create(requests.request(Kind.number(13)))
                .expectErrorSatisfies(e -> assertThat(e).isSameAs(unreadable))
                .verify(SOON);

        answer(pair.peer(), 13);

        assertThat(failure(open)).isSameAs(unreadable);
        StepVerifier.create(requests.others())
                .expectErrorSatisfies(e -> assertThat(e).isSameAs(unreadable))
                .verify(SOON);
    }
}
