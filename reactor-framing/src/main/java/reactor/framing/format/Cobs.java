package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/**
 * Frames that end in a zero byte and may hold any byte, at a cost of 1 byte in 254 at most: Consistent Overhead Byte
 * Stuffing, as in S. Cheshire and M. Baker, <a href="https://doi.org/10.1109/90.769765">"Consistent Overhead Byte
 * Stuffing"</a>, IEEE/ACM Transactions on Networking 7(2), 1999. On the wire a frame is
 *
 * <pre>
 * +------+-----------------+------+-----------------+-----+------+
 * | code | code - 1 bytes, | code | code - 1 bytes, | ... |  00  |
 * |      |   none of them  |      |   none of them  |     |      |
 * |      |   zero          |      |   zero          |     |      |
 * +------+-----------------+------+-----------------+-----+------+
 * |&lt;-------- block -------&gt;|
 * </pre>
 *
 * Each block but one of code {@code FF} stands for its bytes and a zero behind them; the zero behind the last block is
 * not part of the payload. What is delivered is the payload.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code Cobs.create()}: no zero in the payload.
 *
 * <pre>
 * wire   03 68 69 00
 * frame     68 69       "hi"
 * </pre>
 *
 * <p>Zeros inside and at the end.
 *
 * <pre>
 * wire   03 11 22 02 33 01 00
 * frame     11 22 00 33 00
 * </pre>
 *
 * <p>Chunks that are cut anywhere; the second frame is empty.
 *
 * <pre>
 * wire   02 | 61 00 01 | 00 01 | 01 00
 * frames "a", "", 00
 * </pre>
 *
 * <h2>Empty frames</h2>
 *
 * <p>An empty frame is {@code 01 00}. A zero right behind another one, or at the start of the stream, is no frame:
 * senders put it there to make a receiver start afresh, and it is passed over. It does not count in the next frame's
 * offset.
 *
 * <h2>Faults</h2>
 *
 * <p>A zero inside a block, before all of its bytes have come, is a {@link CorruptFrameException}. Under
 * {@code skipInvalid}, a corrupt frame and one over the limit are passed over up to and including that or the next
 * zero.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder writes the fewest blocks: a payload that ends in a block of code {@code FF} gets no {@code 01} behind
 * it. The decoder takes both.
 */
public final class Cobs implements Framing {

    /** The most bytes that a block has. */
    private static final int LONGEST_BLOCK = 254;

    private Cobs() {}

    /**
     * Creates the format.
     *
     * @return a new format
     */
    public static Cobs create() {
        return new Cobs();
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder();
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder();
    }

    @Override
    public String toString() {
        return "Cobs.create()";
    }

    private static final class Decoder implements FrameDecoder {

        private boolean inFrame;

        /** Bytes of the block that are still to come. */
        private int remaining;

        /** Whether the block stands for a zero behind it, if another one follows. */
        private boolean zeroBehind;

        /** Whether a bad frame is being passed over. */
        private boolean searching;

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                if (searching) {
                    searching = !OctetStuffing.skipPast((byte) 0, chunk, frame);
                } else if (remaining > 0) {
                    readBlock(chunk, frame);
                } else if (readCode(chunk, frame)) {
                    return true;
                }
            }
            return false;
        }

        /** Reads what stands between blocks; true if that is the end of a frame. */
        private boolean readCode(ByteBuffer chunk, FrameSink frame) {
            int code = chunk.get(chunk.position()) & 0xFF;
            if (code == 0 && !inFrame) {
                frame.skip(chunk, 1);
                return false;
            }
            chunk.position(chunk.position() + 1);
            if (code == 0) {
                reset();
                return true;
            }
            if (zeroBehind) {
                frame.append((byte) 0);
            }
            inFrame = true;
            remaining = code - 1;
            zeroBehind = remaining < LONGEST_BLOCK;
            return false;
        }

        private void readBlock(ByteBuffer chunk, FrameSink frame) {
            int start = chunk.position();
            int end = start + Math.min(remaining, chunk.remaining());
            int i = start;
            while (i < end && chunk.get(i) != 0) {
                i++;
            }
            if (i > start) {
                frame.append(chunk, i - start);
                remaining -= i - start;
            }
            if (i < end) {
                frame.invalid(new CorruptFrameException(
                        "a zero inside a block, of which " + remaining + " bytes are still to come"));
                reset();
                searching = true;
            }
        }

        private void reset() {
            inFrame = false;
            remaining = 0;
            zeroBehind = false;
        }
    }

    private static final class Encoder implements FrameEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            long length = frame.remaining();
            return WireLength.fitting(frame, length + length / LONGEST_BLOCK + 2);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int i = frame.position();
            int end = frame.limit();
            boolean more = true;
            while (more) {
                int start = i;
                int blockEnd = i + Math.min(LONGEST_BLOCK, end - i);
                while (i < blockEnd && frame.get(i) != 0) {
                    i++;
                }
                int length = i - start;
                int at = target.position();
                target.put((byte) (length + 1))
                        .put(at + 1, frame, start, length)
                        .position(at + 1 + length);
                more = i < end;
                if (more && length < LONGEST_BLOCK) {
                    // the zero that the block stands for
                    i++;
                }
            }
            target.put((byte) 0);
        }
    }
}
