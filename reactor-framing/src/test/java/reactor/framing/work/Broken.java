package reactor.framing.work;

import java.nio.ByteBuffer;
import java.util.Arrays;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/** Lines, decoded with more work than there should be. */
enum Broken implements Framing {
    /** Each chunk has it look at all that came before. */
    RESCANS {
        @Override
        public FrameDecoder newDecoder() {
            return new FrameDecoder() {
                private byte[] seen = new byte[16];
                private int length;

                @Override
                public boolean decode(ByteBuffer chunk, FrameSink frame) {
                    if (length == seen.length) {
                        seen = Arrays.copyOf(seen, 2 * length);
                    }
                    seen[length++] = chunk.get(chunk.position());
                    for (int i = 0; i < length; i++) {
                        frame.append(chunk, seen[i] == '\r' ? 1 : 0);
                    }
                    return line(chunk, frame);
                }
            };
        }
    },

    /** Each frame has it copy all that comes behind. */
    COPIES_THE_TAIL {
        @Override
        public FrameDecoder newDecoder() {
            return (chunk, frame) -> {
                byte[] tail = new byte[chunk.remaining()];
                chunk.get(chunk.position(), tail);
                return line(chunk, frame);
            };
        }
    };

    private static boolean line(ByteBuffer chunk, FrameSink frame) {
        int n = 0;
        while (n < chunk.remaining() && chunk.get(chunk.position() + n) != '\n') {
            n++;
        }
        boolean isWhole = n < chunk.remaining();
        frame.append(chunk, n);
        if (isWhole) {
            frame.skip(chunk, 1);
        }
        return isWhole;
    }

    @Override
    public FrameEncoder newEncoder() {
        throw new UnsupportedOperationException("only read here");
    }
}
