package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameStream;

/** Makes buffers that are counted by reference of frames. */
final class BufferSlicer implements FrameStream.Slicer<ByteBuf> {

    private final HandedOutBuffers handedOut;
    private final ByteBufAllocator allocator;

    /** The chunk of the last frame, of which the next one is likely to be, too, and its buffer. */
    private @Nullable ByteBuffer chunk;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

    BufferSlicer(HandedOutBuffers handedOut, ByteBufAllocator allocator) {
        this.handedOut = handedOut;
        this.allocator = allocator;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // two chunks may have the same bytes
    public ByteBuf slice(ByteBuffer chunk, int start, int length) {
        if (chunk != this.chunk) {
            buffer = handedOut.get(chunk);
            this.chunk = chunk;
        }
        return buffer.retainedSlice(buffer.readerIndex() + start, length);
    }

    @Override
    public ByteBuf copy(ByteBuffer frame) {
        return allocator.directBuffer(frame.remaining()).writeBytes(frame);
    }
}
