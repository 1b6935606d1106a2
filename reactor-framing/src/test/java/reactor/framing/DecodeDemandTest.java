package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.test.FramingEvents.describe;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.format.LengthField;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

class DecodeDemandTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(100);

    private final List<Long> upstreamRequests = new ArrayList<>();
    private final TestPublisher<ByteBuffer> upstream = TestPublisher.create();
    private final TestSubscriber<ByteBuffer> subscriber =
            TestSubscriber.builder().initialRequest(0).build();

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private static FrameCodec codec(boolean zeroCopy) {
        return zeroCopy ? CODEC.zeroCopy() : CODEC;
    }

    private void subscribe(FrameCodec codec) {
        codec.decode(upstream.flux().doOnRequest(upstreamRequests::add)).subscribe(subscriber);
    }

    private List<String> frames() {
        return subscriber.getReceivedOnNext().stream()
                .map(frame -> new String(bytes(frame)))
                .toList();
    }

    private void assertNotTerminated() {
        assertThat(subscriber.isTerminatedOrCancelled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneAtATime_framesOfAChunkComeAsAsked(boolean zeroCopy) {
        subscribe(codec(zeroCopy));
        assertThat(upstreamRequests).isEmpty();

        subscriber.request(1);
        assertThat(upstreamRequests).containsExactly(1L);
        upstream.next(chunk("01 61 01 62 01 63 01"));
        assertThat(frames()).containsExactly("a");

        subscriber.request(1);
        assertThat(frames()).containsExactly("a", "b");
        subscriber.request(1);
        assertThat(frames()).containsExactly("a", "b", "c");
        assertThat(upstreamRequests).as("three frames were in hand").containsExactly(1L);

        subscriber.request(2);
        assertThat(upstreamRequests).containsExactly(1L, 1L);
        upstream.next(chunk("64"));
        assertThat(frames()).containsExactly("a", "b", "c", "d");
        assertThat(upstreamRequests).containsExactly(1L, 1L, 1L);
    }

    @Test
    void unboundedDemand_oneChunkAtATime() {
        subscribe(CODEC);
        subscriber.request(Long.MAX_VALUE);
        for (int i = 1; i <= 5; i++) {
            assertThat(upstreamRequests).hasSize(i).containsOnly(1L);
            upstream.next(chunk("01 61 01 62"));
        }
        assertThat(frames()).hasSize(10);
    }

    @Test
    void moreDemandWhileAChunkIsUnderWay_noFurtherRequest() {
        subscribe(CODEC);
        subscriber.request(1);
        subscriber.request(7);
        subscriber.request(Long.MAX_VALUE);

        assertThat(upstreamRequests).containsExactly(1L);
    }

    @Test
    void chunksWithoutAFrame_theNextIsRequestedUntilAFrameIsWhole() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk(""));
        assertThat(upstreamRequests).hasSize(2);
        upstream.next(chunk("02"));
        assertThat(upstreamRequests).hasSize(3);
        upstream.next(chunk("61"));
        assertThat(upstreamRequests).hasSize(4);
        upstream.next(chunk("62"));

        assertThat(frames()).containsExactly("ab");
        assertThat(upstreamRequests).as("nothing more is wanted").hasSize(4);
    }

    @Test
    void demandMetInsideAFrame_nothingRequestedUntilWanted() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk("01 61 02 62"));
        assertThat(upstreamRequests).hasSize(1);

        subscriber.request(1);
        assertThat(upstreamRequests).hasSize(2);
    }

    @Test
    void emptyStream_completesWithoutDemand() {
        subscribe(CODEC);
        upstream.complete();

        assertThat(subscriber.isTerminatedComplete()).isTrue();
        assertThat(upstreamRequests).isEmpty();
    }

    @Test
    void endBehindTheLastFrame_needsNoDemand() {
        subscribe(CODEC);
        subscriber.request(2);
        upstream.next(chunk("01 61 01 62")).complete();

        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void endWithFramesInHand_waitsForThemAndForNothingElse() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 01 63")).complete();
        assertNotTerminated();

        subscriber.request(1);
        assertThat(frames()).containsExactly("a", "b");
        assertNotTerminated();

        subscriber.request(1);
        assertThat(frames()).containsExactly("a", "b", "c");
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void faultBehindTheLastFrame_withoutDemandOnceUpstreamHasEnded() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk("01 61 FF"));
        assertThat(frames()).containsExactly("a");

        upstream.complete();
        assertThat(describe(subscriber.expectTerminalError())).isEqualTo("TooLong #1 @2 255>100");
    }

    @Test
    void faultBehindTheLastFrame_withTheNextRequestAtTheLatest() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk("01 61 FF"));
        subscriber.request(1);

        assertThat(describe(subscriber.expectTerminalError())).isEqualTo("TooLong #1 @2 255>100");
        upstream.assertCancelled();
    }

    @Test
    void truncationBehindTheLastFrame_withoutDemand() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk("01 61 02 62")).complete();

        assertThat(frames()).containsExactly("a");
        assertThat(describe(subscriber.expectTerminalError())).isEqualTo("Truncated #1 @2 2/3");
    }

    @Test
    void framesBeforeAFault_comeOnDemandBeforeTheError() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 01 63 FF 61"));
        subscriber.request(1);
        assertNotTerminated();
        subscriber.request(1);
        assertThat(frames()).containsExactly("a", "b", "c");

        subscriber.request(1);
        assertThat(describe(subscriber.expectTerminalError())).isEqualTo("TooLong #3 @6 255>100");
    }

    @Test
    void upstreamError_comesAfterTheFramesInHand() {
        subscribe(CODEC);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 01 63 02")).error(new IllegalStateException("reset"));
        assertNotTerminated();
        subscriber.request(1);
        assertNotTerminated();
        subscriber.request(1);

        assertThat(frames()).containsExactly("a", "b", "c");
        assertThat(subscriber.expectTerminalError()).hasMessage("reset");
    }

    @Test
    void upstreamErrorWithNothingInHand_needsNoDemand() {
        subscribe(CODEC);
        upstream.error(new IllegalStateException("reset"));

        assertThat(subscriber.expectTerminalError()).hasMessage("reset");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void badRequest_isIllegalArgumentAndNoDemand(long n) {
        List<Throwable> errors = new ArrayList<>();
        List<ByteBuffer> frames = new ArrayList<>();
        AtomicInteger cancelled = new AtomicInteger();
        CODEC.decode(Flux.just(chunk("01 61")).doOnCancel(cancelled::incrementAndGet))
                .subscribe(new org.reactivestreams.Subscriber<>() {
                    @Override
                    public void onSubscribe(Subscription s) {
                        s.request(n);
                    }

                    @Override
                    public void onNext(ByteBuffer frame) {
                        frames.add(frame);
                    }

                    @Override
                    public void onError(Throwable t) {
                        errors.add(t);
                    }

                    @Override
                    public void onComplete() {}
                });

        assertThat(errors).singleElement().isInstanceOf(IllegalArgumentException.class);
        assertThat(frames).isEmpty();
        assertThat(cancelled).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void requestFromInsideOnNext_framesInOrderAndNotNested(boolean zeroCopy) {
        List<String> frames = new ArrayList<>();
        AtomicInteger depth = new AtomicInteger();
        AtomicInteger deepest = new AtomicInteger();
        codec(zeroCopy)
                .decode(Flux.just(chunk("01 61 01 62 01"), chunk("63 01 64"), chunk("01 65")))
                .subscribe(new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(Subscription subscription) {
                        request(1);
                    }

                    @Override
                    protected void hookOnNext(ByteBuffer frame) {
                        deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
                        request(1);
                        frames.add(new String(bytes(frame)));
                        request(1);
                        depth.decrementAndGet();
                    }
                });

        assertThat(frames).containsExactly("a", "b", "c", "d", "e");
        assertThat(deepest).hasValue(1);
    }

    @Test
    void unboundedRequestFromInsideOnNext_isUnboundedForGood() {
        AtomicReference<Scannable> operator = new AtomicReference<>();
        CODEC.decode(upstream)
                .doOnSubscribe(subscription -> operator.set(Scannable.from(subscription)))
                .doOnNext(frame -> subscriber.request(Long.MAX_VALUE))
                .subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 01 63"));

        assertThat(frames()).containsExactly("a", "b", "c");
        assertThat(operator.get().scan(Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void requestFromInsideTheMetrics_isMet(int first) {
        FrameMetrics metrics = new FrameMetrics() {
            @Override
            public void received(long frames, long bytes, long largest) {
                subscriber.request(1);
            }
        };
        subscribe(CODEC.metrics(metrics));
        subscriber.request(first);
        upstream.next(chunk("01 61 01 62 01"));
        upstream.next(chunk("63 01 64"));

        assertThat(frames()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void requestFromInsideOnSkipped_isMet() {
        subscribe(FrameCodec.of(LengthField.ofSize(1).marker((byte) 0x72))
                .maxFrameLength(100)
                .skipInvalid(fault -> subscriber.request(1)));
        subscriber.request(2);
        upstream.next(chunk("72 01 61 00 72 01 62 00"));
        assertThat(frames()).containsExactly("a", "b");

        upstream.next(chunk("72 01 63 72 01 64 00 72 01 65"));
        assertThat(frames()).containsExactly("a", "b", "c", "d");

        upstream.complete(); // looks on without demand, for what may be the end
        assertThat(frames()).containsExactly("a", "b", "c", "d", "e");
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void cancelFromInsideOnNext_nothingComesAfter(int index) {
        for (int length = 1; length <= 10; length++) {
            for (boolean unbounded : new boolean[] {false, true}) {
                List<String> events = new ArrayList<>();
                AtomicInteger cancelled = new AtomicInteger();
                byte[] stream = hex("01 61 01 62 01 63 01 64 01 65");
                List<ByteBuffer> chunks = new ArrayList<>();
                for (int at = 0; at < stream.length; at += length) {
                    chunks.add(ByteBuffer.wrap(stream, at, Math.min(length, stream.length - at)));
                }
                CODEC.decode(Flux.fromIterable(chunks).concatWith(Flux.never()).doOnCancel(cancelled::incrementAndGet))
                        .subscribe(new BaseSubscriber<>() {
                            @Override
                            protected void hookOnSubscribe(Subscription subscription) {
                                request(unbounded ? Long.MAX_VALUE : 1);
                            }

                            @Override
                            protected void hookOnNext(ByteBuffer frame) {
                                events.add(new String(bytes(frame)));
                                if (events.size() == index + 1) {
                                    upstream().cancel();
                                }
                                upstream().request(1);
                            }

                            @Override
                            protected void hookOnComplete() {
                                events.add("complete");
                            }

                            @Override
                            protected void hookOnError(Throwable e) {
                                events.add("error " + e);
                            }
                        });

                assertThat(events).hasSize(index + 1).last().isEqualTo(String.valueOf((char) ('a' + index)));
                assertThat(cancelled).hasValue(1);
            }
        }
    }

    @Test
    void parts_everyPartCountsAgainstTheDemand() {
        TestSubscriber<FramePart> parts =
                TestSubscriber.builder().initialRequest(0).build();
        CODEC.decodeParts(upstream.flux().doOnRequest(upstreamRequests::add)).subscribe(parts);

        parts.request(1);
        upstream.next(chunk("03 61"));
        assertThat(parts.getReceivedOnNext()).hasSize(1);
        assertThat(upstreamRequests).hasSize(1);

        parts.request(1);
        upstream.next(chunk("62"));
        parts.request(1);
        upstream.next(chunk("63 01 64"));
        assertThat(parts.getReceivedOnNext()).extracting(FramePart::last).containsExactly(false, false, true);
        assertThat(upstreamRequests).hasSize(3);

        parts.request(1);
        upstream.complete();
        assertThat(parts.getReceivedOnNext()).extracting(FramePart::frameIndex).containsExactly(0L, 0L, 0L, 1L);
        assertThat(parts.getReceivedOnNext()).extracting(FramePart::offset).containsExactly(0L, 1L, 2L, 0L);
        assertThat(parts.isTerminatedComplete()).isTrue();
    }

    @Test
    void synchronousSourceAndSubscriber_oneChunkForEachRequest() {
        AtomicInteger emitted = new AtomicInteger();
        Flux<ByteBuffer> source = Flux.generate(sink -> {
            emitted.incrementAndGet();
            sink.next(chunk("01 61 01 62"));
        });
        CODEC.decode(source).subscribe(subscriber);
        for (int asked = 1; asked <= 20; asked++) {
            subscriber.request(1);
            assertThat(frames()).hasSize(asked);
            assertThat(emitted).hasValue((asked + 1) / 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"01 61 65", "01 61 02 62 63 65", "65", "09"})
    void fault_nothingIsRequestedAfterIt(String hex) {
        subscribe(FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(8));
        subscriber.request(9);
        upstream.next(chunk(hex));

        assertThat(subscriber.isTerminatedError()).isTrue();
        assertThat(upstreamRequests).containsExactly(1L);
    }

    @Test
    void decoderThatThrows_nothingIsRequestedAfterIt() {
        subscribe(FrameCodec.of(TestFramings.framing(FinderThatThrows::new)));
        subscriber.request(9);
        upstream.next(chunk("61"));

        assertThat(subscriber.isTerminatedError()).isTrue();
        assertThat(upstreamRequests).containsExactly(1L);
    }

    private static final class FinderThatThrows implements FrameFinder {

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            throw new IllegalStateException("bug");
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            return false;
        }
    }
}
