package reactor.framing.test;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import reactor.framing.Framing;

/**
 * Proves that a {@link Framing} keeps its promises, whoever wrote it:
 *
 * <pre>{@code
 * FramingVerifier.of(new OwnFraming()).verify();
 * }</pre>
 *
 * <p>What is proved, on thousands of streams that are made of a seed:
 * <ul>
 * <li>What was encoded is decoded to the same frames, of every length that the encoder takes.
 * <li>The split does not matter: every cut of short streams, random cuts of long ones, single bytes, empty chunks. Nor
 *     does the demand, the kind of buffer (heap, direct, read-only, a slice with an offset, little-endian), the
 *     operator ({@code decode}, {@code decodeParts}, {@code read}, with and without {@code zeroCopy()}), or whether a
 *     frame is decoded or {@linkplain reactor.framing.FrameFinder found}. Every error has the same figures, too.
 * <li>Borrowed chunks are not kept: they are overwritten when {@code onNext} has returned.
 * <li>No buffer that is handed in is changed, by the decoder or by the encoder; the encoder writes no more than it
 *     said. An {@link reactor.framing.EnvelopeEncoder} writes the same around a frame, and around one in pieces,
 *     whatever it is shown of it, as {@code encode}.
 * <li>A stream that ends inside a frame is a {@link reactor.framing.TruncatedFrameException}, at every byte.
 * <li>A frame of exactly the limit passes, one of a byte more does not.
 * <li>Damaged and random bytes give frames or a {@link reactor.framing.FramingException}: no other exception, no loop
 *     without end, no large reservation. With {@code skipInvalid}, the frames and the reports are the same for every
 *     split.
 * <li>A header alone reserves next to nothing, and work grows no faster than the input: calls and allocated bytes are
 *     counted; the processor time of the thread is compared with that of a shorter stream.
 * <li>Decoders share no state.
 * </ul>
 *
 * <p>A failure is an {@link AssertionError}. It shows the case, made as small as it can be: the frames, the bytes with
 * their cuts as in {@code 03 61 | 62 63}, how they were sent and read, what was expected and what came, and the seed.
 *
 * <p>By default frames are random bytes; those that the encoder refuses are passed over. A format that refuses most
 * bytes needs {@linkplain #frames(FrameGenerator) a generator} or {@linkplain #frames(String...) samples}. A format
 * that cannot be written needs {@linkplain #example examples}.
 *
 * <p>Immutable: every method that sets something returns a new verifier.
 */
public final class FramingVerifier {

    /** For {@link #atEnd}: the stream ends in a {@link reactor.framing.TruncatedFrameException}. */
    public static final String TRUNCATED = "truncated";

    private final Settings settings;

    private FramingVerifier(Settings settings) {
        this.settings = settings;
    }

    /**
     * Creates a verifier that needs to be told nothing for a format that carries any bytes.
     *
     * @param framing what is verified
     * @return a new verifier
     */
    public static FramingVerifier of(Framing framing) {
        return new FramingVerifier(new Settings(Objects.requireNonNull(framing, "framing")));
    }

    /**
     * Adds frames that have to be carried.
     *
     * @param hex the bytes of each frame in hexadecimal; white space is ignored
     * @return a new verifier
     */
    public FramingVerifier frames(String... hex) {
        return frames(Arrays.stream(hex).map(Bytes::parse).toArray(byte[][]::new));
    }

    /**
     * Adds frames that have to be carried.
     *
     * @param frames the bytes of each frame
     * @return a new verifier
     */
    public FramingVerifier frames(byte[]... frames) {
        List<byte[]> copies = Arrays.stream(frames).map(byte[]::clone).toList();
        return new FramingVerifier(settings.with(s -> s.samples = Settings.plus(s.samples, copies)));
    }

    /**
     * Sets how frames are made, all of which have to be carried.
     *
     * @param generator makes frames that the format can carry
     * @return a new verifier
     */
    public FramingVerifier frames(FrameGenerator generator) {
        Objects.requireNonNull(generator, "generator");
        return new FramingVerifier(settings.with(s -> s.generator = generator));
    }

    /**
     * Sets the lengths that frames can have, in bytes. Frames of all these lengths have to be carried, and one that is
     * longer has to be refused.
     *
     * @param min the least length
     * @param max the largest length; {@link Integer#MAX_VALUE} if there is none
     * @return a new verifier
     * @throws IllegalArgumentException if {@code min} is negative or more than {@code max}
     */
    public FramingVerifier lengths(int min, int max) {
        if (min < 0 || min > max) {
            throw new IllegalArgumentException("lengths must be from 0 up, were " + min + " and " + max);
        }
        return new FramingVerifier(settings.with(s -> {
            s.minLength = min;
            s.maxLength = max;
            s.hasLengths = true;
        }));
    }

    /**
     * Sets what is decoded of a frame that was encoded, where that is not the same, such as a padded one.
     *
     * @param delivered from the bytes of the frame that was encoded to those of the frame that is delivered
     * @return a new verifier
     */
    public FramingVerifier delivers(UnaryOperator<byte[]> delivered) {
        Objects.requireNonNull(delivered, "delivered");
        return new FramingVerifier(settings.with(s -> s.delivered = delivered));
    }

    /**
     * Sets how a stream ends behind the first bytes of a frame. By default it completes behind none, and is
     * {@link #TRUNCATED} behind some.
     *
     * @param atEnd from the bytes behind the last whole frame to {@code "complete"}, {@link #TRUNCATED}, or a last
     *     frame as {@link FramingEvents#frame(byte[])} gives it, behind which the stream completes
     * @return a new verifier
     */
    public FramingVerifier atEnd(Function<byte[], String> atEnd) {
        Objects.requireNonNull(atEnd, "atEnd");
        return new FramingVerifier(settings.with(s -> s.atEnd = atEnd));
    }

    /**
     * Says that the end of the stream ends a frame as well: bytes behind the last whole frame are one more.
     *
     * @return a new verifier
     */
    public FramingVerifier unterminatedLast() {
        return atEnd(rest -> rest.length == 0 ? FramingEvents.COMPLETE : FramingEvents.frame(rest));
    }

    /**
     * Sets the bytes that mean something to the format: random streams hold many of them. By default, what the encoder
     * writes around frames tells.
     *
     * @param bytes each from 0 to 255, or as a {@code byte}
     * @return a new verifier
     */
    public FramingVerifier alphabet(int... bytes) {
        byte[] alphabet = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] < Byte.MIN_VALUE || bytes[i] > 0xFF) {
                throw new IllegalArgumentException("a byte must be from 0 to 255, was " + bytes[i]);
            }
            alphabet[i] = (byte) bytes[i];
        }
        return new FramingVerifier(settings.with(s -> s.alphabet = alphabet));
    }

    /**
     * Adds frames that the encoder has to refuse with a {@link reactor.framing.FramingException}.
     *
     * @param hex the bytes of each frame in hexadecimal; white space is ignored
     * @return a new verifier
     */
    public FramingVerifier refuses(String... hex) {
        List<byte[]> frames = Arrays.stream(hex).map(Bytes::parse).toList();
        return new FramingVerifier(settings.with(s -> s.refused = Settings.plus(s.refused, frames)));
    }

    /**
     * Adds a stream and the frames that it holds. All else is proved of such streams alone if the format cannot be
     * written.
     *
     * @param stream the bytes of whole frames in hexadecimal; white space is ignored
     * @param frames the bytes of each frame in hexadecimal
     * @return a new verifier
     */
    public FramingVerifier example(String stream, String... frames) {
        Settings.Example example = new Settings.Example(
                Bytes.parse(stream), Arrays.stream(frames).map(Bytes::parse).toList());
        return new FramingVerifier(settings.with(s -> s.examples = Settings.plus(s.examples, List.of(example))));
    }

    /**
     * Sets where all that is random comes from. A failure shows the seed, so that it can be repeated.
     *
     * @param seed 1 by default
     * @return a new verifier
     */
    public FramingVerifier seed(long seed) {
        return new FramingVerifier(settings.with(s -> s.seed = seed));
    }

    /**
     * Sets how many times everything that is random is tried, each time with another seed.
     *
     * @param rounds 1 by default
     * @return a new verifier
     * @throws IllegalArgumentException if the number is not positive
     */
    public FramingVerifier rounds(int rounds) {
        if (rounds <= 0) {
            throw new IllegalArgumentException("rounds must be positive, was " + rounds);
        }
        return new FramingVerifier(settings.with(s -> s.rounds = rounds));
    }

    /**
     * Sets how much processor time one stream may take, after which it counts as a loop without end.
     *
     * @param patience 10 seconds by default
     * @return a new verifier
     * @throws IllegalArgumentException if the time is not positive
     */
    public FramingVerifier patience(Duration patience) {
        if (patience.isZero() || patience.isNegative()) {
            throw new IllegalArgumentException("patience must be positive, was " + patience);
        }
        return new FramingVerifier(settings.with(s -> s.patience = patience));
    }

    /**
     * Proves it all.
     *
     * @throws AssertionError if a promise is not kept
     */
    public void verify() {
        prove();
    }

    /** Returns how many streams were decoded for it. */
    long prove() {
        Progress progress = new Progress();
        for (int round = 0; round < settings.rounds; round++) {
            long seed = settings.seed + round;
            Watchdog.run(
                    "FramingVerifier",
                    settings.patience,
                    progress,
                    () -> new FramingProof(settings.with(s -> s.seed = seed), progress).prove());
        }
        return progress.steps();
    }
}
