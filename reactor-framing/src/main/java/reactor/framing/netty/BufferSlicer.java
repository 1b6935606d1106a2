package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameStream;

/** Makes buffers that are counted by reference of frames. */
final class BufferSlicer implements FrameStream.Joiner<ByteBuf> {

    /** How many bytes of a frame stay in their buffer, at least. A copy of less costs less than joining it. */
    private static final int LEAST_KEPT = 8 * 1024;

    /** How many times as large as what stays in it a buffer may be. */
    private static final int MOST_KEPT = 4;

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
    public ByteBuf slice(ByteBuffer chunk, int start, int length) {
        ByteBuf buffer = bufferOf(chunk);
        return buffer.retainedSlice(buffer.readerIndex() + start, length);
    }

    @SuppressWarnings("ReferenceEquality") // two chunks may have the same bytes
    private ByteBuf bufferOf(ByteBuffer chunk) {
        if (chunk != this.chunk) {
            buffer = handedOut.get(chunk);
            this.chunk = chunk;
        }
        return buffer;
    }

    @Override
    public ByteBuf copy(ByteBuffer frame) {
        return allocator.directBuffer(frame.remaining()).writeBytes(frame);
    }

    @Override
    public boolean keeps(ByteBuffer chunk, int length) {
        return length >= LEAST_KEPT && length >= bufferOf(chunk).capacity() / MOST_KEPT;
    }

    @Override
    public ByteBuf join(List<FrameStream.Piece> pieces) {
        CompositeByteBuf frame = allocator.compositeDirectBuffer(pieces.size());
        boolean isWhole = false;
        try {
            for (FrameStream.Piece piece : pieces) {
                frame.addComponent(true, bufferOf(piece));
            }
            isWhole = true;
        } finally {
            if (!isWhole) {
                frame.release();
            }
        }
        return frame;
    }

    private ByteBuf bufferOf(FrameStream.Piece piece) {
        return piece.isOfChunk()
                ? slice(piece.bytes(), piece.start(), piece.length())
                : copy(piece.bytes().slice(piece.start(), piece.length()));
    }
}
