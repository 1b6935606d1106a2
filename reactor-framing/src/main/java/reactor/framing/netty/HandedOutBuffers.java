package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The buffers of chunks that have been emitted, until they are handed back and released, by any thread. There are one
 * or two of them, and those that a long frame consists of. Who asks for one mostly asks for the last.
 */
final class HandedOutBuffers implements Consumer<ByteBuffer> {

    private record HandedOut(ByteBuffer chunk, ByteBuf buffer) {}

    private final List<HandedOut> all = new ArrayList<>(2);

    /** Returns the buffer as a chunk. */
    synchronized ByteBuffer add(ByteBuf buffer) {
        ByteBuffer chunk = buffer.nioBuffer();
        all.add(new HandedOut(chunk, buffer));
        return chunk;
    }

    /** Releases the buffer of a chunk. */
    @Override
    public void accept(ByteBuffer chunk) {
        remove(chunk).release();
    }

    /** The buffer of a chunk that has not been handed back. */
    synchronized ByteBuf get(ByteBuffer chunk) {
        return all.get(indexOf(chunk)).buffer;
    }

    synchronized boolean isEmpty() {
        return all.isEmpty();
    }

    private synchronized ByteBuf remove(ByteBuffer chunk) {
        return all.remove(indexOf(chunk)).buffer;
    }

    @SuppressWarnings("ReferenceEquality") // two chunks may have the same bytes
    private int indexOf(ByteBuffer chunk) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).chunk == chunk) {
                return i;
            }
        }
        return Objects.checkIndex(-1, all.size());
    }
}
