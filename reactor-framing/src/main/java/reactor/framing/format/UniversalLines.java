package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/** Lines that end in CR, LF or CRLF, of which CR is not waited behind: {@link Delimiter#universalLines()}. */
final class UniversalLines implements Framing {

    static final UniversalLines INSTANCE = new UniversalLines();

    private UniversalLines() {}

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
        return "Delimiter.universalLines()";
    }

    private static boolean isEnd(byte value) {
        return value == '\n' || value == '\r';
    }

    private static int indexOfEnd(ByteBuffer buffer, int from, int to) {
        int at = from;
        while (at < to && !isEnd(buffer.get(at))) {
            at++;
        }
        return at;
    }

    private static final class Decoder implements FrameFinder {

        /** Whether the last line ended in CR, so that an LF behind it belongs to no line. */
        private boolean behindCr;

        private boolean inLine;

        /**
         * From where to which end of the chunk, which is to be decoded next then, {@link #find} found no end; or -1.
         */
        private int searchedFrom = -1;

        private int searchedTo;

        /** A line behind CRLF is left to {@link #decode}, which can tell where it begins. */
        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            int limit = chunk.limit();
            if (behindCr && start < limit && chunk.get(start) == '\n') {
                return false;
            }
            int at = indexOfEnd(chunk, start, limit);
            if (at == limit) {
                searchedFrom = start;
                searchedTo = limit;
                return false;
            }
            // Should this line not be taken, it is decoded, and does not begin with LF.
            behindCr = chunk.get(at) == '\r';
            place.set(start, at - start, at + 1);
            return true;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (behindCr) {
                behindCr = false;
                if (chunk.get(chunk.position()) == '\n') {
                    frame.skip(chunk, 1);
                    if (!chunk.hasRemaining()) {
                        return false;
                    }
                }
            }
            int start = chunk.position();
            int limit = chunk.limit();
            boolean isSearched = searchedFrom == start && searchedTo == limit;
            searchedFrom = -1;
            int at = isSearched ? limit : indexOfEnd(chunk, start, limit);
            if (at > start) {
                frame.append(chunk, at - start);
            }
            if (at == limit) {
                inLine = true;
                return false;
            }
            behindCr = chunk.get() == '\r';
            inLine = false;
            return true;
        }

        @Override
        public boolean complete(FrameSink frame) {
            boolean last = inLine;
            inLine = false;
            return last;
        }
    }

    private static final class Encoder implements EnvelopeEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            int end = indexOfEnd(frame, frame.position(), frame.limit());
            if (end < frame.limit()) {
                throw new CorruptFrameException("frame contains the line end " + Hex.of(frame.get(end)));
            }
            return WireLength.fitting(frame, frame.remaining() + 1L);
        }

        @Override
        public int overhead() {
            return 1;
        }

        @Override
        public boolean takesPieces() {
            return false;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            return 0;
        }

        @Override
        public void behind(ByteBuffer target) {
            target.put((byte) '\n');
        }
    }
}
