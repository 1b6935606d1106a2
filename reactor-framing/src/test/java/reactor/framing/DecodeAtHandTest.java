package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.FramingMatrix.bytes;
import static reactor.framing.FramingMatrix.describe;
import static reactor.framing.FramingMatrix.hex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.AbstractQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Fuseable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.test.StepVerifier;

/** Sources that have their chunks at hand: the operator takes them, as it wants them, instead of being sent them. */
class DecodeAtHandTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(100);

    /** Chunks in hex, of which it is known how many have been taken; Flux.fromIterable takes one ahead. */
    private static final class Chunks implements Iterable<ByteBuffer> {

        private final List<String> all;
        private int taken;
        private Runnable onLastButOne = () -> {};

        Chunks(String... all) {
            this.all = List.of(all);
        }

        @Override
        public Iterator<ByteBuffer> iterator() {
            taken = 0;
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return taken < all.size();
                }

                @Override
                public ByteBuffer next() {
                    String hex = all.get(taken++);
                    if (hex.equals("boom")) {
                        throw new IllegalStateException("boom");
                    }
                    if (taken == all.size() - 1) {
                        onLastButOne.run();
                    }
                    return ByteBuffer.wrap(hex(hex));
                }
            };
        }
    }

    private static Flux<String> decode(FrameCodec codec, Iterable<ByteBuffer> chunks) {
        return codec.decode(Flux.fromIterable(chunks)).map(frame -> new String(bytes(frame)));
    }

    @Test
    void chunks_areTakenOnlyWhileFramesAreWantedAndNotInHand() {
        Chunks chunks = new Chunks("01 61 01 62 01", "63 01 64", "01 65", "", "");
        StepVerifier.create(decode(CODEC, chunks), 0)
                .then(() -> assertThat(chunks.taken).isEqualTo(1))
                .thenRequest(1)
                .expectNext("a")
                .then(() -> assertThat(chunks.taken).isLessThanOrEqualTo(2))
                .thenRequest(1)
                .expectNext("b")
                .then(() -> assertThat(chunks.taken).isLessThanOrEqualTo(2))
                .thenRequest(1)
                .expectNext("c")
                .then(() -> assertThat(chunks.taken).isLessThanOrEqualTo(3))
                .thenRequest(5)
                .expectNext("d", "e")
                .verifyComplete();
    }

    @Test
    void end_isToldWithoutFurtherDemand() {
        StepVerifier.create(decode(CODEC, new Chunks("01 61", "01 62", "")), 2)
                .expectNext("a", "b")
                .thenAwait()
                .thenRequest(1)
                .verifyComplete();
        StepVerifier.create(decode(CODEC, new Chunks("01 61", "01", "62")), 2)
                .expectNext("a", "b")
                .verifyComplete();
        StepVerifier.create(decode(CODEC, new Chunks()), 0).verifyComplete();
        StepVerifier.create(decode(CODEC, new Chunks("01 61", "02 62")), 1)
                .expectNext("a")
                .thenRequest(1)
                .verifyErrorSatisfies(e -> assertThat(describe(e)).isEqualTo("Truncated #1 @2 2/3"));
        StepVerifier.create(decode(CODEC, new Chunks("01 61 02 62")), 1)
                .expectNext("a")
                .verifyErrorSatisfies(e -> assertThat(describe(e)).isEqualTo("Truncated #1 @2 2/3"));
    }

    @Test
    void sourceThatFails_goodFramesFirst() {
        StepVerifier.create(decode(CODEC, new Chunks("01 61 01 62", "boom")), 1)
                .expectNext("a")
                .thenRequest(1)
                .expectNext("b")
                .thenRequest(1)
                .verifyErrorMessage("boom");
        Iterable<ByteBuffer> failsToTell = () -> new Iterator<>() {
            private boolean taken;

            @Override
            public boolean hasNext() {
                if (taken) {
                    throw new IllegalStateException("boom");
                }
                return true;
            }

            @Override
            public ByteBuffer next() {
                taken = true;
                return ByteBuffer.wrap(hex("01 61 01 62"));
            }
        };
        StepVerifier.create(decode(CODEC, failsToTell), 1)
                .expectNext("a")
                .thenAwait()
                .thenRequest(2)
                .expectNext("b")
                .verifyErrorMessage("boom");
    }

    @Test
    void badFrame_nothingMoreIsTaken() {
        Chunks chunks = new Chunks("01 61 7f", "62", "63", "64");
        StepVerifier.create(decode(CODEC, chunks))
                .expectNext("a")
                .verifyErrorSatisfies(e -> assertThat(describe(e)).isEqualTo("TooLong #1 @2 127>100"));
        assertThat(chunks.taken).isLessThanOrEqualTo(2);

        Chunks tooLong = new Chunks("01 61", "01 62", "03 63 64 65");
        StepVerifier.create(decode(CODEC.maxFrameLength(2), tooLong))
                .expectNext("a", "b")
                .verifyErrorSatisfies(e -> assertThat(describe(e)).isEqualTo("TooLong #2 @4 3>2"));
    }

    /** In a chunk that is looked at as it is, as those before were frames, and in the midst of another one. */
    @Test
    void bytesThatWereLookedAtForAFrame_areShownAndDiscardedIfThatFails() {
        List<ByteBuffer> chunks = Stream.of("01 61", "01 62", "01 63", "7f 64")
                .map(hex -> ByteBuffer.wrap(hex(hex)))
                .toList();
        List<ByteBuffer> discarded = new ArrayList<>();
        FrameCodec codec = FrameCodec.of(TestFramings.framing(() -> new FrameDecoder() {
            @Override
            public long find(ByteBuffer chunk, int start) {
                if (chunk.limit() > start && chunk.get(start) < 0x10) {
                    return FrameDecoder.place(1, chunk.get(start), 0);
                }
                if (chunk.limit() == start) {
                    return NOT_FOUND;
                }
                throw new CorruptFrameException("not this");
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                throw new AssertionError();
            }

            @Override
            public boolean complete(FrameSink frame) {
                return false;
            }
        }));

        StepVerifier.create(codec.zeroCopy()
                        .decode(Flux.fromIterable(chunks))
                        .doOnDiscard(ByteBuffer.class, discarded::add))
                .expectNextCount(3)
                .verifyErrorSatisfies(e -> {
                    assertThat(describe(e)).isEqualTo("Corrupt #3 @6");
                    assertThat(e).hasMessageContaining("7f 64");
                });
        assertThat(discarded).hasSize(1).first().isSameAs(chunks.get(3));

        discarded.clear();
        StepVerifier.create(codec.decode(Flux.just(ByteBuffer.wrap(hex("01 61 01 62 01 63 7f 64"))))
                        .map(FramingMatrix::bytes))
                .expectNextCount(3)
                .expectErrorSatisfies(e -> assertThat(describe(e)).isEqualTo("Corrupt #3 @6"))
                .verifyThenAssertThat()
                .hasNotDroppedErrors()
                .hasDiscardedExactly(ByteBuffer.wrap(hex("7f 64")));
    }

    @Test
    void chunksThatBeginBehindTheirBuffersStart_offsetsAreThoseOfTheStream() {
        ByteBuffer empty = ByteBuffer.allocate(3).position(3).order(ByteOrder.LITTLE_ENDIAN);
        List<ByteBuffer> chunks = Stream.of("01 61", "00 00 01 62", "00 00 01 63", "00 00 7f")
                .map(hex -> ByteBuffer.wrap(hex(hex)))
                .toList();
        chunks.stream().skip(1).forEach(chunk -> chunk.position(2));
        StepVerifier.create(decode(
                        CODEC, List.of(chunks.get(0), chunks.get(1), empty, chunks.get(2), empty, chunks.get(3))))
                .expectNext("a", "b", "c")
                .verifyErrorSatisfies(e -> assertThat(describe(e)).isEqualTo("TooLong #3 @6 127>100"));
    }

    @Test
    void cancelled_whatIsHeldAndWhatTheSourceHasIsDiscarded() {
        List<ByteBuffer> discarded = new ArrayList<>();
        StepVerifier.create(
                        CODEC.zeroCopy()
                                .decode(Flux.fromIterable(
                                        () -> new Chunks("03 61", "62 63 01 64 01 65", "01 66").iterator()))
                                .doOnDiscard(ByteBuffer.class, discarded::add),
                        1)
                .expectNextCount(1)
                .thenCancel()
                .verify();
        assertThat(discarded).first().isEqualTo(ByteBuffer.wrap(hex("01 64 01 65")));

        discarded.clear();
        Flux<ByteBuffer> halfAFrame = Flux.fromIterable(new Chunks("01 61 05 62", "63", "64 65 66"));
        CODEC.decode(halfAFrame).doOnDiscard(ByteBuffer.class, discarded::add).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(ByteBuffer frame) {
                cancel();
            }
        });
        assertThat(discarded).contains(ByteBuffer.wrap(hex("05 62")));
    }

    @Test
    void endlessSourceWithoutFrames_canBeCancelled() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(100_000);
        Flux<ByteBuffer> endless = Flux.fromStream(() -> Stream.generate(() -> {
            running.countDown();
            return ByteBuffer.allocate(0);
        }));
        Disposable subscription =
                CODEC.decode(endless).subscribeOn(Schedulers.boundedElastic()).subscribe();
        running.await();
        subscription.dispose();
        long before;
        do {
            before = running.getCount();
            Thread.yield();
        } while (running.getCount() != before);
        assertThat(subscription.isDisposed()).isTrue();
    }

    @Test
    void resourceBehindTheChunks_isReleasedAtTheEnd() {
        for (long demand : new long[] {2, Long.MAX_VALUE}) {
            AtomicInteger released = new AtomicInteger();
            Flux<ByteBuffer> chunks = Flux.using(
                    () -> new Chunks("01 61", "01 62"), Flux::fromIterable, resource -> released.incrementAndGet());
            StepVerifier.create(CODEC.decode(chunks), demand).expectNextCount(2).verifyComplete();
            assertThat(released).hasValue(1);
        }
    }

    @Test
    void subscribedAgain_startsAfresh() {
        Flux<String> frames = decode(CODEC, new Chunks("01 61 01", "62"));
        StepVerifier.create(frames.concatWith(frames))
                .expectNext("a", "b", "a", "b")
                .verifyComplete();
    }

    /** Chunks in hex that all come in one buffer, overwritten when the next one is fetched. */
    private static Iterable<ByteBuffer> inOneBuffer(String... chunks) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                Arrays.fill(buffer.array(), (byte) 0xEE);
                return next < chunks.length;
            }

            @Override
            public ByteBuffer next() {
                byte[] chunk = hex(chunks[next++]);
                return buffer.clear().put(chunk).flip();
            }
        };
    }

    @Test
    void sourceThatFetchesAheadOrTidiesUpOnRequest_isNotPolled() {
        StepVerifier.create(CODEC.decode(Flux.just(1, 2)
                                .flatMapIterable(i -> inOneBuffer("01 6" + i + " 02 63", "64 01", "6" + i)))
                        .map(frame -> new String(bytes(frame))))
                .expectNext("a", "cd", "a", "b", "cd", "b")
                .verifyComplete();

        AtomicInteger closed = new AtomicInteger();
        Flux<ByteBuffer> chunks = Flux.fromStream(
                () -> Stream.generate(() -> ByteBuffer.wrap(hex("01 61"))).onClose(closed::incrementAndGet));
        StepVerifier.create(CODEC.decode(chunks.take(3))).expectNextCount(3).verifyComplete();
        assertThat(closed).hasValue(1);
    }

    @Test
    void chunkThatIsUsedUp_isNotReadForAMessage() {
        FrameCodec codec = FrameCodec.of(Delimiter.of("\n", "\nEND\n"));
        StepVerifier.create(codec.decode(Flux.fromIterable(inOneBuffer("78 0a 45 4e"))))
                .expectNextCount(1)
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(TruncatedFrameException.class)
                        .message()
                        .doesNotContain("ee ee"));
    }

    @Test
    void sourceThatBlocks_doesNotHoldBackWhatIsInHand() throws InterruptedException {
        CountDownLatch released = new CountDownLatch(1);
        Iterable<ByteBuffer> blocksAfterTheFirst = () -> new Iterator<>() {
            private boolean taken;

            @Override
            public boolean hasNext() {
                if (taken) {
                    try {
                        released.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return !taken;
            }

            @Override
            public ByteBuffer next() {
                taken = true;
                return ByteBuffer.wrap(hex("01 61 01 62"));
            }
        };
        StepVerifier.create(
                        CODEC.decode(Flux.fromIterable(blocksAfterTheFirst)).doOnNext(frame -> {
                            if (frame.get(0) == 'b') {
                                released.countDown();
                            }
                        }),
                        1)
                .expectNextCount(1)
                .thenRequest(1)
                .expectNextCount(1)
                .expectComplete()
                .verify(Duration.ofSeconds(30));
    }

    @Test
    void sourceThatBlocksInsideAFrame_isInterruptedByTheFrameTimeout() {
        CountDownLatch released = new CountDownLatch(1);
        Flux<ByteBuffer> chunks = Flux.fromIterable(() -> Stream.of("05 61", "62")
                .map(hex -> {
                    if (hex.equals("62")) {
                        try {
                            released.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                    return ByteBuffer.wrap(hex(hex));
                })
                .iterator());
        StepVerifier.create(CODEC.frameTimeout(Duration.ofMillis(20))
                        .decode(chunks)
                        .subscribeOn(Schedulers.boundedElastic())
                        .doOnTerminate(released::countDown))
                .expectError(FrameTimeoutException.class)
                .verify(Duration.ofSeconds(30));
    }

    @Test
    void cancelledFromACallback_nothingMoreIsDecodedAndNothingDiscardedTwice() {
        List<Object> discarded = new ArrayList<>();
        List<Throwable> skipped = new ArrayList<>();
        BaseSubscriber<ByteBuffer> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}
        };
        ByteBuffer second = ByteBuffer.wrap(hex("02 64 65 01 66"));
        FrameCodec.of(LengthField.ofSize(1))
                .maxFrameLength(1)
                .zeroCopy()
                .skipInvalid(e -> {
                    skipped.add(e);
                    subscriber.cancel();
                })
                .decode(Flux.fromIterable(List.of(ByteBuffer.wrap(hex("01 61 02 62 63")), second)))
                .doOnDiscard(ByteBuffer.class, discarded::add)
                .subscribe(subscriber);
        subscriber.request(1);
        subscriber.request(1);

        assertThat(skipped).hasSize(1);
        assertThat(discarded).usingElementComparator((a, b) -> a == b ? 0 : 1).doesNotHaveDuplicates();
        assertThat(discarded).doesNotContain(ByteBuffer.wrap(hex("66")));
    }

    /** A frame that goes on in one chunk or several, with a length that is reserved at once or is not. */
    @ParameterizedTest
    @ValueSource(strings = {"00 00 00 14", "00 01 23 45"})
    void sourceThatEndsInsideAFrame_itsFirstBytesAreShown(String header) {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(100_000);
        int expected = 4 + Integer.parseInt(header.replace(" ", ""), 16);
        for (List<String> begin :
                List.of(List.of(header + " 6f"), List.of(header, "6f"), List.of("00", header.substring(3) + " 6f"))) {
            for (List<String> rest : List.of(
                    List.<String>of(),
                    List.of("70"),
                    List.of("70 71", "", "72"),
                    List.of("70", "71 72 73 74 75 76 77 78 79 7a 7b"))) {
                String bytes = String.join(" ", rest).replace("  ", " ").strip();
                String all = (header + " 6f " + bytes).strip();
                List<String> chunks = new ArrayList<>(begin);
                chunks.addAll(rest);

                Throwable fault = codec.decode(Flux.fromIterable(new Chunks(chunks.toArray(String[]::new))))
                        .materialize()
                        .blockLast()
                        .getThrowable();

                assertThat(describe(fault)).isEqualTo("Truncated #0 @0 " + (all.length() + 1) / 3 + "/" + expected);
                assertThat(fault).hasMessageContaining(": " + all.substring(0, Math.min(all.length(), 47)) + " '");
            }
        }
    }

    /** The source cancels as it is asked for the last chunk but one, which is then lost in Reactor's source. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "01 61, 01 62, 01 63 | [61]",
                "01 61 01 62, 02 63, 64, 01 65 | [61, 62, discarded 63]",
                "01 61, 05 62 63, 64, 65, 01 66 | [61, discarded 626364]",
                "05, 61 62, 63, 64, 65 | [discarded 616263]",
                "01 61, 01 62, 01 63, 01 64 | [61, 62]",
                "05 61, 62, 63 64 65 66, 67 | [discarded 6162]"
            })
    void cancelledByTheSource_whatIsHeldIsDiscarded(String stream, String expected) {
        Recorder recorder = new Recorder();
        Chunks chunks = new Chunks(stream.split(", "));
        chunks.onLastButOne = recorder::cancel;
        recorder.record(CODEC.decode(Flux.fromIterable(chunks)));
        assertThat(recorder.events).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "01 62 | [61, 61, discarded 0162]",
                "01 62 01 63 | [61, 61, discarded 01620163]",
                "02 62 | [61, 61, discarded 0262]",
                "00 | [61, 61, discarded 00]"
            })
    void cancelledFromInsideTheDecoder_behindAChunkThatWasAFrame(String last, String expected) {
        Recorder recorder = new Recorder();
        int[] headers = {0};
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(1).checkHeader(header -> {
            if (++headers[0] == 3) {
                recorder.cancel();
            }
            return true;
        }));
        recorder.record(codec.zeroCopy()
                .decode(Flux.fromArray(Stream.of("01 61", "01 61", last, "01 64")
                        .map(hex -> ByteBuffer.wrap(hex(hex)))
                        .toArray(ByteBuffer[]::new))));
        assertThat(recorder.events).hasToString(expected);
    }

    /** What is kept of a borrowed chunk is a copy, of which frames may be slices; the chunks behind it are still borrowed. */
    @Test
    void chunkThatIsAFrameBehindARestThatWasKept_isCopied() {
        ByteBuffer borrowed = ByteBuffer.wrap(hex("01 63"));
        List<ByteBuffer> frames = new ArrayList<>();
        BaseSubscriber<ByteBuffer> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnNext(ByteBuffer frame) {
                frames.add(frame);
            }
        };
        CODEC.decode(Flux.just(ByteBuffer.wrap(hex("01 61 01 62 01 62")), borrowed))
                .subscribe(subscriber);
        subscriber.request(9);
        borrowed.put(1, (byte) 0);
        assertThat(frames).extracting(frame -> new String(bytes(frame))).containsExactly("a", "b", "b", "c");
    }

    @Test
    void partsOfChunksOneAfterTheOther_areCounted() {
        Flux<ByteBuffer> chunks = Flux.fromIterable(new Chunks("01 61 01 62", "01 63", "01 64 01 65", "01 66"));
        assertThat(CODEC.decodeParts(chunks)
                        .map(FramePart::frameIndex)
                        .collectList()
                        .block())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    }

    @ParameterizedTest
    @CsvSource({"true,xxxxx", "false,abcde"})
    void framesOfChunksOneAfterTheOther_areSlicesOrCopies(boolean zeroCopy, String afterwards) {
        List<ByteBuffer> chunks = Stream.of("01 61 01 62", "01 63", "01 64 01 65")
                .map(hex -> ByteBuffer.wrap(hex(hex)))
                .toList();
        FrameCodec codec = zeroCopy ? CODEC.zeroCopy() : CODEC;
        List<ByteBuffer> frames =
                codec.decode(Flux.fromIterable(chunks)).collectList().block();
        chunks.forEach(chunk -> Arrays.fill(chunk.array(), (byte) 'x'));
        assertThat(frames).extracting(frame -> new String(bytes(frame))).containsExactly(afterwards.split(""));
    }

    /** The one frame found before the fault might be taken for the only one in its chunk. */
    @ParameterizedTest
    @ValueSource(strings = {"01 62", "7f", "05 62", "00"})
    void faultThrownBehindOneFrame_isTheEnd(String behind) {
        List<String> events = new ArrayList<>();
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(1).checkHeader(header -> {
            if (header.get(0) == 0x7F) {
                throw new IllegalStateException("bad");
            }
            return true;
        }));
        // an array goes on when it is cancelled
        ByteBuffer[] chunks = Stream.of("01 61 7f", behind, behind)
                .map(hex -> ByteBuffer.wrap(hex(hex)))
                .toArray(ByteBuffer[]::new);
        codec.decode(Flux.fromArray(chunks))
                .doOnDiscard(ByteBuffer.class, discarded -> events.add("discarded " + Recorder.text(discarded)))
                .subscribe(new CoreSubscriber<>() {
                    @Override
                    public void onSubscribe(Subscription s) {
                        s.request(Long.MAX_VALUE);
                    }

                    @Override
                    public void onNext(ByteBuffer frame) {
                        events.add(Recorder.text(frame));
                    }

                    @Override
                    public void onError(Throwable t) {
                        events.add("error " + t.getMessage());
                    }

                    @Override
                    public void onComplete() {
                        events.add("complete");
                    }
                });
        assertThat(events).containsExactly("61", "discarded 7f", "error bad");
    }

    /** In the chunk it was cancelled in, nothing is looked at any more, and its rest is discarded as it is. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "01 60, 01 61 05 62 | [60, 61, discarded 0562]",
                "01 60, 01 61 7f 62 | [60, 61, discarded 7f62]",
                "01 60, 01 61 01 62 | [60, 61, discarded 0162]",
                "01 60 02 61, 62 05 62 | [60, 6162, discarded 0562]",
                "01 60 02 61, 62 7f 62 | [60, 6162, discarded 7f62]",
                "01 60 02 61, 62 01 62 | [60, 6162, discarded 0162]"
            })
    void cancelledFromOnNextBehindAChunk_theRestOfTheNextIsDiscardedAsItIs(String stream, String expected) {
        Recorder recorder = new Recorder();
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(1).checkHeader(header -> {
            if (recorder.isDisposed()) {
                recorder.events.add("looked at");
            }
            return true;
        }));
        recorder.record(
                codec.decode(Flux.fromIterable(new Chunks(stream.split(", ")))).doOnNext(frame -> {
                    if (frame.get(0) == 0x61) {
                        recorder.cancel();
                    }
                }));
        assertThat(recorder.events).hasToString(expected);
    }

    /** Requested by hand, as Reactor makes an error of what is thrown inside subscribe. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void chunkThatCannotBeRead_inTheMiddleOfAFrame_isAnError() throws Exception {
        ByteBuffer unreadable = TestFramings.unreadable(4);
        StepVerifier.create(CODEC.decode(Flux.just(ByteBuffer.wrap(hex("05 61")), unreadable)), 0)
                .thenRequest(9)
                .verifyError(IllegalStateException.class);
    }

    /** A place of no bytes at all is none: what is there is decoded. */
    @Test
    void placeOfNoBytes_isDecoded() {
        FrameCodec codec = FrameCodec.of(TestFramings.framing(() -> new FrameDecoder() {
            @Override
            public long find(ByteBuffer chunk, int start) {
                if (start == chunk.limit()) {
                    return NOT_FOUND;
                }
                return FrameDecoder.place(0, chunk.get(start) == 'a' ? 1 : 0, 0);
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                frame.append(chunk, 1);
                return true;
            }

            @Override
            public boolean complete(FrameSink frame) {
                return false;
            }
        }));
        StepVerifier.create(decode(codec, new Chunks("61", "62", "61 62", "62 61", "61")))
                .expectNext("a", "b", "a", "b", "b", "a", "a")
                .verifyComplete();
    }

    @Test
    void cancelledFromInsideTheDecoder_atAFrameThatGoesOn_theChunkIsDiscarded() {
        Recorder recorder = new Recorder();
        recorder.record(FrameCodec.of(LengthField.ofSize(1).checkHeader(header -> {
                    recorder.cancel();
                    return true;
                }))
                .zeroCopy()
                .decode(Flux.just(ByteBuffer.wrap(hex("02 62")), ByteBuffer.wrap(hex("63")))));
        assertThat(recorder.events).containsExactly("discarded 0262");
    }

    @Test
    void sourceThatFailsFatally_inTheMiddleOfAFrame_itsErrorIsNotHidden() {
        for (String first : List.of("01 61 05 62", "05 62")) {
            Iterator<String> chunks = List.of("01 60", first).iterator();
            assertThatThrownBy(() -> CODEC.decode(Flux.fromIterable(() -> new Iterator<>() {
                                @Override
                                public boolean hasNext() {
                                    return true;
                                }

                                @Override
                                public ByteBuffer next() {
                                    if (!chunks.hasNext()) {
                                        throw new NoClassDefFoundError("fatal");
                                    }
                                    return ByteBuffer.wrap(hex(chunks.next()));
                                }
                            }))
                            .subscribe())
                    .isInstanceOf(NoClassDefFoundError.class);
        }
    }

    @Test
    void demandThatEndsInAChunkBehindOthers_isKeptTo() {
        StepVerifier.create(decode(CODEC, new Chunks("01 61", "01 62", "01 63 01 64 01 65", "01 66")), 3)
                .expectNext("a", "b", "c")
                .thenRequest(1)
                .expectNext("d")
                .thenCancel()
                .verify();
        StepVerifier.create(decode(CODEC, new Chunks("01 61 02 62", "63 01 64 01 65", "01 66")), 2)
                .expectNext("a", "bc")
                .thenRequest(1)
                .expectNext("d")
                .thenRequest(1)
                .expectNext("e")
                .thenRequest(1)
                .expectNext("f")
                .verifyComplete();
        List<String> frames = new ArrayList<>();
        decode(CODEC, new Chunks("01 61", "01 62", "01 63 01 64 01 65", "01 66"))
                .subscribe(new BaseSubscriber<>() {
                    @Override
                    protected void hookOnNext(String frame) {
                        frames.add(frame);
                        if (frame.equals("c")) {
                            cancel();
                        }
                    }
                });
        assertThat(frames).containsExactly("a", "b", "c");
    }

    /** Between frames, in a frame of which the header came whole or not, and where there is nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"01 61, 01 61", "09 61, 62", "09, 61", "01, 61", "01 61, ", "fe, 62 62 62 62"})
    void sourceThatGoesOnWhenCancelled_isNotAskedAgain(String firstAndOthers) {
        String[] chunks = firstAndOthers.split(", ", -1);
        for (int cancelAt = 2; cancelAt < 7; cancelAt++) {
            Recorder recorder = new Recorder();
            int at = cancelAt;
            int[] asked = {0};
            recorder.record(FrameCodec.of(LengthField.ofSize(1))
                    .decode(Flux.from(subscriber -> subscriber.onSubscribe(new Endless() {
                        @Override
                        public ByteBuffer poll() {
                            if (++asked[0] == at) {
                                recorder.cancel();
                            }
                            if (asked[0] > 100) {
                                throw new AssertionError("asked though cancelled");
                            }
                            return ByteBuffer.wrap(hex(chunks[Math.min(asked[0], 2) - 1]));
                        }
                    }))));
            assertThat(asked[0]).isEqualTo(at);
            if (chunks[0].equals("09")) {
                assertThat(recorder.events).containsExactly("discarded " + "61".repeat(at - 1));
            }
        }
    }

    private abstract static class Endless extends AbstractQueue<ByteBuffer>
            implements Fuseable.SynchronousSubscription<ByteBuffer> {

        @Override
        public boolean offer(ByteBuffer chunk) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ByteBuffer peek() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Iterator<ByteBuffer> iterator() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }

    /** Frames, and what is discarded. */
    private static final class Recorder extends BaseSubscriber<ByteBuffer> {

        private final List<String> events = new ArrayList<>();

        void record(Flux<ByteBuffer> frames) {
            frames.doOnDiscard(ByteBuffer.class, discarded -> events.add("discarded " + text(discarded)))
                    .subscribe(this);
        }

        @Override
        protected void hookOnNext(ByteBuffer frame) {
            events.add(text(frame));
        }

        private static String text(ByteBuffer buffer) {
            return HexFormat.of().formatHex(bytes(buffer));
        }
    }

    @Test
    void chunkOfWhichNothingIsOut_isDiscardedItself() {
        List<Object> discarded = new ArrayList<>();
        ByteBuffer chunk = ByteBuffer.wrap(hex("65 61 62 63"));
        StepVerifier.create(CODEC.zeroCopy().decode(Flux.just(chunk)).doOnDiscard(ByteBuffer.class, discarded::add))
                .verifyError(FrameTooLongException.class);
        assertThat(discarded).hasSize(1).first().isSameAs(chunk);
    }

    @Test
    void severalThreadsRequest_eachFrameComesOnce() throws InterruptedException {
        int frames = 20_000;
        List<ByteBuffer> chunks = IntStream.range(0, frames * 5 / 2)
                .mapToObj(i -> {
                    byte[] chunk = new byte[2];
                    for (int k = 0; k < 2; k++) {
                        int at = 2 * i + k;
                        chunk[k] = (byte) (at % 5 == 0 ? 4 : at / 5 >>> 8 * (4 - at % 5));
                    }
                    return ByteBuffer.wrap(chunk);
                })
                .toList();
        List<Integer> received = new ArrayList<>();
        CountDownLatch end = new CountDownLatch(1);
        BaseSubscriber<ByteBuffer> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}

            @Override
            protected void hookOnNext(ByteBuffer frame) {
                received.add(frame.getInt());
            }

            @Override
            protected void hookOnComplete() {
                end.countDown();
            }
        };
        CODEC.decode(Flux.fromIterable(chunks)).subscribe(subscriber);
        Flux.range(0, 4)
                .flatMap(i -> Flux.range(0, frames / 4)
                        .doOnNext(k -> subscriber.request(1))
                        .subscribeOn(Schedulers.parallel()))
                .blockLast(Duration.ofSeconds(60));
        end.await();
        assertThat(received).isEqualTo(IntStream.range(0, frames).boxed().toList());
    }
}
