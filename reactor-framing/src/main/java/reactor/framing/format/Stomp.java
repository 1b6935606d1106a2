package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import reactor.framing.format.Scanned.Scanner;

/**
 * STOMP frames: a command, headers, an empty line, a body up to NUL, or of {@code content-length} bytes and NUL.
 *
 * <pre>
 * COMMAND --LF--&gt; HEADER --empty line--&gt; BODY (its length is known) --&gt; NUL --&gt; the frame's end
 *                 |    ^          \                                              ^
 *                 +-LF-+           +--&gt; TEXT ------------------NUL---------------+
 * </pre>
 */
final class Stomp extends Scanner {

    private static final byte[] CONTENT_LENGTH = "content-length".getBytes(US_ASCII);
    private static final int LONGEST_COMMAND = 32;
    private static final int MOST_DIGITS = 18;

    private enum State {
        COMMAND,
        HEADER,
        BODY,
        NUL,
        TEXT
    }

    private State state = State.COMMAND;

    /** How many bytes of the line have been read, its end not counted, and whether CR was the last. */
    private int lineLength;

    private boolean isBehindCr;

    /** Where the colon of a header was, or -1, and whether the name before it is content-length. */
    private int colon;

    private boolean isContentLength;

    /** The first content-length, or -1; how many of its digits have been read. */
    private long contentLength;

    private int digits;
    private boolean isKnown;

    private long bodyLength;

    @Override
    void begin() {
        state = State.COMMAND;
        contentLength = 0;
        digits = 0;
        isKnown = false;
        startLine();
    }

    private void startLine() {
        lineLength = 0;
        isBehindCr = false;
        colon = -1;
        isContentLength = !isKnown;
    }

    @Override
    int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to) {
            switch (state) {
                case COMMAND, HEADER -> {
                    byte value = bytes.get(at);
                    if (!readLine(value)) {
                        return at;
                    }
                    at++;
                    if (value == '\n' && state == State.BODY) {
                        return at;
                    }
                }
                case BODY -> {
                    int n = (int) Math.min(bodyLength, to - at);
                    at += n;
                    bodyLength -= n;
                    if (bodyLength == 0) {
                        state = State.NUL;
                    }
                }
                case NUL -> {
                    if (bytes.get(at) != 0) {
                        fault("expected NUL behind the " + contentLength + " bytes of a STOMP body but found "
                                + Hex.of(bytes.get(at)));
                        return at;
                    }
                    end();
                    return at + 1;
                }
                case TEXT -> {
                    while (at < to && bytes.get(at) != 0) {
                        at++;
                    }
                    if (at < to) {
                        end();
                        return at + 1;
                    }
                }
            }
        }
        return at;
    }

    /** Reads a byte of the command or of a header; false if it is bad. */
    private boolean readLine(byte value) {
        if (value == '\n') {
            return endLine();
        }
        if (isBehindCr || value == 0) {
            fault(isBehindCr ? "CR in the middle of a STOMP line" : "NUL in the headers of a STOMP frame");
            return false;
        }
        if (value == '\r') {
            isBehindCr = true;
            return true;
        }
        return state == State.COMMAND ? readCommand(value) : readHeader(value);
    }

    private boolean readCommand(byte value) {
        if (value < 'A' || value > 'Z' || ++lineLength > LONGEST_COMMAND) {
            fault(Hex.of(value) + " in the command of a STOMP frame");
            return false;
        }
        return true;
    }

    private boolean readHeader(byte value) {
        int index = lineLength++;
        if (colon < 0 && value == ':') {
            colon = index;
            isContentLength &= index == CONTENT_LENGTH.length;
        } else if (colon < 0) {
            isContentLength = isContentLength && index < CONTENT_LENGTH.length && value == CONTENT_LENGTH[index];
        } else if (isContentLength) {
            if (value < '0' || value > '9' || ++digits > MOST_DIGITS) {
                fault(Hex.of(value) + " in the content-length of a STOMP frame");
                return false;
            }
            contentLength = 10 * contentLength + value - '0';
        }
        return true;
    }

    private boolean endLine() {
        if (state == State.COMMAND) {
            if (lineLength == 0) {
                fault("a STOMP frame without a command");
                return false;
            }
            state = State.HEADER;
        } else if (lineLength == 0) {
            endHeaders();
        } else if (colon < 0) {
            fault("a header of a STOMP frame without a colon");
            return false;
        } else if (isContentLength) {
            if (digits == 0) {
                fault("a content-length of a STOMP frame without a digit");
                return false;
            }
            isKnown = true;
        }
        startLine();
        return true;
    }

    private void endHeaders() {
        if (isKnown) {
            bodyLength = contentLength;
            state = State.BODY;
            announce(contentLength + 1);
        } else {
            state = State.TEXT;
        }
    }
}
