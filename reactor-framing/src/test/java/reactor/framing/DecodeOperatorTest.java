package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.TestFramings.framing;
import static reactor.framing.test.FramingEvents.describe;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Operators;
import reactor.framing.format.LengthField;
import reactor.framing.test.FramingEvents;
import reactor.test.publisher.TestPublisher;
import reactor.test.publisher.TestPublisher.Violation;
import reactor.test.subscriber.TestSubscriber;
import reactor.util.context.Context;

/** Decode among other operators: what reactor-core's own do, it does. */
class DecodeOperatorTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(100);

    private final List<String> discarded = new ArrayList<>();
    private final List<Object> discardedObjects = new ArrayList<>();
    private final List<Object> nextDropped = new ArrayList<>();
    private final List<Throwable> errorDropped = new ArrayList<>();

    private final TestPublisher<ByteBuffer> upstream = TestPublisher.create();
    private final TestPublisher<ByteBuffer> badUpstream = TestPublisher.createNoncompliant(
            Violation.REQUEST_OVERFLOW, Violation.CLEANUP_ON_TERMINATE, Violation.ALLOW_NULL);
    private final TestSubscriber<ByteBuffer> subscriber = TestSubscriber.builder()
            .initialRequest(0)
            .contextPutAll(Operators.enableOnDiscard(Context.empty(), this::discard))
            .build();

    @BeforeEach
    void recordDrops() {
        Hooks.onNextDropped(nextDropped::add);
        Hooks.onErrorDropped(errorDropped::add);
    }

    @AfterEach
    void resetHooks() {
        Hooks.resetOnNextDropped();
        Hooks.resetOnErrorDropped();
        Hooks.resetOnOperatorDebug();
        Hooks.resetOnEachOperator();
    }

    private void discard(Object dropped) {
        discardedObjects.add(dropped);
        discarded.add(HexFormat.ofDelimiter(" ").formatHex(bytes((ByteBuffer) dropped)));
    }

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private List<String> frames() {
        return subscriber.getReceivedOnNext().stream()
                .map(frame -> new String(bytes(frame)))
                .toList();
    }

    // ---- discarding

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancel_discardsTheRestOfTheChunk(boolean zeroCopy) {
        (zeroCopy ? CODEC.zeroCopy() : CODEC).decode(upstream).subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 02 63"));
        assertThat(discarded).isEmpty();

        subscriber.cancel();
        assertThat(discarded).containsExactly("01 62 02 63");
        subscriber.cancel();
        assertThat(discarded).hasSize(1);
    }

    @Test
    void cancel_discardsThePartialFrame() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("04 61 62")).next(chunk("63"));

        subscriber.cancel();
        assertThat(discarded).containsExactly("61 62 63");
    }

    @Test
    void cancel_discardsTheFrameReadAheadOfTheEnd() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("01 61 02 62 63 01 64")).complete();

        subscriber.cancel();
        assertThat(discarded).containsExactlyInAnyOrder("62 63", "01 64");
    }

    @Test
    void cancelFromInsideOnNext_discardsTheRest() {
        CODEC.decode(upstream).doOnNext(frame -> subscriber.cancel()).subscribe(subscriber);
        subscriber.request(3);
        upstream.next(chunk("01 61 01 62"));

        assertThat(discarded).containsExactly("01 62");
    }

    @Test
    void cancelFromInsideTheDecoder_nothingComesAfter() {
        FrameCodec.of(LengthField.ofSize(1).checkHeader(header -> {
                    if (header.get(header.position()) == 2) {
                        subscriber.cancel();
                    }
                    return true;
                }))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61 01 62 02 63 64 01 65"));

        assertThat(subscriber.getReceivedOnNext()).containsExactly(chunk("61"), chunk("62"));
        assertThat(discarded).containsExactly("02 63 64 01 65");
    }

    @Test
    void demandFromInsideOnNext_isMetAndNoMore() {
        CODEC.decode(upstream)
                .doOnNext(frame -> {
                    if (frame.get(0) == 'a') {
                        subscriber.request(1);
                    }
                })
                .subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 01 63"));

        assertThat(subscriber.getReceivedOnNext()).containsExactly(chunk("61"), chunk("62"));
        subscriber.request(1);
        assertThat(subscriber.getReceivedOnNext()).last().isEqualTo(chunk("63"));
    }

    /**
     * The rest of the first chunk is kept as it is, to be looked at when it is wanted; the other one waits behind it.
     */
    @Test
    void chunkThatComesUnaskedFromInsideOnNext_comesBehindTheRestOfTheOther() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.createNoncompliant(Violation.REQUEST_OVERFLOW);
        CODEC.decode(upstream)
                .doOnNext(frame -> {
                    if (frame.get(0) == 'a') {
                        upstream.next(chunk("01 64"));
                    }
                })
                .subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("01 61 01 62 01 63"));
        subscriber.request(9);

        assertThat(subscriber.getReceivedOnNext()).containsExactly(chunk("61"), chunk("62"), chunk("63"), chunk("64"));
    }

    @Test
    void fault_discardsTheRestBeforeTheError() {
        AtomicInteger discardedAtError = new AtomicInteger();
        CODEC.decode(upstream)
                .doOnError(e -> discardedAtError.set(discarded.size()))
                .subscribe(subscriber);
        subscriber.request(3);
        upstream.next(chunk("01 61 FF 62"));

        assertThat(subscriber.expectTerminalError()).isInstanceOf(FrameTooLongException.class);
        assertThat(String.join(" ", discarded)).endsWith("62");
        assertThat(discardedAtError).hasValue(1);
        subscriber.cancel();
        assertThat(discarded).hasSize(1);
    }

    @Test
    void upstreamError_discardsThePartialFrame() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("04 61 62")).error(new IllegalStateException("reset"));

        assertThat(subscriber.expectTerminalError()).hasMessage("reset");
        assertThat(discarded).containsExactly("61 62");
    }

    @Test
    void truncation_discardsThePartialFrame() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("04 61 62")).complete();

        assertThat(subscriber.expectTerminalError()).isInstanceOf(TruncatedFrameException.class);
        assertThat(discarded).containsExactly("61 62");
    }

    @Test
    void completion_discardsNothing() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61 02 62")).next(chunk("63")).complete();
        subscriber.cancel();

        assertThat(subscriber.isTerminatedComplete()).isTrue();
        assertThat(discarded).isEmpty();
    }

    @Test
    void lateChunk_discardedAfterAFaultAndAfterCancel() {
        CODEC.decode(badUpstream).subscribe(subscriber);
        subscriber.request(9);
        badUpstream.next(chunk("FF"));
        discarded.clear();
        badUpstream.next(chunk("01 61"));
        assertThat(discarded).containsExactly("01 61");
        assertThat(nextDropped).isEmpty();

        TestSubscriber<ByteBuffer> another = TestSubscriber.builder()
                .contextPutAll(Operators.enableOnDiscard(Context.empty(), this::discard))
                .build();
        TestPublisher<ByteBuffer> slow = TestPublisher.createNoncompliant(Violation.DEFER_CANCELLATION);
        CODEC.decode(slow).subscribe(another);
        another.cancel();
        slow.next(chunk("01 62"));
        assertThat(discarded).containsExactly("01 61", "01 62");
        assertThat(another.getReceivedOnNext()).isEmpty();
    }

    @Test
    void zeroCopy_untouchedChunkIsDiscardedItself_oneWithSlicesOutIsNot() {
        ByteBuffer untouched = chunk("01 61");
        CODEC.zeroCopy().decode(badUpstream).subscribe(subscriber);
        badUpstream.next(untouched);
        subscriber.cancel();
        assertThat(discardedObjects).singleElement().isSameAs(untouched);

        ByteBuffer touched = chunk("01 61 01 62");
        TestSubscriber<ByteBuffer> another = TestSubscriber.builder()
                .initialRequest(1)
                .contextPutAll(Operators.enableOnDiscard(Context.empty(), this::discard))
                .build();
        CODEC.zeroCopy().decode(upstream).subscribe(another);
        upstream.next(touched);
        another.cancel();
        assertThat(discardedObjects).hasSize(2).last().isNotSameAs(touched);
        assertThat(discarded).last().isEqualTo("01 62");
    }

    /**
     * The third one: the first is viewed, and the second, which is a frame, has the third one taken for a frame, too.
     */
    @ParameterizedTest
    @CsvSource({"false, 01 63", "false, 01 63 01 64", "true, 01 63", "true, 01 63 01 64"})
    void chunkThatComesUnasked_isKeptAsItIs(boolean zeroCopy, String third) {
        for (boolean cancelled : List.of(false, true)) {
            discarded.clear();
            discardedObjects.clear();
            TestPublisher<ByteBuffer> upstream = TestPublisher.createNoncompliant(Violation.REQUEST_OVERFLOW);
            TestSubscriber<ByteBuffer> subscriber = TestSubscriber.builder()
                    .initialRequest(2)
                    .contextPutAll(Operators.enableOnDiscard(Context.empty(), this::discard))
                    .build();
            (zeroCopy ? CODEC.zeroCopy() : CODEC).decode(upstream).subscribe(subscriber);
            ByteBuffer unasked = chunk(third);
            upstream.next(chunk("01 61")).next(chunk("01 62")).next(unasked);
            if (!zeroCopy) {
                Arrays.fill(unasked.array(), (byte) 0x7F);
            }
            if (cancelled) {
                subscriber.cancel();
                assertThat(discarded).containsExactly(third);
                assertThat(discardedObjects.get(0) == unasked).isEqualTo(zeroCopy);
            } else {
                subscriber.request(9);
                assertThat(subscriber.getReceivedOnNext())
                        .extracting(frame -> new String(bytes(frame)))
                        .containsExactlyElementsOf(
                                third.length() > 5 ? List.of("a", "b", "c", "d") : List.of("a", "b", "c"));
                upstream.next(chunk("02 65")).next(chunk("66"));
                assertThat(subscriber.getReceivedOnNext()).last().isEqualTo(chunk("65 66"));
            }
        }
    }

    @Test
    void borrowedChunk_whatIsDiscardedLaterIsACopy() {
        CODEC.decode(upstream).subscribe(subscriber);
        subscriber.request(1);
        ByteBuffer lent = chunk("01 61 01 62 01 63");
        upstream.next(lent);
        java.util.Arrays.fill(lent.array(), (byte) 0xEE);
        subscriber.cancel();

        assertThat(discarded).containsExactly("01 62 01 63");
    }

    // ---- what comes when nothing may come

    @Test
    void chunkAfterTheEnd_isDropped() {
        CODEC.decode(badUpstream).subscribe(subscriber);
        subscriber.request(9);
        ByteBuffer late = chunk("01 61");
        badUpstream.complete();
        badUpstream.next(late);

        assertThat(subscriber.isTerminatedComplete()).isTrue();
        assertThat(subscriber.getReceivedOnNext()).isEmpty();
        assertThat(nextDropped).containsExactly(late);
    }

    @Test
    void errorAfterCancelEndOrFault_isDropped() {
        IllegalStateException late = new IllegalStateException("late");
        TestPublisher<ByteBuffer> slow = TestPublisher.createNoncompliant(Violation.DEFER_CANCELLATION);
        CODEC.decode(slow).subscribe(subscriber);
        subscriber.cancel();
        slow.error(late);
        assertThat(errorDropped).containsExactly(late);

        CODEC.decode(badUpstream).subscribe();
        badUpstream.complete();
        badUpstream.error(late);
        badUpstream.complete();
        assertThat(errorDropped).containsExactly(late, late);

        TestPublisher<ByteBuffer> faulty = TestPublisher.createNoncompliant(Violation.CLEANUP_ON_TERMINATE);
        CODEC.decode(faulty).onErrorComplete().subscribe();
        faulty.next(chunk("FF"));
        faulty.error(late);
        assertThat(errorDropped).containsExactly(late, late, late);
    }

    @Test
    void secondSubscription_isCancelled() {
        AtomicInteger cancelled = new AtomicInteger();
        List<CoreSubscriber<? super ByteBuffer>> operator = new ArrayList<>();
        CODEC.decode(new Flux<ByteBuffer>() {
                    @Override
                    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
                        operator.add(actual);
                        actual.onSubscribe(Operators.emptySubscription());
                    }
                })
                .subscribe(subscriber);
        operator.get(0).onSubscribe(new Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {
                cancelled.incrementAndGet();
            }
        });

        assertThat(cancelled).hasValue(1);
    }

    @Test
    void chunksThatWereNotRequested_framesOfTheFirstThenOverflow() {
        CODEC.decode(badUpstream).subscribe(subscriber);
        badUpstream.next(chunk("01 61 01 62"));
        badUpstream.next(chunk("01 63"));
        badUpstream.assertCancelled();
        assertThat(discarded).containsExactly("01 63");
        assertThat(subscriber.isTerminated()).isFalse();

        subscriber.request(2);
        assertThat(frames()).containsExactly("a", "b");
        assertThat(Exceptions.isOverflow(subscriber.expectTerminalError())).isTrue();
    }

    @Test
    void nullChunk_isRefusedAndChangesNothing() {
        CODEC.decode(badUpstream).subscribe(subscriber);
        subscriber.request(9);
        badUpstream.next(chunk("02 61"));
        assertThatExceptionOfType(NullPointerException.class).isThrownBy(() -> badUpstream.next((ByteBuffer) null));

        badUpstream.next(chunk("62")).complete();
        assertThat(frames()).containsExactly("ab");
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    // ---- decoders that go wrong

    @Test
    void decoderThatThrows_framesBeforeThenItsException() {
        IllegalStateException bug = new IllegalStateException("bug");
        FrameCodec.of(framing((chunk, frame) -> {
                    if (chunk.get(chunk.position()) == 'x') {
                        throw bug;
                    }
                    frame.append(chunk, 1);
                    return true;
                }))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("61 62 78 63"));

        assertThat(frames()).containsExactly("a", "b");
        assertThat(subscriber.expectTerminalError()).isSameAs(bug);
        assertThat(discarded).containsExactly("78 63");
        upstream.assertCancelled();
    }

    @Test
    void decoderThatThrowsAFatalError_isNotTurnedIntoASignal() {
        FrameCodec.of(framing((chunk, frame) -> {
                    throw Exceptions.bubble(new IllegalStateException("fatal"));
                }))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);

        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> upstream.next(chunk("61")))
                .matches(Exceptions::isBubbling);
    }

    @Test
    void decoderThatLeavesBytesUnread_isTold() {
        FrameCodec.of(framing((chunk, frame) -> {
                    chunk.get();
                    return false;
                }))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("61 62"));

        assertThat(subscriber.expectTerminalError())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the test's decoder left 1 bytes of the chunk unread without ending a frame");
    }

    @Test
    void decoderThatFindsFramesForEver_isTold() {
        FrameCodec.of(framing((chunk, frame) -> true)).decode(upstream).subscribe(subscriber);
        subscriber.request(Long.MAX_VALUE);
        upstream.next(chunk("61 62"));

        assertThat(subscriber.expectTerminalError())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the test's decoder found more frames than there were bytes");
    }

    @Test
    void decoderThatCompletesForEver_isTold() {
        FrameCodec.of(framing(() -> new FrameDecoder() {
                    @Override
                    public boolean decode(ByteBuffer chunk, FrameSink frame) {
                        frame.append(chunk, chunk.remaining());
                        return false;
                    }

                    @Override
                    public boolean complete(FrameSink frame) {
                        return true;
                    }
                }))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(Long.MAX_VALUE);
        upstream.next(chunk("61 62")).complete();

        assertThat(subscriber.expectTerminalError())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("found more frames than there were bytes");
    }

    @Test
    void newDecoderThatFails_isAnErrorOfTheSubscription() {
        IllegalStateException bug = new IllegalStateException("bug");
        AtomicInteger subscribed = new AtomicInteger();
        Flux<ByteBuffer> source = Flux.<ByteBuffer>never().doOnSubscribe(s -> subscribed.incrementAndGet());
        FrameCodec.of(framing((Supplier<FrameDecoder>) () -> {
                    throw bug;
                }))
                .decode(source)
                .subscribe(subscriber);
        assertThat(subscriber.expectTerminalError()).isSameAs(bug);

        TestSubscriber<FramePart> parts = TestSubscriber.create();
        FrameCodec.of(framing((Supplier<FrameDecoder>) () -> null))
                .decodeParts(source)
                .subscribe(parts);
        assertThat(parts.expectTerminalError())
                .isInstanceOf(NullPointerException.class)
                .hasMessage("newDecoder() returned null");
        assertThat(subscribed).hasValue(0);
    }

    // ---- subscribers

    @Test
    void subscriberThatThrows_exceptionGoesToTheSource_asWithMap() {
        for (boolean map : new boolean[] {false, true}) {
            TestPublisher<ByteBuffer> source = TestPublisher.create();
            Flux<ByteBuffer> frames = map ? source.flux().map(chunk -> chunk) : CODEC.decode(source);
            frames.subscribe(new CoreSubscriber<>() {
                @Override
                public void onSubscribe(Subscription s) {
                    s.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(ByteBuffer frame) {
                    throw new IllegalStateException("bad subscriber");
                }

                @Override
                public void onError(Throwable t) {}

                @Override
                public void onComplete() {}
            });

            assertThatExceptionOfType(IllegalStateException.class)
                    .as(map ? "map" : "decode")
                    .isThrownBy(() -> source.next(chunk("01 61")))
                    .withMessage("bad subscriber");
        }
    }

    @Test
    void manySubscriptionsOfOneCodec_doNotMeet() {
        List<TestPublisher<ByteBuffer>> sources = IntStream.range(0, 10)
                .mapToObj(i -> TestPublisher.<ByteBuffer>create())
                .toList();
        List<TestSubscriber<ByteBuffer>> subscribers = IntStream.range(0, 10)
                .mapToObj(i -> TestSubscriber.<ByteBuffer>create())
                .toList();
        IntStream.range(0, 10).forEach(i -> CODEC.decode(sources.get(i)).subscribe(subscribers.get(i)));
        byte[] wire = {3, 'a', 'b', 'c'};
        for (int at = 0; at < wire.length; at++) {
            for (int i = 0; i < 10; i++) {
                sources.get(i).next(ByteBuffer.wrap(new byte[] {(byte) (at == 0 ? 3 : wire[at] + i)}));
            }
        }
        for (int i = 0; i < 10; i++) {
            assertThat(subscribers.get(i).getReceivedOnNext())
                    .singleElement()
                    .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) ('a' + i), (byte) ('b' + i), (byte) ('c' + i)}));
        }
    }

    @Test
    void repeatAndRetry_startAfresh() {
        List<String> frames = new ArrayList<>();
        Flux<ByteBuffer> cold = Flux.just(chunk("02 61"), chunk("62 01"), chunk("63"));
        CODEC.decode(cold)
                .repeat(2)
                .doOnNext(f -> frames.add(new String(bytes(f))))
                .blockLast();
        assertThat(frames).containsExactly("ab", "c", "ab", "c", "ab", "c");

        frames.clear();
        List<Throwable> faults = new ArrayList<>();
        CODEC.decode(Flux.just(chunk("01 61 05 62")))
                .doOnError(faults::add)
                .retry(2)
                .onErrorComplete()
                .doOnNext(f -> frames.add(new String(bytes(f))))
                .blockLast();
        assertThat(frames).containsExactly("a", "a", "a");
        assertThat(faults)
                .extracting(FramingEvents::describe)
                .containsOnly("Truncated #1 @2 2/6")
                .hasSize(3);
    }

    // ---- Context, Scannable, assembly

    @Test
    void context_reachesTheSource() {
        Flux<ByteBuffer> source = Flux.deferContextual(context -> Flux.just(chunk(context.<String>get("bytes"))));

        assertThat(CODEC.decode(source)
                        .contextWrite(Context.of("bytes", "01 61"))
                        .blockLast())
                .isEqualTo(chunk("61"));
        assertThat(CODEC.decodeParts(source)
                        .contextWrite(Context.of("bytes", "01 61"))
                        .blockLast()
                        .content())
                .isEqualTo(chunk("61"));
        assertThat(CODEC.encode(source).contextWrite(Context.of("bytes", "61")).blockLast())
                .isEqualTo(chunk("01 61"));
    }

    @Test
    void scan_theOperator() {
        Flux<ByteBuffer> source = Flux.never();
        Scannable operator = Scannable.from(CODEC.decode(source));

        assertThat(operator.scan(Attr.PARENT)).isSameAs(source);
        assertThat(operator.scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.SYNC);
        assertThat(operator.stepName()).isEqualTo("decode");
        assertThat(Scannable.from(CODEC.decode(source).name("frames").tag("a", "b"))
                        .name())
                .isEqualTo("frames");
    }

    private Scannable subscribeAndScan(TestPublisher<ByteBuffer> source) {
        Scannable[] inner = new Scannable[1];
        CODEC.decode(source).doOnSubscribe(s -> inner[0] = Scannable.from(s)).subscribe(subscriber);
        return inner[0];
    }

    @Test
    void scan_theSubscription() {
        Scannable inner = subscribeAndScan(upstream);
        assertThat(inner.scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.SYNC);
        assertThat(inner.scan(Attr.PARENT)).isNotNull();
        assertThat(inner.scan(Attr.ACTUAL)).isNotNull();
        assertThat(inner.scan(Attr.TERMINATED)).isFalse();
        assertThat(inner.scan(Attr.CANCELLED)).isFalse();
        assertThat(inner.scan(Attr.ERROR)).isNull();
        assertThat(inner.scan(Attr.BUFFERED)).isZero();

        subscriber.request(3);
        assertThat(inner.scan(Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(3);
        upstream.next(chunk("04 61 62"));
        assertThat(inner.scan(Attr.BUFFERED))
                .as("the bytes of the partial frame")
                .isEqualTo(2);
        upstream.next(chunk("63 64 01 65 01 66 01 67 05 68"));
        assertThat(inner.scan(Attr.REQUESTED_FROM_DOWNSTREAM)).isZero();
        assertThat(inner.scan(Attr.BUFFERED)).as("the rest of the chunk").isEqualTo(4);

        subscriber.cancel();
        assertThat(inner.scan(Attr.CANCELLED)).isTrue();
        assertThat(inner.scan(Attr.TERMINATED)).isFalse();
        assertThat(inner.scan(Attr.BUFFERED)).isZero();
    }

    @Test
    void scan_terminatedAndError() {
        Scannable inner = subscribeAndScan(upstream);
        subscriber.request(1);
        IllegalStateException reset = new IllegalStateException("reset");
        upstream.error(reset);

        assertThat(inner.scan(Attr.TERMINATED)).isTrue();
        assertThat(inner.scan(Attr.ERROR)).isSameAs(reset);
        assertThat(inner.scan(Attr.CANCELLED)).isFalse();
    }

    @Test
    void checkpointAndDebug_nameTheOperator() {
        Flux<ByteBuffer> bad = Flux.just(chunk("FF"));
        assertThat(CODEC.decode(bad)
                        .checkpoint("the frames")
                        .materialize()
                        .blockLast()
                        .getThrowable()
                        .getSuppressed())
                .anySatisfy(trace -> assertThat(trace).hasMessageContaining("the frames"));

        Hooks.onOperatorDebug();
        assertThat(CODEC.decode(bad).materialize().blockLast().getThrowable().getSuppressed())
                .anySatisfy(trace -> assertThat(trace).hasMessageContaining("FluxDecode"));
    }

    @Test
    void assemblyHook_seesDecodeAndDecodeParts() {
        List<String> assembled = new ArrayList<>();
        Hooks.onEachOperator(publisher -> {
            assembled.add(Scannable.from(publisher).stepName());
            return publisher;
        });
        CODEC.decode(Flux.never());
        CODEC.decodeParts(Flux.never());

        assertThat(assembled.stream().filter("decode"::equals)).hasSize(2);
    }

    @Test
    void operatorErrorHook_seesTheFault() {
        List<Throwable> seen = new ArrayList<>();
        Hooks.onOperatorError((e, data) -> {
            seen.add(e);
            return e;
        });
        try {
            CODEC.decode(Flux.just(chunk("FF"))).onErrorComplete().blockLast();
        } finally {
            Hooks.resetOnOperatorError();
        }
        assertThat(seen).extracting(FramingEvents::describe).containsExactly("TooLong #0 @0 255>100");
    }

    @Test
    void encode_repeated_startsAfresh_andTellsTheFrame() {
        List<Throwable> faults = new ArrayList<>();
        CODEC.encode(Flux.just(chunk("61"), ByteBuffer.allocate(101)))
                .doOnError(faults::add)
                .retry(1)
                .onErrorComplete()
                .blockLast(Duration.ofSeconds(5));

        assertThat(faults)
                .extracting(e -> describe(e))
                .containsExactly("TooLong #1 @2 101>100", "TooLong #1 @2 101>100");
    }

    // ---- what comes while somebody drains

    /** As when another thread drains: whoever sent the chunk has overwritten it before it is read. */
    @Test
    void borrowedChunkThatComesWhileAFrameIsEmitted_isCopied() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.createNoncompliant(Violation.REQUEST_OVERFLOW);
        CODEC.decode(upstream)
                .doOnNext(frame -> {
                    if (frame.get(0) == 'a') {
                        byte[] lent = hex("00 01 64 01 65");
                        upstream.next(ByteBuffer.wrap(lent, 1, 4));
                        Arrays.fill(lent, (byte) 0xEE);
                    }
                })
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61 01 62"));

        assertThat(frames()).containsExactly("a", "b", "d", "e");
    }

    @Test
    void ownedChunkThatComesWhileAFrameIsEmitted_isNotCopied() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.createNoncompliant(Violation.REQUEST_OVERFLOW);
        ByteBuffer owned = chunk("01 64");
        AtomicReference<Scannable> inner = new AtomicReference<>();
        AtomicInteger buffered = new AtomicInteger();
        CODEC.zeroCopy()
                .decode(upstream)
                .doOnSubscribe(s -> inner.set(Scannable.from(s)))
                .doOnNext(frame -> {
                    if (frame.get(0) == 'a') {
                        upstream.next(owned);
                        buffered.set(inner.get().scan(Attr.BUFFERED));
                    }
                })
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61 01 63"));

        assertThat(frames()).containsExactly("a", "c", "d");
        assertThat(buffered).as("at least what is left of both chunks").hasValueGreaterThanOrEqualTo(5);
        assertThat(subscriber.getReceivedOnNext().get(2).array()).isSameAs(owned.array());
    }

    @Test
    void chunkThatComesWhileAFrameIsEmitted_andThenACancel_isDiscarded() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.createNoncompliant(Violation.REQUEST_OVERFLOW);
        CODEC.decode(upstream)
                .doOnNext(frame -> {
                    upstream.next(chunk("01 64"));
                    subscriber.cancel();
                })
                .subscribe(subscriber);
        subscriber.request(9);
        upstream.next(chunk("01 61 01 62"));

        assertThat(discarded).containsExactly("01 62", "01 64");
    }

    /** The last look at what has come is over then; nobody but the one who drains can take the chunk. */
    @Test
    void chunkThatComesWhileTheMetricsAreTold_isNotLost() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.create();
        AtomicInteger told = new AtomicInteger();
        CODEC.metrics(new FrameMetrics() {
                    @Override
                    public void received(long frames, long bytes, long largest) {
                        if (told.getAndIncrement() == 0) {
                            upstream.next(chunk("01 62"));
                        }
                    }
                })
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(2);
        upstream.next(chunk("01 61"));

        assertThat(frames()).containsExactly("a", "b");
        upstream.complete();
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void decoderThatCancelsAndThrows_exceptionIsDropped_restIsDiscarded() {
        IllegalStateException bug = new IllegalStateException("bug");
        FrameCodec.of(framing((chunk, frame) -> {
                    frame.append(chunk, 1);
                    subscriber.cancel();
                    throw bug;
                }))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("61 62"));

        assertThat(errorDropped).containsExactly(bug);
        assertThat(discarded).containsExactly("61", "62");
        assertThat(subscriber.isTerminated()).isFalse();
    }

    /** As reactor-core has it, the subscriber that has thrown is told nothing more. */
    @Test
    void subscriberThatThrows_restIsDiscarded_andItIsToldNothingMore() {
        Context context = Operators.enableOnDiscard(Context.empty(), this::discard);
        ThrowingSubscriber subscriber = new ThrowingSubscriber(false, context);
        CODEC.decode(upstream).subscribe(subscriber);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> upstream.next(chunk("01 61 01 62")))
                .isSameAs(subscriber.bug);

        assertThat(discarded).containsExactly("01 62");
        upstream.assertCancelled();
        upstream.complete();
        assertThat(subscriber.ends).isEmpty();
    }

    /** Reactor-core throws such an error on; then nobody would learn that the stream has ended. */
    @Test
    void decoderThatRunsOutOfMemory_endsTheStreamAndCancelsUpstream() {
        OutOfMemoryError error = new OutOfMemoryError("no memory");
        FrameCodec.of(framing((chunk, frame) -> {
                    throw error;
                }))
                .decode(upstream)
                .subscribe(subscriber);
        subscriber.request(1);
        upstream.next(chunk("61"));

        assertThat(subscriber.expectTerminalError()).isSameAs(error);
        upstream.assertCancelled();
    }

    @Test
    void scan_theSubscriptionsRunStyle() {
        AtomicReference<Scannable> inner = new AtomicReference<>();
        CODEC.decode(upstream).doOnSubscribe(s -> inner.set(Scannable.from(s))).subscribe(subscriber);
        assertThat(inner.get().scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.SYNC);
    }
}
