package reactor.framing.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldPrepender;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Netty's prepender without its channel, which is there to be asked for the allocator only. It makes two buffers of a
 * frame, the header and the frame as it is.
 */
final class NettyPrepender implements Run {

    private final EmbeddedChannel channel;
    private final ByteBuf[] source;
    private final Wire wire;

    NettyPrepender(EncodeWorkload.Source source, ByteBufAllocator allocator, Wire wire) {
        channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        this.source = new ByteBuf[source.frames().length];
        for (int i = 0; i < this.source.length; i++) {
            ByteBuffer frame = source.frames()[i];
            this.source[i] = allocator.directBuffer(frame.remaining()).writeBytes(frame.duplicate());
        }
        this.wire = wire;
    }

    @Override
    public void run() throws Exception {
        Prepender prepender = new Prepender();
        ChannelHandlerContext context = channel.pipeline().addLast(prepender).context(prepender);
        List<Object> out = new ArrayList<>(2);
        for (ByteBuf frame : source) {
            prepender.encode(context, frame, out);
            for (int i = 0; i < out.size(); i++) {
                wire.accept((ByteBuf) out.get(i));
            }
            out.clear();
        }
        channel.pipeline().remove(prepender);
    }

    @Override
    public void close() {
        for (ByteBuf frame : source) {
            frame.release();
        }
        channel.close();
    }

    private static final class Prepender extends LengthFieldPrepender {

        Prepender() {
            super(4);
        }

        @Override
        protected void encode(ChannelHandlerContext context, ByteBuf frame, List<Object> out) throws Exception {
            super.encode(context, frame, out);
        }
    }
}
