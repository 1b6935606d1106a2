package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/**
 * Frames of any framing, between which certain bytes may stand that belong to none: line ends behind a delimiter, zeros
 * that keep a connection alive, white space.
 *
 * <pre>
 * +-------+---------+-------+-------+---------
 * | frame | between | frame | frame | between    as many bytes as there are, or none
 * +-------+---------+-------+-------+---------
 * </pre>
 *
 * <p>Such bytes are passed over before the first frame, between two, and behind the last. They are no fault, are not
 * reported, do not count in a frame's offset, and are never waited for: a frame is delivered when its own last byte is
 * there.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code SkipBetween.of(Delimiter.of("#"), "\r\n")}: trackers of which some end a line behind each message and some
 * do not.
 *
 * <pre>
 * wire   *ET,1,HB# \r\n *ET,1,TX# *ET,1,HB#
 * frames "*ET,1,HB"  "*ET,1,TX"  "*ET,1,HB"
 * </pre>
 *
 * <p>{@code SkipBetween.of(LengthField.ofSize(2).marker((byte) 0x72), (byte) 0, (byte) 0xFF)}: two bytes that keep a
 * connection alive.
 *
 * <pre>
 * wire   00 72 00 02 68 69 ff ff 72 00 01 21
 * frames "hi", "!"
 * </pre>
 *
 * <h2>Faults</h2>
 *
 * <p>Those of the framing. Inside its frames, and while it passes over a fault, every byte is the framing's.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder is the framing's, and writes nothing between frames. A frame that would begin with one of the bytes,
 * so that the byte would be passed over, is a {@link CorruptFrameException}.
 */
public final class SkipBetween implements Wrapping {

    private final Framing framing;
    private final byte[] bytes;

    /** Which bytes may stand between frames. */
    private final boolean[] isBetween = new boolean[256];

    private SkipBetween(Framing framing, byte[] bytes) {
        this.framing = Delimiter.requireNoReadAhead(framing);
        this.bytes = bytes;
        for (byte value : bytes) {
            isBetween[value & 0xFF] = true;
        }
    }

    /**
     * Creates a format in which these bytes may stand between two frames, in any number and order.
     *
     * @param framing the framing of the frames
     * @param bytes the bytes that may stand between them
     * @return a new format
     * @throws IllegalArgumentException if there are no bytes, or if the framing may read bytes of what follows: a
     *     {@link Delimiter} where one delimiter contains another and goes on for two bytes or more behind it
     */
    public static SkipBetween of(Framing framing, byte... bytes) {
        Objects.requireNonNull(framing, "framing");
        if (bytes.length == 0) {
            throw new IllegalArgumentException("at least one byte is needed, there were none");
        }
        return new SkipBetween(framing, bytes.clone());
    }

    /**
     * Creates a format in which these bytes may stand between two frames, in any number and order.
     *
     * @param framing the framing of the frames
     * @param bytes the bytes that may stand between them, in UTF-8
     * @return a new format
     * @throws IllegalArgumentException as in {@link #of(Framing, byte...)}
     */
    public static SkipBetween of(Framing framing, String bytes) {
        return of(framing, bytes.getBytes(StandardCharsets.UTF_8));
    }

    boolean isBetween(byte value) {
        return isBetween[value & 0xFF];
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
        FrameEncoder encoder = framing.newEncoder();
        return encoder instanceof EnvelopeEncoder envelope ? new Envelope(this, envelope) : new Encoder(this, encoder);
    }

    @Override
    public String toString() {
        return "SkipBetween.of(" + framing + ", " + Hex.of(bytes) + ")";
    }

    private static final class Decoder implements FrameFinder {

        private final boolean[] isBetween;
        private final FrameDecoder decoder;
        private final @Nullable FrameFinder finder;
        private boolean inFrame;

        Decoder(SkipBetween format) {
            isBetween = format.isBetween;
            decoder = format.framing.newDecoder();
            finder = decoder instanceof FrameFinder f ? f : null;
        }

        /** A frame behind such bytes is left to {@link #decode}, which can tell where it begins. */
        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            return finder != null && begins(chunk, start) && finder.find(chunk, start, place);
        }

        @Override
        public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
            return finder != null && begins(chunk, start) && finder.findCut(chunk, start, place);
        }

        private boolean begins(ByteBuffer chunk, int start) {
            return !inFrame && start < chunk.limit() && !isBetween[chunk.get(start) & 0xFF];
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (!inFrame) {
                int start = chunk.position();
                int at = start;
                while (at < chunk.limit() && isBetween[chunk.get(at) & 0xFF]) {
                    at++;
                }
                if (at > start) {
                    frame.skip(chunk, at - start);
                }
                if (at == chunk.limit()) {
                    return false;
                }
            }
            inFrame = !decoder.decode(chunk, frame);
            return !inFrame;
        }

        @Override
        public boolean complete(FrameSink frame) {
            return decoder.complete(frame);
        }
    }

    /** Refuses a frame by its first byte on the wire, of which nothing is written then. */
    private void checkFirst(byte first, ByteBuffer target, int start) {
        if (isBetween[first & 0xFF]) {
            target.position(start);
            throw new CorruptFrameException(
                    "frame would begin with " + Hex.of(first) + " on the wire, which is passed over between frames");
        }
    }

    private static final class Encoder extends ForwardingEncoder {

        private final SkipBetween format;

        Encoder(SkipBetween format, FrameEncoder encoder) {
            super(encoder);
            this.format = format;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            super.encode(frame, target);
            byte first = target.get(start);
            if (format.isBetween[first & 0xFF]) {
                takeBack();
            }
            format.checkFirst(first, target, start);
        }
    }

    private static final class Envelope extends ForwardingEnvelope {

        private final SkipBetween format;

        Envelope(SkipBetween format, EnvelopeEncoder envelope) {
            super(envelope);
            this.format = format;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            super.encode(frame, target);
            format.checkFirst(target.get(start), target, start);
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            int at = target.position();
            int covered = super.before(frameLength, start, target);
            if (covered == MORE) {
                return MORE;
            }
            byte first;
            if (target.position() > at) {
                first = target.get(at);
            } else if (start.hasRemaining()) {
                first = start.get(start.position());
            } else if (frameLength > 0) {
                return MORE;
            } else {
                behind(target);
                first = target.get(at);
                target.position(at);
            }
            format.checkFirst(first, target, at);
            return covered;
        }
    }
}
