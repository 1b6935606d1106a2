package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/**
 * Frames with a binary length in front. On the wire a frame is
 *
 * <pre>
 * +--------+--------+--------+-------+---------+
 * | marker | before | length | after | payload |
 * +--------+--------+--------+-------+---------+
 * |&lt;------------- header ----------&gt;|
 * </pre>
 *
 * where all but the length and the payload are optional. What is delivered is the payload, unless {@link #keepHeader()} or
 * {@link #strip(int)} says otherwise. Lengths are unsigned, of 1 to 8 bytes.
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
 * <p>{@code LengthField.ofSize(2).before(1).after(1).keepHeader()}: a type before the length and flags after it, which the
 * application wants to see.
 *
 * <pre>
 * wire   07 00 02 80 68 69
 * frame  07 00 02 80 68 69
 * </pre>
 *
 * <p>{@code LengthField.ofSize(2).before(1).after(1).counts(Counts.AFTER_LENGTH).strip(3)}: the length counts the flags, and
 * the frame begins with them.
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
 * <h2>Faults</h2>
 *
 * <p>A wrong marker, a frame shorter than its header or than what is to be stripped, and an 8-byte length of 2<sup>63</sup>
 * or more are a {@link CorruptFrameException}. Under {@code skipInvalid}, a frame over the limit is passed over by its
 * length. With a marker, all other faults are passed over too: the search for the next marker goes on at the byte after
 * the false start, and {@link #checkHeader} keeps a marker inside a payload from being taken for a frame's start. Without a
 * marker they end the stream, since nothing tells where the next frame begins.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes what the decoder delivers. The marker and the length it knows; where the frame brings them
 * ({@link #keepHeader()}), it fills the length in and refuses a wrong marker. It cannot know bytes {@code before} or
 * {@code after} the length that the frame does not bring, nor a stripped part of the payload: {@link #newEncoder()} then
 * throws. A frame whose length the field cannot say is a {@link FrameTooLongException}.
 */
public final class LengthField implements Framing {

    /** What the number in the length field counts. */
    public enum Counts {
        /** The bytes after the header. The default. */
        PAYLOAD,
        /** The bytes after the length field: {@code after(n)} and the payload. */
        AFTER_LENGTH,
        /** All bytes of the frame on the wire, marker and header included. */
        WHOLE_FRAME
    }

    private static final int PAYLOAD_ONLY = -1;

    /** So that what a decoder holds of a header, in room for two, is less than the 64 KiB that a header may cost. */
    private static final int MAX_HEADER_PART = 16_000;

    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final int size;
    private final byte[] marker;
    private final int before;
    private final int after;
    private final boolean littleEndian;
    private final Counts counts;
    private final long adjustment;
    private final int strip;
    private final @Nullable Predicate<? super ByteBuffer> headerCheck;

    // what follows from the options
    private final int lengthOffset;
    private final int headerLength;
    private final int stripped;
    private final long maxFieldValue;

    /** What has to be added to the number in the field to get the frame's length on the wire. */
    private final long uncounted;

    private LengthField(
            int size,
            byte[] marker,
            int before,
            int after,
            boolean littleEndian,
            Counts counts,
            long adjustment,
            int strip,
            @Nullable Predicate<? super ByteBuffer> headerCheck) {
        this.size = size;
        this.marker = marker;
        this.before = before;
        this.after = after;
        this.littleEndian = littleEndian;
        this.counts = counts;
        this.adjustment = adjustment;
        this.strip = strip;
        this.headerCheck = headerCheck;
        lengthOffset = marker.length + before;
        headerLength = lengthOffset + size + after;
        stripped = strip == PAYLOAD_ONLY ? headerLength : strip;
        maxFieldValue = size == 8 ? Long.MAX_VALUE : (1L << 8 * size) - 1;
        uncounted = adjustment
                + switch (counts) {
                    case PAYLOAD -> headerLength;
                    case AFTER_LENGTH -> lengthOffset + size;
                    case WHOLE_FRAME -> 0;
                };
        long longest = plus(maxFieldValue, uncounted);
        if (longest < headerLength) {
            throw new IllegalArgumentException("adjustment " + adjustment
                    + " leaves no valid frame: with the largest length it has " + longest + " bytes, its header "
                    + headerLength);
        }
        if (strip > longest) {
            throw new IllegalArgumentException(
                    "strip must be at most the longest frame's " + longest + " bytes, was " + strip);
        }
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
        return new LengthField(bytes, new byte[0], 0, 0, false, Counts.PAYLOAD, 0, PAYLOAD_ONLY, null);
    }

    /**
     * Puts constant bytes at the start of every frame.
     *
     * @param bytes the marker
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public LengthField marker(byte... bytes) {
        if (bytes.length == 0 || bytes.length > 255) {
            throw new IllegalArgumentException("marker must have 1 to 255 bytes, had " + bytes.length);
        }
        return new LengthField(
                size, bytes.clone(), before, after, littleEndian, counts, adjustment, strip, headerCheck);
    }

    /**
     * Puts header bytes of the application's between the marker and the length.
     *
     * @param bytes how many, 0 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public LengthField before(int bytes) {
        checkHeaderPart("before", bytes);
        return new LengthField(size, marker, bytes, after, littleEndian, counts, adjustment, strip, headerCheck);
    }

    /**
     * Puts header bytes of the application's between the length and the payload.
     *
     * @param bytes how many, 0 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public LengthField after(int bytes) {
        checkHeaderPart("after", bytes);
        return new LengthField(size, marker, before, bytes, littleEndian, counts, adjustment, strip, headerCheck);
    }

    /**
     * Has the length's least significant byte come first.
     *
     * @return a new format
     */
    public LengthField littleEndian() {
        return new LengthField(size, marker, before, after, true, counts, adjustment, strip, headerCheck);
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
        return new LengthField(size, marker, before, after, littleEndian, counts, adjustment, strip, headerCheck);
    }

    /**
     * Sets what has to be added to the number in the length field to get the count.
     *
     * @param bytes the difference between the count and the number in the field; may be negative
     * @return a new format
     * @throws IllegalArgumentException if no frame could be valid, since with the largest length it would be shorter than
     *     its header
     */
    public LengthField adjustment(int bytes) {
        return new LengthField(size, marker, before, after, littleEndian, counts, bytes, strip, headerCheck);
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
     * Leaves out the first bytes of every frame on the wire, instead of its header. Of this and {@link #keepHeader()}, the
     * last call holds.
     *
     * @param bytes how many bytes to leave out, counted from the marker; a frame that has fewer is corrupt
     * @return a new format
     * @throws IllegalArgumentException if the number is negative, or no frame can have so many bytes
     */
    public LengthField strip(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("strip must not be negative, was " + bytes);
        }
        return new LengthField(size, marker, before, after, littleEndian, counts, adjustment, bytes, headerCheck);
    }

    /**
     * Has every header looked at before its length is believed: a frame whose header is refused is corrupt. With a marker
     * and {@code skipInvalid} this tells a frame's start from the same bytes inside a payload. The encoder refuses a frame
     * whose header does not pass, too.
     *
     * @param check is given the header's bytes, marker included, in a read-only buffer with position 0, in big-endian order
     *     and valid during the call; true if they can be a frame's header. It depends on nothing else, as it may be asked
     *     again for the same bytes
     * @return a new format
     */
    public LengthField checkHeader(Predicate<? super ByteBuffer> check) {
        Objects.requireNonNull(check, "check");
        return new LengthField(size, marker, before, after, littleEndian, counts, adjustment, strip, check);
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if frames lack bytes that only the application knows: bytes {@code before} or
     *     {@code after} the length, or a stripped part of the payload
     */
    @Override
    public FrameEncoder newEncoder() {
        int lengthEnd = lengthOffset + size;
        if (stripped > marker.length && before > 0) {
            throw new UnsupportedOperationException("Cannot encode: the " + before
                    + " bytes before the length are not part of the frame; use keepHeader()");
        }
        if (stripped > lengthEnd && after > 0) {
            throw new UnsupportedOperationException("Cannot encode: the " + after
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
        if (marker.length > 0) {
            text.append(".marker(").append(hex(marker)).append(')');
        }
        if (before > 0) {
            text.append(".before(").append(before).append(')');
        }
        if (after > 0) {
            text.append(".after(").append(after).append(')');
        }
        if (littleEndian) {
            text.append(".littleEndian()");
        }
        if (counts != Counts.PAYLOAD) {
            text.append(".counts(").append(counts).append(')');
        }
        if (adjustment != 0) {
            text.append(".adjustment(").append(adjustment).append(')');
        }
        if (strip != PAYLOAD_ONLY) {
            text.append(strip == 0 ? ".keepHeader()" : ".strip(" + strip + ")");
        }
        if (headerCheck != null) {
            text.append(".checkHeader(").append(headerCheck).append(')');
        }
        return text.toString();
    }

    private static void checkHeaderPart(String name, int bytes) {
        if (bytes < 0 || bytes > MAX_HEADER_PART) {
            throw new IllegalArgumentException(name + " must be 0 to " + MAX_HEADER_PART + " bytes, was " + bytes);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
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

    /** The length of the frame on the wire that the header at this place announces, or -1 if no frame can have it. */
    private long wireLength(ByteBuffer buffer, int headerStart) {
        long field = readLength(buffer, headerStart + lengthOffset);
        long length = plus(field, uncounted);
        return field < 0 || length < Math.max(headerLength, stripped) ? -1 : length;
    }

    private boolean passesCheck(ByteBuffer buffer, int headerStart) {
        return headerCheck == null
                || headerCheck.test(buffer.slice(headerStart, headerLength).asReadOnlyBuffer());
    }

    private CorruptFrameException wrongMarker(ByteBuffer buffer, int start, int known) {
        byte[] found = new byte[known];
        buffer.get(start, found);
        return new CorruptFrameException("expected the marker " + hex(marker) + " but found " + hex(found));
    }

    /** What is wrong with a whole header that is not good although it has the right marker. */
    private CorruptFrameException headerFault(ByteBuffer buffer, int headerStart) {
        if (!passesCheck(buffer, headerStart)) {
            return new CorruptFrameException("the header was refused by its check");
        }
        long field = readLength(buffer, headerStart + lengthOffset);
        if (field < 0) {
            return new CorruptFrameException(
                    "length " + Long.toUnsignedString(field) + " is over the largest that can be, " + Long.MAX_VALUE);
        }
        long length = field + uncounted;
        return length < headerLength
                ? new CorruptFrameException("length " + field + " makes a frame of " + length
                        + " bytes, shorter than its header of " + headerLength + " bytes")
                : new CorruptFrameException("length " + field + " makes a frame of " + length + " bytes, of which "
                        + stripped + " are to be stripped");
    }

    private static final class Decoder implements FrameFinder {

        private final LengthField format;
        private final byte[] marker;
        private final int headerLength;
        private final int stripped;

        /** How much of the header is not delivered. */
        private final int unread;

        /** How many bytes have to be there for a frame to be found. */
        private final int needed;

        /** Whether the frame is found by a length of 4 bytes and nothing else, the usual case, in which no step is needless. */
        private final boolean isInt;

        private final int lengthOffset;

        /** What the frame's length on the wire is beyond the number in the field. */
        private final int uncounted;

        /** Room for a header that chunks have cut or that is not good, twice, so that what is held can move on. */
        private ByteBuffer header = NO_ROOM;

        /** Where in it the bytes held begin, and how many they are. */
        private int from;

        private int held;

        /** Bytes of the frame that are still to come; 0 between frames. */
        private long remaining;

        /** How many of them are not delivered. */
        private long stripping;

        /** Whether a fault is being passed over, up to a good header. */
        private boolean searching;

        Decoder(LengthField format) {
            this.format = format;
            marker = format.marker;
            headerLength = format.headerLength;
            stripped = format.stripped;
            unread = Math.min(headerLength, stripped);
            needed = Math.max(headerLength, stripped);
            lengthOffset = format.lengthOffset;
            uncounted = (int) format.uncounted;
            isInt = format.size == Integer.BYTES
                    && !format.littleEndian
                    && format.headerCheck == null
                    && marker.length == 0
                    && uncounted == format.uncounted;
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            int available = chunk.limit() - start;
            if (available < needed) {
                return false;
            }
            long length = isInt
                    ? Integer.toUnsignedLong(chunk.getInt(start + lengthOffset)) + uncounted
                    : goodLength(chunk, start);
            if (length < needed || length > available) {
                return false;
            }
            place.set(start + stripped, (int) length - stripped, start + (int) length);
            return true;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (remaining == 0) {
                int start = chunk.position();
                long length;
                if (held == 0
                        && !searching
                        && chunk.limit() - start >= headerLength
                        && (length = goodLength(chunk, start)) >= 0) {
                    frame.expect(length - stripped, length);
                    if (length <= chunk.limit() - start) {
                        chunk.position(start + stripped);
                        frame.append(chunk, (int) length - stripped);
                        return true;
                    }
                    chunk.position(start + unread);
                    remaining = length - unread;
                    stripping = stripped - unread;
                } else if (!readHeader(chunk, frame)) {
                    return false;
                }
            }
            if (stripping > 0) {
                int n = (int) Math.min(stripping, chunk.remaining());
                chunk.position(chunk.position() + n);
                stripping -= n;
                remaining -= n;
            }
            int n = (int) Math.min(remaining, chunk.remaining());
            if (n > 0) {
                frame.append(chunk, n);
                remaining -= n;
            }
            return remaining == 0;
        }

        /** The length of the frame that starts with this header, or -1 if that is not good. */
        private long goodLength(ByteBuffer chunk, int start) {
            for (int i = 0; i < marker.length; i++) {
                if (chunk.get(start + i) != marker[i]) {
                    return -1;
                }
            }
            return format.passesCheck(chunk, start) ? format.wireLength(chunk, start) : -1;
        }

        /** Reads a header that is cut, or not good, byte by byte; true when it is complete and good. */
        private boolean readHeader(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                if (searching && held == 0) {
                    skipToMarker(chunk, frame);
                    if (!chunk.hasRemaining()) {
                        return false;
                    }
                }
                hold(chunk.get());
                if (isFalseStart()) {
                    if (!searching) {
                        CorruptFrameException fault = fault();
                        if (marker.length == 0) {
                            throw fault;
                        }
                        frame.invalid(fault);
                        searching = true;
                    }
                    holdNextStart();
                    frame.begin(held);
                } else if (held == headerLength) {
                    startFrame(frame);
                    return true;
                }
            }
            return false;
        }

        private void hold(byte value) {
            if (from + held == header.capacity()) {
                if (header.capacity() == 0) {
                    header = ByteBuffer.allocate(2 * headerLength);
                }
                header.position(from);
                header.compact().clear();
                from = 0;
            }
            header.put(from + held++, value);
        }

        /** Whether what is held cannot be a header, as the last byte shows. */
        private boolean isFalseStart() {
            if (held <= marker.length) {
                return header.get(from + held - 1) != marker[held - 1];
            }
            return held == headerLength && !(format.passesCheck(header, from) && format.wireLength(header, from) >= 0);
        }

        private CorruptFrameException fault() {
            return held <= marker.length && !mayStartAt(0)
                    ? format.wrongMarker(header, from, held)
                    : format.headerFault(header, from);
        }

        private void startFrame(FrameSink frame) {
            if (searching) {
                searching = false;
                frame.begin(headerLength);
            }
            long length = format.wireLength(header, from);
            frame.expect(length - stripped, length);
            frame.append(header.clear().position(from + unread), headerLength - unread);
            from = 0;
            held = 0;
            remaining = length - headerLength;
            stripping = stripped - unread;
        }

        /** After a false start: keeps of the bytes held those from the next place on where a frame may start. */
        private void holdNextStart() {
            int next = 1;
            while (next < held && !mayStartAt(next)) {
                next++;
            }
            from += next;
            held -= next;
        }

        private boolean mayStartAt(int index) {
            int known = Math.min(marker.length, held - index);
            for (int i = 0; i < known; i++) {
                if (header.get(from + index + i) != marker[i]) {
                    return false;
                }
            }
            return true;
        }

        private void skipToMarker(ByteBuffer chunk, FrameSink frame) {
            int start = chunk.position();
            int i = start;
            while (i < chunk.limit() && chunk.get(i) != marker[0]) {
                i++;
            }
            if (i > start) {
                frame.skip(chunk, i - start);
            }
        }
    }

    private static final class Encoder implements FrameEncoder {

        private final LengthField format;
        private final int stripped;
        private final long uncounted;

        /** How many of the marker's bytes the frame does not bring. */
        private final int markerBytes;

        /** From which to which length frames can be written as they are; a marker or a header that they bring has to be checked. */
        private final long shortest;

        private final long longest;

        Encoder(LengthField format) {
            this.format = format;
            stripped = format.stripped;
            uncounted = format.uncounted;
            markerBytes = Math.min(stripped, format.marker.length);
            shortest = Math.max(format.headerLength, uncounted) - stripped;
            boolean needsNoCheck = format.headerCheck == null && stripped >= format.marker.length;
            longest = needsNoCheck
                    ? Math.min(plus(format.maxFieldValue, uncounted), WireLength.MAX) - stripped
                    : Long.MIN_VALUE;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            // the usual case first, and small enough to be inlined
            return length >= shortest && length <= longest ? stripped + length : checkedLength(frame, length);
        }

        private int checkedLength(ByteBuffer frame, int length) {
            long wireLength = (long) stripped + length;
            if (wireLength < format.headerLength) {
                throw new CorruptFrameException("frame of " + length + " bytes is shorter than its header of "
                        + format.headerLength + " bytes");
            }
            long field = wireLength - uncounted;
            if (field < 0) {
                throw new CorruptFrameException("frame of " + length + " bytes is too short for its length field: "
                        + "the smallest length means " + (uncounted - stripped) + " bytes");
            }
            if (field > format.maxFieldValue) {
                long longest = plus(format.maxFieldValue, uncounted) - stripped;
                throw new FrameTooLongException(
                        "frame of " + length + " bytes exceeds the " + longest + " that its length field can say",
                        length,
                        longest);
            }
            byte[] marker = format.marker;
            for (int i = stripped; i < marker.length; i++) {
                if (frame.get(frame.position() + i - stripped) != marker[i]) {
                    throw format.wrongMarker(frame, frame.position(), marker.length - stripped);
                }
            }
            if (format.headerCheck != null) {
                ByteBuffer header = ByteBuffer.allocate(format.headerLength);
                int brought = format.headerLength - stripped;
                if (brought > 0) {
                    header.put(stripped, frame, frame.position(), brought);
                }
                fillIn(header, 0, field);
                if (!format.passesCheck(header, 0)) {
                    throw new CorruptFrameException("the header was refused by its check");
                }
            }
            return WireLength.fitting(frame, wireLength);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            int length = frame.remaining();
            Buffers.copy(frame, frame.position(), target, start + stripped, length);
            fillIn(target, start, stripped + (long) length - uncounted);
            target.position(start + stripped + length);
        }

        /** Writes what of a header the frame does not bring, and the length. */
        private void fillIn(ByteBuffer target, int start, long field) {
            if (markerBytes > 0) {
                target.put(start, format.marker, 0, markerBytes);
            }
            format.writeLength(target, start + format.lengthOffset, field);
        }
    }
}
