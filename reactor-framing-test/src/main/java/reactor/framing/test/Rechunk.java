package reactor.framing.test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Cuts a stream of bytes into other chunks, as a network does. For {@link Flux#transform}:
 *
 * <pre>{@code
 * StepVerifier.create(frames.transform(codec::encode)
 *                 .transform(Rechunk.byteByByte())
 *                 .transform(codec::decode))
 *         .expectNext(...)
 * }</pre>
 *
 * <p>One chunk is emitted for each that is requested, and the source is asked for one buffer at a time, like a socket
 * that is read when somebody wants to. A chunk joins the bytes of several buffers, or takes part of one. It is shorter
 * than its size only when the source has no more at hand, that is, emits nothing at once when it is asked: bytes are
 * never held back while somebody wants them. From a source that emits when asked, the chunks are the same in every run.
 *
 * <p>The source's buffers are copied and left as they are. An error of the source comes behind the bytes before it.
 *
 * <p>Immutable: the methods that are not static return a copy. All state is made for each subscription, and every
 * subscription gets the same chunks.
 */
public final class Rechunk implements Function<Publisher<? extends ByteBuffer>, Flux<ByteBuffer>> {

    private static final int MAX_RANDOM = 1024;

    /** The sizes of one subscription's chunks. */
    interface Sizes {
        /**
         * @param offset how many bytes of the stream were in the chunks before
         * @return how many bytes the next one has, at least 1
         */
        int next(long offset);
    }

    /** Starts anew for each subscription. */
    interface SizesFactory {
        Sizes start();
    }

    private final SizesFactory sizes;
    private final String name;
    private final boolean emptyChunks;
    private final boolean overwritten;

    private Rechunk(SizesFactory sizes, String name, boolean emptyChunks, boolean overwritten) {
        this.sizes = sizes;
        this.name = name;
        this.emptyChunks = emptyChunks;
        this.overwritten = overwritten;
    }

    private static Rechunk of(String name, SizesFactory sizes) {
        return new Rechunk(sizes, name, false, false);
    }

    /**
     * Cuts into chunks of one size; the last one may be shorter.
     *
     * @param bytes the size; {@link Integer#MAX_VALUE} for all that the source has at hand in one chunk
     * @return what cuts
     * @throws IllegalArgumentException if the size is not positive
     */
    public static Rechunk ofSize(int bytes) {
        checkPositive(bytes, "size");
        return of("Rechunk.ofSize(" + bytes + ")", () -> offset -> bytes);
    }

    /**
     * Cuts into chunks of a single byte: every place in which a frame can be cut is one.
     *
     * @return what cuts
     */
    public static Rechunk byteByByte() {
        return ofSize(1);
    }

    /**
     * Cuts into chunks of random sizes from 1 to 1,024 bytes, of which small ones are as frequent as large ones.
     *
     * @param seed the same seed gives the same sizes
     * @return what cuts
     */
    public static Rechunk random(long seed) {
        return random(seed, MAX_RANDOM);
    }

    /**
     * Cuts into chunks of random sizes, of which small ones are as frequent as large ones.
     *
     * @param seed the same seed gives the same sizes
     * @param maxBytes the largest size
     * @return what cuts
     * @throws IllegalArgumentException if the largest size is not positive
     */
    public static Rechunk random(long seed, int maxBytes) {
        checkPositive(maxBytes, "maxBytes");
        return of("Rechunk.random(" + seed + ", " + maxBytes + ")", () -> {
            Random random = new Random(seed);
            int bits = Integer.SIZE - Integer.numberOfLeadingZeros(maxBytes);
            return offset -> {
                int upTo = (int) Math.min(maxBytes, (1L << 1 + random.nextInt(bits)) - 1);
                return 1 + random.nextInt(upTo);
            };
        });
    }

    /**
     * Cuts at these places; all behind the last one is one chunk.
     *
     * @param offsets stream offsets in ascending order, each more than 0: how many bytes come before the cut
     * @return what cuts
     * @throws IllegalArgumentException if the offsets are not in ascending order
     */
    public static Rechunk at(long... offsets) {
        long[] cuts = offsets.clone();
        for (int i = 0; i < cuts.length; i++) {
            if (cuts[i] <= (i == 0 ? 0 : cuts[i - 1])) {
                throw new IllegalArgumentException(
                        "offsets must be ascending and more than 0, were " + Arrays.toString(cuts));
            }
        }
        String list = Arrays.toString(cuts);
        return of("Rechunk.at(" + list.substring(1, list.length() - 1) + ")", () -> offset -> {
            int next = Arrays.binarySearch(cuts, offset + 1);
            int i = next < 0 ? -next - 1 : next;
            return i == cuts.length ? Integer.MAX_VALUE : (int) Math.min(cuts[i] - offset, Integer.MAX_VALUE);
        });
    }

    /**
     * Puts an empty chunk in front of every chunk. Each counts as one against the demand.
     *
     * @return a copy that does
     */
    public Rechunk withEmptyChunks() {
        return new Rechunk(sizes, name, true, overwritten);
    }

    /**
     * Lends the chunks: each is filled with the byte {@code EE} when {@code onNext} has returned. That is how Reactor
     * Netty's {@code receive().asByteBuffer()} behaves, whose memory is used again for what comes next, and shows who
     * keeps a chunk that is not to be kept.
     *
     * @return a copy that does
     */
    public Rechunk overwritten() {
        return new Rechunk(sizes, name, emptyChunks, true);
    }

    /**
     * Cuts a stream.
     *
     * @param bytes the stream, in buffers that are read between their position and their limit
     * @return the same bytes in other chunks
     */
    @Override
    public Flux<ByteBuffer> apply(Publisher<? extends ByteBuffer> bytes) {
        return FluxRechunk.create(bytes, this);
    }

    Sizes sizes() {
        return sizes.start();
    }

    boolean hasEmptyChunks() {
        return emptyChunks;
    }

    boolean isOverwritten() {
        return overwritten;
    }

    @Override
    public String toString() {
        return name + (emptyChunks ? ".withEmptyChunks()" : "") + (overwritten ? ".overwritten()" : "");
    }

    private static void checkPositive(int value, String what) {
        if (value <= 0) {
            throw new IllegalArgumentException(what + " must be positive, was " + value);
        }
    }
}
