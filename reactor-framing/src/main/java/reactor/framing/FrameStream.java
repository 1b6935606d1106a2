package reactor.framing;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The frames of one stream of chunks, for one subscriber after the other: each goes on where the one before it was
 * cancelled. Made by {@link FrameCodec#open(Publisher)}; it is what brings frames to a transport, as
 * {@code reactor.framing.netty.FramedConnection} does for Reactor Netty.
 *
 * <p>There is one subscriber at a time; a second one meanwhile gets an {@link IllegalStateException}. When a subscriber
 * cancels, its demand is forgotten, and what has arrived stays for the next. A subscriber that comes after the end gets
 * the same end. A frame of which parts have been delivered and the rest has not is passed over unless {@link
 * #receiveParts()} goes on with it.
 *
 * <p>Demand is kept to as by {@link FrameCodec#decode}: one chunk at a time is requested, and only while frames are
 * wanted.
 */
public final class FrameStream {

    /**
     * Makes something of a frame that shares the memory of the chunk in which the frame lies.
     *
     * @param <T> what is made
     */
    public interface Slicer<T> {

        /**
         * Makes something of a frame that lies in one chunk.
         *
         * @param chunk the chunk as it was emitted, not to be changed
         * @param start the index in the chunk at which the frame begins
         * @param length the length of the frame, in bytes
         * @return what is emitted
         */
        T slice(ByteBuffer chunk, int start, int length);

        /**
         * Makes something of a frame that several chunks have brought.
         *
         * @param frame the frame, between its position and its limit, valid until the method returns
         * @return what is emitted
         */
        T copy(ByteBuffer frame);
    }

    /**
     * Bytes of a frame that several chunks have brought.
     *
     * @param bytes where they are: a chunk as it was emitted, not to be changed, or memory that is valid for the length
     *     of the call
     * @param start the index of the first one
     * @param length how many they are
     * @param isOfChunk whether they are in a chunk
     */
    public record Piece(ByteBuffer bytes, int start, int length, boolean isOfChunk) {}

    /**
     * A slicer that can put a frame together of pieces: what several chunks have brought of it can then stay in them
     * instead of being copied.
     *
     * @param <T> what is made
     */
    public interface Joiner<T> extends Slicer<T> {

        /**
         * Tells whether bytes stay in their chunk until the frame that they belong to is whole. The chunk is not handed
         * back before that. If not, they are copied.
         *
         * @param chunk the chunk as it was emitted
         * @param length how many of its bytes belong to the frame
         * @return whether to keep the chunk
         */
        boolean keeps(ByteBuffer chunk, int length);

        /**
         * Makes something of a frame, some bytes of which are in chunks.
         *
         * @param pieces the frame's bytes, in their order
         * @return what is emitted
         */
        T join(List<Piece> pieces);
    }

    private final DecodeSubscriber chunks;
    private final boolean slices;

    FrameStream(
            Publisher<? extends ByteBuffer> source,
            CodecSettings settings,
            @Nullable Consumer<? super ByteBuffer> handBack) {
        chunks = new DecodeSubscriber(settings, false, handBack);
        slices = settings.zeroCopy() && handBack == null;
        source.subscribe(chunks);
    }

    /**
     * Returns the frames, for the subscriber to keep; see {@link FrameCodec#decode}.
     *
     * @return the frames
     */
    public Flux<ByteBuffer> receive() {
        return Frames.of(chunks, context -> new WholeFrames(slices));
    }

    /**
     * Lends each frame to the function; see {@link FrameCodec#read}.
     *
     * @param <T> what the function makes of a frame
     * @param reader is lent each frame
     * @return what the function returns
     */
    public <T> Flux<T> receive(Function<? super ByteBuffer, ? extends T> reader) {
        Objects.requireNonNull(reader, "reader");
        return Frames.of(chunks, context -> new LentFrames<T>(reader, context));
    }

    /**
     * Has something made of each frame that shares the chunk's memory where it can; for chunks whose memory is counted
     * by reference. A {@link Joiner} has long frames without a copy, too.
     *
     * @param <T> what is made of a frame
     * @param slicer makes it
     * @return what the slicer returns
     */
    public <T> Flux<T> receive(Slicer<? extends T> slicer) {
        Objects.requireNonNull(slicer, "slicer");
        return Frames.of(chunks, context -> new SlicedFrames<T>(slicer));
    }

    /**
     * Returns parts of frames, each when it has arrived; see {@link FrameCodec#decodeParts}.
     *
     * @return the parts
     */
    public Flux<FramePart> receiveParts() {
        return Frames.of(chunks, context -> new FrameParts(slices));
    }

    /**
     * Tells whether somebody reads.
     *
     * @return whether there is a subscriber now
     */
    public boolean hasSubscriber() {
        return chunks.downstream != null;
    }

    /**
     * Tells whether anybody has ever read.
     *
     * @return whether there is a subscriber, or was one
     */
    public boolean wasSubscribed() {
        return chunks.wasSubscribed;
    }

    /**
     * Tells whether anybody who reads has learned that nothing more comes.
     *
     * @return whether a subscriber has been told the end
     */
    public boolean isEndTold() {
        return chunks.endTold;
    }

    /**
     * Goes on by another framing and policy from the next frame on, whose first byte has not been read. A frame that
     * has begun ends by the framing in use; so this is called from inside the subscriber that gets the last frame
     * before the change, or while no frame is wanted. No byte is lost. Of the codec, {@link FrameCodec#zeroCopy()} has
     * no effect here.
     *
     * @param codec the framing and its policy
     */
    public void switchTo(FrameCodec codec) {
        chunks.switchTo(codec.settings());
    }

    /**
     * Tells how many bytes have arrived here and belong to no frame that has been delivered.
     *
     * @return how many; -1 as long as a subscriber is inside {@code onNext}, or about to be
     */
    public int unread() {
        return chunks.isDraining() ? -1 : chunks.buffered();
    }

    /**
     * From now on a frame that the end of the chunks cuts is dropped, and the stream completes; for a transport that
     * stops reading.
     */
    public void dropPartialFrame() {
        chunks.dropPartialFrame = true;
    }

    /**
     * From now on every chunk is handed back at once, and what has not been read of it is copied; for a transport that
     * is closed, of which nobody may read the rest.
     */
    public void handBackAtOnce() {
        chunks.chunk.handBackAtOnce();
        chunks.drain();
    }

    /**
     * Gives up what has arrived and cancels the source. Whoever subscribes or has subscribed gets the error.
     *
     * @param reason why
     */
    public void abort(Throwable reason) {
        chunks.abort(Objects.requireNonNull(reason, "reason"));
    }

    private static final class Frames<T> extends Flux<T> implements Scannable {

        private final DecodeSubscriber chunks;
        private final Downstream.Deliveries<T> deliveries;

        private Frames(DecodeSubscriber chunks, Downstream.Deliveries<T> deliveries) {
            this.chunks = chunks;
            this.deliveries = deliveries;
        }

        static <T> Flux<T> of(DecodeSubscriber chunks, Downstream.Deliveries<T> deliveries) {
            return onAssembly(new Frames<>(chunks, deliveries));
        }

        @Override
        public void subscribe(CoreSubscriber<? super T> actual) {
            Downstream<T> downstream = new Downstream<>(chunks, actual, deliveries.apply(actual.currentContext()));
            if (chunks.add(downstream)) {
                downstream.start();
            } else {
                Operators.error(actual, new IllegalStateException("receive() has a subscriber already"));
            }
        }

        @Override
        @SuppressWarnings("rawtypes") // as declared in Scannable
        public @Nullable Object scanUnsafe(Attr key) {
            return key == Attr.PARENT ? chunks : chunks.scanUnsafe(key);
        }
    }
}
