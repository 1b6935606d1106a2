package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.format.LengthField;

/** What decoding allocates, as the JVM counts it, and what it costs for a million of anything. */
class DecodeMemoryTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** A chunk's view, a subscriber's objects: what does not grow with the bytes. */
    private static final int SMALL = 4 * KIB;

    /** For each chunk: the view that it is read through. */
    private static final int PER_CHUNK = 64;

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4));

    /** Sends chunks by hand and has the last frame. */
    private static final class Probe extends Flux<ByteBuffer> implements CoreSubscriber<ByteBuffer> {

        private CoreSubscriber<? super ByteBuffer> operator;
        private Subscription subscription;
        private ByteBuffer last;
        private int frames;
        private Throwable error;

        static Probe of(FrameCodec codec) {
            Probe probe = new Probe();
            codec.decode(probe).subscribe(probe);
            return probe;
        }

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
            operator = actual;
            actual.onSubscribe(reactor.core.publisher.Operators.emptySubscription());
        }

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer frame) {
            last = frame;
            frames++;
        }

        @Override
        public void onError(Throwable t) {
            error = t;
        }

        @Override
        public void onComplete() {}

        /** Sends a chunk and returns how many bytes that allocated. */
        long send(ByteBuffer chunk) {
            return allocatedBy(() -> operator.onNext(chunk));
        }
    }

    private static long allocatedBy(Runnable action) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        action.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** So that no class is loaded and no call site linked while it counts. */
    private static void warmUp(FrameCodec codec) {
        Probe probe = Probe.of(codec);
        for (int i = 0; i < 100; i++) {
            ByteBuffer frame = ByteBuffer.allocate(104).putInt(100).clear();
            probe.send(frame);
            probe.send(frame.slice(0, 3));
            probe.send(frame.slice(3, 10));
            probe.send(frame.slice(13, 91));
        }
        assertThat(probe.frames).isEqualTo(200);
    }

    private static ByteBuffer header(int length) {
        return ByteBuffer.allocate(4).putInt(length).flip();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE - 8, 8 * MIB, 0})
    void headerAlone_reservesNothingToSpeakOf(int announced) {
        FrameCodec codec = CODEC.maxFrameLength(Long.MAX_VALUE);
        warmUp(codec);
        Probe probe = Probe.of(codec);

        assertThat(probe.send(header(announced))).isLessThan(SMALL);
        if (announced > 0) {
            assertThat(probe.send(ByteBuffer.allocate(1))).isLessThan(64 * KIB + SMALL);
            assertThat(probe.send(ByteBuffer.allocate(64 * KIB - 1))).isLessThan(8 * 64 * KIB + SMALL);
        }
    }

    @Test
    void hugeAnnouncement_reservationStaysWithinEightTimesWhatHasArrived() {
        FrameCodec codec = CODEC.maxFrameLength(Long.MAX_VALUE);
        warmUp(codec);
        Probe probe = Probe.of(codec);
        probe.send(header(Integer.MAX_VALUE - 8));
        ByteBuffer chunk = ByteBuffer.allocate(10_000);
        for (int arrived = 10_000; arrived < 8 * MIB; arrived += 10_000) {
            assertThat(probe.send(chunk)).isLessThan(Math.max(64L * KIB, 8L * arrived) + SMALL);
        }
        probe.subscription.cancel();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 64", "8, 1", "8, 64", "16, 1", "16, 64"})
    void longFrame_allocatesItsLengthAndAnEighthOrSo(int frameMib, int chunkKib) {
        FrameCodec codec = CODEC.maxFrameLength(16 * MIB);
        warmUp(codec);
        Probe probe = Probe.of(codec);
        int length = frameMib * MIB;
        ByteBuffer chunk = ByteBuffer.allocate(chunkKib * KIB);

        long allocated = probe.send(header(length));
        int chunks = length / chunk.remaining();
        for (int i = 0; i < chunks; i++) {
            allocated += probe.send(chunk);
        }

        assertThat(probe.last.remaining()).isEqualTo(length);
        assertThat(probe.last.array()).hasSize(length);
        assertThat(allocated - (long) chunks * PER_CHUNK).isLessThan((long) (1.15 * length) + SMALL);
    }

    @ParameterizedTest
    @CsvSource({"65536, 1024", "65536, 65540", "1000, 1", "1000, 999", "1, 1", "65535, 64"})
    void frameUpTo64Kib_isOneArrayOfItsLength(int length, int chunkLength) {
        warmUp(CODEC);
        Probe probe = Probe.of(CODEC);
        ByteBuffer wire = ByteBuffer.allocate(4 + length).putInt(length).clear();

        long allocated = 0;
        int chunks = 0;
        for (int at = 0; at < wire.capacity(); at += chunkLength, chunks++) {
            ByteBuffer chunk = wire.slice(at, Math.min(chunkLength, wire.capacity() - at));
            allocated += probe.send(chunk);
        }

        assertThat(probe.last.remaining()).isEqualTo(length);
        assertThat(probe.last.array()).hasSize(length);
        // below twice the length: there was one array only
        assertThat(allocated - (long) chunks * PER_CHUNK).isLessThan(length + Math.min(length, SMALL) + 200L);
    }

    @Test
    void zeroCopy_oneSliceAFrame() {
        FrameCodec codec = CODEC.zeroCopy();
        warmUp(codec);
        int frames = 10_000;
        ByteBuffer chunk = ByteBuffer.allocate(frames * 12);
        for (int i = 0; i < frames; i++) {
            chunk.putInt(8).putLong(i);
        }
        chunk.flip();
        ByteBuffer[] slices = new ByteBuffer[frames];
        long allocatedBySlices = allocatedBy(() -> {
            for (int i = 0; i < frames; i++) {
                slices[i] = chunk.slice(i * 12 + 4, 8);
            }
        });

        Probe probe = Probe.of(codec);
        assertThat(probe.send(chunk)).isLessThanOrEqualTo(allocatedBySlices + SMALL);
        assertThat(probe.frames).isEqualTo(frames);
        assertThat(probe.last.array()).isSameAs(chunk.array());
    }

    @Test
    void borrowed_oneArrayAndOneBufferAFrame() {
        warmUp(CODEC);
        int frames = 10_000;
        ByteBuffer chunk = ByteBuffer.allocate(frames * 12);
        for (int i = 0; i < frames; i++) {
            chunk.putInt(8).putLong(i);
        }
        chunk.flip();
        ByteBuffer[] copies = new ByteBuffer[frames];
        long allocatedByCopies = allocatedBy(() -> Arrays.setAll(copies, i -> ByteBuffer.wrap(new byte[8])));

        Probe probe = Probe.of(CODEC);
        assertThat(probe.send(chunk)).isLessThanOrEqualTo(allocatedByCopies + SMALL);
        assertThat(probe.frames).isEqualTo(frames);
    }

    // ---- a million of them

    private static BaseSubscriber<ByteBuffer> oneByOne(AtomicInteger frames, AtomicReference<Object> end) {
        return new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnNext(ByteBuffer frame) {
                frames.incrementAndGet();
                request(1);
            }

            @Override
            protected void hookOnComplete() {
                end.set("complete");
            }

            @Override
            protected void hookOnError(Throwable e) {
                end.set(e);
            }
        };
    }

    @Test
    void millionChunksWithoutAFrame_fromASynchronousSource() {
        AtomicInteger frames = new AtomicInteger();
        AtomicReference<Object> end = new AtomicReference<>();
        Flux<ByteBuffer> source =
                Flux.just(header(1_000_000)).concatWith(Flux.range(0, 2_000_000).map(i -> ByteBuffer.allocate(i & 1)));

        long allocated = allocatedBy(() -> CODEC.decode(source).subscribe(oneByOne(frames, end)));

        assertThat(end).hasValue("complete");
        assertThat(frames).hasValue(1);
        assertThat(allocated).as("nothing that is copied again and again").isLessThan(1_000_000_000);
    }

    @Test
    void millionFramesInOneChunk_requestedFromInsideOnNext() {
        AtomicInteger frames = new AtomicInteger();
        AtomicReference<Object> end = new AtomicReference<>();
        CODEC.decode(Flux.just(ByteBuffer.allocate(4_000_000))).subscribe(oneByOne(frames, end));

        assertThat(end).hasValue("complete");
        assertThat(frames).hasValue(1_000_000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void millionFramesInOneChunk_requestedFromOutside_theRestIsCopiedOnceAtMost(boolean zeroCopy) {
        AtomicInteger frames = new AtomicInteger();
        BaseSubscriber<ByteBuffer> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}

            @Override
            protected void hookOnNext(ByteBuffer frame) {
                frames.incrementAndGet();
            }
        };
        int bytes = 4_000_000;
        (zeroCopy ? CODEC.zeroCopy() : CODEC)
                .decode(Flux.just(ByteBuffer.allocate(bytes)))
                .subscribe(subscriber);

        long allocated = allocatedBy(() -> {
            for (int i = 0; i < 1_000_000; i++) {
                subscriber.request(1);
            }
        });

        assertThat(frames).hasValue(1_000_000);
        assertThat(allocated).isLessThan(1_000_000L * 200 + bytes);
        assertThat(subscriber.isDisposed()).isTrue();
    }

    @Test
    void noiseFullOfFalseStarts_allocatesNothingForThem() {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAA, (byte) 0xAB));
        AtomicInteger reports = new AtomicInteger();
        AtomicInteger frames = new AtomicInteger();
        AtomicReference<Object> end = new AtomicReference<>();
        byte[] noise = new byte[100_000];
        Arrays.fill(noise, (byte) 0xAA);
        long allocated = allocatedBy(() -> codec.skipInvalid(e -> reports.incrementAndGet())
                .decode(Flux.just(ByteBuffer.wrap(noise), ByteBuffer.wrap(TestBytes.hex("AB 01 61"))))
                .subscribe(oneByOne(frames, end)));

        assertThat(end).hasValue("complete");
        assertThat(frames).hasValue(1);
        assertThat(reports).hasValue(1);
        assertThat(allocated).isLessThan(100 * KIB);
    }

    @Test
    void manySkippedFrames_inOneChunkUnderOneRequest() {
        AtomicInteger reports = new AtomicInteger();
        AtomicInteger frames = new AtomicInteger();
        AtomicReference<Object> end = new AtomicReference<>();
        byte[] wire = new byte[60_002];
        for (int i = 0; i < 20_000; i++) {
            wire[3 * i] = 2;
        }
        wire[60_000] = 1;

        FrameCodec.of(LengthField.ofSize(1))
                .maxFrameLength(1)
                .skipInvalid(e -> reports.incrementAndGet())
                .decode(Flux.just(ByteBuffer.wrap(wire)))
                .subscribe(oneByOne(frames, end));

        assertThat(end).hasValue("complete");
        assertThat(reports).hasValue(20_000);
        assertThat(frames).hasValue(1);
    }

    @Test
    void decodeIsCalledOnceAFrameAndOnceAChunk() {
        AtomicInteger calls = new AtomicInteger();
        FrameDecoder decoder = LengthField.ofSize(4).newDecoder();
        Framing counted = new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return new FrameDecoder() {
                    @Override
                    public boolean decode(ByteBuffer chunk, FrameSink frame) {
                        calls.incrementAndGet();
                        return decoder.decode(chunk, frame);
                    }

                    @Override
                    public boolean complete(FrameSink frame) {
                        return decoder.complete(frame);
                    }
                };
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException("not needed");
            }
        };
        int frames = 1000;
        Flux<ByteBuffer> inOne = Flux.just(ByteBuffer.allocate(4 * frames));
        FrameCodec.of(counted).decode(inOne).blockLast();
        assertThat(calls).hasValue(frames);

        calls.set(0);
        Flux<ByteBuffer> byteByByte = Flux.range(0, 4 * frames).map(i -> ByteBuffer.allocate(1));
        FrameCodec.of(counted).decode(byteByByte).blockLast();
        assertThat(calls).hasValue(4 * frames);
    }
}
