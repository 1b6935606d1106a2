package reactor.framing.netty;

import io.netty.channel.Channel;
import java.util.function.BooleanSupplier;

/**
 * Flushes a channel, also one whose peer has shut its output.
 *
 * <p>When such a channel of Netty's epoll transport has nothing to wait for, Netty takes it out of the epoll set, and does not
 * put it back when the socket is full and has to be waited for: the write fails with {@code epoll_ctl(..) failed with
 * error(-2)}, and what has not been written is lost (netty/netty#16689; seen with 4.2.18, and the same in 4.2.20). So the
 * channel is registered again before it is flushed, and a flush ends only when all is written or the socket is full, which a
 * count of writes would cut short. Used on the event loop.
 */
final class Flusher {

    /** More than a window of bytes takes. Of the largest count Netty takes off as much for a full socket, and goes on at once. */
    private static final int MOST_WRITES = 1 << 20;

    private final Channel channel;
    private final BooleanSupplier isInputShut;
    private final boolean isEpoll;
    private boolean registering;

    Flusher(Channel channel, BooleanSupplier isInputShut) {
        this.channel = channel;
        this.isInputShut = isInputShut;
        // by name, as users of other transports need not have the class
        isEpoll = channel.getClass().getName().startsWith("io.netty.channel.epoll.");
        if (isEpoll) {
            channel.config().setWriteSpinCount(MOST_WRITES);
        }
    }

    /** @param wasDrained whether the socket has taken all that was flushed before */
    void flush(boolean wasDrained) {
        if (registering) {
            return;
        }
        if (!isEpoll || !wasDrained || !isInputShut.getAsBoolean()) {
            channel.flush();
            return;
        }
        registering = true;
        channel.deregister()
                .addListener(gone -> channel.eventLoop().register(channel).addListener(back -> {
                    registering = false;
                    channel.flush();
                }));
    }
}
