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
        ByteBuffer target = ByteBuffer.allocate(encodedLength(frame));
        encode(frame, target);
        return target.flip();
    }

    /** How many bytes the frame takes at most, if it can be written. */
    int encodedLength(ByteBuffer frame) {
        try {
            int length = frame.remaining();
            if (length > limit) {
                throw new FrameTooLongException(
                        "frame of " + length + " bytes exceeds the limit of " + limit + " bytes", length, limit);
            }
            return encoder.encodedLength(frame);
        } catch (FramingException e) {
            throw locate(e, frame);
        }
    }

    /** Writes the frame whose length was asked for last; if it fails, the target is as it was. */
    void encode(ByteBuffer frame, ByteBuffer target) {
        int start = target.position();
        try {
            encoder.encode(frame, target);
        } catch (FramingException e) {
            target.position(start);
            throw locate(e, frame);
        } catch (RuntimeException | Error e) {
            target.position(start);
            throw e;
        }
        frameIndex++;
        offset += target.position() - start;
    }

    private FramingException locate(FramingException e, ByteBuffer frame) {
        byte[] first = new byte[Math.min(frame.remaining(), FirstBytes.SHOWN)];
        frame.get(frame.position(), first);
        e.locateSent(frameIndex, offset, first);
        return e;
    }
}
