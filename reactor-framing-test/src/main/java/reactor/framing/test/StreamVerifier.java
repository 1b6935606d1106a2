package reactor.framing.test;

import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;

/**
 * Proves that one stream of bytes gives what it should, however it is cut, whatever is requested, and whichever
 * operator reads it:
 *
 * <pre>{@code
 * StreamVerifier.of(LengthField.ofSize(1))
 *         .with(codec -> codec.maxFrameLength(9))
 *         .stream("03 61 62 63 02 68")
 *         .yields("frame 61 62 63", "error Truncated #1 @4 2/3");
 * }</pre>
 *
 * <p>{@link FramingEvents} explains the notation. What is varied, and what a failure shows, is as with
 * {@link FramingVerifier}.
 *
 * <p>Immutable: every method that sets something returns a new verifier.
 */
public final class StreamVerifier {

    private static final int MOST_CUTS = 20;

    private final Framing framing;
    private final UnaryOperator<FrameCodec> policy;
    private final boolean skipping;
    private final byte[] stream;
    private final int allCutsUpTo;

    private StreamVerifier(
            Framing framing, UnaryOperator<FrameCodec> policy, boolean skipping, byte[] stream, int allCutsUpTo) {
        this.framing = framing;
        this.policy = policy;
        this.skipping = skipping;
        this.stream = stream;
        this.allCutsUpTo = allCutsUpTo;
    }

    /**
     * Creates a verifier of a stream of no bytes.
     *
     * @param framing reads the stream
     * @return a new verifier
     */
    public static StreamVerifier of(Framing framing) {
        Objects.requireNonNull(framing, "framing");
        return new StreamVerifier(framing, codec -> codec, false, new byte[0], Matrix.ALL_CUTS_UP_TO);
    }

    /**
     * Sets the limit and the like. {@code zeroCopy} and {@code skipInvalid} are the verifier's own to set.
     *
     * @param policy from the codec with the default policy to the one that reads the stream
     * @return a new verifier
     */
    public StreamVerifier with(UnaryOperator<FrameCodec> policy) {
        Objects.requireNonNull(policy, "policy");
        return new StreamVerifier(framing, policy, skipping, stream, allCutsUpTo);
    }

    /**
     * Has faults skipped. The reports of what was skipped are events then.
     *
     * @return a new verifier
     */
    public StreamVerifier skipInvalid() {
        return new StreamVerifier(framing, policy, true, stream, allCutsUpTo);
    }

    /**
     * Sets the stream.
     *
     * @param hex its bytes in hexadecimal; white space is ignored
     * @return a new verifier
     */
    public StreamVerifier stream(String hex) {
        return stream(Bytes.parse(hex));
    }

    /**
     * Sets the stream.
     *
     * @param bytes its bytes
     * @return a new verifier
     */
    public StreamVerifier stream(byte[] bytes) {
        return new StreamVerifier(framing, policy, skipping, bytes.clone(), allCutsUpTo);
    }

    /**
     * Sets the length of a stream up to which it is cut in every way that there is, of which there are 2<sup>n-1</sup>.
     * A longer one is cut at each byte, at all of them, and at random.
     *
     * @param bytes 10 by default, 20 at most
     * @return a new verifier
     * @throws IllegalArgumentException if the length is negative or more than 20
     */
    public StreamVerifier allCutsUpTo(int bytes) {
        if (bytes < 0 || bytes > MOST_CUTS) {
            throw new IllegalArgumentException("allCutsUpTo must be from 0 to " + MOST_CUTS + ", was " + bytes);
        }
        return new StreamVerifier(framing, policy, skipping, stream, bytes);
    }

    /**
     * Proves that these events come.
     *
     * @param events in the notation of {@link FramingEvents}, the last being {@code complete} or {@code error}
     * @throws AssertionError if something else comes
     */
    public void yields(String... events) {
        yields(List.of(events));
    }

    /**
     * Proves that these events come.
     *
     * @param events in the notation of {@link FramingEvents}, the last being {@code complete} or {@code error}
     * @throws AssertionError if something else comes
     */
    public void yields(List<String> events) {
        Input input = new Input.Given(stream, Event.parse(events));
        Progress progress = new Progress();
        Watchdog.run("StreamVerifier", Watchdog.PATIENCE, progress, () -> {
            Runner runner = new Runner(framing, policy, skipping, progress);
            new Matrix(runner, new Random(stream.length), allCutsUpTo).prove(input);
        });
    }

    /**
     * Returns what comes of the stream in one piece; for streams of which not all events are known, but something else.
     *
     * @return the events in the notation of {@link FramingEvents}
     */
    public List<String> events() {
        Progress progress = new Progress();
        return Watchdog.call(
                "StreamVerifier",
                Watchdog.PATIENCE,
                progress,
                () -> new Runner(framing, policy, skipping, progress)
                        .run(stream, new int[0], Manner.USUAL).stream()
                                .map(Event::toString)
                                .toList());
    }
}
