package reactor.framing;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A {@link Framing} and the policy it is run with. Its methods are operators:
 *
 * <pre>{@code
 * FrameCodec codec = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20);
 *
 * Flux<ByteBuffer> frames = chunks.transform(codec::decode);
 * Flux<ByteBuffer> bytes = frames.transform(codec::encode);
 * }</pre>
 *
 * <p>A codec is immutable: every method that sets something returns a new codec. All state is made for each
 * subscription, so that one codec serves all connections and {@code retry} or {@code repeat} start afresh.
 */
public final class FrameCodec {

    private final CodecSettings settings;

    private FrameCodec(CodecSettings settings) {
        this.settings = settings;
    }

    /**
     * Creates a codec with the default policy: frames of up to 8 MiB, borrowed chunks, the first fault ends the stream,
     * no timeout.
     *
     * @param framing the wire format
     * @return a new codec
     */
    public static FrameCodec of(Framing framing) {
        Objects.requireNonNull(framing, "framing");
        return new FrameCodec(CodecSettings.of(framing));
    }

    /**
     * Limits the length of a frame as it is delivered, in both directions. A longer frame is a
     * {@link FrameTooLongException}: where the format declares lengths, as soon as the length has been read.
     *
     * @param bytes the largest length allowed, in bytes; {@link #decode} never goes beyond the largest array
     * @return a new codec
     * @throws IllegalArgumentException if the number is not positive
     */
    public FrameCodec maxFrameLength(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("maxFrameLength must be positive, was " + bytes);
        }
        return new FrameCodec(settings.withMaxFrameLength(bytes));
    }

    /**
     * Takes chunks as owned: whoever emits them never changes, reuses or releases them. A frame that lies in one chunk
     * is then a slice of it; one that spans chunks is copied once. A slice keeps its chunk's memory alive and is
     * read-only if the chunk is.
     *
     * <p>Not for what Reactor Netty's {@code receive().asByteBuffer()} emits: those chunks are released when
     * {@code onNext} returns.
     *
     * @return a new codec
     */
    public FrameCodec zeroCopy() {
        return new FrameCodec(settings.withZeroCopy());
    }

    /**
     * Passes over frames that are bad instead of ending the stream. Each fault is reported once what is bad has been
     * passed over, that is, when the next frame begins or the stream ends, in the order of the stream; a run of noise
     * is one report. {@link FramingException#skippedBytes()} tells how much was passed over.
     *
     * <p>What can be passed over is the format's to say. Faults behind which there is no way back, truncation, timeouts
     * and everything in {@link #encode} end the stream all the same, and so does a callback that throws, with its
     * exception.
     *
     * @param onSkipped is told of every fault
     * @return a new codec
     */
    public FrameCodec skipInvalid(Consumer<? super FramingException> onSkipped) {
        return skipInvalid(onSkipped, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * Passes over frames that are bad, like {@link #skipInvalid(Consumer)}, up to a limit: the fault that exceeds one
     * of the limits ends the stream as if faults were not skipped.
     *
     * @param onSkipped is told of every fault
     * @param maxInARow how many faults may follow one another with no good frame between them
     * @param maxBytes how many bytes may be passed over because of one fault
     * @return a new codec
     * @throws IllegalArgumentException if a limit is not positive
     */
    public FrameCodec skipInvalid(Consumer<? super FramingException> onSkipped, int maxInARow, long maxBytes) {
        Objects.requireNonNull(onSkipped, "onSkipped");
        if (maxInARow <= 0) {
            throw new IllegalArgumentException("maxInARow must be positive, was " + maxInARow);
        }
        if (maxBytes <= 0) {
            throw new IllegalArgumentException("maxBytes must be positive, was " + maxBytes);
        }
        return new FrameCodec(settings.withSkipPolicy(new Faults.SkipPolicy(onSkipped, maxInARow, maxBytes)));
    }

    /**
     * Limits the time that a frame may take from its first byte to its last, on {@link Schedulers#parallel()}; see
     * {@link #frameTimeout(Duration, Scheduler)}.
     *
     * @param timeout the time for one frame
     * @return a new codec
     * @throws IllegalArgumentException if the duration is not positive
     */
    public FrameCodec frameTimeout(Duration timeout) {
        return frameTimeout(timeout, Schedulers::parallel);
    }

    /**
     * Limits the time that a frame may take from its first byte to its last. Only the time in which bytes are waited
     * for counts: not the time between frames, nor that in which the subscriber has no demand or is working on a frame.
     * A frame that takes longer is a {@link FrameTimeoutException}, also when single bytes of it keep coming.
     *
     * @param timeout the time for one frame
     * @param scheduler the clock
     * @return a new codec
     * @throws IllegalArgumentException if the duration is not positive
     */
    public FrameCodec frameTimeout(Duration timeout, Scheduler scheduler) {
        Objects.requireNonNull(scheduler, "scheduler");
        return frameTimeout(timeout, () -> scheduler);
    }

    private FrameCodec frameTimeout(Duration timeout, Supplier<Scheduler> scheduler) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("frameTimeout must be positive, was " + timeout);
        }
        return new FrameCodec(settings.withTimeout(new FrameTimer.Timeout(timeout, scheduler)));
    }

    /**
     * Has {@link #encode} pack the frames that are at hand into chunks of up to this many bytes, instead of writing one
     * buffer for each. Nothing is waited for: a frame that arrives alone leaves at once, alone. A frame that does not
     * fit into a chunk gets one of its own.
     *
     * <p><img src="doc-files/coalesce.svg" alt="Three frames at hand leave in one buffer, one that comes alone leaves
     * at once">
     *
     * <p>Demand then counts chunks. Up to {@link reactor.util.concurrent.Queues#SMALL_BUFFER_SIZE} frames are
     * requested in advance and wait for demand, unless the source can be asked for the frames that it has (operator
     * fusion). Frames that a source produces synchronously, when asked, count as at hand: if it blocks for the next
     * one, those before it wait. {@code hide().publishOn(...)} behind such a source has them leave.
     *
     * @param maxChunkLength the largest chunk made of several frames, in bytes; 65,536 suits TCP
     * @return a new codec
     * @throws IllegalArgumentException if the number is not positive
     */
    public FrameCodec coalesce(int maxChunkLength) {
        if (maxChunkLength <= 0) {
            throw new IllegalArgumentException("coalesce must be positive, was " + maxChunkLength);
        }
        return new FrameCodec(settings.withMaxChunkLength(maxChunkLength));
    }

    /**
     * Tells whether chunks are taken as owned.
     *
     * @return true if this codec was made with {@link #zeroCopy()}
     */
    public boolean isZeroCopy() {
        return settings.zeroCopy();
    }

    /**
     * Cuts a stream of bytes into frames.
     *
     * <p><img src="doc-files/decode.svg" alt="Chunks that are cut anywhere become whole frames">
     *
     * <p>Never more frames are emitted than were requested. One chunk at a time is requested from upstream, also under
     * unbounded demand, and only while frames are wanted and none can be cut from what is held: at most one chunk and
     * one partial frame are held, however slow the subscriber. The end of the stream is reported without further
     * demand.
     *
     * <p>Chunks may be cut anywhere and may be empty. They are read between their position and their limit and are not
     * changed. By default they are borrowed: valid only until {@code onNext} returns. When the demand ends inside a
     * borrowed chunk, its unread rest is copied; so a large chunk that stays valid, such as a mapped file, is better
     * taken with {@link #zeroCopy()}. The frames are the subscriber's to keep, with position 0, the limit at their
     * length and big-endian order; a frame's array is exactly the frame.
     *
     * <p><strong>Discard Support:</strong> on cancellation or error, the unread rest of the chunk that is held, the
     * partial frame and a frame that was not emitted are discarded.
     *
     * <p><strong>Errors:</strong> a fault in the stream is a {@link FramingException}, after the frames before it; a
     * stream that ends inside a frame is a {@link TruncatedFrameException}. An error from upstream comes after the
     * complete frames that arrived before it. Whatever a decoder throws ends the stream, an {@link OutOfMemoryError}
     * included.
     *
     * @param chunks the bytes, in chunks cut anywhere
     * @return the frames
     */
    public Flux<ByteBuffer> decode(Publisher<? extends ByteBuffer> chunks) {
        return FluxDecode.create(from(chunks, "chunks"), settings, context -> new WholeFrames(settings.zeroCopy()));
    }

    /**
     * Cuts a stream of bytes into parts of frames: of each chunk, what it brings of a frame, so that memory is bounded
     * by the chunk for frames of any length. There is at most one part for each frame and chunk; every part counts as
     * one against the demand. A frame whose end is found later than its bytes, and an empty one, end in an empty last
     * part.
     *
     * <p><img src="doc-files/decodeParts.svg" alt="Each chunk gives its part of a frame at once">
     *
     * <p>One part after the other, with none requested in advance; the part with the offset 0 begins a frame:
     *
     * <pre>{@code
     * codec.maxFrameLength(Long.MAX_VALUE).decodeParts(chunks)
     *      .concatMap(part -> part.offset() == 0 ? store.create(part) : store.append(part), 0)
     * }</pre>
     *
     * <p>A frame that proves bad half-way ends in the error. Under {@link #skipInvalid} it is reported and abandoned:
     * the next part has the offset 0 and another {@link FramePart#frameIndex()}, although no part of the frame before
     * it was {@linkplain FramePart#last() last}. Without {@code skipInvalid}, a window for each frame will do, if it is
     * told to request one part at a time: {@code windowUntil(FramePart::last, false, 1)}. By default a window requests
     * 256 parts in advance.
     *
     * <p>Demand, ownership, discarding and errors are those of {@link #decode}.
     *
     * @param chunks the bytes, in chunks cut anywhere
     * @return the parts
     */
    public Flux<FramePart> decodeParts(Publisher<? extends ByteBuffer> chunks) {
        return FluxDecode.create(from(chunks, "chunks"), settings, context -> new FrameParts(settings.zeroCopy()));
    }

    /**
     * Decodes, and lends each frame to the function, which makes something of it that lasts: an object, a number, a
     * copy. Nothing is allocated or copied for a frame that lies in one chunk, and the memory for one that spans chunks
     * is used again for the next.
     *
     * <p><img src="doc-files/read.svg" alt="Each frame is lent to the function, whose results are emitted">
     *
     * <pre>{@code
     * Flux<Order> orders = codec.read(chunks, frame -> new Order(frame.getLong(), frame.getInt()));
     * }</pre>
     *
     * <p>The function is called once for each frame that is wanted, in order. The frame lies between the buffer's
     * position and its limit; the position need not be 0. The buffer is read-only, big-endian, and valid until the
     * function returns: what is kept longer shows other bytes later.
     *
     * <p>Null, and an exception that the function throws, end the stream as in {@link Flux#map}. A
     * {@link FramingException} is a fault of that frame, such as a wrong checksum: the place in the stream is filled
     * in, and under {@link #skipInvalid} it is reported and the frame passed over.
     *
     * <p>Demand, discarding and errors are those of {@link #decode}; chunks may be borrowed. {@link #zeroCopy()}
     * changes nothing but that the rest of a chunk, for which there is no demand, is not copied.
     *
     * @param <T> what the function makes of a frame
     * @param chunks the bytes, in chunks cut anywhere
     * @param reader is lent each frame
     * @return what the function returns
     */
    public <T> Flux<T> read(Publisher<? extends ByteBuffer> chunks, Function<? super ByteBuffer, ? extends T> reader) {
        Objects.requireNonNull(reader, "reader");
        return FluxDecode.create(from(chunks, "chunks"), settings, context -> new LentFrames<T>(reader, context));
    }

    /**
     * Starts decoding a stream whose frames are for one subscriber after the other. The source is subscribed to at
     * once, and requested from when frames are wanted.
     *
     * @param chunks the bytes, in chunks cut anywhere
     * @return the frames
     */
    public FrameStream open(Publisher<? extends ByteBuffer> chunks) {
        return new FrameStream(from(chunks, "chunks"), settings, null);
    }

    /**
     * Starts decoding a stream, like {@link #open(Publisher)}, whose chunks stay valid until they are handed back: no
     * rest of a chunk is copied when the demand ends inside it.
     *
     * @param chunks the bytes, in chunks cut anywhere
     * @param handBack is given each chunk when nothing of it is needed any more, in the order of the stream unless a
     *     {@link FrameStream.Joiner} keeps some
     * @return the frames
     */
    public FrameStream open(Publisher<? extends ByteBuffer> chunks, Consumer<? super ByteBuffer> handBack) {
        Objects.requireNonNull(handBack, "handBack");
        return new FrameStream(from(chunks, "chunks"), settings, handBack);
    }

    /**
     * Writes frames: one buffer for each, unless {@link #coalesce(int)} has them packed. The buffers are the
     * subscriber's to keep; the frames are not changed.
     *
     * <p><img src="doc-files/encode.svg" alt="Each frame becomes one buffer">
     *
     * <p><strong>Errors:</strong> a frame that exceeds {@link #maxFrameLength(long)} or that the format cannot carry
     * ends the stream with a {@link FramingException}, of which nothing has been written. A format that cannot be
     * written ends it with the {@link UnsupportedOperationException} of {@link Framing#newEncoder()}.
     *
     * @param frames the frames, read between their position and their limit
     * @return the bytes for the wire
     */
    public Flux<ByteBuffer> encode(Publisher<? extends ByteBuffer> frames) {
        return MessageFrames.encode(from(frames, "frames"), settings, (writer, frame) -> frame);
    }

    /**
     * Has the function write each message into a buffer, and encodes the frame from there: nothing is allocated for a
     * message but what is emitted.
     *
     * <pre>{@code
     * Flux<ByteBuffer> bytes = codec.write(orders, (order, frame) -> frame.putLong(order.id()).putInt(order.amount()));
     * }</pre>
     *
     * <p>The function writes at the buffer's position, in big-endian order unless it sets another, and leaves the
     * position behind what it has written. When it throws a {@link java.nio.BufferOverflowException}, it is called
     * again with a larger buffer, up to {@link #maxFrameLength(long)}; otherwise once for each message, in order. The
     * buffer is valid until the function returns.
     *
     * <p><strong>Errors:</strong> those of {@link #encode}, and what the function throws. A message that takes more
     * than {@link #maxFrameLength(long)} bytes is a {@link FrameTooLongException}.
     *
     * @param <T> a message
     * @param messages the messages
     * @param writer writes a message into the buffer
     * @return the bytes for the wire
     */
    public <T> Flux<ByteBuffer> write(
            Publisher<? extends T> messages, BiConsumer<? super T, ? super ByteBuffer> writer) {
        Objects.requireNonNull(writer, "writer");
        return MessageFrames.encode(
                from(messages, "messages"), settings, (frames, message) -> frames.unlocatedFrame(message, writer));
    }

    /**
     * Creates what writes the frames of one stream into buffers of the caller's.
     *
     * @return a new writer
     * @throws UnsupportedOperationException if the format cannot be written
     */
    public FrameWriter newWriter() {
        return new FrameWriter(settings);
    }

    /**
     * Has what is read and written counted. Off unless set, and costs nothing then.
     *
     * @param metrics is told about every stream of the codec, from any thread
     * @return a new codec
     */
    public FrameCodec metrics(FrameMetrics metrics) {
        return new FrameCodec(settings.withMetrics(Objects.requireNonNull(metrics, "metrics")));
    }

    /**
     * Returns who counts what is read and written; for a transport that has requests to count.
     *
     * @return what was set by {@link #metrics(FrameMetrics)}, or null
     */
    public @Nullable FrameMetrics metrics() {
        return settings.observed().metrics();
    }

    /**
     * Has the frames that are read and written logged. Off unless set.
     *
     * @param log where to, and how
     * @return a new codec
     */
    public FrameCodec log(FrameLog log) {
        return new FrameCodec(settings.withLog(Objects.requireNonNull(log, "log")));
    }

    /**
     * Names the streams of the codec in its log, if it has one by now. Connections do so by their channel.
     *
     * @param name the name
     * @return a new codec
     */
    public FrameCodec named(String name) {
        Objects.requireNonNull(name, "name");
        return settings.observed().log() == null ? this : new FrameCodec(settings.withName(name));
    }

    CodecSettings settings() {
        return settings;
    }

    private static <T> Flux<? extends T> from(Publisher<? extends T> publisher, String name) {
        return Flux.from(Objects.requireNonNull(publisher, name));
    }
}
