package reactor.framing.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/**
 * Frames behind a block of headers, one of which tells their length: the base protocol of the <a
 * href="https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol">Language
 * Server Protocol</a> and of the <a
 * href="https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol">Debug Adapter Protocol</a>. On the wire a
 * frame is
 *
 * <pre>
 * +------------------------------------------+------+------+
 * | Content-Length: 5 CRLF, other lines CRLF | CRLF | body |
 * +------------------------------------------+------+------+
 * |&lt;---------------- header block ----------------&gt;|
 * </pre>
 *
 * What is delivered is the body.
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
 * <h2>The header block</h2>
 *
 * <p>Lines end in CRLF, an empty one ends the block, and the whole, that line included, has at most 8,192 bytes. Each line is
 * a name, a colon and a value, as in <a href="https://www.rfc-editor.org/rfc/rfc9110#section-5">RFC 9110, section 5</a>; the
 * names' case does not matter. The length is a decimal number of 1 to 18 digits, with or without spaces and tabs around it.
 * All other headers are passed over.
 *
 * <h2>Faults</h2>
 *
 * <p>A line that is no header, a CR or LF alone, a missing length, one that is no number, two lengths that differ (the same
 * one twice is accepted) and a block that is too long are a {@link CorruptFrameException}. They end the stream, also under
 * {@code skipInvalid}: nothing tells where the next frame begins. A frame over the limit is passed over by its length.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder writes {@code Content-Length}, the empty line and the body.
 */
public final class ContentLength implements Framing {

    private static final int MAX_HEADER_BLOCK = 8192;
    private static final int MAX_DIGITS = 18;
    private static final String NAME = "Content-Length";

    private ContentLength() {}

    /**
     * Creates the format.
     *
     * @return a new format
     */
    public static ContentLength create() {
        return new ContentLength();
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
        return "ContentLength.create()";
    }

    private static final class Decoder implements FrameDecoder {

        /** The bytes of the current line. */
        private byte[] line = new byte[64];

        private int lineLength;

        /** Whether the last byte was the CR behind the line. */
        private boolean lineEnds;

        /** How many bytes of the header block have been read. */
        private int blockLength;

        /** What a header said, or -1. */
        private long contentLength = -1;

        private boolean inBody;

        /** Bytes of the body that are still to come. */
        private long remaining;

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            if (!inBody && !readBlock(chunk, frame)) {
                return false;
            }
            int n = (int) Math.min(remaining, chunk.remaining());
            if (n > 0) {
                frame.append(chunk, n);
                remaining -= n;
            }
            inBody = remaining > 0;
            return !inBody;
        }

        /** Reads headers; true when the empty line has been read. */
        private boolean readBlock(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                byte value = chunk.get();
                if (++blockLength > MAX_HEADER_BLOCK) {
                    throw new CorruptFrameException("the headers do not end within " + MAX_HEADER_BLOCK + " bytes");
                }
                if (lineEnds) {
                    if (value != '\n') {
                        throw new CorruptFrameException("expected LF behind CR in the headers but found " + hex(value));
                    }
                    lineEnds = false;
                    if (lineLength == 0) {
                        startBody(frame);
                        return true;
                    }
                    readHeader();
                    lineLength = 0;
                } else if (value == '\r') {
                    lineEnds = true;
                } else if (value == '\n') {
                    throw new CorruptFrameException("LF without CR in the headers");
                } else {
                    if (lineLength == line.length) {
                        line = Arrays.copyOf(line, 2 * lineLength);
                    }
                    line[lineLength++] = value;
                }
            }
            return false;
        }

        private void startBody(FrameSink frame) {
            if (contentLength < 0) {
                throw new CorruptFrameException("no " + NAME + " in the headers");
            }
            frame.expect(contentLength, blockLength + contentLength);
            remaining = contentLength;
            inBody = true;
            blockLength = 0;
            contentLength = -1;
        }

        private void readHeader() {
            int colon = 0;
            while (colon < lineLength && line[colon] != ':') {
                if (line[colon] <= ' ') {
                    throw new CorruptFrameException(hex(line[colon]) + " in the name of a header");
                }
                colon++;
            }
            if (colon == 0 || colon == lineLength) {
                throw new CorruptFrameException("a header line without " + (colon == 0 ? "a name" : "a colon"));
            }
            if (!NAME.equalsIgnoreCase(new String(line, 0, colon, StandardCharsets.ISO_8859_1))) {
                return;
            }
            long length = parseLength(colon + 1);
            if (contentLength >= 0 && contentLength != length) {
                throw new CorruptFrameException(NAME + " is both " + contentLength + " and " + length);
            }
            contentLength = length;
        }

        private long parseLength(int from) {
            int i = from;
            int end = lineLength;
            while (i < end && isSpace(line[i])) {
                i++;
            }
            while (end > i && isSpace(line[end - 1])) {
                end--;
            }
            if (i == end || end - i > MAX_DIGITS) {
                throw new CorruptFrameException(NAME + " has " + (end - i) + " digits, not 1 to " + MAX_DIGITS);
            }
            long length = 0;
            for (; i < end; i++) {
                if (line[i] < '0' || line[i] > '9') {
                    throw new CorruptFrameException(hex(line[i]) + " is no digit of a " + NAME);
                }
                length = 10 * length + line[i] - '0';
            }
            return length;
        }

        private static boolean isSpace(byte value) {
            return value == ' ' || value == '\t';
        }

        private static String hex(byte value) {
            return HexFormat.of().toHexDigits(value);
        }
    }

    private static final class Encoder implements FrameEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            return WireLength.fitting(frame, (long) header(frame).length() + frame.remaining());
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            target.put(header(frame).getBytes(StandardCharsets.US_ASCII));
            int length = frame.remaining();
            Buffers.copy(frame, frame.position(), target, target.position(), length);
            target.position(target.position() + length);
        }

        private static String header(ByteBuffer frame) {
            return NAME + ": " + frame.remaining() + "\r\n\r\n";
        }
    }
}
