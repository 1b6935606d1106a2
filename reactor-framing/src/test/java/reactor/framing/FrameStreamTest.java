package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.test.FramingEvents;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.subscriber.TestSubscriber;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/** The frames of one stream, for one subscriber after the other. */
class FrameStreamTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    private final TestPublisher<ByteBuffer> upstream = TestPublisher.create();
    private final List<String> handedBack = new ArrayList<>();

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private static String text(ByteBuffer frame) {
        return new String(bytes(frame), StandardCharsets.ISO_8859_1);
    }

    private static List<String> take(FrameStream stream, int n) {
        return stream.receive().take(n).map(FrameStreamTest::text).collectList().block();
    }

    /** A borrowed chunk, which is garbage when {@code onNext} has returned. */
    private void send(String hex) {
        byte[] memory = hex(hex);
        upstream.next(ByteBuffer.wrap(memory));
        Arrays.fill(memory, (byte) 0xEE);
    }

    @Test
    void nothingIsRequestedBeforeAFrameIsWanted() {
        FrameStream stream = CODEC.open(upstream);
        upstream.assertSubscribers(1);
        upstream.assertWasNotRequested();

        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(0).build();
        stream.receive().subscribe(subscriber);
        upstream.assertWasNotRequested();
        subscriber.request(1);
        upstream.assertWasRequested();
    }

    @Test
    void unboundedDemandOfOneWhoCancels_isForgotten_theRestIsTheNextOnes() {
        FrameStream stream = CODEC.open(upstream);
        List<String> all = new ArrayList<>();
        stream.receive().take(2).map(FrameStreamTest::text).subscribe(all::add);
        send("01 61 01 62 01 63 02 64");
        assertThat(all).containsExactly("a", "b");

        stream.receive().next().map(FrameStreamTest::text).subscribe(all::add);
        assertThat(all).containsExactly("a", "b", "c");

        stream.receive(FrameStreamTest::text).subscribe(all::add);
        send("65 01 66");
        assertThat(all).containsExactly("a", "b", "c", "de", "f");
    }

    @Test
    void chunkThatComesWhenNobodyIsThere_isKept() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> gone = TestSubscriber.create();
        stream.receive().subscribe(gone);
        gone.cancel();
        send("01 61 01");

        List<String> all = new ArrayList<>();
        stream.receive().map(FrameStreamTest::text).subscribe(all::add);
        send("62");
        upstream.complete();
        assertThat(all).containsExactly("a", "b");
    }

    @Test
    void secondSubscriberMeanwhile_isRefused_theFirstGoesOn() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> first = TestSubscriber.create();
        stream.receive().subscribe(first);

        StepVerifier.create(stream.receiveParts()).verifyError(IllegalStateException.class);
        send("01 61");
        assertThat(first.getReceivedOnNext()).hasSize(1);
    }

    @Test
    void subscriberAfterTheEnd_getsTheSameEnd() {
        FrameStream complete = CODEC.open(Flux.just(chunk("01 61")));
        assertThat(take(complete, 9)).containsExactly("a");
        StepVerifier.create(complete.receive()).verifyComplete();
        StepVerifier.create(complete.receiveParts()).verifyComplete();

        FrameStream truncated = CODEC.open(Flux.just(chunk("02 61")));
        for (int i = 0; i < 2; i++) {
            StepVerifier.create(truncated.receive())
                    .expectErrorMatches(e -> FramingEvents.describe(e).equals("Truncated #0 @0 2/3"))
                    .verify();
        }
    }

    @Test
    void errorOfTheSource_comesBehindTheFramesThatArrived_whoeverReadsThem() {
        FrameStream stream = CODEC.open(
                Flux.just(chunk("01 61 01 62 01 63")).concatWith(Flux.error(new IllegalStateException("reset"))));
        assertThat(take(stream, 1)).containsExactly("a");
        assertThat(take(stream, 1)).containsExactly("b");
        StepVerifier.create(stream.receive().map(FrameStreamTest::text))
                .expectNext("c")
                .verifyErrorMessage("reset");
    }

    @Test
    void partsThatAreLeft_restOfTheFrameGoesToTheNextParts_orIsPassedOver() {
        for (boolean parts : new boolean[] {true, false}) {
            TestPublisher<ByteBuffer> source = TestPublisher.create();
            FrameStream stream = CODEC.open(source);
            List<String> all = new ArrayList<>();
            stream.receiveParts()
                    .take(1)
                    .subscribe(part -> all.add(part.offset() + text(part.content()) + part.last()));
            source.next(chunk("04 61 62"));
            if (parts) {
                stream.receiveParts().subscribe(part -> all.add(part.offset() + text(part.content()) + part.last()));
            } else {
                stream.receive().map(FrameStreamTest::text).subscribe(all::add);
            }
            source.next(chunk("63 64 01 65"));

            assertThat(all)
                    .containsExactlyElementsOf(
                            parts ? List.of("0abfalse", "2cdtrue", "0etrue") : List.of("0abfalse", "e"));
        }
    }

    @Test
    void framesThatBeganWhole_goOnInParts() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> gone = TestSubscriber.create();
        stream.receive().subscribe(gone);
        send("04 61 62");
        gone.cancel();
        List<String> all = new ArrayList<>();
        stream.receiveParts().subscribe(part -> all.add(part.offset() + text(part.content()) + part.last()));
        send("63 64");

        assertThat(String.join(" ", all)).isEqualTo("0abcdtrue");
    }

    /** A part may have been read and not been made when its subscriber leaves: here the decoder has it do so. */
    private FrameStream leftAtAnExclamationMark(TestSubscriber<FramePart> gone) {
        FrameStream stream = FrameCodec.of(linesThatCall(gone::cancel)).open(upstream);
        stream.receiveParts().subscribe(gone);
        return stream;
    }

    @Test
    void firstPartThatWasNotTaken_isTheBeginningOfTheFrame() {
        TestSubscriber<FramePart> gone = TestSubscriber.create();
        FrameStream stream = leftAtAnExclamationMark(gone);
        sendText("a!");
        List<String> frames = new ArrayList<>();
        stream.receive().map(FrameStreamTest::text).subscribe(frames::add);
        sendText("b\nc\n");
        assertThat(gone.getReceivedOnNext()).isEmpty();
        assertThat(frames).containsExactly("a!b", "c");
    }

    @Test
    void lastPartThatWasNotTaken_isNoFrame() {
        TestSubscriber<FramePart> gone = TestSubscriber.create();
        FrameStream stream = leftAtAnExclamationMark(gone);
        sendText("ab");
        sendText("!\nc\n");
        assertThat(gone.getReceivedOnNext()).hasSize(1);
        assertThat(take(stream, 1)).containsExactly("c");
    }

    private void sendText(String text) {
        upstream.next(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static Framing linesThatCall(Runnable onExclamationMark) {
        return TestFramings.framing((chunk, frame) -> {
            while (chunk.hasRemaining()) {
                byte b = chunk.get();
                if (b == '\n') {
                    return true;
                }
                frame.append(b);
                if (b == '!') {
                    onExclamationMark.run();
                }
            }
            return false;
        });
    }

    @Test
    void framesBehindOneThatLeftMemory_comeInPartsAtOnce() {
        FrameStream stream = CODEC.open(upstream);
        stream.receive(FrameStreamTest::text).take(1).subscribe();
        send("14 61");
        send("62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72 73 74");
        List<String> parts = new ArrayList<>();
        stream.receiveParts().subscribe(part -> parts.add(text(part.content())));
        send("04 61");
        send("62");
        assertThat(parts).containsExactly("a", "b");
    }

    @Test
    void switchTo_fromTheNextFrameOn_noByteIsLost() {
        for (int cut = 0; cut <= 7; cut++) {
            byte[] wire = hex("68 69 0a 02 61 62 00");
            FrameStream stream = FrameCodec.of(Delimiter.of("\n"))
                    .open(Flux.just(ByteBuffer.wrap(wire, 0, cut), ByteBuffer.wrap(wire, cut, 7 - cut)));
            List<String> all = stream.receive()
                    .map(FrameStreamTest::text)
                    .doOnNext(line -> {
                        if (line.equals("hi")) {
                            stream.switchTo(CODEC);
                        }
                    })
                    .collectList()
                    .block();
            assertThat(all).as("cut at %s", cut).containsExactly("hi", "ab", "");
        }
    }

    @Test
    void switchTo_insideAFrame_waitsForItsEnd() {
        FrameStream stream = CODEC.open(upstream);
        List<String> all = new ArrayList<>();
        stream.receive().map(FrameStreamTest::text).subscribe(all::add);
        send("02 61");
        stream.switchTo(FrameCodec.of(Delimiter.lines()));
        send("62 01 63 0a");

        assertThat(all).containsExactly("ab", "\1c");
    }

    @Test
    void switchTo_afterOneFrame_whatHasArrivedIsReadByTheNewFraming_alsoWhenTheStreamHasEnded() {
        FrameStream stream = FrameCodec.of(Delimiter.of("\n")).open(Flux.just(chunk("68 69 0a 01 0a 01 61")));
        assertThat(take(stream, 1)).containsExactly("hi");
        stream.switchTo(CODEC);
        assertThat(take(stream, 9)).containsExactly("\n", "a");
    }

    @Test
    void switchTo_faultsTellTheFrameAndTheOffsetOfTheWholeStream() {
        FrameStream stream = FrameCodec.of(Delimiter.of("\n")).open(Flux.just(chunk("68 69 0a 09 61")));
        assertThat(take(stream, 1)).containsExactly("hi");
        stream.switchTo(CODEC);
        StepVerifier.create(stream.receive())
                .expectErrorMatches(e -> FramingEvents.describe(e).equals("Truncated #1 @3 2/10"))
                .verify();
    }

    @Test
    void abort_subscribersAreToldWhy_theSourceIsCancelled() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        stream.receive().subscribe(subscriber);
        send("01 61 02");
        IllegalStateException reason = new IllegalStateException("closed here");
        stream.abort(reason);

        assertThat(subscriber.expectTerminalError()).isSameAs(reason);
        StepVerifier.create(stream.receive())
                .expectErrorMatches(e -> e == reason)
                .verify();
        upstream.assertCancelled();
    }

    // ---- chunks that are handed back

    private FrameStream openHandedBack() {
        return CODEC.open(upstream, chunk -> handedBack.add(text(chunk)));
    }

    @Test
    void handedBack_whenAllHasBeenRead_inTheirOrder_andNotCopiedBefore() {
        FrameStream stream = openHandedBack();
        TestSubscriber<Boolean> subscriber =
                TestSubscriber.builder().initialRequest(1).build();
        ByteBuffer chunk = chunk("01 61 01 62 02");
        stream.receive(frame -> frame.capacity() == chunk.capacity()).subscribe(subscriber);
        upstream.next(chunk);
        assertThat(handedBack).isEmpty();
        subscriber.request(1);
        assertThat(handedBack).isEmpty();
        subscriber.request(1);
        assertThat(handedBack).containsExactly("\1a\1b\2");
        upstream.next(chunk("63"));
        assertThat(handedBack).containsExactly("\1a\1b\2", "c");
        upstream.next(chunk("64"));
        assertThat(handedBack).containsExactly("\1a\1b\2", "c", "d");
        assertThat(subscriber.getReceivedOnNext()).containsExactly(true, true, false);
    }

    @Test
    void handedBack_onAbortAndOnAFault_andWhatComesLater() {
        FrameStream stream = openHandedBack();
        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(1).build();
        stream.receive().subscribe(subscriber);
        upstream.next(chunk("01 61 01 62"));
        stream.abort(new IllegalStateException());
        assertThat(handedBack).containsExactly("\1a\1b");

        TestPublisher<ByteBuffer> other = TestPublisher.create();
        FrameStream faulty = CODEC.maxFrameLength(1).open(other, chunk -> handedBack.add(text(chunk)));
        faulty.receive().subscribe(TestSubscriber.create());
        other.next(chunk("02 61"));
        assertThat(handedBack).containsExactly("\1a\1b", "\2a");
    }

    // ---- chunks that lie inside a frame: they are read without being held

    @Test
    void chunksInsideAFrame_areRequestedOneByOne_andHandedBackAtOnce() {
        List<Long> requests = new ArrayList<>();
        FrameStream stream =
                CODEC.open(upstream.flux().doOnRequest(requests::add), chunk -> handedBack.add(text(chunk)));
        TestSubscriber<String> subscriber =
                TestSubscriber.builder().initialRequest(1).build();
        stream.receive().map(FrameStreamTest::text).subscribe(subscriber);
        for (String hex : List.of("1c", "61 62", "63", "", "64 65 66 67 68 69 6a 6b", "6c")) {
            upstream.next(chunk(hex));
        }
        upstream.next(chunk("6d 6e 6f 70 71 72 73 74").order(ByteOrder.LITTLE_ENDIAN));
        assertThat(requests).hasSize(8).containsOnly(1L);
        assertThat(handedBack).containsExactly("\34", "ab", "c", "", "defghijk", "l", "mnopqrst");
        assertThat(stream.unread()).isEqualTo(20);
        upstream.next(chunk("75 76 77 78 79 7a 7b 7c 01 21"));
        assertThat(subscriber.getReceivedOnNext()).containsExactly("abcdefghijklmnopqrstuvwxyz{|");
        assertThat(requests).hasSize(8);
        subscriber.request(1);
        assertThat(subscriber.getReceivedOnNext()).last().isEqualTo("!");
    }

    @Test
    void chunkInsideAFrame_whatHandingItBackBrings_isSeen() {
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        List<Long> requests = new ArrayList<>();
        IllegalStateException failure = new IllegalStateException("not handed back");
        FrameStream stream = CODEC.open(upstream.flux().doOnRequest(requests::add), chunk -> {
            switch (text(chunk)) {
                case "request" -> subscriber.request(1);
                case "throw" -> throw failure;
                default -> {}
            }
        });
        stream.receive().subscribe(subscriber);
        upstream.next(chunk("1f 21"));
        upstream.next(chunk("72 65 71 75 65 73 74"));
        assertThat(requests).containsExactly(1L, 1L, 1L);
        upstream.next(chunk("74 68 72 6f 77"));
        assertThat(subscriber.expectTerminalError()).isSameAs(failure);
        assertThat(requests).hasSize(3);
        upstream.assertCancelled();
    }

    @Test
    void chunkInsideAFrame_subscriberThatCancelsMeanwhile_theNextOneGetsTheFrame() {
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        List<Long> requests = new ArrayList<>();
        FrameStream stream = CODEC.open(upstream.flux().doOnRequest(requests::add), chunk -> {
            if (text(chunk).equals("cancel")) {
                subscriber.cancel();
            }
        });
        stream.receive().subscribe(subscriber);
        upstream.next(chunk("08 21"));
        upstream.next(chunk("63 61 6e 63 65 6c"));
        assertThat(requests).containsExactly(1L, 1L);

        TestSubscriber<String> second =
                TestSubscriber.builder().initialRequest(1).build();
        stream.receive().map(FrameStreamTest::text).subscribe(second);
        assertThat(requests).containsExactly(1L, 1L, 1L);
        upstream.next(chunk("3f"));
        assertThat(second.getReceivedOnNext()).containsExactly("!cancel?");
    }

    @Test
    void chunkInsideAFrame_thatNobodyWantsByNow_isTheLastThatWasRequested() {
        List<Long> requests = new ArrayList<>();
        FrameStream stream = CODEC.open(upstream.flux().doOnRequest(requests::add));
        TestSubscriber<ByteBuffer> gone = TestSubscriber.create();
        stream.receive().subscribe(gone);
        send("04 61");
        gone.cancel();
        TestSubscriber<String> second =
                TestSubscriber.builder().initialRequest(0).build();
        stream.receive().map(FrameStreamTest::text).subscribe(second);
        send("62");
        assertThat(requests).containsExactly(1L, 1L);
        second.request(1);
        assertThat(requests).containsExactly(1L, 1L, 1L);
        send("63 64");
        assertThat(second.getReceivedOnNext()).containsExactly("abcd");
    }

    @Test
    void chunksInsideAFrame_countForThePartsBehindThem() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> gone = TestSubscriber.create();
        stream.receive().subscribe(gone);
        send("06 61");
        send("62 63");
        gone.cancel();
        List<String> parts = new ArrayList<>();
        stream.receiveParts().subscribe(part -> parts.add(part.offset() + text(part.content()) + part.last()));
        send("64");
        send("65 66");
        assertThat(parts).containsExactly("0abcdfalse", "4eftrue");
    }

    @Test
    void chunksInsideAFrameThatIsCut_areShownByTheError() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        stream.receive().subscribe(subscriber);
        send("20 61");
        send("62 63");
        send("64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72");
        send("73");
        upstream.complete();
        assertThat(subscriber.expectTerminalError())
                .isInstanceOf(TruncatedFrameException.class)
                .hasMessageContaining("20 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f");
    }

    @Test
    void slicer_sharesTheChunkWhereAFrameLiesInOne() {
        FrameStream stream = openHandedBack();
        List<String> made = new ArrayList<>();
        stream.receive(new ShowingSlicer()).subscribe(made::add);
        upstream.next(chunk("01 61 02 62")).next(chunk("63 01 64"));

        assertThat(made).containsExactly("slice a", "copy bc", "slice d");
    }

    // ---- threads

    /** Whoever gets a frame is not told of by the other, and every frame comes once, in order. */
    @Test
    void cancelAgainstOnNext_everyFrameGoesToOneOfTheTwo() {
        for (int i = 0; i < 500; i++) {
            TestPublisher<ByteBuffer> source = TestPublisher.create();
            FrameStream stream = CODEC.open(source);
            List<String> first = new ArrayList<>();
            BaseSubscriber<ByteBuffer> subscriber = new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    requestUnbounded();
                }

                @Override
                protected void hookOnNext(ByteBuffer frame) {
                    first.add(text(frame));
                }
            };
            stream.receive().subscribe(subscriber);
            RaceTestUtils.race(
                    () -> source.next(chunk("01 61 01 62 01 63 01 64 01 65 01 66 01 67 01 68")), subscriber::cancel);
            List<String> second = new ArrayList<>();
            stream.receive().map(FrameStreamTest::text).subscribe(second::add);
            source.next(chunk("01 69")).complete();

            first.addAll(second);
            assertThat(first.stream().collect(Collectors.joining())).isEqualTo("abcdefghi");
        }
    }

    @Test
    void subscribeAgainstTheEnd_theEndIsToldOnce() {
        for (int i = 0; i < 500; i++) {
            TestPublisher<ByteBuffer> source = TestPublisher.create();
            FrameStream stream = CODEC.open(source);
            TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
            RaceTestUtils.race(() -> stream.receive().subscribe(subscriber), source::complete);
            assertThat(subscriber.isTerminatedComplete()).isTrue();
            assertThat(subscriber.getProtocolErrors()).isEmpty();
        }
    }

    @Test
    void subscriberThatThrows_isToldItself_andTheNextOneIsToldSo() {
        FrameStream stream = CODEC.open(upstream);
        ThrowingSubscriber subscriber = new ThrowingSubscriber(false, Context.empty());
        stream.receive().subscribe(subscriber);
        assertThatThrownBy(() -> upstream.next(chunk("01 61"))).isSameAs(subscriber.bug);

        upstream.assertCancelled();
        assertThat(subscriber.ends).containsExactly(subscriber.bug);
        TestSubscriber<ByteBuffer> next = TestSubscriber.create();
        stream.receive().subscribe(next);
        assertThat(next.expectTerminalError()).isSameAs(subscriber.bug);
    }

    @Test
    void subscriberThatCancelsAndThrows_isToldNothing() {
        FrameStream stream = CODEC.open(upstream);
        ThrowingSubscriber subscriber = new ThrowingSubscriber(true, Context.empty());
        stream.receive().subscribe(subscriber);
        assertThatThrownBy(() -> upstream.next(chunk("01 61"))).isSameAs(subscriber.bug);

        assertThat(subscriber.ends).isEmpty();
    }

    // ---- what it tells of itself

    @Test
    void stateOfTheStream_isTold() {
        FrameStream stream = CODEC.open(upstream);
        assertThat(stream.hasSubscriber()).isFalse();
        assertThat(stream.wasSubscribed()).isFalse();
        assertThat(stream.unread()).isZero();

        List<Integer> unreadInside = new ArrayList<>();
        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(1).build();
        stream.receive().doOnNext(frame -> unreadInside.add(stream.unread())).subscribe(subscriber);
        assertThat(stream.hasSubscriber()).isTrue();
        assertThat(stream.wasSubscribed()).isTrue();
        send("01 61 01 62 03 63");
        assertThat(stream.unread()).isEqualTo(4);
        subscriber.request(2);
        assertThat(stream.unread()).as("of the frame that has begun").isEqualTo(1);
        assertThat(unreadInside).containsExactly(-1, -1);

        subscriber.cancel();
        assertThat(stream.hasSubscriber()).isFalse();
        assertThat(stream.wasSubscribed()).isTrue();
        upstream.complete();
        assertThat(stream.isEndTold()).isFalse();
        StepVerifier.create(stream.receive()).verifyError(TruncatedFrameException.class);
        assertThat(stream.isEndTold()).isTrue();
        assertThat(stream.hasSubscriber()).isFalse();
    }

    @Test
    void secondSubscriber_isNoSubscriberThatWas() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> first = TestSubscriber.create();
        stream.receive().subscribe(first);
        StepVerifier.create(stream.receive()).verifyError(IllegalStateException.class);
        assertThat(stream.hasSubscriber()).isTrue();
        assertThat(stream.wasSubscribed()).isTrue();
    }

    @Test
    void sourceThatSubscribesLate_isAskedForWhatWasWantedBefore() {
        List<Long> requests = new ArrayList<>();
        List<org.reactivestreams.Subscriber<? super ByteBuffer>> late = new ArrayList<>();
        FrameStream stream = CODEC.open(late::add);
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        stream.receive().subscribe(subscriber);
        late.get(0).onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                requests.add(n);
            }

            @Override
            public void cancel() {}
        });
        assertThat(requests).containsExactly(1L);
    }

    @Test
    void handBackAtOnce_chunkIsHandedBackAndItsRestIsReadAllTheSame() {
        List<ByteBuffer> back = new ArrayList<>();
        ByteBuffer chunk = chunk("01 61 01 62 02 63");
        ByteBuffer last = chunk("64 01 65 02");
        FrameStream stream = CODEC.open(Flux.just(chunk, last), back::add);
        TestSubscriber<ByteBuffer> first =
                TestSubscriber.builder().initialRequest(1).build();
        stream.receive().subscribe(first);
        first.cancel();
        assertThat(back).isEmpty();

        stream.handBackAtOnce();
        assertThat(back).hasSize(1);
        assertThat(back.get(0)).isSameAs(chunk);
        Arrays.fill(chunk.array(), (byte) 0xEE);
        List<String> rest = new ArrayList<>();
        stream.receive().map(FrameStreamTest::text).subscribe(rest::add, e -> rest.add(e.getMessage()));

        assertThat(rest).startsWith("b", "cd", "e").hasSize(4);
        assertThat(back).hasSize(2);
    }

    // ---- switching

    /** What lies behind the frames that were wanted is the next framing's, though the source has ended. */
    @Test
    void switchTo_whatIsNotWantedYet_isNotLookedAt() {
        FrameStream stream = FrameCodec.of(Delimiter.of("\n")).open(Flux.just(chunk("68 69 0a 02 61 0a 00")));
        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(1).build();
        stream.receive().subscribe(subscriber);
        stream.switchTo(CODEC);
        subscriber.request(9);

        assertThat(subscriber.getReceivedOnNext())
                .extracting(FrameStreamTest::text)
                .containsExactly("hi", "a\n", "");
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void endBehindTheLastFrame_needsNoDemand() {
        FrameStream stream = CODEC.open(Flux.just(chunk("01 61")));
        TestSubscriber<ByteBuffer> subscriber =
                TestSubscriber.builder().initialRequest(1).build();
        stream.receive().subscribe(subscriber);

        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void switchTo_inParts_theNextFramesComeInParts() {
        FrameStream stream = FrameCodec.of(Delimiter.of("\n")).open(upstream);
        List<String> all = new ArrayList<>();
        stream.receiveParts()
                .doOnNext(part -> {
                    if (part.last()) {
                        stream.switchTo(CODEC);
                    }
                })
                .subscribe(part -> all.add(part.offset() + text(part.content()) + part.last()));
        send("68 69 0a 04 61 62");

        assertThat(all).containsExactly("0hitrue", "0abfalse");
    }

    @Test
    void switchTo_eachCodecsMetricsAreToldOfItsFrames() {
        List<String> told = new ArrayList<>();
        FrameCodec lines = FrameCodec.of(Delimiter.of("\n")).metrics(metrics("lines", told));
        FrameStream stream = lines.open(upstream);
        stream.receive()
                .map(FrameStreamTest::text)
                .doOnNext(frame -> {
                    if (frame.equals("hi")) {
                        stream.switchTo(CODEC.metrics(metrics("lengths", told)));
                    }
                    told.add(frame);
                })
                .doOnComplete(() -> told.add("complete"))
                .subscribe();
        send("68 0a 68 69 0a 02 61 62 01 63");
        upstream.complete();

        assertThat(told).containsExactly("h", "hi", "lines 2 5 3", "ab", "c", "lengths 2 5 3", "complete");
    }

    private static FrameMetrics metrics(String name, List<String> told) {
        return new FrameMetrics() {
            @Override
            public void received(long frames, long bytes, long largest) {
                told.add(name + " " + frames + " " + bytes + " " + largest);
            }
        };
    }

    @Test
    void switchTo_framingThatCannotBeMade_endsTheStreamAtOnce() {
        FrameStream stream = CODEC.open(upstream);
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        stream.receive().subscribe(subscriber);
        stream.switchTo(FrameCodec.of(TestFramings.framing(() -> {
            throw new IllegalStateException("no decoder");
        })));

        assertThat(subscriber.expectTerminalError()).hasMessage("no decoder");
    }

    @Test
    void switchTo_timeoutOfTheFramingBefore_endsNothing() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        FrameStream stream = CODEC.frameTimeout(Duration.ofSeconds(1), clock).open(upstream);
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        stream.receive().subscribe(subscriber);
        send("02 61");
        stream.switchTo(CODEC);
        send("62 02 63");
        clock.advanceTimeBy(Duration.ofSeconds(2));
        send("64");

        assertThat(subscriber.getReceivedOnNext())
                .extracting(FrameStreamTest::text)
                .containsExactly("ab", "cd");
    }

    // ---- chunks, again

    @Test
    void handedBack_alsoAChunkThatComesWhileAFrameIsEmitted() {
        for (boolean aborted : new boolean[] {false, true}) {
            handedBack.clear();
            TestPublisher<ByteBuffer> source =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
            FrameStream stream = CODEC.open(source, chunk -> {
                handedBack.add(text(chunk));
                Arrays.fill(chunk.array(), (byte) 0xEE);
            });
            List<String> frames = new ArrayList<>();
            stream.receive()
                    .doOnNext(frame -> {
                        frames.add(text(frame));
                        if (frame.get(0) == 'a') {
                            source.next(chunk("01 62"));
                            assertThat(handedBack).as("a copy is kept").containsExactly("\1b");
                            if (aborted) {
                                stream.abort(new IllegalStateException("closed here"));
                            }
                        }
                    })
                    .subscribe(frame -> {}, e -> {});
            source.next(chunk("01 61"));

            assertThat(handedBack).containsExactly("\1b", "\1a");
            if (!aborted) {
                assertThat(frames).containsExactly("a", "b");
            }
        }
    }

    @Test
    void frames_areSlicesOfOwnedChunksOnly() {
        ByteBuffer chunk = chunk("01 61");
        assertThat(CODEC.zeroCopy().open(Flux.just(chunk)).receive().blockLast().array())
                .isSameAs(chunk.array());
        assertThat(CODEC.open(Flux.just(chunk)).receive().blockLast().array()).isNotSameAs(chunk.array());
        assertThat(CODEC.zeroCopy()
                        .open(Flux.just(chunk), back -> {})
                        .receive()
                        .blockLast()
                        .array())
                .isNotSameAs(chunk.array());
    }

    @Test
    void frames_comeWhenOnSubscribeHasReturned() {
        FrameStream stream = CODEC.open(Flux.just(chunk("01 61")));
        List<String> events = new ArrayList<>();
        stream.receive().subscribe(new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription s) {
                s.request(1);
                events.add("subscribed");
            }

            @Override
            public void onNext(ByteBuffer frame) {
                events.add(text(frame));
            }

            @Override
            public void onError(Throwable t) {}

            @Override
            public void onComplete() {
                events.add("complete");
            }
        });
        assertThat(events).containsExactly("subscribed", "a", "complete");
    }

    @Test
    void handedBack_alsoAChunkThatComesAfterTheAbort() {
        List<org.reactivestreams.Subscriber<? super ByteBuffer>> source = new ArrayList<>();
        FrameStream stream = CODEC.open(source::add, chunk -> handedBack.add(text(chunk)));
        source.get(0).onSubscribe(Operators.emptySubscription());
        stream.abort(new IllegalStateException("closed here"));
        source.get(0).onNext(chunk("01 61"));

        assertThat(handedBack).containsExactly("\1a");
    }

    @Test
    void scan_theFrames() {
        FrameStream stream = CODEC.open(upstream);
        Scannable frames = Scannable.from(stream.receive());
        Scannable chunks = (Scannable) frames.scan(Scannable.Attr.PARENT);
        assertThat(chunks.scan(Scannable.Attr.PREFETCH)).isEqualTo(1);
        assertThat(frames.scan(Scannable.Attr.PREFETCH)).isEqualTo(1);
    }
}
