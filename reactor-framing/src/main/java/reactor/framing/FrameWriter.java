package reactor.framing;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of one stream into buffers of the caller's: what {@link FrameCodec#encode} does, for a transport
 * that has buffers of its own. Made by {@link FrameCodec#newWriter()}. Used by one thread at a time.
 *
 * <p>A frame is written by {@link #encodedLength} and {@link #encode}, or in pieces, if the format leaves its bytes as
 * they are.
 */
public final class FrameWriter {

    private final FrameEncoder encoder;

    /** The encoder, if it leaves the bytes of every frame as they are. */
    private final @Nullable EnvelopeEncoder always;

    /** What leaves the bytes of the frame as they are that was asked about last. */
    private @Nullable EnvelopeEncoder envelope;

    private final long limit;

    /** What functions write into; null before the first has written. */
    private @Nullable MessageBuffer messages;

    private final CodecSettings.Observed observed;

    /** What the metrics have not been told; null if there are none. */
    private final @Nullable FrameTally tally;

    private long frameIndex;
    private long offset;

    /** The bytes on the wire of the frame that is written in pieces, as far as they are known. */
    private long pieceBytes;

    FrameWriter(CodecSettings settings) {
        encoder = Objects.requireNonNull(settings.framing().newEncoder(), "newEncoder() returned null");
        always = encoder instanceof EnvelopeEncoder e ? e : null;
        envelope = always;
        limit = settings.maxFrameLength();
        observed = settings.observed();
        FrameMetrics metrics = observed.metrics();
        tally = metrics == null ? null : new FrameTally(metrics::sent);
    }

    /** Tells the {@link FrameMetrics} of the codec what has been written since the last call. */
    public void reportWritten() {
        if (tally != null) {
            tally.report();
        }
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
     * Has a function write a message straight into the target. {@link #frame} and {@link #encode} do the same with a
     * copy in between.
     *
     * @param <T> a message
     * @param message the message
     * @param writer writes it at the buffer's position; called once
     * @param target the bytes for the wire, in big-endian order; its position is moved behind the frame
     * @return whether the frame has been written. If not, the target is as it was: it has too little room for the
     *     message, or the format does not leave the bytes of frames as they are
     * @throws FramingException if the format cannot carry the message
     */
    public <T> boolean writeInPlace(T message, BiConsumer<? super T, ? super ByteBuffer> writer, ByteBuffer target) {
        if (always == null) {
            return false;
        }
        int around = always.overhead();
        int room = target.remaining() - 2 * around; // before it and behind it
        if (room < 0) {
            return false;
        }
        int at = target.position() + around;
        ByteBuffer place = target.slice(at, (int) Math.min(room, limit));
        try {
            writer.accept(message, place);
        } catch (BufferOverflowException e) {
            return false;
        }
        enclose(place.flip().order(ByteOrder.BIG_ENDIAN), at, target);
        return true;
    }

    /** Writes what stands around a frame that is in the target already, and moves the frame there. */
    private void enclose(ByteBuffer frame, int at, ByteBuffer target) {
        int start = target.position();
        boolean isWritten = false;
        try {
            encodedLength(frame);
            int covered = before(frame.remaining(), frame, target);
            int position = target.position();
            int rest = frame.remaining() - covered;
            if (position != at + covered) {
                target.put(position, target, at + covered, rest);
            }
            behind(target.position(position + rest));
            isWritten = true;
        } finally {
            if (!isWritten) {
                target.position(start);
            }
        }
    }

    /**
     * Returns how many bytes the frame takes on the wire at most, and checks that it can be written.
     *
     * @param frame the frame, which is left as it is
     * @return an upper bound, in bytes
     * @throws FramingException if the frame exceeds {@link FrameCodec#maxFrameLength} or the format cannot carry it; it
     *     tells the frame's index and the offset at which it would have begun
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
     * Writes the frame whose length was asked for last. If that fails, the target's position stays where it was.
     *
     * @param frame the frame, which is left as it is
     * @param target the bytes for the wire, in big-endian order; its position is moved behind the frame
     * @throws FramingException if the encoder finds only now that it cannot write the frame
     */
    public void encode(ByteBuffer frame, ByteBuffer target) {
        int start = target.position();
        boolean isWritten = false;
        try {
            encoder.encode(frame, target);
            isWritten = true;
        } catch (FramingException e) {
            locate(e, frame);
            throw e;
        } finally {
            if (!isWritten) {
                target.position(start);
            }
        }
        log(frame, frame.remaining());
        wrote(1, target.position() - start);
    }

    /**
     * Tells whether every frame that has been checked by {@link #encodedLength} can be written in pieces.
     *
     * @return whether the format leaves the bytes of all frames as they are
     */
    public boolean isEnvelope() {
        return always != null;
    }

    /**
     * Tells whether a frame can be written in pieces. It is asked about each frame where formats may change from frame
     * to frame, so where this writer {@linkplain #isEnvelope() is no envelope} for all of them; {@link #takesPieces},
     * {@link #overhead}, {@link #before} and {@link #behind} are about the frame that was asked about last.
     *
     * @param start the frame, checked by {@link #encodedLength}; of one that is not known as a whole, the first bytes
     * @return whether the format leaves the bytes of this frame as they are
     * @throws FramingException if the format cannot carry a frame with this start
     */
    public boolean isEnvelopeOf(ByteBuffer start) {
        try {
            envelope = encoder.envelope(start);
            return envelope != null;
        } catch (FramingException e) {
            locate(e, start);
            throw e;
        }
    }

    /**
     * Tells whether the frame can be written in pieces of which none but the first is known to the encoder: by
     * {@link #before}, then the frame's bytes as they are, then {@link #behind}.
     *
     * @return whether the format takes pieces
     */
    public boolean takesPieces() {
        return envelope != null && envelope.takesPieces();
    }

    /**
     * Returns how many bytes are written around the frame at most, those of its start that are written with them
     * included.
     *
     * @return a number of bytes; 0 if the frame cannot be written in pieces
     */
    public int overhead() {
        return envelope == null ? 0 : envelope.overhead();
    }

    /**
     * Writes what stands on the wire before the frame's bytes.
     *
     * @param frameLength the length of the frame, in bytes
     * @param start its first bytes, at least; left as they are
     * @param target the bytes for the wire, with at least {@link #overhead()} bytes left
     * @return how many of the frame's first bytes have been written, too; mostly 0. {@link EnvelopeEncoder#MORE}, and
     *     nothing is written, if the start is too short to tell: ask {@link #isEnvelopeOf} again with a longer one
     * @throws FramingException if the frame exceeds {@link FrameCodec#maxFrameLength} or the format cannot carry it
     */
    public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
        int position = target.position();
        try {
            if (frameLength > limit) {
                throw tooLong(frameLength);
            }
            int covered = envelope().before(frameLength, start, target);
            if (covered == EnvelopeEncoder.MORE) {
                if (start.remaining() >= frameLength) {
                    throw new IllegalStateException(encoder + " asks for more than the whole frame");
                }
                return covered;
            }
            pieceBytes = target.position() - position + frameLength - covered;
            log(start, frameLength);
            return covered;
        } catch (FramingException e) {
            locate(e, start);
            throw e;
        }
    }

    /**
     * Writes what stands on the wire behind the frame's bytes.
     *
     * @param target the bytes for the wire, with at least {@link #overhead()} bytes left
     */
    public void behind(ByteBuffer target) {
        int position = target.position();
        envelope().behind(target);
        wrote(1, pieceBytes + target.position() - position);
    }

    private EnvelopeEncoder envelope() {
        EnvelopeEncoder e = envelope;
        if (e == null) {
            throw new UnsupportedOperationException("Frames cannot be written in pieces by " + encoder);
        }
        return e;
    }

    /** Counts what has been written, so that a later exception tells the right place. */
    void wrote(int frames, long bytes) {
        wrote(frames, bytes, bytes);
    }

    /** Counts frames, the longest of which takes so many bytes at most. */
    void wrote(int frames, long bytes, long largest) {
        if (tally != null) {
            tally.add(frames, bytes, largest);
        }
        frameIndex += frames;
        offset += bytes;
    }

    private void log(ByteBuffer start, long length) {
        if (observed.log() != null && observed.isLogged()) {
            observed.log().log(observed.name(), "sent frame", frameIndex, start, length);
        }
    }

    /** The same as {@link #frame}, but the exception is not located. */
    <M> ByteBuffer unlocatedFrame(M message, BiConsumer<? super M, ? super ByteBuffer> writer) {
        MessageBuffer buffer = messages;
        if (buffer == null) {
            buffer = new MessageBuffer(limit);
            messages = buffer;
        }
        return buffer.write(message, writer);
    }

    /** Writes a message into a buffer of its own. */
    <M> ByteBuffer write(MessageFrames<M> frames, M message) {
        ByteBuffer frame = null;
        try {
            frame = frames.frame(this, message);
            ByteBuffer target = ByteBuffer.allocate(checkedLength(frame));
            encodeUncounted(frame, target);
            log(frame, frame.remaining());
            wrote(1, target.position());
            reportWritten();
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
     * Writes the frame whose length was asked for last, and leaves it to the caller to count it with {@link #wrote}. If
     * it fails, the target's position may be anywhere.
     */
    void encodeUncounted(ByteBuffer frame, ByteBuffer target) {
        encoder.encode(frame, target);
    }

    /** Logs a frame that is one of several to be {@linkplain #wrote counted} together. */
    void logPacked(ByteBuffer frame, int before) {
        if (observed.log() != null && observed.isLogged()) {
            observed.log().log(observed.name(), "sent frame", frameIndex + before, frame);
        }
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
        if (observed.metrics() != null) {
            observed.metrics().fault(e);
        }
    }
}
