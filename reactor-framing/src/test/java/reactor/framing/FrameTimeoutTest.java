package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.test.FramingEvents.describe;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.framing.format.LengthField;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.subscriber.TestSubscriber;
import reactor.test.util.RaceTestUtils;

class FrameTimeoutTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Made before the time is virtual. */
    private static final FrameCodec CODEC =
            FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(100).frameTimeout(TIMEOUT);

    private final TestPublisher<ByteBuffer> upstream = TestPublisher.create();
    private final TestSubscriber<ByteBuffer> subscriber =
            TestSubscriber.builder().initialRequest(0).build();
    private VirtualTimeScheduler time;

    @BeforeEach
    void virtualTime() {
        time = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void realTime() {
        VirtualTimeScheduler.reset();
    }

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private void pass(double seconds) {
        time.advanceTimeBy(Duration.ofMillis((long) (1000 * seconds)));
    }

    private void assertRunning() {
        assertThat(subscriber.isTerminated()).isFalse();
    }

    private static void assertTimeout(TestSubscriber<?> subscriber, String place, long received, long expected) {
        assertThat(subscriber.isTerminatedError()).isTrue();
        Throwable e = subscriber.expectTerminalError();
        assertThat(describe(e)).isEqualTo("Timeout " + place);
        assertThat(((FrameTimeoutException) e).received()).isEqualTo(received);
        assertThat(((FrameTimeoutException) e).expected()).isEqualTo(expected);
    }

    /** A scheduler that counts its tasks and remembers them. */
    private static final class Tasks implements Scheduler {

        private final Scheduler scheduler;
        private final List<Disposable> all = new ArrayList<>();

        Tasks(Scheduler scheduler) {
            this.scheduler = scheduler;
        }

        @Override
        public long now(TimeUnit unit) {
            return scheduler.now(unit);
        }

        @Override
        public Disposable schedule(Runnable task) {
            return add(scheduler.schedule(task));
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            return add(scheduler.schedule(task, delay, unit));
        }

        private Disposable add(Disposable task) {
            all.add(task);
            return task;
        }

        @Override
        public Worker createWorker() {
            throw new AssertionError("not needed");
        }
    }

    @Test
    void codecMadeBefore_runsInVirtualTime() {
        StepVerifier.withVirtualTime(
                        () -> CODEC.decode(Flux.just(chunk("01 61 05 62")).concatWith(Flux.never())))
                .expectNext(chunk("61"))
                .expectNoEvent(Duration.ofMillis(9999))
                .thenAwait(Duration.ofMillis(1))
                .expectError(FrameTimeoutException.class)
                .verify(Duration.ofSeconds(10));
    }

    @Test
    void frameUnderWay_timesOutWhenItsTimeIsUp() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61"));
        pass(7);
        upstream.next(chunk("05 62"));
        pass(9.999);
        assertRunning();
        pass(0.001);

        assertTimeout(subscriber, "#1 @2", 2, 6);
        assertThat(subscriber.expectTerminalError())
                .hasMessage("a frame was not complete within PT10S, after 2 of 6 bytes at offset 2: 05 62 '.b'");
        upstream.assertCancelled();
    }

    @Test
    void headerUnderWay_expectedIsUnknown() {
        FrameCodec.of(LengthField.ofSize(4))
                .frameTimeout(TIMEOUT)
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("00 00"));
        pass(10);

        assertTimeout(subscriber, "#0 @0", 2, -1);
    }

    @Test
    void betweenFrames_never() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(9);
        pass(3600);
        upstream.next(chunk("02 61"));
        pass(9);
        upstream.next(chunk("62"));
        pass(3600);
        upstream.next(chunk(""));
        pass(3600);
        upstream.next(chunk("01 63"));
        pass(3600);

        assertThat(subscriber.getReceivedOnNext()).hasSize(2);
        assertRunning();
    }

    @Test
    void bytesNowAndThen_doNotProlongIt() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("60"));
        for (int i = 0; i < 9; i++) {
            pass(1);
            upstream.next(chunk("61"));
        }
        pass(0.999);
        assertRunning();
        pass(0.001);

        assertTimeout(subscriber, "#0 @0", 10, 97);
    }

    @Test
    void nextFrame_hasItsOwnTime() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("02 61"));
        pass(6);
        upstream.next(chunk("62 02 63"));
        pass(9.999);
        assertRunning();
        pass(0.001);

        assertTimeout(subscriber, "#1 @3", 2, 3);
    }

    @Test
    void withoutDemand_itDoesNotRun() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("01 61 05 62"));
        pass(3600);
        assertRunning();

        subscriber.request(1);
        pass(9.999);
        assertRunning();
        pass(0.001);
        assertTimeout(subscriber, "#1 @2", 2, 6);
    }

    @Test
    void demandThatComesAndGoes_onlyTheTimeWithDemandCounts() {
        TestSubscriber<FramePart> parts =
                TestSubscriber.builder().initialRequest(1).build();
        CODEC.decodeParts(upstream).subscribe(parts);
        upstream.next(chunk("05 61"));
        pass(3600);
        parts.request(1);
        pass(6);
        upstream.next(chunk("62"));
        pass(3600);
        parts.request(1);
        pass(3.999);
        assertThat(parts.isTerminated()).isFalse();
        pass(0.001);

        assertTimeout(parts, "#0 @0", 3, 6);
    }

    @Test
    void subscriberAtWork_itDoesNotRun() {
        TestSubscriber<FramePart> parts = TestSubscriber.create();
        CODEC.decodeParts(upstream).doOnNext(part -> pass(3600)).subscribe(parts);
        upstream.next(chunk("05 61"));
        pass(6);
        upstream.next(chunk("62"));
        pass(3.999);
        assertThat(parts.isTerminated()).isFalse();
        pass(0.001);

        assertTimeout(parts, "#0 @0", 3, 6);
    }

    @Test
    void manyFrames_oneTaskForAllOfThem() {
        Tasks tasks = new Tasks(time);
        FrameCodec.of(LengthField.ofSize(1))
                .frameTimeout(TIMEOUT, tasks)
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(Long.MAX_VALUE);
        for (int i = 0; i < 1000; i++) {
            upstream.next(chunk("02 61"));
            pass(0.005);
            upstream.next(chunk("62"));
        }

        assertThat(subscriber.getReceivedOnNext()).hasSize(1000);
        assertThat(tasks.all).hasSize(1);
    }

    @Test
    void framesInOneChunk_noTask() {
        Tasks tasks = new Tasks(time);
        FrameCodec.of(LengthField.ofSize(1))
                .frameTimeout(TIMEOUT, tasks)
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61 01 62"));

        assertThat(tasks.all).isEmpty();
    }

    @Test
    void endOfTheSubscription_disposesTheTask() {
        Tasks tasks = new Tasks(time);
        FrameCodec codec =
                FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(9).frameTimeout(TIMEOUT, tasks);
        for (int i = 0; i < 5; i++) {
            TestPublisher<ByteBuffer> source = TestPublisher.create();
            TestSubscriber<ByteBuffer> sink = TestSubscriber.create();
            codec.decode(source).subscribe(sink);
            source.next(chunk("02 61"));
            assertThat(tasks.all).hasSize(i + 1);
            assertThat(tasks.all.get(i).isDisposed()).isFalse();
            switch (i) {
                case 0 -> sink.cancel();
                case 1 -> source.next(chunk("62")).complete();
                case 2 -> source.complete();
                case 3 -> source.error(new IllegalStateException("reset"));
                default -> source.next(chunk("62 FF"));
            }
            assertThat(sink.isTerminatedOrCancelled()).isTrue();
            assertThat(tasks.all.get(i).isDisposed()).as("end %s", i).isTrue();
        }
    }

    @Test
    void noise_hasNoTime_anOversizeFrameHas() {
        List<String> skipped = new ArrayList<>();
        FrameCodec.of(LengthField.ofSize(1).marker((byte) 0xAA))
                .maxFrameLength(3)
                .frameTimeout(TIMEOUT)
                .skipInvalid(e -> skipped.add(describe(e)))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("00 00"));
        pass(3600);
        assertRunning();

        upstream.next(chunk("AA 04 61"));
        pass(10);
        assertThat(skipped).containsExactly("Corrupt #0 @0 +2", "TooLong #1 @2 4>3 +3");
        assertTimeout(subscriber, "#1 @2", 3, 6);
    }

    @Test
    void schedulerThatIsDown_isAnError() {
        Scheduler down = Schedulers.newSingle("down");
        down.dispose();
        FrameCodec.of(LengthField.ofSize(1))
                .frameTimeout(TIMEOUT, down)
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61 02 62"));

        assertThat(subscriber.getReceivedOnNext()).hasSize(1);
        assertThat(subscriber.expectTerminalError()).isInstanceOf(RejectedExecutionException.class);
        upstream.assertCancelled();
    }

    @Test
    void timeoutAgainstTheLastByte_oneOfTheTwo() {
        VirtualTimeScheduler.reset(); // the race is run by the real ones
        time = VirtualTimeScheduler.create();
        FrameCodec codec = CODEC.frameTimeout(TIMEOUT, time);
        for (int i = 0; i < 500; i++) {
            TestPublisher<ByteBuffer> source = TestPublisher.createNoncompliant(
                    TestPublisher.Violation.DEFER_CANCELLATION, TestPublisher.Violation.REQUEST_OVERFLOW);
            TestSubscriber<ByteBuffer> sink = TestSubscriber.create();
            codec.decode(source).subscribe(sink);
            source.next(chunk("02 61"));

            RaceTestUtils.race(() -> source.next(chunk("62")), () -> pass(10));

            assertThat(sink.getProtocolErrors()).isEmpty();
            assertThat(sink.getReceivedOnNext().size() + (sink.isTerminatedError() ? 1 : 0))
                    .isEqualTo(1);
        }
    }

    @Test
    void longestDuration_isNoTimeout() {
        FrameCodec.of(LengthField.ofSize(1))
                .frameTimeout(Duration.ofSeconds(Long.MAX_VALUE))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("02 61"));
        pass(3600);
        upstream.next(chunk("62"));

        assertThat(subscriber.getReceivedOnNext()).containsExactly(chunk("61 62"));
    }

    @Test
    void noiseWithAFalseStart_hasNoTime() {
        FrameCodec.of(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAB))
                .frameTimeout(TIMEOUT)
                .skipInvalid(e -> {})
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("00 AA 00"));
        pass(3600);
        assertRunning();
    }

    @Test
    void startBehindFalseStarts_hasItsOwnTime() {
        FrameCodec.of(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAB))
                .frameTimeout(TIMEOUT)
                .skipInvalid(e -> {})
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("00 AA"));
        pass(6);
        upstream.next(chunk("00 AA"));
        pass(6);
        assertRunning();
        upstream.next(chunk("AB 01"));
        pass(3);
        upstream.next(chunk("61"));

        assertThat(subscriber.getReceivedOnNext()).containsExactly(chunk("61"));
    }
}
