package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/**
 * Proves that what comes out of a stream of bytes does not depend on how it is cut, what is requested, what kind of buffer a
 * chunk is, and whether it is overwritten right after {@code onNext}.
 *
 * <p>What came is a list of events: {@code frame 68 69}, {@code skipped ...}, and last {@code complete} or
 * {@code error ...}, the latter two as {@link #describe(Throwable)} gives them. Use:
 *
 * <pre>{@code
 * FramingMatrix.of(LengthField.ofSize(1)).with(codec -> codec.maxFrameLength(9))
 *         .stream("03 61 62 63 02 68").yields("frame 61 62 63", "error Truncated #1 @4 2/3");
 * }</pre>
 */
public final class FramingMatrix {

    /** The longest stream of which all cuts are tried, unless a test asks for more. */
    private static final int ALL_CUTS_UP_TO = 10;

    private static final long[] DEMANDS = {1, 2, 7, Long.MAX_VALUE};
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    private static final byte GARBAGE = (byte) 0xEE;

    /** How a chunk's bytes are held. */
    public enum Kind {
        HEAP,
        DIRECT,
        READ_ONLY,
        OFFSET_SLICE,
        LITTLE_ENDIAN
    }

    /** How the codec is run. */
    public enum Mode {
        BORROWED,
        ZERO_COPY,
        READ,
        READ_ZERO_COPY,
        PARTS,
        PARTS_ZERO_COPY
    }

    /**
     * How the chunks come and who reads them.
     *
     * @param empties whether there are empty chunks between them
     * @param wrapped whether the format's decoder is called by another one, which has to see every chunk
     * @param asksLater whether more is requested when the operator has come to rest, and not from inside onNext
     */
    private record Manner(Kind kind, boolean empties, boolean wrapped, boolean asksLater) {

        static Manner any(Random random) {
            Kind[] kinds = Kind.values();
            return new Manner(
                    kinds[random.nextInt(kinds.length)],
                    random.nextBoolean(),
                    random.nextInt(4) == 0,
                    random.nextBoolean());
        }
    }

    /** A format within a format: sees that every chunk comes by, and every end of a frame. */
    private record Wrapper(Framing framing) implements Framing {

        @Override
        public FrameDecoder newDecoder() {
            FrameDecoder decoder = framing.newDecoder();
            return decoder instanceof FrameFinder finder ? new WatchedFinder(finder) : new WatchedDecoder(decoder);
        }

        @Override
        public FrameEncoder newEncoder() {
            return framing.newEncoder();
        }
    }

    /** Sees that a decoder keeps to what it has to. */
    private static class WatchedDecoder implements FrameDecoder {

        private final FrameDecoder decoder;

        WatchedDecoder(FrameDecoder decoder) {
            this.decoder = decoder;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            int before = chunk.remaining();
            boolean complete = decoder.decode(chunk, frame);
            require(complete || !chunk.hasRemaining(), "a decoder that needs more has read the chunk to its end");
            require(complete || before > 0, "no empty chunk is decoded");
            return complete;
        }

        @Override
        public boolean complete(FrameSink frame) {
            return decoder.complete(frame);
        }
    }

    private static final class WatchedFinder extends WatchedDecoder implements FrameFinder {

        private final FrameFinder finder;
        private int finds;

        WatchedFinder(FrameFinder finder) {
            super(finder);
            this.finder = finder;
        }

        /** Passes on, in turn, nothing, what was found, and that nothing was. */
        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            if (++finds % 3 == 1) {
                return false;
            }
            // it is elsewhere when several frames are found
            int position = chunk.position();
            int elsewhere = finds % 2 == 0 ? 0 : chunk.limit();
            boolean found = finder.find(chunk.position(elsewhere), start, place);
            require(chunk.position() == elsewhere, "finding a frame reads nothing");
            chunk.position(position);
            return found && finds % 3 == 2;
        }
    }

    private final Framing framing;
    private UnaryOperator<FrameCodec> policy = codec -> codec;
    private boolean skipping;
    private byte[] stream = {};
    private int allCutsUpTo = ALL_CUTS_UP_TO;

    private FramingMatrix(Framing framing) {
        this.framing = framing;
    }

    public static FramingMatrix of(Framing framing) {
        return new FramingMatrix(framing);
    }

    /** Sets the codec's limit and the like; not zeroCopy and skipInvalid, which the matrix does itself. */
    public FramingMatrix with(UnaryOperator<FrameCodec> policy) {
        this.policy = policy;
        return this;
    }

    /** Has faults skipped; reports become events. */
    public FramingMatrix skipInvalid() {
        skipping = true;
        return this;
    }

    /** The stream's bytes in hex, white space ignored. */
    public FramingMatrix stream(String hex) {
        return stream(HexFormat.of().parseHex(hex.replaceAll("\\s+", "")));
    }

    public FramingMatrix stream(byte[] bytes) {
        stream = bytes;
        return this;
    }

    /** Sets the length up to which all 2^(n-1) cuts are tried. */
    public FramingMatrix allCutsUpTo(int bytes) {
        allCutsUpTo = bytes;
        return this;
    }

    /** Runs the whole matrix and compares every run's events with these. */
    public void yields(String... events) {
        yields(List.of(events));
    }

    public void yields(List<String> events) {
        // every cut, with the chunks held and sent in changing ways
        Random random = new Random(stream.length);
        for (int[] cuts : cuts()) {
            for (long demand : DEMANDS) {
                for (Mode mode : Mode.values()) {
                    check(events, cuts, demand, mode, Manner.any(random));
                }
            }
        }
        for (int i = 0; i < 6; i++) {
            int[] cuts = i == 0 ? new int[0] : i == 1 ? everyByte() : randomCuts(random);
            for (long demand : DEMANDS) {
                for (Mode mode : Mode.values()) {
                    for (Kind kind : Kind.values()) {
                        check(events, cuts, demand, mode, new Manner(kind, true, false, random.nextBoolean()));
                    }
                }
            }
        }
    }

    /** The events of the stream in one piece; for streams whose events are another matter than their equality. */
    public List<String> events() {
        return run(new int[0], Long.MAX_VALUE, Mode.BORROWED, new Manner(Kind.HEAP, false, false, false));
    }

    private void check(List<String> expected, int[] cuts, long demand, Mode mode, Manner manner) {
        List<String> actual = run(cuts, demand, mode, manner);
        if (!actual.equals(expected)) {
            assertThat(actual)
                    .as(
                            "%s, cut at %s, request(%s), %s, %s, stream %s",
                            framing,
                            Arrays.toString(cuts),
                            demand,
                            mode,
                            manner,
                            HEX.formatHex(stream, 0, Math.min(stream.length, 200)))
                    .isEqualTo(expected);
        }
    }

    private Iterable<int[]> cuts() {
        List<int[]> all = new ArrayList<>();
        if (stream.length > allCutsUpTo) {
            all.add(new int[0]);
            all.add(everyByte());
            for (int i = 1; i < stream.length && stream.length <= 2000; i++) {
                all.add(new int[] {i});
            }
            Random random = new Random(stream.length);
            for (int i = 0; i < 20; i++) {
                all.add(randomCuts(random));
            }
            return all;
        }
        for (int mask = 0; mask < 1 << Math.max(0, stream.length - 1); mask++) {
            int[] cuts = new int[Integer.bitCount(mask)];
            int n = 0;
            for (int i = 0; i < stream.length - 1; i++) {
                if ((mask >> i & 1) != 0) {
                    cuts[n++] = i + 1;
                }
            }
            all.add(cuts);
        }
        return all;
    }

    private int[] everyByte() {
        int[] cuts = new int[Math.max(0, stream.length - 1)];
        Arrays.setAll(cuts, i -> i + 1);
        return cuts;
    }

    private int[] randomCuts(Random random) {
        return stream.length < 2
                ? new int[0]
                : random.ints(1 + random.nextInt(Math.min(stream.length, 64)), 1, stream.length)
                        .sorted()
                        .distinct()
                        .toArray();
    }

    private List<String> run(int[] cuts, long demand, Mode mode, Manner manner) {
        List<String> events = new ArrayList<>();
        FrameCodec codec = policy.apply(FrameCodec.of(manner.wrapped ? new Wrapper(framing) : framing));
        if (skipping) {
            codec = codec.skipInvalid(e -> events.add("skipped " + describe(e)));
        }
        boolean overwrite = mode == Mode.BORROWED || mode == Mode.READ || mode == Mode.PARTS;
        if (!overwrite) {
            codec = codec.zeroCopy();
        }
        List<byte[]> pieces = pieces(cuts, manner.empties);
        Flux<ByteBuffer> chunks = sent(pieces, manner.kind, overwrite);
        if (mode == Mode.BORROWED || mode == Mode.ZERO_COPY) {
            collect(
                    codec.decode(chunks),
                    demand,
                    manner.asksLater,
                    events,
                    new ArrayList<ByteBuffer>(),
                    (frame, kept) -> {
                        checkFrame(frame);
                        kept.add(frame);
                        events.add("frame");
                    });
        } else if (mode == Mode.READ || mode == Mode.READ_ZERO_COPY) {
            drive(codec.read(chunks, FramingMatrix::read), demand, manner.asksLater, events, events::add);
        } else {
            collectParts(codec.decodeParts(chunks), demand, manner.asksLater, events);
        }
        return events;
    }

    /** What a lent frame is, and a buffer that is not left as it was. */
    private static String read(ByteBuffer frame) {
        require(frame.isReadOnly(), "a lent frame is read-only");
        require(frame.order() == ByteOrder.BIG_ENDIAN, "a lent frame is big-endian");
        String event = frame(bytes(frame));
        frame.clear().order(ByteOrder.LITTLE_ENDIAN).mark();
        return event;
    }

    private static void checkFrame(ByteBuffer frame) {
        require(frame.position() == 0, "a frame's position is 0");
        require(frame.order() == ByteOrder.BIG_ENDIAN, "a frame is big-endian");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            fail("violated: " + what);
        }
    }

    private interface OnFrame {
        void accept(ByteBuffer frame, List<ByteBuffer> kept);
    }

    /** Frames are read at the end only: by then every borrowed chunk has been overwritten. */
    private static void collect(
            Publisher<ByteBuffer> frames,
            long demand,
            boolean asksLater,
            List<String> events,
            List<ByteBuffer> kept,
            OnFrame onFrame) {
        drive(frames, demand, asksLater, events, frame -> onFrame.accept(frame, kept));
        int next = 0;
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i).equals("frame")) {
                events.set(i, frame(bytes(kept.get(next++))));
            }
        }
    }

    private static void collectParts(Publisher<FramePart> parts, long demand, boolean asksLater, List<String> events) {
        List<FramePart> kept = new ArrayList<>();
        drive(parts, demand, asksLater, events, part -> {
            checkFrame(part.content());
            require(part.last() || part.content().hasRemaining(), "only a last part is empty");
            kept.add(part);
            if (part.last()) {
                events.add("frame");
            }
        });
        int next = 0;
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        FramePart previous = null;
        for (FramePart part : kept) {
            if (previous != null) {
                boolean same = part.frameIndex() == previous.frameIndex();
                require(part.frameIndex() >= previous.frameIndex(), "frame indices grow");
                require(!same || !previous.last(), "nothing follows a last part");
                if (!same) {
                    frame.reset();
                }
            }
            require(part.offset() == frame.size(), "a part's offset is the length of those before it");
            frame.writeBytes(bytes(part.content()));
            previous = part;
            if (part.last()) {
                while (!events.get(next).equals("frame")) {
                    next++;
                }
                events.set(next, frame(frame.toByteArray()));
            }
        }
    }

    private static <T> void drive(
            Publisher<T> source,
            long demand,
            boolean asksLater,
            List<String> events,
            java.util.function.Consumer<T> onNext) {
        AtomicLong received = new AtomicLong();
        BaseSubscriber<T> subscriber = new BaseSubscriber<>() {
            private long left = demand;

            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(demand);
            }

            @Override
            protected void hookOnNext(T value) {
                require(left-- > 0, "no more than was requested");
                onNext.accept(value);
                received.incrementAndGet();
                if (left == 0) {
                    left = demand;
                    if (!asksLater) {
                        request(demand);
                    }
                }
            }

            @Override
            protected void hookOnComplete() {
                events.add("complete");
            }

            @Override
            protected void hookOnError(Throwable e) {
                events.add("error " + describe(e));
            }
        };
        source.subscribe(subscriber);
        for (long asked = demand; asksLater && received.get() == asked; asked += demand) {
            subscriber.request(demand);
        }
        require(subscriber.isDisposed(), "the sequence has ended");
    }

    /** A source that lends its chunks: what it emitted is garbage when onNext has returned. */
    private static Flux<ByteBuffer> sent(List<byte[]> pieces, Kind kind, boolean overwrite) {
        return Flux.<ByteBuffer, Integer>generate(() -> 0, (i, sink) -> {
                    if (i == pieces.size()) {
                        sink.complete();
                        return i;
                    }
                    Lent lent = new Lent(pieces.get(i), kind);
                    sink.next(lent.chunk);
                    lent.takeBack(overwrite);
                    return i + 1;
                })
                .doOnRequest(n -> require(n == 1, "one chunk is requested at a time"));
    }

    private static final class Lent {

        private final ByteBuffer memory;
        private final ByteBuffer chunk;
        private final byte[] bytes;
        private final int position;
        private final int limit;
        private final ByteOrder order;

        Lent(byte[] bytes, Kind kind) {
            this.bytes = bytes;
            memory = memory(bytes, kind);
            chunk = view(memory, kind);
            position = chunk.position();
            limit = chunk.limit();
            order = chunk.order();
        }

        void takeBack(boolean overwrite) {
            require(
                    chunk.position() == position && chunk.limit() == limit && chunk.order() == order,
                    "the chunk is as it was");
            require(Arrays.equals(bytes(chunk), bytes), "the chunk's bytes are as they were");
            if (overwrite) {
                for (int k = 0; k < memory.capacity(); k++) {
                    memory.put(k, GARBAGE);
                }
            }
        }
    }

    private static ByteBuffer memory(byte[] bytes, Kind kind) {
        int margin = kind == Kind.OFFSET_SLICE ? 5 : 0;
        ByteBuffer memory = kind == Kind.DIRECT
                ? ByteBuffer.allocateDirect(bytes.length + 2 * margin)
                : ByteBuffer.allocate(bytes.length + 2 * margin);
        return memory.put(margin, bytes);
    }

    private static ByteBuffer view(ByteBuffer memory, Kind kind) {
        return switch (kind) {
            case HEAP, DIRECT -> memory.duplicate();
            case READ_ONLY -> memory.asReadOnlyBuffer();
            case LITTLE_ENDIAN -> memory.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            case OFFSET_SLICE ->
                // a position of its own as well as an array offset
                memory.slice(2, memory.capacity() - 3).position(3).limit(memory.capacity() - 7);
        };
    }

    private List<byte[]> pieces(int[] cuts, boolean empties) {
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? stream.length : cuts[i];
            if (empties) {
                pieces.add(new byte[0]);
            }
            pieces.add(Arrays.copyOfRange(stream, from, to));
            from = to;
        }
        if (empties) {
            pieces.add(new byte[0]);
        }
        return pieces;
    }

    /** The event of a frame. */
    public static String frame(byte[] bytes) {
        return "frame " + HEX.formatHex(bytes);
    }

    public static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    public static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s+", ""));
    }

    /**
     * What all splits have in common of an error: {@code Truncated #1 @4 2/3} (frame index, offset, bytes received and
     * expected), {@code TooLong #0 @0 10>9} (length and limit), {@code Corrupt #2 @17}, and {@code +5} behind it if bytes were
     * skipped.
     */
    public static String describe(Throwable e) {
        if (!(e instanceof FramingException fault)) {
            return e.toString();
        }
        String text = e.getClass().getSimpleName().replaceAll("^Frame(?=T)|(Frame)?Exception$", "") + " #"
                + fault.frameIndex() + " @" + fault.offset();
        if (e instanceof TruncatedFrameException truncated) {
            text += " " + truncated.received() + "/" + truncated.expected();
        } else if (e instanceof FrameTooLongException tooLong) {
            text += " " + tooLong.length() + ">" + tooLong.limit();
        }
        return fault.skippedBytes() == 0 ? text : text + " +" + fault.skippedBytes();
    }
}
