package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Operators;
import reactor.netty.Connection;
import reactor.netty.channel.AbortedException;

/**
 * Reads chunks from a channel, one for each that is requested, and sees how the channel's input ends. What has arrived
 * before an end is emitted before it, on demand.
 *
 * <pre>
 *  what ends the input             how the chunks end
 *  ------------------------------  ---------------------------------------------
 *  FIN, close_notify               completion; the channel stays open for output
 *  an exception, such as a reset   that exception; the channel is closed
 *  the channel is closed here      AbortedException, at once
 * </pre>
 *
 * <p>It stands in the pipeline before Reactor Netty's own handler, whose {@code receive()} knows neither half-closed
 * channels nor why a channel was closed. Its fields belong to the event loop.
 */
final class ChannelInbound extends ChannelDuplexHandler implements Publisher<ByteBuffer>, Subscription {

    private static final String NAME = "reactor.framing.inbound";

    /** How much is read although nobody asks, to see whether the input has ended. */
    private static final int AHEAD = 64 * 1024;

    /**
     * How much is read at once at most. A chunk is one read and one turn of the event loop, where Netty, reading
     * without being asked, makes up to 16 reads of 64 KiB.
     */
    private static final int MOST_AT_ONCE = 256 * 1024;

    /** Is told, and asked, on the event loop. */
    interface Listener {

        /** Whether somebody reads frames now. */
        boolean isReading();

        /** What has been read by now has been emitted as far as it was wanted. */
        void onRead();

        /** No more will arrive. */
        void onInputEnd(@Nullable Throwable error);

        /** A subscriber has thrown, and may wait for ever for what will not come. */
        void onThrown(Throwable thrown);

        /** The channel is closed; by somebody here, or as it broke. */
        void onClosed(Throwable reason, boolean closedHere);
    }

    private final Connection connection;
    private final Channel channel;
    private final EventExecutor eventLoop;
    private final Listener listener;
    private final Duration look;

    /** The chunks that have been emitted and not handed back. */
    private final HandedOutBuffers handedOut = new HandedOutBuffers();

    private final Queue<ByteBuf> arrived = new ArrayDeque<>(1);

    private @Nullable Subscriber<? super ByteBuffer> subscriber;
    private @Nullable ChannelHandlerContext ctx;

    /** Whether a chunk has been requested and not been emitted. */
    private boolean wanted;

    private boolean emitting;
    private boolean inRead;
    private boolean ended;
    private @Nullable Throwable error;
    private boolean signalled;
    private boolean cancelled;
    private boolean closedHere;

    /** The reset that a write has seen, before the end of the input. */
    private @Nullable Throwable reset;

    /** Whether a look at the input is scheduled, in case nobody reads. */
    private boolean lookScheduled;

    /** Whether what is not here yet is not read any more. */
    private boolean stopped;

    /** Ends the input when nothing comes; null if it may last for ever. */
    private @Nullable IdleTimeout idleTimeout;

    /** What waits for the end while what arrives is discarded. */
    private @Nullable Runnable onDiscarded;

    /**
     * @param look after what time the input is looked at when nobody reads: some transports tell of an end only then
     */
    ChannelInbound(Connection connection, Listener listener, Duration look) {
        this.connection = connection;
        this.listener = listener;
        this.look = look;
        channel = connection.channel();
        eventLoop = executor(channel);
    }

    /** The event loop; of a connection that was disposed before it came here, there is none. */
    static EventExecutor executor(Channel channel) {
        return channel.isRegistered() ? channel.eventLoop() : ImmediateEventExecutor.INSTANCE;
    }

    /**
     * Takes over the channel's input. On the event loop.
     *
     * @param late whether something may have been read before
     * @return why that is impossible, or null
     */
    @Nullable
    Throwable install(boolean late) {
        if (!channel.isActive()) {
            end(new AbortedException("The connection was closed before frames were put on it; "
                    + "what arrived is lost. TcpClient.handle(FramedConnection.handler(...)) is in time"));
            return error;
        }
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // A failed write does not take away what has arrived.
        channel.config().setOption(ChannelOption.AUTO_CLOSE, false);
        if (channel.config().getRecvByteBufAllocator().getClass() == AdaptiveRecvByteBufAllocator.class) {
            channel.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(64, 2048, MOST_AT_ONCE));
        }
        connection.addHandlerLast(NAME, this);
        EarlyBuffers early = new EarlyBuffers(arrived, this::end);
        connection.inbound().receive().subscribe(early);
        if (late) {
            early.take();
            channel.config().setAutoRead(false);
        }
        drain();
        return null;
    }

    /** Whether the socket's buffer is being read: what is sent meanwhile is flushed behind that. */
    boolean isInRead() {
        return inRead;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Whether nothing has arrived that has not been read to its end. */
    boolean isUsedUp() {
        return arrived.isEmpty() && handedOut.isEmpty();
    }

    /** How many bytes have arrived and not been emitted. */
    int unread() {
        return arrived.stream().mapToInt(ByteBuf::readableBytes).sum();
    }

    boolean isClosedHere() {
        return closedHere;
    }

    /** A write has failed. Who writes to a connection that was reset sees that instead of who reads. */
    void onWriteFailed(Throwable failure) {
        for (Throwable t = failure; t != null && reset == null; t = t.getCause()) {
            String message = t.getMessage();
            if (t instanceof IOException && message != null && message.contains("reset")) {
                reset = t;
            }
        }
    }

    private void lookLater() {
        if (!lookScheduled && !ended && !cancelled && !stopped) {
            lookScheduled = true;
            eventLoop.schedule(this::look, look.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Reads ahead, a little, to see whether the input has ended. */
    private void look() {
        lookScheduled = false;
        if (wanted) {
            return;
        }
        if (readsAhead() && ctx != null) {
            ctx.read();
        } else {
            lookLater();
        }
    }

    private boolean readsAhead() {
        return !wanted && !ended && !cancelled && !stopped && !listener.isReading() && unread() < AHEAD;
    }

    /** Takes back from here what has been read ahead, for a handler that has been put before this one. */
    void rereadThroughPipeline() {
        List<ByteBuf> read = new ArrayList<>(arrived);
        arrived.clear();
        if (!read.isEmpty()) {
            read.forEach(channel.pipeline()::fireChannelRead);
            channel.pipeline().fireChannelReadComplete();
        }
    }

    HandedOutBuffers handedOut() {
        return handedOut;
    }

    // ---- the subscriber

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
        this.subscriber = subscriber;
        subscriber.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n)) {
            return;
        }
        if (eventLoop.inEventLoop()) {
            wanted = true;
            drain();
            return;
        }
        try {
            eventLoop.execute(() -> {
                wanted = true;
                drain();
            });
        } catch (RejectedExecutionException e) {
            // The event loop has ended, and all its channels with it: onClosed has been told.
        }
    }

    @Override
    public void cancel() {
        if (eventLoop.inEventLoop()) {
            discard();
        } else {
            try {
                eventLoop.execute(this::discard);
            } catch (RejectedExecutionException e) {
                discard(); // nobody else does
            }
        }
    }

    /** Reads no more; what is here already is emitted, on demand. On the event loop. */
    void stop() {
        stopped = true;
        drain();
    }

    /** Ends the input by an error when nothing comes for so long although it is waited for. On the event loop. */
    void endWhenIdle(Duration timeout) {
        if (idleTimeout != null) {
            idleTimeout.stop();
        }
        idleTimeout = new IdleTimeout(eventLoop, timeout, this::onIdle);
        if (isWaiting()) {
            idleTimeout.start();
        }
    }

    private void onIdle(Throwable reason) {
        end(reason);
        channel.close();
    }

    /** Whether bytes from the peer are waited for. */
    private boolean isWaiting() {
        return wanted && arrived.isEmpty() && !ended && !stopped && !cancelled;
    }

    /** Reads on without emitting anything, up to the end or for the given time. */
    void discardToTheEnd(Runnable then, Duration time) {
        discard();
        onDiscarded = then;
        ScheduledFuture<?> timeout = eventLoop.schedule(this::discarded, time.toNanos(), TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(closed -> timeout.cancel(false));
        if (ctx != null) {
            ctx.read();
        }
    }

    private void discarded() {
        Runnable then = onDiscarded;
        if (then != null) {
            onDiscarded = null;
            then.run();
        }
    }

    private void discard() {
        cancelled = true;
        for (ByteBuf buffer = arrived.poll(); buffer != null; buffer = arrived.poll()) {
            buffer.release();
        }
    }

    /** Emits what is wanted and there, or sees to it that something comes. */
    private void drain() {
        if (emitting || cancelled || subscriber == null) {
            return;
        }
        emitting = true;
        try {
            while (wanted && !arrived.isEmpty()) {
                wanted = false;
                subscriber.onNext(handedOut.add(arrived.remove()));
            }
        } catch (Throwable t) {
            // Reactor Netty would log it and close, too.
            end(t);
            listener.onThrown(t);
            channel.close();
            return;
        } finally {
            emitting = false;
        }
        if (arrived.isEmpty() && (ended || stopped)) {
            signalEnd(subscriber);
        } else if (wanted && ctx != null) {
            if (idleTimeout != null) {
                idleTimeout.start();
            }
            ctx.read();
        } else if (!wanted) {
            lookLater();
        }
    }

    private void signalEnd(Subscriber<? super ByteBuffer> subscriber) {
        if (signalled) {
            return;
        }
        signalled = true;
        if (idleTimeout != null) {
            idleTimeout.stop();
        }
        if (error == null) {
            subscriber.onComplete();
        } else {
            subscriber.onError(error);
        }
    }

    private void end(@Nullable Throwable reason) {
        if (!ended) {
            ended = true;
            error = reason == null ? reset : reason;
            listener.onInputEnd(error);
            drain();
            discarded();
        }
    }

    /** For the time after the connection: nobody takes care of the buffer if what has arrived is never read. */
    private static ByteBuf copy(ByteBuf buffer) {
        try {
            return Unpooled.wrappedBuffer(ByteBufUtil.getBytes(buffer));
        } finally {
            buffer.release();
        }
    }

    // ---- the pipeline

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf buffer)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (cancelled || ended || stopped || !buffer.isReadable()) {
            buffer.release();
            return;
        }
        if (idleTimeout != null) {
            idleTimeout.stop();
        }
        arrived.add(buffer);
        inRead = true;
        try {
            drain();
        } finally {
            inRead = false;
        }
        listener.onRead();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!ended && (isWaiting() || onDiscarded != null || readsAhead())) {
            ctx.read(); // part of a TLS record, say
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
            // Reactor Netty would close the channel now, although something may be left to send.
            end(null);
            return;
        }
        if (event instanceof ChannelInputShutdownEvent) {
            end(null);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(cause);
        if (cause instanceof IOException || cause instanceof Error) {
            ctx.close(); // others are of handlers, who know whether the connection is of use
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        // From here towards the socket: neither a transport nor a handler before this one comes by when it closes.
        closedHere = true;
        ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (reset != null && !closedHere) {
            end(null);
        }
        boolean here = error == null && (closedHere || !ended);
        Throwable reason = error != null ? error : new AbortedException("The connection has been closed");
        if (here) {
            discard();
        }
        ended = true;
        if (idleTimeout != null) {
            idleTimeout.stop();
        }
        listener.onClosed(reason, here);
        discarded();
        for (int n = arrived.size(); n > 0; n--) {
            arrived.add(copy(arrived.remove()));
        }
        ctx.fireChannelInactive();
    }
}
