package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Objects;

/** What buffers have no fast way for. */
final class Buffers {

    private Buffers() {}

    /** Copies without moving either position. From array to array is several times as fast as from buffer to buffer. */
    static void copy(ByteBuffer source, int from, ByteBuffer target, int at, int length) {
        Objects.checkFromIndexSize(at, length, target.limit());
        if (target.hasArray()) {
            source.get(from, target.array(), target.arrayOffset() + at, length);
        } else {
            target.put(at, source, from, length);
        }
    }
}
