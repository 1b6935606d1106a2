package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.test.Rechunk;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

class FrameMetricsTest {

    /** Adds up what it is told. */
    private static final class Counted implements FrameMetrics {

        long receivedFrames;
        long receivedBytes;
        long receivedLargest;
        long sentFrames;
        long sentBytes;
        long sentLargest;
        int calls;
        final List<String> faults = new ArrayList<>();

        @Override
        public void received(long frames, long bytes, long largest) {
            assertThat(frames).isPositive();
            receivedFrames += frames;
            receivedBytes += bytes;
            receivedLargest = Math.max(receivedLargest, largest);
            calls++;
        }

        @Override
        public void sent(long frames, long bytes, long largest) {
            assertThat(frames).isPositive();
            sentFrames += frames;
            sentBytes += bytes;
            sentLargest = Math.max(sentLargest, largest);
            calls++;
        }

        @Override
        public void fault(FramingException fault) {
            faults.add(fault.getClass().getSimpleName() + " +" + fault.skippedBytes());
        }
    }

    private final Counted counted = new Counted();
    private final FrameCodec codec = FrameCodec.of(LengthField.ofSize(1)).metrics(counted);

    private static Flux<ByteBuffer> chunks(String hex) {
        return Flux.just(ByteBuffer.wrap(TestBytes.hex(hex)));
    }

    @Test
    void received_countsFramesAndBytesOnTheWireForEveryCut() {
        for (int size = 1; size <= 9; size++) {
            Counted here = new Counted();
            FrameCodec measured = FrameCodec.of(LengthField.ofSize(1)).metrics(here);
            Flux<ByteBuffer> stream = chunks("03 616263 00 02 6869").transform(Rechunk.ofSize(size));

            assertThat(measured.decode(stream).count().block()).isEqualTo(3);
            assertThat(measured.read(stream, ByteBuffer::remaining).count().block())
                    .isEqualTo(3);
            assertThat(measured.decodeParts(stream)
                            .filter(FramePart::last)
                            .count()
                            .block())
                    .isEqualTo(3);

            assertThat(here.receivedFrames).as("chunks of %d", size).isEqualTo(9);
            assertThat(here.receivedBytes).as("chunks of %d", size).isEqualTo(24);
            assertThat(here.receivedLargest).as("chunks of %d", size).isEqualTo(4);
        }
    }

    @Test
    void received_manyFramesInAChunk_toldInOneCall() {
        byte[] wire = new byte[1000];
        for (int i = 0; i < wire.length; i += 2) {
            wire[i] = 1;
        }

        codec.read(Flux.just(ByteBuffer.wrap(wire)), ByteBuffer::get).blockLast();

        assertThat(counted.receivedFrames).isEqualTo(500);
        assertThat(counted.receivedBytes).isEqualTo(1000);
        assertThat(counted.receivedLargest).isEqualTo(2);
        assertThat(counted.calls).isLessThanOrEqualTo(2);
    }

    @Test
    void received_countsWhatWasDeliveredOnly() {
        StepVerifier.create(codec.decode(chunks("01 61 01 62 01 63")), 2)
                .expectNextCount(2)
                .thenCancel()
                .verify();

        assertThat(counted.receivedFrames).isEqualTo(2);
        assertThat(counted.receivedBytes).isEqualTo(4);
    }

    @Test
    void sent_countsForEveryWayToWrite() {
        Flux<ByteBuffer> frames = Flux.just("a", "bcd", "").map(text -> ByteBuffer.wrap(text.getBytes()));

        codec.encode(frames).blockLast();
        codec.coalesce(100).encode(frames).blockLast();
        codec.write(Flux.just("a", "bcd", ""), (text, target) -> target.put(text.getBytes()))
                .blockLast();

        assertThat(counted.sentFrames).isEqualTo(9);
        assertThat(counted.sentBytes).isEqualTo(21);
        assertThat(counted.sentLargest).isEqualTo(4);
    }

    @Test
    void faults_thatWereSkippedAndThatEndedTheStream() {
        FrameCodec slip = FrameCodec.of(Slip.rfc1055()).metrics(counted);

        slip.skipInvalid(fault -> {}).decode(chunks("c0 61 db 00 62 c0 63 c0")).blockLast();
        assertThat(counted.faults).hasSize(1);
        assertThat(counted.faults.get(0))
                .startsWith("CorruptFrameException +")
                .isNotEqualTo("CorruptFrameException +0");

        assertThatThrownBy(() -> codec.decode(chunks("05 61")).blockLast()).isInstanceOf(TruncatedFrameException.class);
        assertThatThrownBy(
                        () -> codec.encode(Flux.just(ByteBuffer.allocate(300))).blockLast())
                .isInstanceOf(FrameTooLongException.class);
        assertThat(counted.faults.subList(1, 3))
                .containsExactly("TruncatedFrameException +0", "FrameTooLongException +0");
        assertThat(counted.faults).hasSize(3);
    }

    @Test
    void faults_partialFrameTimesOut() {
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            TestPublisher<ByteBuffer> source = TestPublisher.create();
            StepVerifier.create(codec.frameTimeout(Duration.ofSeconds(5)).decode(source.flux()))
                    .then(() -> source.next(ByteBuffer.wrap(new byte[] {3, 1})))
                    .then(() -> time.advanceTimeBy(Duration.ofSeconds(6)))
                    .verifyError(FrameTimeoutException.class);
        } finally {
            VirtualTimeScheduler.reset();
        }
        assertThat(counted.faults).containsExactly("FrameTimeoutException +0");
    }

    @Test
    void nobodyCounts_nothingIsTold() {
        FrameCodec.of(LengthField.ofSize(1)).decode(chunks("01 61")).blockLast();

        assertThat(counted.calls).isZero();
        assertThat(FrameCodec.of(LengthField.ofSize(1)).metrics()).isNull();
        assertThat(codec.metrics()).isSameAs(counted);
    }

    @Test
    void received_isToldBeforeTheEnd() {
        List<String> events = new ArrayList<>();
        FrameCodec.of(LengthField.ofSize(1))
                .maxFrameLength(1)
                .metrics(new FrameMetrics() {
                    @Override
                    public void received(long frames, long bytes, long largest) {
                        events.add(frames + " frames");
                    }
                })
                .decode(chunks("01 61 01 62 09"))
                .subscribe(frame -> {}, e -> events.add("error"));
        assertThat(events).containsExactly("2 frames", "error");
    }

    @Test
    void received_bytesSkippedInsideAFrame_doNotCount() {
        FrameCodec.of(TestFramings.framing((chunk, frame) -> {
                    frame.append(chunk, 1);
                    frame.skip(chunk, 2);
                    frame.append(chunk, 1);
                    return true;
                }))
                .metrics(counted)
                .decode(chunks("61 00 00 62 63 00 00 64"))
                .blockLast();
        assertThat(counted.receivedFrames).isEqualTo(2);
        assertThat(counted.receivedBytes).isEqualTo(4);
        assertThat(counted.receivedLargest).isEqualTo(2);
    }

    @Test
    void received_lastFrameThatTheEndCompletes() {
        FrameCodec.of(Delimiter.lines())
                .metrics(counted)
                .decode(chunks("61 0a 62 0d"))
                .blockLast();
        assertThat(counted.receivedFrames).isEqualTo(2);
        assertThat(counted.receivedBytes).isEqualTo(4);
    }
}
