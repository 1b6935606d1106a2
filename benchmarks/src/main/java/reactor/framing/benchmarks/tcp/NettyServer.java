package reactor.framing.benchmarks.tcp;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Netty and nothing else, as who knows it well uses it. */
final class NettyServer implements Server {

    private final EventLoopGroup acceptor = eventLoop();
    private final EventLoopGroup eventLoop = eventLoop();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    private static EventLoopGroup eventLoop() {
        return new MultiThreadIoEventLoopGroup(
                1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    static ChannelHandler newDecoder() {
        return new LengthFieldBasedFrameDecoder(TcpContender.MAX_FRAME_LENGTH + 4, 0, 4, 0, 4);
    }

    static ChannelHandler newEncoder() {
        return new LengthFieldPrepender(4);
    }

    @Override
    public int ingest(Received received) {
        return open(() -> new Ingest(received));
    }

    @Override
    public int send(Outgoing outgoing) {
        return open(() -> new Send(outgoing));
    }

    @Override
    public int echo() {
        return open(Echo::new);
    }

    @Override
    public int ask(Outgoing questions, Received answers, int underWay) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        channels.close().syncUninterruptibly();
    }

    private int open(Supplier<ChannelHandler> conversation) {
        Channel server = new ServerBootstrap()
                .group(acceptor, eventLoop)
                .channel(Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        channel.pipeline().addLast(newDecoder(), newEncoder(), conversation.get());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        channels.add(server);
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    private static void closed(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            context.fireExceptionCaught(cause);
        }
        context.close();
    }

    private static final class Ingest extends SimpleChannelInboundHandler<ByteBuf> {

        private final Received received;

        Ingest(Received received) {
            this.received = received;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            received.onEnd(context::close);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
            received.accept(frame);
        }
    }

    /** Writes while the channel is writable. */
    private static final class Send extends ChannelInboundHandlerAdapter {

        /** Bytes that are written before whatever else the event loop has to do gets a turn. */
        private static final long TURN = 1 << 17;

        private final Outgoing outgoing;
        private boolean writing;

        Send(Outgoing outgoing) {
            this.outgoing = outgoing;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            write(context);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            write(context);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            closed(context, cause);
        }

        private void write(ChannelHandlerContext context) {
            if (writing) {
                return; // within the flush below
            }
            writing = true;
            Channel channel = context.channel();
            long left = TURN;
            while (left > 0 && channel.isWritable() && outgoing.hasNext()) {
                while (channel.isWritable() && outgoing.hasNext()) {
                    byte[] message = outgoing.next();
                    context.write(
                            context.alloc().buffer(message.length).writeBytes(message),
                            outgoing.hasNext()
                                    ? context.voidPromise()
                                    : context.newPromise().addListener(ChannelFutureListener.CLOSE));
                    left -= message.length;
                }
                context.flush();
            }
            writing = false;
            if (channel.isWritable() && outgoing.hasNext()) {
                context.executor().schedule(() -> write(context), 0, TimeUnit.NANOSECONDS);
            }
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            context.write(frame, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            closed(context, cause);
        }
    }
}
