package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
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
 * Frames of which the first byte, or the first few, choose the framing: text or binary, a keep-alive or a message, a
 * header of one version, of another or none.
 *
 * <pre>
 * +-------------+-----
 * | first bytes | ...     a function of these says by which framing the frame is read
 * +-------------+-----
 * |&lt;---- frame ------
 * </pre>
 *
 * <p>Nothing is consumed by looking: the framing that is chosen reads the frame from its first byte on, and delivers
 * what it delivers otherwise.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code FirstBytes.of(first -> first == '$' ? Delimiter.of("\r\n") : first == 0xB5 ? binary : null)} with
 * {@code binary = LengthField.ofSize(1).marker((byte) 0xB5, (byte) 0x62)}: a positioning receiver that sends lines of
 * text and binary messages on one line.
 *
 * <pre>
 * wire   24 47 4e 0d 0a b5 62 02 01 02 24 58 0d 0a
 * frames "$GN", 01 02, "$X"
 * </pre>
 *
 * <p>{@code FirstBytes.upTo(2, prefix -> prefix.get(0) != 0x16 ? lines : prefix.limit() < 2 ? null : tls)} with
 * {@code lines = Delimiter.of("\n")} and {@code tls = LengthField.ofSize(2).before(3).keepHeader()}: one byte is enough
 * for the lines, the others need two.
 *
 * <pre>
 * wire   68 69 0a 16 03 01 00 02 aa bb
 * frames "hi", 16 03 01 00 02 aa bb
 * </pre>
 *
 * <h2>The function</h2>
 *
 * <p>It depends on nothing but the bytes: it may be asked again for the same ones, and one function serves all streams.
 * It is asked about every frame, with one byte first; while it returns null, with one byte more, up to the number
 * given. So it returns null as long as it cannot tell, and a framing as soon as it can, whatever the bytes behind may
 * be. A framing that it returns again goes on where it was, as long as no more than 15 others have been used in
 * between; another object, be it of the same format, starts afresh. So make the framings outside of the function.
 *
 * <p>A frame has to be as long as the bytes that were looked at to choose its framing. A shorter one is a
 * {@link CorruptFrameException}.
 *
 * <h2>Faults</h2>
 *
 * <p>Null for all of the bytes is a fault: no framing fits. So is what the function throws, if it is a
 * {@link FramingException}; any other exception is a mistake in the function, and an {@link IllegalStateException} that
 * names it ends the stream. All else, and where in the stream, is the chosen framing's. Under {@code skipInvalid},
 * bytes with which nothing fits are passed over one by one, up to those that a framing is chosen for. Inside a frame,
 * what can be passed over is for the chosen framing to say.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder asks the same function about the first bytes of the frame that it is given. Where the chosen framing
 * puts others in front of them, such as a length, the function is asked about these, too: a frame that would be read by
 * another framing is a {@link CorruptFrameException}.
 *
 * <p>So is a frame whose first byte would make the delimiter of the frame before it a longer one; see {@link
 * Delimiter}.
 */
public final class FirstBytes implements Framing {

    private static final int MOST_BYTES = 255;

    /** How many bytes the function is asked about at most. */
    private final int bytes;

    /** For one byte. */
    private final @Nullable IntFunction<? extends @Nullable Framing> ofByte;

    /** For one byte or more. */
    private final @Nullable Function<? super ByteBuffer, ? extends @Nullable Framing> ofPrefix;

    private FirstBytes(
            int bytes,
            @Nullable IntFunction<? extends @Nullable Framing> ofByte,
            @Nullable Function<? super ByteBuffer, ? extends @Nullable Framing> ofPrefix) {
        this.bytes = bytes;
        this.ofByte = ofByte;
        this.ofPrefix = ofPrefix;
    }

    /**
     * Creates a format in which a frame's first byte chooses the framing.
     *
     * @param choice returns the framing of a frame that begins with this byte, 0 to 255, or null if there is none
     * @return a new format
     */
    public static FirstBytes of(IntFunction<? extends @Nullable Framing> choice) {
        Objects.requireNonNull(choice, "choice");
        return new FirstBytes(1, choice, null);
    }

    /**
     * Creates a format in which a frame's first bytes choose the framing.
     *
     * @param bytes how many bytes the function is asked about at most, 1 to 255
     * @param choice returns the framing of a frame that begins with these bytes, in a read-only buffer with position 0,
     *     in big-endian order and valid during the call; null if more bytes are needed or, for all of them, if there is
     *     none
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public static FirstBytes upTo(int bytes, Function<? super ByteBuffer, ? extends @Nullable Framing> choice) {
        if (bytes < 1 || bytes > MOST_BYTES) {
            throw new IllegalArgumentException("bytes must be 1 to " + MOST_BYTES + ", was " + bytes);
        }
        Objects.requireNonNull(choice, "choice");
        return new FirstBytes(bytes, null, choice);
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
     */
    @Override
    public FrameEncoder newEncoder() {
        return new Encoder(this);
    }

    @Override
    public String toString() {
        return ofByte != null ? "FirstBytes.of(" + ofByte + ")" : "FirstBytes.upTo(" + bytes + ", " + ofPrefix + ")";
    }

    /** The first bytes of a frame, about which the function is asked one by one. */
    private static final class Prefix {

        private final FirstBytes format;
        private final byte[] bytes;
        private final ByteBuffer view;

        /** How many bytes the function has been asked about. */
        private int asked;

        /** What the function has thrown about them, if that is a fault. */
        private @Nullable FramingException thrown;

        Prefix(FirstBytes format) {
            this.format = format;
            bytes = new byte[format.bytes];
            view = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }

        void begin() {
            asked = 0;
            thrown = null;
        }

        /** Whether another byte may tell more. */
        boolean isOpen() {
            return asked < bytes.length && thrown == null;
        }

        @Nullable
        Framing ask(byte next) {
            bytes[asked++] = next;
            try {
                Function<? super ByteBuffer, ? extends @Nullable Framing> ofPrefix = format.ofPrefix;
                IntFunction<? extends @Nullable Framing> ofByte = format.ofByte;
                return ofByte != null
                        ? ofByte.apply(next & 0xFF)
                        : Objects.requireNonNull(ofPrefix)
                                .apply(view.order(ByteOrder.BIG_ENDIAN)
                                        .limit(asked)
                                        .position(0));
            } catch (FramingException e) {
                thrown = e;
                return null;
            } catch (RuntimeException e) {
                throw new IllegalStateException(
                        format + " throws " + e + ", for " + Hex.of(Arrays.copyOf(bytes, asked)), e);
            }
        }

        FramingException fault() {
            if (thrown != null) {
                return thrown;
            }
            return new CorruptFrameException(
                    asked == 0
                            ? "an empty frame has no first byte to choose a framing by"
                            : "no framing fits a frame that begins with " + Hex.of(Arrays.copyOf(bytes, asked)));
        }
    }

    /** A framing's decoder. */
    private record Reading(FrameDecoder decoder, @Nullable FrameFinder finder) {

        static Reading by(Framing framing) {
            FrameDecoder decoder = Delimiter.requireNoReadAhead(framing).newDecoder();
            return new Reading(decoder, decoder instanceof FrameFinder finder ? finder : null);
        }
    }

    private static final class Decoder implements FrameFinder {

        private final Prefix prefix;
        private final Recent<Reading> recent = new Recent<>(Reading::by);

        /** Bytes of earlier chunks that no framing has read. */
        private final ByteBuffer held;

        private final HeldSink heldSink;

        /** How many of the bytes that no framing has read have been looked at; in a frame, how many had been. */
        private int looked;

        /** By which framing the frame is read, or the last one was, and how much of it has been. */
        private @Nullable Reading reading;

        private boolean inFrame;
        private long read;

        /** Whether no framing fits and the next place is looked for where one does. */
        private boolean searching;

        /**
         * Where in the chunk, which is to be decoded next then, {@link #find} has looked, and what it has chosen; or
         * -1.
         */
        private int foundAt = -1;

        private @Nullable Reading found;

        Decoder(FirstBytes format) {
            prefix = new Prefix(format);
            held = ByteBuffer.allocate(format.bytes).limit(0);
            heldSink = new HeldSink(held);
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            foundAt = -1;
            if (inFrame || searching || held.hasRemaining()) {
                return false;
            }
            prefix.begin();
            Reading chosen = choose(chunk, start);
            if (chosen != null
                    && chosen.finder != null
                    && chosen.finder.find(chunk, start, place)
                    && place.end() - start >= prefix.asked) {
                reading = chosen;
                return true;
            }
            foundAt = start;
            found = chosen;
            return false;
        }

        @Override
        public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
            Reading chosen = found;
            if (foundAt != start
                    || chosen == null
                    || chosen.finder == null
                    || !chosen.finder.findCut(chunk, start, place)
                    || place.end() - start < prefix.asked) {
                return false;
            }
            foundAt = -1;
            reading = chosen;
            return true;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            do {
                if (!inFrame && !beginFrame(chunk, frame)) {
                    return false;
                }
                if (!readOn(chunk, frame)) {
                    return false;
                }
                inFrame = false;
                if (read >= looked) {
                    looked = 0;
                    return true;
                }
                refuse(
                        new CorruptFrameException("frame of " + read + " bytes on the wire is shorter than the "
                                + looked + " that were looked at to choose its framing"),
                        frame);
                looked -= (int) read;
            } while (held.hasRemaining() || chunk.hasRemaining());
            return false;
        }

        /** Chooses the framing of the frame that begins with the next byte; false if the chunk is used up before. */
        private boolean beginFrame(ByteBuffer chunk, FrameSink frame) {
            Reading chosen = null;
            if (foundAt >= 0 && foundAt == chunk.position()) {
                chosen = found;
            } else if (!held.hasRemaining()) {
                prefix.begin();
            }
            foundAt = -1;
            while (chosen == null) {
                chosen = choose(chunk, chunk.position());
                looked = Math.max(looked, prefix.asked);
                if (chosen == null && prefix.isOpen()) {
                    hold(chunk);
                    return false;
                }
                if (chosen == null) {
                    passFirst(chunk, frame);
                    if (!held.hasRemaining() && !chunk.hasRemaining()) {
                        return false;
                    }
                }
            }
            looked = Math.max(looked, prefix.asked);
            if (searching) {
                // The framing need not say that the frame begins here. Its end would be taken for an end before it.
                frame.skip(held, 0);
            }
            reading = chosen;
            inFrame = true;
            searching = false;
            read = 0;
            prefix.begin();
            return true;
        }

        /** Asks on about the bytes behind those that have been asked about, of which some are held. */
        private @Nullable Reading choose(ByteBuffer chunk, int start) {
            while (prefix.isOpen()) {
                int next = prefix.asked - held.remaining();
                if (next >= chunk.limit() - start) {
                    return null;
                }
                Framing framing = prefix.ask(next < 0 ? held.get(held.limit() + next) : chunk.get(start + next));
                if (framing != null) {
                    return recent.of(framing);
                }
            }
            return null;
        }

        private void hold(ByteBuffer chunk) {
            int n = chunk.remaining();
            int count = held.remaining();
            held.compact().position(0).limit(count + n);
            held.put(count, chunk, chunk.position(), n);
            chunk.position(chunk.limit());
        }

        private void passFirst(ByteBuffer chunk, FrameSink frame) {
            if (!searching) {
                refuse(prefix.fault(), frame);
            }
            if (held.hasRemaining()) {
                held.get();
                frame.begin(held.remaining());
            } else {
                frame.skip(chunk, 1);
            }
            looked--;
            prefix.begin();
        }

        private void refuse(FramingException fault, FrameSink frame) {
            frame.invalid(fault);
            frame.begin(held.remaining());
            searching = true;
        }

        /** Has the chosen framing read what is held and the chunk; true if the frame is complete. */
        private boolean readOn(ByteBuffer chunk, FrameSink frame) {
            FrameDecoder decoder = Objects.requireNonNull(reading).decoder;
            if (held.hasRemaining()) {
                int start = held.position();
                heldSink.begin(frame);
                boolean complete = decoder.decode(held, heldSink);
                read += held.position() - start;
                if (complete || !chunk.hasRemaining()) {
                    return complete;
                }
            }
            int start = chunk.position();
            boolean complete = decoder.decode(chunk, frame);
            read += chunk.position() - start;
            return complete;
        }

        @Override
        public boolean complete(FrameSink frame) {
            Reading last = reading;
            if (last == null || held.hasRemaining()) {
                return false;
            }
            inFrame = false;
            return last.decoder.complete(frame);
        }
    }

    /**
     * Passes on what is handed over of bytes that are held. For the sink they have all been read: it is told which of
     * them a frame begins with.
     */
    private static final class HeldSink extends ForwardingSink {

        private final ByteBuffer held;
        private boolean begun;

        HeldSink(ByteBuffer held) {
            this.held = held;
        }

        void begin(FrameSink sink) {
            forwardTo(sink);
            begun = false;
        }

        @Override
        public void expect(long frameLength, long wireLength) {
            begun = true;
            super.expect(frameLength, wireLength);
        }

        @Override
        public void append(ByteBuffer chunk, int length) {
            begun = true;
            super.append(chunk, length);
        }

        @Override
        public void append(byte value) {
            begun = true;
            super.append(value);
        }

        @Override
        public void skip(ByteBuffer chunk, int length) {
            super.skip(chunk, length);
            if (!begun) {
                super.begin(held.remaining());
                super.skip(held, 0); // as in beginFrame
            }
        }

        @Override
        public void begin(int length) {
            super.begin(length + held.remaining());
        }

        @Override
        public void invalid(FramingException cause) {
            begun = false;
            super.invalid(cause);
            super.begin(held.remaining());
        }
    }

    private static final class Encoder implements FillingEncoder {

        private final Prefix prefix;
        private final Recent<FrameEncoder> recent =
                new Recent<>(framing -> Delimiter.requireNoReadAhead(framing).newEncoder());
        private @Nullable Framing chosen;

        private final WrittenBy written = new WrittenBy();

        Encoder(FirstBytes format) {
            prefix = new Prefix(format);
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            Framing framing = choose(frame, frame.position(), frame.limit());
            if (framing == null) {
                throw prefix.fault();
            }
            chosen = framing;
            return recent.of(framing).encodedLength(frame);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            Framing framing = Objects.requireNonNull(chosen, "encodedLength has not been called");
            FrameEncoder encoder = recent.of(framing);
            int start = target.position();
            encoder.encode(frame, target);
            written.add(framing, encoder);
            try {
                written.checkStart(target, start);
                checkReader(framing, target, start);
            } catch (RuntimeException e) {
                target.position(start);
                takeBack();
                throw e;
            }
        }

        @SuppressWarnings("ReferenceEquality") // an equal framing is another one to the decoder
        private void checkReader(Framing framing, ByteBuffer target, int start) {
            if (beginsAsAsked(target, start)) {
                return;
            }
            Framing reader = choose(target, start, target.position());
            if (reader != framing) {
                String onTheWire = Hex.of(Arrays.copyOf(prefix.bytes, prefix.asked)) + " on the wire";
                throw new CorruptFrameException(
                        reader != null && reader.toString().equals(framing.toString())
                                ? "the function returns another " + framing + " for " + onTheWire
                                        + " than for the frame: it has to return the same object"
                                : "frame would be read by another framing than " + framing + ", as it would begin with "
                                        + onTheWire);
            }
        }

        /** Whether what has been written begins with the bytes that the function has been asked about. */
        private boolean beginsAsAsked(ByteBuffer target, int start) {
            return target.position() - start >= prefix.asked
                    && target.duplicate()
                            .limit(start + prefix.asked)
                            .position(start)
                            .equals(ByteBuffer.wrap(prefix.bytes, 0, prefix.asked));
        }

        @Override
        public @Nullable EnvelopeEncoder envelope(ByteBuffer start) {
            Framing framing = choose(start, start.position(), start.limit());
            if (framing == null) {
                return new Undecided();
            }
            FrameEncoder encoder = recent.of(framing);
            EnvelopeEncoder envelope = encoder.envelope(start);
            return envelope == null
                    ? null
                    : new ChosenEnvelope(
                            framing,
                            encoder,
                            envelope,
                            written,
                            prefix.bytes.length,
                            wire -> checkReader(framing, wire, 0));
        }

        /** For a frame of which no framing is known: there is none, or more has to be seen of the frame. */
        private final class Undecided implements EnvelopeEncoder {

            @Override
            public int encodedLength(ByteBuffer frame) {
                return Encoder.this.encodedLength(frame);
            }

            @Override
            public int overhead() {
                return 0;
            }

            @Override
            public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
                if (prefix.isOpen() && start.remaining() < frameLength) {
                    return MORE;
                }
                throw prefix.fault();
            }
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            Framing framing = choose(frame, frame.position(), frame.limit());
            if (framing != null) {
                FillingEncoder.fillIn(recent.of(framing), frame);
            }
        }

        @Override
        public ByteBuffer delivered(ByteBuffer frame) {
            Framing framing = choose(frame, frame.position(), frame.limit());
            return framing == null ? frame : FillingEncoder.delivered(recent.of(framing), frame);
        }

        @Override
        public void takeBack() {
            written.takeBack();
        }

        @Override
        public @Nullable FrameEncoder innermost() {
            return written.innermost();
        }

        private @Nullable Framing choose(ByteBuffer bytes, int from, int to) {
            prefix.begin();
            for (int at = from; at < to && prefix.isOpen(); at++) {
                Framing framing = prefix.ask(bytes.get(at));
                if (framing != null) {
                    return framing;
                }
            }
            return null;
        }
    }
}
