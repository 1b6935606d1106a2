package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/**
 * A framing of one's own: a 2-byte length, the payload, and its CRC-32 behind it.
 *
 * <pre>
 * wire   00 02 68 69 d8 93 2a ac
 * frame        68 69              "hi"
 * </pre>
 */
public final class OwnFraming implements Framing {

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder();
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder();
    }

    private static final class Decoder implements FrameDecoder {

        private final CRC32 crc = new CRC32();
        private int read;
        private int length;
        private int trailer;

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                if (read < 2) {
                    length = length << 8 | chunk.get() & 0xff;
                    if (++read == 2) {
                        frame.expect(length, 2 + length + 4);
                    }
                } else if (read < 2 + length) {
                    int n = Math.min(2 + length - read, chunk.remaining());
                    crc.update(chunk.slice(chunk.position(), n));
                    frame.append(chunk, n);
                    read += n;
                } else {
                    trailer = trailer << 8 | chunk.get() & 0xff;
                    if (++read == 2 + length + 4 && endOfFrame(frame)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private boolean endOfFrame(FrameSink frame) {
            boolean good = trailer == (int) crc.getValue();
            if (!good) {
                frame.invalid(new CorruptFrameException(
                        "CRC-32 is %08x, the frame says %08x".formatted(crc.getValue(), trailer)));
            }
            crc.reset();
            read = 0;
            length = 0;
            trailer = 0;
            return good;
        }
    }

    private static final class Encoder implements FrameEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            if (length > 0xffff) {
                throw new FrameTooLongException("frame of " + length + " bytes is too long", length, 0xffff);
            }
            return 2 + length + 4;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            CRC32 crc = new CRC32();
            crc.update(frame.duplicate());
            target.putShort((short) frame.remaining()).put(frame.duplicate()).putInt((int) crc.getValue());
        }
    }

    /**
     * Sends three messages through it, of which one is damaged on the way.
     *
     * @param args none
     */
    public static void main(String[] args) {
        FrameCodec codec =
                FrameCodec.of(new OwnFraming()).skipInvalid(e -> System.out.println("skipped: " + e.getMessage()));
        Flux.just("hello", "damaged", "welcome back")
                .map(StandardCharsets.UTF_8::encode)
                .transform(codec::encode)
                .index((i, bytes) -> i == 1 ? bytes.put(5, (byte) '!') : bytes)
                .transform(codec::decode)
                .map(StandardCharsets.UTF_8::decode)
                .subscribe(frame -> System.out.println("frame: " + frame));
    }
}
