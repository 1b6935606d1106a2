package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * Frames of any framing that are bounded, and looked at as a whole before they count as good: for what a {@link
 * Checked} cannot say, such as a check that depends on what kind of message it stands in. Where a frame is not good,
 * the framing goes on behind its end, so that {@link FirstBytes} in it chooses anew.
 *
 * @param what the name of a frame, for messages
 * @param min the least length of a frame
 * @param max the largest length of a frame: as many bytes of one are kept
 */
record Judged(String what, Framing framing, int min, int max, Judge judge) implements Wrapping {

    /** Looks at frames. */
    interface Judge {

        /** Throws what is wrong with a frame whose length is in its bounds; the frame begins at 0. */
        void check(ByteBuffer frame);

        /** Writes into a frame to be sent what can be known of it. Nothing happens to a frame that is not good. */
        default void fillIn(ByteBuffer frame) {}
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

    private @Nullable FramingException fault(ByteBuffer frame) {
        try {
            Presets.checkLength(what, frame.remaining(), min, max);
            judge.check(frame);
            return null;
        } catch (FramingException e) {
            return e;
        }
    }

    private static final class Decoder implements FrameFinder {

        private final Judged format;
        private final FrameDecoder decoder;
        private final @Nullable FrameFinder finder;
        private final Sink sink;

        Decoder(Judged format) {
            this.format = format;
            decoder = format.framing.newDecoder();
            finder = decoder instanceof FrameFinder f ? f : null;
            sink = new Sink(format);
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            return finder != null
                    && finder.find(chunk, start, place)
                    && format.fault(chunk.slice(place.start(), place.length())) == null;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            sink.forwardTo(frame);
            while (decoder.decode(chunk, sink)) {
                if (endFrame(frame)) {
                    return true;
                }
                // The fault ends here: what follows is a frame of its own, good or bad.
                frame.begin(0);
                frame.append(chunk, 0);
                if (!chunk.hasRemaining()) {
                    return false;
                }
            }
            if (sink.isTooLong()) {
                frame.begin(0);
            }
            return false;
        }

        @Override
        public boolean complete(FrameSink frame) {
            sink.forwardTo(frame);
            while (decoder.complete(sink)) {
                if (endFrame(frame)) {
                    return true;
                }
            }
            return false;
        }

        private boolean endFrame(FrameSink frame) {
            if (sink.isTooLong()) {
                sink.clear();
                return false;
            }
            FramingException fault = format.fault(sink.frame());
            sink.clear();
            if (fault == null) {
                return true;
            }
            frame.invalid(fault);
            return false;
        }
    }

    /** Passes everything on, and keeps the frame. */
    private static final class Sink extends ForwardingSink {

        private final String what;
        private final int max;
        private byte[] bytes = new byte[0];

        /** How many bytes the frame has, up to one more than it may have. */
        private int length;

        private final ByteBuffer oneByte = ByteBuffer.allocate(1);

        Sink(Judged format) {
            what = format.what;
            max = format.max;
        }

        boolean isTooLong() {
            return length > max;
        }

        ByteBuffer frame() {
            return ByteBuffer.wrap(bytes, 0, length).slice();
        }

        void clear() {
            length = 0;
        }

        @Override
        public void append(byte value) {
            append(oneByte.put(0, value).clear(), 1);
        }

        @Override
        public void append(ByteBuffer source, int n) {
            int start = source.position();
            int taken = isTooLong() ? 0 : Math.min(n, max - length);
            if (!isTooLong()) {
                super.append(source, taken);
                keep(source, start, taken);
                if (taken < n) {
                    super.invalid(new FrameTooLongException(
                            what + " of more than the " + max + " bytes that it has at most", max + 1L, max));
                    length = max + 1;
                }
            }
            source.position(start + n);
        }

        private void keep(ByteBuffer source, int start, int n) {
            if (length + n > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(length + n, Math.max(64, Math.min(max, 2 * bytes.length))));
            }
            source.get(start, bytes, length, n);
            length += n;
        }

        @Override
        public void invalid(FramingException cause) {
            clear();
            super.invalid(cause);
        }
    }

    private static final class Encoder implements FillingEncoder {

        private final Judged format;
        private final FrameEncoder encoder;

        /** The frame, filled in, which is about to be written. */
        private @Nullable ByteBuffer filled;

        Encoder(Judged format) {
            this.format = format;
            encoder = format.framing.newEncoder();
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            Presets.checkLength(format.what, length, format.min, format.max);
            ByteBuffer filled = delivered(frame);
            format.judge.check(filled);
            this.filled = filled;
            return encoder.encodedLength(filled);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            ByteBuffer filled = Objects.requireNonNull(this.filled, "encodedLength has not been called");
            this.filled = null;
            encoder.encode(filled, target);
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            int length = frame.remaining();
            if (length >= format.min && length <= format.max) {
                FillingEncoder.fillIn(encoder, frame);
                format.judge.fillIn(frame.slice());
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

    /** A check that is wrong. */
    static CorruptFrameException wrongCheck(String check, byte[] expected, byte[] found) {
        return new CorruptFrameException(check + " is " + Hex.of(expected) + " but the frame says " + Hex.of(found));
    }
}
