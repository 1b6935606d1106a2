package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * Frames of any framing with a {@link Check} in them. The check is made of the frame as the framing delivers it:
 *
 * <pre>
 * +---------------------+-------+
 * | covered by the check| check |
 * +---------------------+-------+
 * |&lt;- as the framing delivers ->|
 * </pre>
 *
 * <p>A header that the check covers has to be delivered: with {@code keepHeader()} in {@link LengthField}, {@code
 * keepMarks()} in {@link StartEnd}. Escapes are gone where the framing takes them out. Unless an option says otherwise,
 * the check is the last of the frame, covers all before it, has its most significant byte first, and is not delivered.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code Checked.of(LengthField.ofSize(2).adjustment(4), Check.crc32())}: the payload and its CRC-32, which the
 * length does not count.
 *
 * <pre>
 * wire   00 02 68 69 d8 93 2a ac
 * frame        68 69                "hi"
 * </pre>
 *
 * <p>{@code Checked.of(Hdlc.create(), Check.crc16X25()).littleEndian()}: the frame check sequence of HDLC.
 *
 * <pre>
 * wire   7e 68 69 15 5a 7e
 * frame     68 69             "hi"
 * </pre>
 *
 * <p>{@code Checked.of(StartEnd.of(DOLLAR, CRLF), Check.xor()).hex().covers(0, -3).keepCheck()}: a sentence of NMEA
 * 0183, whose check stands behind a {@code *} that it does not cover.
 *
 * <pre>
 * wire   $GPGLL,5057.970,N,00146.110,E,142451,A*27\r\n
 * frame   GPGLL,5057.970,N,00146.110,E,142451,A*27
 * </pre>
 *
 * <p>{@code Checked.of(messages, Check.sum(1)).decimal(3).at(-4).covers(0, -7)}: the checksum of FIX, three digits in
 * front of the last byte, which covers all up to {@code 10=}.
 *
 * <pre>
 * wire   8=FIX.4.2|9=65|35=A|49=SERVER|56=CLIENT|34=177|52=20090107-18:15:16|98=0|108=30|10=062|
 * frame  8=FIX.4.2|9=65|35=A|49=SERVER|56=CLIENT|34=177|52=20090107-18:15:16|98=0|108=30|10=062|
 * </pre>
 *
 * <h2>Faults</h2>
 *
 * <p>A wrong check, and a frame too short for one, are a {@link CorruptFrameException}. Under {@code skipInvalid} such
 * a frame is passed over, up to the end that the framing has found. All other faults are the framing's.
 *
 * <p>Under {@link reactor.framing.FrameCodec#decodeParts decodeParts}, a check that is not delivered is held back until
 * the frame's end is there, and a frame whose check is wrong ends in the error after its parts.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes what the decoder delivers. It writes the check, also over one that the frame brings, after a
 * length that the framing fills in. The frame is copied for that.
 */
public final class Checked implements Wrapping {

    /** How the number is written. */
    private enum Style {
        BIG_ENDIAN,
        LITTLE_ENDIAN,
        HEX,
        DECIMAL
    }

    private static final int UNSET = Integer.MIN_VALUE;

    /** So that what is held back of each frame stays small. */
    private static final int FARTHEST = 255;

    private final Framing framing;
    private final Check check;
    private final Style style;

    /** How many digits a decimal number has. */
    private final int digits;

    private final int at;
    private final int from;
    private final int to;
    private final boolean keepCheck;

    // what follows from the options

    /** How many bytes the check takes, and where it stands, from the end if negative. */
    private final int width;

    private final int place;

    /** Whether the check is left out of what is delivered. */
    private final boolean strips;

    /** How many bytes of a frame cannot be told apart from its end before that is there. */
    private final int lag;

    private Checked(
            Framing framing, Check check, Style style, int digits, int at, int from, int to, boolean keepCheck) {
        this.framing = framing;
        this.check = check;
        this.style = style;
        this.digits = digits;
        this.at = at;
        this.from = from;
        this.to = to;
        this.keepCheck = keepCheck;
        width = switch (style) {
            case BIG_ENDIAN, LITTLE_ENDIAN -> check.bytes();
            case HEX -> 2 * check.bytes();
            case DECIMAL -> digits;
        };
        place = at == UNSET ? -width : at;
        if (place < 0 && place > -width) {
            throw new IllegalArgumentException("at must leave room for the check's " + width + " bytes, was " + at);
        }
        strips = place == -width && !keepCheck;
        lag = Math.max(place < 0 ? -place : 0, to != UNSET && to < 0 ? -to : 0);
    }

    /**
     * Creates a format whose frames end in a check of all bytes before it, the most significant byte first.
     *
     * @param framing the framing of the frames
     * @param check the check
     * @return a new format
     * @throws IllegalArgumentException if the framing may read bytes of what follows a frame: a {@link Delimiter} where
     *     one delimiter contains another and goes on for two bytes or more behind it
     */
    public static Checked of(Framing framing, Check check) {
        Objects.requireNonNull(framing, "framing");
        Objects.requireNonNull(check, "check");
        return new Checked(Delimiter.requireNoReadAhead(framing), check, Style.BIG_ENDIAN, 0, UNSET, 0, UNSET, false);
    }

    /**
     * Has the check's least significant byte come first.
     *
     * @return a new format
     */
    public Checked littleEndian() {
        return new Checked(framing, check, Style.LITTLE_ENDIAN, 0, at, from, to, keepCheck);
    }

    /**
     * Has the check written in hexadecimal ASCII digits, two for each byte. They are read in either case and written in
     * upper case.
     *
     * @return a new format
     */
    public Checked hex() {
        return new Checked(framing, check, Style.HEX, 0, at, from, to, keepCheck);
    }

    /**
     * Has the check written in decimal ASCII digits, with zeros in front.
     *
     * @param digits how many, 1 to 20
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public Checked decimal(int digits) {
        if (digits < 1 || digits > 20) {
            throw new IllegalArgumentException("digits must be 1 to 20, was " + digits);
        }
        return new Checked(framing, check, Style.DECIMAL, digits, at, from, to, keepCheck);
    }

    /**
     * Says where the check stands. A check that is not the last of the frame is delivered with it. One whose place is
     * counted from the frame's start covers all bytes but its own, unless {@link #covers(int, int)} says otherwise.
     *
     * @param index the index of its first byte in the frame; if negative, counted from the frame's end, where -1 is the
     *     last byte, down to -255
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range, or leaves no room for the check
     */
    public Checked at(int index) {
        checkFromEnd("at", index);
        return new Checked(framing, check, style, digits, index, from, to, keepCheck);
    }

    /**
     * Says which bytes the check covers: from this one on, up to the check, or up to the frame's end where the place of
     * the check is counted from the frame's start.
     *
     * @param from the index of the first byte
     * @return a new format
     * @throws IllegalArgumentException if the number is negative
     */
    public Checked covers(int from) {
        return new Checked(framing, check, style, digits, at, checkFrom(from), UNSET, keepCheck);
    }

    /**
     * Says which bytes the check covers. It never covers itself: its own bytes are left out where they are among these.
     *
     * @param from the index of the first byte
     * @param to the index behind the last; if negative, counted from the frame's end, down to -255
     * @return a new format
     * @throws IllegalArgumentException if a number is out of range, or if no byte is before the second
     */
    public Checked covers(int from, int to) {
        checkFrom(from);
        checkFromEnd("to", to);
        if (to >= 0 && to <= from) {
            throw new IllegalArgumentException("to must be more than from, " + from + ", or negative, was " + to);
        }
        return new Checked(framing, check, style, digits, at, from, to, keepCheck);
    }

    private static int checkFrom(int from) {
        if (from < 0) {
            throw new IllegalArgumentException("from must not be negative, was " + from);
        }
        return from;
    }

    private static void checkFromEnd(String name, int index) {
        if (index < -FARTHEST) {
            throw new IllegalArgumentException(name + " must be at least -" + FARTHEST + ", was " + index);
        }
    }

    /**
     * Delivers frames with their check.
     *
     * @return a new format
     */
    public Checked keepCheck() {
        return new Checked(framing, check, style, digits, at, from, to, true);
    }

    @Override
    public Framing wrapped() {
        return framing;
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder(this);
    }

    @Override
    public String toString() {
        return "Checked.of(" + framing + ", " + check + ")"
                + switch (style) {
                    case BIG_ENDIAN -> "";
                    case LITTLE_ENDIAN -> ".littleEndian()";
                    case HEX -> ".hex()";
                    case DECIMAL -> ".decimal(" + digits + ")";
                }
                + (at == UNSET ? "" : ".at(" + at + ")")
                + (from == 0 && to == UNSET ? "" : ".covers(" + from + (to == UNSET ? "" : ", " + to) + ")")
                + (keepCheck ? ".keepCheck()" : "");
    }

    /** Where in a frame of this length, check included, the check stands. */
    private long place(long length) {
        return place < 0 ? length + place : place;
    }

    /** Up to where in a frame of this length it covers. */
    private long coveredEnd(long length) {
        if (to != UNSET) {
            return to < 0 ? length + to : to;
        }
        return place < 0 ? length + place : length;
    }

    private boolean hasRoom(long length) {
        long place = place(length);
        long end = coveredEnd(length);
        return place >= 0 && place + width <= length && from <= end && end <= length;
    }

    private static CorruptFrameException tooShort(long length) {
        return new CorruptFrameException("frame of " + length + " bytes is too short for its check");
    }

    /** The check as it is on the wire. */
    private byte[] written(long number) {
        int size = check.bytes();
        long value = size == Long.BYTES ? number : number & (1L << 8 * size) - 1;
        String text = switch (style) {
            case HEX -> ("%0" + width + "X").formatted(value);
            case DECIMAL -> "0".repeat(width) + Long.toUnsignedString(value);
            default -> "";
        };
        byte[] bytes = new byte[width];
        for (int i = 0; i < width; i++) {
            bytes[i] = switch (style) {
                case BIG_ENDIAN -> (byte) (value >>> 8 * (size - 1 - i));
                case LITTLE_ENDIAN -> (byte) (value >>> 8 * i);
                case HEX, DECIMAL -> (byte) text.charAt(text.length() - width + i);
            };
        }
        return bytes;
    }

    private boolean isSame(byte expected, byte found) {
        return expected == found || style == Style.HEX && expected == Character.toUpperCase((char) found);
    }

    private boolean isSame(byte[] expected, byte[] bytes, int at) {
        for (int i = 0; i < width; i++) {
            if (!isSame(expected[i], bytes[at + i])) {
                return false;
            }
        }
        return true;
    }

    private CorruptFrameException wrong(byte[] expected, byte[] found) {
        boolean isText = style == Style.HEX || style == Style.DECIMAL;
        return new CorruptFrameException(check + " is " + (isText ? text(expected) : Hex.of(expected))
                + " but the frame says " + (isText ? text(found) : Hex.of(found)));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /**
     * Gives those of the bytes that are covered to the checksum; the first of them has the given index in the frame.
     */
    private void cover(Checksum checksum, ByteBuffer bytes, int start, int n, long index, long end, long place) {
        update(checksum, bytes, start, n, index, from, Math.min(end, place));
        update(checksum, bytes, start, n, index, Math.max(from, place + width), end);
    }

    /** Gives those of the bytes to the checksum whose index in the frame is between these. */
    private static void update(Checksum checksum, ByteBuffer bytes, int start, int n, long index, long from, long to) {
        int first = (int) Math.max(0, Math.min(n, from - index));
        int last = (int) Math.max(first, Math.min(n, to - index));
        int length = last - first;
        if (length == 0) {
            return;
        }
        if (bytes.hasArray()) {
            checksum.update(bytes.array(), bytes.arrayOffset() + start + first, length);
        } else {
            checksum.update(bytes.slice(start + first, length));
        }
    }

    /** The check of a whole frame. */
    private byte[] made(Checksum checksum, ByteBuffer frame, int start, int length) {
        checksum.reset();
        cover(checksum, frame, start, length, 0, coveredEnd(length), place(length));
        return written(checksum.getValue());
    }

    private static final class Decoder implements FrameFinder {

        private final Checked format;
        private final FrameDecoder decoder;
        private final @Nullable FrameFinder finder;
        private final Checksum checksum;
        private final CheckingSink sink;
        private final byte[] found;

        Decoder(Checked format) {
            this.format = format;
            decoder = format.framing.newDecoder();
            finder = decoder instanceof FrameFinder f ? f : null;
            checksum = format.check.newChecksum();
            sink = new CheckingSink(format, checksum);
            found = new byte[format.width];
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            if (finder == null || !finder.find(chunk, start, place)) {
                return false;
            }
            int length = place.length();
            if (!format.hasRoom(length)) {
                return false;
            }
            byte[] expected = format.made(checksum, chunk, place.start(), length);
            checksum.reset();
            chunk.get(place.start() + (int) format.place(length), found);
            if (!format.isSame(expected, found, 0)) {
                return false;
            }
            if (format.strips) {
                place.set(place.start(), length - format.width, place.end());
            }
            return true;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            sink.forwardTo(frame);
            while (decoder.decode(chunk, sink)) {
                CorruptFrameException fault = sink.end();
                if (fault == null) {
                    return true;
                }
                frame.invalid(fault);
                // The fault ends here: what follows is a frame of its own, good or bad.
                frame.append(chunk, 0);
                if (!chunk.hasRemaining()) {
                    break;
                }
            }
            return false;
        }

        @Override
        public boolean complete(FrameSink frame) {
            sink.forwardTo(frame);
            while (decoder.complete(sink)) {
                CorruptFrameException fault = sink.end();
                if (fault == null) {
                    return true;
                }
                frame.invalid(fault);
            }
            return false;
        }
    }

    /**
     * Makes the check of what is handed over. Bytes that may turn out to be the check, or behind what it covers, are
     * held.
     */
    private static final class CheckingSink extends ForwardingSink {

        private final Checked format;
        private final Checksum checksum;

        /** The last bytes of the frame. */
        private final byte[] tail;

        private final ByteBuffer tailView;
        private int tailLength;

        /** A check that does not stand at the frame's end. */
        private final byte[] found;

        /** How many bytes have been handed over. */
        private long length;

        private final ByteBuffer oneByte = ByteBuffer.allocate(1);

        CheckingSink(Checked format, Checksum checksum) {
            this.format = format;
            this.checksum = checksum;
            tail = new byte[format.lag];
            tailView = ByteBuffer.wrap(tail);
            found = new byte[format.width];
        }

        @Override
        public void expect(long frameLength, long wireLength) {
            super.expect(format.strips ? Math.max(0, frameLength - format.width) : frameLength, wireLength);
        }

        @Override
        public void append(byte value) {
            append(oneByte.put(0, value).clear(), 1);
        }

        @Override
        public void append(ByteBuffer source, int n) {
            int start = source.position();
            int kept = Math.min(tail.length, tailLength + n);
            int gone = tailLength + n - kept;
            int goneOfTail = Math.min(gone, tailLength);
            int goneOfSource = gone - goneOfTail;
            read(tailView, 0, goneOfTail, length - tailLength);
            read(source, start, goneOfSource, length);
            forward(source, n);
            System.arraycopy(tail, goneOfTail, tail, 0, tailLength - goneOfTail);
            source.get(start + goneOfSource, tail, tailLength - goneOfTail, n - goneOfSource);
            tailLength = kept;
            length += n;
            source.position(start + n);
        }

        /** Reads bytes that are known not to be the last ones. */
        private void read(ByteBuffer bytes, int start, int n, long index) {
            if (n == 0) {
                return;
            }
            boolean fromStart = format.place >= 0;
            long place = fromStart ? format.place : Long.MAX_VALUE - format.width;
            format.cover(checksum, bytes, start, n, index, format.to > 0 ? format.to : Long.MAX_VALUE, place);
            if (fromStart) {
                keepFound(bytes, start, n, index);
            }
        }

        private void keepFound(ByteBuffer bytes, int start, int n, long index) {
            long from = Math.max(index, format.place);
            long to = Math.min(index + n, (long) format.place + format.width);
            if (from < to) {
                bytes.get(start + (int) (from - index), found, (int) (from - format.place), (int) (to - from));
            }
        }

        /**
         * Hands on what is not the check: all but the last bytes of what has come, which are in the tail or come now.
         */
        private void forward(ByteBuffer source, int n) {
            if (!format.strips) {
                super.append(source, n);
                return;
            }
            int width = format.width;
            int waiting = Math.min(width, tailLength);
            int ready = Math.max(0, waiting + n - width);
            int readyOfTail = Math.min(ready, waiting);
            if (readyOfTail > 0) {
                super.append(tailView.clear().position(tailLength - waiting), readyOfTail);
                tailView.clear();
            }
            super.append(source, ready - readyOfTail);
        }

        @Override
        public void invalid(FramingException cause) {
            begin();
            super.invalid(cause);
        }

        private void begin() {
            checksum.reset();
            tailLength = 0;
            length = 0;
        }

        /** The frame has ended; what is wrong with it, if anything is. */
        @Nullable
        CorruptFrameException end() {
            long length = this.length;
            CorruptFrameException fault = format.hasRoom(length) ? compare(length) : tooShort(length);
            begin();
            return fault;
        }

        private @Nullable CorruptFrameException compare(long length) {
            long index = length - tailLength;
            long place = format.place(length);
            format.cover(checksum, tailView, 0, tailLength, index, format.coveredEnd(length), place);
            if (format.place >= 0) {
                keepFound(tailView, 0, tailLength, index);
            } else {
                System.arraycopy(tail, (int) (place - index), found, 0, format.width);
            }
            byte[] expected = format.written(checksum.getValue());
            return format.isSame(expected, found, 0) ? null : format.wrong(expected, found.clone());
        }
    }

    private static final class Encoder implements FillingEncoder {

        private final Checked format;
        private final FrameEncoder encoder;
        private final Checksum checksum;

        /** The frame with its check, which is about to be written. */
        private @Nullable ByteBuffer checked;

        Encoder(Checked format) {
            this.format = format;
            encoder = format.framing.newEncoder();
            checksum = format.check.newChecksum();
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            ByteBuffer checked = checked(frame);
            if (checked == null) {
                throw tooShort(frame.remaining());
            }
            checkSettled(checked);
            this.checked = checked;
            return encoder.encodedLength(checked);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            ByteBuffer checked = Objects.requireNonNull(this.checked, "encodedLength has not been called");
            this.checked = null;
            encoder.encode(checked, target);
        }

        /** A copy of the frame with its check, or null if there is no room for one. */
        private @Nullable ByteBuffer checked(ByteBuffer frame) {
            int given = frame.remaining();
            int length = WireLength.fitting(frame, (long) given + (format.strips ? format.width : 0));
            if (!format.hasRoom(length)) {
                return null;
            }
            ByteBuffer checked = ByteBuffer.allocate(length);
            Buffers.copy(frame, frame.position(), checked, 0, given);
            FillingEncoder.fillIn(encoder, checked);
            checked.put((int) format.place(length), format.made(checksum, checked, 0, length));
            return checked;
        }

        /** Refuses a frame in which the framing changes what the check covers or where it stands. */
        private void checkSettled(ByteBuffer checked) {
            int length = checked.remaining();
            ByteBuffer delivered = FillingEncoder.delivered(encoder, checked);
            if (delivered.remaining() > length) {
                throw new CorruptFrameException("frame of " + length
                        + " bytes with its check is padded, so that the check is looked for elsewhere");
            }
            if (!delivered.equals(checked)) {
                throw new CorruptFrameException("the check and what " + format.framing
                        + " fills in are in each other's way, in a frame of " + length + " bytes");
            }
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            ByteBuffer checked = checked(frame);
            if (checked != null) {
                Buffers.copy(checked, 0, frame, frame.position(), frame.remaining());
            }
        }

        @Override
        public void takeBack() {
            FillingEncoder.takeBack(encoder);
        }

        @Override
        public @Nullable FrameEncoder innermost() {
            return FillingEncoder.innermost(encoder);
        }
    }
}
