package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
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
 * where each mark has one or more bytes. What is delivered is the payload, unless {@link #keepMarks()} says otherwise.
 * A start mark inside a frame is data, and so is every part of an end mark that is not the whole.
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
 * <p>{@code StartEnd.of((byte) 0x7E, (byte) 0x7E).escape((byte) 0x7D).code((byte) 1, (byte) 0x7D).code((byte) 2, (byte)
 * 0x7E)}: codes of one's own, as in JT/T 808.
 *
 * <pre>
 * wire   7e 30 7d 02 08 7d 01 55 7e
 * frame     30 7e    08 7d    55
 * </pre>
 *
 * <p>{@code StartEnd.of((byte) 0x7E, (byte) 0x7F).escape((byte) 0x7D).xor((byte) 0x20)}: behind the escape, a byte has
 * one bit inverted.
 *
 * <pre>
 * wire   7e 01 7d 5f 7d 5d 7f
 * frame     01 7f    7d
 * </pre>
 *
 * <p>{@code StartEnd.of(new byte[] {0x10, 2}, new byte[] {0x10, 3}).escape((byte) 0x10).code((byte) 0x10, (byte)
 * 0x10)}: marks that begin with the escape, which stands twice where it is data.
 *
 * <pre>
 * wire   10 02 61 10 10 03 10 03
 * frame        61 10    03
 * </pre>
 *
 * <p>{@code StartEnd.of((byte) '<', (byte) '>').keepMarks()}
 *
 * <pre>
 * wire   3c 68 69 3e    "&lt;hi&gt;"
 * frame  3c 68 69 3e
 * </pre>
 *
 * <p>{@code StartEnd.of(new byte[] {0x0b}, new byte[] {0x1c, 0x0d}).skipBetween()}: the blocks of MLLP, the minimal
 * lower layer protocol of HL7, with half an end mark in the payload and a line feed between the frames, in chunks that
 * are cut anywhere.
 *
 * <pre>
 * wire   0b 61 1c | 62 1c | 0d 0a 0b | 63 1c 0d
 * frames 61 1c 62, "c"
 * </pre>
 *
 * <h2>Escapes</h2>
 *
 * <p>Behind an {@link #escape(byte...)}, any byte is data. With {@link #code(byte, byte)}, the bytes behind it are
 * codes that stand for others; with {@link #xor(byte)}, the byte behind it is data when the mask's bits are inverted.
 * Where codes are given and no mask, every other byte behind an escape is bad; with a mask, the end mark's first byte
 * is.
 *
 * <h2>Between frames</h2>
 *
 * <p>The next frame's start mark has to follow at once, unless {@link #skipBetween()} allows for other bytes, which are
 * then passed over. They belong to no frame and do not count in the next frame's offset. A stream that ends with the
 * first bytes of a start mark has ended inside a frame.
 *
 * <h2>Faults</h2>
 *
 * <p>Other bytes where a start mark has to be, and a bad escape, are a {@link CorruptFrameException}. Under {@code
 * skipInvalid}, the former are passed over up to the next start mark, and a frame with a bad escape or over the limit
 * up to and including its end mark.
 *
 * <p>Where both marks are the same, one that is found by a search may be an end instead of a start. So after a fault,
 * and with {@link #skipBetween()}, two of them in a row are no empty frame: the frame begins with the second.
 *
 * <h2>Encoding</h2>
 *
 * <p>Behind a plain escape or one with a mask, every payload can be written: the encoder puts it before each byte of
 * the payload that is the first of the escape or of a mark, unless both would begin the end mark. With codes, it
 * writes each code's escape and code for what the code stands for. A frame is refused with a {@link
 * CorruptFrameException} if its end would still be found too early, or an escape where there is none: be the mark
 * inside the payload or made of its last bytes and the first of the mark. With {@link #keepMarks()} the frame brings
 * its marks.
 */
public final class StartEnd implements Framing {

    private static final int LONGEST_MARK = 255;

    /** Behind an escape, a code on the wire stands for these bytes. */
    private record Code(byte[] code, byte[] data) {}

    /**
     * @param codes what may be behind it; if there are none and no mask, any byte is data
     * @param mask what has to be inverted in a byte behind it, if it is not a code; 0 if no other may be
     */
    private record Escape(Mark mark, List<Code> codes, int mask) {

        Escape with(Code code) {
            List<Code> more = new ArrayList<>(codes);
            more.add(code);
            return new Escape(mark, List.copyOf(more), mask);
        }

        /** Whether a byte that is not a code is data, once the mask is off. */
        boolean takesAny() {
            return mask != 0 || codes.isEmpty();
        }
    }

    private final Mark start;
    private final Mark end;
    private final @Nullable Escape escape;
    private final boolean keepMarks;
    private final boolean skipBetween;

    /** What is behind an escape in an end mark that begins with it; otherwise there are no bytes. */
    private final byte[] endBehindEscape;

    private StartEnd(Mark start, Mark end, @Nullable Escape escape, boolean keepMarks, boolean skipBetween) {
        this.start = start;
        this.end = end;
        this.escape = escape;
        this.keepMarks = keepMarks;
        this.skipBetween = skipBetween;
        endBehindEscape = escape != null && end.startsWith(escape.mark.bytes)
                ? Arrays.copyOfRange(end.bytes, escape.mark.length(), end.length())
                : new byte[0];
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
        return new StartEnd(mark("start", start), mark("end", end), null, false, false);
    }

    private static Mark mark(String name, byte[] bytes) {
        if (bytes.length == 0 || bytes.length > LONGEST_MARK) {
            throw new IllegalArgumentException(
                    name + " must have 1 to " + LONGEST_MARK + " bytes, had " + bytes.length);
        }
        return new Mark(bytes.clone());
    }

    /**
     * Sets bytes behind which any byte of the payload is data, the escape and the first byte of the end mark included.
     * Codes and a mask that were set before are gone.
     *
     * @param bytes the escape
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255, or if the end mark has one of these
     *     bytes, unless it begins with the whole escape and has none of its bytes behind it
     */
    public StartEnd escape(byte... bytes) {
        Mark mark = mark("escape", bytes);
        int from = end.startsWith(bytes) && end.length() > bytes.length ? bytes.length : 0;
        for (int i = from; i < end.length(); i++) {
            if (mark.contains(end.bytes[i])) {
                throw new IllegalArgumentException("escape must have no byte of the end mark " + end
                        + ", unless that begins with it, was " + mark);
            }
        }
        return new StartEnd(start, end, new Escape(mark, List.of(), 0), keepMarks, skipBetween);
    }

    /**
     * Has a byte behind the escape stand for another. May be called for any number of codes.
     *
     * @param code the byte behind the escape on the wire
     * @param data the byte of the payload that it stands for
     * @return a new format
     * @throws IllegalStateException if there is no escape
     * @throws IllegalArgumentException if the code stands for something already
     */
    public StartEnd code(byte code, byte data) {
        return code(new byte[] {code}, new byte[] {data});
    }

    /**
     * Has bytes behind the escape stand for others. May be called for any number of codes.
     *
     * @param code the bytes behind the escape on the wire
     * @param data the bytes of the payload that they stand for
     * @return a new format
     * @throws IllegalStateException if there is no escape
     * @throws IllegalArgumentException if there are no bytes, or more than 255, or if one code begins with another or
     *     with what the end mark has behind the escape
     */
    public StartEnd code(byte[] code, byte[] data) {
        Escape escape = requireEscape("code");
        mark("code", code);
        mark("data", data);
        List<byte[]> others = new ArrayList<>(List.of(endBehindEscape));
        escape.codes.forEach(other -> others.add(other.code));
        for (byte[] other : others) {
            int n = Math.min(code.length, other.length);
            if (n > 0 && Arrays.equals(code, 0, n, other, 0, n)) {
                throw new IllegalArgumentException(
                        "code must not begin like another one, " + Hex.of(other) + ", was " + Hex.of(code));
            }
        }
        return new StartEnd(start, end, escape.with(new Code(code.clone(), data.clone())), keepMarks, skipBetween);
    }

    /**
     * Has a byte behind the escape stand for itself with some bits inverted.
     *
     * @param mask the bits that are inverted
     * @return a new format
     * @throws IllegalStateException if there is no escape
     * @throws IllegalArgumentException if the mask is 0, or if it turns a byte that has to be escaped into the end
     *     mark's first, or into what that has behind the escape
     */
    public StartEnd xor(byte mask) {
        Escape escape = requireEscape("xor");
        byte bad = endBehindEscape.length > 0 ? endBehindEscape[0] : end.bytes[0];
        for (Mark mark : List.of(escape.mark, start, end)) {
            if (mask == 0 || (mark.bytes[0] ^ mask) == bad) {
                throw new IllegalArgumentException("xor must not be 0 nor make " + Hex.of(bad) + " of "
                        + Hex.of(mark.bytes[0]) + ", was " + Hex.of(mask));
            }
        }
        return new StartEnd(start, end, new Escape(escape.mark, escape.codes, mask), keepMarks, skipBetween);
    }

    private Escape requireEscape(String option) {
        if (escape == null) {
            throw new IllegalStateException(option + " is for formats with an escape: set that before");
        }
        return escape;
    }

    /**
     * Delivers frames with their marks, which then count as part of the frame's length.
     *
     * @return a new format
     */
    public StartEnd keepMarks() {
        return new StartEnd(start, end, escape, true, skipBetween);
    }

    /**
     * Passes over bytes between an end mark and the next start mark, as if they were not there.
     *
     * @return a new format
     */
    public StartEnd skipBetween() {
        return new StartEnd(start, end, escape, keepMarks, true);
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    @Override
    public FrameEncoder newEncoder() {
        return escape == null ? new PlainEncoder(this) : new Encoder(this);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("StartEnd.of(" + start + ", " + end + ")");
        if (escape != null) {
            text.append(".escape(").append(escape.mark).append(')');
            escape.codes.forEach(code -> text.append(".code(")
                    .append(Hex.of(code.code))
                    .append(", ")
                    .append(Hex.of(code.data))
                    .append(')'));
            if (escape.mask != 0) {
                text.append(".xor(").append(Hex.of((byte) escape.mask)).append(')');
            }
        }
        return text + (keepMarks ? ".keepMarks()" : "") + (skipBetween ? ".skipBetween()" : "");
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

        boolean contains(byte value) {
            for (byte each : bytes) {
                if (each == value) {
                    return true;
                }
            }
            return false;
        }

        boolean startsWith(byte[] first) {
            return bytes.length >= first.length && Arrays.equals(bytes, 0, first.length, first, 0, first.length);
        }

        /**
         * How many bytes of the mark the stream ends in, with this byte behind so many matched ones, fewer than all.
         */
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
            return Hex.of(bytes);
        }
    }

    /**
     * Looks for an end mark and an escape. As these have no byte in common, unless the end mark begins with the escape
     * and is looked for behind it, never more than one of them can have begun.
     */
    private static final class Search {

        private static final int NONE = Integer.MIN_VALUE;

        private final Mark end;
        private final @Nullable Mark escape;

        /** The first bytes of these, or {@link #NONE} if there is none or it is not looked for. */
        private final int endStart;

        private final int escapeStart;

        /** Which of them may have begun, and how many of its bytes the stream ends in. */
        private Mark mark;

        private int matched;

        Search(StartEnd format) {
            end = format.end;
            escape = format.escape == null ? null : format.escape.mark;
            endStart = format.endBehindEscape.length > 0 ? NONE : end.bytes[0];
            escapeStart = escape == null ? NONE : escape.bytes[0];
            mark = end;
        }

        void begin() {
            matched = 0;
        }

        /** Whether this byte, where nothing has begun, is data. */
        private boolean isData(byte value) {
            return value != endStart && value != escapeStart;
        }

        /** Passes over data, where nothing has begun; returns the index of the first byte that may be none. */
        int passData(ByteBuffer chunk, int from) {
            int endStart = this.endStart;
            int escapeStart = this.escapeStart;
            int limit = chunk.limit();
            int at = from;
            while (at < limit) {
                byte value = chunk.get(at);
                if (value == endStart || value == escapeStart) {
                    break;
                }
                at++;
            }
            return at;
        }

        /** Looks at a byte; returns what is complete with it, if anything is. */
        @Nullable
        Mark next(byte value) {
            if (matched > 0) {
                matched = mark.next(matched, value);
            }
            if (matched == 0) {
                if (isData(value)) {
                    return null;
                }
                mark = escape != null && value == escapeStart ? escape : end;
                matched = 1;
            }
            if (matched < mark.length()) {
                return null;
            }
            matched = 0;
            return mark;
        }
    }

    private static final class Decoder implements FrameDecoder {

        private final StartEnd format;
        private final Mark start;
        private final Mark end;
        private final boolean skipBetween;
        private final boolean sameMarks;
        private final Search search;

        private boolean inFrame;

        /** How many bytes of the start mark the stream ends in, between frames. */
        private int matched;

        /** Whether a fault is being passed over, up to a start mark. */
        private boolean searching;

        /** Whether nothing of the frame has been read but its start mark. */
        private boolean opened;

        /** Whether that may have been an end mark, which is so if another one follows at once. */
        private boolean maybeEnd;

        /** Whether the frame has a bad escape and is passed over. */
        private boolean bad;

        /** Whether an escape was read last, and what has been read of the code behind it. */
        private boolean escaped;

        private byte[] code = new byte[2];
        private int codeLength;

        Decoder(StartEnd format) {
            this.format = format;
            start = format.start;
            end = format.end;
            skipBetween = format.skipBetween;
            sameMarks = Arrays.equals(start.bytes, end.bytes);
            search = new Search(format);
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                if (!inFrame) {
                    inFrame = readStart(chunk, frame);
                } else if (escaped ? readEscaped(chunk, frame) : readPayload(chunk, frame)) {
                    return true;
                }
            }
            if (bad) {
                frame.begin(0);
            }
            return false;
        }

        // ---- the start mark

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
                    matched = 0;
                    opened = true;
                    maybeEnd = mayBeNoise && sameMarks;
                    searching = false;
                    if (mayBeNoise && !maybeEnd) {
                        frame.append(chunk, 0);
                    }
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
                frame.invalid(new CorruptFrameException("expected the start mark " + start + " but found "
                        + Hex.of(Arrays.copyOf(start.bytes, before)) + (before == 0 ? "" : " ") + Hex.of(value)));
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

        // ---- the payload

        /** Reads up to an escape, the end mark or the end of the chunk; true if the frame is complete. */
        private boolean readPayload(ByteBuffer chunk, FrameSink frame) {
            int from = chunk.position();
            int limit = chunk.limit();
            // bytes of earlier chunks, which are data unless the mark goes on
            Mark held = search.mark;
            int heldLength = search.matched;
            Mark found = null;
            int i = from;
            while (i < limit && found == null) {
                if (search.matched == 0) {
                    i = search.passData(chunk, i);
                }
                if (i < limit) {
                    found = search.next(chunk.get(i++));
                }
            }
            int data = heldLength + i - from - (found != null ? found.length() : search.matched);
            if (data > 0) {
                int dataHeld = Math.min(data, heldLength);
                if (dataHeld > 0) {
                    hand(ByteBuffer.wrap(held.bytes), dataHeld, frame);
                }
                hand(chunk, data - dataHeld, frame);
            }
            chunk.position(i);
            escaped = found != null && found != end;
            return found == end && endFrame(frame);
        }

        /** Reads what is behind an escape; true if the frame is complete. */
        private boolean readEscaped(ByteBuffer chunk, FrameSink frame) {
            Escape escape = Objects.requireNonNull(format.escape);
            while (chunk.hasRemaining()) {
                byte value = chunk.get(chunk.position());
                if (codeLength == code.length) {
                    code = Arrays.copyOf(code, 2 * codeLength);
                }
                code[codeLength++] = value;
                boolean mayGoOn = isCode(format.endBehindEscape);
                if (mayGoOn && codeLength == format.endBehindEscape.length) {
                    chunk.get();
                    endEscape();
                    return endFrame(frame);
                }
                for (Code each : escape.codes) {
                    boolean fits = isCode(each.code);
                    if (fits && codeLength == each.code.length) {
                        chunk.get();
                        endEscape();
                        hand(ByteBuffer.wrap(each.data), each.data.length, frame);
                        return false;
                    }
                    mayGoOn |= fits;
                }
                if (!mayGoOn) {
                    readOther(value, chunk, escape, frame);
                    return false;
                }
                chunk.get();
            }
            return false;
        }

        /** Whether what has been read behind the escape is this code, or its beginning. */
        private boolean isCode(byte[] whole) {
            return codeLength <= whole.length && Arrays.equals(code, 0, codeLength, whole, 0, codeLength);
        }

        /** Reads a byte behind an escape that is not a code. */
        private void readOther(byte value, ByteBuffer chunk, Escape escape, FrameSink frame) {
            boolean isData = codeLength == 1
                    && escape.takesAny()
                    && (escape.mask == 0 || format.endBehindEscape.length > 0 || value != end.bytes[0]);
            if (isData && escape.mask == 0) {
                hand(chunk, 1, frame);
            } else if (isData) {
                chunk.get();
                hand(ByteBuffer.wrap(new byte[] {(byte) (value ^ escape.mask)}), 1, frame);
            } else if (!bad) {
                frame.invalid(new CorruptFrameException("the escape " + escape.mark + " cannot be followed by "
                        + Hex.of(Arrays.copyOf(code, codeLength))));
                bad = true;
                opened = false;
            }
            endEscape();
        }

        private void endEscape() {
            escaped = false;
            codeLength = 0;
        }

        /** Hands over data. */
        private void hand(ByteBuffer source, int n, FrameSink frame) {
            if (bad) {
                source.position(source.position() + n);
                return;
            }
            open(frame);
            frame.append(source, n);
        }

        /** The frame goes on behind its start mark, which was one. */
        private void open(FrameSink frame) {
            if (opened && format.keepMarks) {
                frame.append(ByteBuffer.wrap(start.bytes), start.length());
            }
            opened = false;
        }

        /** The end mark has been read; true if the frame is complete. */
        private boolean endFrame(FrameSink frame) {
            if (opened && maybeEnd) {
                frame.begin(end.length());
                return false;
            }
            inFrame = false;
            if (bad) {
                bad = false;
                // The fault ends here: what follows is a frame of its own, good or bad.
                frame.begin(0);
                frame.append(ByteBuffer.wrap(end.bytes), 0);
                return false;
            }
            open(frame);
            if (format.keepMarks) {
                frame.append(ByteBuffer.wrap(end.bytes), end.length());
            }
            return true;
        }
    }

    private static class Encoder implements FrameEncoder {

        private final StartEnd format;
        final Mark start;
        final Mark end;
        private final @Nullable Escape escape;

        /** How many bytes of the marks the frame brings. */
        final int startBrought;

        final int endBrought;

        Encoder(StartEnd format) {
            this.format = format;
            start = format.start;
            end = format.end;
            escape = format.escape;
            startBrought = format.keepMarks ? start.length() : 0;
            endBrought = format.keepMarks ? end.length() : 0;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            int from = frame.position() + startBrought;
            int to = frame.limit() - endBrought;
            if (from > to) {
                throw new CorruptFrameException("frame of " + length + " bytes is shorter than its marks");
            }
            if (format.keepMarks) {
                LengthLayout.checkBytes("start mark", start.bytes, 0, frame, frame.position());
                LengthLayout.checkBytes("end mark", end.bytes, 0, frame, to);
            }
            if (from == to && format.skipBetween && Arrays.equals(start.bytes, end.bytes)) {
                throw new CorruptFrameException("an empty frame between marks that are the same would not be found");
            }
            return WireLength.fitting(frame, start.length() + wireLength(frame, from, to) + end.length());
        }

        /** How many bytes the payload takes; reads it and the end mark behind it as the decoder would. */
        private long wireLength(ByteBuffer frame, int from, int to) {
            Search search = new Search(format);
            long length = 0;
            for (int i = from; i < to; ) {
                Code code = codeAt(frame, i, to);
                if (code != null) {
                    length += (escape == null ? 0 : escape.mark.length()) + code.code.length;
                    i += code.data.length;
                    search.begin();
                    continue;
                }
                Mark found = search.next(frame.get(i++));
                if (found != null) {
                    throw new CorruptFrameException(
                            found == end
                                    ? "the frame has the end mark " + end + " inside"
                                    : "the frame has the escape " + found + " inside, for which there is no code");
                }
                length++;
            }
            int last = end.length() - format.endBehindEscape.length;
            for (int i = 0; i < last; i++) {
                if (search.next(end.bytes[i]) != null && i < last - 1) {
                    throw new CorruptFrameException(
                            "the frame's last bytes make an end mark " + end + " with the first of the one behind it");
                }
            }
            return length;
        }

        /** What is written for the bytes that begin here, if they are not written as they are. */
        private @Nullable Code codeAt(ByteBuffer frame, int at, int to) {
            if (escape == null) {
                return null;
            }
            Code longest = null;
            for (Code code : escape.codes) {
                if ((longest == null || code.data.length > longest.data.length) && isAt(frame, at, to, code.data)) {
                    longest = code;
                }
            }
            byte value = frame.get(at);
            boolean isSpecial = value == escape.mark.bytes[0]
                    || value == end.bytes[0]
                    || value == start.bytes[0] && !beginsEndBehindEscape((byte) (value ^ escape.mask));
            return longest == null && isSpecial && escape.takesAny()
                    ? new Code(new byte[] {(byte) (value ^ escape.mask)}, new byte[] {value})
                    : longest;
        }

        private boolean beginsEndBehindEscape(byte value) {
            byte[] behind = format.endBehindEscape;
            return behind.length > 0 && behind[0] == value;
        }

        private static boolean isAt(ByteBuffer frame, int at, int to, byte[] bytes) {
            if (to - at < bytes.length) {
                return false;
            }
            for (int i = 0; i < bytes.length; i++) {
                if (frame.get(at + i) != bytes[i]) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int i = frame.position() + startBrought;
            int to = frame.limit() - endBrought;
            target.put(start.bytes);
            while (i < to) {
                int from = i;
                Code code = null;
                while (i < to && (code = codeAt(frame, i, to)) == null) {
                    i++;
                }
                Buffers.copy(frame, from, target, target.position(), i - from);
                target.position(target.position() + i - from);
                if (code != null && escape != null) {
                    target.put(escape.mark.bytes).put(code.code);
                    i += code.data.length;
                }
            }
            target.put(end.bytes);
        }
    }

    /** Without an escape, nothing is written in a frame's place. */
    private static final class PlainEncoder extends Encoder implements EnvelopeEncoder {

        PlainEncoder(StartEnd format) {
            super(format);
        }

        @Override
        public int overhead() {
            return Math.max(start.length(), end.length());
        }

        /** An end mark inside can be anywhere. */
        @Override
        public boolean takesPieces() {
            return false;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            target.put(this.start.bytes);
            return startBrought;
        }

        @Override
        public void behind(ByteBuffer target) {
            target.put(end.bytes, endBrought, end.length() - endBrought);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            EnvelopeEncoder.super.encode(frame, target);
        }
    }
}
