package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.FrameEncoder;

/** An encoder that writes other bytes than the frame brings, such as the length in a header. */
interface FillingEncoder extends FrameEncoder {

    /**
     * Writes these into the frame itself, as far as they are part of it. Nothing happens to a frame that cannot be
     * encoded.
     *
     * @param frame the frame, between position and limit, in big-endian order and an array of its own
     */
    void fillIn(ByteBuffer frame);

    /** Whether more is written behind the frame that the decoder will deliver with it. */
    default boolean isPadded(ByteBuffer frame) {
        return false;
    }

    /** Whether the encoder writes more behind the frame that the decoder will deliver with it. */
    static boolean isPadded(FrameEncoder encoder, ByteBuffer frame) {
        return encoder instanceof FillingEncoder filling && filling.isPadded(frame);
    }

    /** Has the encoder fill the frame in, if it is one that does. */
    static void fillIn(FrameEncoder encoder, ByteBuffer frame) {
        if (encoder instanceof FillingEncoder filling) {
            filling.fillIn(frame);
        }
    }
}
