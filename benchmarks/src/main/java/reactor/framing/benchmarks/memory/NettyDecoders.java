package reactor.framing.benchmarks.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Netty's decoders without their channel: bytes are accumulated as {@link ByteToMessageDecoder} does it, but there is
 * no pipeline to hand a frame through. A subclass is needed to get at {@code decode}.
 */
final class NettyDecoders implements Run {

    /** As in ByteToMessageDecoder: after so many reads with bytes left over, those read are dropped. */
    private static final int DISCARD_AFTER_READS = 16;

    interface Decoder {
        Object decode(ByteBuf in) throws Exception;
    }

    private final Stream stream;
    private final ByteBufAllocator allocator;
    private final ByteBuf[] chunks;
    private final int[] lengths;
    private final Frames frames;

    NettyDecoders(Stream stream, ByteBufAllocator allocator, Frames frames) {
        this.stream = stream;
        this.allocator = allocator;
        this.frames = frames;
        chunks = new ByteBuf[stream.chunks().length];
        lengths = new int[chunks.length];
        for (int i = 0; i < chunks.length; i++) {
            ByteBuffer chunk = stream.chunks()[i];
            int length = chunk.remaining();
            lengths[i] = length;
            chunks[i] =
                    chunk.isDirect() ? allocator.directBuffer(length, length) : allocator.heapBuffer(length, length);
            chunks[i].writeBytes(chunk.duplicate());
        }
    }

    @Override
    public void run() throws Exception {
        Decoder decoder = newDecoder();
        ByteBuf cumulation = null;
        int reads = 0;
        for (int i = 0; i < chunks.length; i++) {
            ByteBuf chunk = chunks[i].setIndex(0, lengths[i]).retain();
            cumulation = cumulation == null
                    ? chunk
                    : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, cumulation, chunk);
            Object frame;
            while (cumulation.isReadable() && (frame = decoder.decode(cumulation)) != null) {
                frames.accept((ByteBuf) frame);
            }
            if (!cumulation.isReadable()) {
                reads = 0;
                cumulation.release();
                cumulation = null;
            } else if (++reads >= DISCARD_AFTER_READS) {
                reads = 0;
                if (cumulation.refCnt() == 1) {
                    cumulation.discardSomeReadBytes();
                }
            }
        }
        if (cumulation != null) {
            cumulation.release();
        }
    }

    private Decoder newDecoder() {
        return switch (stream.format()) {
            case PREFIX -> new LengthField(stream.longest());
            case LINES -> new Lines(stream.longest());
            case VARINT -> new Varint();
            case FIXED -> new Fixed();
        };
    }

    private static final class LengthField extends LengthFieldBasedFrameDecoder implements Decoder {

        LengthField(int longest) {
            super(longest + 4, 0, 4, 0, 4);
        }

        @Override
        public Object decode(ByteBuf in) throws Exception {
            return decode((ChannelHandlerContext) null, in);
        }
    }

    private static final class Lines extends LineBasedFrameDecoder implements Decoder {

        Lines(int longest) {
            super(longest);
        }

        @Override
        public Object decode(ByteBuf in) throws Exception {
            return decode((ChannelHandlerContext) null, in);
        }
    }

    private static final class Varint extends ProtobufVarint32FrameDecoder implements Decoder {

        private final List<Object> out = new ArrayList<>(1);

        @Override
        public Object decode(ByteBuf in) throws Exception {
            decode(null, in, out);
            return out.isEmpty() ? null : out.remove(0);
        }
    }

    private static final class Fixed extends FixedLengthFrameDecoder implements Decoder {

        Fixed() {
            super(100);
        }

        @Override
        public Object decode(ByteBuf in) throws Exception {
            return decode((ChannelHandlerContext) null, in);
        }
    }
}
