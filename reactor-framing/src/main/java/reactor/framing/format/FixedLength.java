package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
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
 * Frames of one length: records. On the wire a frame is
 *
 * <pre>
 * +--------+---------+
 * | marker | payload |
 * +--------+---------+
 * |&lt;--- n bytes ----&gt;|
 * </pre>
 *
 * where the marker is optional. Frames are delivered whole, marker included.
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
 * <p>{@code FixedLength.of(4).padding((byte) ' ')}: a short frame is filled when it is written. Nothing is stripped when it
 * is read.
 *
 * <pre>
 * frame  68 69          "hi"
 * wire   68 69 20 20
 * frame  68 69 20 20    "hi  "
 * </pre>
 *
 * <p>{@code FixedLength.of(188).marker((byte) 0x47)}: MPEG transport stream packets, each of which begins with {@code 47}.
 *
 * <pre>
 * wire   47 1f ff 10 ... 47 1f ff 10 ...
 * frame  47 1f ff 10 ...
 * </pre>
 *
 * <h2>Faults</h2>
 *
 * <p>A wrong marker is a {@link CorruptFrameException}. Under {@code skipInvalid}, the search for the next marker goes on at
 * the byte after the false start, and the next frame begins with it; if that was a marker's bytes inside a payload, the frame
 * after it has a wrong marker in turn, until the search has found the right place. Without a marker no byte is corrupt. A
 * limit below the frame's length lets no frame pass.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes frames with their marker. A longer frame is a {@link FrameTooLongException}; a shorter one is filled
 * with {@link #padding(byte)} or, without that, a {@link CorruptFrameException}, as is one with a wrong marker.
 */
public final class FixedLength implements Framing {

    private final int length;
    private final @Nullable Byte padding;
    private final byte[] marker;

    private FixedLength(int length, @Nullable Byte padding, byte[] marker) {
        this.length = length;
        this.padding = padding;
        this.marker = marker;
    }

    /**
     * Creates a format whose frames all have the same length.
     *
     * @param bytes the length of every frame
     * @return a new format
     * @throws IllegalArgumentException if the length is not positive
     */
    public static FixedLength of(int bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("length must be positive, was " + bytes);
        }
        return new FixedLength(bytes, null, new byte[0]);
    }

    /**
     * Has the encoder fill a short frame at its end. The decoder never strips anything.
     *
     * @param value the byte to fill with
     * @return a new format
     */
    public FixedLength padding(byte value) {
        return new FixedLength(length, value, marker);
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
        return new FixedLength(length, padding, bytes.clone());
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
        return "FixedLength.of(" + length + ")"
                + (padding == null ? "" : ".padding(" + hex(padding) + ")")
                + (marker.length == 0 ? "" : ".marker(" + hex(marker) + ")");
    }

    private static String hex(byte... bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    private CorruptFrameException wrongMarker(byte[] found) {
        return new CorruptFrameException("expected the marker " + hex(marker) + " but found " + hex(found));
    }

    private static final class Decoder implements FrameFinder {

        private final FixedLength format;
        private final int length;
        private final byte[] marker;
        private final boolean marked;

        /** For each number of bytes of the marker that fit, how many of the last of them are its beginning again. */
        private final int[] borders;

        /** Bytes of the frame that are still to come; 0 between frames. */
        private int remaining;

        /** How many bytes of the marker have been read. */
        private int matched;

        /** Whether a wrong marker is being passed over, up to a right one. */
        private boolean searching;

        Decoder(FixedLength format) {
            this.format = format;
            length = format.length;
            marker = format.marker;
            marked = marker.length > 0;
            borders = new int[marker.length + 1];
            for (int i = 1, border = 0; i < marker.length; i++) {
                while (border > 0 && marker[i] != marker[border]) {
                    border = borders[border];
                }
                if (marker[i] == marker[border]) {
                    border++;
                }
                borders[i + 1] = border;
            }
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            if (chunk.limit() - start < length || marked && !startsWithMarker(chunk, start)) {
                return false;
            }
            place.set(start, length, start + length);
            return true;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (remaining == 0) {
                boolean starts = matched == 0 && !searching;
                if (starts) {
                    frame.expect(length, length);
                }
                if (starts && startsWithMarker(chunk, chunk.position())) {
                    remaining = length;
                } else if (!readMarker(chunk, frame)) {
                    return false;
                }
            }
            int n = Math.min(remaining, chunk.remaining());
            if (n > 0) {
                frame.append(chunk, n);
                remaining -= n;
            }
            return remaining == 0;
        }

        private boolean startsWithMarker(ByteBuffer chunk, int start) {
            if (chunk.limit() - start < marker.length) {
                return false;
            }
            for (int i = 0; i < marker.length; i++) {
                if (chunk.get(start + i) != marker[i]) {
                    return false;
                }
            }
            return true;
        }

        /** Reads a marker that is cut, or not right, byte by byte; true when it is complete. */
        private boolean readMarker(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                if (searching && matched == 0) {
                    skipToMarker(chunk, frame);
                    if (!chunk.hasRemaining()) {
                        return false;
                    }
                }
                byte value = chunk.get();
                if (value != marker[matched] && !searching) {
                    byte[] found = new byte[matched + 1];
                    System.arraycopy(marker, 0, found, 0, matched);
                    found[matched] = value;
                    frame.invalid(format.wrongMarker(found));
                    searching = true;
                }
                int before = matched;
                while (matched > 0 && value != marker[matched]) {
                    matched = borders[matched];
                }
                if (value == marker[matched]) {
                    matched++;
                }
                if (matched <= before) {
                    frame.begin(matched);
                }
                if (matched == marker.length) {
                    startFrame(frame);
                    return true;
                }
            }
            return false;
        }

        private void startFrame(FrameSink frame) {
            if (searching) {
                searching = false;
                frame.begin(marker.length);
                frame.expect(length, length);
            }
            frame.append(ByteBuffer.wrap(marker), marker.length);
            matched = 0;
            remaining = length - marker.length;
        }

        private void skipToMarker(ByteBuffer chunk, FrameSink frame) {
            int start = chunk.position();
            int at = start;
            while (at < chunk.limit() && chunk.get(at) != marker[0]) {
                at++;
            }
            if (at > start) {
                frame.skip(chunk, at - start);
            }
        }
    }

    private static final class Encoder implements FrameEncoder {

        private final FixedLength format;

        Encoder(FixedLength format) {
            this.format = format;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int given = frame.remaining();
            int length = format.length;
            if (given > length) {
                throw new FrameTooLongException(
                        "frame of " + given + " bytes exceeds the " + length + " that all frames have", given, length);
            }
            Byte padding = format.padding;
            if (given < length && padding == null) {
                throw new CorruptFrameException(
                        "frame of " + given + " bytes is shorter than the " + length + " that all frames have");
            }
            if (format.marker.length > 0) {
                checkMarker(frame, given, padding);
            }
            return length;
        }

        private void checkMarker(ByteBuffer frame, int given, @Nullable Byte padding) {
            byte[] found = new byte[format.marker.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = i < given || padding == null ? frame.get(frame.position() + i) : padding;
            }
            if (!Arrays.equals(found, format.marker)) {
                throw format.wrongMarker(found);
            }
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            int given = frame.remaining();
            Buffers.copy(frame, frame.position(), target, start, given);
            target.position(start + given);
            Byte padding = format.padding;
            if (padding != null) {
                for (int i = given; i < format.length; i++) {
                    target.put(padding);
                }
            }
        }
    }
}
