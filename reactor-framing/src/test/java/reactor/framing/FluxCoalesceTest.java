package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.format.LengthField;
import reactor.framing.test.FramingEvents;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;
import reactor.test.util.RaceTestUtils;

class FluxCoalesceTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    private static ByteBuffer frame(int length) {
        ByteBuffer frame = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            frame.put(i, (byte) (length + i));
        }
        return frame;
    }

    private static Flux<ByteBuffer> frames(int count, int length) {
        return Flux.range(0, count).map(i -> frame(length));
    }

    private static List<Integer> chunkLengths(Publisher<ByteBuffer> chunks) {
        return Flux.from(chunks).map(ByteBuffer::remaining).collectList().block();
    }

    @Test
    void framesAtHand_packedUpToTheChunkLength() {
        assertThat(chunkLengths(CODEC.coalesce(25).encode(frames(5, 9)))).containsExactly(20, 20, 10);
        assertThat(chunkLengths(CODEC.coalesce(20).encode(frames(4, 9)))).containsExactly(20, 20);
    }

    @Test
    void framesThatFillAChunkToItsLastByte_areOneChunk() {
        Flux<ByteBuffer> frames = Flux.just(98, 9_898, 98).map(FluxCoalesceTest::frame);
        assertThat(chunkLengths(
                        FrameCodec.of(LengthField.ofSize(2)).coalesce(10_000).encode(frames)))
                .containsExactly(10_000, 100);
    }

    @Test
    void chunkThatIsFull_noFurtherFrameIsTaken() {
        AtomicInteger taken = new AtomicInteger();
        StepVerifier.create(CODEC.coalesce(20).encode(frames(4, 9).doOnNext(f -> taken.incrementAndGet())), 1)
                .expectNextCount(1)
                .then(() -> assertThat(taken).hasValue(2))
                .thenCancel()
                .verify();
    }

    @Test
    void sourceWithoutFusion_framesItSendsAtOnceArePacked() {
        assertThat(chunkLengths(CODEC.coalesce(25).encode(frames(5, 9).hide()))).containsExactly(20, 20, 10);
    }

    /** Blocking work that was moved to a scheduler stays there: it is not done where the queue before it is polled. */
    @Test
    void workBehindAChangeOfThreads_isNotDoneWhereFramesAreRequested() {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        Flux<ByteBuffer> frames = Flux.range(0, 300)
                .publishOn(Schedulers.boundedElastic())
                .map(i -> {
                    threads.add(Thread.currentThread().getName().replaceAll("-\\d+$", ""));
                    return frame(9);
                });

        StepVerifier.create(CODEC.decode(CODEC.coalesce(25).encode(frames).limitRate(1)))
                .expectNextCount(300)
                .verifyComplete();
        assertThat(threads).containsExactly("boundedElastic");
    }

    @Test
    void frameThatArrivesAlone_leavesAtOnce() {
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        StepVerifier.create(CODEC.coalesce(1000).encode(frames).map(ByteBuffer::remaining))
                .then(() -> frames.next(frame(3)))
                .expectNext(4)
                .then(() -> frames.next(frame(5)))
                .expectNext(6)
                .then(frames::complete)
                .verifyComplete();
    }

    @Test
    void framesThatCameWithoutDemand_arePackedWhenItComes() {
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        StepVerifier.create(CODEC.coalesce(10).encode(frames).map(ByteBuffer::remaining), 0)
                .then(() -> frames.next(frame(3), frame(3), frame(3)))
                .thenRequest(1)
                .expectNext(8)
                .thenRequest(1)
                .expectNext(4)
                .then(frames::complete)
                .verifyComplete();
    }

    @Test
    void frameLargerThanAChunk_getsOneOfItsOwn() {
        assertThat(chunkLengths(CODEC.coalesce(10).encode(Flux.just(frame(2), frame(50), frame(2), frame(3)))))
                .containsExactly(3, 51, 7);
    }

    /** Lengths of two bytes; notes the array into which each frame is written. */
    private static FrameCodec noting(List<byte[]> written) {
        Framing format = LengthField.ofSize(2);
        return FrameCodec.of(new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return format.newDecoder();
            }

            @Override
            public FrameEncoder newEncoder() {
                FrameEncoder encoder = format.newEncoder();
                return new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        return encoder.encodedLength(frame);
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        written.add(target.array());
                        encoder.encode(frame, target);
                    }
                };
            }
        });
    }

    @Test
    void largeFrames_areNotMovedOnceWritten() {
        List<byte[]> written = new ArrayList<>();
        List<ByteBuffer> chunks = noting(written)
                .coalesce(65536)
                .encode(Flux.just(5_000, 20_000, 25_000, 15_528, 40_000, 30_000, 10)
                        .map(FluxCoalesceTest::frame))
                .collectList()
                .block();

        assertThat(chunks).extracting(ByteBuffer::remaining).containsExactly(65_536, 40_002, 30_014);
        for (int i = 1; i < 5; i++) {
            assertThat(written.get(i) == chunks.get(i / 4).array())
                    .as("frame %d", i)
                    .isTrue();
        }
        assertThat(chunks).allSatisfy(chunk -> assertThat(chunk.array().length).isLessThanOrEqualTo(65_536));
    }

    @Test
    void smallFrames_areMovedAFewTimesOnly() {
        List<byte[]> written = new ArrayList<>();
        noting(written).coalesce(1 << 20).encode(frames(1000, 98)).blockLast();

        assertThat(new HashSet<>(written)).as("arrays").hasSizeBetween(2, 6);
    }

    @Test
    void roomForAChunk_isWhatTheLastOneNeeded_orAllOfIt() {
        List<byte[]> written = new ArrayList<>();
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(0).build();
        noting(written).coalesce(1000).encode(frames).subscribe(subscriber);
        int[][] bursts = {{250, 250}, {250, 10}, {251, 10}, {250, 250, 250, 50}, {250, 10}};
        for (int[] burst : bursts) {
            IntStream.of(burst).forEach(length -> frames.next(frame(length - 2)));
            subscriber.request(1);
        }

        assertThat(subscriber.getReceivedOnNext())
                .extracting(ByteBuffer::remaining)
                .containsExactly(500, 260, 261, 800, 260);
        assertThat(subscriber.getReceivedOnNext())
                .extracting(chunk -> chunk.array().length)
                .as("a chunk that is less than half full is copied")
                .containsExactly(1000, 500, 261, 1000, 260);
        assertThat(List.of(written.get(0), written.get(2), written.get(4), written.get(6), written.get(10)))
                .extracting(array -> array.length)
                .as("room at first")
                .containsExactly(1000, 500, 1000, 261, 1000);
    }

    @Test
    void chunkMuchShorterThanTheLastOne_keepsNoRoom() {
        assertThat(CODEC.coalesce(1000)
                        .encode(frames(110, 9))
                        .map(chunk -> chunk.array().length)
                        .collectList()
                        .block())
                .containsExactly(1000, 100);
    }

    @Test
    void whatIsPacked_decodesToTheSameFrames() {
        List<ByteBuffer> sent = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            sent.add(frame(i % 256));
        }
        FrameCodec codec = CODEC.coalesce(700);
        assertThat(codec.decode(codec.encode(Flux.fromIterable(sent)))
                        .collectList()
                        .block())
                .isEqualTo(sent);
        assertThat(codec.decode(codec.encode(Flux.fromIterable(sent).publishOn(Schedulers.parallel())))
                        .collectList()
                        .block(Duration.ofSeconds(30)))
                .isEqualTo(sent);
    }

    @Test
    void frameThatCannotBeWritten_thoseBeforeItAreDeliveredFirst() {
        StepVerifier.create(CODEC.coalesce(1000)
                        .encode(Flux.just(frame(3), frame(4), frame(256), frame(5)))
                        .map(ByteBuffer::remaining))
                .expectNext(9)
                .expectErrorSatisfies(e -> {
                    assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #2 @9 256>255");
                })
                .verify();
    }

    @Test
    void frameThatCannotBeWritten_isLocatedBehindAllChunks() {
        assertThat(faultBehind(20, 9, 9)).isEqualTo("TooLong #2 @20 256>255"); // first of a chunk
        assertThat(faultBehind(25, 9, 9, 9)).isEqualTo("TooLong #3 @30 256>255"); // behind one that had to wait
        assertThat(faultBehind(100_000, IntStream.range(0, 100).map(i -> 99).toArray()))
                .isEqualTo("TooLong #100 @10000 256>255"); // in a chunk that has grown
    }

    private static String faultBehind(int maxChunkLength, int... lengths) {
        int good = IntStream.of(lengths).map(length -> 1 + length).sum();
        List<Throwable> faults = new ArrayList<>();
        int delivered = CODEC.coalesce(maxChunkLength)
                .encode(Flux.fromStream(IntStream.concat(IntStream.of(lengths), IntStream.of(256))
                        .mapToObj(FluxCoalesceTest::frame)))
                .map(ByteBuffer::remaining)
                .onErrorResume(e -> {
                    faults.add(e);
                    return Flux.empty();
                })
                .reduce(0, Integer::sum)
                .block(Duration.ofSeconds(30));
        assertThat(delivered).isEqualTo(good);
        return FramingEvents.describe(faults.get(0));
    }

    @Test
    void frameThatCannotBeWritten_isGivenToTheErrorHook() {
        List<Object> failed = new ArrayList<>();
        Hooks.onOperatorError("test", (e, frame) -> {
            failed.add(frame);
            return e;
        });
        try {
            StepVerifier.create(CODEC.coalesce(1000).encode(Flux.just(frame(3), frame(256))))
                    .expectNextCount(1)
                    .verifyError(FrameTooLongException.class);
        } finally {
            Hooks.resetOnOperatorError("test");
        }
        assertThat(failed).containsExactly(frame(256));
    }

    private interface Encode {
        void encode(ByteBuffer frame, ByteBuffer target);
    }

    /** A framing whose frames take ten bytes at most, for writing only. */
    private static FrameCodec codec(Encode encode) {
        return FrameCodec.of(new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                throw new UnsupportedOperationException("not needed");
            }

            @Override
            public FrameEncoder newEncoder() {
                return new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        return 10;
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        encode.encode(frame, target);
                    }
                };
            }
        });
    }

    private static Flux<ByteBuffer> frames123() {
        return Flux.just(1, 2, 3).map(i -> ByteBuffer.wrap(new byte[] {i.byteValue(), 7}));
    }

    @Test
    void encoderThatFailsHalfway_leavesTheFramesBeforeAsTheyWere() {
        FrameCodec codec = codec((frame, target) -> {
            target.put(frame.get(0)).put(frame.get(0));
            if (frame.get(0) == 3) {
                throw new CorruptFrameException("three");
            }
        });
        StepVerifier.create(codec.coalesce(1000).encode(frames123()))
                .expectNext(ByteBuffer.wrap(new byte[] {1, 1, 2, 2}))
                .expectErrorSatisfies(e -> {
                    FramingException fault = (FramingException) e;
                    assertThat(fault).hasMessage("three at offset 4: 03 07 '..'");
                    assertThat(fault.frameIndex()).isEqualTo(2);
                })
                .verify();
    }

    @Test
    void encoderThatNarrowsTheTarget_isGivenRoomForTheNextFrame() {
        FrameCodec codec = codec(
                (frame, target) -> target.put(frame.get(0)).put(frame.get(0)).limit(target.position()));
        StepVerifier.create(codec.coalesce(1000).encode(frames123()))
                .expectNext(ByteBuffer.wrap(new byte[] {1, 1, 2, 2, 3, 3}))
                .verifyComplete();
    }

    @Test
    void exceptionThatKnowsItsPlace_keepsIt() {
        FramingException located = new CorruptFrameException("of another stream");
        located.locate(41, 4711, new byte[] {9});
        FrameCodec codec = codec((frame, target) -> {
            throw located;
        });
        for (FrameCodec each : List.of(codec, codec.coalesce(1000))) {
            StepVerifier.create(each.encode(frames123())).verifyErrorMatches(e -> e == located);
            assertThat(located.frameIndex()).isEqualTo(41);
            assertThat(located.offset()).isEqualTo(4711);
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void frameWhoseBytesAreGone_isToldWithoutThem() throws Exception {
        ByteBuffer gone = TestFramings.unreadable(256);

        StepVerifier.create(
                        CODEC.coalesce(1000).encode(Flux.just(frame(3), gone)).map(ByteBuffer::remaining))
                .expectNext(4)
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(FrameTooLongException.class)
                        .hasMessage("frame of 256 bytes exceeds the 255 that its length field can say")
                        .satisfies(fault -> assertThat(fault.getSuppressed())
                                .hasAtLeastOneElementOfType(IllegalStateException.class)))
                .verify(Duration.ofSeconds(30));
    }

    @Test
    void sourceThatFailsWhenPolled_isNotTheFaultOfTheFrameBefore() {
        List<Object> failed = new ArrayList<>();
        Hooks.onOperatorError("test", (e, frame) -> {
            failed.add(String.valueOf(frame));
            return e;
        });
        try {
            StepVerifier.create(CODEC.coalesce(1000).encode(Flux.just(1, 2).map(i -> {
                        if (i == 2) {
                            throw new CorruptFrameException("of the source");
                        }
                        return frame(i);
                    })))
                    .expectNext(ByteBuffer.wrap(new byte[] {1, frame(1).get(0)}))
                    .expectErrorMessage("of the source")
                    .verify();
        } finally {
            Hooks.resetOnOperatorError("test");
        }
        assertThat(failed).endsWith("null");
    }

    @Test
    void upstreamError_comesAfterTheFramesBeforeIt() {
        StepVerifier.create(CODEC.coalesce(1000)
                        .encode(frames(2, 3).concatWith(Flux.error(new IllegalStateException("boom"))))
                        .map(ByteBuffer::remaining))
                .expectNext(8)
                .verifyErrorMessage("boom");
        StepVerifier.create(CODEC.coalesce(1000).encode(Flux.just(1).map(i -> {
                    throw new IllegalStateException("fused boom");
                })))
                .verifyErrorMessage("fused boom");
    }

    @Test
    void emptySource_completesWithoutDemand() {
        StepVerifier.create(CODEC.coalesce(10).encode(Flux.empty()), 0).verifyComplete();
        StepVerifier.create(CODEC.coalesce(10).encode(Flux.<ByteBuffer>empty().hide()), 0)
                .verifyComplete();
    }

    @Test
    void endWithNothingLeft_reportedWithoutFurtherDemand() {
        StepVerifier.create(CODEC.coalesce(100).encode(frames(3, 3)), 1)
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void cancelled_queuedFramesAreDiscarded() {
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        StepVerifier.create(CODEC.coalesce(4).encode(frames).doOnDiscard(ByteBuffer.class, discarded::add), 1)
                .then(() -> frames.next(frame(3)))
                .expectNextCount(1)
                .then(() -> frames.next(frame(2), frame(1)))
                .thenCancel()
                .verify();
        frames.assertCancelled();
        assertThat(discarded).containsExactly(frame(2), frame(1));
    }

    @Test
    void cancelledBeforeAFaultIsTold_itsFrameIsDiscarded() {
        List<Object> discarded = new ArrayList<>();
        StepVerifier.create(CODEC.coalesce(1000)
                        .encode(Flux.just(frame(3), frame(256)))
                        .take(1)
                        .doOnDiscard(ByteBuffer.class, discarded::add))
                .expectNextCount(1)
                .verifyComplete();
        assertThat(discarded).containsExactly(frame(256));
    }

    @Test
    void cancelledWhileAFrameWaitsForTheNextChunk_itIsDiscarded() {
        List<Object> discarded = new ArrayList<>();
        StepVerifier.create(
                        CODEC.coalesce(10).encode(frames(2, 8).hide()).doOnDiscard(ByteBuffer.class, discarded::add), 1)
                .expectNextCount(1)
                .thenCancel()
                .verify();
        assertThat(discarded).containsExactly(frame(8));
    }

    @Test
    void frameThatCannotBeWritten_thoseBehindItAreDiscarded() {
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        StepVerifier.create(CODEC.coalesce(10).encode(frames).doOnDiscard(ByteBuffer.class, discarded::add), 0)
                .then(() -> frames.next(frame(256), frame(1), frame(2)))
                .thenRequest(1)
                .verifyError(FrameTooLongException.class);
        assertThat(discarded).endsWith(frame(1), frame(2));
    }

    @Test
    void demandIsAskedForInAdvanceAndInBatches() {
        AtomicLong asked = new AtomicLong();
        StepVerifier.create(CODEC.coalesce(2).encode(frames(1000, 1).hide().doOnRequest(asked::addAndGet)), 0)
                .then(() -> assertThat(asked).hasValue(256))
                .thenRequest(100)
                .expectNextCount(100)
                .then(() -> assertThat(asked).hasValue(256))
                .thenRequest(100)
                .expectNextCount(100)
                .then(() -> assertThat(asked).hasValue(256 + 192))
                .thenCancel()
                .verify();
    }

    @Test
    void sourceWithoutBackpressure_overflowIsAnErrorAfterTheFramesThatFit() {
        TestPublisher<ByteBuffer> frames = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        List<Object> discarded = new ArrayList<>();
        StepVerifier.create(CODEC.coalesce(2).encode(frames).doOnDiscard(ByteBuffer.class, discarded::add), 0)
                .then(() -> {
                    for (int i = 0; i < 300; i++) {
                        frames.next(frame(1));
                    }
                })
                .thenRequest(Long.MAX_VALUE)
                .expectNextCount(256)
                .expectError(IllegalStateException.class)
                .verify();
        assertThat(discarded).containsExactly(frame(1));
    }

    @Test
    void formatThatCannotBeWritten_errorWithTheReason() {
        StepVerifier.create(FrameCodec.of(LengthField.ofSize(1).before(1))
                        .coalesce(10)
                        .encode(frames(1, 1)))
                .expectError(UnsupportedOperationException.class)
                .verify();
        assertThatThrownBy(() -> CODEC.coalesce(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("coalesce must be positive, was 0");
    }

    @Test
    void scanned_tellsItsState() {
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        AtomicReference<Scannable> scanned = new AtomicReference<>();
        BaseSubscriber<ByteBuffer> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                scanned.set(Scannable.from(subscription));
            }
        };
        CODEC.coalesce(10).encode(frames).subscribe(subscriber);
        frames.next(frame(1), frame(1));
        Scannable scan = scanned.get();
        assertThat(scan.scan(Scannable.Attr.PREFETCH)).isEqualTo(256);
        assertThat(scan.scan(Scannable.Attr.BUFFERED)).isEqualTo(2);
        assertThat(scan.scan(Scannable.Attr.CANCELLED)).isFalse();
        subscriber.cancel();
        assertThat(scan.scan(Scannable.Attr.CANCELLED)).isTrue();
        assertThat(scan.scan(Scannable.Attr.BUFFERED)).isEqualTo(0);
    }

    @Test
    void cancelRacingWithFramesAndDemand_everyFrameIsWrittenOrDiscarded() {
        for (int round = 0; round < 2000; round++) {
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger written = new AtomicInteger();
            AtomicInteger discarded = new AtomicInteger();
            TestPublisher<ByteBuffer> frames = TestPublisher.create();
            BaseSubscriber<ByteBuffer> subscriber = new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {}

                @Override
                protected void hookOnNext(ByteBuffer chunk) {
                    written.addAndGet(chunk.remaining() / 2);
                }
            };
            CODEC.coalesce(4)
                    .encode(frames.flux().doOnNext(f -> accepted.incrementAndGet()))
                    .doOnDiscard(ByteBuffer.class, f -> discarded.incrementAndGet())
                    .subscribe(subscriber);
            frames.next(frame(1));
            RaceTestUtils.race(
                    () -> frames.next(frame(1), frame(1), frame(1)), () -> subscriber.request(1), subscriber::cancel);
            assertThat(written.get() + discarded.get()).isEqualTo(accepted.get());
        }
    }

    @Test
    void scanned_tellsWhatIsAsked_andItsEnd() {
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        Flux<ByteBuffer> coalesced = CODEC.coalesce(10).encode(frames);
        assertThat(coalesced.getPrefetch()).isEqualTo(256);
        assertThat(Scannable.from(coalesced).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        assertThat(Scannable.from(coalesced).scan(Scannable.Attr.PARENT)).isNotNull();

        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(3).build();
        AtomicReference<Scannable> scanned = new AtomicReference<>();
        coalesced.doOnSubscribe(s -> scanned.set(Scannable.from(s))).subscribe(subscriber);
        Scannable scan = scanned.get();
        assertThat(scan.scan(Scannable.Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(3);
        assertThat(scan.scan(Scannable.Attr.ACTUAL)).isNotNull();
        assertThat(scan.scan(Scannable.Attr.PARENT)).isNotNull();
        assertThat(scan.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        assertThat(scan.scan(Scannable.Attr.TERMINATED)).isFalse();
        assertThat(scan.scan(Scannable.Attr.ERROR)).isNull();
        frames.next(frame(1));
        assertThat(scan.scan(Scannable.Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(2);

        IllegalStateException bug = new IllegalStateException("bug");
        frames.error(bug);
        assertThat(scan.scan(Scannable.Attr.TERMINATED)).isTrue();
        assertThat(scan.scan(Scannable.Attr.ERROR)).isSameAs(bug);
    }

    @Test
    void framesOfAFusedSource_arePackedAsTheyCome() {
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(0).build();
        CODEC.coalesce(10).encode(source.asFlux()).subscribe(subscriber);
        source.tryEmitNext(frame(2));
        source.tryEmitNext(frame(3));
        subscriber.request(1);
        assertThat(subscriber.getReceivedOnNext())
                .extracting(ByteBuffer::remaining)
                .containsExactly(7);
        source.tryEmitNext(frame(4));
        assertThat(subscriber.getReceivedOnNext()).hasSize(1);
        subscriber.request(2);
        source.tryEmitNext(frame(5));
        assertThat(subscriber.getReceivedOnNext())
                .extracting(ByteBuffer::remaining)
                .containsExactly(7, 5, 6);
        source.tryEmitComplete();
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void cancelled_framesOfAFusedSourceAreDiscarded() {
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        List<Object> discarded = new ArrayList<>();
        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(0).build();
        CODEC.coalesce(10)
                .encode(source.asFlux())
                .doOnDiscard(ByteBuffer.class, discarded::add)
                .subscribe(subscriber);
        source.tryEmitNext(frame(2));
        subscriber.cancel();
        assertThat(discarded).containsExactly(frame(2));
    }

    @Test
    void whatComesAfterTheEnd_isDropped() {
        List<Object> dropped = new ArrayList<>();
        Hooks.onNextDropped(dropped::add);
        Hooks.onErrorDropped(e -> dropped.add(e.getMessage()));
        try {
            TestPublisher<ByteBuffer> frames =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
            CODEC.coalesce(10).encode(frames).subscribe(subscriber);
            frames.complete();
            frames.next(frame(1));
            frames.error(new IllegalStateException("late"));
            frames.complete();

            assertThat(subscriber.isTerminatedComplete()).isTrue();
            assertThat(dropped).containsExactly(frame(1), "late");
        } finally {
            Hooks.resetOnNextDropped();
            Hooks.resetOnErrorDropped();
        }
    }

    @Test
    void frameThatComesAfterAFault_isDiscarded() {
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> frames =
                TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        StepVerifier.create(CODEC.coalesce(10).encode(frames).doOnDiscard(ByteBuffer.class, discarded::add))
                .then(() -> frames.next(frame(256)))
                .then(() -> frames.next(frame(1)))
                .verifyError(FrameTooLongException.class);
        assertThat(discarded).contains(frame(1));
        frames.assertCancelled();
    }

    @Test
    void subscriberThatThrows_sourceIsCancelledAndTheRestDiscarded() {
        IllegalStateException bug = new IllegalStateException("bad subscriber");
        List<Object> discarded = new ArrayList<>();
        TestPublisher<ByteBuffer> frames = TestPublisher.create();
        AtomicReference<Subscription> subscription = new AtomicReference<>();
        CODEC.coalesce(4)
                .encode(frames)
                .doOnDiscard(ByteBuffer.class, discarded::add)
                .subscribe(new reactor.core.CoreSubscriber<>() {
                    @Override
                    public void onSubscribe(Subscription s) {
                        subscription.set(s);
                    }

                    @Override
                    public void onNext(ByteBuffer chunk) {
                        throw bug;
                    }

                    @Override
                    public void onError(Throwable t) {}

                    @Override
                    public void onComplete() {}
                });
        frames.next(frame(3), frame(2));
        assertThatThrownBy(() -> subscription.get().request(1)).isSameAs(bug);
        assertThat(discarded).containsExactly(frame(2));
        frames.assertCancelled();
    }

    @Test
    void encoderThatRunsOutOfMemory_endsTheStreamAndCancelsTheSource() {
        OutOfMemoryError error = new OutOfMemoryError("no memory");
        TestPublisher<Integer> messages = TestPublisher.create();
        StepVerifier.create(CODEC.coalesce(10).write(messages, (message, target) -> {
                    throw error;
                }))
                .then(() -> messages.next(1))
                .verifyErrorMatches(e -> e == error);
        messages.assertCancelled();
    }
}
