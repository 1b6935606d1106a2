package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.format.Scanned.Scanner;

/**
 * Commands and responses of IMAP: lines, of which each that ends in a number in braces goes on behind so many bytes.
 */
final class Imap extends Scanner {

    private static final int MOST_DIGITS = 18;

    /** What the end of the line so far may be of a number in braces, or of the line end. */
    private enum State {
        TEXT,
        DIGITS,
        PLUS,
        BRACE,
        CR,
        LITERAL
    }

    private State state = State.TEXT;
    private long literal;
    private int digits;

    /** Whether the line that CR ends announces a literal. */
    private boolean goesOn;

    @Override
    void begin() {
        state = State.TEXT;
    }

    @Override
    int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (state == State.LITERAL) {
                int n = (int) Math.min(literal, to - at);
                at += n;
                literal -= n;
                if (literal == 0) {
                    state = State.TEXT;
                }
                continue;
            }
            byte value = bytes.get(at);
            if (state == State.CR ? value != '\n' : value == '\n') {
                fault(state == State.CR ? "CR without LF in a line of IMAP" : "LF without CR in a line of IMAP");
                return at;
            }
            at++;
            if (state != State.CR) {
                readText(value);
            } else if (!goesOn) {
                end();
                return at;
            } else {
                state = literal == 0 ? State.TEXT : State.LITERAL;
            }
        }
        return at;
    }

    private void readText(byte value) {
        if (value == '\r') {
            goesOn = state == State.BRACE;
            state = State.CR;
        } else if (value == '{') {
            literal = 0;
            digits = 0;
            state = State.DIGITS;
        } else if (state == State.DIGITS && value >= '0' && value <= '9' && digits < MOST_DIGITS) {
            literal = 10 * literal + value - '0';
            digits++;
        } else if (state == State.DIGITS && value == '+' && digits > 0) {
            state = State.PLUS;
        } else if ((state == State.DIGITS && digits > 0 || state == State.PLUS) && value == '}') {
            state = State.BRACE;
        } else {
            state = State.TEXT;
        }
    }
}
