package reactor.framing.netty;

import java.nio.ByteBuffer;
import reactor.framing.FrameWriter;

/** A frame that is longer than one buffer, and how much of it has been written. */
final class FramePieces {

    private final FrameWriter writer;

    /** Whether the rest is the frame itself; else it is what the encoder has made of it. */
    private final boolean enveloped;

    private final ByteBuffer rest;
    private boolean begun;
    private boolean done;

    private FramePieces(FrameWriter writer, boolean enveloped, ByteBuffer rest) {
        this.writer = writer;
        this.enveloped = enveloped;
        this.rest = rest;
    }

    /** Starts with a frame for which the writer has just been asked for the length. */
    static FramePieces of(ByteBuffer frame, int encodedLength, FrameWriter writer) {
        if (canEnvelop(writer, frame)) {
            return new FramePieces(writer, true, frame.duplicate());
        }
        ByteBuffer encoded = ByteBuffer.allocate(encodedLength);
        writer.encode(frame, encoded);
        return new FramePieces(writer, false, encoded.flip());
    }

    /**
     * Whether the bytes of a frame that begins so can be written as they are: there is room in a buffer for what stands
     * around them.
     */
    static boolean canEnvelop(FrameWriter writer, ByteBuffer start) {
        return writer.isEnvelopeOf(start) && writer.overhead() <= PackedBuffer.CAPACITY;
    }

    /** How much room a buffer has to have at least for the next piece. */
    int needed() {
        return enveloped && (!begun || !rest.hasRemaining()) ? writer.overhead() : 1;
    }

    boolean isDone() {
        return done;
    }

    /** Writes as much as fits. */
    void write(ByteBuffer target) {
        if (!begun && enveloped) {
            rest.position(rest.position() + writer.before(rest.remaining(), rest, target));
        }
        begun = true;
        copy(rest, target);
        if (!rest.hasRemaining() && target.remaining() >= needed()) {
            if (enveloped) {
                writer.behind(target);
            }
            done = true;
        }
    }

    /** Moves as many bytes as fit from one buffer to the other. */
    static void copy(ByteBuffer source, ByteBuffer target) {
        int n = Math.min(source.remaining(), target.remaining());
        target.put(target.position(), source, source.position(), n).position(target.position() + n);
        source.position(source.position() + n);
    }
}
