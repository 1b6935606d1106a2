package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import reactor.framing.FrameStream;

/** Makes buffers that are counted by reference of frames. */
record BufferSlicer(HandedOutBuffers handedOut, ByteBufAllocator allocator) implements FrameStream.Slicer<ByteBuf> {

    @Override
    public ByteBuf slice(ByteBuffer chunk, int start, int length) {
        ByteBuf buffer = handedOut.get(chunk);
        return buffer.retainedSlice(buffer.readerIndex() + start, length);
    }

    @Override
    public ByteBuf copy(ByteBuffer frame) {
        return allocator.directBuffer(frame.remaining()).writeBytes(frame);
    }
}
