package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/**
 * JSON objects (RFC 8259, in UTF-8) without any other boundary between them than their own braces: back to back, one in
 * a line or over many, or as the elements of an array. A frame is one object, from its first brace to its last, byte
 * for byte; the limit is on that object and not on the array.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code Json.objects()}: back to back, and with a line end between.
 *
 * <pre>
 * wire   {"id":1}{"id":2}\n{"id":3}
 * frames {"id":1}  {"id":2}  {"id":3}
 * </pre>
 *
 * <p>The elements of an array, each delivered once it is whole. Braces in a string are text.
 *
 * <pre>
 * wire   [ {"a":"}"}, {"b":{"c":[]}} ]
 * frames {"a":"}"}  {"b":{"c":[]}}
 * </pre>
 *
 * <h2>What may stand between objects</h2>
 *
 * <p>A byte order mark at the start of the stream ({@code EF BB BF}), which RFC 8259, section 8.1, lets a reader
 * ignore. White space and commas, in any number, also before the first object and behind the last; {@code [} and,
 * behind it, {@code ]}. When an array is closed, anything may follow that may begin a stream: objects, another array.
 * This format finds boundaries and does not validate: neither where commas stand nor what is inside an object is
 * checked.
 *
 * <p>There are no empty frames.
 *
 * <h2>Faults</h2>
 *
 * <p>Anything else where an object could begin is a {@link CorruptFrameException}: a string, a number or another
 * scalar, an array in an array, a bracket too many. Under {@code skipInvalid} it is passed over up to the next object;
 * braces inside a string or inside an array in an array do not begin one. A stream that ends in an array that is not
 * closed is truncated: the exception tells the offset of the array's bracket and how many bytes have come since.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder takes exactly one object, without white space around it, refuses everything else as corrupt, and
 * writes a line feed behind the object, so that readers of lines understand objects that have no line ends in them.
 * Where another format may come next, in {@link FirstBytes} and {@link Switching}, that line feed belongs to no frame:
 * {@link SkipBetween} passes over it.
 */
public final class Json implements Framing {

    private static final Json OBJECTS = new Json();

    private Json() {}

    /**
     * Returns the format whose frames are JSON objects.
     *
     * @return the format
     */
    public static Json objects() {
        return OBJECTS;
    }

    /** Whether a line feed is behind the encoder's last frame that is no part of it. */
    static boolean endsInLineFeed(FrameEncoder encoder) {
        return FillingEncoder.innermost(encoder) instanceof Encoder;
    }

    /** Whether the line feed behind an object is passed over by this framing. */
    static boolean isPassedBy(Framing following) {
        if (following instanceof SkipBetween skipping && skipping.isBetween((byte) '\n')) {
            return true;
        }
        if (following instanceof Switching switching) {
            return isPassedBy(switching.first());
        }
        return following instanceof Json || following instanceof Wrapping wrapping && isPassedBy(wrapping.wrapped());
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder();
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder();
    }

    @Override
    public String toString() {
        return "Json.objects()";
    }

    /** Follows braces and strings. Bytes of characters outside ASCII are never mistaken for one of them in UTF-8. */
    private static final class Scanner {

        private long depth;
        private boolean inString;
        private boolean escaped;

        boolean inObject() {
            return depth > 0;
        }

        /**
         * Reads an object on, or from its first brace on; returns the index of the first byte that is not part of it.
         */
        int readObject(ByteBuffer buffer, int at) {
            int limit = buffer.limit();
            while (at < limit) {
                if (inString) {
                    at = readString(buffer, at);
                    continue;
                }
                byte value = buffer.get(at++);
                if (value == '"') {
                    inString = true;
                } else if (value == '{') {
                    depth++;
                } else if (value == '}' && --depth == 0) {
                    return at;
                }
            }
            return at;
        }

        /**
         * Reads a string on, from behind its first quote; returns the index of the first byte that is not part of it.
         */
        int readString(ByteBuffer buffer, int at) {
            int limit = buffer.limit();
            while (at < limit) {
                byte value = buffer.get(at++);
                if (escaped) {
                    escaped = false;
                } else if (value == '\\') {
                    escaped = true;
                } else if (value == '"') {
                    inString = false;
                    return at;
                }
            }
            return at;
        }
    }

    private static final class Decoder implements FrameDecoder {

        private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

        private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

        /** How many bytes of a byte order mark have been read at the start of the stream; -1 behind it. */
        private int marked;

        private final Scanner scanner = new Scanner();

        private boolean inArray;

        /** Bytes read since the array began. */
        private long arrayLength;

        /** Whether a fault is being passed over, and the depth of the array that is, if it is one. */
        private boolean searching;

        private long searchDepth;

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (marked >= 0 && !passByteOrderMark(chunk, frame)) {
                return false;
            }
            int start = chunk.position();
            if (scanner.inObject() || findObject(chunk, frame)) {
                int from = chunk.position();
                frame.append(chunk, scanner.readObject(chunk, from) - from);
                arrayLength += chunk.position() - start;
                return !scanner.inObject();
            }
            arrayLength += chunk.position() - start;
            return false;
        }

        @Override
        public boolean complete(FrameSink frame) {
            if (inArray && !scanner.inObject()) {
                // what is open is the array: a fault in it is reported first, then the array is the frame that was cut
                // off
                frame.append(NOTHING, 0);
                frame.begin((int) Math.min(Integer.MAX_VALUE, arrayLength));
            }
            return false;
        }

        /** Passes over a byte order mark; true if there is something behind it. */
        private boolean passByteOrderMark(ByteBuffer chunk, FrameSink frame) {
            while (marked < BYTE_ORDER_MARK.length && chunk.hasRemaining()) {
                byte value = chunk.get(chunk.position());
                if (value != BYTE_ORDER_MARK[marked]) {
                    if (marked > 0) {
                        frame.invalid(new CorruptFrameException("expected a JSON object but found the bytes "
                                + Hex.of(Arrays.copyOf(BYTE_ORDER_MARK, marked)) + ", which are no byte order mark"));
                        searching = true;
                    }
                    marked = -1;
                    return true;
                }
                chunk.get();
                marked++;
            }
            if (marked == BYTE_ORDER_MARK.length) {
                frame.begin(0);
                marked = -1;
            }
            return chunk.hasRemaining();
        }

        /** Passes over what is between objects; true if the chunk's next byte is an object's first. */
        private boolean findObject(ByteBuffer chunk, FrameSink frame) {
            int start = chunk.position();
            int limit = chunk.limit();
            int at = start;
            while (at < limit) {
                if (scanner.inString) {
                    at = scanner.readString(chunk, at);
                    continue;
                }
                byte value = chunk.get(at);
                if (searchDepth > 0) {
                    switch (value) {
                        case '"' -> scanner.inString = true;
                        case '[' -> searchDepth++;
                        case ']' -> searchDepth--;
                        default -> {}
                    }
                    at++;
                    continue;
                }
                switch (value) {
                    case ' ', '\t', '\n', '\r', ',' -> {}
                    case '{' -> {
                        frame.skip(chunk, at - chunk.position());
                        searching = false;
                        return true;
                    }
                    case '[' -> {
                        if (inArray) {
                            fault(chunk, at, frame);
                            searchDepth = 1;
                        } else {
                            inArray = true;
                            arrayLength = start - at;
                        }
                    }
                    case ']' -> {
                        if (!inArray) {
                            fault(chunk, at, frame);
                        }
                        inArray = false;
                    }
                    case '"' -> {
                        fault(chunk, at, frame);
                        scanner.inString = true;
                    }
                    default -> fault(chunk, at, frame);
                }
                at++;
            }
            frame.skip(chunk, limit - chunk.position());
            return false;
        }

        private void fault(ByteBuffer chunk, int at, FrameSink frame) {
            if (!searching) {
                frame.skip(chunk, at - chunk.position());
                String found = switch (chunk.get(at)) {
                    case '[' -> "an array in an array";
                    case ']' -> "a ']' without its '['";
                    case '"' -> "a string";
                    default -> "the byte " + Hex.of(chunk.get(at));
                };
                frame.invalid(new CorruptFrameException("expected a JSON object but found " + found));
                searching = true;
            }
        }
    }

    private static final class Encoder implements EnvelopeEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            int start = frame.position();
            if (!frame.hasRemaining() || frame.get(start) != '{') {
                throw new CorruptFrameException("frame is not a JSON object: it does not begin with a brace");
            }
            Scanner scanner = new Scanner();
            int end = scanner.readObject(frame, start);
            if (scanner.inObject()) {
                throw new CorruptFrameException("frame ends inside its JSON object");
            }
            if (end < frame.limit()) {
                throw new CorruptFrameException(
                        "frame goes on behind its JSON object, which has " + (end - start) + " bytes");
            }
            return WireLength.fitting(frame, frame.remaining() + 1L);
        }

        @Override
        public int overhead() {
            return 1;
        }

        @Override
        public boolean takesPieces() {
            return false;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            return 0;
        }

        @Override
        public void behind(ByteBuffer target) {
            target.put((byte) '\n');
        }
    }
}
