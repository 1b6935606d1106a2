package reactor.framing.test;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FramePart;
import reactor.framing.Framing;

/** Sends a stream through a framing's operators, and writes down what came. */
final class Runner {

    private static final byte GARBAGE = (byte) 0xEE;
    private static final long LONG_STREAM = 4096;

    private final Framing framing;
    private final Framing decoding;
    private final Framing byTurns;
    private final UnaryOperator<FrameCodec> policy;
    private final boolean skipping;
    private final Progress progress;

    /** Memory of direct chunks, used anew in each run. */
    private @Nullable ByteBuffer arena;

    Runner(Framing framing, UnaryOperator<FrameCodec> policy, boolean skipping, Progress progress) {
        this.framing = framing;
        decoding = Watched.decoding(framing);
        byTurns = Watched.byTurns(framing);
        this.policy = policy;
        this.skipping = skipping;
        this.progress = progress;
    }

    Runner with(UnaryOperator<FrameCodec> policy, boolean skipping) {
        return new Runner(framing, policy, skipping, progress);
    }

    Framing framing() {
        return framing;
    }

    boolean isSkipping() {
        return skipping;
    }

    Progress progress() {
        return progress;
    }

    List<Event> run(byte[] stream, int[] cuts, Manner manner) {
        progress.begin(() -> "decode this stream:\n\n  framing   " + framing + "\n  cut       "
                + Bytes.cut(stream, cuts) + "\n  run       " + manner);
        return new Run(stream, cuts, manner).events();
    }

    FrameCodec codec(Framing framing, List<Event> skipped) {
        FrameCodec codec = policy.apply(FrameCodec.of(framing));
        return skipping ? codec.skipInvalid(e -> skipped.add(Event.skipped(e))) : codec;
    }

    private Framing accessed(Manner.Access access) {
        return switch (access) {
            case DECODE -> decoding;
            case DIRECT -> framing;
            case BY_TURNS -> byTurns;
        };
    }

    private ByteBuffer arena(int length) {
        ByteBuffer arena = this.arena;
        if (arena == null || arena.capacity() < length) {
            arena = ByteBuffer.allocateDirect(2 * length);
            this.arena = arena;
        }
        return arena;
    }

    /** One stream, sent and read once. */
    private final class Run {

        private final Manner manner;
        private final byte[] stream;
        private final int[] cuts;
        private final List<Event> events = new ArrayList<>();

        /** Frames are looked at in the end only: by then every borrowed chunk has been overwritten. */
        private final List<@Nullable ByteBuffer> kept = new ArrayList<>();

        private final List<FramePart> parts = new ArrayList<>();
        private @Nullable String violation;

        Run(byte[] stream, int[] cuts, Manner manner) {
            this.stream = stream;
            this.cuts = cuts;
            this.manner = manner;
        }

        List<Event> events() {
            try {
                read();
            } catch (Violation e) {
                violated(e.getMessage());
            } catch (Progress.Abandoned e) {
                throw e;
            } catch (Throwable t) {
                events.add(Event.error(t));
            }
            if (violation != null) {
                events.removeIf(Event::isEnd);
                events.add(Event.violation(violation));
            }
            return events;
        }

        private void violated(@Nullable String rule) {
            if (violation == null) {
                violation = rule;
            }
        }

        private void read() {
            FrameCodec codec = manner.mode().codec(codec(accessed(manner.access()), events));
            Flux<ByteBuffer> chunks = new Chunks();
            switch (manner.mode()) {
                case DECODE, ZERO_COPY -> {
                    Sub<ByteBuffer> subscriber = new Sub<>() {
                        @Override
                        void next(ByteBuffer frame) {
                            checkFrame(frame);
                            kept.add(frame);
                            events.add(PENDING);
                        }
                    };
                    subscriber.read(codec.decode(chunks));
                    fillInFrames();
                }
                case PARTS, PARTS_ZERO_COPY -> {
                    Sub<FramePart> subscriber = new Sub<>() {
                        @Override
                        void next(FramePart part) {
                            checkFrame(part.content());
                            Violation.unless(
                                    part.last() || part.content().hasRemaining(),
                                    "a part that is not the last one is empty");
                            parts.add(part);
                            if (part.last()) {
                                events.add(PENDING);
                            }
                        }
                    };
                    subscriber.read(codec.decodeParts(chunks));
                    joinParts();
                    fillInFrames();
                }
                case READ, READ_ZERO_COPY -> {
                    Sub<Event> subscriber = new Sub<>() {
                        @Override
                        void next(Event frame) {
                            events.add(frame);
                        }
                    };
                    subscriber.read(codec.read(chunks, this::lent));
                }
            }
        }

        private Event lent(ByteBuffer frame) {
            Violation.unless(frame.isReadOnly(), "a lent frame can be written to");
            Violation.unless(frame.order() == ByteOrder.BIG_ENDIAN, "a frame's order is not big-endian");
            byte[] bytes = Bytes.of(frame);
            // The reader may do this.
            frame.order(ByteOrder.LITTLE_ENDIAN).position(frame.limit());
            return Event.frame(bytes);
        }

        private void checkFrame(ByteBuffer frame) {
            Violation.unless(frame.position() == 0, "a frame's position is not 0");
            Violation.unless(frame.order() == ByteOrder.BIG_ENDIAN, "a frame's order is not big-endian");
            if (!manner.mode().owned && frame.hasArray()) {
                Violation.unless(
                        frame.arrayOffset() == 0 && frame.array().length == frame.limit(),
                        "a frame's array is not exactly the frame");
            }
        }

        private void fillInFrames() {
            int next = 0;
            for (int i = 0; i < events.size(); i++) {
                if (events.get(i) == PENDING) {
                    ByteBuffer frame = kept.get(next++);
                    if (frame != null) {
                        events.set(i, Event.frame(Bytes.of(frame)));
                    }
                }
            }
        }

        private void joinParts() {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            FramePart previous = null;
            for (FramePart part : parts) {
                if (previous != null && part.frameIndex() != previous.frameIndex()) {
                    Violation.unless(part.frameIndex() > previous.frameIndex(), "the indexes of frames do not grow");
                    frame.reset();
                } else if (previous != null) {
                    Violation.unless(!previous.last(), "a part comes behind the last one of its frame");
                }
                Violation.unless(
                        part.offset() == frame.size(),
                        "the offset of a part is " + part.offset() + " behind parts of " + frame.size() + " bytes");
                frame.writeBytes(Bytes.of(part.content()));
                previous = part;
                if (part.last()) {
                    kept.add(ByteBuffer.wrap(frame.toByteArray()));
                }
            }
        }

        /** Lends or hands over its chunks, one for each that is requested. */
        private final class Chunks extends Flux<ByteBuffer> implements Subscription {

            private @Nullable CoreSubscriber<? super ByteBuffer> actual;
            private int next;
            private int from;
            private int arenaUsed;
            private boolean emptySent;
            private long wanted;
            private boolean sending;
            private boolean ended;

            @Override
            public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
                this.actual = actual;
                actual.onSubscribe(this);
            }

            @Override
            public void request(long n) {
                if (n != 1) {
                    violated("more than one chunk was requested at a time");
                }
                wanted++;
                if (sending) {
                    return;
                }
                sending = true;
                CoreSubscriber<? super ByteBuffer> actual = this.actual;
                while (wanted > 0 && !ended && actual != null) {
                    wanted--;
                    progress.check();
                    if (manner.empties() && !emptySent) {
                        emptySent = true;
                        send(actual, new byte[0]);
                    } else if (next <= cuts.length) {
                        int to = next == cuts.length ? stream.length : cuts[next];
                        byte[] piece = Arrays.copyOfRange(stream, from, to);
                        from = to;
                        next++;
                        emptySent = false;
                        send(actual, piece);
                    } else {
                        ended = true;
                        actual.onComplete();
                    }
                }
                sending = false;
            }

            @Override
            public void cancel() {
                ended = true;
            }

            private void send(CoreSubscriber<? super ByteBuffer> actual, byte[] bytes) {
                BufferKind kind = manner.kind();
                ByteBuffer memory = kind == BufferKind.DIRECT ? direct(bytes) : kind.memory(bytes);
                ByteBuffer chunk = kind.view(memory);
                int position = chunk.position();
                int limit = chunk.limit();
                ByteOrder order = chunk.order();
                actual.onNext(chunk);
                if (chunk.position() != position) {
                    violated("the position of the chunk was changed from " + position + " to " + chunk.position());
                } else if (chunk.limit() != limit) {
                    violated("the limit of the chunk was changed from " + limit + " to " + chunk.limit());
                } else if (chunk.order() != order) {
                    violated("the byte order of the chunk was changed to " + chunk.order());
                } else if (chunk.mismatch(ByteBuffer.wrap(bytes)) != -1) {
                    violated("the bytes of the chunk were changed from " + Bytes.hex(bytes) + " to "
                            + Bytes.hex(Bytes.of(chunk)));
                }
                if (manner.overwritten()) {
                    for (int i = 0; i < memory.capacity(); i++) {
                        memory.put(i, GARBAGE);
                    }
                }
            }

            private ByteBuffer direct(byte[] bytes) {
                ByteBuffer memory = arena(stream.length).slice(arenaUsed, bytes.length);
                arenaUsed += bytes.length;
                return memory.put(0, bytes);
            }
        }

        /** Asks for what the manner says, and no more. */
        private abstract class Sub<T> implements CoreSubscriber<T> {

            private @Nullable Subscription s;
            private long left;
            private boolean ended;

            abstract void next(T value);

            void read(Flux<T> source) {
                source.subscribe(this);
                long most = LONG_STREAM + 2L * stream.length;
                while (!ended && violation == null && left == 0 && manner.asksLater()) {
                    Violation.unless(--most > 0, "frames without end");
                    ask();
                }
                Violation.unless(ended || violation != null, "the sequence does not end");
            }

            private void ask() {
                left = manner.demand();
                if (s != null) {
                    s.request(left);
                }
            }

            @Override
            public void onSubscribe(Subscription s) {
                this.s = s;
                ask();
            }

            @Override
            public void onNext(T value) {
                if (violation != null || ended) {
                    violated("something comes behind the end");
                    return;
                }
                if (left-- <= 0) {
                    violated("more frames than were requested");
                }
                try {
                    next(value);
                } catch (Violation e) {
                    violated(e.getMessage());
                }
                if (violation != null) {
                    if (s != null) {
                        s.cancel();
                    }
                } else if (left == 0 && !manner.asksLater()) {
                    ask();
                }
            }

            @Override
            public void onError(Throwable t) {
                ended = true;
                if (t instanceof Progress.Abandoned e) {
                    throw e;
                }
                if (t instanceof Violation) {
                    violated(t.getMessage());
                } else {
                    events.add(Event.error(t));
                }
            }

            @Override
            public void onComplete() {
                ended = true;
                events.add(Event.COMPLETE);
            }
        }
    }

    /** Stands for a frame that is looked at in the end. */
    private static final Event PENDING = Event.frame(new byte[0]);
}
