package reactor.framing.netty;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameWriter;

/** The frame that a send is writing: at once, or, if it is longer than one buffer, piece by piece. */
final class CurrentFrame {

    private final ChannelOutbound outbound;
    private @Nullable ByteBuffer frame;

    /** Writes this frame, also if later ones have another framing. */
    private @Nullable FrameWriter writer;

    private int encodedLength;
    private @Nullable FramePieces pieces;

    CurrentFrame(ChannelOutbound outbound) {
        this.outbound = outbound;
    }

    /** Starts with a frame, if the format can carry it. */
    void begin(ByteBuffer frame, FrameWriter writer) {
        encodedLength = writer.encodedLength(frame);
        this.writer = writer;
        this.frame = frame;
    }

    /** Whether a frame is being written, or waits for room. */
    boolean isPresent() {
        return frame != null;
    }

    /** Whether a part of it has been written. */
    boolean isCut() {
        return pieces != null;
    }

    void clear() {
        frame = null;
        writer = null;
        pieces = null;
    }

    /** Writes as much as there is room for. */
    Send.Outcome write() {
        ByteBuffer f = frame;
        FrameWriter w = writer;
        if (f != null && w != null && !write(f, w)) {
            return Send.Outcome.NO_ROOM;
        }
        clear();
        return Send.Outcome.WROTE;
    }

    private boolean write(ByteBuffer frame, FrameWriter writer) {
        if (pieces == null && encodedLength <= PackedBuffer.LARGEST) {
            ByteBuffer target = outbound.target(encodedLength);
            if (target == null) {
                return false;
            }
            int start = target.position();
            writer.encode(frame, target);
            outbound.wrote(target.position() - start);
            return true;
        }
        if (pieces == null) {
            pieces = FramePieces.of(frame, encodedLength, writer);
        }
        return outbound.writePieces(pieces);
    }
}
