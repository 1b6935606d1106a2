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

    /**
     * Whether this byte, behind the frame that was written last, makes the delimiter of that a longer one, or the
     * beginning of one.
     */
    default boolean growsBy(byte value) {
        return false;
    }

    static boolean growsBy(FrameEncoder encoder, byte value) {
        return encoder instanceof Delimiter.Encoder delimiter
                ? delimiter.growsBy(value)
                : encoder instanceof FillingEncoder filling && filling.growsBy(value);
    }

    /** Whether the frame that was written last has a line feed behind it that is not part of it: {@link Json}. */
    default boolean writesLineFeed() {
        return false;
    }

    static boolean writesLineFeed(FrameEncoder encoder) {
        return encoder instanceof Json.Encoder || encoder instanceof FillingEncoder filling && filling.writesLineFeed();
    }

    /** Has the encoder fill the frame in, if it is one that does. */
    static void fillIn(FrameEncoder encoder, ByteBuffer frame) {
        if (encoder instanceof FillingEncoder filling) {
            filling.fillIn(frame);
        }
    }
}
