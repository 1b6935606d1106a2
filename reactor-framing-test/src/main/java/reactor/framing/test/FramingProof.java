package reactor.framing.test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameWriter;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * All that {@link FramingVerifier} proves, the plainest first: what fails later has not failed for a plainer reason.
 */
final class FramingProof {

    private static final int EVERY_LENGTH_UP_TO = 300;
    private static final int LENGTHS_IN_MANY_WAYS_UP_TO = 40;
    private static final int RULES_OF_EVERY = 13;
    private static final int[] LONG_LENGTHS = {1023, 1024, 4096, 16383, 16384, 65535, 65536, 65537};
    private static final int LONGEST = 1 << 17;

    /** The largest length of which is looked whether the encoder takes it. */
    private static final int LARGEST_FIELD = (1 << 24) + 16;

    private static final int BELOW_THE_LARGEST = 8;
    private static final int MEANINGFUL_FRAMES = 200;
    private static final int STREAMS = 3;
    private static final int[] CUT_SHORT_LENGTHS = {3, 0, 7, 1};
    private static final int[] LIMITS = {2, 3, 17, 255, 256, EVERY_LENGTH_UP_TO};
    private static final int NOISE_LIMIT = 6;
    private static final int NOISE_STREAMS = 2;
    private static final int SHORTLY_TRIED_NOISE_STREAMS = 100;
    private static final int LONGEST_NOISE = 25;
    private static final int SHORT = 20;
    private static final int CHANGED_BYTES = 8;
    private static final int ALL_CUTS_OF_NOISE_UP_TO = 8;
    private static final int ALL_CUTS_OF_CUT_SHORT_UP_TO = 5;
    private static final int CUT_SHORT_IN_ALL_WAYS_UP_TO = 8;

    private final Settings settings;
    private final Framing framing;
    private final Progress progress;
    private final EncoderProof encoder;

    FramingProof(Settings settings, Progress progress) {
        this.settings = settings;
        this.framing = settings.framing;
        this.progress = progress;
        encoder = new EncoderProof(framing, progress);
    }

    void prove() {
        examples_areDecodedAsTheySay();
        if (canBeWritten()) {
            proveWritten(new Frames(settings, encoder));
        } else {
            proveExamples();
        }
    }

    private boolean canBeWritten() {
        try {
            encoder.newEncoder();
            return true;
        } catch (UnsupportedOperationException e) {
            if (settings.examples.isEmpty()) {
                throw new Failure.Report(
                                "this format cannot be written: say with example(stream, frames...) what it reads")
                        .line("framing", framing)
                        .line("came", e)
                        .failure();
            }
            return false;
        }
    }

    private void proveWritten(Frames frames) {
        samples_comeBack(frames);
        everyLength_comesBack(frames);
        whatTheEncoderTakes_comesBack(frames);
        longestFrames_comeBack(frames);
        severalFrames_comeBackForEverySplit(frames);
        severalFrames_areTheSameBytesHoweverWritten(frames);
        byte[] wire = someWire(frames, new Random(settings.seed));
        streams_shareNoState(wire);
        badFrames_areRefused();
        new MemoryProof(framing, progress).prove(frames);
        endInsideAFrame_isTold(frames);
        limit_isExact(frames);
        nextToGoodBytes_giveFramesAndAFramingException(frames);
        anyBytes_giveFramesAndAFramingException(wire, frames.alphabet(), frames);
        new WorkProof(framing, progress, settings.seed).prove(frames);
    }

    private void proveExamples() {
        byte[] alphabet = settings.alphabet;
        for (Settings.Example example : settings.examples) {
            streams_shareNoState(example.wire());
            for (int n = 0; n < example.wire().length; n++) {
                byte[] start = Arrays.copyOf(example.wire(), n);
                matrix(plain(), ALL_CUTS_OF_CUT_SHORT_UP_TO)
                        .prove(new Input.Compared(start, "the stream ends inside a frame"));
            }
            anyBytes_giveFramesAndAFramingException(example.wire(), alphabet == null ? example.wire() : alphabet, null);
        }
        new WorkProof(framing, progress, settings.seed).proveExamples(settings.examples);
    }

    // ---- how it is run

    private Runner plain() {
        return runner(codec -> codec.maxFrameLength(LARGEST_FIELD), false);
    }

    private Runner runner(UnaryOperator<FrameCodec> policy, boolean skipping) {
        return new Runner(framing, policy, skipping, progress);
    }

    private Matrix matrix(Runner runner) {
        return matrix(runner, Matrix.ALL_CUTS_UP_TO);
    }

    private Matrix matrix(Runner runner, int allCutsUpTo) {
        return new Matrix(runner, new Random(settings.seed), allCutsUpTo)
                .repeat("FramingVerifier.of(...).seed(" + settings.seed + ")");
    }

    private Failure.Report report(String headline) {
        return new Failure.Report(headline).line("framing", framing);
    }

    private Input.Written written(Frames frames, List<byte[]> some) {
        try {
            return Input.Written.of(some, frames);
        } catch (FramingException e) {
            for (byte[] frame : some) {
                if (!frames.isAccepted(frame)) {
                    throw refused(frame, e);
                }
            }
            throw report("the encoder refuses a frame behind others that it takes alone")
                    .line("frames", some.stream().map(Bytes::shortHex).toList())
                    .line("came", e)
                    .failure();
        }
    }

    private Failure refused(byte[] frame, FramingException e) {
        return report("the encoder refuses a frame that has to be carried; lengths(), frames() or alphabet() may say "
                        + "what can be")
                .line("frame", Bytes.shortHex(frame))
                .line("came", e)
                .cause(e)
                .failure();
    }

    // ---- what is proved

    private void examples_areDecodedAsTheySay() {
        for (Settings.Example example : settings.examples) {
            List<Event> events = new ArrayList<>();
            example.frames().forEach(frame -> events.add(Event.frame(frame)));
            events.add(Event.COMPLETE);
            matrix(plain()).prove(new Input.Given(example.wire(), events));
        }
    }

    private void samples_comeBack(Frames frames) {
        for (byte[] sample : settings.samples) {
            comesBack(frames, sample);
        }
    }

    private void comesBack(Frames frames, byte[] frame) {
        Input input = written(frames, List.of(frame));
        matrix(plain()).proveSome(input);
        encoder.proveRules(frame);
    }

    private void everyLength_comesBack(Frames frames) {
        Random random = new Random(settings.seed);
        int tried = 0;
        TreeSet<Integer> lengths = new TreeSet<>();
        for (int i = 0; i <= EVERY_LENGTH_UP_TO; i++) {
            lengths.add(i);
            lengths.add((int) Math.min(Integer.MAX_VALUE, (long) settings.minLength + i));
        }
        for (int length : LONG_LENGTHS) {
            lengths.add(length);
        }
        for (int length : lengths) {
            for (byte[] frame : frames.ofLength(random, length)) {
                tried++;
                if (length <= LENGTHS_IN_MANY_WAYS_UP_TO) {
                    comesBack(frames, frame);
                } else if (length <= EVERY_LENGTH_UP_TO) {
                    Input input = written(frames, List.of(frame));
                    Matrix matrix = matrix(plain());
                    matrix.check(input, new int[0], Manner.PLAIN);
                    matrix.check(input, Matrix.everyByte(input.stream().length), Manner.USUAL);
                    matrix.check(input, new int[0], Manner.USUAL);
                    if (length % RULES_OF_EVERY == 0) {
                        encoder.proveRules(frame);
                    }
                } else {
                    comesBackWhole(frames, frame);
                }
            }
        }
        if (tried == 0 && settings.samples.isEmpty()) {
            throw report("the encoder refuses all frames of random bytes: say with frames(...) which it carries")
                    .failure();
        }
    }

    /** Whatever the encoder does not refuse. */
    private void whatTheEncoderTakes_comesBack(Frames frames) {
        Random random = new Random(settings.seed);
        for (int i = 0; i < MEANINGFUL_FRAMES; i++) {
            byte[] frame = frames.meaningful(random, random.nextInt(8));
            if (frames.isAccepted(frame)) {
                Matrix matrix = matrix(plain());
                Input input = settings.generator == null ? written(frames, List.of(frame)) : filledIn(frames, frame);
                matrix.check(input, new int[0], Manner.PLAIN);
                matrix.check(input, Matrix.everyByte(input.stream().length), Manner.USUAL);
            } else {
                encoder.proveRefusedInPieces(frame);
            }
        }
    }

    /**
     * A frame that nobody has said to be good: some of it may be filled in, such as its length, but it is one frame.
     */
    private Input filledIn(Frames frames, byte[] frame) {
        byte[] wire = frames.wire(List.of(frame));
        List<Event> came = plain().run(wire, new int[0], Manner.PLAIN);
        boolean one = came.size() == 2 && came.get(0).isFrame() && came.get(1) == Event.COMPLETE;
        return new Input.Given(wire, one ? came : List.of(Event.frame(frames.delivered(frame)), Event.COMPLETE));
    }

    /** A length that the encoder takes and the decoder does not is most likely the largest of all. */
    private void longestFrames_comeBack(Frames frames) {
        int max = settings.maxLength;
        if (settings.hasLengths && max < LARGEST_FIELD) {
            Random random = new Random(settings.seed);
            for (int length = Math.max(settings.minLength, max - 1); length <= max; length++) {
                for (byte[] frame : frames.ofLength(random, length)) {
                    comesBackWhole(frames, frame);
                }
            }
            if (settings.generator == null) {
                isTooLong(Frames.letters(max + 1));
            } else {
                isTooLong(new byte[max + 1]);
            }
        } else if (settings.generator == null) {
            byte[] letters = Frames.letters(LARGEST_FIELD);
            int longest = isTaken(letters, LARGEST_FIELD) ? LARGEST_FIELD : longestTaken(letters);
            for (int length = longest; length > longest - BELOW_THE_LARGEST && length > 0; length--) {
                byte[] frame = Arrays.copyOf(letters, length);
                if (longest < LARGEST_FIELD && frames.isAccepted(frame)) {
                    comesBackWhole(frames, frame);
                }
            }
        }
    }

    private void comesBackWhole(Frames frames, byte[] frame) {
        Matrix matrix = matrix(plain());
        Input input = written(frames, List.of(frame));
        matrix.check(input, new int[0], Manner.PLAIN);
        int length = input.stream().length;
        if (length > 1) {
            matrix.check(input, new int[] {1}, Manner.USUAL);
            matrix.check(input, new int[] {length / 2}, Manner.USUAL);
            matrix.check(input, new int[] {length - 1}, Manner.USUAL);
        }
    }

    private void isTooLong(byte[] frame) {
        if (encoder.refusal(frame) == null) {
            throw report("the encoder takes a frame that is longer than lengths() says")
                    .line("frame", Bytes.shortHex(frame))
                    .failure();
        }
    }

    /** The largest length that the encoder takes, if it takes all that are shorter. */
    private int longestTaken(byte[] letters) {
        int taken = 0;
        int refused = letters.length + 1;
        while (refused - taken > 1) {
            int length = (taken + refused) >>> 1;
            if (isTaken(letters, length)) {
                taken = length;
            } else {
                refused = length;
            }
        }
        return taken;
    }

    private boolean isTaken(byte[] letters, int length) {
        progress.begin(() -> "tell the encoded length of a frame of " + length + " bytes");
        try {
            encoder.newEncoder()
                    .encodedLength(ByteBuffer.wrap(letters, 0, length).slice());
            return true;
        } catch (FramingException refused) {
            return false;
        }
    }

    private List<byte[]> someFrames(Frames frames, Random random) {
        List<byte[]> some = new ArrayList<>();
        byte[] shortest = frames.shortest(random);
        for (int i = 0; i < 7; i++) {
            byte[] frame = i < 2 || i == 6 ? shortest : frames.some(random);
            if (frame != null) {
                some.add(frame);
            }
        }
        return some;
    }

    private byte[] someWire(Frames frames, Random random) {
        return written(frames, someFrames(frames, random)).stream();
    }

    private void severalFrames_comeBackForEverySplit(Frames frames) {
        Random random = new Random(settings.seed);
        byte[] shortest = Objects.requireNonNull(frames.shortest(random), "no frame");
        Input few = written(frames, List.of(shortest, shortest, shortest));
        matrix(plain()).prove(few);
        for (int i = 0; i < STREAMS; i++) {
            Input input = written(frames, someFrames(frames, random));
            matrix(plain()).prove(input);
            matrix(runner(codec -> codec, true)).prove(input);
        }
    }

    /** By way of every operator that encodes. */
    private void severalFrames_areTheSameBytesHoweverWritten(Frames frames) {
        List<byte[]> all = someFrames(frames, new Random(settings.seed));
        FrameCodec codec = FrameCodec.of(framing);
        for (int n = 1; n <= all.size(); n++) { // the fewest that show it
            List<byte[]> some = all.subList(0, n);
            byte[] wire = frames.wire(some);
            Flux<ByteBuffer> buffers = Flux.fromIterable(some).map(ByteBuffer::wrap);
            areTheSameBytes("encode()", codec.encode(buffers), some, wire);
            areTheSameBytes(
                    "write()", codec.write(Flux.fromIterable(some), (frame, buffer) -> buffer.put(frame)), some, wire);
            for (int chunk : new int[] {1, 16, 1 << 16}) {
                areTheSameBytes("coalesce(" + chunk + ")", codec.coalesce(chunk).encode(buffers), some, wire);
            }
            byte[] around = encoder.writeAround(some);
            if (around != null) {
                areTheSameBytes("before() and behind()", around, some, wire);
            }
            FrameWriter writer = codec.newWriter();
            if (writer.isEnvelope()) {
                areTheSameBytes("writeInPlace()", inPlace(writer, some, wire.length), some, wire);
            }
        }
    }

    private byte[] inPlace(FrameWriter writer, List<byte[]> frames, int wireLength) {
        ByteBuffer target = ByteBuffer.allocateDirect(wireLength + 2 * writer.overhead());
        for (byte[] frame : frames) {
            int position = target.position();
            ByteBuffer tooSmall = target.duplicate().limit(position + Math.max(0, frame.length - 1));
            Violation.unless(
                    frame.length == 0
                            || !writer.writeInPlace(frame, (bytes, place) -> place.put(bytes), tooSmall)
                                    && tooSmall.position() == position,
                    "writeInPlace() wrote a frame of " + frame.length + " bytes where there was room for "
                            + (frame.length - 1));
            Violation.unless(
                    writer.writeInPlace(frame, (bytes, place) -> place.put(bytes), target),
                    "writeInPlace() found no room for a frame of " + frame.length + " bytes");
        }
        return Bytes.of(target.flip());
    }

    private void areTheSameBytes(String operator, Flux<ByteBuffer> written, List<byte[]> frames, byte[] wire) {
        progress.begin(() -> "write frames with " + operator);
        List<ByteBuffer> chunks = written.collectList().block();
        byte[] same = Bytes.join(
                Objects.requireNonNull(chunks).stream().map(Bytes::of).toList());
        areTheSameBytes(operator, same, frames, wire);
    }

    private void areTheSameBytes(String operator, byte[] same, List<byte[]> frames, byte[] wire) {
        if (!Arrays.equals(same, wire)) {
            throw report("frames that are written one after the other are other bytes with " + operator)
                    .line("frames", frames.stream().map(Bytes::shortHex).toList())
                    .line("expected", Bytes.shortHex(wire))
                    .line("came", Bytes.shortHex(same))
                    .failure();
        }
    }

    private void badFrames_areRefused() {
        for (byte[] frame : settings.refused) {
            if (encoder.refusal(frame) == null) {
                throw report("the encoder takes a frame that it has to refuse")
                        .line("frame", Bytes.shortHex(frame))
                        .failure();
            }
        }
    }

    private void endInsideAFrame_isTold(Frames frames) {
        Random random = new Random(settings.seed);
        List<byte[]> before = new ArrayList<>();
        for (int length : CUT_SHORT_LENGTHS) {
            List<byte[]> candidates =
                    frames.ofLength(random, (int) Math.min(settings.maxLength, (long) settings.minLength + length));
            byte[] last = candidates.isEmpty() ? frames.some(random) : candidates.get(0);
            if (last == null) {
                continue;
            }
            int wireLength = frames.wire(List.of(last)).length;
            for (int n = 0; n < wireLength; n++) {
                Matrix matrix = matrix(plain(), ALL_CUTS_OF_CUT_SHORT_UP_TO);
                Input cutShort = new Input.CutShort(List.copyOf(before), last, n, frames, settings.atEnd);
                if (before.size() < 2 && n < CUT_SHORT_IN_ALL_WAYS_UP_TO) {
                    matrix.prove(cutShort);
                } else {
                    matrix.proveEachCut(cutShort);
                }
            }
            before.add(last);
        }
    }

    private void limit_isExact(Frames frames) {
        Random random = new Random(settings.seed);
        TreeSet<Integer> lengths = new TreeSet<>();
        for (int length : LIMITS) {
            lengths.add(length);
        }
        lengths.add(settings.minLength);
        lengths.add(settings.maxLength);
        settings.samples.forEach(sample -> lengths.add(sample.length));
        for (int length : lengths) {
            List<byte[]> candidates =
                    new ArrayList<>(length >= 2 && length <= LONGEST ? frames.ofLength(random, length) : List.of());
            settings.samples.stream()
                    .filter(s -> s.length == length && length >= 2)
                    .forEach(candidates::add);
            for (byte[] frame : candidates) {
                if (frames.delivered(frame).length == length && frame.length == length) {
                    limit_isExact(frames, frame);
                }
            }
        }
    }

    private void limit_isExact(Frames frames, byte[] frame) {
        int length = frame.length;
        int less = length - 1;
        Input whole = written(frames, List.of(frame)).claiming("a frame of exactly the limit does not pass");
        List<Event> refused = List.of(Event.parse("error TooLong #0 @0 " + length + ">" + less));
        Input tooLong =
                new Input.Given(whole.stream(), refused, "a frame of one byte more than the limit is not told as such");
        Matrix atLimit =
                matrix(runner(codec -> codec.maxFrameLength(length), false)).policy(", maxFrameLength(" + length + ")");
        Matrix overLimit =
                matrix(runner(codec -> codec.maxFrameLength(less), false)).policy(", maxFrameLength(" + less + ")");
        if (length <= SHORT) {
            atLimit.prove(whole);
            overLimit.prove(tooLong);
        } else {
            atLimit.proveSome(whole);
            overLimit.proveSome(tooLong);
        }
        encode_keepsToTheLimit(frame, length, null);
        encode_keepsToTheLimit(frame, less, refused.get(0));
    }

    private void encode_keepsToTheLimit(byte[] frame, int limit, @Nullable Event refused) {
        progress.begin(() -> "encode a frame of " + frame.length + " bytes with maxFrameLength(" + limit + ")");
        Event came = FrameCodec.of(framing)
                .maxFrameLength(limit)
                .encode(Flux.just(ByteBuffer.wrap(frame)))
                .map(wire -> Event.COMPLETE)
                .onErrorResume(e -> Flux.just(Event.error(e)))
                .blockLast();
        Event expected = refused == null ? Event.COMPLETE : refused;
        if (!expected.equals(came)) {
            throw report("encode() does not keep to the limit of " + limit + " bytes")
                    .line("frame", Bytes.shortHex(frame))
                    .line("expected", expected)
                    .line("came", String.valueOf(came))
                    .failure();
        }
    }

    /** The bytes of a frame, of which one is one more or less: lengths that are the first ones not to be good. */
    private void nextToGoodBytes_giveFramesAndAFramingException(Frames frames) {
        List<byte[]> good = new ArrayList<>();
        for (int i = SHORT; i >= 0 && good.size() < 2; i--) {
            long length = Math.min(settings.maxLength, (long) settings.minLength + i);
            good.addAll(frames.ofLength(new Random(settings.seed), (int) length));
        }
        byte[] shortest = frames.shortest(new Random(settings.seed));
        if (shortest != null) {
            good.add(shortest);
        }
        for (byte[] frame : good) {
            byte[] wire = frames.wire(List.of(frame));
            for (int at = 0; at < Math.min(wire.length, CHANGED_BYTES); at++) {
                for (int change : new int[] {1, -1}) {
                    byte[] changed = Arrays.copyOf(wire, wire.length + Math.max(0, change));
                    changed[at] += (byte) change;
                    for (boolean skipping : new boolean[] {false, true}) {
                        matrix(runner(codec -> codec.maxFrameLength(LARGEST_FIELD), skipping))
                                .proveEachCut(new Input.Compared(changed, "a damaged stream"));
                    }
                }
            }
        }
    }

    private void anyBytes_giveFramesAndAFramingException(byte[] wire, byte[] alphabet, @Nullable Frames frames) {
        Random random = new Random(settings.seed);
        for (int i = 0; i < SHORTLY_TRIED_NOISE_STREAMS; i++) {
            Input.Compared noise = new Input.Compared(noise(random, alphabet), "random bytes");
            Input.Compared damaged = new Input.Compared(damaged(random, wire, alphabet), "a damaged stream");
            for (Input.Compared input : List.of(noise, damaged)) {
                for (boolean skipping : new boolean[] {false, true}) {
                    anyBytes(runner(codec -> codec.maxFrameLength(NOISE_LIMIT), skipping), input.again(), frames, i);
                }
                // with a limit that lets a large length pass
                new MemoryProof(framing, progress).prove(input.stream(), input.claim());
                matrix(plain(), 0).proveEachCut(input);
            }
        }
    }

    private void anyBytes(Runner runner, Input input, @Nullable Frames frames, int number) {
        Matrix matrix = matrix(runner, ALL_CUTS_OF_NOISE_UP_TO).policy(", maxFrameLength(" + NOISE_LIMIT + ")");
        if (number < NOISE_STREAMS) {
            matrix.prove(input);
        } else {
            matrix.proveEachCut(input);
        }
        for (Event event : input.expected(runner)) {
            if (frames != null && event.isFrame() && frames.isAccepted(event.bytes())) {
                Input back = new Input.Given(
                        frames.wire(List.of(event.bytes())),
                        List.of(Event.frame(frames.delivered(event.bytes())), Event.COMPLETE));
                matrix(plain()).check(back, new int[0], Manner.PLAIN);
            }
        }
    }

    private static byte[] noise(Random random, byte[] alphabet) {
        byte[] bytes = new byte[1 + random.nextInt(LONGEST_NOISE)];
        random.nextBytes(bytes);
        boolean few = random.nextBoolean();
        for (int i = 0; i < bytes.length; i++) {
            if (few || random.nextBoolean()) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
        }
        return bytes;
    }

    /** A good stream of which a byte is another, is missing, or is there twice. */
    private static byte[] damaged(Random random, byte[] wire, byte[] alphabet) {
        byte[] bytes = wire.length > 2 * LONGEST_NOISE ? Arrays.copyOf(wire, 2 * LONGEST_NOISE) : wire.clone();
        for (int i = 0; i < 1 + random.nextInt(2) && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 5 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
                case 1 -> bytes[at] = alphabet[random.nextInt(alphabet.length)];
                case 2 -> bytes = Bytes.without(bytes, at, at + 1);
                case 3 ->
                    bytes = Bytes.concat(Arrays.copyOf(bytes, at + 1), Arrays.copyOfRange(bytes, at, bytes.length));
                default -> bytes = Bytes.without(bytes, at, at + random.nextInt(bytes.length - at + 1));
            }
        }
        return bytes;
    }

    /** Three streams at the same time, of which one has ended inside a frame before. */
    private void streams_shareNoState(byte[] wire) {
        Interleaved.prove(plain(), wire, this::report);
    }
}
