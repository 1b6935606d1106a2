package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.TestBytes.bytes;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.framing.format.LengthField;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/**
 * What may come at the same moment, again and again: no frame is lost, doubled or damaged, and every byte that was
 * accepted is either emitted or discarded, once. Frames keep their header, so that every byte of the wire can be
 * accounted for.
 */
class DecodeRaceTest {

    private static final int ROUNDS = 1_500;
    private static final int CAMPAIGN_ROUNDS = 300_000;

    /** Whether chunks are lent, and so overwritten when onNext has returned, or handed over. */
    enum Chunks {
        BORROWED,
        OWNED
    }

    /** Both ends of one subscription, and what went through it. */
    private static final class Probe extends Flux<ByteBuffer> implements CoreSubscriber<ByteBuffer>, Subscription {

        private final Chunks chunks;
        private final Context context =
                Operators.enableOnDiscard(Context.empty(), dropped -> discarded((ByteBuffer) dropped));
        private final AtomicInteger chunkRequests = new AtomicInteger();
        private final AtomicInteger upstreamCancels = new AtomicInteger();
        private final List<ByteBuffer> frames = new ArrayList<>();
        private final ByteArrayOutputStream discarded = new ByteArrayOutputStream();
        private final AtomicInteger terminations = new AtomicInteger();
        private volatile Throwable error;
        private CoreSubscriber<? super ByteBuffer> operator;
        private Subscription subscription;

        Probe(Chunks chunks) {
            this(chunks, true);
        }

        Probe(Chunks chunks, boolean keepHeader) {
            this.chunks = chunks;
            LengthField framing = LengthField.ofSize(1);
            FrameCodec codec = FrameCodec.of(keepHeader ? framing.keepHeader() : framing);
            (chunks == Chunks.OWNED ? codec.zeroCopy() : codec).decode(this).subscribe(this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
            operator = actual;
            actual.onSubscribe(this);
        }

        /** Sends a chunk, as a source does that has been asked for one. */
        void send(byte[] bytes) {
            byte[] memory = bytes.clone();
            operator.onNext(ByteBuffer.wrap(memory));
            if (chunks == Chunks.BORROWED) {
                Arrays.fill(memory, (byte) 0xEE);
            }
        }

        @Override
        public void request(long n) {
            assertThat(n).isEqualTo(1);
            chunkRequests.incrementAndGet();
        }

        @Override
        public void cancel() {
            upstreamCancels.incrementAndGet();
        }

        @Override
        public Context currentContext() {
            return context;
        }

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
        }

        @Override
        public void onNext(ByteBuffer frame) {
            frames.add(frame);
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

        private synchronized void discarded(ByteBuffer buffer) {
            discarded.writeBytes(bytes(buffer));
        }

        byte[] emitted() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            frames.forEach(frame -> all.writeBytes(bytes(frame)));
            return all.toByteArray();
        }

        /**
         * What was emitted is a prefix of what was accepted, and the rest of it, no more and no less, was discarded.
         */
        void assertAccountedFor(byte[] accepted) {
            byte[] emitted = emitted();
            byte[] rest = discarded.toByteArray();
            assertThat(emitted).isEqualTo(Arrays.copyOf(accepted, emitted.length));
            // in any order: a chunk that comes after the cancel need not wait for the discarding of what is held
            assertThat(sorted(rest)).isEqualTo(sorted(Arrays.copyOfRange(accepted, emitted.length, accepted.length)));
        }
    }

    private static byte[] sorted(byte[] bytes) {
        byte[] sorted = bytes.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** Frames of one byte, each another one. */
    private static byte[] stream(int frames, int first) {
        byte[] bytes = new byte[2 * frames];
        for (int i = 0; i < frames; i++) {
            bytes[2 * i] = 1;
            bytes[2 * i + 1] = (byte) (first + i);
        }
        return bytes;
    }

    private static byte[] plus(byte[] a, byte[] b) {
        byte[] sum = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, sum, a.length, b.length);
        return sum;
    }

    @ParameterizedTest
    @EnumSource
    void cancelAgainstOnNext(Chunks chunks) {
        cancelAgainstOnNext(chunks, ROUNDS);
    }

    private static void cancelAgainstOnNext(Chunks chunks, int rounds) {
        for (int i = 0; i < rounds; i++) {
            Probe probe = new Probe(chunks);
            probe.subscription.request(i % 2 == 0 ? 3 : Long.MAX_VALUE);
            // a partial frame and a chunk, four frames and the start of one
            byte[] first = {2, 'x'};
            byte[] second = plus(new byte[] {'y'}, plus(stream(4, i), new byte[] {3, 'z'}));
            probe.send(first);

            RaceTestUtils.race(() -> probe.send(second), probe.subscription::cancel);

            probe.assertAccountedFor(plus(first, second));
            assertThat(probe.upstreamCancels).hasValue(1);
            assertThat(probe.terminations).hasValue(0);
            probe.subscription.cancel();
            probe.subscription.request(1);
            probe.assertAccountedFor(plus(first, second));
        }
    }

    /** Behind chunks that were one frame each, which a chunk is then looked at for before a view is made of it. */
    @ParameterizedTest
    @EnumSource
    void cancelAgainstAChunkThatIsAFrame(Chunks chunks) {
        for (int i = 0; i < ROUNDS; i++) {
            Probe probe = new Probe(chunks, false);
            probe.subscription.request(i % 2 == 0 ? 3 : Long.MAX_VALUE);
            probe.send(stream(1, 'a'));
            probe.send(stream(1, 'b'));
            int frames = 1 + i % 3;

            RaceTestUtils.race(() -> probe.send(stream(frames, 'c')), probe.subscription::cancel);

            // headers go with what has not been decoded, and with nothing else
            String discarded =
                    probe.discarded.toString(StandardCharsets.US_ASCII).replace("\1", "");
            assertThat(new String(probe.emitted(), StandardCharsets.US_ASCII) + discarded)
                    .isEqualTo("abcde".substring(0, 2 + frames));
        }
    }

    @ParameterizedTest
    @EnumSource
    void requestAgainstOnNext(Chunks chunks) {
        requestAgainstOnNext(chunks, ROUNDS);
    }

    private static void requestAgainstOnNext(Chunks chunks, int rounds) {
        for (int i = 0; i < rounds; i++) {
            Probe probe = new Probe(chunks);
            probe.subscription.request(1);
            byte[] stream = plus(stream(5, i), new byte[] {2, 'x'});

            RaceTestUtils.race(
                    () -> probe.send(stream), () -> probe.subscription.request(1), () -> probe.subscription.request(1));

            assertThat(probe.emitted()).isEqualTo(stream(3, i));
            assertThat(probe.chunkRequests).hasValue(1);
            probe.subscription.request(3);
            assertThat(probe.emitted()).isEqualTo(stream(5, i));
            assertThat(probe.chunkRequests).hasValue(2);
            probe.send(new byte[] {'y'});
            assertThat(probe.emitted()).isEqualTo(plus(stream(5, i), new byte[] {2, 'x', 'y'}));
        }
    }

    @ParameterizedTest
    @EnumSource
    void cancelAgainstRequest(Chunks chunks) {
        cancelAgainstRequest(chunks, ROUNDS);
    }

    private static void cancelAgainstRequest(Chunks chunks, int rounds) {
        for (int i = 0; i < rounds; i++) {
            Probe probe = new Probe(chunks);
            probe.subscription.request(1);
            byte[] stream = plus(stream(5, i), new byte[] {2, 'x'});
            probe.send(stream);

            RaceTestUtils.race(
                    () -> probe.subscription.request(2), probe.subscription::cancel, probe.subscription::cancel);

            probe.assertAccountedFor(stream);
            assertThat(probe.upstreamCancels.get()).isBetween(1, 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endAgainstRequest(Chunks chunks) {
        endAgainstRequest(chunks, ROUNDS);
    }

    private static void endAgainstRequest(Chunks chunks, int rounds) {
        for (int i = 0; i < rounds; i++) {
            Probe probe = new Probe(chunks);
            probe.subscription.request(1);
            byte[] stream = stream(3, i);
            probe.send(stream);
            IllegalStateException reset = i % 2 == 0 ? null : new IllegalStateException("reset");

            RaceTestUtils.race(
                    () -> {
                        if (reset == null) {
                            probe.operator.onComplete();
                        } else {
                            probe.operator.onError(reset);
                        }
                    },
                    () -> probe.subscription.request(1),
                    () -> probe.subscription.request(1));

            assertThat(probe.emitted()).isEqualTo(stream);
            assertThat(probe.terminations).hasValue(1);
            assertThat(probe.error).isSameAs(reset);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endAgainstCancel(Chunks chunks) {
        endAgainstCancel(chunks, ROUNDS);
    }

    private static void endAgainstCancel(Chunks chunks, int rounds) {
        for (int i = 0; i < rounds; i++) {
            Probe probe = new Probe(chunks);
            probe.subscription.request(1);
            byte[] stream = plus(stream(3, i), new byte[] {2, 'x'});
            probe.send(stream);
            boolean inside = i % 2 == 0;

            RaceTestUtils.race(
                    probe.operator::onComplete,
                    probe.subscription::cancel,
                    () -> probe.subscription.request(inside ? 2 : 1));

            probe.assertAccountedFor(stream);
            assertThat(probe.terminations.get()).isLessThanOrEqualTo(inside ? 1 : 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void chunkThatWasNotRequestedAgainstRequest_framesInOrderThenOverflow(Chunks chunks) {
        for (int i = 0; i < ROUNDS; i++) {
            Probe probe = new Probe(chunks);
            byte[] first = stream(3, i);
            byte[] second = stream(3, i + 3);
            byte[] third = stream(3, i + 6);

            RaceTestUtils.race(
                    () -> {
                        probe.send(first);
                        probe.send(second);
                        probe.send(third);
                    },
                    () -> probe.subscription.request(3),
                    () -> probe.subscription.request(4));
            probe.subscription.request(10);

            byte[] emitted = probe.emitted();
            byte[] all = plus(first, plus(second, third));
            assertThat(emitted).isEqualTo(Arrays.copyOf(all, emitted.length));
            if (probe.error == null) {
                assertThat(emitted).isEqualTo(all);
            } else {
                probe.assertAccountedFor(all);
            }
        }
    }

    /** A source on one thread, requests from a second and a third, every chunk garbage as soon as onNext returns. */
    @ParameterizedTest
    @EnumSource
    void lentChunks_requestsFromOtherThreads_everyFrameWhole(Chunks chunks) throws Exception {
        conversation(chunks, 20_000, new Random(1));
    }

    private static void conversation(Chunks chunks, int frames, Random random) throws Exception {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int i = 0; i < frames; i++) {
            byte[] payload = new byte[random.nextInt(20)];
            random.nextBytes(payload);
            wire.write(payload.length);
            wire.writeBytes(payload);
        }
        byte[] stream = wire.toByteArray();
        Semaphore asked = new Semaphore(0);
        CountDownLatch ended = new CountDownLatch(1);
        Scheduler requesters = Schedulers.newParallel("requester", 2);
        try {
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
                        for (int at = 0; at < stream.length; ) {
                            asked.acquireUninterruptibly();
                            int n = Math.min(random.nextInt(60), stream.length - at);
                            byte[] memory = Arrays.copyOfRange(stream, at, at + n);
                            actual.onNext(ByteBuffer.wrap(memory));
                            if (chunks == Chunks.BORROWED) {
                                Arrays.fill(memory, (byte) 0xEE);
                            }
                            at += n;
                        }
                        actual.onComplete();
                    });
                    thread.setDaemon(true);
                    thread.start();
                }
            };
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger overlaps = new AtomicInteger();
            List<Throwable> errors = new ArrayList<>();
            FrameCodec codec = FrameCodec.of(LengthField.ofSize(1).keepHeader());
            (chunks == Chunks.OWNED ? codec.zeroCopy() : codec).decode(source).subscribe(new CoreSubscriber<>() {
                private final List<Scheduler.Worker> workers =
                        List.of(requesters.createWorker(), requesters.createWorker());
                private Subscription subscription;
                private int count;

                @Override
                public void onSubscribe(Subscription s) {
                    subscription = s;
                    s.request(2);
                }

                @Override
                public void onNext(ByteBuffer frame) {
                    if (inside.incrementAndGet() != 1) {
                        overlaps.incrementAndGet();
                    }
                    received.writeBytes(bytes(frame));
                    workers.get(count++ & 1).schedule(() -> subscription.request(1));
                    inside.decrementAndGet();
                }

                @Override
                public void onError(Throwable t) {
                    errors.add(t);
                    ended.countDown();
                }

                @Override
                public void onComplete() {
                    ended.countDown();
                }
            });

            assertThat(ended.await(10, TimeUnit.MINUTES)).isTrue();
            assertThat(errors).isEmpty();
            assertThat(overlaps).hasValue(0);
            assertThat(received.toByteArray()).isEqualTo(stream);
        } finally {
            requesters.dispose();
        }
    }

    @Tag("campaign")
    @Test
    void everyRace_campaign() throws Exception {
        for (Chunks chunks : Chunks.values()) {
            cancelAgainstOnNext(chunks, CAMPAIGN_ROUNDS);
            requestAgainstOnNext(chunks, CAMPAIGN_ROUNDS);
            cancelAgainstRequest(chunks, CAMPAIGN_ROUNDS);
            endAgainstRequest(chunks, CAMPAIGN_ROUNDS);
            endAgainstCancel(chunks, CAMPAIGN_ROUNDS);
            conversation(chunks, 5_000_000, new Random());
        }
    }
}
