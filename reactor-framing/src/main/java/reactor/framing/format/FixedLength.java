package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/**
 * Frames of one length: records. On the wire a frame is
 *
 * <pre>
 * +--------+---------+----------+
 * | marker | payload | end mark |
 * +--------+---------+----------+
 * |&lt;--- n bytes ----&gt;|
 * </pre>
 *
 * where the marks are optional. The n bytes are delivered, marker included.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code FixedLength.of(4)}: records of four bytes, wherever chunks are cut.
 *
 * <pre>
 * wire   61 62 63 | 64 65 66 67 68 | 69 6a 6b 6c
 * frames "abcd", "efgh", "ijkl"
 * </pre>
 *
 * <p>{@code FixedLength.of(4).padding((byte) ' ')}: a short frame is filled when it is written. Nothing is stripped
 * when it is read.
 *
 * <pre>
 * frame  68 69          "hi"
 * wire   68 69 20 20
 * frame  68 69 20 20    "hi  "
 * </pre>
 *
 * <p>{@code FixedLength.of(188).marker((byte) 0x47)}: MPEG transport stream packets, each of which begins with {@code
 * 47}.
 *
 * <pre>
 * wire   47 1f ff 10 ... 47 1f ff 10 ...
 * frame  47 1f ff 10 ...
 * </pre>
 *
 * <p>{@code FixedLength.of(2).endMark((byte) '\r', (byte) '\n')}: a value whose length was told before, and a line end.
 *
 * <pre>
 * wire   68 69 0d 0a
 * frame  68 69          "hi"
 * </pre>
 *
 * <h2>Faults</h2>
 *
 * <p>A wrong marker or end mark is a {@link CorruptFrameException}. Under {@code skipInvalid}, the search for the next
 * marker goes on at the byte after the false start, and the next frame begins with it; if that was a marker's bytes
 * inside a payload, the frame after it has a wrong marker in turn, until the search has found the right place. Without
 * a marker, a wrong end mark ends the stream. A limit below the frame's length lets no frame pass.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes frames with their marker. A longer frame is a {@link FrameTooLongException}; a shorter one is
 * filled with {@link #padding(byte)} or, without that, a {@link CorruptFrameException}, as is one with a wrong marker.
 */
public final class FixedLength implements Framing {

    private static final byte[] NO_BYTES = {};

    private final int length;
    private final @Nullable Byte padding;
    private final byte[] marker;
    private final byte[] endMark;

    private FixedLength(int length, @Nullable Byte padding, byte[] marker, byte[] endMark) {
        this.length = length;
        this.padding = padding;
        this.marker = marker;
        this.endMark = endMark;
    }

    /**
     * Creates a format whose frames all have the same length.
     *
     * <p>Of no bytes, with an {@link #endMark(byte...)}, frames are empty. Without one there is nothing to read: such a
     * format is no more than an answer to {@link Switching}, that nothing comes before the next frame.
     *
     * @param bytes the length of every frame
     * @return a new format
     * @throws IllegalArgumentException if the length is negative
     */
    public static FixedLength of(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("length must not be negative, was " + bytes);
        }
        return new FixedLength(bytes, null, NO_BYTES, NO_BYTES);
    }

    /**
     * Has the encoder fill a short frame at its end. The decoder never strips anything.
     *
     * @param value the byte to fill with
     * @return a new format
     */
    public FixedLength padding(byte value) {
        return new FixedLength(length, value, marker, endMark);
    }

    /**
     * Says what the first bytes of every frame are. They are part of the frame and of its length.
     *
     * @param bytes the marker
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than a frame has
     */
    public FixedLength marker(byte... bytes) {
        if (bytes.length == 0 || bytes.length > length) {
            throw new IllegalArgumentException(
                    "marker must have 1 byte to the frame's " + length + ", had " + bytes.length);
        }
        return new FixedLength(length, padding, bytes.clone(), endMark);
    }

    /**
     * Puts constant bytes behind every frame. They are not delivered and not part of the frame's length, and a frame
     * with other bytes behind it is corrupt.
     *
     * @param bytes the end mark
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or more than 255
     */
    public FixedLength endMark(byte... bytes) {
        LengthLayout.checkMark("endMark", bytes);
        return new FixedLength(length, padding, marker, bytes.clone());
    }

    /** Whether there is nothing to read. */
    boolean isNothing() {
        return length == 0 && endMark.length == 0;
    }

    private void checkReadable() {
        if (isNothing()) {
            throw new UnsupportedOperationException(
                    "FixedLength.of(0) has no frames, as nothing would come before the next one: add an endMark");
        }
    }

    private long wireLength() {
        return (long) length + endMark.length;
    }

    @Override
    public FrameDecoder newDecoder() {
        checkReadable();
        return new Decoder(this);
    }

    @Override
    public FrameEncoder newEncoder() {
        checkReadable();
        return new Encoder(this);
    }

    @Override
    public String toString() {
        return "FixedLength.of(" + length + ")"
                + (padding == null ? "" : ".padding(" + Hex.of(padding) + ")")
                + (marker.length == 0 ? "" : ".marker(" + Hex.of(marker) + ")")
                + (endMark.length == 0 ? "" : ".endMark(" + Hex.of(endMark) + ")");
    }

    private static final class Reader extends HeaderReader {

        private final FixedLength format;

        Reader(FixedLength format) {
            this.format = format;
            size = format.marker.length;
        }

        @Override
        long read(ByteBuffer bytes, int start, int available) {
            return format.wireLength();
        }

        @Override
        CorruptFrameException fault(ByteBuffer bytes, int start) {
            throw new IllegalStateException("every header with the right marker is good");
        }
    }

    private static final class Decoder extends LengthDecoder {

        private final FixedLength format;
        private final int length;
        private final byte[] marker;
        private final byte[] endMark;
        private final long wireLength;

        Decoder(FixedLength format) {
            super(new Reader(format), new Shape(format.marker, 0, format.endMark, format.endMark.length));
            this.format = format;
            length = format.length;
            marker = format.marker;
            endMark = format.endMark;
            wireLength = format.wireLength();
        }

        /** As the length is known, less is done than by super. */
        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            if (chunk.limit() - start < wireLength
                    || marker.length > 0 && !isAt(chunk, start, marker)
                    || endMark.length > 0 && !isAt(chunk, start + length, endMark)) {
                return false;
            }
            place.set(start, length, start + (int) wireLength);
            return true;
        }

        @Override
        public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
            forgetFound();
            return super.findCut(chunk, start, place);
        }

        /** Long before the marker has been read, it is known how long the frame will be. */
        @Override
        void frameBegins(FrameSink frame) {
            frame.expect(format.length, format.wireLength());
        }
    }

    private static final class Encoder implements EnvelopeEncoder, FillingEncoder {

        private final FixedLength format;

        /** How many bytes the frame that is written in pieces is filled with. */
        private int padded;

        Encoder(FixedLength format) {
            this.format = format;
        }

        @Override
        public void fillIn(ByteBuffer frame) {} // the padding is behind it

        @Override
        public ByteBuffer delivered(ByteBuffer frame) {
            int given = frame.remaining();
            Byte padding = format.padding;
            if (padding == null || given >= format.length) {
                return frame;
            }
            byte[] delivered = new byte[format.length];
            frame.get(frame.position(), delivered, 0, given);
            Arrays.fill(delivered, given, delivered.length, padding);
            return ByteBuffer.wrap(delivered);
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int given = frame.remaining();
            checkLength(given);
            if (format.marker.length > 0) {
                checkMarker(frame, given, format.padding);
            }
            return WireLength.fitting(frame, format.wireLength());
        }

        private void checkLength(long given) {
            int length = format.length;
            if (given > length) {
                throw new FrameTooLongException(
                        "frame of " + given + " bytes exceeds the " + length + " that all frames have", given, length);
            }
            if (given < length && format.padding == null) {
                throw new CorruptFrameException(
                        "frame of " + given + " bytes is shorter than the " + length + " that all frames have");
            }
        }

        private void checkMarker(ByteBuffer frame, int given, @Nullable Byte padding) {
            byte[] found = new byte[format.marker.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = i < given || padding == null ? frame.get(frame.position() + i) : padding;
            }
            if (!Arrays.equals(found, format.marker)) {
                throw LengthDecoder.wrongMarker(format.marker, ByteBuffer.wrap(found), 0, found.length);
            }
        }

        @Override
        public int overhead() {
            return format.padding == null
                    ? format.endMark.length
                    : (int) Math.min(Integer.MAX_VALUE, format.wireLength());
        }

        @Override
        public boolean takesPieces() {
            return format.padding == null;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            checkLength(frameLength);
            int given = start.remaining();
            if (given < Math.min(frameLength, format.marker.length)) {
                return MORE;
            }
            checkMarker(start, given, format.padding);
            padded = format.length - (int) frameLength;
            return 0;
        }

        @Override
        public void behind(ByteBuffer target) {
            fill(target, padded);
            target.put(format.endMark);
        }

        private void fill(ByteBuffer target, int bytes) {
            Byte padding = format.padding;
            if (padding != null) {
                for (int i = 0; i < bytes; i++) {
                    target.put(padding);
                }
            }
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            int given = frame.remaining();
            Buffers.copy(frame, frame.position(), target, start, given);
            target.position(start + given);
            fill(target, format.length - given);
            target.put(format.endMark);
        }
    }
}
