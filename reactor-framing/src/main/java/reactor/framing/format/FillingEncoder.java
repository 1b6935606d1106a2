package reactor.framing.format;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
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

    /** The frame as the decoder will deliver it: the frame itself, or a copy that is filled in. */
    default ByteBuffer delivered(ByteBuffer frame) {
        int length = frame.remaining();
        ByteBuffer delivered = ByteBuffer.allocate(length);
        Buffers.copy(frame, frame.position(), delivered, 0, length);
        fillIn(delivered);
        return delivered;
    }

    /** The frame as the decoder will deliver it. It is longer than the frame where the encoder pads it. */
    static ByteBuffer delivered(FrameEncoder encoder, ByteBuffer frame) {
        return encoder instanceof FillingEncoder filling ? filling.delivered(frame) : frame;
    }

    /** Forgets the frame that was written last: it is refused after all. Only an encoder that switches knows it. */
    default void takeBack() {}

    /** Has the encoder forget the frame that it wrote last. */
    static void takeBack(FrameEncoder encoder) {
        if (encoder instanceof FillingEncoder filling) {
            filling.takeBack();
        }
    }

    /** By what the last frame was written, where that is an encoder inside of this one; null if there is no frame. */
    default @Nullable FrameEncoder innermost() {
        return this;
    }

    /** By what the encoder's last frame was written: itself, or one inside of it; null if there is no frame. */
    static @Nullable FrameEncoder innermost(@Nullable FrameEncoder encoder) {
        return encoder instanceof FillingEncoder filling ? filling.innermost() : encoder;
    }

    /** Has the encoder fill the frame in, if it is one that does. */
    static void fillIn(FrameEncoder encoder, ByteBuffer frame) {
        if (encoder instanceof FillingEncoder filling) {
            filling.fillIn(frame);
        }
    }
}
