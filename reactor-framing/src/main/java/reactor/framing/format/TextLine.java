package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;

/** The words of a line of text that {@link HeaderLength} has read up to CR LF, with spaces or tabs between them. */
final class TextLine {

    /** As long as {@link HeaderLength} can have one. */
    static final int LONGEST = 16_000;

    private static final int LONGEST_NAME = 16;

    private TextLine() {}

    /** The word of this index, cut off behind 16 characters; empty if there is none. */
    static String word(ByteBuffer line, int index) {
        int from = start(line, index);
        int length = Math.min(LONGEST_NAME, end(line, from) - from);
        byte[] word = new byte[length];
        line.get(from, word);
        return new String(word, US_ASCII);
    }

    /** The number that is the word of this index. */
    static long number(ByteBuffer line, int index) {
        int from = start(line, index);
        int to = end(line, from);
        if (from == to) {
            throw new CorruptFrameException("a line without its word " + (index + 1) + ", which is a length");
        }
        return HeaderLength.decimal(line, from, to);
    }

    /** How many words there are. */
    static int count(ByteBuffer line) {
        int count = 0;
        int at = skip(line, 0, true);
        while (at < line.limit() - 2) {
            count++;
            at = skip(line, skip(line, at, false), true);
        }
        return count;
    }

    private static int start(ByteBuffer line, int index) {
        int at = skip(line, 0, true);
        for (int i = 0; i < index; i++) {
            at = skip(line, skip(line, at, false), true);
        }
        return at;
    }

    private static int end(ByteBuffer line, int from) {
        return skip(line, from, false);
    }

    private static int skip(ByteBuffer line, int from, boolean spaces) {
        int limit = line.limit() - 2; // CR LF
        int at = from;
        while (at < limit && (line.get(at) == ' ' || line.get(at) == '\t') == spaces) {
            at++;
        }
        return at;
    }
}
