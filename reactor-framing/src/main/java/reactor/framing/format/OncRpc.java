package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/**
 * The record marking of ONC RPC: a record is made of fragments, of which each has a length and tells whether it is the
 * last.
 */
final class OncRpc implements Framing {

    private static final int LAST = 0x8000_0000;

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
        return "OncRpc";
    }

    private static final class Decoder implements FrameFinder {

        private boolean inRecord;

        /** The header of a fragment, as far as it is here, and how many bytes of it are. */
        private int header;

        private int headerBytes;

        /** How many bytes of the fragment are to come. */
        private int remaining;

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            if (inRecord || headerBytes > 0 || chunk.limit() - start < Integer.BYTES) {
                return false;
            }
            int first = chunk.getInt(start);
            int length = first & ~LAST;
            int from = start + Integer.BYTES;
            if (first >= 0 || length > chunk.limit() - from) {
                return false;
            }
            place.set(from, length, from + length);
            return true;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink record) {
            while (headerBytes == Integer.BYTES || readHeader(chunk, record)) {
                int n = Math.min(remaining, chunk.remaining());
                record.append(chunk, n);
                remaining -= n;
                if (remaining > 0) {
                    return false;
                }
                headerBytes = 0;
                if (header < 0) {
                    inRecord = false;
                    return true;
                }
            }
            return false;
        }

        /** Reads the header of a fragment; false if the chunk is used up before. */
        private boolean readHeader(ByteBuffer chunk, FrameSink record) {
            while (headerBytes < Integer.BYTES) {
                if (!chunk.hasRemaining()) {
                    return false;
                }
                header = header << Byte.SIZE | chunk.get() & 0xFF;
                headerBytes++;
            }
            remaining = header & ~LAST;
            if (header == 0) {
                throw new CorruptFrameException("an empty fragment of an ONC RPC record that is not the last");
            }
            if (!inRecord && header < 0) {
                record.expect(remaining, (long) Integer.BYTES + remaining);
            }
            inRecord = true;
            return true;
        }
    }

    /** Writes a record as one fragment. */
    private static final class Encoder implements FrameEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            return WireLength.fitting(frame, (long) Integer.BYTES + frame.remaining());
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int length = frame.remaining();
            target.putInt(LAST | length);
            Buffers.copy(frame, frame.position(), target, target.position(), length);
            target.position(target.position() + length);
        }
    }
}
