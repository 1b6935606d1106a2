package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * Frames of which each says how the one behind it is framed: a greeting in a line and binary messages after it, a
 * header that tells the size of the body, a first message without the type byte that all others have.
 *
 * <pre>
 * +-------+--------+--------+-----
 * | frame | frame  | frame  | ...
 * +-------+--------+--------+-----
 *   first   next(0)  next(1)          the framing by which it is read
 * </pre>
 *
 * <h2>Worked examples</h2>
 *
 * <p>A line, then binary messages: {@code Switching.of(Delimiter.of("\n"), frame -> binary)} with
 * {@code binary = LengthField.ofSize(2)}.
 *
 * <pre>
 * wire   62 69 6e 0a 00 02 68 69 00 01 21
 * frames "bin", "hi", "!"
 * </pre>
 *
 * <p>A record's first frame is a byte that tells the size of the second:
 * {@code Switching.of(size, frame -> frame.remaining() == 1 ? FixedLength.of(frame.get(0)) : size)} with
 * {@code size = FixedLength.of(1)}, for records of 2 to 127 bytes.
 *
 * <pre>
 * wire   03 61 62 63 02 68 69
 * frames 03, "abc", 02, "hi"
 * </pre>
 *
 * <p>A line that begins with {@code $} tells the size of the value behind it, which may look like such a line itself:
 * {@code Switching.of(lines, (inUse, frame) -> inUse == lines && frame.get(0) == '$' ? value(frame) : lines)}, where
 * {@code value(frame)} is {@code FixedLength.of((int) HeaderLength.decimal(frame, 1, frame.limit())).endMark(CR, LF)}.
 *
 * <pre>
 * wire   +OK\r\n  $2\r\n  $9\r\n  $0\r\n  \r\n  +OK\r\n
 * frames "+OK"   "$2"   "$9"   "$0"   ""    "+OK"
 * </pre>
 *
 * <p>The same without a line end behind the value, where a value of no bytes is no frame: {@code FixedLength.of(0)}.
 *
 * <pre>
 * wire   +OK\r\n  $2\r\n  $9  $0\r\n  +OK\r\n
 * frames "+OK"   "$2"   "$9" "$0"   "+OK"
 * </pre>
 *
 * <h2>The rule</h2>
 *
 * <p>The function is asked about every frame, in the order of the stream, before a byte behind the frame is read. It
 * gets the whole frame as it is delivered; {@link reactor.framing.FrameCodec#decodeParts decodeParts} and frames that
 * are dropped because they exceed the limit show their first 64 KiB at most. It depends on nothing else: one function
 * serves all streams, and it is asked again about a frame that proves too long. As long as it returns the same object,
 * the decoder or encoder in use goes on; another object, be it of the same format, starts afresh.
 *
 * <p>A body of no bytes: where it has an end mark, or the like, it is a frame, and an empty one. {@code
 * FixedLength.of(0)} is none: nothing is read or delivered, and the function is asked at once, with that framing and an
 * empty frame, for what follows.
 *
 * <p>Both directions follow the rule on their own: the decoder asks about the frames that it finds, the encoder about
 * those that it writes. Where what is sent decides about what is received, this format does not help.
 *
 * <h2>Faults</h2>
 *
 * <p>Under {@code skipInvalid}, what can be passed over is for the framing in use to say, and that framing stays in
 * use. A frame that is dropped because it exceeds the limit switches like any other. An exception of the function, and
 * null, end the stream after the frame.
 *
 * <h2>Framings of one's own</h2>
 *
 * <p>No byte is lost at a change, since decoders leave what is behind a frame in the chunk. The exception is a framing
 * that can tell a frame's end only by bytes that are not its own: {@link Delimiter} where one delimiter contains
 * another and goes on for two bytes or more behind it. When another framing is to follow that one, the stream ends in
 * an {@link IllegalStateException} after the frame. Where it goes on for one byte, a frame that begins with
 * this byte is refused when it is written. {@link SkipBetween} is the way out where these bytes belong to no
 * frame. So it is behind {@link Json}, whose encoder writes a line feed behind each object: only a {@code SkipBetween}
 * that passes over line feeds can follow that, or the stream that is written ends in an {@code IllegalStateException}.
 */
public final class Switching implements Framing {

    private final Framing first;
    private final BiFunction<? super Framing, ? super ByteBuffer, ? extends Framing> next;

    /** The framing of all frames behind the first one that it reads, or null. */
    private final @Nullable Framing last;

    /** Whether somebody else looks at what is behind each frame, so that no framing may have read of it. */
    private final boolean refusesReadAhead;

    private Switching(
            Framing first,
            BiFunction<? super Framing, ? super ByteBuffer, ? extends Framing> next,
            @Nullable Framing last,
            boolean refusesReadAhead) {
        this.first = first;
        this.next = next;
        this.last = last;
        this.refusesReadAhead = refusesReadAhead;
    }

    /**
     * Creates a format in which every frame says how the one behind it is framed.
     *
     * @param first the framing of the first frame of a stream
     * @param next returns the framing of what follows the frame it is given, which it sees in a read-only buffer with
     *     position 0, in big-endian order and valid during the call; the framing in use, if nothing is to change
     * @return a new format
     */
    public static Switching of(Framing first, Function<? super ByteBuffer, ? extends Framing> next) {
        Objects.requireNonNull(next, "next");
        return of(first, (inUse, frame) -> next.apply(frame));
    }

    /**
     * Creates a format in which every frame, and the framing by which it was read, say how the one behind it is framed.
     *
     * @param first the framing of the first frame of a stream
     * @param next returns the framing of what follows; is given the framing that read the frame, and the frame, which
     *     it sees in a read-only buffer with position 0, in big-endian order and valid during the call
     * @return a new format
     */
    public static Switching of(Framing first, BiFunction<? super Framing, ? super ByteBuffer, ? extends Framing> next) {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(next, "next");
        return new Switching(first, next, null, false);
    }

    /**
     * Says behind which framing none other comes: once it is in use, the function is not asked, and frames cost nothing
     * more.
     */
    Switching endsIn(Framing last) {
        return new Switching(first, next, last, refusesReadAhead);
    }

    /** The same, for somebody who looks at what is behind each frame. */
    Switching refusingReadAhead() {
        return new Switching(first, next, last, true);
    }

    Framing first() {
        return first;
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A framing that the function returns and that cannot be written ends the stream when a frame is to be written
     * by it.
     *
     * @throws UnsupportedOperationException if the first framing cannot be written
     */
    @Override
    public FrameEncoder newEncoder() {
        return new Encoder(this);
    }

    @Override
    public String toString() {
        return "Switching.of(" + first + ", ...)";
    }

    /** Which framing is in use. An exception of the function waits until the frame that it was asked about is out. */
    private abstract static class Switch {

        private static final ByteBuffer NO_FRAME = ByteBuffer.allocate(0).asReadOnlyBuffer();

        private final BiFunction<? super Framing, ? super ByteBuffer, ? extends Framing> next;
        private final @Nullable Framing last;
        private final boolean refusesReadAhead;
        private Framing framing;
        private boolean readsAhead;
        private @Nullable RuntimeException failure;

        /** Whether bytes of what follows may have been read with the last frame. */
        boolean mayHaveReadAhead;

        Switch(Switching format) {
            framing = format.first;
            readsAhead = Delimiter.readsAhead(framing);
            next = format.next;
            last = format.last;
            refusesReadAhead = format.refusesReadAhead;
        }

        /** Whether no other framing follows. */
        @SuppressWarnings("ReferenceEquality") // as in goOn
        final boolean isLast() {
            return framing == last;
        }

        final Framing framing() {
            return framing;
        }

        /** Whether a decoder of the framing in use may have read bytes of what follows. */
        final boolean readsAhead() {
            return readsAhead;
        }

        /** What makes the decoder or encoder of the framing in use. */
        final Framing maker() {
            return refusesReadAhead ? Delimiter.requireNoReadAhead(framing) : framing;
        }

        final void throwFailure() {
            if (failure != null) {
                throw failure;
            }
        }

        /** Goes back to where the frame had not been asked about. */
        final void goBack(Framing before) {
            goOn(before);
            failure = null;
        }

        final void fail(RuntimeException failure) {
            this.failure = failure;
        }

        final void failReadAhead(Framing before) {
            fail(new IllegalStateException(
                    before + " may have read bytes of what follows, so nothing else can follow it"));
        }

        /** The framing of what follows the frame. */
        final Framing following(ByteBuffer frame) {
            Framing following = ask(framing, frame);
            if (isNothing(following)) {
                following = ask(following, NO_FRAME);
                if (isNothing(following)) {
                    throw new IllegalStateException("next returned " + following + " twice in a row");
                }
            }
            return following;
        }

        private Framing ask(Framing inUse, ByteBuffer frame) {
            return Objects.requireNonNull(next.apply(inUse, frame), "next returned null");
        }

        private static boolean isNothing(Framing framing) {
            return framing instanceof FixedLength fixed && fixed.isNothing();
        }

        /** Goes on with the framing of what follows the frame; true if it is another. */
        final boolean follow(ByteBuffer frame) {
            try {
                return goOn(following(frame));
            } catch (RuntimeException e) {
                failure = e;
                return false;
            }
        }

        @SuppressWarnings("ReferenceEquality") // an equal framing may well be meant to start afresh
        final boolean goOn(Framing following) {
            if (following == framing) {
                return false;
            }
            framing = following;
            readsAhead = Delimiter.readsAhead(following);
            return true;
        }
    }

    private static final class Decoder extends Switch implements FrameFinder {

        private static final ByteBuffer NO_CHUNK = ByteBuffer.allocate(0);

        private FrameDecoder decoder;
        private @Nullable FrameFinder finder;
        private final Tap tap = new Tap();

        /**
         * What follows the frame that is to be decoded next, if it was found and has been asked about, or why that
         * failed.
         */
        private @Nullable Framing found;

        private @Nullable RuntimeException foundFailure;

        Decoder(Switching format) {
            super(format);
            decoder = maker().newDecoder();
            finder = decoder instanceof FrameFinder f ? f : null;
        }

        /** A frame after which the framing changes is left to {@link #decode}. */
        @Override
        @SuppressWarnings("ReferenceEquality") // as in goOn
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            throwFailure();
            if (finder == null || !finder.find(chunk, start, place)) {
                return false;
            }
            if (isLast()) {
                return true;
            }
            if (place.length() > Tap.KEPT) {
                return false;
            }
            try {
                Framing following =
                        following(chunk.slice(place.start(), place.length()).asReadOnlyBuffer());
                if (following == framing()) {
                    return true;
                }
                found = following;
            } catch (RuntimeException e) {
                foundFailure = e;
            }
            return false;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            throwFailure();
            if (isLast()) {
                return decoder.decode(chunk, frame);
            }
            tap.start(chunk, frame);
            if (decoder.decode(chunk, tap)) {
                follow();
                return true;
            }
            tap.keepSegment();
            return false;
        }

        @Override
        public boolean complete(FrameSink frame) {
            throwFailure();
            if (isLast()) {
                return decoder.complete(frame);
            }
            tap.start(NO_CHUNK, frame);
            if (decoder.complete(tap)) {
                follow();
                return true;
            }
            return false;
        }

        private void startDecoder() {
            try {
                decoder = maker().newDecoder();
                finder = decoder instanceof FrameFinder f ? f : null;
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        private void follow() {
            Framing before = framing();
            mayHaveReadAhead =
                    decoder instanceof Decoder nested ? nested.mayHaveReadAhead : tap.hasReadAhead || readsAhead();
            if (changes()) {
                if (mayHaveReadAhead) {
                    failReadAhead(before);
                } else {
                    startDecoder();
                }
            }
            tap.clear();
        }

        private boolean changes() {
            Framing following = found;
            RuntimeException failure = foundFailure;
            found = null;
            foundFailure = null;
            if (failure != null) {
                fail(failure);
                return false;
            }
            return following != null ? goOn(following) : follow(tap.frame());
        }
    }

    /** Passes everything on, and keeps the frame: of one that the sink does not keep, the first bytes. */
    private static final class Tap extends ForwardingSink {

        private static final int KEPT = 64 * 1024;
        private static final byte[] NO_BYTES = {};

        private ByteBuffer chunk = Decoder.NO_CHUNK;
        private byte[] bytes = NO_BYTES;
        private int count;

        /** Those of them that are in the chunk still, all in one place. */
        private int segmentStart;

        private int segmentLength;

        /** Whether the last thing said was that bytes read belong to the next frame. */
        private boolean hasReadAhead;

        void start(ByteBuffer chunk, FrameSink sink) {
            this.chunk = chunk;
            hasReadAhead = false;
            forwardTo(sink);
        }

        @Override
        public void begin(int length) {
            super.begin(length);
            hasReadAhead = length > 0;
        }

        @Override
        public void skip(ByteBuffer source, int length) {
            hasReadAhead = false;
            super.skip(source, length);
        }

        @Override
        public void expect(long frameLength, long wireLength) {
            hasReadAhead = false;
            super.expect(frameLength, wireLength);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // the chunk itself, not one with the same bytes
        public void append(ByteBuffer source, int length) {
            hasReadAhead = false;
            int start = source.position();
            super.append(source, length);
            int n = Math.min(length, room());
            if (n <= 0) {
                return;
            }
            if (source != chunk) {
                keepSegment();
                keep(source, start, n);
            } else if (segmentLength != 0 && segmentStart + segmentLength == start) {
                segmentLength += n;
            } else {
                keepSegment();
                segmentStart = start;
                segmentLength = n;
            }
        }

        @Override
        public void append(byte value) {
            hasReadAhead = false;
            super.append(value);
            if (room() > 0) {
                keepSegment();
                reserve(1);
                bytes[count++] = value;
            }
        }

        @Override
        public void invalid(FramingException cause) {
            super.invalid(cause);
            clear();
        }

        /** How many more bytes may be kept. */
        private int room() {
            int kept = count + segmentLength;
            return (keepsFrame() ? Integer.MAX_VALUE : KEPT) - kept;
        }

        /** The frame, or what is kept of it. */
        ByteBuffer frame() {
            int shown = keepsFrame() ? Integer.MAX_VALUE : KEPT;
            if (count == 0) {
                return chunk.slice(segmentStart, Math.min(segmentLength, shown)).asReadOnlyBuffer();
            }
            keepSegment();
            return ByteBuffer.wrap(bytes, 0, Math.min(count, shown)).slice().asReadOnlyBuffer();
        }

        /** Moves the bytes that are in the chunk still out of it. */
        void keepSegment() {
            if (segmentLength != 0) {
                keep(chunk, segmentStart, segmentLength);
                segmentLength = 0;
            }
        }

        private void keep(ByteBuffer source, int start, int n) {
            reserve(n);
            source.get(start, bytes, count, n);
            count += n;
        }

        private void reserve(int n) {
            if (count + n > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(count + n, Math.max(256, 2 * bytes.length)));
            }
        }

        void clear() {
            bytes = NO_BYTES;
            count = 0;
            segmentStart = 0;
            segmentLength = 0;
        }
    }

    private static final class Encoder extends Switch implements FillingEncoder {

        private @Nullable FrameEncoder encoder;

        private final WrittenBy written = new WrittenBy();

        Encoder(Switching format) {
            super(format);
            encoder = maker().newEncoder();
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            throwFailure();
            return encoder().encodedLength(frame);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            ByteBuffer delivered = isLast() ? frame : delivered(frame);
            Framing framing = framing();
            FrameEncoder encoder = encoder();
            int start = target.position();
            encoder.encode(frame, target);
            written.add(framing, encoder);
            try {
                written.checkStart(target, start);
            } catch (CorruptFrameException e) {
                target.position(start);
                takeBack();
                throw e;
            }
            mayHaveReadAhead = encoder instanceof Encoder nested ? nested.mayHaveReadAhead : readsAhead();
            if (!isLast() && follow(delivered.slice().asReadOnlyBuffer())) {
                this.encoder = null;
                if (mayHaveReadAhead) {
                    failReadAhead(framing); // as the decoder does
                } else if (Json.endsInLineFeed(encoder) && !Json.isPassedBy(framing())) {
                    fail(new IllegalStateException(
                            framing + " writes a line feed behind a frame, which " + framing() + " would read"));
                }
            }
        }

        /** Before a change, the function has to be asked about the whole frame. */
        @Override
        public @Nullable EnvelopeEncoder envelope(ByteBuffer start) {
            throwFailure();
            if (!isLast()) {
                return null;
            }
            FrameEncoder encoder = encoder();
            EnvelopeEncoder envelope = encoder.envelope(start);
            return envelope == null ? null : new ChosenEnvelope(framing(), encoder, envelope, written, 1, wire -> {});
        }

        @Override
        public void takeBack() {
            Framing framing = written.framing();
            if (framing != null) {
                encoder = written.encoder();
                goBack(framing);
                written.takeBack();
            }
        }

        @Override
        public @Nullable FrameEncoder innermost() {
            return written.innermost();
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            FillingEncoder.fillIn(encoder(), frame);
        }

        @Override
        public ByteBuffer delivered(ByteBuffer frame) {
            return FillingEncoder.delivered(encoder(), frame);
        }

        private FrameEncoder encoder() {
            if (encoder == null) {
                encoder = maker().newEncoder();
            }
            return encoder;
        }
    }
}
