package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FramePlace;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/**
 * Frames with a length of as many bytes as it needs in front: an unsigned LEB128 number, of which every byte holds
 * seven bits, the least significant ones first, and in its highest bit whether another byte follows. This is what
 * Protocol Buffers calls a varint and MQTT a variable byte integer. On the wire a frame is
 *
 * <pre>
 * +--------+--------+---------+
 * | before | length | payload |
 * +--------+--------+---------+
 * |&lt;--- header ----&gt;|
 * </pre>
 *
 * where all but the length is optional; the length counts the payload. What is delivered is the payload, unless
 * {@link #keepHeader()} says otherwise. Frames may be empty.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code Varint.leb128()}: delimited Protocol Buffers messages.
 *
 * <pre>
 * wire   03 61 62 63 00 02 68 69
 * frames "abc", "", "hi"
 * </pre>
 *
 * <p>The same with a payload of 300 bytes: 300 is 2 times 128 and 44, so that its bytes are {@code 2c} with the highest
 * bit set, and {@code 02}.
 *
 * <pre>
 * wire   ac 02 78 78 78 ... 78
 * frame        78 78 78 ... 78
 * </pre>
 *
 * <p>{@code Varint.leb128().before(1).maxBytes(4).keepHeader()}: MQTT packets, of which the first byte tells the type.
 *
 * <pre>
 * wire   40 02 00 07 c0 00
 * frames 40 02 00 07 (an acknowledgement), c0 00 (a ping)
 * </pre>
 *
 * <h2>Faults</h2>
 *
 * <p>A length that takes more bytes than it needs ({@code 80 00}), that has more than {@link #maxBytes(int)} bytes, or
 * that is 2<sup>63</sup> or more is a {@link CorruptFrameException}. It ends the stream also under {@code skipInvalid},
 * since nothing tells where the next frame begins. A frame over the limit is passed over by its length.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes what the decoder delivers, and writes lengths in as few bytes as they need. With
 * {@link #keepHeader()} the frame brings its length, since nobody else could say where its payload begins; a wrong one
 * is refused. Bytes {@code before} the length that the frame does not bring cannot be known: {@link #newEncoder()} then
 * throws.
 */
public final class Varint implements Framing {

    /** What 64 bits take. */
    private static final int MOST_BYTES = 10;

    /** What the length of a frame that is all in one chunk takes. */
    private static final int BYTES_OF_INT = 5;

    private static final byte[] NO_BYTES = {};

    private final int before;
    private final int maxBytes;
    private final boolean keepHeader;

    private Varint(int before, int maxBytes, boolean keepHeader) {
        this.before = before;
        this.maxBytes = maxBytes;
        this.keepHeader = keepHeader;
    }

    /**
     * Creates a format with a length in LEB128 of up to 10 bytes that counts the payload.
     *
     * @return a new format
     */
    public static Varint leb128() {
        return new Varint(0, MOST_BYTES, false);
    }

    /**
     * Puts header bytes of the application's in front of the length.
     *
     * @param bytes how many, 0 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public Varint before(int bytes) {
        LengthLayout.checkHeaderPart("before", bytes);
        return new Varint(bytes, maxBytes, keepHeader);
    }

    /**
     * Limits the bytes of the length itself: 4 in MQTT, 5 where Protocol Buffers lengths have 32 bits. The default is
     * 10.
     *
     * @param bytes how many, 1 to 10
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public Varint maxBytes(int bytes) {
        if (bytes < 1 || bytes > MOST_BYTES) {
            throw new IllegalArgumentException("maxBytes must be 1 to 10, was " + bytes);
        }
        return new Varint(before, bytes, keepHeader);
    }

    /**
     * Delivers frames with their header, which then counts as part of the frame's length.
     *
     * @return a new format
     */
    public Varint keepHeader() {
        return new Varint(before, maxBytes, true);
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if there are bytes {@code before} the length that the frame does not bring
     */
    @Override
    public FrameEncoder newEncoder() {
        if (before > 0 && !keepHeader) {
            throw new UnsupportedOperationException("Cannot encode: the " + before
                    + " bytes before the length are not part of the frame; use keepHeader()");
        }
        return new Encoder(this);
    }

    @Override
    public String toString() {
        return "Varint.leb128()"
                + (before > 0 ? ".before(" + before + ")" : "")
                + (maxBytes < MOST_BYTES ? ".maxBytes(" + maxBytes + ")" : "")
                + (keepHeader ? ".keepHeader()" : "");
    }

    /**
     * Reads headers. Also the encoder does, where the frame brings its header.
     */
    private static final class Reader extends HeaderReader {

        private final int before;
        private final int maxBytes;

        /** What is wrong with a bad length. */
        private String fault = "";

        Reader(Varint format) {
            before = format.before;
            maxBytes = format.maxBytes;
        }

        @Override
        long read(ByteBuffer bytes, int start, int available) {
            long number = 0;
            for (int count = 0; before + count < available; ) {
                byte value = bytes.get(start + before + count);
                number |= (value & 0x7FL) << 7 * count;
                count++;
                if (value >= 0) {
                    size = before + count;
                    return check(number, count, value);
                }
                if (count == maxBytes) {
                    size = before + count;
                    fault = "length has more than " + maxBytes + " bytes";
                    return BAD;
                }
            }
            needed = Math.max(before, available) + 1;
            return MORE;
        }

        private long check(long number, int count, byte last) {
            if (count > 1 && last == 0) {
                fault = "length " + number + " takes " + count + " bytes, more than it needs";
                return BAD;
            }
            if (count == MOST_BYTES) {
                fault = "length is over the largest that can be, " + Long.MAX_VALUE;
                return BAD;
            }
            return number > Long.MAX_VALUE - size ? Long.MAX_VALUE : number + size;
        }

        @Override
        CorruptFrameException fault(ByteBuffer bytes, int start) {
            return new CorruptFrameException(fault);
        }
    }

    private static final class Decoder extends LengthDecoder {

        private final int before;
        private final int maxBytes;
        private final boolean keepHeader;

        Decoder(Varint format) {
            super(new Reader(format), new Shape(NO_BYTES, format.keepHeader ? 0 : Shape.HEADER, NO_BYTES, 0));
            before = format.before;
            maxBytes = format.maxBytes;
            keepHeader = format.keepHeader;
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            int limit = chunk.limit();
            if (limit - start <= before) {
                return false;
            }
            int at = start + before;
            long number = chunk.get(at++);
            if (number < 0) {
                number = readMore(chunk, at, (int) number & 0x7F);
                at += extraBytes(number);
            }
            if (number < 0 || number > limit - at) {
                return false;
            }
            int end = at + (int) number;
            int from = keepHeader ? start : at;
            place.set(from, end - from, end);
            return true;
        }

        @Override
        public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
            forgetFound();
            return super.findCut(chunk, start, place);
        }

        /**
         * Reads a length whose first seven bits are known; -1 if it is not all here, not good or longer than any chunk.
         */
        private long readMore(ByteBuffer chunk, int from, int firstBits) {
            int to = Math.min(chunk.limit(), from - 1 + Math.min(maxBytes, BYTES_OF_INT));
            long number = firstBits;
            for (int at = from, shift = 7; at < to; at++, shift += 7) {
                byte value = chunk.get(at);
                number |= (value & 0x7FL) << shift;
                if (value >= 0) {
                    return value == 0 ? -1 : number;
                }
            }
            return -1;
        }

        /** How many bytes a length takes after its first one. */
        private static int extraBytes(long number) {
            return (Long.SIZE - 1 - Long.numberOfLeadingZeros(number | 1)) / 7;
        }
    }

    private static final class Encoder implements EnvelopeEncoder {

        private final Varint format;

        Encoder(Varint format) {
            this.format = format;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            if (format.keepHeader) {
                checkHeader(frame, length);
                return length;
            }
            int size = size(length);
            long longest = Math.min((1L << 7 * Math.min(format.maxBytes, 5)) - 1, Integer.MAX_VALUE - 8 - 5);
            if (length > longest) {
                throw new FrameTooLongException(
                        "frame of " + length + " bytes exceeds the " + longest
                                + " that fit into a buffer with a length of up to " + format.maxBytes + " bytes",
                        length,
                        longest);
            }
            return size + length;
        }

        /** Refuses a frame that has another length than its header says; false if the start ends inside that. */
        private boolean checkHeader(ByteBuffer start, long frameLength) {
            Reader reader = new Reader(format);
            long wireLength = reader.read(start, start.position(), start.remaining());
            if (wireLength == HeaderReader.MORE) {
                if (start.remaining() < frameLength) {
                    return false;
                }
                throw new CorruptFrameException("frame of " + frameLength + " bytes ends before its length does");
            }
            if (wireLength == HeaderReader.BAD) {
                throw reader.fault(start, start.position());
            }
            if (wireLength != frameLength) {
                throw new CorruptFrameException("frame brings the length " + (wireLength - reader.size)
                        + " but a payload of " + (frameLength - reader.size) + " bytes");
            }
            return true;
        }

        @Override
        public int overhead() {
            return format.keepHeader ? 0 : format.maxBytes;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            if (format.keepHeader) {
                return checkHeader(start, frameLength) ? 0 : MORE;
            }
            long longest = format.maxBytes > 8 ? Long.MAX_VALUE : (1L << 7 * format.maxBytes) - 1;
            if (frameLength > longest) {
                throw new FrameTooLongException(
                        "frame of " + frameLength + " bytes exceeds the " + longest + " that a length of up to "
                                + format.maxBytes + " bytes can say",
                        frameLength,
                        longest);
            }
            long rest = frameLength;
            for (; rest > 0x7F; rest >>>= 7) {
                target.put((byte) (rest | 0x80));
            }
            target.put((byte) rest);
            return 0;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int length = frame.remaining();
            if (!format.keepHeader) {
                int rest = length;
                for (; rest > 0x7F; rest >>>= 7) {
                    target.put((byte) (rest | 0x80));
                }
                target.put((byte) rest);
            }
            int start = target.position();
            Buffers.copy(frame, frame.position(), target, start, length);
            target.position(start + length);
        }

        /** How many bytes a length takes. */
        private static int size(int length) {
            return (Integer.SIZE - Integer.numberOfLeadingZeros(length | 1) + 6) / 7;
        }
    }
}
