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
        try {
            int length = frame.remaining();
            if (length > limit) {
                throw new FrameTooLongException(
                        "frame of " + length + " bytes exceeds the limit of " + limit + " bytes", length, limit);
            }
            ByteBuffer target = ByteBuffer.allocate(encoder.encodedLength(frame));
            encoder.encode(frame, target);
            target.flip();
            frameIndex++;
            offset += target.remaining();
            return target;
        } catch (FramingException e) {
            byte[] first = new byte[Math.min(frame.remaining(), FirstBytes.SHOWN)];
            frame.get(frame.position(), first);
            e.locateSent(frameIndex, offset, first);
            throw e;
        }
    }
}
