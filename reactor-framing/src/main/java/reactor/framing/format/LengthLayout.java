package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import reactor.framing.CorruptFrameException;
import reactor.framing.format.LengthDecoder.Shape;
import reactor.framing.format.LengthField.Counts;

/**
 * What may stand around a length, be it binary or text.
 *
 * @param before how many bytes of the application's are between the marker and the length
 * @param after how many are between the length and the payload
 * @param adjustment what has to be added to the number to get the count
 * @param strip how many of the first bytes are not delivered, or {@link #PAYLOAD_ONLY}
 */
record LengthLayout(
        byte[] marker,
        int before,
        int after,
        Counts counts,
        long adjustment,
        int strip,
        byte[] endMark,
        boolean keepsEndMark) {

    static final int PAYLOAD_ONLY = Shape.HEADER;

    static final LengthLayout PLAIN =
            new LengthLayout(new byte[0], 0, 0, Counts.PAYLOAD, 0, PAYLOAD_ONLY, new byte[0], false);

    /** So that what a decoder holds of a header, in room for two, is less than the 64 KiB that a header may cost. */
    private static final int MAX_HEADER_PART = 16_000;

    LengthLayout withMarker(byte[] bytes) {
        checkMark("marker", bytes);
        return new LengthLayout(bytes.clone(), before, after, counts, adjustment, strip, endMark, keepsEndMark);
    }

    LengthLayout withBefore(int bytes) {
        checkHeaderPart("before", bytes);
        return new LengthLayout(marker, bytes, after, counts, adjustment, strip, endMark, keepsEndMark);
    }

    LengthLayout withAfter(int bytes) {
        checkHeaderPart("after", bytes);
        return new LengthLayout(marker, before, bytes, counts, adjustment, strip, endMark, keepsEndMark);
    }

    LengthLayout withCounts(Counts counts) {
        return new LengthLayout(marker, before, after, counts, adjustment, strip, endMark, keepsEndMark);
    }

    LengthLayout withAdjustment(int bytes) {
        return new LengthLayout(marker, before, after, counts, bytes, strip, endMark, keepsEndMark);
    }

    LengthLayout withStrip(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("strip must not be negative, was " + bytes);
        }
        return new LengthLayout(marker, before, after, counts, adjustment, bytes, endMark, keepsEndMark);
    }

    LengthLayout withEndMark(byte[] bytes) {
        checkMark("endMark", bytes);
        return new LengthLayout(marker, before, after, counts, adjustment, strip, bytes.clone(), keepsEndMark);
    }

    LengthLayout withEndMarkKept() {
        return new LengthLayout(marker, before, after, counts, adjustment, strip, endMark, true);
    }

    static void checkMark(String name, byte[] bytes) {
        if (bytes.length == 0 || bytes.length > 255) {
            throw new IllegalArgumentException(name + " must have 1 to 255 bytes, had " + bytes.length);
        }
    }

    static void checkHeaderPart(String name, int bytes) {
        if (bytes < 0 || bytes > MAX_HEADER_PART) {
            throw new IllegalArgumentException(name + " must be 0 to " + MAX_HEADER_PART + " bytes, was " + bytes);
        }
    }

    int lengthOffset() {
        return marker.length + before;
    }

    /** How many bytes the header has, with a length of so many. */
    int headerLength(int lengthSize) {
        return marker.length + before + lengthSize + after;
    }

    /** What has to be added to the number to get the frame's length on the wire, with a length of so many bytes. */
    long uncounted(int lengthSize) {
        return adjustment
                + switch (counts) {
                    case PAYLOAD -> headerLength(lengthSize) + endMark.length;
                    case AFTER_LENGTH -> lengthOffset() + lengthSize;
                    case WHOLE_FRAME -> 0;
                };
    }

    /** How many of the frame's last bytes are not delivered. */
    int strippedEnd() {
        return keepsEndMark ? 0 : endMark.length;
    }

    Shape shape() {
        return new Shape(marker, strip, endMark, strippedEnd());
    }

    /** Refuses a frame to be written that brings another marker or end mark than it has to. */
    void checkMarks(ByteBuffer frame, int stripped) {
        checkMarker(frame, stripped);
        if (keepsEndMark) {
            checkBytes("end mark", endMark, 0, frame, frame.limit() - endMark.length);
        }
    }

    /** Refuses a frame to be written that brings another marker than it has to. */
    void checkMarker(ByteBuffer start, int stripped) {
        if (stripped < marker.length) {
            checkBytes("marker", marker, stripped, start, start.position());
        }
    }

    static void checkBytes(String name, byte[] expected, int from, ByteBuffer frame, int at) {
        byte[] found = new byte[expected.length - from];
        frame.get(at, found);
        for (int i = from; i < expected.length; i++) {
            if (found[i - from] != expected[i]) {
                throw new CorruptFrameException(
                        "expected the " + name + " " + Hex.of(expected) + " but found " + Hex.of(found));
            }
        }
    }

    /** The options in front of those of the length itself, as code. */
    void appendHeaderTo(StringBuilder text) {
        if (marker.length > 0) {
            text.append(".marker(").append(Hex.of(marker)).append(')');
        }
        if (before > 0) {
            text.append(".before(").append(before).append(')');
        }
        if (after > 0) {
            text.append(".after(").append(after).append(')');
        }
    }

    /** The options behind those, as code; an end mark that every such format has is left out. */
    void appendRestTo(StringBuilder text, byte[] usualEndMark) {
        if (counts != Counts.PAYLOAD) {
            text.append(".counts(").append(counts).append(')');
        }
        if (adjustment != 0) {
            text.append(".adjustment(").append(adjustment).append(')');
        }
        if (strip != PAYLOAD_ONLY) {
            text.append(strip == 0 ? ".keepHeader()" : ".strip(" + strip + ")");
        }
        if (!Arrays.equals(endMark, usualEndMark)) {
            text.append(".endMark(").append(Hex.of(endMark)).append(')');
        }
        if (keepsEndMark) {
            text.append(".keepEndMark()");
        }
    }
}
