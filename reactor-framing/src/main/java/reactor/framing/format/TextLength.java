package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/**
 * Frames with a length in front that is written in digits. On the wire a frame is
 *
 * <pre>
 * +--------+--------+--------+------------+---------+----------+
 * | marker | before | digits | terminator | payload | end mark |
 * +--------+--------+--------+------------+---------+----------+
 * |&lt;------------- header --------------&gt;|
 * </pre>
 *
 * where all but the digits and the payload are optional: {@link #decimal(int)}, {@link #hex(int)} and {@link #bcd(int)}
 * have no terminator, {@link #netstring()} has {@code ':'} and the end mark {@code ','}, {@link #octetCounting()} a
 * space. What is delivered is the payload, unless {@link #keepHeader()} says otherwise.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code TextLength.netstring()}: three messages, one of them empty, that four chunks cut where they like.
 *
 * <pre>
 * wire   35 3a 68 65 6c | 6c 6f 2c 30 | 3a 2c 32 3a 68 | 69 2c    "5:hello,0:,2:hi,"
 * frames "hello", "", "hi"
 * </pre>
 *
 * <p>{@code TextLength.octetCounting()}
 *
 * <pre>
 * wire   35 20 68 65 6c 6c 6f    "5 hello"
 * frame        68 65 6c 6c 6f    "hello"
 * </pre>
 *
 * <p>{@code TextLength.decimal(4)}
 *
 * <pre>
 * wire   30 30 30 35 68 65 6c 6c 6f    "0005hello"
 * frame              68 65 6c 6c 6f    "hello"
 * </pre>
 *
 * <p>{@code TextLength.bcd(2)}: two digits in a byte.
 *
 * <pre>
 * wire   00 12 68 65 6c 6c 6f 2c 20 77 6f 72 6c 64
 * frame        68 65 6c 6c 6f 2c 20 77 6f 72 6c 64    "hello, world"
 * </pre>
 *
 * <p>{@code TextLength.hex(4).counts(Counts.WHOLE_FRAME).keepHeader().headerOnlyUpTo(2)}: Git's pkt-line, whose lengths
 * 0 to 2 are packets of their own.
 *
 * <pre>
 * wire   30 30 30 36 68 69 30 30 30 30    "0006hi0000"
 * frames "0006hi", "0000"
 * </pre>
 *
 * <p>{@code TextLength.decimalUntil("\r\n").marker((byte) '$').endMark((byte) '\r', (byte) '\n')}: bulk strings of
 * Redis.
 *
 * <pre>
 * wire   24 35 0d 0a 68 65 6c 6c 6f 0d 0a 24 30 0d 0a 0d 0a    "$5\r\nhello\r\n$0\r\n\r\n"
 * frames "hello", ""
 * </pre>
 *
 * <h2>Lengths</h2>
 *
 * <ul>
 *   <li>{@link #netstring()}: <a href="https://cr.yp.to/proto/netstrings.txt">D. J. Bernstein's netstrings</a>. 1 to 18
 *       digits; no leading zero but the one of an empty string, {@code 0:,}.
 *   <li>{@link #octetCounting()}: <a href="https://www.rfc-editor.org/rfc/rfc6587#section-3.4.1">RFC 6587, section
 *       3.4.1</a>, for syslog over TCP and TLS (RFC 5425). 1 to 18 digits, the first of them not zero: there are no
 *       empty frames, and the encoder refuses one with a {@link CorruptFrameException}.
 *   <li>{@link #decimal(int)}, {@link #hex(int)}, {@link #bcd(int)}: always of the same size, with zeros in front.
 *       Hexadecimal digits are read in either case and written in lower case.
 *   <li>{@link #decimalUntil(String)}, {@link #hexUntil(String)}: 1 to 18 or 1 to 15 digits, with zeros in front or
 *       without, and written without.
 * </ul>
 *
 * <h2>Faults</h2>
 *
 * <p>What is not a digit, such as a sign or white space, a leading zero where there may be none, too many digits, a
 * length smaller than the header that it counts, a wrong marker and a wrong end mark are a {@link
 * CorruptFrameException}. Without a marker they end the stream, also under {@code skipInvalid}: nothing tells where the
 * next frame begins. With a marker they are passed over, and the search for the next one goes on at the byte after the
 * false start. A frame over the limit is passed over by its length.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes what the decoder delivers. Where the frame brings its header ({@link #keepHeader()}), it fills
 * in a length of a fixed size, and refuses a wrong one of another size. A frame whose length has too many digits is a
 * {@link FrameTooLongException}. Bytes {@code before} the length that the frame does not bring cannot be known: {@link
 * #newEncoder()} then throws.
 */
public final class TextLength implements Framing {

    private static final byte[] NO_BYTES = {};
    private static final byte[] COMMA = {','};

    private enum Digits {
        DECIMAL(10, 18),
        HEX(16, 15),
        BCD(100, 9);

        /** How many numbers a byte of the length can stand for. */
        private final int radix;

        /** The most bytes whose number fits into a long. */
        private final int maxSize;

        Digits(int radix, int maxSize) {
            this.radix = radix;
            this.maxSize = maxSize;
        }

        /** The number that this byte of a length stands for, or -1. */
        int valueOf(byte value) {
            if (this == BCD) {
                int high = value >> 4 & 0xF;
                int low = value & 0xF;
                return high > 9 || low > 9 ? -1 : high * 10 + low;
            }
            // beyond ASCII there are other digits
            return value < 0 ? -1 : Character.digit(value, radix);
        }

        byte byteOf(int number) {
            return (byte) (this == BCD ? number / 10 << 4 | number % 10 : Character.forDigit(number, radix));
        }
    }

    /**
     * How the length is written.
     *
     * @param size the number of bytes, or 0 if the length ends in a terminator
     * @param leadingZeros whether there may be zeros in front of it
     * @param zero whether it may be 0
     */
    private record Syntax(String name, Digits digits, int size, byte[] terminator, boolean leadingZeros, boolean zero) {

        /** How many bytes the number takes. */
        int sizeOf(long number) {
            if (size > 0) {
                return size;
            }
            int count = 1;
            for (long rest = number / digits.radix; rest > 0; rest /= digits.radix) {
                count++;
            }
            return count + terminator.length;
        }

        long largest() {
            long largest = 1;
            for (int i = 0; i < (size == 0 ? digits.maxSize : size); i++) {
                largest *= digits.radix;
            }
            return largest - 1;
        }
    }

    private final Syntax syntax;
    private final LengthLayout layout;

    /** The end mark that the format has by itself. */
    private final byte[] ownEndMark;

    /** The largest length that stands for the header alone, or -1. */
    private final int headerOnlyUpTo;

    private TextLength(Syntax syntax, LengthLayout layout, byte[] ownEndMark, int headerOnlyUpTo) {
        this.syntax = syntax;
        this.layout = layout;
        this.ownEndMark = ownEndMark;
        this.headerOnlyUpTo = headerOnlyUpTo;
        if (headerOnlyUpTo >= 0 && layout.counts() != Counts.WHOLE_FRAME) {
            throw new IllegalArgumentException("headerOnlyUpTo(" + headerOnlyUpTo
                    + ") is for counts(WHOLE_FRAME), not for counts(" + layout.counts() + ")");
        }
    }

    private TextLength with(LengthLayout layout) {
        return new TextLength(syntax, layout, ownEndMark, headerOnlyUpTo);
    }

    /**
     * Creates the format {@code 5:hello,}.
     *
     * @return a new format
     */
    public static TextLength netstring() {
        Syntax syntax = new Syntax("netstring()", Digits.DECIMAL, 0, new byte[] {':'}, false, true);
        return new TextLength(syntax, LengthLayout.PLAIN.withEndMark(COMMA), COMMA, -1);
    }

    /**
     * Creates the format {@code 5 hello} of RFC 6587.
     *
     * @return a new format
     */
    public static TextLength octetCounting() {
        Syntax syntax = new Syntax("octetCounting()", Digits.DECIMAL, 0, new byte[] {' '}, false, false);
        return new TextLength(syntax, LengthLayout.PLAIN, NO_BYTES, -1);
    }

    /**
     * Creates a format with a length in decimal ASCII digits.
     *
     * @param bytes the size of the length: as many digits, 1 to 18
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public static TextLength decimal(int bytes) {
        return ofSize("decimal", Digits.DECIMAL, bytes);
    }

    /**
     * Creates a format with a length in hexadecimal ASCII digits.
     *
     * @param bytes the size of the length: as many digits, 1 to 15
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public static TextLength hex(int bytes) {
        return ofSize("hex", Digits.HEX, bytes);
    }

    /**
     * Creates a format with a length in packed binary-coded decimal, the higher digit of a byte in its upper half.
     *
     * @param bytes the size of the length, 1 to 9: twice as many digits
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public static TextLength bcd(int bytes) {
        return ofSize("bcd", Digits.BCD, bytes);
    }

    private static TextLength ofSize(String name, Digits digits, int bytes) {
        if (bytes < 1 || bytes > digits.maxSize) {
            throw new IllegalArgumentException(
                    "size of " + name + " must be 1 to " + digits.maxSize + " bytes, was " + bytes);
        }
        Syntax syntax = new Syntax(name + "(" + bytes + ")", digits, bytes, NO_BYTES, true, true);
        return new TextLength(syntax, LengthLayout.PLAIN, NO_BYTES, -1);
    }

    /**
     * Creates a format with a length in as many decimal ASCII digits as it needs, 18 at most.
     *
     * @param terminator what is behind the digits, in UTF-8
     * @return a new format
     * @throws IllegalArgumentException if the terminator is empty or begins with a digit
     */
    public static TextLength decimalUntil(String terminator) {
        return until("decimalUntil", Digits.DECIMAL, terminator);
    }

    /**
     * Creates a format with a length in as many hexadecimal ASCII digits as it needs, 15 at most.
     *
     * @param terminator what is behind the digits, in UTF-8
     * @return a new format
     * @throws IllegalArgumentException if the terminator is empty or begins with a digit
     */
    public static TextLength hexUntil(String terminator) {
        return until("hexUntil", Digits.HEX, terminator);
    }

    private static TextLength until(String name, Digits digits, String terminator) {
        byte[] bytes = terminator.getBytes(StandardCharsets.UTF_8);
        LengthLayout.checkMark("terminator", bytes);
        if (digits.valueOf(bytes[0]) >= 0) {
            throw new IllegalArgumentException("terminator must not begin with a digit, was " + Hex.of(bytes));
        }
        Syntax syntax = new Syntax(name + "(" + Hex.of(bytes) + ")", digits, 0, bytes, true, true);
        return new TextLength(syntax, LengthLayout.PLAIN, NO_BYTES, -1);
    }

    /**
     * Puts constant bytes at the start of every frame.
     *
     * @param bytes the marker
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public TextLength marker(byte... bytes) {
        return with(layout.withMarker(bytes));
    }

    /**
     * Puts header bytes of the application's between the marker and the length.
     *
     * @param bytes how many, 0 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public TextLength before(int bytes) {
        return with(layout.withBefore(bytes));
    }

    /**
     * Says what the length counts. An {@link #endMark(byte...)} is not part of the payload.
     *
     * @param counts the bytes that are counted
     * @return a new format
     * @throws IllegalStateException if the length is not of a fixed size and would count itself
     * @throws IllegalArgumentException if {@link #headerOnlyUpTo(int)} asks for {@link Counts#WHOLE_FRAME}
     */
    public TextLength counts(Counts counts) {
        Objects.requireNonNull(counts, "counts");
        if (counts == Counts.WHOLE_FRAME && syntax.size == 0) {
            throw new IllegalStateException(
                    "counts(WHOLE_FRAME) is for lengths of a fixed size, not for TextLength." + syntax.name);
        }
        return with(layout.withCounts(counts));
    }

    /**
     * Sets what has to be added to the number in the digits to get the count.
     *
     * @param bytes the difference between the count and the number; may be negative
     * @return a new format
     */
    public TextLength adjustment(int bytes) {
        return with(layout.withAdjustment(bytes));
    }

    /**
     * Delivers frames with their header, marker included.
     *
     * @return a new format
     */
    public TextLength keepHeader() {
        return with(layout.withStrip(0));
    }

    /**
     * Puts constant bytes at the end of every frame. They are not delivered, unless {@link #keepEndMark()} says so, and
     * a frame with other bytes there is corrupt.
     *
     * @param bytes the end mark
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public TextLength endMark(byte... bytes) {
        return with(layout.withEndMark(bytes));
    }

    /**
     * Delivers frames with their {@linkplain #endMark(byte...) end mark}.
     *
     * @return a new format
     */
    public TextLength keepEndMark() {
        return with(layout.withEndMarkKept());
    }

    /**
     * Takes small lengths, which a length that counts itself cannot have, for frames that are nothing but the header.
     * With {@link #keepHeader()} they are told apart, and the encoder leaves the length of such a frame as it is.
     *
     * @param length the largest of these lengths, less than the size of the length
     * @return a new format
     * @throws IllegalArgumentException if the length is negative, or not less than the size, or if the length does not
     *     count itself: set {@link Counts#WHOLE_FRAME} before
     */
    public TextLength headerOnlyUpTo(int length) {
        if (length < 0 || length >= syntax.size) {
            throw new IllegalArgumentException(
                    "headerOnlyUpTo must be 0 to less than the size of " + syntax.size + " bytes, was " + length);
        }
        return new TextLength(syntax, layout, ownEndMark, length);
    }

    @Override
    public FrameDecoder newDecoder() {
        return new LengthDecoder(new Reader(this), layout.shape());
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if there are bytes {@code before} the length that the frame does not bring
     */
    @Override
    public FrameEncoder newEncoder() {
        if (layout.before() > 0 && !keepsHeader()) {
            throw new UnsupportedOperationException("Cannot encode: the " + layout.before()
                    + " bytes before the length are not part of the frame; use keepHeader()");
        }
        return new Encoder(this);
    }

    private boolean keepsHeader() {
        return layout.strip() == 0;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("TextLength.").append(syntax.name);
        layout.appendHeaderTo(text);
        layout.appendRestTo(text, ownEndMark);
        if (headerOnlyUpTo >= 0) {
            text.append(".headerOnlyUpTo(").append(headerOnlyUpTo).append(')');
        }
        return text.toString();
    }

    /** Reads headers. Also the encoder does, where the frame brings its header. */
    private static final class Reader extends HeaderReader {

        private final TextLength format;
        private final Syntax syntax;
        private final Digits digits;
        private final int lengthOffset;

        /** The number in the digits, and what is wrong with them. */
        private long number;

        private String fault = "";

        Reader(TextLength format) {
            this.format = format;
            syntax = format.syntax;
            digits = syntax.digits;
            lengthOffset = format.layout.lengthOffset();
        }

        @Override
        long read(ByteBuffer bytes, int start, int available) {
            int at = lengthOffset;
            int count = 0;
            long number = 0;
            while (at < available) {
                byte value = bytes.get(start + at++);
                size = at;
                if (count > 0 && syntax.size == 0 && value == syntax.terminator[0]) {
                    return readTerminator(bytes, start, available, number);
                }
                int digit = digits.valueOf(value);
                if (isBad(value, digit, count, number)) {
                    return BAD;
                }
                number = number * digits.radix + digit;
                if (++count == syntax.size) {
                    return wireLength(number);
                }
            }
            needed = Math.max(available, lengthOffset) + 1;
            return MORE;
        }

        private boolean isBad(byte value, int digit, int count, long number) {
            if (digit < 0) {
                fault = Hex.of(value)
                        + (syntax.size > 0
                                ? " is no digit of the length"
                                : " is neither a digit of the length nor the " + Hex.of(syntax.terminator)
                                        + " behind it");
            } else if (count == digits.maxSize) {
                fault = "a length of more than " + digits.maxSize + " digits";
            } else if (!syntax.leadingZeros && count == 1 && number == 0) {
                fault = "a length with a leading zero";
            } else if (!syntax.zero && count == 0 && digit == 0) {
                fault = "a length that begins with zero";
            } else {
                return false;
            }
            return true;
        }

        /** Reads the terminator, of which the first byte is known. */
        private long readTerminator(ByteBuffer bytes, int start, int available, long number) {
            byte[] terminator = syntax.terminator;
            for (int i = 1; i < terminator.length; i++) {
                if (size == available) {
                    needed = available + 1;
                    return MORE;
                }
                byte value = bytes.get(start + size++);
                if (value != terminator[i]) {
                    fault = Hex.of(value) + " is not the terminator " + Hex.of(terminator) + " behind the length";
                    return BAD;
                }
            }
            return wireLength(number);
        }

        private long wireLength(long number) {
            this.number = number;
            return number <= format.headerOnlyUpTo
                    ? size
                    : Math.max(0, number + format.layout.uncounted(size - lengthOffset));
        }

        @Override
        CorruptFrameException fault(ByteBuffer bytes, int start) {
            return new CorruptFrameException(fault);
        }

        @Override
        String said(ByteBuffer bytes, int start) {
            return "length " + number;
        }
    }

    private static final class Encoder implements FillingEncoder, EnvelopeEncoder {

        private final TextLength format;
        private final Syntax syntax;
        private final LengthLayout layout;
        private final Reader reader;
        private final boolean keepsHeader;

        /** Whether the length is the frame's own, since nobody else could say where its payload begins. */
        private final boolean bringsLength;

        /** How many of the frame's first bytes are the header, if its length is filled in. */
        private final int headerBrought;

        private final long largest;

        Encoder(TextLength format) {
            this.format = format;
            syntax = format.syntax;
            layout = format.layout;
            reader = new Reader(format);
            keepsHeader = format.keepsHeader();
            bringsLength = keepsHeader && syntax.size == 0;
            headerBrought = keepsHeader && !bringsLength ? layout.headerLength(syntax.size) : 0;
            largest = syntax.largest();
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            long number = checkedNumber(length, frame);
            layout.checkMarks(frame, strippedMarker());
            int header = keepsHeader ? 0 : layout.lengthOffset() + syntax.sizeOf(number);
            return WireLength.fitting(frame, (long) header + length + layout.strippedEnd());
        }

        private int strippedMarker() {
            return keepsHeader ? 0 : layout.marker().length;
        }

        /**
         * What the length says, or has to say; {@link #MORE} if the start ends inside a header that the frame brings.
         */
        private long checkedNumber(long length, ByteBuffer start) {
            if (bringsLength) {
                return readNumber(length, start);
            }
            int brought = headerBrought + layout.endMark().length - layout.strippedEnd();
            if (length < brought) {
                throw new CorruptFrameException(
                        "frame of " + length + " bytes is shorter than the " + brought + " of its header and end mark");
            }
            if (start.remaining() < headerBrought) {
                return MORE;
            }
            long number = number(length, start);
            if (number < 0 || number == 0 && !syntax.zero) {
                throw new CorruptFrameException(
                        number < 0
                                ? "frame of " + length + " bytes is too short for its length: it would be " + number
                                : "octet counting has no empty frames");
            }
            if (number > largest) {
                throw new FrameTooLongException(
                        "frame of " + length + " bytes exceeds the " + (largest - number + length)
                                + " that its length can say",
                        length,
                        largest - number + length);
            }
            return number;
        }

        /** Refuses a frame that does not have the length that its header says. */
        private long readNumber(long length, ByteBuffer start) {
            long wireLength = reader.read(start, start.position(), start.remaining());
            if (wireLength == HeaderReader.MORE) {
                if (start.remaining() < length) {
                    return MORE;
                }
                throw new CorruptFrameException("frame of " + length + " bytes ends before its length does");
            }
            if (wireLength == HeaderReader.BAD) {
                throw reader.fault(start, start.position());
            }
            if (wireLength != length + layout.strippedEnd()) {
                throw new CorruptFrameException("frame of " + length + " bytes brings the length " + reader.number);
            }
            return reader.number;
        }

        /** What the length has to be, of which only that of a header with a fixed size can count its own size. */
        private long number(long length, ByteBuffer start) {
            if (isHeaderOnly(length, start)) {
                return reader.number;
            }
            long payload = length - headerBrought - (layout.keepsEndMark() ? layout.endMark().length : 0);
            long counted = switch (layout.counts()) {
                case PAYLOAD -> payload;
                case AFTER_LENGTH -> payload + layout.endMark().length;
                case WHOLE_FRAME -> layout.headerLength(syntax.size) + payload + layout.endMark().length;
            };
            return counted - layout.adjustment();
        }

        private boolean isHeaderOnly(long length, ByteBuffer start) {
            return format.headerOnlyUpTo >= 0
                    && keepsHeader
                    && length == headerBrought
                    && reader.read(start, start.position(), headerBrought) >= 0
                    && reader.number <= format.headerOnlyUpTo;
        }

        @Override
        public int overhead() {
            return bringsLength
                    ? layout.strippedEnd()
                    : Math.max(layout.lengthOffset() + syntax.sizeOf(largest), layout.strippedEnd());
        }

        @Override
        public boolean takesPieces() {
            return !layout.keepsEndMark();
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            long number = checkedNumber(frameLength, start);
            if (number == MORE) {
                return MORE;
            }
            layout.checkMarker(start, strippedMarker());
            if (!bringsLength) {
                int at = target.position();
                target.put(at, layout.marker(), 0, strippedMarker());
                target.put(at, start, start.position(), headerBrought);
                writeLength(target, at + layout.lengthOffset(), number);
                target.position(at + layout.lengthOffset() + syntax.sizeOf(number));
            }
            return headerBrought;
        }

        @Override
        public void behind(ByteBuffer target) {
            target.put(layout.endMark(), 0, layout.strippedEnd());
        }

        @Override
        public ByteBuffer delivered(ByteBuffer frame) {
            return headerBrought == 0 ? frame : FillingEncoder.super.delivered(frame);
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            if (headerBrought == 0 || frame.remaining() < headerBrought) {
                return;
            }
            long number = number(frame.remaining(), frame);
            if (number >= 0 && number <= largest) {
                writeLength(frame, frame.position() + layout.lengthOffset(), number);
            }
        }

        private void writeLength(ByteBuffer target, int at, long number) {
            int radix = syntax.digits.radix;
            byte[] terminator = syntax.terminator;
            int digits = syntax.sizeOf(number) - terminator.length;
            long rest = number;
            for (int i = digits - 1; i >= 0; i--) {
                target.put(at + i, syntax.digits.byteOf((int) (rest % radix)));
                rest /= radix;
            }
            target.put(at + digits, terminator);
        }
    }
}
