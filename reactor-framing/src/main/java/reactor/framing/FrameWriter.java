package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of one stream into buffers of the caller's: what {@link FrameCodec#encode} does, for a transport that
 * has buffers of its own. Made by {@link FrameCodec#newWriter()}. Used by one thread at a time.
 *
 * <p>A frame is written by {@link #encodedLength} and {@link #encode}, or, if there is an {@linkplain #envelope() envelope},
 * by {@link #encodedLength}, the envelope's methods and {@link #wrote}.
 */
public final class FrameWriter {

    private final FrameEncoder encoder;
    private final long limit;
    private final MessageBuffer messages;
    private long frameIndex;
    private long offset;

    FrameWriter(CodecSettings settings) {
        encoder = Objects.requireNonNull(settings.framing().newEncoder(), "newEncoder() returned null");
        limit = settings.maxFrameLength();
        messages = new MessageBuffer(limit);
    }

    /**
     * Has a function write a message into a buffer of this writer's; see {@link FrameCodec#write}.
     *
     * @param <T> a message
     * @param message the message
     * @param writer writes it at the buffer's position
     * @return the message as a frame, until this method is called again
     * @throws FrameTooLongException if the message takes more than {@link FrameCodec#maxFrameLength}
     */
    public <T> ByteBuffer frame(T message, BiConsumer<? super T, ? super ByteBuffer> writer) {
        try {
            return unlocatedFrame(message, writer);
        } catch (FramingException e) {
            locate(e, null);
            throw e;
        }
    }

    /**
     * Returns how many bytes the frame takes on the wire at most, and checks that it can be written.
     *
     * @param frame the frame, which is left as it is
     * @return an upper bound, in bytes
     * @throws FramingException if the frame exceeds {@link FrameCodec#maxFrameLength} or the format cannot carry it; it tells
     *     the frame's index and the offset at which it would have begun
     */
    public int encodedLength(ByteBuffer frame) {
        try {
            return checkedLength(frame);
        } catch (FramingException e) {
            locate(e, frame);
            throw e;
        }
    }

    /**
     * Writes the frame whose length was asked for last.
     *
     * @param frame the frame, which is left as it is
     * @param target the bytes for the wire, in big-endian order; its position is moved behind the frame
     * @throws FramingException if the encoder finds only now that it cannot write the frame
     */
    public void encode(ByteBuffer frame, ByteBuffer target) {
        int start = target.position();
        try {
            encoder.encode(frame, target);
        } catch (FramingException e) {
            locate(e, frame);
            throw e;
        }
        wrote(1, target.position() - start);
    }

    /**
     * Returns what writes a frame in pieces.
     *
     * @return the encoder, if it is an envelope
     */
    public @Nullable EnvelopeEncoder envelope() {
        return encoder instanceof EnvelopeEncoder envelope ? envelope : null;
    }

    /**
     * Checks the length of a frame that comes in pieces.
     *
     * @param frameLength the length of the frame, in bytes
     * @param start its first bytes
     * @throws FrameTooLongException if the length exceeds {@link FrameCodec#maxFrameLength}
     */
    public void checkLength(long frameLength, ByteBuffer start) {
        if (frameLength > limit) {
            FrameTooLongException e = tooLong(frameLength);
            locate(e, start);
            throw e;
        }
    }

    /**
     * Counts what has been written by the envelope, so that a later exception tells the right place.
     *
     * @param frames the number of frames that have been written
     * @param bytes the number of their bytes on the wire
     */
    public void wrote(int frames, long bytes) {
        frameIndex += frames;
        offset += bytes;
    }

    /** The same as {@link #frame}, but the exception is not located. */
    <M> ByteBuffer unlocatedFrame(M message, BiConsumer<? super M, ? super ByteBuffer> writer) {
        return messages.write(message, writer);
    }

    /** Writes a message into a buffer of its own. */
    <M> ByteBuffer write(MessageFrames<M> frames, M message) {
        ByteBuffer frame = null;
        try {
            frame = frames.frame(this, message);
            ByteBuffer target = ByteBuffer.allocate(checkedLength(frame));
            encodeUncounted(frame, target);
            wrote(1, target.position());
            return target.flip();
        } catch (FramingException e) {
            locate(e, frame);
            throw e;
        }
    }

    /** The same as {@link #encodedLength}, but the exception is not located. */
    int checkedLength(ByteBuffer frame) {
        int length = frame.remaining();
        if (length > limit) {
            throw tooLong(length);
        }
        return encoder.encodedLength(frame);
    }

    /**
     * Writes the frame whose length was asked for last, and leaves it to the caller to count it with {@link #wrote}. If it
     * fails, the target's position may be anywhere.
     */
    void encodeUncounted(ByteBuffer frame, ByteBuffer target) {
        encoder.encode(frame, target);
    }

    private FrameTooLongException tooLong(long length) {
        return new FrameTooLongException(
                "frame of " + length + " bytes exceeds the limit of " + limit + " bytes", length, limit);
    }

    /** Tells the exception which frame it is about: the one behind those that were written. */
    void locate(FramingException e, @Nullable ByteBuffer frame) {
        if (e.isLocated()) {
            return;
        }
        byte[] first = new byte[frame == null ? 0 : Math.min(frame.remaining(), ErrorText.SHOWN)];
        if (frame != null) {
            frame.get(frame.position(), first);
        }
        e.locateSent(frameIndex, offset, first);
    }
}
