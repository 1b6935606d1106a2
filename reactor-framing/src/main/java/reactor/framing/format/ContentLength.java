package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.format.LengthDecoder.Shape;

/**
 * Frames behind a block of headers, one of which tells their length: the base protocol of the <a
 * href="https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol">
 * Language Server Protocol</a> and of the <a
 * href="https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol">Debug Adapter Protocol</a>, and with
 * options SIP and RTSP. On the wire a frame is
 *
 * <pre>
 * +------------+------------------------------------------+------+------+
 * | start line | Content-Length: 5 CRLF, other lines CRLF | CRLF | body |
 * +------------+------------------------------------------+------+------+
 * |&lt;----------------------- header block -----------------------&gt;|
 * </pre>
 *
 * where there is a start line with {@link #startLine()} only. What is delivered is the body, unless {@link
 * #keepHeader()} says otherwise.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code ContentLength.create()}
 *
 * <pre>
 * wire   Content-Length: 5 CRLF CRLF hello
 * frame  "hello"
 * </pre>
 *
 * <p>Names in any case, other headers, an empty body, and three chunks.
 *
 * <pre>
 * wire   content-length:2 CRLF X: y CR | LF CRLF h | i CONTENT-LENGTH: 0 CRLF CRLF
 * frames "hi", ""
 * </pre>
 *
 * <p>{@code ContentLength.create().startLine().names("Content-Length", "l").optional().keepHeader()}: whole messages of
 * SIP over TCP.
 *
 * <pre>
 * wire   INFO sip:a@b SIP/2.0 CRLF l: 2 CRLF CRLF hi ACK sip:a@b SIP/2.0 CRLF CRLF
 * frames "INFO sip:a@b SIP/2.0\r\nl: 2\r\n\r\nhi", "ACK sip:a@b SIP/2.0\r\n\r\n"
 * </pre>
 *
 * <h2>The header block</h2>
 *
 * <p>Lines end in CRLF, an empty one ends the block, and the whole, that line included, has at most 8,192 bytes, or
 * {@link #maxHeader(int)}. Each line is a name, a colon and a value, as in <a
 * href="https://www.rfc-editor.org/rfc/rfc9110#section-5">RFC 9110, section 5</a>; the names' case does not matter. The
 * length is a decimal number of 1 to 18 digits, with or without spaces and tabs around it. All other headers are passed
 * over. With {@link #startLine()}, as in <a href="https://www.rfc-editor.org/rfc/rfc3261#section-7.3.1">RFC 3261,
 * section 7.3.1</a>, spaces and tabs may also be in front of the colon, and a line that begins with one goes on with
 * the header before it.
 *
 * <h2>Faults</h2>
 *
 * <p>A line that is no header, a CR or LF alone, a missing length unless it is {@link #optional()}, one that is no
 * number, two lengths that differ (the same one twice is accepted) and a block that is too long are a {@link
 * CorruptFrameException}. Under {@code skipInvalid} they are passed over, up to the next place where the name of the
 * length is: so lines of a log between messages do no harm. With a start line nothing tells where the next frame
 * begins, so that they end the stream. A frame over the limit is passed over by its length.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder writes {@code Content-Length}, the empty line and the body. With {@link #keepHeader()} the frame
 * brings its header block; one whose body has another length than that says is a {@link CorruptFrameException}. A start
 * line that the frame does not bring cannot be known: {@link #newEncoder()} then throws.
 */
public final class ContentLength implements Framing {

    private static final int MAX_HEADER = 8192;

    /** So that what a decoder holds of a header, in room for two, is less than the 64 KiB that a header may cost. */
    private static final int LARGEST_MAX_HEADER = 16_000;

    private static final int MAX_DIGITS = 18;
    private static final long LARGEST = 999_999_999_999_999_999L;
    private static final byte[] NO_BYTES = {};

    private final boolean startLine;

    /** What the length may be called; the first name is written and searched for. */
    private final List<String> names;

    private final boolean optional;
    private final boolean keepHeader;
    private final int maxHeader;

    private ContentLength(boolean startLine, List<String> names, boolean optional, boolean keepHeader, int maxHeader) {
        this.startLine = startLine;
        this.names = names;
        this.optional = optional;
        this.keepHeader = keepHeader;
        this.maxHeader = maxHeader;
    }

    /**
     * Creates the format.
     *
     * @return a new format
     */
    public static ContentLength create() {
        return new ContentLength(false, List.of("Content-Length"), false, false, MAX_HEADER);
    }

    /**
     * Has every header block begin with a line that is no header, such as a request or a status.
     *
     * @return a new format
     */
    public ContentLength startLine() {
        return new ContentLength(true, names, optional, keepHeader, maxHeader);
    }

    /**
     * Says what the length's header is called, instead of {@code Content-Length}.
     *
     * @param name the name that is written, and at which a frame is looked for after a fault
     * @param others names that are read as well, such as a short one
     * @return a new format
     * @throws IllegalArgumentException if a name is empty, or has other characters than those of a name
     */
    public ContentLength names(String name, String... others) {
        List<String> names = new ArrayList<>(List.of(others));
        names.add(0, name);
        for (String each : names) {
            if (!each.matches("[!#-'*+\\-.0-9A-Z^-z|~]{1,255}")) {
                throw new IllegalArgumentException("name must be 1 to 255 characters of a name, was \"" + each + '"');
            }
        }
        return new ContentLength(startLine, List.copyOf(names), optional, keepHeader, maxHeader);
    }

    /**
     * Takes a header block without a length for one without a body.
     *
     * @return a new format
     */
    public ContentLength optional() {
        return new ContentLength(startLine, names, true, keepHeader, maxHeader);
    }

    /**
     * Delivers whole messages: the header block, which then counts as part of the frame's length, and the body.
     *
     * @return a new format
     */
    public ContentLength keepHeader() {
        return new ContentLength(startLine, names, optional, true, maxHeader);
    }

    /**
     * Limits the header block, its empty line included. The default is 8,192 bytes.
     *
     * @param bytes how many, 4 to 16,000
     * @return a new format
     * @throws IllegalArgumentException if the number is out of range
     */
    public ContentLength maxHeader(int bytes) {
        if (bytes < 4 || bytes > LARGEST_MAX_HEADER) {
            throw new IllegalArgumentException("maxHeader must be 4 to " + LARGEST_MAX_HEADER + " bytes, was " + bytes);
        }
        return new ContentLength(startLine, names, optional, keepHeader, bytes);
    }

    private String name() {
        return names.get(0);
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if there is a start line that the frame does not bring
     */
    @Override
    public FrameEncoder newEncoder() {
        if (startLine && !keepHeader) {
            throw new UnsupportedOperationException(
                    "Cannot encode: the start line is not part of the frame; use keepHeader()");
        }
        return keepHeader ? new CheckingEncoder(this) : new Encoder(this);
    }

    @Override
    public String toString() {
        return "ContentLength.create()"
                + (startLine ? ".startLine()" : "")
                + (names.equals(create().names) ? "" : ".names(" + String.join(", ", names) + ")")
                + (optional ? ".optional()" : "")
                + (keepHeader ? ".keepHeader()" : "")
                + (maxHeader == MAX_HEADER ? "" : ".maxHeader(" + maxHeader + ")");
    }

    private static byte lowerCase(byte value) {
        return value >= 'A' && value <= 'Z' ? (byte) (value + 'a' - 'A') : value;
    }

    private static byte[] lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
    }

    static final class Decoder extends LengthDecoder {

        private final byte[] name;

        Decoder(ContentLength format) {
            this(format, new Reader(format), lowerCase(format.name() + ":"));
        }

        Decoder(ContentLength format, Reader reader) {
            this(format, reader, lowerCase(format.name() + ":"));
        }

        private Decoder(ContentLength format, Reader reader, byte[] name) {
            super(
                    reader,
                    new Shape(format.startLine ? NO_BYTES : name, format.keepHeader ? 0 : Shape.HEADER, NO_BYTES, 0));
            this.name = name;
        }

        @Override
        boolean isMarker(byte value, int index) {
            return lowerCase(value) == name[index];
        }

        /** Other headers may come first. Only a search looks for this one. */
        @Override
        boolean needsMarker() {
            return false;
        }
    }

    /** Reads header blocks. Also the encoder does, where the frame brings its block. */
    static final class Reader extends HeaderReader {

        private final ContentLength format;
        private final List<byte[]> names;

        /** How many bytes of the block are in lines before this one. */
        private int lineStart;

        /** What a header said, or -1. */
        private long contentLength;

        private String fault = "";

        /** How often a byte has been looked at as one that may end a line. */
        private long examined;

        Reader(ContentLength format) {
            this.format = format;
            names = format.names.stream().map(ContentLength::lowerCase).toList();
        }

        long examined() {
            return examined;
        }

        @Override
        void begin() {
            size = 0;
            lineStart = 0;
            contentLength = -1;
            hopeless = 1;
        }

        /** Starts within what has been read. Where that is the line that was bad, its end is known: CR and LF. */
        @Override
        void moveOn(int bytes) {
            int known = bytes < lineStart ? 0 : Math.max(0, size - 2 - bytes);
            begin();
            size = known;
        }

        @Override
        long read(ByteBuffer bytes, int start, int available) {
            int to = Math.min(available, format.maxHeader);
            while (true) {
                int at = endOfText(bytes, start, to);
                examined += at - size + 1;
                size = at;
                if (at >= to - 1 && (at == to || bytes.get(start + at) == '\r')) {
                    break;
                }
                if (bytes.get(start + at) == '\n') {
                    size = at + 1;
                    return bad("LF without CR in the headers", size);
                }
                size = at + 2;
                byte behindCr = bytes.get(start + at + 1);
                if (behindCr != '\n') {
                    return bad("expected LF behind CR in the headers but found " + Hex.of(behindCr), size - 1);
                }
                boolean isFirst = lineStart == 0;
                if (at == lineStart) {
                    return endOfBlock(isFirst);
                }
                if (!(isFirst && format.startLine) && !readHeader(bytes, start + lineStart, start + at)) {
                    return BAD;
                }
                lineStart = size;
            }
            if (available > format.maxHeader) {
                size = format.maxHeader + 1;
                return bad("the headers do not end within " + format.maxHeader + " bytes", lineStart);
            }
            needed = available + 1;
            return MORE;
        }

        /** The index in the block of the next CR or LF, or how many bytes there are. */
        private int endOfText(ByteBuffer bytes, int start, int to) {
            int at = size;
            while (at < to) {
                byte value = bytes.get(start + at);
                if (value == '\r' || value == '\n') {
                    break;
                }
                at++;
            }
            return at;
        }

        private long endOfBlock(boolean isFirst) {
            if (isFirst && format.startLine) {
                return bad("an empty line instead of the start line", size);
            }
            if (contentLength < 0 && !format.optional) {
                return bad("no " + format.name() + " in the headers", 1);
            }
            return size + Math.max(0, contentLength);
        }

        private boolean readHeader(ByteBuffer bytes, int from, int to) {
            if (format.startLine && isSpace(bytes.get(from))) {
                return true;
            }
            int colon = from;
            while (colon < to && bytes.get(colon) != ':') {
                colon++;
            }
            int end = colon;
            while (format.startLine && end > from && isSpace(bytes.get(end - 1))) {
                end--;
            }
            for (int i = from; i < end; i++) {
                if (bytes.get(i) <= ' ') {
                    bad(Hex.of(bytes.get(i)) + " in the name of a header", lineStart);
                    return false;
                }
            }
            if (end == from || colon == to) {
                bad("a header line without " + (end == from ? "a name" : "a colon"), lineStart);
                return false;
            }
            return !isLength(bytes, from, end) || readLength(bytes, colon + 1, to);
        }

        private boolean isLength(ByteBuffer bytes, int from, int to) {
            for (byte[] name : names) {
                int i = 0;
                // behind the name is a colon or a space, which no name has
                while (i < name.length && lowerCase(bytes.get(from + i)) == name[i]) {
                    i++;
                }
                if (i == name.length && from + i == to) {
                    return true;
                }
            }
            return false;
        }

        private boolean readLength(ByteBuffer bytes, int from, int to) {
            int i = from;
            int end = to;
            while (i < end && isSpace(bytes.get(i))) {
                i++;
            }
            while (end > i && isSpace(bytes.get(end - 1))) {
                end--;
            }
            if (i == end || end - i > MAX_DIGITS) {
                bad(format.name() + " has " + (end - i) + " digits, not 1 to " + MAX_DIGITS, lineStart);
                return false;
            }
            long length = 0;
            for (; i < end; i++) {
                byte digit = bytes.get(i);
                if (digit < '0' || digit > '9') {
                    bad(Hex.of(digit) + " is no digit of a " + format.name(), lineStart);
                    return false;
                }
                length = 10 * length + digit - '0';
            }
            if (contentLength >= 0 && contentLength != length) {
                bad(format.name() + " is both " + contentLength + " and " + length, lineStart);
                return false;
            }
            contentLength = length;
            return true;
        }

        private static boolean isSpace(byte value) {
            return value == ' ' || value == '\t';
        }

        private long bad(String fault, int hopeless) {
            this.fault = fault;
            this.hopeless = Math.max(1, hopeless);
            return BAD;
        }

        @Override
        CorruptFrameException fault(ByteBuffer bytes, int start) {
            return new CorruptFrameException(fault);
        }
    }

    private static final class Encoder implements EnvelopeEncoder {

        private final String name;
        private final int maxHeader;

        Encoder(ContentLength format) {
            name = format.name();
            maxHeader = format.maxHeader;
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            return WireLength.fitting(frame, (long) checkedHeader(length).length() + length);
        }

        @Override
        public int overhead() {
            return header(Long.MAX_VALUE).length();
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            if (frameLength > LARGEST) {
                throw new FrameTooLongException(
                        "frame of " + frameLength + " bytes has a length of more than " + MAX_DIGITS + " digits",
                        frameLength,
                        LARGEST);
            }
            target.put(checkedHeader(frameLength).getBytes(StandardCharsets.US_ASCII));
            return 0;
        }

        private String checkedHeader(long length) {
            String header = header(length);
            if (header.length() > maxHeader) {
                throw new CorruptFrameException(
                        "headers take " + header.length() + " bytes, which is more than " + maxHeader);
            }
            return header;
        }

        private String header(long length) {
            return name + ": " + length + "\r\n\r\n";
        }
    }

    /** Writes frames that bring their header block. */
    private static final class CheckingEncoder implements EnvelopeEncoder {

        private final Reader reader;

        CheckingEncoder(ContentLength format) {
            reader = new Reader(format);
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            check(frame.remaining(), frame);
            return frame.remaining();
        }

        /** Refuses a frame that has another length than its headers say; false if the start ends inside them. */
        private boolean check(long length, ByteBuffer start) {
            reader.begin();
            long said = reader.read(start, start.position(), start.remaining());
            if (said == HeaderReader.BAD) {
                throw reader.fault(start, start.position());
            }
            if (said == HeaderReader.MORE) {
                if (start.remaining() < length) {
                    return false;
                }
                throw new CorruptFrameException("frame ends inside its headers");
            }
            if (said != length) {
                throw new CorruptFrameException("frame has a body of " + (length - reader.size)
                        + " bytes, but its headers say " + (said - reader.size));
            }
            return true;
        }

        @Override
        public int overhead() {
            return 0;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            return check(frameLength, start) ? 0 : MORE;
        }

        /** Other than by {@link #before}, the headers are read once. */
        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            int length = frame.remaining();
            Buffers.copy(frame, frame.position(), target, start, length);
            target.position(start + length);
        }
    }
}
