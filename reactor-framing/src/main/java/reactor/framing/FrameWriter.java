package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;

/** Writes the frames of one stream, and knows how far it has come. */
final class FrameWriter {

    private final FrameEncoder encoder;
    private final long limit;
    private long frameIndex;
    private long offset;

    FrameWriter(FrameEncoder encoder, long limit) {
        this.encoder = Objects.requireNonNull(encoder, "newEncoder() returned null");
        this.limit = limit;
    }

    ByteBuffer write(ByteBuffer frame) {
        ByteBuffer target;
        try {
            target = ByteBuffer.allocate(encodedLength(frame));
            encode(frame, target);
        } catch (FramingException e) {
            locate(e, frame);
            throw e;
        }
        target.flip();
        wrote(1, target.limit());
        return target;
    }

    /** How many bytes the frame takes at most, if it can be written. */
    int encodedLength(ByteBuffer frame) {
        int length = frame.remaining();
        if (length > limit) {
            throw new FrameTooLongException(
                    "frame of " + length + " bytes exceeds the limit of " + limit + " bytes", length, limit);
        }
        return encoder.encodedLength(frame);
    }

    /**
     * Writes the frame whose length was asked for last, and leaves it to the caller to count it with {@link #wrote}. If it
     * fails, the target's position may be anywhere.
     */
    void encode(ByteBuffer frame, ByteBuffer target) {
        encoder.encode(frame, target);
    }

    /** Counts what has been written. */
    void wrote(int frames, int bytes) {
        frameIndex += frames;
        offset += bytes;
    }

    /** Tells the exception which frame it is about: the one behind those that were written. */
    void locate(FramingException e, ByteBuffer frame) {
        if (e.isLocated()) {
            return;
        }
        byte[] first = new byte[Math.min(frame.remaining(), ErrorText.SHOWN)];
        frame.get(frame.position(), first);
        e.locateSent(frameIndex, offset, first);
    }
}
