package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import reactor.framing.format.Scanned.Scanner;

/**
 * Values of RESP2 and RESP3, with the values in them, and inline commands.
 *
 * <pre>
 * START --type--&gt; TEXT or COUNT --CR--&gt; LF --(a value ends)--&gt; START, or the frame's end
 *   ^                                    | |
 *   +----------(values in it)------------+ +--(bytes in it)--&gt; BODY --&gt; BODY_END --CR--&gt; LF
 * </pre>
 */
final class Resp extends Scanner {

    static final int MOST_DEPTH = 128;
    static final int LONGEST_STRING = 512 * 1024 * 1024;
    static final int LONGEST_INLINE = 64 * 1024;

    private static final int MOST_DIGITS = 10;

    private enum State {
        START,
        TEXT,
        COUNT,
        LF,
        BODY,
        BODY_END,
        INLINE
    }

    /** Of a value with values in it, instead of how many are to come: all up to one that ends it. */
    private static final long STREAMED_VALUES = -1;

    private static final long STREAMED_STRING = -2;

    private State state = State.START;

    /** What the line is about that is being read, or was read last. */
    private byte type;

    /** The number in it: how many digits, and whether it is negative or a question mark. */
    private long count;

    private int digits;
    private boolean isNegative;
    private boolean isStreamed;

    /** How many bytes of a string, or of an inline command, are to come or have come. */
    private long bodyLength;

    /** How many values are to come, of each value that the next one is in. */
    private long[] open = new long[8];

    private int depth;

    @Override
    void begin() {
        state = State.START;
        depth = 0;
    }

    @Override
    int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to) {
            byte value = bytes.get(at);
            switch (state) {
                case START -> {
                    int behindLine = value == '$' || value == '*' ? readWholeLength(bytes, at, to) : -1;
                    if (behindLine >= 0) {
                        at = behindLine;
                        if (!endLine()) {
                            return at;
                        }
                        continue;
                    }
                    if (!startsValue(value)) {
                        fault("expected a value of RESP but found " + Hex.of(value)
                                + (depth == 0 ? "" : ", inside " + depth + " others"));
                        return at;
                    }
                    at++;
                }
                case TEXT -> {
                    at = endOfText(bytes, at, to);
                    if (at < to) {
                        if (bytes.get(at) == '\n') {
                            fault("LF without CR in a line of RESP");
                            return at;
                        }
                        at++;
                        state = State.LF;
                    }
                }
                case COUNT -> {
                    if (!readCount(value)) {
                        return at;
                    }
                    at++;
                }
                case LF -> {
                    if (value != '\n') {
                        fault("expected LF behind CR but found " + Hex.of(value));
                        return at;
                    }
                    at++;
                    if (!endLine()) {
                        return at;
                    }
                }
                case BODY -> {
                    if (isWholeBody(bytes, at, to)) {
                        at += (int) bodyLength + 2;
                        state = State.START;
                        if (!endValue()) {
                            return at;
                        }
                        continue;
                    }
                    int n = (int) Math.min(bodyLength, to - at);
                    at += n;
                    bodyLength -= n;
                    if (bodyLength == 0) {
                        state = State.BODY_END;
                    }
                }
                case BODY_END -> {
                    if (value != '\r') {
                        fault("expected CR LF behind a string of RESP but found " + Hex.of(value));
                        return at;
                    }
                    at++;
                    type = 0;
                    state = State.LF;
                }
                case INLINE -> {
                    if (++bodyLength > LONGEST_INLINE) {
                        tooLong("an inline command", bodyLength, LONGEST_INLINE);
                        return at;
                    }
                    at++;
                    if (value == '\n') {
                        end();
                        return at;
                    }
                }
            }
        }
        return at;
    }

    private boolean startsValue(byte value) {
        type = value;
        boolean inString = depth > 0 && open[depth - 1] == STREAMED_STRING;
        switch (value) {
            case '+', '-', ':', '_', '#', ',', '(' -> state = State.TEXT;
            case '$', '=', '!', '*', '%', '~', '|' -> startCount();
            case '>' -> {
                startCount();
                return depth == 0;
            }
            case ';' -> {
                startCount();
                return inString;
            }
            case '.' -> {
                state = State.TEXT;
                return depth > 0 && open[depth - 1] == STREAMED_VALUES;
            }
            default -> {
                state = State.INLINE;
                bodyLength = 1;
                return depth == 0 && (value >= 'a' && value <= 'z' || value >= 'A' && value <= 'Z');
            }
        }
        return !inString;
    }

    /**
     * Reads a length of digits whose line is here to its end, as it mostly is: byte by byte it takes three times as
     * long.
     *
     * @return the index behind the line; -1, and nothing has been read, if it is another line
     */
    private int readWholeLength(ByteBuffer bytes, int start, int to) {
        if (depth > 0 && open[depth - 1] == STREAMED_STRING) {
            return -1;
        }
        int first = start + 1;
        int last = Math.min(first + MOST_DIGITS, to - 1);
        int at = first;
        long length = 0;
        for (int digit; at < last && (digit = bytes.get(at) - '0') >= 0 && digit <= 9; at++) {
            length = 10 * length + digit;
        }
        if (at == first || at + 1 >= to || bytes.get(at) != '\r' || bytes.get(at + 1) != '\n') {
            return -1;
        }
        startCount();
        type = bytes.get(start);
        count = length;
        return at + 2;
    }

    /** Whether a string is here to the CR LF behind it. */
    private boolean isWholeBody(ByteBuffer bytes, int at, int to) {
        long end = at + bodyLength;
        return end + 2 <= to && bytes.get((int) end) == '\r' && bytes.get((int) end + 1) == '\n';
    }

    private void startCount() {
        state = State.COUNT;
        count = 0;
        digits = 0;
        isNegative = false;
        isStreamed = false;
    }

    private static int endOfText(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to && bytes.get(at) != '\r' && bytes.get(at) != '\n') {
            at++;
        }
        return at;
    }

    private boolean readCount(byte value) {
        if (value >= '0' && value <= '9' && digits < MOST_DIGITS && !isStreamed) {
            count = 10 * count + value - '0';
            digits++;
        } else if (value == '-' && digits == 0 && !isNegative && !isStreamed && (type == '$' || type == '*')) {
            isNegative = true;
        } else if (value == '?' && digits == 0 && !isNegative && !isStreamed && canBeStreamed()) {
            isStreamed = true;
        } else if (value == '\r' && (digits > 0 || isStreamed)) {
            if (isNegative && count != 1) {
                fault("a negative length in RESP is -1, not -" + count);
                return false;
            }
            state = State.LF;
        } else {
            fault(Hex.of(value) + " in a length of RESP, of which " + digits + " digits have been read");
            return false;
        }
        return true;
    }

    private boolean canBeStreamed() {
        return type == '$' || type == '*' || type == '~' || type == '%';
    }

    /** The line is whole; false if nothing more is to be read for now. */
    private boolean endLine() {
        state = State.START;
        switch (type) {
            case '$', '=', '!', ';' -> {
                return endLengthOfString();
            }
            case '*', '~', '>' -> {
                return isStreamed ? openValue(STREAMED_VALUES) : isNegative ? endValue() : openValue(count);
            }
            case '%' -> {
                return openValue(isStreamed ? STREAMED_VALUES : 2 * count);
            }
            case '|' -> {
                return openValue(2 * count + 1); // it stands in front of the value that it is about
            }
            case '.' -> {
                depth--;
                return endValue();
            }
            default -> {
                return endValue();
            }
        }
    }

    private boolean endLengthOfString() {
        if (isStreamed) {
            return openValue(STREAMED_STRING);
        }
        if (isNegative) {
            return endValue();
        }
        if (type == ';' && count == 0) {
            depth--;
            return endValue();
        }
        if (count > LONGEST_STRING) {
            tooLong("a string of RESP", count, LONGEST_STRING);
            return false;
        }
        bodyLength = count;
        state = count == 0 ? State.BODY_END : State.BODY;
        if (depth == 0) {
            announce(count + 2);
            return false;
        }
        return true;
    }

    private boolean openValue(long values) {
        if (values == 0) {
            return endValue();
        }
        if (depth == MOST_DEPTH) {
            fault("more than " + MOST_DEPTH + " values of RESP inside each other");
            return false;
        }
        if (depth == open.length) {
            open = Arrays.copyOf(open, 2 * depth);
        }
        open[depth++] = values;
        return true;
    }

    /** A value is whole, and with it every value of which it is the last. */
    private boolean endValue() {
        while (depth > 0) {
            if (open[depth - 1] < 0 || --open[depth - 1] > 0) {
                return true;
            }
            depth--;
        }
        end();
        return false;
    }
}
