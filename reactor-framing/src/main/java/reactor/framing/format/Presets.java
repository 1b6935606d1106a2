package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/** What the presets of {@link Protocols} are made of: names and bounds. */
final class Presets {

    static final long MAX_INT = Integer.MAX_VALUE;

    private Presets() {}

    static Framing preset(String name, Framing framing) {
        return new Named(name, framing, framing);
    }

    /**
     * A format with a marker: what is out of bounds is refused, so that the search goes on; only the writer says why.
     */
    static Framing searching(
            String name, String what, LengthField format, ToLongFunction<ByteBuffer> length, long min, long max) {
        return new Named(
                name,
                format.checkHeader(header -> {
                    long bytes = length.applyAsLong(header);
                    return bytes >= min && bytes <= max;
                }),
                format.checkHeader(length(what, length, min, max)));
    }

    /** A check that throws if the message, as it is delivered, has a length that its specification does not allow. */
    static Predicate<ByteBuffer> length(String what, ToLongFunction<ByteBuffer> length, long min, long max) {
        return header -> {
            checkLength(what, length.applyAsLong(header), min, max);
            return true;
        };
    }

    static void checkLength(String what, long bytes, long min, long max) {
        if (bytes < min) {
            throw new CorruptFrameException(
                    what + " of " + bytes + " bytes is shorter than the " + min + " that it has at least");
        }
        if (bytes > max) {
            throw new FrameTooLongException(
                    what + " of " + bytes + " bytes is longer than the " + max + " that it has at most", bytes, max);
        }
    }

    /** A check that throws if the header breaks the rule. */
    static Predicate<ByteBuffer> rule(String rule, Predicate<ByteBuffer> holds) {
        return header -> {
            if (!holds.test(header)) {
                throw new CorruptFrameException(rule);
            }
            return true;
        };
    }

    /** A format that has no frames. */
    static Framing refusing(String reason) {
        return LengthField.ofSize(1).keepHeader().checkHeader(rule(reason, header -> false));
    }

    /** A preset by its name, with arguments if it has any; what it reads by may be other than what it writes by. */
    record Named(String name, Framing reading, Framing writing) implements Wrapping {

        @Override
        public Framing wrapped() {
            return reading;
        }

        @Override
        public FrameDecoder newDecoder() {
            return reading.newDecoder();
        }

        @Override
        public FrameEncoder newEncoder() {
            return writing.newEncoder();
        }

        @Override
        public String toString() {
            return "Protocols." + name + (name.endsWith(")") ? "" : "()");
        }
    }

    /** Frames whose first byte tells which of two framings they have. */
    static Framing byFirst(IntPredicate isFirst, Framing first, Framing other) {
        return FirstBytes.of(value -> isFirst.test(value) ? first : other);
    }

    /** Frames whose announced length is bounded. */
    record Bounded(String what, Framing framing, long min, long max) implements Wrapping {

        @Override
        public Framing wrapped() {
            return framing;
        }

        @Override
        public FrameDecoder newDecoder() {
            FrameDecoder decoder = framing.newDecoder();
            return decoder instanceof FrameFinder finder
                    ? new BoundedFinder(this, finder)
                    : new BoundedDecoder(this, decoder);
        }

        @Override
        public FrameEncoder newEncoder() {
            FrameEncoder encoder = framing.newEncoder();
            return encoder instanceof EnvelopeEncoder envelope
                    ? new BoundedEnvelope(this, envelope)
                    : new BoundedEncoder(this, encoder);
        }

        private void check(long length) {
            checkLength(what, length, min, max);
        }
    }

    private static final class BoundedEncoder extends ForwardingEncoder {

        private final Bounded bounds;

        BoundedEncoder(Bounded bounds, FrameEncoder encoder) {
            super(encoder);
            this.bounds = bounds;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            bounds.check(frame.remaining());
            return super.encodedLength(frame);
        }
    }

    private static final class BoundedEnvelope extends ForwardingEnvelope {

        private final Bounded bounds;

        BoundedEnvelope(Bounded bounds, EnvelopeEncoder envelope) {
            super(envelope);
            this.bounds = bounds;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            bounds.check(frame.remaining());
            return super.encodedLength(frame);
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            bounds.check(frameLength);
            return super.before(frameLength, start, target);
        }
    }

    private static class BoundedDecoder implements FrameDecoder {

        private final FrameDecoder decoder;
        private final BoundedSink sink;

        BoundedDecoder(Bounded bounds, FrameDecoder decoder) {
            this.decoder = decoder;
            sink = new BoundedSink(bounds);
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            sink.forwardTo(frame);
            return decoder.decode(chunk, sink);
        }

        @Override
        public boolean complete(FrameSink frame) {
            return decoder.complete(frame);
        }
    }

    private static final class BoundedFinder extends BoundedDecoder implements FrameFinder {

        private final FrameFinder finder;
        private final long min;
        private final long max;

        BoundedFinder(Bounded bounds, FrameFinder finder) {
            super(bounds, finder);
            this.finder = finder;
            min = bounds.min;
            max = bounds.max;
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            return finder.find(chunk, start, place) && isInBounds(place.length());
        }

        @Override
        public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
            return finder.findCut(chunk, start, place) && isInBounds(place.length());
        }

        private boolean isInBounds(int length) {
            return length >= min && length <= max;
        }
    }

    /** Looks at announced lengths, and passes everything on. */
    private static final class BoundedSink extends ForwardingSink {

        private final Bounded bounds;

        BoundedSink(Bounded bounds) {
            this.bounds = bounds;
        }

        @Override
        public void expect(long frameLength, long wireLength) {
            checkLength(bounds.what, frameLength, bounds.min, bounds.max);
            super.expect(frameLength, wireLength);
        }
    }
}
