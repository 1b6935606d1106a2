package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/**
 * Frames between a start mark and an end mark. On the wire a frame is
 *
 * <pre>
 * +-------+---------+-----+
 * | start | payload | end |
 * +-------+---------+-----+
 * </pre>
 *
 * where each mark has one or more bytes. What is delivered is the payload. A start mark inside a frame is data, and so is
 * every part of an end mark that is not the whole.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code StartEnd.of((byte) 0x02, (byte) 0x03)}: STX and ETX; the second frame is empty.
 *
 * <pre>
 * wire   02 68 69 03 02 03
 * frames "hi", ""
 * </pre>
 *
 * <p>{@code StartEnd.of((byte) 0x02, (byte) 0x03).escape((byte) 0x10)}: behind a DLE, any byte is data.
 *
 * <pre>
 * wire   02 61 10 03 62 10 10 03
 * frame     61    03 62    10
 * </pre>
 *
 * <p>{@code StartEnd.of(new byte[] {0x0b}, new byte[] {0x1c, 0x0d}).skipBetween()}: the blocks of MLLP, the minimal lower
 * layer protocol of HL7, with half an end mark in the payload and a line feed between the frames, in chunks that are cut
 * anywhere.
 *
 * <pre>
 * wire   0b 61 1c | 62 1c | 0d 0a 0b | 63 1c 0d
 * frames 61 1c 62, "c"
 * </pre>
 *
 * <h2>Between frames</h2>
 *
 * <p>The next frame's start mark has to follow at once, unless {@link #skipBetween()} allows for other bytes, which are then
 * passed over. They belong to no frame and do not count in the next frame's offset. A stream that ends with the first bytes of
 * a start mark has ended inside a frame.
 *
 * <h2>Faults</h2>
 *
 * <p>Other bytes where a start mark has to be are a {@link CorruptFrameException}. Under {@code skipInvalid} they are passed
 * over up to the next start mark, and a frame over the limit up to and including its end mark.
 *
 * <h2>Encoding</h2>
 *
 * <p>With an escape, every payload can be written: the encoder puts it before each byte of the payload that is the escape or
 * the first byte of a mark. Without one, a frame is refused with a {@link CorruptFrameException} if its end would be found
 * too early, be the end mark inside the payload or made of its last bytes and the first of the mark.
 */
public final class StartEnd implements Framing {

    private final Mark start;
    private final Mark end;
    private final @Nullable Byte escape;
    private final boolean skipBetween;

    private StartEnd(Mark start, Mark end, @Nullable Byte escape, boolean skipBetween) {
        this.start = start;
        this.end = end;
        this.escape = escape;
        this.skipBetween = skipBetween;
    }

    /**
     * Creates a format with marks of one byte, no escape, and nothing allowed between frames.
     *
     * @param start the byte in front of every frame
     * @param end the byte behind every frame
     * @return a new format
     */
    public static StartEnd of(byte start, byte end) {
        return of(new byte[] {start}, new byte[] {end});
    }

    /**
     * Creates a format without an escape, and with nothing allowed between frames.
     *
     * @param start the bytes in front of every frame
     * @param end the bytes behind every frame
     * @return a new format
     * @throws IllegalArgumentException if a mark has no bytes, or more than 255
     */
    public static StartEnd of(byte[] start, byte[] end) {
        return new StartEnd(mark("start", start), mark("end", end), null, false);
    }

    private static Mark mark(String name, byte[] bytes) {
        if (bytes.length == 0 || bytes.length > 255) {
            throw new IllegalArgumentException(name + " must have 1 to 255 bytes, had " + bytes.length);
        }
        return new Mark(bytes.clone());
    }

    /**
     * Sets a byte behind which any byte of the payload is data, the escape and the first byte of the end mark included.
     *
     * @param value the escape
     * @return a new format
     * @throws IllegalArgumentException if the end mark has this byte
     */
    public StartEnd escape(byte value) {
        for (byte b : end.bytes) {
            if (b == value) {
                throw new IllegalArgumentException(
                        "escape must not be a byte of the end mark " + end + ", was " + hex(value));
            }
        }
        return new StartEnd(start, end, value, skipBetween);
    }

    /**
     * Passes over bytes between an end mark and the next start mark, as if they were not there.
     *
     * @return a new format
     */
    public StartEnd skipBetween() {
        return new StartEnd(start, end, escape, true);
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    @Override
    public FrameEncoder newEncoder() {
        return escape == null ? new Encoder(start, end) : new EscapingEncoder(start, end, escape);
    }

    @Override
    public String toString() {
        return "StartEnd.of(" + start + ", " + end + ")" + (escape == null ? "" : ".escape(" + hex(escape) + ")")
                + (skipBetween ? ".skipBetween()" : "");
    }

    private static String hex(byte value) {
        return HexFormat.of().toHexDigits(value);
    }

    /** Constant bytes, to be found in others without looking at any byte twice (Knuth, Morris and Pratt). */
    private static final class Mark {

        final byte[] bytes;

        /** For each number of bytes matched: the longest shorter beginning of the mark that these end in. */
        private final int[] fallback;

        Mark(byte[] bytes) {
            this.bytes = bytes;
            fallback = new int[bytes.length + 1];
            for (int i = 1; i < bytes.length; i++) {
                fallback[i + 1] = next(fallback[i], bytes[i]);
            }
        }

        int length() {
            return bytes.length;
        }

        /** How many bytes of the mark the stream ends in, with this byte behind so many matched ones, fewer than all. */
        int next(int matched, byte value) {
            int next = matched;
            while (bytes[next] != value) {
                if (next == 0) {
                    return 0;
                }
                next = fallback[next];
            }
            return next + 1;
        }

        @Override
        public String toString() {
            return HexFormat.ofDelimiter(" ").formatHex(bytes);
        }
    }

    private static final class Decoder implements FrameDecoder {

        private final Mark start;
        private final Mark end;
        private final @Nullable Byte escape;
        private final boolean skipBetween;

        private boolean inFrame;

        /** How many bytes of the start mark, or in a frame of the end mark, the stream ends in. */
        private int matched;

        /** Whether the last byte was an escape. */
        private boolean escaped;

        /** Whether a fault is being passed over, up to a start mark. */
        private boolean searching;

        Decoder(StartEnd format) {
            start = format.start;
            end = format.end;
            escape = format.escape;
            skipBetween = format.skipBetween;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (!inFrame) {
                inFrame = readStart(chunk, frame);
            }
            while (inFrame && chunk.hasRemaining()) {
                if (readPayload(chunk, frame)) {
                    inFrame = false;
                    return true;
                }
            }
            return false;
        }

        private boolean readStart(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                boolean mayBeNoise = searching || skipBetween;
                if (mayBeNoise && matched == 0) {
                    skipToStart(chunk, frame);
                    if (!chunk.hasRemaining()) {
                        return false;
                    }
                }
                byte value = chunk.get();
                int before = matched;
                matched = start.next(before, value);
                if (matched == start.length()) {
                    if (mayBeNoise) {
                        frame.begin(matched);
                        frame.append(chunk, 0);
                    }
                    searching = false;
                    matched = 0;
                    return true;
                }
                if (matched <= before) {
                    notTheStart(before, value, frame);
                }
            }
            return false;
        }

        private void notTheStart(int before, byte value, FrameSink frame) {
            if (!skipBetween && !searching) {
                String found = HexFormat.ofDelimiter(" ").formatHex(start.bytes, 0, before);
                frame.invalid(new CorruptFrameException("expected the start mark " + start + " but found "
                        + (before == 0 ? "" : found + " ") + hex(value)));
                searching = true;
            }
            frame.begin(matched);
        }

        private void skipToStart(ByteBuffer chunk, FrameSink frame) {
            int from = chunk.position();
            int i = from;
            while (i < chunk.limit() && chunk.get(i) != start.bytes[0]) {
                i++;
            }
            if (i > from) {
                frame.skip(chunk, i - from);
            }
        }

        /**
         * Reads up to the end mark, an escape or the end of the chunk.
         *
         * @return whether it was the end mark
         */
        private boolean readPayload(ByteBuffer chunk, FrameSink frame) {
            int from = chunk.position();
            int held = matched;
            int i = from;
            if (escaped) {
                escaped = false;
                i++;
            }
            boolean ended = false;
            while (i < chunk.limit() && !ended) {
                byte value = chunk.get(i);
                if (escape != null && value == escape) {
                    escaped = true;
                    matched = 0;
                    break;
                }
                i++;
                matched = end.next(matched, value);
                ended = matched == end.length();
            }
            // What is not matched is data: first of the bytes matched in earlier chunks, then of this chunk.
            int data = held + i - from - matched;
            int dataHeld = Math.min(data, held);
            if (dataHeld > 0) {
                frame.append(ByteBuffer.wrap(end.bytes), dataHeld);
            }
            if (data > dataHeld) {
                frame.append(chunk, data - dataHeld);
            }
            chunk.position(escaped ? i + 1 : i);
            if (ended) {
                matched = 0;
            }
            return ended;
        }
    }

    private static final class Encoder implements FrameEncoder {

        private final Mark start;
        private final Mark end;

        Encoder(Mark start, Mark end) {
            this.start = start;
            this.end = end;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int matched = 0;
            for (int i = frame.position(); i < frame.limit(); i++) {
                matched = end.next(matched, frame.get(i));
                if (matched == end.length()) {
                    throw new CorruptFrameException("the frame has the end mark " + end + " inside");
                }
            }
            for (int i = 0; i < end.length() - 1; i++) {
                matched = end.next(matched, end.bytes[i]);
                if (matched == end.length()) {
                    throw new CorruptFrameException(
                            "the frame's last bytes make an end mark " + end + " with the first of the one behind it");
                }
            }
            return WireLength.fitting(frame, (long) start.length() + frame.remaining() + end.length());
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            target.put(start.bytes);
            int length = frame.remaining();
            Buffers.copy(frame, frame.position(), target, target.position(), length);
            target.position(target.position() + length);
            target.put(end.bytes);
        }
    }

    private static final class EscapingEncoder implements FrameEncoder {

        private final Mark start;
        private final Mark end;
        private final byte escape;

        EscapingEncoder(Mark start, Mark end, byte escape) {
            this.start = start;
            this.end = end;
            this.escape = escape;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            long length = (long) start.length() + frame.remaining() + end.length();
            for (int i = frame.position(); i < frame.limit(); i++) {
                if (isEscaped(frame.get(i))) {
                    length++;
                }
            }
            return WireLength.fitting(frame, length);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            target.put(start.bytes);
            for (int i = frame.position(); i < frame.limit(); i++) {
                byte value = frame.get(i);
                if (isEscaped(value)) {
                    target.put(escape);
                }
                target.put(value);
            }
            target.put(end.bytes);
        }

        private boolean isEscaped(byte value) {
            return value == escape || value == start.bytes[0] || value == end.bytes[0];
        }
    }
}
