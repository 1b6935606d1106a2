package reactor.framing.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;

/**
 * Shuts the output and reads on, for a while, before the channel is closed. A socket that is closed while bytes are
 * unread resets the connection, and the peer may lose what was sent to it last.
 */
final class LingeringClose {

    static final Duration TIME = Duration.ofSeconds(1);

    private LingeringClose() {}

    /** On the event loop. The task may be run more than once. */
    static void run(Channel channel, ChannelInbound inbound, Runnable close) {
        if (!channel.isActive() || inbound.hasEnded()) {
            close.run();
            return;
        }
        inbound.discardToTheEnd(close, TIME);
        shutOutput(channel).addListener(done -> {
            if (!done.isSuccess()) {
                close.run();
            }
        });
    }

    /** Closes although not all has been written: TLS would wait for that, too, before it says goodbye. */
    static void force(Channel channel, Runnable close) {
        ChannelHandlerContext ssl = channel.pipeline().context(SslHandler.class);
        if (ssl != null) {
            ssl.close();
        }
        close.run();
    }

    /** Has the peer see the end of the stream. */
    static Future<?> shutOutput(Channel channel) {
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        if (ssl != null) {
            return ssl.closeOutbound();
        }
        if (channel instanceof DuplexChannel duplex) {
            return duplex.isOutputShutdown() ? channel.newSucceededFuture() : duplex.shutdownOutput();
        }
        return channel.newFailedFuture(
                new UnsupportedOperationException("The output of this channel cannot be shut by itself: " + channel));
    }
}
