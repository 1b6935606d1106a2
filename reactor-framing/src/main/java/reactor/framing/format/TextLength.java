package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/**
 * Frames with a length in front that is written in digits. On the wire a frame is one of
 *
 * <pre>
 * +--------+-----+---------+-----+
 * | digits | ':' | payload | ',' |    netstring()
 * +--------+-----+---------+-----+
 *
 * +--------+-----+---------+
 * | digits | ' ' | payload |          octetCounting()
 * +--------+-----+---------+
 *
 * +----------+---------+
 * | n digits | payload |              decimal(n), hex(n), bcd(n)
 * +----------+---------+
 * </pre>
 *
 * What is delivered is the payload, unless {@link #keepHeader()} says otherwise.
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
 * <p>{@code TextLength.hex(4).counts(Counts.WHOLE_FRAME).keepHeader().headerOnlyUpTo(2)}: Git's pkt-line, whose lengths 0 to
 * 2 are packets of their own.
 *
 * <pre>
 * wire   30 30 30 36 68 69 30 30 30 30    "0006hi0000"
 * frames "0006hi", "0000"
 * </pre>
 *
 * <h2>Lengths</h2>
 *
 * <ul>
 *   <li>{@link #netstring()}: <a href="https://cr.yp.to/proto/netstrings.txt">D. J. Bernstein's netstrings</a>. 1 to 18
 *       digits; no leading zero but the one of an empty string, {@code 0:,}.
 *   <li>{@link #octetCounting()}: <a href="https://www.rfc-editor.org/rfc/rfc6587#section-3.4.1">RFC 6587, section
 *       3.4.1</a>, for syslog over TCP and TLS (RFC 5425). 1 to 18 digits, the first of them not zero: there are no empty
 *       frames, and the encoder refuses one with a {@link CorruptFrameException}.
 *   <li>{@link #decimal(int)}, {@link #hex(int)}, {@link #bcd(int)}: always of the same size, with zeros in front.
 *       Hexadecimal digits are read in either case and written in lower case.
 * </ul>
 *
 * <h2>Faults</h2>
 *
 * <p>What is not a digit, such as a sign or white space, a leading zero where there may be none, more than 18 digits, a length
 * smaller than the header that it counts, and another byte than the comma behind a netstring are a
 * {@link CorruptFrameException}. They end the stream, also under {@code skipInvalid}: nothing tells where the next frame
 * begins. A frame over the limit is passed over by its length.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes what the decoder delivers; where the frame brings its header ({@link #keepHeader()}), it fills the
 * length in. A frame whose length has too many digits is a {@link FrameTooLongException}.
 */
public final class TextLength implements Framing {

    private static final int MAX_DIGITS = 18;

    private enum Digits {
        DECIMAL(10, MAX_DIGITS),
        HEX(16, 15),
        BCD(100, MAX_DIGITS / 2);

        /** How many numbers a byte of the length can stand for. */
        private final int radix;

        /** The most bytes whose number fits into a long. */
        private final int maxSize;

        Digits(int radix, int maxSize) {
            this.radix = radix;
            this.maxSize = maxSize;
        }
    }

    private final String name;
    private final Digits digits;

    /** The size of the length in bytes, or 0 if it ends in {@link #separator}. */
    private final int size;

    private final char separator;

    /** Whether a comma is behind the payload. */
    private final boolean comma;

    private final boolean hasEmpty;
    private final Counts counts;
    private final boolean keepHeader;

    /** The largest length that stands for the header alone, or -1. */
    private final int headerOnlyUpTo;

    private TextLength(
            String name,
            Digits digits,
            int size,
            char separator,
            boolean comma,
            boolean hasEmpty,
            Counts counts,
            boolean keepHeader,
            int headerOnlyUpTo) {
        this.name = name;
        this.digits = digits;
        this.size = size;
        this.separator = separator;
        this.comma = comma;
        this.hasEmpty = hasEmpty;
        this.counts = counts;
        this.keepHeader = keepHeader;
        this.headerOnlyUpTo = headerOnlyUpTo;
    }

    /**
     * Creates the format {@code 5:hello,}.
     *
     * @return a new format
     */
    public static TextLength netstring() {
        return new TextLength("netstring()", Digits.DECIMAL, 0, ':', true, true, Counts.PAYLOAD, false, -1);
    }

    /**
     * Creates the format {@code 5 hello} of RFC 6587.
     *
     * @return a new format
     */
    public static TextLength octetCounting() {
        return new TextLength("octetCounting()", Digits.DECIMAL, 0, ' ', false, false, Counts.PAYLOAD, false, -1);
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
        return new TextLength(name + "(" + bytes + ")", digits, bytes, ' ', false, true, Counts.PAYLOAD, false, -1);
    }

    /**
     * Says what the length counts. With nothing between the length and the payload, {@link Counts#AFTER_LENGTH} is the same
     * as {@link Counts#PAYLOAD}.
     *
     * @param counts the bytes that are counted
     * @return a new format
     * @throws IllegalStateException if the length is not of a fixed size
     * @throws IllegalArgumentException if {@link #headerOnlyUpTo(int)} asks for {@link Counts#WHOLE_FRAME}
     */
    public TextLength counts(Counts counts) {
        Objects.requireNonNull(counts, "counts");
        checkFixedSize("counts");
        checkHeaderOnly(counts, headerOnlyUpTo);
        return new TextLength(name, digits, size, separator, comma, hasEmpty, counts, keepHeader, headerOnlyUpTo);
    }

    /**
     * Delivers frames with their length in front.
     *
     * @return a new format
     * @throws IllegalStateException if the length is not of a fixed size
     */
    public TextLength keepHeader() {
        checkFixedSize("keepHeader");
        return new TextLength(name, digits, size, separator, comma, hasEmpty, counts, true, headerOnlyUpTo);
    }

    /**
     * Takes small lengths, which a length that counts itself cannot have, for frames that are nothing but the length.
     * With {@link #keepHeader()} they are told apart, and the encoder leaves the length of such a frame as it is.
     *
     * @param length the largest of these lengths, less than the size of the length
     * @return a new format
     * @throws IllegalArgumentException if the length is negative, or not less than the size, or if the length does not count
     *     itself: set {@link Counts#WHOLE_FRAME} before
     */
    public TextLength headerOnlyUpTo(int length) {
        if (length < 0 || length >= size) {
            throw new IllegalArgumentException(
                    "headerOnlyUpTo must be 0 to less than the size of " + size + " bytes, was " + length);
        }
        checkHeaderOnly(counts, length);
        return new TextLength(name, digits, size, separator, comma, hasEmpty, counts, keepHeader, length);
    }

    private void checkFixedSize(String option) {
        if (size == 0) {
            throw new IllegalStateException(option + " is for lengths of a fixed size, not for TextLength." + name);
        }
    }

    private static void checkHeaderOnly(Counts counts, int length) {
        if (length >= 0 && counts != Counts.WHOLE_FRAME) {
            throw new IllegalArgumentException(
                    "headerOnlyUpTo(" + length + ") is for counts(WHOLE_FRAME), not for counts(" + counts + ")");
        }
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
        return "TextLength." + name + (counts == Counts.PAYLOAD ? "" : ".counts(" + counts + ")")
                + (keepHeader ? ".keepHeader()" : "")
                + (headerOnlyUpTo < 0 ? "" : ".headerOnlyUpTo(" + headerOnlyUpTo + ")");
    }

    /** The number that this byte of the length stands for, or -1. */
    private int valueOf(byte value) {
        if (digits == Digits.BCD) {
            int high = value >> 4 & 0xF;
            int low = value & 0xF;
            return high > 9 || low > 9 ? -1 : high * 10 + low;
        }
        // beyond ASCII there are other digits
        return value < 0 ? -1 : Character.digit(value, digits.radix);
    }

    private static final class Decoder implements FrameDecoder {

        private final TextLength format;

        /** A length that chunks have cut and that is to be delivered. */
        private final ByteBuffer header;

        /** How many bytes of the length have been read, and their number. */
        private int read;

        private long length;

        private boolean inPayload;

        /** Bytes of the payload that are still to come. */
        private long remaining;

        Decoder(TextLength format) {
            this.format = format;
            header = ByteBuffer.allocate(format.size);
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (!inPayload) {
                inPayload = format.size > 0 ? readFixed(chunk, frame) : readVariable(chunk, frame);
                if (!inPayload) {
                    return false;
                }
            }
            int n = (int) Math.min(remaining, chunk.remaining());
            if (n > 0) {
                frame.append(chunk, n);
                remaining -= n;
            }
            if (remaining > 0 || format.comma && !readComma(chunk)) {
                return false;
            }
            inPayload = false;
            read = 0;
            length = 0;
            return true;
        }

        private boolean readFixed(ByteBuffer chunk, FrameSink frame) {
            int start = chunk.position();
            int size = format.size;
            while (chunk.hasRemaining()) {
                byte value = chunk.get();
                int number = format.valueOf(value);
                if (number < 0) {
                    throw new CorruptFrameException(hex(value) + " is no digit of the length");
                }
                header.put(read++, value);
                length = length * format.digits.radix + number;
                if (read == size) {
                    startFixed(chunk, start, frame);
                    return true;
                }
            }
            return false;
        }

        private void startFixed(ByteBuffer chunk, int start, FrameSink frame) {
            int size = format.size;
            if (format.counts != Counts.WHOLE_FRAME) {
                remaining = length;
            } else if (length <= format.headerOnlyUpTo) {
                remaining = 0;
            } else if (length >= size) {
                remaining = length - size;
            } else {
                throw new CorruptFrameException(
                        "length " + length + " is less than the " + size + " bytes of the length itself");
            }
            long wireLength = size + remaining;
            if (!format.keepHeader) {
                frame.expect(remaining, wireLength);
                return;
            }
            frame.expect(wireLength, wireLength);
            if (chunk.position() - start == size) {
                // in one piece with the payload, which saves a copy
                frame.append(chunk.position(start), size);
            } else {
                frame.append(header.clear(), size);
            }
        }

        private boolean readVariable(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                byte value = chunk.get();
                if (value == format.separator && read > 0) {
                    remaining = length;
                    frame.expect(length, read + 1 + length + (format.comma ? 1 : 0));
                    return true;
                }
                int number = format.valueOf(value);
                if (number < 0) {
                    throw new CorruptFrameException(hex(value) + " is neither a digit of the length nor the '"
                            + format.separator + "' behind it");
                }
                if (read == MAX_DIGITS) {
                    throw new CorruptFrameException("a length of more than " + MAX_DIGITS + " digits");
                }
                if (read == 1 && length == 0) {
                    throw new CorruptFrameException("a length with a leading zero");
                }
                if (number == 0 && read == 0 && !format.hasEmpty) {
                    throw new CorruptFrameException("a length that begins with zero");
                }
                read++;
                length = length * 10 + number;
            }
            return false;
        }

        private static boolean readComma(ByteBuffer chunk) {
            if (!chunk.hasRemaining()) {
                return false;
            }
            byte value = chunk.get();
            if (value != ',') {
                throw new CorruptFrameException("expected ',' behind the payload but found " + hex(value));
            }
            return true;
        }

        private static String hex(byte value) {
            return HexFormat.of().toHexDigits(value);
        }
    }

    private static final class Encoder implements FrameEncoder {

        private final TextLength format;

        /** The part of the header that the frame brings. */
        private final int kept;

        private final long maxLength;

        Encoder(TextLength format) {
            this.format = format;
            kept = format.keepHeader ? format.size : 0;
            long max = 1;
            for (int i = 0; i < format.size; i++) {
                max *= format.digits.radix;
            }
            maxLength = format.size == 0 ? Long.MAX_VALUE : max - 1;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            if (length == 0 && !format.hasEmpty) {
                throw new CorruptFrameException("octet counting has no empty frames");
            }
            if (length < kept) {
                throw new CorruptFrameException(
                        "frame of " + length + " bytes is shorter than its length of " + kept + " bytes");
            }
            long counted = counted(length);
            if (counted > maxLength) {
                throw new FrameTooLongException(
                        "frame of " + length + " bytes exceeds the " + (maxLength - counted + length)
                                + " that its length can say",
                        length,
                        maxLength - counted + length);
            }
            long header = format.size > 0 ? format.size : Long.toString(counted).length() + 1;
            return WireLength.fitting(frame, header - kept + length + (format.comma ? 1 : 0));
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int length = frame.remaining();
            int position = frame.position();
            if (format.size == 0) {
                String header = Integer.toString(length) + format.separator;
                target.put(header.getBytes(StandardCharsets.US_ASCII));
            } else if (isHeaderOnly(frame)) {
                target.put(target.position(), frame, position, kept).position(target.position() + kept);
            } else {
                writeLength(target, counted(length));
            }
            int payload = length - kept;
            Buffers.copy(frame, position + kept, target, target.position(), payload);
            target.position(target.position() + payload);
            if (format.comma) {
                target.put((byte) ',');
            }
        }

        private long counted(int length) {
            return (long) length - kept + (format.counts == Counts.WHOLE_FRAME ? format.size : 0);
        }

        private boolean isHeaderOnly(ByteBuffer frame) {
            if (format.headerOnlyUpTo < 0 || kept == 0 || frame.remaining() != kept) {
                return false;
            }
            long length = 0;
            for (int i = frame.position(); i < frame.limit(); i++) {
                int number = format.valueOf(frame.get(i));
                if (number < 0) {
                    return false;
                }
                length = length * format.digits.radix + number;
            }
            return length <= format.headerOnlyUpTo;
        }

        private void writeLength(ByteBuffer target, long length) {
            int at = target.position();
            int radix = format.digits.radix;
            long rest = length;
            for (int i = format.size - 1; i >= 0; i--) {
                int number = (int) (rest % radix);
                target.put(at + i, (byte)
                        (format.digits == Digits.BCD
                                ? number / 10 << 4 | number % 10
                                : Character.forDigit(number, radix)));
                rest /= radix;
            }
            target.position(at + format.size);
        }
    }
}
