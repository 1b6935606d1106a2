package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.test.FramingEvents.describe;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.framing.format.LengthField;
import reactor.framing.test.FramingEvents;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;

/**
 * The races of {@link DecodeRaceTest} with {@code skipInvalid} and {@code frameTimeout} on, for whole frames and for
 * parts: frames and reports come in the order of the stream, each of them once.
 */
class PolicyRaceTest {

    private static final int ROUNDS = 1_000;
    private static final int CAMPAIGN_ROUNDS = 50_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final FrameCodec CODEC = FrameCodec.of(
                    LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAB).keepHeader())
            .maxFrameLength(5);

    private static final byte[] NOISE = hex("11 AA 22");
    private static final byte[] TOO_LONG = hex("AA AB 03 77 77 77");

    /** How the operator is run. */
    enum Mode {
        BORROWED,
        OWNED,
        PARTS,
        OWNED_PARTS
    }

    /** Both ends of one subscription, and what came out of it. */
    private static final class Probe extends Flux<ByteBuffer> implements CoreSubscriber<Object>, Subscription {

        private final boolean owned;
        private final List<Object> received = new ArrayList<>();
        private final AtomicInteger terminations = new AtomicInteger();
        private final AtomicInteger chunkRequests = new AtomicInteger();
        private volatile Throwable error;
        private CoreSubscriber<? super ByteBuffer> operator;
        private Subscription subscription;

        Probe(Mode mode, Scheduler clock) {
            owned = mode == Mode.OWNED || mode == Mode.OWNED_PARTS;
            decode(mode, clock, this, received).subscribe(this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
            operator = actual;
            actual.onSubscribe(this);
        }

        void send(byte[] bytes) {
            byte[] memory = bytes.clone();
            operator.onNext(ByteBuffer.wrap(memory));
            if (!owned) {
                Arrays.fill(memory, (byte) 0xEE);
            }
        }

        @Override
        public void request(long n) {
            assertThat(n).isEqualTo(1);
            chunkRequests.incrementAndGet();
        }

        @Override
        public void cancel() {}

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
        }

        @Override
        public void onNext(Object frame) {
            received.add(frame);
        }

        @Override
        public void onError(Throwable t) {
            error = t;
            terminations.incrementAndGet();
        }

        @Override
        public void onComplete() {
            terminations.incrementAndGet();
        }

        /** What has come, with the bytes that the buffers have now. */
        List<String> events() {
            return PolicyRaceTest.events(received);
        }
    }

    @SuppressWarnings("unchecked") // both are read as objects
    private static Flux<Object> decode(Mode mode, Scheduler clock, Publisher<ByteBuffer> source, List<Object> reports) {
        FrameCodec codec = CODEC.skipInvalid(reports::add).frameTimeout(TIMEOUT, clock);
        if (mode == Mode.OWNED || mode == Mode.OWNED_PARTS) {
            codec = codec.zeroCopy();
        }
        Flux<?> decoded =
                mode == Mode.PARTS || mode == Mode.OWNED_PARTS ? codec.decodeParts(source) : codec.decode(source);
        return (Flux<Object>) decoded;
    }

    private static List<String> events(List<Object> received) {
        return received.stream()
                .map(event -> event instanceof FramePart part
                        ? "part " + part.frameIndex() + " " + part.offset() + " " + part.last() + " "
                                + FramingEvents.frame(bytes(part.content()))
                        : event instanceof ByteBuffer frame
                                ? FramingEvents.frame(bytes(frame))
                                : "skipped " + describe((Throwable) event))
                .toList();
    }

    /** What comes of these chunks when nothing happens at the same moment. */
    private static List<String> events(Mode mode, byte[]... chunks) {
        List<Object> events = new ArrayList<>();
        decode(mode, VirtualTimeScheduler.create(), Flux.just(chunks).map(ByteBuffer::wrap), events)
                .onErrorComplete(TruncatedFrameException.class)
                .subscribe(events::add);
        return events(events);
    }

    private static byte[] frame(int number) {
        return new byte[] {(byte) 0xAA, (byte) 0xAB, 1, (byte) number};
    }

    /** A frame, noise, a frame, one that is too long, noise, a frame. */
    private static byte[] stream(int first) {
        return join(frame(first), NOISE, frame(first + 1), TOO_LONG, NOISE, frame(first + 2));
    }

    private static byte[] join(byte[]... all) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] each : all) {
            bytes.writeBytes(each);
        }
        return bytes.toByteArray();
    }

    private static void assertStart(List<String> actual, List<String> expected) {
        assertThat(actual).isEqualTo(expected.subList(0, Math.min(actual.size(), expected.size())));
    }

    @ParameterizedTest
    @EnumSource
    void cancelAgainstOnNext(Mode mode) {
        cancelAgainstOnNext(mode, ROUNDS);
    }

    private static void cancelAgainstOnNext(Mode mode, int rounds) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        byte[] first = join(NOISE, hex("AA AB 02 78"));
        for (int i = 0; i < rounds; i++) {
            byte[] second = join(new byte[] {'y'}, stream(i), hex("AA AB"));
            Probe probe = new Probe(mode, clock);
            probe.subscription.request(i % 2 == 0 ? 3 : Long.MAX_VALUE);
            probe.send(first);

            RaceTestUtils.race(() -> probe.send(second), probe.subscription::cancel);

            assertStart(probe.events(), events(mode, first, second));
            assertThat(probe.terminations).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void requestAgainstOnNext(Mode mode) {
        requestAgainstOnNext(mode, ROUNDS);
    }

    private static void requestAgainstOnNext(Mode mode, int rounds) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        for (int i = 0; i < rounds; i++) {
            byte[] stream = join(NOISE, stream(i), stream(i + 3), NOISE);
            List<String> expected = events(mode, stream);
            Probe probe = new Probe(mode, clock);
            probe.subscription.request(1);

            RaceTestUtils.race(
                    () -> probe.send(stream), () -> probe.subscription.request(1), () -> probe.subscription.request(1));

            assertStart(probe.events(), expected);
            assertThat(probe.received.stream().filter(event -> !(event instanceof FramingException)))
                    .hasSize(3);
            probe.subscription.request(4);
            assertThat(probe.chunkRequests).hasValue(2);
            probe.operator.onComplete();
            assertThat(probe.events()).isEqualTo(expected);
            assertThat(probe.terminations).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endAgainstRequest(Mode mode) {
        endAgainstRequest(mode, ROUNDS);
    }

    private static void endAgainstRequest(Mode mode, int rounds) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        for (int i = 0; i < rounds; i++) {
            byte[] stream = i % 2 == 0 ? join(stream(i), NOISE) : join(stream(i), TOO_LONG);
            Probe probe = new Probe(mode, clock);
            probe.subscription.request(1);
            probe.send(stream);

            RaceTestUtils.race(
                    probe.operator::onComplete,
                    () -> probe.subscription.request(1),
                    () -> probe.subscription.request(1));

            assertThat(probe.events()).isEqualTo(events(mode, stream));
            assertThat(probe.terminations).hasValue(1);
            assertThat(probe.error).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void timerAgainstOnNextAndRequest(Mode mode) {
        timerAgainstOnNextAndRequest(mode, ROUNDS);
    }

    private static void timerAgainstOnNextAndRequest(Mode mode, int rounds) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        byte[] first = join(NOISE, hex("AA AB 02 78"));
        for (int i = 0; i < rounds; i++) {
            byte[] second = join(new byte[] {'y'}, stream(i));
            List<String> expected = events(mode, first, second);
            Probe probe = new Probe(mode, clock);
            probe.subscription.request(3);
            probe.send(first);

            RaceTestUtils.race(
                    () -> probe.send(second), () -> probe.subscription.request(9), () -> clock.advanceTimeBy(TIMEOUT));

            if (probe.error == null) {
                assertThat(probe.events()).isEqualTo(expected);
            } else {
                assertThat(describe(probe.error)).isEqualTo("Timeout #1 @3");
                assertStart(probe.events(), expected);
                assertThat(probe.events()).hasSizeLessThanOrEqualTo(mode.name().contains("PARTS") ? 2 : 1);
            }
            probe.subscription.cancel();
        }
    }

    /** A source on one thread, requests from two others. */
    @ParameterizedTest
    @EnumSource
    void damagedStream_requestsFromOtherThreads_everyFrameAndReportInOrder(Mode mode) throws Exception {
        conversation(mode, 10_000, new Random(1));
    }

    private static void conversation(Mode mode, int pieces, Random random) throws Exception {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int i = 0; i < pieces; i++) {
            wire.writeBytes(
                    switch (random.nextInt(6)) {
                        case 0 -> NOISE;
                        case 1 -> TOO_LONG;
                        default -> frame(i);
                    });
        }
        byte[] stream = wire.toByteArray();
        List<byte[]> chunks = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int n = Math.min(random.nextInt(60), stream.length - at);
            chunks.add(Arrays.copyOfRange(stream, at, at + n));
            at += n;
        }
        Semaphore asked = new Semaphore(0);
        Flux<ByteBuffer> source = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
                actual.onSubscribe(new Subscription() {
                    @Override
                    public void request(long n) {
                        asked.release((int) n);
                    }

                    @Override
                    public void cancel() {}
                });
                Thread thread = new Thread(() -> {
                    for (byte[] chunk : chunks) {
                        asked.acquireUninterruptibly();
                        byte[] memory = chunk.clone();
                        actual.onNext(ByteBuffer.wrap(memory));
                        if (mode == Mode.BORROWED || mode == Mode.PARTS) {
                            Arrays.fill(memory, (byte) 0xEE);
                        }
                    }
                    actual.onComplete();
                });
                thread.setDaemon(true);
                thread.start();
            }
        };
        CountDownLatch ended = new CountDownLatch(1);
        List<Object> received = new ArrayList<>();
        Scheduler requesters = Schedulers.newParallel("requester", 2);
        try {
            decode(mode, VirtualTimeScheduler.create(), source, received).subscribe(new CoreSubscriber<>() {
                private final List<Scheduler.Worker> workers = IntStream.range(0, 2)
                        .mapToObj(i -> requesters.createWorker())
                        .toList();
                private Subscription subscription;
                private int count;

                @Override
                public void onSubscribe(Subscription s) {
                    subscription = s;
                    s.request(2);
                }

                @Override
                public void onNext(Object frame) {
                    received.add(frame);
                    workers.get(count++ & 1).schedule(() -> subscription.request(1));
                }

                @Override
                public void onError(Throwable t) {
                    received.add(t);
                    ended.countDown();
                }

                @Override
                public void onComplete() {
                    ended.countDown();
                }
            });
            assertThat(ended.await(10, TimeUnit.MINUTES)).isTrue();
        } finally {
            requesters.dispose();
        }
        List<String> expected = events(mode, chunks.toArray(byte[][]::new));
        List<String> actual = events(received);
        int same = 0;
        while (same < Math.min(actual.size(), expected.size())
                && actual.get(same).equals(expected.get(same))) {
            same++;
        }
        assertThat(actual.subList(same, Math.min(actual.size(), same + 5)))
                .as("from event %s on", same)
                .isEqualTo(expected.subList(same, Math.min(expected.size(), same + 5)));
    }

    @Tag("campaign")
    @Test
    void everyRace_campaign() throws Exception {
        for (Mode mode : Mode.values()) {
            cancelAgainstOnNext(mode, CAMPAIGN_ROUNDS);
            requestAgainstOnNext(mode, CAMPAIGN_ROUNDS);
            endAgainstRequest(mode, CAMPAIGN_ROUNDS);
            timerAgainstOnNextAndRequest(mode, CAMPAIGN_ROUNDS);
            conversation(mode, 1_000_000, new Random());
        }
    }
}
