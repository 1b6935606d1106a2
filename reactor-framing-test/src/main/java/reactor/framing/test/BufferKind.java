package reactor.framing.test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How the bytes of a buffer are held. */
enum BufferKind {
    HEAP("heap"),
    DIRECT("direct"),
    READ_ONLY("read-only"),
    OFFSET_SLICE("offset slice"),
    LITTLE_ENDIAN("little-endian");

    private static final int MARGIN = 5;

    final String text;

    BufferKind(String text) {
        this.text = text;
    }

    /** Memory that holds the bytes. */
    ByteBuffer memory(byte[] bytes) {
        int margin = this == OFFSET_SLICE ? MARGIN : 0;
        int length = bytes.length + 2 * margin;
        ByteBuffer memory = this == DIRECT ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
        return memory.put(margin, bytes);
    }

    /** The bytes in that memory. */
    ByteBuffer view(ByteBuffer memory) {
        return switch (this) {
            case HEAP, DIRECT -> memory.duplicate();
            case READ_ONLY -> memory.asReadOnlyBuffer();
            case LITTLE_ENDIAN -> memory.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            case OFFSET_SLICE -> {
                // a position of its own as well as an offset in the array, and something behind the limit
                ByteBuffer slice = memory.slice(2, memory.capacity() - 3);
                yield slice.position(MARGIN - 2).limit(memory.capacity() - MARGIN - 2);
            }
        };
    }

    ByteBuffer of(byte[] bytes) {
        return view(memory(bytes));
    }
}
