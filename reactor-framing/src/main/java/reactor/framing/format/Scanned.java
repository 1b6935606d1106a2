package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * Frames whose end shows when all bytes before it have been read: replies with replies in them, a text with literals. A
 * frame is delivered as it is on the wire. A fault ends the stream, as nothing tells where the next frame begins.
 */
final class Scanned implements Framing {

    private final Supplier<? extends Scanner> scanners;

    Scanned(Supplier<? extends Scanner> scanners) {
        this.scanners = scanners;
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(scanners.get());
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder(scanners.get());
    }

    @Override
    public String toString() {
        return "Scanned(" + scanners + ")";
    }

    /** Reads the bytes of one frame after the other. Each byte is read once. */
    abstract static class Scanner {

        private boolean whole;
        private @Nullable FramingException fault;

        /** The length of the whole frame if it has just become known, else -1. */
        private long announced;

        /** How many of the frame's bytes have been read, and in this call up to which index. */
        private long read;

        private long toCome;

        /** A frame begins. */
        abstract void begin();

        /**
         * Reads on, up to the frame's end, to a fault, to where {@link #announce} was called, or to the last byte.
         *
         * @return the index behind the last byte that was read; a bad byte is not
         */
        abstract int scan(ByteBuffer bytes, int from, int to);

        /** Says that what has been read is the whole frame. */
        final void end() {
            whole = true;
        }

        /** Says how many bytes of the frame are to come behind those that have been read: 1 or more. */
        final void announce(long bytes) {
            toCome = bytes;
        }

        final void fault(String what) {
            fault = new CorruptFrameException(what);
        }

        final void tooLong(String what, long length, long limit) {
            fault = new FrameTooLongException(
                    what + " of " + length + " bytes, not of " + limit + " at most", length, limit);
        }

        private void start() {
            whole = false;
            fault = null;
            read = 0;
            begin();
        }

        private int read(ByteBuffer bytes, int from, int to) {
            toCome = 0;
            int at = scan(bytes, from, to);
            read += at - from;
            announced = toCome == 0 ? -1 : read + toCome;
            return at;
        }

        private boolean goesOn() {
            return !whole && fault == null;
        }
    }

    private static final class Decoder implements FrameFinder {

        private final Scanner scanner;
        private boolean inFrame;

        Decoder(Scanner scanner) {
            this.scanner = scanner;
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            int limit = chunk.limit();
            scanner.start();
            int at = start;
            while (at < limit && scanner.goesOn()) {
                at = scanner.read(chunk, at, limit);
            }
            if (scanner.whole) {
                place.set(start, at - start, at);
            }
            return scanner.whole;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                if (!inFrame) {
                    scanner.start();
                    inFrame = true;
                }
                int from = chunk.position();
                frame.append(chunk, scanner.read(chunk, from, chunk.limit()) - from);
                if (scanner.fault != null) {
                    throw scanner.fault;
                }
                if (scanner.announced >= 0) {
                    frame.expect(scanner.announced, scanner.announced);
                }
                if (scanner.whole) {
                    inFrame = false;
                    return true;
                }
            }
            return false;
        }
    }

    /** Takes frames as they are on the wire, and looks at all of their bytes. */
    private static final class Encoder implements EnvelopeEncoder {

        private final Scanner scanner;

        Encoder(Scanner scanner) {
            this.scanner = scanner;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int at = frame.position();
            scanner.start();
            while (at < frame.limit() && scanner.goesOn()) {
                at = scanner.read(frame, at, frame.limit());
            }
            if (scanner.fault != null) {
                throw scanner.fault;
            }
            if (!scanner.whole) {
                throw new CorruptFrameException("frame of " + frame.remaining() + " bytes is not whole");
            }
            if (at < frame.limit()) {
                throw new CorruptFrameException(
                        "frame goes on behind its end, with " + (frame.limit() - at) + " bytes");
            }
            return frame.remaining();
        }

        @Override
        public int overhead() {
            return 0;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            return 0;
        }

        @Override
        public boolean takesPieces() {
            return false;
        }
    }
}
