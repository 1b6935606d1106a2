package reactor.framing.benchmarks.memory;

import java.nio.ByteBuffer;
import reactor.framing.Framing;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.LengthField;
import reactor.framing.format.Varint;

/** How a frame is told from the next one. */
enum Format {
    /** A length of four bytes before each frame. */
    PREFIX(LengthField.ofSize(4)) {
        @Override
        void write(byte[] frame, ByteBuffer wire) {
            wire.putInt(frame.length).put(frame);
        }
    },

    /** A line feed behind each. */
    LINES(Delimiter.lines()) {
        @Override
        void write(byte[] frame, ByteBuffer wire) {
            wire.put(frame).put((byte) '\n');
        }
    },

    /** A length in base 128 before each. */
    VARINT(Varint.leb128()) {
        @Override
        void write(byte[] frame, ByteBuffer wire) {
            int length = frame.length;
            for (; length > 0x7F; length >>>= 7) {
                wire.put((byte) (length | 0x80));
            }
            wire.put((byte) length).put(frame);
        }
    },

    /** Nothing: all have 100 bytes. */
    FIXED(FixedLength.of(100)) {
        @Override
        void write(byte[] frame, ByteBuffer wire) {
            wire.put(frame);
        }
    };

    final Framing framing;

    Format(Framing framing) {
        this.framing = framing;
    }

    /** Writes a frame without this library. */
    abstract void write(byte[] frame, ByteBuffer wire);
}
