package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.test.FramingEvents.describe;
import static reactor.framing.test.FramingEvents.frame;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.format.TextLength;
import reactor.framing.test.StreamVerifier;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

class SkipInvalidTest {

    private static final LengthField SHORT = LengthField.ofSize(1);
    private static final LengthField MARKED = LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAB);

    /** Lines whose length nothing announces; one with a '!' is bad. */
    private static final Framing LINES = new Framing() {
        @Override
        public FrameDecoder newDecoder() {
            return new FrameDecoder() {
                private boolean bad;

                @Override
                public boolean decode(ByteBuffer chunk, FrameSink frame) {
                    while (chunk.hasRemaining()) {
                        byte next = chunk.get(chunk.position());
                        if (bad) {
                            frame.skip(chunk, 1);
                            bad = next != '\n';
                        } else if (next == '\n') {
                            chunk.get();
                            return true;
                        } else if (next == '!') {
                            chunk.get();
                            frame.invalid(new CorruptFrameException("a bad byte"));
                            bad = true;
                        } else {
                            frame.append(chunk, 1);
                        }
                    }
                    return false;
                }

                @Override
                public boolean complete(FrameSink frame) {
                    return false;
                }
            };
        }

        @Override
        public FrameEncoder newEncoder() {
            throw new UnsupportedOperationException("not needed");
        }
    };

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    /** What comes, for every way of cutting the stream. */
    private static void everyCut(
            Framing framing,
            UnaryOperator<FrameCodec> policy,
            int maxInARow,
            long maxBytes,
            String hex,
            String... expected) {
        byte[] stream = hex(hex);
        for (int mask = 0; mask < 1 << stream.length - 1; mask++) {
            List<ByteBuffer> chunks = new ArrayList<>();
            int from = 0;
            for (int i = 1; i <= stream.length; i++) {
                if (i == stream.length || (mask >> i - 1 & 1) != 0) {
                    chunks.add(ByteBuffer.wrap(stream, from, i - from));
                    from = i;
                }
            }
            List<String> events = new ArrayList<>();
            policy.apply(FrameCodec.of(framing))
                    .skipInvalid(e -> events.add("skipped " + describe(e)), maxInARow, maxBytes)
                    .decode(Flux.fromIterable(chunks))
                    .subscribe(
                            f -> events.add(frame(bytes(f))),
                            e -> events.add("error " + describe(e)),
                            () -> events.add("complete"));
            assertThat(events)
                    .as(
                            "cut into %s",
                            chunks.stream().map(ByteBuffer::remaining).toList())
                    .containsExactly(expected);
        }
    }

    @Test
    void bytesThatMayBePassedOver_countFromWhereTheFaultBegan() {
        everyCut(
                MARKED,
                codec -> codec,
                Integer.MAX_VALUE,
                3,
                "AA AB 01 61 00 00 00 AA AB 01 62",
                "frame 61",
                "skipped Corrupt #1 @4 +3",
                "frame 62",
                "complete");
    }

    @Test
    void reports_comeBetweenTheFramesTheyLieBetween_underRequestOne() {
        List<String> events = new ArrayList<>();
        TestPublisher<ByteBuffer> upstream = TestPublisher.create();
        TestSubscriber<String> subscriber =
                TestSubscriber.builder().initialRequest(0).build();
        FrameCodec.of(SHORT)
                .maxFrameLength(1)
                .skipInvalid(e -> events.add(describe(e)))
                .decode(upstream)
                .map(f -> new String(bytes(f)))
                .doOnNext(events::add)
                .subscribe(subscriber);

        subscriber.request(1);
        upstream.next(chunk("02 78 78 01 61 02 79 79 02 7A 7A 01 62 01 63 02 7A 7A"));
        assertThat(events).containsExactly("TooLong #0 @0 2>1 +3", "a");
        subscriber.request(1);
        assertThat(events.subList(2, events.size()))
                .containsExactly("TooLong #2 @5 2>1 +3", "TooLong #3 @8 2>1 +3", "b");
        subscriber.request(1);
        assertThat(events.subList(5, events.size())).containsExactly("c");
        upstream.complete();
        assertThat(events.subList(6, events.size())).containsExactly("TooLong #6 @15 2>1 +3");
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void noise_isOneReport_whenTheNextFrameBeginsOrTheStreamEnds() {
        StreamVerifier.of(MARKED).skipInvalid().stream("00 AA 00 01 AA AB 01 61 AA AA")
                .yields("skipped Corrupt #0 @0 +4", "frame 61", "skipped Corrupt #2 @8 +2", "complete");
    }

    @Test
    void callbackThatThrows_endsTheStreamWithItsException() {
        IllegalStateException enough = new IllegalStateException("enough");
        TestPublisher<ByteBuffer> upstream = TestPublisher.create();
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        FrameCodec.of(SHORT)
                .maxFrameLength(1)
                .skipInvalid(e -> {
                    throw enough;
                })
                .decode(upstream)
                .subscribe(subscriber);
        upstream.next(chunk("01 61 02 62 62 01 63"));

        assertThat(subscriber.getReceivedOnNext()).containsExactly(chunk("61"));
        assertThat(subscriber.expectTerminalError()).isSameAs(enough);
        upstream.assertCancelled();
    }

    @Test
    void callbackThatRethrowsTheFault_endsTheStreamWithItInItsPlace() {
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        FrameCodec.of(SHORT)
                .maxFrameLength(1)
                .skipInvalid(e -> {
                    throw e;
                })
                .decode(Flux.just(chunk("01 61 02 62 62 01 63")))
                .subscribe(subscriber);

        assertThat(subscriber.getReceivedOnNext()).containsExactly(chunk("61"));
        assertThat(describe(subscriber.expectTerminalError())).isEqualTo("TooLong #1 @2 2>1 +3");
    }

    @Test
    void faultsInARow_upToTheLimitAndNotOneMore() {
        UnaryOperator<FrameCodec> limit = codec -> codec.maxFrameLength(1);
        everyCut(
                SHORT,
                limit,
                2,
                100,
                "02 78 78 02 79 79 00 02 7A 7A 00",
                "skipped TooLong #0 @0 2>1 +3",
                "skipped TooLong #1 @3 2>1 +3",
                "frame ",
                "skipped TooLong #3 @7 2>1 +3",
                "frame ",
                "complete");
        everyCut(
                SHORT,
                limit,
                1,
                100,
                "02 78 78 02 79 79 00",
                "skipped TooLong #0 @0 2>1 +3",
                "error TooLong #1 @3 2>1");
    }

    @Test
    void bytesOfAnOversizeFrame_upToTheLimitAndNotOneMore() {
        UnaryOperator<FrameCodec> limit = codec -> codec.maxFrameLength(1);
        everyCut(SHORT, limit, 9, 4, "03 78 78 78 01 61", "skipped TooLong #0 @0 3>1 +4", "frame 61", "complete");
        everyCut(SHORT, limit, 9, 3, "00 03 78 78 78 01 61", "frame ", "error TooLong #1 @1 3>1");
    }

    @Test
    void truncationInsideAnOversizeFrame_isBoth() {
        StreamVerifier.of(SHORT).with(codec -> codec.maxFrameLength(2)).skipInvalid().stream("01 61 04 62 62")
                .yields("frame 61", "skipped TooLong #1 @2 4>2 +3", "error Truncated #1 @2 3/5");
    }

    @Test
    void truncationBehindNoise_theNoiseFirst() {
        StreamVerifier.of(MARKED).skipInvalid().stream("00 01 AA AB 02 61")
                .yields("skipped Corrupt #0 @0 +2", "error Truncated #1 @2 4/5");
    }

    @Test
    void upstreamErrorInsideNoise_isTheEnd() {
        List<String> reports = new ArrayList<>();
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        FrameCodec.of(MARKED)
                .skipInvalid(e -> reports.add(describe(e)))
                .decode(Flux.just(chunk("00 01")).concatWith(Flux.error(new IllegalStateException("reset"))))
                .subscribe(subscriber);

        assertThat(subscriber.expectTerminalError()).hasMessage("reset");
        assertThat(reports).as("passing over it had not ended").isEmpty();
    }

    @Test
    void undeclaredLength_overTheLimit_passedOverToTheNextFrame() {
        StreamVerifier.of(LINES).with(codec -> codec.maxFrameLength(2)).skipInvalid().stream(
                        "61 62 0A 61 62 63 64 0A 66 0A")
                .yields("frame 61 62", "skipped TooLong #1 @3 3>2 +5", "frame 66", "complete");
    }

    @Test
    void frameBadHalfWay_passedOverToTheNextFrame() {
        StreamVerifier.of(LINES).skipInvalid().stream("61 0A 62 21 64 21 0A 65 0A 21")
                .yields("frame 61", "skipped Corrupt #1 @2 +5", "frame 65", "skipped Corrupt #3 @9 +1", "complete");
    }

    @Test
    void tooLongAndThenBad_isOneReport() {
        StreamVerifier.of(LINES).with(codec -> codec.maxFrameLength(2)).skipInvalid().stream("61 62 63 21 64 0A 65 0A")
                .yields("skipped TooLong #0 @0 3>2 +6", "frame 65", "complete");
    }

    @Test
    void parts_ofAnAbandonedFrameHaveNoLastOne() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.create();
        TestSubscriber<FramePart> subscriber = TestSubscriber.create();
        List<String> reports = new ArrayList<>();
        FrameCodec.of(LINES)
                .maxFrameLength(3)
                .skipInvalid(e -> reports.add(describe(e)))
                .decodeParts(upstream)
                .subscribe(subscriber);
        upstream.next(chunk("61 62")).next(chunk("63")).next(chunk("64")).next(chunk("65 0A 66"));
        upstream.next(chunk("21 0A 67")).next(chunk("0A")).complete();

        assertThat(subscriber.getReceivedOnNext())
                .extracting(part -> part.frameIndex() + " " + part.offset() + " " + part.last() + " "
                        + frame(bytes(part.content())))
                .containsExactly(
                        "0 0 false frame 61 62",
                        "0 2 false frame 63",
                        "1 0 false frame 66",
                        "2 0 false frame 67",
                        "2 1 true frame ");
        assertThat(reports).containsExactly("TooLong #0 @0 4>3 +6", "Corrupt #1 @6 +3");
        assertThat(subscriber.isTerminatedComplete()).isTrue();
    }

    @Test
    void frameThatWasDropped_isNotHeld() {
        TestPublisher<ByteBuffer> upstream = TestPublisher.create();
        TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
        List<Object> discarded = new ArrayList<>();
        FrameCodec.of(LINES)
                .maxFrameLength(3)
                .skipInvalid(e -> {})
                .decode(upstream)
                .doOnDiscard(ByteBuffer.class, discarded::add)
                .subscribe(subscriber);
        upstream.next(chunk("61 62")).next(chunk("63 64")).next(chunk("65"));
        subscriber.cancel();

        assertThat(discarded).isEmpty();
    }

    @Test
    void bytesOfNoise_upToTheLimitAndNotOneMore() {
        everyCut(
                MARKED,
                codec -> codec,
                9,
                3,
                "00 00 00 AA AB 01 61",
                "skipped Corrupt #0 @0 +3",
                "frame 61",
                "complete");
        everyCut(MARKED, codec -> codec, 9, 2, "00 00 00 AA AB 01 61", "error Corrupt #0 @0");
        everyCut(
                MARKED, codec -> codec, 9, 4, "AA AA AA AA AA AB 00", "skipped Corrupt #0 @0 +4", "frame ", "complete");
        everyCut(MARKED, codec -> codec, 9, 3, "AA AA AA AA AA AB 00", "error Corrupt #0 @0");
    }

    @Test
    void cancelFromTheCallback_nothingComesAfter() {
        for (String rest : new String[] {"01 61", "", "FF"}) {
            TestSubscriber<ByteBuffer> subscriber = TestSubscriber.create();
            FrameCodec.of(SHORT)
                    .maxFrameLength(1)
                    .skipInvalid(e -> subscriber.cancel())
                    .decode(Flux.just(chunk("02 78 78" + rest)))
                    .subscribe(subscriber);

            assertThat(subscriber.getReceivedOnNext()).isEmpty();
            assertThat(subscriber.isTerminated()).isFalse();
        }
    }

    @Test
    void faultThatCannotBePassedOverBehindOneThatCan_theFirstIsReportedBeforeTheError() {
        // a netstring that is too long and lacks its comma
        StreamVerifier.of(TextLength.netstring()).with(codec -> codec.maxFrameLength(1)).skipInvalid().stream(
                        "31 3a 61 2c 32 3a 61 62 2e")
                .yields("frame 61", "skipped TooLong #1 @4 2>1 +5", "error Corrupt #1 @4");
    }

    /** Not only when the end of what is bad has been found: it may never come. */
    @Test
    void endlessFault_endsTheStreamAtTheBoundOfSkippedBytes() {
        for (Framing framing : List.of(Delimiter.of("\n"), LengthField.ofSize(1).marker((byte) 0x7e))) {
            AtomicInteger chunks = new AtomicInteger();
            Flux<ByteBuffer> noise = Flux.<ByteBuffer>generate(sink -> sink.next(ByteBuffer.allocate(10)))
                    .doOnNext(chunk -> chunks.incrementAndGet());
            StepVerifier.create(FrameCodec.of(framing)
                            .maxFrameLength(5)
                            .skipInvalid(e -> {}, 3, 45)
                            .decode(noise))
                    .expectError(FramingException.class)
                    .verify(Duration.ofSeconds(10));
            assertThat(chunks).as("%s", framing).hasValue(5);
        }
    }
}
