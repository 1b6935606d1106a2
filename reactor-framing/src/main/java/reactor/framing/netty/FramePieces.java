package reactor.framing.netty;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameWriter;

/** A frame that is longer than one buffer, and how much of it has been written. */
final class FramePieces {

    private final FrameWriter writer;

    /** Writes what stands around the frame; null once, or if, that needs nothing more. */
    private final @Nullable EnvelopeEncoder envelope;

    /** What of the frame is still to be written. */
    private final ByteBuffer rest;

    private boolean begun;
    private boolean done;
    private long written;

    private FramePieces(FrameWriter writer, @Nullable EnvelopeEncoder envelope, ByteBuffer rest) {
        this.writer = writer;
        this.envelope = envelope;
        this.rest = rest;
    }

    /**
     * Starts with a frame for which the writer has just been asked for the length.
     */
    static FramePieces of(ByteBuffer frame, int encodedLength, FrameWriter writer) {
        EnvelopeEncoder envelope = writer.envelope();
        if (envelope != null && envelope.overhead() <= PackedBuffer.CAPACITY) {
            return new FramePieces(writer, envelope, frame.duplicate());
        }
        ByteBuffer encoded = ByteBuffer.allocate(encodedLength);
        writer.encode(frame, encoded);
        return new FramePieces(writer, null, encoded.flip());
    }

    /** How much room a buffer has to have at least for the next piece. */
    int needed() {
        return envelope != null && (!begun || !rest.hasRemaining()) ? envelope.overhead() : 1;
    }

    boolean isDone() {
        return done;
    }

    /** Writes as much as fits. */
    void write(ByteBuffer target) {
        int start = target.position();
        if (!begun) {
            begun = true;
            if (envelope != null) {
                int covered = envelope.before(rest.remaining(), rest, target);
                rest.position(rest.position() + covered);
            }
        }
        int n = Math.min(rest.remaining(), target.remaining());
        target.put(target.position(), rest, rest.position(), n).position(target.position() + n);
        rest.position(rest.position() + n);
        if (!rest.hasRemaining() && target.remaining() >= needed()) {
            if (envelope != null) {
                envelope.behind(target);
            }
            done = true;
        }
        written += target.position() - start;
        if (done && envelope != null) {
            writer.wrote(1, written);
        }
    }
}
