package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FramePlace;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/**
 * Frames with a binary length in front. On the wire a frame is
 *
 * <pre>
 * +--------+--------+--------+-------+---------+----------+
 * | marker | before | length | after | payload | end mark |
 * +--------+--------+--------+-------+---------+----------+
 * |&lt;------------- header ----------&gt;|
 * </pre>
 *
 * where all but the length and the payload are optional. What is delivered is the payload, unless {@link
 * #keepHeader()}, {@link #strip(int)} or {@link #keepEndMark()} says otherwise. Lengths are unsigned, of 1 to 8 bytes.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code LengthField.ofSize(4)}: a 4-byte big-endian length, then the payload.
 *
 * <pre>
 * wire   00 00 00 05 68 65 6c 6c 6f
 * frame              68 65 6c 6c 6f    "hello"
 * </pre>
 *
 * <p>{@code LengthField.ofSize(2).marker((byte) 0x72)}: tag, length, value.
 *
 * <pre>
 * wire   72 00 02 68 69
 * frame           68 69    "hi"
 * </pre>
 *
 * <p>{@code LengthField.ofSize(1)}: three messages that four chunks cut where they like.
 *
 * <pre>
 * wire   03 61 62 | 63 02 68 | 69 04 70 69 | 6e 67
 * frames "abc", "hi", "ping"
 * </pre>
 *
 * <p>{@code LengthField.ofSize(4).counts(Counts.WHOLE_FRAME)}: the length counts itself.
 *
 * <pre>
 * wire   00 00 00 06 68 69
 * frame              68 69    "hi"
 * </pre>
 *
 * <p>{@code LengthField.ofSize(2).before(1).after(1).keepHeader()}: a type before the length and flags after it, which
 * the application wants to see.
 *
 * <pre>
 * wire   07 00 02 80 68 69
 * frame  07 00 02 80 68 69
 * </pre>
 *
 * <p>{@code LengthField.ofSize(2).before(1).after(1).counts(Counts.AFTER_LENGTH).strip(3)}: the length counts the
 * flags, and the frame begins with them.
 *
 * <pre>
 * wire   07 00 03 80 68 69
 * frame           80 68 69
 * </pre>
 *
 * <p>{@code LengthField.ofSize(2).littleEndian().adjustment(1)}: the field holds one less than the payload's length.
 *
 * <pre>
 * wire   01 00 68 69
 * frame        68 69    "hi"
 * </pre>
 *
 * <p>{@code LengthField.ofSize(1).marker((byte) 2).endMark((byte) 3)}: a byte behind the payload that has to be there.
 *
 * <pre>
 * wire   02 02 68 69 03
 * frame        68 69       "hi"
 * </pre>
 *
 * <p>{@code LengthField.ofSize(4).before(3).keepHeader().endMark((byte) 0xCE).keepEndMark()}: whole frames of AMQP
 * 0-9-1.
 *
 * <pre>
 * wire   08 00 00 00 00 00 00 ce
 * frame  08 00 00 00 00 00 00 ce    a heartbeat
 * </pre>
 *
 * <h2>Faults</h2>
 *
 * <p>A wrong marker or end mark, a frame shorter than its header or than what is to be stripped, and an 8-byte length
 * of 2<sup>63</sup> or more are a {@link CorruptFrameException}. Under {@code skipInvalid}, a frame over the limit is
 * passed over by its length. With a marker, all other faults are passed over too: the search for the next marker goes
 * on at the byte after the false start, and {@link #checkHeader} keeps a marker inside a payload from being taken for a
 * frame's start. Without a marker they end the stream, since nothing tells where the next frame begins.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes what the decoder delivers. The marker and the length it knows; where the frame brings them
 * ({@link #keepHeader()}), it fills the length in and refuses a wrong marker. It cannot know bytes {@code before} or
 * {@code after} the length that the frame does not bring, nor a stripped part of the payload: {@link #newEncoder()}
 * then throws. A frame whose length the field cannot say is a {@link FrameTooLongException}.
 */
public final class LengthField implements Framing {

    /** What the number in the length field counts. */
    public enum Counts {
        /** The bytes between the header and the end mark. The default. */
        PAYLOAD,
        /** The bytes after the length field: {@code after(n)}, the payload and the end mark. */
        AFTER_LENGTH,
        /** All bytes of the frame on the wire, marker, header and end mark included. */
        WHOLE_FRAME
    }

    private final int size;
    private final boolean littleEndian;
    private final LengthLayout layout;
    private final @Nullable Predicate<? super ByteBuffer> headerCheck;

    // what follows from the options
    private final int lengthOffset;
    private final int headerLength;
    private final int stripped;
    private final long maxFieldValue;

    /** What has to be added to the number in the field to get the frame's length on the wire. */
    private final long uncounted;

    private LengthField(
            int size, boolean littleEndian, LengthLayout layout, @Nullable Predicate<? super ByteBuffer> headerCheck) {
        this.size = size;
        this.littleEndian = littleEndian;
        this.layout = layout;
        this.headerCheck = headerCheck;
        lengthOffset = layout.lengthOffset();
        headerLength = layout.headerLength(size);
        stripped = layout.strip() == LengthLayout.PAYLOAD_ONLY ? headerLength : layout.strip();
        maxFieldValue = size == 8 ? Long.MAX_VALUE : (1L << 8 * size) - 1;
        uncounted = layout.uncounted(size);
        long longest = plus(maxFieldValue, uncounted);
        if (longest < headerLength) {
            throw new IllegalArgumentException("adjustment " + layout.adjustment()
                    + " leaves no valid frame: with the largest length it has " + longest + " bytes, its header "
                    + headerLength);
        }
        if (stripped > longest) {
            throw new IllegalArgumentException(
                    "strip must be at most the longest frame's " + longest + " bytes, was " + stripped);
        }
    }

    private LengthField with(LengthLayout layout) {
        return new LengthField(size, littleEndian, layout, headerCheck);
    }

    /**
     * Creates a format with a big-endian length that counts the payload.
     *
     * @param bytes the size of the length field, 1 to 8 bytes
     * @return a new format
     * @throws IllegalArgumentException if the size is not 1 to 8
     */
    public static LengthField ofSize(int bytes) {
        if (bytes < 1 || bytes > 8) {
            throw new IllegalArgumentException("size must be 1 to 8 bytes, was " + bytes);
        }
        return new LengthField(bytes, false, LengthLayout.PLAIN, null);
    }

    /**
     * Puts constant bytes at the start of every frame.
     *
     * @param bytes the marker
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public LengthField marker(byte... bytes) {
        return with(layout.withMarker(bytes));
    }

    /**
     * Puts header bytes of the application's between the marker and the length.
     *
     * @param bytes how many, 0 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public LengthField before(int bytes) {
        return with(layout.withBefore(bytes));
    }

    /**
     * Puts header bytes of the application's between the length and the payload.
     *
     * @param bytes how many, 0 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public LengthField after(int bytes) {
        return with(layout.withAfter(bytes));
    }

    /**
     * Has the length's least significant byte come first.
     *
     * @return a new format
     */
    public LengthField littleEndian() {
        return new LengthField(size, true, layout, headerCheck);
    }

    /**
     * Says what the length counts.
     *
     * @param counts the bytes that are counted
     * @return a new format
     * @throws IllegalArgumentException if with the adjustment no frame could be valid
     */
    public LengthField counts(Counts counts) {
        Objects.requireNonNull(counts, "counts");
        return with(layout.withCounts(counts));
    }

    /**
     * Sets what has to be added to the number in the length field to get the count.
     *
     * @param bytes the difference between the count and the number in the field; may be negative
     * @return a new format
     * @throws IllegalArgumentException if no frame could be valid, since with the largest length it would be shorter
     *     than its header
     */
    public LengthField adjustment(int bytes) {
        return with(layout.withAdjustment(bytes));
    }

    /**
     * Delivers frames with their header, marker included: {@code strip(0)}.
     *
     * @return a new format
     */
    public LengthField keepHeader() {
        return strip(0);
    }

    /**
     * Leaves out the first bytes of every frame on the wire, instead of its header. Of this and {@link #keepHeader()},
     * the last call holds.
     *
     * @param bytes how many bytes to leave out, counted from the marker; a frame that has fewer is corrupt
     * @return a new format
     * @throws IllegalArgumentException if the number is negative, or no frame can have so many bytes
     */
    public LengthField strip(int bytes) {
        return with(layout.withStrip(bytes));
    }

    /**
     * Puts constant bytes at the end of every frame. They are not delivered, unless {@link #keepEndMark()} says so, and
     * a frame with other bytes there is corrupt.
     *
     * @param bytes the end mark
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public LengthField endMark(byte... bytes) {
        return with(layout.withEndMark(bytes));
    }

    /**
     * Delivers frames with their {@linkplain #endMark(byte...) end mark}.
     *
     * @return a new format
     */
    public LengthField keepEndMark() {
        return with(layout.withEndMarkKept());
    }

    /**
     * Has every header looked at before its length is believed: a frame whose header is refused is corrupt. With a
     * marker and {@code skipInvalid} this tells a frame's start from the same bytes inside a payload. The encoder
     * refuses a frame whose header does not pass, too.
     *
     * @param check is given the header's bytes, marker included, in a read-only buffer with position 0, in big-endian
     *     order and valid during the call; true if they can be a frame's header. It depends on nothing else, as it may
     *     be asked again for the same bytes
     * @return a new format
     */
    public LengthField checkHeader(Predicate<? super ByteBuffer> check) {
        Objects.requireNonNull(check, "check");
        return new LengthField(size, littleEndian, layout, check);
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if frames lack bytes that only the application knows: bytes {@code before}
     *     or {@code after} the length, or a stripped part of the payload
     */
    @Override
    public FrameEncoder newEncoder() {
        int lengthEnd = lengthOffset + size;
        if (stripped > layout.marker().length && layout.before() > 0) {
            throw new UnsupportedOperationException("Cannot encode: the " + layout.before()
                    + " bytes before the length are not part of the frame; use keepHeader()");
        }
        if (stripped > lengthEnd && layout.after() > 0) {
            throw new UnsupportedOperationException("Cannot encode: the " + layout.after()
                    + " bytes after the length are not part of the frame; use keepHeader()");
        }
        if (stripped > headerLength) {
            throw new UnsupportedOperationException("Cannot encode: strip(" + stripped + ") removes "
                    + (stripped - headerLength) + " bytes of the payload, which the encoder cannot know");
        }
        return new Encoder(this);
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("LengthField.ofSize(").append(size).append(')');
        layout.appendHeaderTo(text);
        if (littleEndian) {
            text.append(".littleEndian()");
        }
        layout.appendRestTo(text, LengthLayout.PLAIN.endMark());
        if (headerCheck != null) {
            text.append(".checkHeader(").append(headerCheck).append(')');
        }
        return text.toString();
    }

    /** The sum, or the largest long: no stream is longer. */
    private static long plus(long a, long b) {
        long sum = a + b;
        return a > 0 && b > 0 && sum < 0 ? Long.MAX_VALUE : sum;
    }

    private long readLength(ByteBuffer buffer, int at) {
        return switch (size) {
            case 1 -> buffer.get(at) & 0xFF;
            case 2 -> Short.toUnsignedLong(inOrder(buffer.getShort(at)));
            case 4 -> Integer.toUnsignedLong(inOrder(buffer.getInt(at)));
            case 8 -> inOrder(buffer.getLong(at));
            default -> {
                long bytes = 0;
                for (int i = 0; i < size; i++) {
                    bytes = bytes << 8 | buffer.get(at + (littleEndian ? size - 1 - i : i)) & 0xFF;
                }
                yield bytes;
            }
        };
    }

    private void writeLength(ByteBuffer buffer, int at, long value) {
        switch (size) {
            case 1 -> buffer.put(at, (byte) value);
            case 2 -> buffer.putShort(at, inOrder((short) value));
            case 4 -> buffer.putInt(at, inOrder((int) value));
            case 8 -> buffer.putLong(at, inOrder(value));
            default -> {
                for (int i = 0; i < size; i++) {
                    buffer.put(at + (littleEndian ? i : size - 1 - i), (byte) (value >>> 8 * i));
                }
            }
        }
    }

    private short inOrder(short bigEndian) {
        return littleEndian ? Short.reverseBytes(bigEndian) : bigEndian;
    }

    private int inOrder(int bigEndian) {
        return littleEndian ? Integer.reverseBytes(bigEndian) : bigEndian;
    }

    private long inOrder(long bigEndian) {
        return littleEndian ? Long.reverseBytes(bigEndian) : bigEndian;
    }

    private static CorruptFrameException refusedByCheck() {
        return new CorruptFrameException("the header was refused by its check");
    }

    /** Shows headers to their check: a copy of each, which costs less than a view of it. */
    private static final class HeaderCheck {

        private final Predicate<? super ByteBuffer> check;
        private final int length;
        private final ByteBuffer copy;
        private final ByteBuffer shown;

        private HeaderCheck(Predicate<? super ByteBuffer> check, int length) {
            this.check = check;
            this.length = length;
            copy = ByteBuffer.allocate(Math.max(Long.BYTES, length));
            shown = copy.slice(0, length).asReadOnlyBuffer();
        }

        /** For one decoder or encoder; null if headers are not looked at. */
        static @Nullable HeaderCheck of(LengthField format) {
            return format.headerCheck == null ? null : new HeaderCheck(format.headerCheck, format.headerLength);
        }

        static boolean passes(@Nullable HeaderCheck check, ByteBuffer bytes, int headerStart) {
            return check == null || check.passes(bytes, headerStart);
        }

        private boolean passes(ByteBuffer bytes, int headerStart) {
            if (length <= Long.BYTES && headerStart <= bytes.limit() - Long.BYTES) {
                // at once: a number of several bytes is read slowly where its bytes have been written one by one
                copy.putLong(0, bytes.getLong(headerStart));
            } else {
                bytes.get(headerStart, copy.array(), 0, length);
            }
            return check.test(shown.clear().order(ByteOrder.BIG_ENDIAN));
        }
    }

    private static final class Reader extends HeaderReader {

        private final LengthField format;
        private final int headerLength;
        private final @Nullable HeaderCheck check;

        Reader(LengthField format) {
            this.format = format;
            check = HeaderCheck.of(format);
            headerLength = format.headerLength;
        }

        @Override
        long read(ByteBuffer bytes, int start, int available) {
            if (available < headerLength) {
                needed = headerLength;
                return MORE;
            }
            size = headerLength;
            if (!HeaderCheck.passes(check, bytes, start)) {
                return BAD;
            }
            long field = format.readLength(bytes, start + format.lengthOffset);
            return field < 0 ? BAD : Math.max(0, plus(field, format.uncounted));
        }

        @Override
        CorruptFrameException fault(ByteBuffer bytes, int start) {
            long field = format.readLength(bytes, start + format.lengthOffset);
            return field < 0 && HeaderCheck.passes(check, bytes, start)
                    ? new CorruptFrameException("length " + Long.toUnsignedString(field)
                            + " is over the largest that can be, " + Long.MAX_VALUE)
                    : refusedByCheck();
        }

        @Override
        String said(ByteBuffer bytes, int start) {
            return "length " + format.readLength(bytes, start + format.lengthOffset);
        }
    }

    private static final class Decoder extends LengthDecoder {

        private final LengthField format;
        private final @Nullable HeaderCheck check;
        private final byte[] marker;
        private final byte[] endMark;
        private final int lengthOffset;
        private final int stripped;
        private final int strippedEnd;

        /** How many bytes have to be there for a frame to be found. */
        private final int needed;

        /** What the frame's length on the wire is beyond the number in the field. */
        private final int uncounted;

        /**
         * Whether the frame is found by a length of 4 bytes and nothing else, the usual case, in which no step is
         * needless.
         */
        private final boolean isInt;

        Decoder(LengthField format) {
            super(new Reader(format), format.layout.shape());
            this.format = format;
            check = HeaderCheck.of(format);
            marker = format.layout.marker();
            endMark = format.layout.endMark();
            lengthOffset = format.lengthOffset;
            stripped = format.stripped;
            strippedEnd = format.layout.strippedEnd();
            needed = Math.max(format.headerLength + endMark.length, stripped + strippedEnd);
            uncounted = (int) format.uncounted;
            isInt = format.size == Integer.BYTES
                    && !format.littleEndian
                    && format.headerCheck == null
                    && marker.length == 0
                    && uncounted == format.uncounted;
        }

        /**
         * As the header has a fixed length, little is looked at again if the frame is not found: less is done than by
         * super.
         */
        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            int available = chunk.limit() - start;
            if (available < needed) {
                return false;
            }
            long length = length(chunk, start);
            if (length < needed || length > available) {
                return false;
            }
            int end = start + (int) length;
            if (endMark.length > 0 && !isAt(chunk, end - endMark.length, endMark)) {
                return false;
            }
            place.set(start + stripped, (int) length - stripped - strippedEnd, end);
            return true;
        }

        @Override
        public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
            if (chunk.limit() - start < needed) {
                return false;
            }
            long length = length(chunk, start);
            return length >= needed && placeCut(chunk, start, length, stripped, place);
        }

        /** The length of the frame that starts with this header, or a negative number if that is not good. */
        private long length(ByteBuffer chunk, int start) {
            return isInt
                    ? Integer.toUnsignedLong(chunk.getInt(start + lengthOffset)) + uncounted
                    : goodLength(chunk, start);
        }

        private long goodLength(ByteBuffer chunk, int start) {
            if (!isAt(chunk, start, marker) || !HeaderCheck.passes(check, chunk, start)) {
                return -1;
            }
            long field = format.readLength(chunk, start + lengthOffset);
            return field < 0 ? -1 : plus(field, format.uncounted);
        }
    }

    private static final class Encoder implements FillingEncoder, EnvelopeEncoder {

        private final LengthField format;
        private final @Nullable HeaderCheck check;
        private final LengthLayout layout;
        private final int stripped;
        private final int strippedEnd;
        private final long uncounted;

        /** How many of the header's bytes the frame brings. */
        private final int headerBrought;

        /** How many of the marker's bytes it does not. */
        private final int markerBytes;

        /**
         * From which to which length frames can be written as they are; marks or a header that they bring have to be
         * checked.
         */
        private final long shortest;

        private final long longest;

        Encoder(LengthField format) {
            this.format = format;
            check = HeaderCheck.of(format);
            layout = format.layout;
            stripped = format.stripped;
            strippedEnd = layout.strippedEnd();
            uncounted = format.uncounted;
            headerBrought = format.headerLength - stripped;
            markerBytes = Math.min(stripped, layout.marker().length);
            shortest = Math.max(format.headerLength + layout.endMark().length, uncounted) - stripped - strippedEnd;
            boolean needsNoCheck =
                    format.headerCheck == null && stripped >= layout.marker().length && !layout.keepsEndMark();
            longest = needsNoCheck
                    ? Math.min(plus(format.maxFieldValue, uncounted), WireLength.MAX) - stripped - strippedEnd
                    : Long.MIN_VALUE;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            // the usual case first, and small enough to be inlined
            return length >= shortest && length <= longest
                    ? stripped + length + strippedEnd
                    : checkedLength(frame, length);
        }

        private int checkedLength(ByteBuffer frame, int length) {
            long wireLength = checkedWireLength(length);
            layout.checkMarks(frame, stripped);
            checkHeader(frame, wireLength - uncounted);
            return WireLength.fitting(frame, wireLength);
        }

        private long checkedWireLength(long length) {
            long wireLength = plus(plus(stripped, length), strippedEnd);
            if (wireLength < format.headerLength + layout.endMark().length) {
                throw new CorruptFrameException("frame of " + length + " bytes is shorter than its header of "
                        + format.headerLength + " bytes"
                        + (layout.keepsEndMark() ? " and its end mark" : ""));
            }
            if (wireLength < uncounted) {
                throw new CorruptFrameException("frame of " + length + " bytes is too short for its length field: "
                        + "the smallest length means " + (uncounted - stripped - strippedEnd) + " bytes");
            }
            long longest = plus(format.maxFieldValue, uncounted) - stripped - strippedEnd;
            if (length > longest) {
                throw new FrameTooLongException(
                        "frame of " + length + " bytes exceeds the " + longest + " that its length field can say",
                        length,
                        longest);
            }
            return wireLength;
        }

        private void checkHeader(ByteBuffer start, long field) {
            if (check == null || bringsGoodHeader(check, start, field)) {
                return;
            }
            ByteBuffer header = ByteBuffer.allocate(format.headerLength);
            header.put(stripped, start, start.position(), headerBrought);
            fillIn(header, 0, field);
            if (!check.passes(header, 0)) {
                throw refusedByCheck();
            }
        }

        /** Whether the frame has a header in which nothing is to be filled in, as one that is passed on has. */
        private boolean bringsGoodHeader(HeaderCheck check, ByteBuffer start, long field) {
            int at = start.position();
            return stripped == 0
                    && start.order() == ByteOrder.BIG_ENDIAN
                    && format.readLength(start, at + format.lengthOffset) == field
                    && check.passes(start, at);
        }

        @Override
        public int overhead() {
            return Math.max(format.headerLength, strippedEnd);
        }

        @Override
        public boolean takesPieces() {
            return !layout.keepsEndMark();
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            long field = checkedWireLength(frameLength) - uncounted;
            if (start.remaining() < headerBrought) {
                return MORE;
            }
            layout.checkMarker(start, stripped);
            checkHeader(start, field);
            int at = target.position();
            target.put(at + stripped, start, start.position(), headerBrought);
            fillIn(target, at, field);
            target.position(at + format.headerLength);
            return headerBrought;
        }

        @Override
        public void behind(ByteBuffer target) {
            target.put(layout.endMark(), 0, strippedEnd);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            int length = frame.remaining();
            Buffers.copy(frame, frame.position(), target, start + stripped, length);
            fillIn(target, start, (long) stripped + length + strippedEnd - uncounted);
            int end = start + stripped + length;
            if (strippedEnd > 0) {
                target.put(end, layout.endMark());
            }
            target.position(end + strippedEnd);
        }

        @Override
        public ByteBuffer delivered(ByteBuffer frame) {
            return stripped >= format.headerLength ? frame : FillingEncoder.super.delivered(frame);
        }

        /** Also where only some bytes of the length are delivered. */
        @Override
        public void fillIn(ByteBuffer frame) {
            int length = frame.remaining();
            int brought = format.headerLength - stripped;
            long field = (long) stripped + length + strippedEnd - uncounted;
            if (brought > 0 && length >= brought && field >= 0 && field <= format.maxFieldValue) {
                ByteBuffer header = ByteBuffer.allocate(format.headerLength);
                Buffers.copy(frame, frame.position(), header, stripped, brought);
                format.writeLength(header, format.lengthOffset, field);
                Buffers.copy(header, stripped, frame, frame.position(), brought);
            }
        }

        /** Writes what of a header the frame does not bring, and the length. */
        private void fillIn(ByteBuffer target, int start, long field) {
            if (markerBytes > 0) {
                target.put(start, layout.marker(), 0, markerBytes);
            }
            format.writeLength(target, start + format.lengthOffset, field);
        }
    }
}
