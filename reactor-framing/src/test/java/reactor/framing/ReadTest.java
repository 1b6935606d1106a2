package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.test.FramingEvents;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

/** Frames that are lent to a function. */
class ReadTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private static Flux<ByteBuffer> chunks(String... chunks) {
        return Flux.fromArray(chunks).map(ReadTest::chunk);
    }

    private static String text(ByteBuffer frame) {
        return new String(bytes(frame), StandardCharsets.ISO_8859_1);
    }

    @Test
    void frameInsideAChunk_isAViewOfTheChunk_oneBufferForAll() {
        ByteBuffer direct =
                ByteBuffer.allocateDirect(6).put(hex("02 61 62 01 63 00")).flip();
        List<ByteBuffer> lent = new ArrayList<>();
        List<String> places = CODEC.read(Flux.just(direct), frame -> {
                    lent.add(frame);
                    return frame.isDirect() + " " + frame.position() + "-" + frame.limit() + " " + text(frame);
                })
                .collectList()
                .block();

        assertThat(places).containsExactly("true 1-3 ab", "true 4-5 c", "true 6-6 ");
        assertThat(lent).allMatch(frame -> frame == lent.get(0));
    }

    @Test
    void frameThatSpansChunks_liesInMemoryThatIsUsedAgain() {
        List<ByteBuffer> lent = new ArrayList<>();
        assertThat(CODEC.read(chunks("04 61 62", "63 64 03 65", "66 67"), frame -> {
                            lent.add(frame);
                            return text(frame);
                        })
                        .collectList()
                        .block())
                .containsExactly("abcd", "efg");
        assertThat(lent.get(1)).isSameAs(lent.get(0));
    }

    @Test
    void viewThatIsKept_showsOtherBytesLater() {
        byte[] memory = hex("01 61 01 62");
        List<ByteBuffer> kept = new ArrayList<>();
        CODEC.read(Flux.just(ByteBuffer.wrap(memory)), frame -> {
                    kept.add(frame);
                    return frame.remaining();
                })
                .blockLast();

        assertThat(text(kept.get(0))).isEqualTo("b");
    }

    @Test
    void reader_isCalledOncePerFrameThatIsWanted_andNotAheadOfTheDemand() {
        List<String> read = new ArrayList<>();
        TestPublisher<ByteBuffer> upstream = TestPublisher.create();
        TestSubscriber<Integer> subscriber =
                TestSubscriber.builder().initialRequest(0).build();
        CODEC.read(upstream, frame -> {
                    read.add(text(frame));
                    return frame.remaining();
                })
                .subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 02 63"));
        assertThat(read).containsExactly("a");

        subscriber.request(2);
        upstream.next(chunk("64 01 65")).complete();
        assertThat(read).containsExactly("a", "b", "cd");
        assertThat(subscriber.isTerminated()).isFalse();

        subscriber.request(1);
        assertThat(read).containsExactly("a", "b", "cd", "e");
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void endBehindTheLastFrame_needsNoDemand() {
        StepVerifier.create(CODEC.read(chunks("01 61"), ReadTest::text), 1)
                .expectNext("a")
                .verifyComplete();
    }

    @Test
    void null_isAnErrorAsInMap() {
        StepVerifier.create(
                        CODEC.read(chunks("01 61 01 62"), frame -> text(frame).equals("b") ? null : "ok"))
                .expectNext("ok")
                .expectErrorMatches(
                        e -> e instanceof NullPointerException && e.getMessage().contains("null value"))
                .verify();
    }

    @Test
    void exceptionOfTheReader_endsTheStreamAsInMap_inAChunkAndAcrossChunks() {
        IllegalStateException bug = new IllegalStateException("bug");
        for (Flux<ByteBuffer> chunks : List.of(chunks("01 61 01 62"), chunks("01 61 01", "62"))) {
            TestPublisher<ByteBuffer> upstream = TestPublisher.create();
            StepVerifier.create(CODEC.read(chunks, frame -> {
                        if (text(frame).equals("b")) {
                            throw bug;
                        }
                        return text(frame);
                    }))
                    .expectNext("a")
                    .expectErrorMatches(e -> e == bug)
                    .verify();
            CODEC.read(upstream, frame -> {
                        throw bug;
                    })
                    .subscribe(TestSubscriber.create());
            upstream.next(chunk("01 61"));
            upstream.assertCancelled();
        }
    }

    @Test
    void exceptionOfTheReader_onErrorContinue_passesOverTheFrame() {
        List<String> dropped = new ArrayList<>();
        for (Flux<ByteBuffer> chunks : List.of(chunks("01 61 01 62 01 63"), chunks("01 61 01", "62 01", "63"))) {
            StepVerifier.create(CODEC.<String>read(chunks, frame -> {
                                if (text(frame).equals("b")) {
                                    throw new IllegalStateException("bug");
                                }
                                return text(frame);
                            })
                            .onErrorContinue((e, frame) -> dropped.add(e.getMessage() + text((ByteBuffer) frame))))
                    .expectNext("a", "c")
                    .verifyComplete();
        }
        assertThat(dropped).containsExactly("bugb", "bugb");
    }

    private static String checked(ByteBuffer frame) {
        String text = text(frame);
        if (text.startsWith("!")) {
            throw new CorruptFrameException("checksum");
        }
        return text;
    }

    @Test
    void framingExceptionOfTheReader_isAFaultOfThatFrame_withItsPlaceAndBytes() {
        for (Flux<ByteBuffer> chunks : List.of(chunks("01 61 02 21 62 01 63"), chunks("01 61 02 21", "62 01 63"))) {
            StepVerifier.create(CODEC.read(chunks, ReadTest::checked))
                    .expectNext("a")
                    .expectErrorSatisfies(e -> {
                        assertThat(FramingEvents.describe(e)).isEqualTo("Corrupt #1 @2");
                        assertThat(e).hasMessageContaining("checksum at offset 2: 02 21 62");
                    })
                    .verify();
        }
    }

    @Test
    void framingExceptionOfTheReader_skipInvalid_isReportedAndPassedOver() {
        for (Flux<ByteBuffer> chunks :
                List.of(chunks("01 61 02 21 62 01 63 01 21"), chunks("01 61 02 21", "62 01", "63 01 21"))) {
            List<String> events = new ArrayList<>();
            CODEC.skipInvalid(e -> events.add(FramingEvents.describe(e)))
                    .read(chunks, ReadTest::checked)
                    .doOnNext(events::add)
                    .doOnComplete(() -> events.add("complete"))
                    .blockLast();
            assertThat(events).containsExactly("a", "Corrupt #1 @2 +3", "c", "Corrupt #3 @7 +2", "complete");
        }
    }

    @Test
    void framingExceptionOfTheReader_beyondTheLimits_endsTheStream() {
        List<String> skipped = new ArrayList<>();
        StepVerifier.create(CODEC.skipInvalid(e -> skipped.add(FramingEvents.describe(e)), 1, 100)
                        .read(chunks("01 21 01 21 01 61"), ReadTest::checked))
                .expectErrorSatisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("Corrupt #1 @2"))
                .verify();
        assertThat(skipped).containsExactly("Corrupt #0 @0 +2");
    }

    @Test
    void requestFromInsideTheReader_isMet() {
        AtomicReference<Subscription> subscription = new AtomicReference<>();
        List<String> received = new ArrayList<>();
        CODEC.read(chunks("01 61 01 62 01", "63"), frame -> {
                    subscription.get().request(1);
                    return text(frame);
                })
                .subscribe(new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(Subscription s) {
                        subscription.set(s);
                        s.request(1);
                    }

                    @Override
                    protected void hookOnNext(String value) {
                        received.add(value);
                    }
                });
        assertThat(received).containsExactly("a", "b", "c");
    }

    @Test
    void cancelFromInsideTheReader_atMostThatFrameComes() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.create();
        TestSubscriber<String> subscriber = TestSubscriber.create();
        List<String> read = new ArrayList<>();
        CODEC.read(upstream, frame -> {
                    read.add(text(frame));
                    if (read.size() == 2) {
                        subscriber.cancel();
                    }
                    return text(frame);
                })
                .subscribe(subscriber);
        upstream.next(chunk("01 61 01 62 01 63"));

        assertThat(read).containsExactly("a", "b");
        assertThat(subscriber.getReceivedOnNext()).startsWith("a").hasSizeLessThanOrEqualTo(2);
        upstream.assertCancelled();
    }

    @Test
    void readerThatBlocks_holdsBackNobodyElsesRequest() throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        TestSubscriber<String> subscriber =
                TestSubscriber.builder().initialRequest(1).build();
        CODEC.read(chunks("01 61 01 62").subscribeOn(Schedulers.boundedElastic()), frame -> {
                    reading.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return text(frame);
                })
                .subscribe(subscriber);
        reading.await();
        subscriber.request(5); // returns although the reader has not
        goOn.countDown();
        subscriber.block();

        assertThat(subscriber.getReceivedOnNext()).containsExactly("a", "b");
    }

    @Test
    void memoryOfALargeFrame_isGivenBackAfterARunOfSmallOnes() {
        List<Integer> capacities = new ArrayList<>();
        Function<ByteBuffer, Integer> reader = frame -> {
            capacities.add(frame.capacity());
            return frame.remaining();
        };
        ByteBuffer large = ByteBuffer.allocate(200_000).put(199_999, (byte) '\n');
        Flux<ByteBuffer> small = Flux.range(0, 60).map(i -> chunk(i % 2 == 0 ? "61" : "62 0a"));
        FrameCodec.of(Delimiter.lines())
                .read(Flux.concat(Flux.just(large.slice(0, 100_000), large.slice(100_000, 100_000)), small), reader)
                .blockLast();

        assertThat(capacities.get(0)).isGreaterThanOrEqualTo(199_999);
        assertThat(capacities.get(capacities.size() - 1)).isLessThan(1000);
    }

    @Test
    void argumentsThatAreNull_failWhenTheMethodIsCalled() {
        assertThatNullPointerException().isThrownBy(() -> CODEC.read(null, frame -> frame));
        assertThatNullPointerException().isThrownBy(() -> CODEC.read(Flux.empty(), null));
        assertThatNullPointerException().isThrownBy(() -> CODEC.decode(null));
        assertThatNullPointerException().isThrownBy(() -> CODEC.decodeParts(null));
        assertThatNullPointerException().isThrownBy(() -> CODEC.encode(null));
        assertThatNullPointerException().isThrownBy(() -> CODEC.open(null));
    }

    @Test
    void memoryThatIsNeededAgainAndAgain_isKept() {
        for (int length : new int[] {1000, 70_000, 100_000}) {
            List<ByteBuffer> lent = new ArrayList<>();
            ByteBuffer frame = ByteBuffer.allocate(length).put(length - 1, (byte) '\n');
            Flux<ByteBuffer> halves = Flux.just(frame.slice(0, length / 2), frame.slice(length / 2, length / 2));
            FrameCodec.of(Delimiter.lines())
                    .read(halves.repeat(49), view -> {
                        lent.add(view);
                        return view.remaining();
                    })
                    .blockLast();

            assertThat(lent).hasSize(50).allMatch(view -> view == lent.get(0), "the same view");
        }
    }
}
