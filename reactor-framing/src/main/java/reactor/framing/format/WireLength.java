package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.FrameTooLongException;

/** The bound on what an encoder writes. */
final class WireLength {

    /** The largest buffer that every JVM can make. */
    static final int MAX = Integer.MAX_VALUE - 8;

    private WireLength() {}

    /** Returns the frame's length on the wire if a buffer can have it. */
    static int fitting(ByteBuffer frame, long wireLength) {
        if (wireLength > MAX) {
            int length = frame.remaining();
            throw new FrameTooLongException(
                    "frame of " + length + " bytes does not fit into a buffer as the " + wireLength
                            + " bytes that it takes on the wire",
                    length,
                    MAX - (wireLength - length));
        }
        return (int) wireLength;
    }
}
