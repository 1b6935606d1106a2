package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import reactor.framing.Framing;
import reactor.framing.format.LengthField;

/** How a frame is told from the next one. */
enum Format {
    /** A length of four bytes before each frame. */
    PREFIX(LengthField.ofSize(4)) {
        @Override
        void write(byte[] frame, ByteBuffer wire) {
            wire.putInt(frame.length).put(frame);
        }
    };

    final Framing framing;

    Format(Framing framing) {
        this.framing = framing;
    }

    abstract void write(byte[] frame, ByteBuffer wire);
}
