package reactor.framing.netty;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Shuts the output and reads on, for a while, before the channel is closed. A socket that is closed while bytes are unread
 * resets the connection, and the peer may lose what was sent to it last.
 */
final class LingeringClose {

    private static final long LINGER_MILLIS = 1000;

    private final Channel channel;
    private final ChannelInbound inbound;

    LingeringClose(FramedConnection framed) {
        channel = framed.channel();
        inbound = framed.inbound();
    }

    /** On the event loop. */
    void run(Runnable close) {
        if (!channel.isActive() || inbound.hasEnded()) {
            close.run();
            return;
        }
        shutOutput(channel).addListener(done -> {
            if (done.isSuccess()) {
                inbound.discardToTheEnd(close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                close.run();
            }
        });
    }

    /** Has the peer see the end of the stream. */
    static Future<?> shutOutput(Channel channel) {
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        if (ssl != null) {
            return ssl.closeOutbound();
        }
        if (channel instanceof DuplexChannel duplex) {
            return duplex.shutdownOutput();
        }
        return channel.newFailedFuture(
                new UnsupportedOperationException("The output of this channel cannot be shut by itself: " + channel));
    }
}
