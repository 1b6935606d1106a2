package reactor.framing.benchmarks.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.protobuf.ProtobufVarint32LengthFieldPrepender;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.LineSeparator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Netty's encoders without their channel, which is there to be asked for the allocator only; Netty has none for
 * records. A subclass is needed to get at {@code encode}.
 */
final class NettyEncoders implements Run {

    interface Encoder extends ChannelHandler {
        void encode(ChannelHandlerContext context, Object frame, Wire wire) throws Exception;
    }

    private final Format format;
    private final EmbeddedChannel channel;
    private final Object[] frames;
    private final Wire wire;

    NettyEncoders(EncodeWorkload.Source source, ByteBufAllocator allocator, Wire wire) {
        format = source.format();
        channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        frames = Arrays.stream(source.frames())
                .map(frame -> format == Format.LINES ? text(frame) : buffer(frame, allocator))
                .toArray();
        this.wire = wire;
    }

    private static String text(ByteBuffer frame) {
        return StandardCharsets.US_ASCII.decode(frame.duplicate()).toString();
    }

    private static ByteBuf buffer(ByteBuffer frame, ByteBufAllocator allocator) {
        return allocator.directBuffer(frame.remaining()).writeBytes(frame.duplicate());
    }

    @Override
    public void run() throws Exception {
        Encoder encoder = newEncoder();
        ChannelHandlerContext context = channel.pipeline().addLast(encoder).context(encoder);
        for (Object frame : frames) {
            encoder.encode(context, frame, wire);
        }
        channel.pipeline().remove(encoder);
    }

    private Encoder newEncoder() {
        return switch (format) {
            case PREFIX -> new Prefix();
            case LINES -> new Lines();
            case VARINT -> new Varint();
            case FIXED -> throw new UnsupportedOperationException("Netty has no encoder for " + format);
        };
    }

    private static void send(List<Object> out, Wire wire) {
        for (int i = 0; i < out.size(); i++) {
            wire.accept((ByteBuf) out.get(i));
        }
        out.clear();
    }

    /** Makes two buffers of a frame, the header and the frame as it is. */
    private static final class Prefix extends LengthFieldPrepender implements Encoder {

        private final List<Object> out = new ArrayList<>(2);

        Prefix() {
            super(4);
        }

        @Override
        public void encode(ChannelHandlerContext context, Object frame, Wire wire) throws Exception {
            encode(context, (ByteBuf) frame, out);
            send(out, wire);
        }
    }

    /** Makes a buffer of a text. */
    private static final class Lines extends LineEncoder implements Encoder {

        private final List<Object> out = new ArrayList<>(1);

        Lines() {
            super(LineSeparator.UNIX, StandardCharsets.US_ASCII);
        }

        @Override
        public void encode(ChannelHandlerContext context, Object frame, Wire wire) throws Exception {
            encode(context, (String) frame, out);
            send(out, wire);
        }
    }

    /** Copies header and frame into a buffer, which is made here as {@code write} does it. */
    private static final class Varint extends ProtobufVarint32LengthFieldPrepender implements Encoder {

        @Override
        public void encode(ChannelHandlerContext context, Object frame, Wire wire) throws Exception {
            ByteBuf in = (ByteBuf) frame;
            ByteBuf out = allocateBuffer(context, in, isPreferDirect());
            encode(context, in, out);
            wire.accept(out);
        }
    }
}
