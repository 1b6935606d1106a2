package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.FramingException;

/**
 * Tells from a frame's first bytes how long the frame is. There is one for each stream, so that it can remember how far
 * it has looked.
 */
abstract class HeaderReader {

    /** What is here is no whole header. */
    static final long MORE = -1;

    /** No frame begins so. */
    static final long BAD = -2;

    /** How many bytes have been looked at: of a good frame, the length of its header. */
    int size;

    /** After {@link #MORE}: how many bytes of the frame have to be here before anything more can be told. */
    int needed;

    /**
     * After {@link #BAD}: with how many of the first bytes no frame can begin, as it would be bad for the same reason.
     */
    int hopeless = 1;

    /** Starts with another frame. */
    void begin() {}

    /** Starts with another frame, which begins so many bytes behind the last one. */
    void moveOn(int bytes) {
        begin();
    }

    /**
     * Looks at the first bytes of a frame; called again when more of them are here, from another place perhaps.
     *
     * @param bytes where they are, in big-endian order, only to be looked at
     * @param start the index of the first of them
     * @param available how many are here, 0 or more
     * @return the length of the frame on the wire, {@link #MORE} or {@link #BAD}
     */
    abstract long read(ByteBuffer bytes, int start, int available);

    /** Whether a frame's end mark may be the end of its header. */
    boolean mayHaveEndMark() {
        return false;
    }

    /** What is wrong with a header that is {@link #BAD}. */
    abstract FramingException fault(ByteBuffer bytes, int start);

    /** What a good header says, of which a frame was made that is too short. */
    String said(ByteBuffer bytes, int start) {
        return "the header";
    }
}
