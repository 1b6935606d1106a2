package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.format.LengthDecoder.Shape;

/**
 * Frames whose length follows from their first bytes by a rule of one's own: a length in several fields, scaled, masked
 * or of a size that an earlier byte tells, digits up to a comma, a block of header lines. On the wire a frame is
 *
 * <pre>
 * +--------+--------+---------+----------+
 * | marker | header | payload | end mark |
 * +--------+--------+---------+----------+
 * |&lt;---- the rule's -&gt;|
 * |&lt;--------- the rule's answer --------&gt;|
 * </pre>
 *
 * where all but the header is optional. The rule is a function that is given the frame's first bytes, marker included,
 * and answers with the length of the whole frame on the wire. It may ask for more first: for so many bytes of the frame
 * with {@link #needs(long)}, for all up to certain bytes with {@link #needsUntil(String)}. What is delivered is the
 * whole frame, unless {@link #strip(int)}, {@link #stripHeader()} or {@link #stripEnd(int)} says otherwise.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code HeaderLength.ofSize(2, header -> 2 + 4 * (header.get(1) & 0xFF))}: a length in words of four bytes.
 *
 * <pre>
 * wire   81 01 00 00 00 07 82 00
 * frames 81 01 00 00 00 07, 82 00
 * </pre>
 *
 * <p>{@code HeaderLength.ofSize(2, header -> 2 + (header.getShort(0) & 0x3FFF)).strip(2)}: a length in the lower 14
 * bits, and the frame begins behind it.
 *
 * <pre>
 * wire   80 02 68 69
 * frame        68 69    "hi"
 * </pre>
 *
 * <p>{@code HeaderLength.ofSize(2, header -> header.limit() == 2 && header.get(1) == 126 ? needs(4) : header.limit() +
 * number(header, header.limit() == 2 ? 1 : 2, header.limit()))}: a length of one byte up to 125, of two behind the byte
 * 126.
 *
 * <pre>
 * wire   01 02 68 69 01 7e 00 02 68 69
 * frames 01 02 68 69, 01 7e 00 02 68 69
 * </pre>
 *
 * <p>{@code HeaderLength.until(",", header -> header.limit() + decimal(header, 1, header.limit() - 1)).marker((byte)
 * '$') .stripHeader()}: digits up to a comma.
 *
 * <pre>
 * wire   24 35 2c 68 65 6c 6c 6f    "$5,hello"
 * frame           68 65 6c 6c 6f    "hello"
 * </pre>
 *
 * <h2>The rule</h2>
 *
 * <p>It sees the bytes that it has asked for, no more and no less, in a read-only buffer with position 0 and the limit
 * at their number, big-endian and valid during the call. It depends on nothing else: it may be asked again for the same
 * bytes, and one rule serves all streams. It is asked only when what it needs is here, and no byte is searched twice.
 * So it costs the same however chunks are cut.
 *
 * <p>These answers are refused, with a message that names the rule:
 *
 * <ul>
 *   <li>a negative number, by which the rule itself may refuse a header;
 *   <li>a length that is less than what the rule has seen;
 *   <li>a need that is met already, or that is more than {@link #maxHeader(int)} bytes.
 * </ul>
 *
 * <p>A rule that knows what is wrong throws a {@link CorruptFrameException}. Any other exception is a mistake in the
 * rule: an {@link IllegalStateException} that names the rule and has the exception as its cause ends the stream.
 *
 * <h2>Faults</h2>
 *
 * <p>What the rule refuses, an answer that is refused, a wrong marker, a wrong end mark, and a frame shorter than what
 * is to be stripped are a {@link CorruptFrameException}. Without a marker they end the stream, also under {@code
 * skipInvalid}: nothing tells where the next frame begins. With a marker they are passed over, and the search for the
 * next one goes on at the byte after the false start. A frame that ends inside the false header is passed over with it.
 * A frame over the limit is passed over by its length.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes what the decoder delivers, asks the rule about it, and refuses a frame that has another length
 * than the rule says as a {@link CorruptFrameException}. It writes a stripped marker and a stripped end mark; other
 * bytes that are stripped cannot be known: {@link #newEncoder()} then throws.
 */
public final class HeaderLength implements Framing {

    private static final int MAX_HEADER = 8192;

    /** So that what a decoder holds of a header, in room for two, is less than the 64 KiB that a header may cost. */
    private static final int LARGEST_MAX_HEADER = 16_000;

    private static final byte[] NO_BYTES = {};

    /** How many bytes the rule is given first, or 0 if as many as end in {@link #firstEnd}. */
    private final int firstSize;

    private final byte[] firstEnd;
    private final ToLongFunction<? super ByteBuffer> rule;
    private final byte[] marker;
    private final int strip;
    private final byte[] endMark;
    private final int stripEnd;
    private final int maxHeader;

    private HeaderLength(
            int firstSize,
            byte[] firstEnd,
            ToLongFunction<? super ByteBuffer> rule,
            byte[] marker,
            int strip,
            byte[] endMark,
            int stripEnd,
            int maxHeader) {
        this.firstSize = firstSize;
        this.firstEnd = firstEnd;
        this.rule = Objects.requireNonNull(rule, "rule");
        this.marker = marker;
        this.strip = strip;
        this.endMark = endMark;
        this.stripEnd = stripEnd;
        this.maxHeader = maxHeader;
    }

    /**
     * Creates a format whose rule is first given this many bytes of a frame.
     *
     * @param bytes how many, marker included, 1 to 8,192: no more than the shortest frame has
     * @param rule returns the length of the frame on the wire, or what it needs to tell
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public static HeaderLength ofSize(int bytes, ToLongFunction<? super ByteBuffer> rule) {
        if (bytes < 1 || bytes > MAX_HEADER) {
            throw new IllegalArgumentException("size must be 1 to " + MAX_HEADER + " bytes, was " + bytes);
        }
        return new HeaderLength(bytes, NO_BYTES, rule, NO_BYTES, 0, NO_BYTES, 0, MAX_HEADER);
    }

    /**
     * Creates a format whose rule is first given all bytes of a frame up to the first of these, and these.
     *
     * @param end 1 to 4 bytes, in UTF-8, which are looked for behind the marker
     * @param rule returns the length of the frame on the wire, or what it needs to tell
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 4
     */
    public static HeaderLength until(String end, ToLongFunction<? super ByteBuffer> rule) {
        return until(end.getBytes(StandardCharsets.UTF_8), rule);
    }

    /**
     * Creates a format whose rule is first given all bytes of a frame up to the first of these, and these.
     *
     * @param end 1 to 4 bytes, which are looked for behind the marker
     * @param rule returns the length of the frame on the wire, or what it needs to tell
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 4
     */
    public static HeaderLength until(byte[] end, ToLongFunction<? super ByteBuffer> rule) {
        Need.until(end);
        return new HeaderLength(0, end.clone(), rule, NO_BYTES, 0, NO_BYTES, 0, MAX_HEADER);
    }

    // ---- what a rule answers, and is written with

    /**
     * A rule's answer that it needs more bytes. It is returned as it is: nothing may be added to it.
     *
     * @param bytes how many bytes of the frame in all, more than the rule has been given
     * @return the answer
     */
    public static long needs(long bytes) {
        return Need.bytes(bytes);
    }

    /**
     * A rule's answer that it needs all bytes up to the next of these, and these. The rule is then given the frame's
     * bytes up to the first place, behind those that it has seen, where they end in these. Bytes that it has seen may
     * be part of them: {@code "\r\n\r\n"} is there when {@code "\r\n"} follows {@code "\r\n"}.
     *
     * @param end 1 to 4 bytes, in UTF-8
     * @return the answer, which is returned as it is
     * @throws IllegalArgumentException if there are no bytes, or more than 4
     */
    public static long needsUntil(String end) {
        return Need.until(end.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The same as {@link #needsUntil(String)}, for bytes.
     *
     * @param end 1 to 4 bytes
     * @return the answer, which is returned as it is
     * @throws IllegalArgumentException if there are no bytes, or more than 4
     */
    public static long needsUntil(byte... end) {
        return Need.until(end);
    }

    /**
     * Reads an unsigned number of 0 to 8 bytes, the most significant one first.
     *
     * @param header the bytes
     * @param from the index of the first byte
     * @param to the index behind the last
     * @return the number; negative, which a rule may return as it is, if it is over the largest long
     */
    public static long number(ByteBuffer header, int from, int to) {
        if (to - from > Long.BYTES) {
            throw new IllegalArgumentException("a number has at most 8 bytes, had " + (to - from));
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            number = number << 8 | header.get(i) & 0xFF;
        }
        return number;
    }

    /**
     * Reads a number in ASCII digits.
     *
     * @param header the bytes
     * @param from the index of the first digit
     * @param to the index behind the last
     * @return the number
     * @throws CorruptFrameException if there is another byte than a digit, if there are no digits, or more than 18
     */
    public static long decimal(ByteBuffer header, int from, int to) {
        if (to <= from || to - from > 18) {
            throw new CorruptFrameException("a length of " + Math.max(0, to - from) + " digits, not of 1 to 18");
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = header.get(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new CorruptFrameException(Hex.of(header.get(i)) + " is no digit of the length");
            }
            number = 10 * number + digit;
        }
        return number;
    }

    // ---- options

    /**
     * Says what the first bytes of every frame are. The rule sees them.
     *
     * @param bytes the marker
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public HeaderLength marker(byte... bytes) {
        LengthLayout.checkMark("marker", bytes);
        return new HeaderLength(firstSize, firstEnd, rule, bytes.clone(), strip, endMark, stripEnd, maxHeader);
    }

    /**
     * Leaves out the first bytes of every frame. Of this and {@link #stripHeader()}, the last call holds.
     *
     * @param bytes how many; a frame that has fewer is corrupt
     * @return a new format
     * @throws IllegalArgumentException if the number is negative
     */
    public HeaderLength strip(int bytes) {
        checkStripped("strip", bytes);
        return new HeaderLength(firstSize, firstEnd, rule, marker, bytes, endMark, stripEnd, maxHeader);
    }

    /**
     * Leaves out the header: all bytes that the rule was given when it knew the length.
     *
     * @return a new format
     */
    public HeaderLength stripHeader() {
        return new HeaderLength(firstSize, firstEnd, rule, marker, Shape.HEADER, endMark, stripEnd, maxHeader);
    }

    /**
     * Leaves out the last bytes of every frame.
     *
     * @param bytes how many; a frame that has fewer is corrupt
     * @return a new format
     * @throws IllegalArgumentException if the number is negative
     */
    public HeaderLength stripEnd(int bytes) {
        checkStripped("stripEnd", bytes);
        return new HeaderLength(firstSize, firstEnd, rule, marker, strip, endMark, bytes, maxHeader);
    }

    /**
     * Says what the last bytes of every frame are; the rule's length counts them. A frame with other bytes there is
     * corrupt. They stand behind what the rule has seen; where that is the whole frame, and the end mark is delivered,
     * they are its end.
     *
     * @param bytes the end mark
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public HeaderLength endMark(byte... bytes) {
        LengthLayout.checkMark("endMark", bytes);
        return new HeaderLength(firstSize, firstEnd, rule, marker, strip, bytes.clone(), stripEnd, maxHeader);
    }

    /**
     * Limits how many bytes the rule may be given. The default is 8,192. A header is held in memory if chunks cut it.
     *
     * @param bytes how many, 1 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range, or less than what the rule is given first
     */
    public HeaderLength maxHeader(int bytes) {
        int least = Math.max(1, firstSize);
        if (bytes < least || bytes > LARGEST_MAX_HEADER) {
            throw new IllegalArgumentException(
                    "maxHeader must be " + least + " to " + LARGEST_MAX_HEADER + " bytes, was " + bytes);
        }
        return new HeaderLength(firstSize, firstEnd, rule, marker, strip, endMark, stripEnd, bytes);
    }

    private static void checkStripped(String name, int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(name + " must not be negative, was " + bytes);
        }
    }

    @Override
    public FrameDecoder newDecoder() {
        return new LengthDecoder(new Reader(this), new Shape(marker, strip, endMark, stripEnd));
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if more is stripped than the marker and the end mark
     */
    @Override
    public FrameEncoder newEncoder() {
        if (strip == Shape.HEADER) {
            throw new UnsupportedOperationException(
                    "Cannot encode: stripHeader() removes the header, which the encoder cannot know");
        }
        checkKnown("strip", strip, marker.length, "marker");
        checkKnown("stripEnd", stripEnd, endMark.length, "end mark");
        return new Encoder(this);
    }

    private static void checkKnown(String name, int stripped, int known, String what) {
        if (stripped > known) {
            throw new UnsupportedOperationException("Cannot encode: " + name + "(" + stripped + ") removes "
                    + (stripped - known) + " bytes besides the " + what + ", which the encoder cannot know");
        }
    }

    @Override
    public String toString() {
        return "HeaderLength." + (firstSize > 0 ? "ofSize(" + firstSize : "until(" + Hex.of(firstEnd)) + ", " + rule
                + ")"
                + (marker.length == 0 ? "" : ".marker(" + Hex.of(marker) + ")")
                + (strip == 0 ? "" : strip == Shape.HEADER ? ".stripHeader()" : ".strip(" + strip + ")")
                + (endMark.length == 0 ? "" : ".endMark(" + Hex.of(endMark) + ")")
                + (stripEnd == 0 ? "" : ".stripEnd(" + stripEnd + ")")
                + (maxHeader == MAX_HEADER ? "" : ".maxHeader(" + maxHeader + ")");
    }

    /**
     * What a rule needs, in a negative number. The upper half tells which kind of need it is. Numbers that come of a
     * sign that a rule forgot to mask are none of these.
     */
    private static final class Need {

        private static final int BYTES = 0x9E3779B0;
        private static final int UNTIL = 0xC2B2AE30;
        private static final int LONGEST_END = 4;

        static long bytes(long count) {
            return (long) BYTES << 32 | Math.max(0, Math.min(count, Integer.MAX_VALUE));
        }

        static long until(byte[] end) {
            if (end.length == 0 || end.length > LONGEST_END) {
                throw new IllegalArgumentException("end must have 1 to " + LONGEST_END + " bytes, had " + end.length);
            }
            int bytes = 0;
            for (byte value : end) {
                bytes = bytes << 8 | value & 0xFF;
            }
            return (long) (UNTIL + end.length) << 32 | bytes & 0xFFFFFFFFL;
        }

        static boolean isBytes(long answer) {
            return answer >>> 32 == (BYTES & 0xFFFFFFFFL);
        }

        /** How many bytes end what is needed; not 1 to 4 if the answer is no such need. */
        static long endLength(long answer) {
            return (answer >>> 32) - (UNTIL & 0xFFFFFFFFL);
        }

        static boolean isUntil(long answer) {
            long length = endLength(answer);
            return length >= 1 && length <= LONGEST_END;
        }
    }

    /** Asks the rule. Also the encoder does. */
    static final class Reader extends HeaderReader {

        private static final int SHOWN = 32;

        private final HeaderLength format;
        private final ToLongFunction<? super ByteBuffer> rule;
        private final int maxHeader;
        private final long firstNeed;

        /** The header as the rule is given it, and how much of it is there. */
        private byte[] header = new byte[16];

        private ByteBuffer view = ByteBuffer.wrap(header).asReadOnlyBuffer();
        private int copied;

        /** What has to be here before the rule is asked: {@link Need}. */
        private long need;

        /** The bytes last searched for, and between which sizes the header never ends in them. */
        private long searchedFor;

        private int searchedFrom;
        private int searchedTo;

        /** Bytes passed by a search. */
        private long examined;

        /** What is wrong: what the rule has thrown, or a message. */
        private @Nullable FramingException thrown;

        private String fault = "";

        Reader(HeaderLength format) {
            this.format = format;
            rule = format.rule;
            maxHeader = format.maxHeader;
            firstNeed = format.firstSize > 0 ? Need.bytes(format.firstSize) : Need.until(format.firstEnd);
        }

        /** How often a byte has been looked at. */
        long examined() {
            return examined;
        }

        @Override
        boolean mayHaveEndMark() {
            return true;
        }

        @Override
        void begin() {
            searchedFor = 0;
            start();
        }

        @Override
        void moveOn(int bytes) {
            searchedFrom -= bytes;
            searchedTo -= bytes;
            start();
        }

        private void start() {
            copied = 0;
            size = 0;
            need = firstNeed;
            thrown = null;
        }

        @Override
        long read(ByteBuffer bytes, int start, int available) {
            for (; ; ) {
                int next = Need.isBytes(need) ? (int) need : search(bytes, start, available);
                if (next == 0) {
                    if (available < maxHeader) {
                        needed = available + 1;
                        return MORE;
                    }
                    size = maxHeader;
                    return bad("needs more than the " + maxHeader + " bytes that a header may have");
                }
                if (available < next) {
                    needed = next;
                    return MORE;
                }
                size = next;
                copy(bytes, start);
                long answer = ask();
                if (thrown != null) {
                    return BAD;
                }
                if (answer >= 0) {
                    return answer < size ? bad("answers " + answer + ", less than the bytes that it has seen") : answer;
                }
                if (Need.isBytes(answer)) {
                    int count = (int) answer;
                    if (count <= size) {
                        return bad("needs " + count + " bytes, which it has been given");
                    }
                    if (count > maxHeader) {
                        return bad("needs " + count + " bytes, more than the " + maxHeader + " that a header may have");
                    }
                } else if (!Need.isUntil(answer)) {
                    return bad("answers " + answer);
                }
                need = answer;
            }
        }

        /** The least size behind this one at which the header ends in the bytes that are needed, or 0. */
        private int search(ByteBuffer bytes, int start, int available) {
            int from = Math.max(size, format.marker.length);
            if (searchedFor != need || from < searchedFrom || from > searchedTo) {
                searchedFor = need;
                searchedFrom = from;
                searchedTo = from;
            }
            int length = (int) Need.endLength(need);
            int to = Math.min(available, maxHeader);
            for (int end = searchedTo + 1; end <= to; end++) {
                examined++;
                if (bytes.get(start + end - 1) == (byte) need
                        && end >= length
                        && endsAsNeeded(bytes, start + end, length)) {
                    return end;
                }
                searchedTo = end;
            }
            return 0;
        }

        private boolean endsAsNeeded(ByteBuffer bytes, int end, int length) {
            for (int i = 1; i < length; i++) {
                if (bytes.get(end - 1 - i) != (byte) (need >> 8 * i)) {
                    return false;
                }
            }
            return true;
        }

        private void copy(ByteBuffer bytes, int start) {
            if (size > header.length) {
                header = Arrays.copyOf(header, Math.max(size, Math.min(2 * header.length, maxHeader)));
                view = ByteBuffer.wrap(header).asReadOnlyBuffer();
            }
            bytes.get(start + copied, header, copied, size - copied);
            copied = size;
        }

        private long ask() {
            try {
                return rule.applyAsLong(
                        view.order(ByteOrder.BIG_ENDIAN).limit(size).position(0));
            } catch (FramingException e) {
                thrown = e;
                return BAD;
            } catch (RuntimeException e) {
                throw new IllegalStateException(message("throws " + e), e);
            }
        }

        private long bad(String what) {
            fault = what;
            return BAD;
        }

        private String message(String what) {
            int shown = Math.min(copied, SHOWN);
            return "rule " + rule + " " + what + ", for the header " + Hex.of(Arrays.copyOf(header, shown))
                    + (shown < copied ? "..." : "");
        }

        @Override
        FramingException fault(ByteBuffer bytes, int start) {
            return thrown != null ? thrown : new CorruptFrameException(message(fault));
        }
    }

    private static final class Encoder implements EnvelopeEncoder {

        private final HeaderLength format;
        private final Reader reader;

        /** How many bytes of the marks the frame brings. */
        private final int markerBrought;

        private final int endBrought;

        Encoder(HeaderLength format) {
            this.format = format;
            reader = new Reader(format);
            markerBrought = format.marker.length - format.strip;
            endBrought = format.endMark.length - format.stripEnd;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            check(length, frame);
            LengthLayout.checkBytes(
                    "end mark", Arrays.copyOf(format.endMark, endBrought), 0, frame, frame.limit() - endBrought);
            return WireLength.fitting(frame, (long) format.strip + length + format.stripEnd);
        }

        /** Refuses a frame of another length than the rule says; false if the start is too short to ask it. */
        private boolean check(long length, ByteBuffer start) {
            if (length < Math.max(markerBrought, endBrought)) {
                throw new CorruptFrameException("frame of " + length + " bytes is shorter than its marker or end mark");
            }
            if (start.remaining() < markerBrought) {
                return false;
            }
            LengthLayout.checkBytes("marker", format.marker, format.strip, start, start.position());
            ByteBuffer wire = format.strip == 0 ? start : withMarker(start);
            int at = wire.position();
            reader.begin();
            long said = reader.read(wire, at, wire.remaining());
            if (said == HeaderReader.MORE) {
                if (start.remaining() < length) {
                    return false;
                }
                throw new CorruptFrameException("frame ends inside its header");
            }
            if (said == HeaderReader.BAD) {
                throw reader.fault(wire, at);
            }
            long wireLength = format.strip + length + format.stripEnd;
            if (said != wireLength) {
                throw new CorruptFrameException(
                        "frame takes " + wireLength + " bytes on the wire, but its header says " + said);
            }
            int size = Math.max(reader.size, format.marker.length);
            if (said < (long) size + format.endMark.length && !endsInHeader(wire, said)) {
                throw new CorruptFrameException("frame of " + length + " bytes ends before its header of " + size
                        + " bytes and its end mark do");
            }
            return true;
        }

        /** Whether the header is the whole frame, and has the end mark. */
        private boolean endsInHeader(ByteBuffer wire, long length) {
            int end = format.endMark.length;
            return length == reader.size
                    && length >= format.marker.length + end
                    && LengthDecoder.isAt(wire, wire.position() + reader.size - end, format.endMark);
        }

        /** The frame's start with its marker, as far as that may be the header. */
        private ByteBuffer withMarker(ByteBuffer start) {
            int strip = format.strip;
            int brought = Math.min(start.remaining(), format.maxHeader);
            return ByteBuffer.allocate(strip + brought)
                    .put(0, format.marker, 0, strip)
                    .put(strip, start, start.position(), brought);
        }

        @Override
        public int overhead() {
            return Math.max(format.strip, format.stripEnd);
        }

        @Override
        public boolean takesPieces() {
            return endBrought == 0;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            if (!check(frameLength, start)) {
                return MORE;
            }
            target.put(format.marker, 0, format.strip);
            return 0;
        }

        @Override
        public void behind(ByteBuffer target) {
            target.put(format.endMark, format.endMark.length - format.stripEnd, format.stripEnd);
        }

        /** Other than by {@link #before}, the rule is asked once. */
        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            target.put(format.marker, 0, format.strip);
            int at = target.position();
            int length = frame.remaining();
            Buffers.copy(frame, frame.position(), target, at, length);
            target.position(at + length);
            behind(target);
        }
    }
}
