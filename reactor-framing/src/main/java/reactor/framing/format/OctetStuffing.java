package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;

/**
 * What SLIP and HDLC have in common: a delimiter ends a frame, and where the payload has the delimiter or the escape,
 * two bytes stand for it. There are no empty frames: a delimiter without a frame before it is passed over.
 *
 * @param name for messages
 * @param escapedDelimiter stands for the delimiter, behind an escape
 * @param escapedEscape stands for the escape, behind an escape
 * @param escapesAny whether an escape may come before any other byte, too, and inverts its sixth bit
 * @param delimiterFirst whether a frame begins with the delimiter, too, unless that is the end of the one before
 * @param keepsMarks whether the delimiters are delivered: the last one and, if frames begin with one, the first
 */
record OctetStuffing(
        String name,
        byte delimiter,
        byte escape,
        byte escapedDelimiter,
        byte escapedEscape,
        boolean escapesAny,
        boolean delimiterFirst,
        boolean keepsMarks) {

    OctetStuffing keepingMarks() {
        return new OctetStuffing(
                name, delimiter, escape, escapedDelimiter, escapedEscape, escapesAny, delimiterFirst, true);
    }

    FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    FrameEncoder newEncoder() {
        return new Encoder(this);
    }

    /**
     * Passes over the rest of a bad frame, delimiter included.
     *
     * @return whether the delimiter was in this chunk
     */
    static boolean skipPast(byte delimiter, ByteBuffer chunk, FrameSink frame) {
        int start = chunk.position();
        int i = start;
        while (i < chunk.limit()) {
            if (chunk.get(i++) == delimiter) {
                frame.skip(chunk, i - start);
                // The fault ends here: what follows is a frame of its own, good or bad.
                frame.append(chunk, 0);
                return true;
            }
        }
        frame.skip(chunk, i - start);
        return false;
    }

    /** The byte that an escape and this byte stand for, or -1. */
    private int unescape(byte code) {
        if (code == escapedDelimiter) {
            return delimiter & 0xFF;
        }
        if (code == escapedEscape) {
            return escape & 0xFF;
        }
        return escapesAny && code != delimiter ? code & 0xFF ^ 0x20 : -1;
    }

    private boolean isOrdinary(byte value) {
        return value != delimiter && value != escape;
    }

    private static final class Decoder implements FrameDecoder {

        private final OctetStuffing format;

        private boolean inFrame;

        /** Whether the last byte was a delimiter that the next frame begins with. */
        private boolean opened;

        /** Whether the last byte was an escape. */
        private boolean escaped;

        /** Whether a bad frame is being passed over. */
        private boolean searching;

        Decoder(OctetStuffing format) {
            this.format = format;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                if (searching) {
                    searching = !skipPast(format.delimiter, chunk, frame);
                    continue;
                }
                if (escaped) {
                    readEscaped(chunk, frame);
                    continue;
                }
                int start = chunk.position();
                int i = start;
                while (i < chunk.limit() && format.isOrdinary(chunk.get(i))) {
                    i++;
                }
                boolean atDelimiter = i < chunk.limit() && chunk.get(i) == format.delimiter;
                if (opened && (i > start || !atDelimiter)) {
                    frame.begin(1);
                    opened = false;
                }
                if (i > start || !atDelimiter) {
                    enterFrame(frame);
                }
                if (i > start) {
                    frame.append(chunk, i - start);
                }
                if (i == chunk.limit()) {
                    return false;
                }
                if (!atDelimiter) {
                    chunk.position(i + 1);
                    escaped = true;
                } else if (inFrame) {
                    if (format.keepsMarks) {
                        frame.append(chunk, 1);
                    }
                    chunk.position(i + 1);
                    inFrame = false;
                    return true;
                } else {
                    frame.skip(chunk, 1);
                    opened = format.delimiterFirst;
                }
            }
            return false;
        }

        private void enterFrame(FrameSink frame) {
            if (!inFrame && format.keepsMarks && format.delimiterFirst) {
                frame.append(format.delimiter);
            }
            inFrame = true;
        }

        private void readEscaped(ByteBuffer chunk, FrameSink frame) {
            escaped = false;
            byte code = chunk.get(chunk.position());
            int value = format.unescape(code);
            if (value >= 0) {
                chunk.position(chunk.position() + 1);
                frame.append((byte) value);
                return;
            }
            HexFormat hex = HexFormat.of();
            frame.invalid(new CorruptFrameException("the " + format.name + " escape " + hex.toHexDigits(format.escape)
                    + " cannot be followed by " + hex.toHexDigits(code)));
            inFrame = false;
            searching = true;
        }
    }

    private static final class Encoder implements FrameEncoder {

        private final OctetStuffing format;

        Encoder(OctetStuffing format) {
            this.format = format;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int from = payloadStart(frame);
            int to = payloadEnd(frame);
            if (from >= to) {
                throw new CorruptFrameException(format.name + " has no empty frames");
            }
            if (format.keepsMarks) {
                byte[] mark = {format.delimiter};
                LengthLayout.checkBytes("end mark", mark, 0, frame, to);
                if (format.delimiterFirst) {
                    LengthLayout.checkBytes("start mark", mark, 0, frame, frame.position());
                }
            }
            long length = (long) to - from + (format.delimiterFirst ? 2 : 1);
            for (int i = from; i < to; i++) {
                if (!format.isOrdinary(frame.get(i))) {
                    length++;
                }
            }
            return WireLength.fitting(frame, length);
        }

        private int payloadStart(ByteBuffer frame) {
            return frame.position() + (format.keepsMarks && format.delimiterFirst ? 1 : 0);
        }

        private int payloadEnd(ByteBuffer frame) {
            return frame.limit() - (format.keepsMarks ? 1 : 0);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            if (format.delimiterFirst) {
                target.put(format.delimiter);
            }
            int i = payloadStart(frame);
            int to = payloadEnd(frame);
            while (i < to) {
                int start = i;
                while (i < to && format.isOrdinary(frame.get(i))) {
                    i++;
                }
                int at = target.position();
                target.put(at, frame, start, i - start).position(at + i - start);
                if (i < to) {
                    byte code = frame.get(i++) == format.escape ? format.escapedEscape : format.escapedDelimiter;
                    target.put(format.escape).put(code);
                }
            }
            target.put(format.delimiter);
        }
    }
}
