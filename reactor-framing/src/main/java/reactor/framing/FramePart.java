package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A piece of a frame, delivered before the frame's last byte has arrived; see {@link FrameCodec#decodeParts}.
 *
 * @param frameIndex the frame that this is a part of, counted from 0
 * @param offset how many bytes of the frame were in the parts before this one
 * @param last whether the frame ends with this part
 * @param content the bytes, the subscriber's to keep; empty only in a last part
 */
public record FramePart(long frameIndex, long offset, boolean last, ByteBuffer content) {

    /**
     * Creates a part.
     *
     * @param frameIndex the frame that this is a part of, counted from 0
     * @param offset how many bytes of the frame were in the parts before this one
     * @param last whether the frame ends with this part
     * @param content the bytes
     * @throws NullPointerException if {@code content} is null
     */
    public FramePart {
        Objects.requireNonNull(content, "content");
    }
}
