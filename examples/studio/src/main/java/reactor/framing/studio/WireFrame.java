package reactor.framing.studio;

/**
 * What is known of a frame on the wire.
 *
 * @param index which frame of the stream it is, from 0
 * @param stream all bytes of the stream
 * @param start where in the stream the frame begins
 * @param length how many of its bytes have been read
 * @param fate what has become of each byte of the stream
 * @param whole whether that is all of the frame
 */
record WireFrame(long index, byte[] stream, int start, int length, Fate[] fate, boolean whole) {

    /** What the decoder did with a byte. */
    enum Fate {
        UNREAD,
        /** Read, and handed to nobody. */
        READ,
        DELIVERED,
        /** Read, and another byte was delivered for it. */
        REPLACED,
        SKIPPED
    }

    byte at(int offset) {
        return stream[start + offset];
    }

    boolean isDelivered(int offset) {
        return fate[start + offset] == Fate.DELIVERED;
    }

    /** Whether the frame's bytes from the offset on are these. */
    boolean hasAt(int offset, byte[] bytes) {
        if (offset < 0 || offset + bytes.length > length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (at(offset + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
