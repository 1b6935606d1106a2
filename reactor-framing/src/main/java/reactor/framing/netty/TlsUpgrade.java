package reactor.framing.netty;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.SslProvider;

/**
 * Puts TLS under a connection that is in use. {@link SslProvider#addSslHandler} is for one that is not: it has Reactor
 * Netty start the connection's handler when the handshake is done.
 */
final class TlsUpgrade {

    private TlsUpgrade() {}

    /** On the event loop; returns the end of the handshake. */
    static Future<Channel> start(Channel channel, SslProvider provider) {
        SslContext context = provider.getSslContext();
        SslHandler handler = context.isClient() && channel.remoteAddress() instanceof InetSocketAddress peer
                ? context.newHandler(channel.alloc(), peer.getHostString(), peer.getPort())
                : context.newHandler(channel.alloc());
        provider.configure(handler);
        channel.pipeline().addFirst(NettyPipeline.SslHandler, handler);
        channel.read(); // from there on the handler reads by itself what it needs
        return handler.handshakeFuture();
    }
}
