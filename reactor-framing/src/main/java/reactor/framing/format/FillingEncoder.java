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

    /** How long the decoder will deliver a frame of this length: padded, say. */
    default int deliveredLength(int length) {
        return length;
    }

    /** The same for any encoder. */
    static int deliveredLength(FrameEncoder encoder, int length) {
        return encoder instanceof FillingEncoder filling ? filling.deliveredLength(length) : length;
    }

    /** Has the encoder fill the frame in, if it is one that does. */
    static void fillIn(FrameEncoder encoder, ByteBuffer frame) {
        if (encoder instanceof FillingEncoder filling) {
            filling.fillIn(frame);
        }
    }
}
