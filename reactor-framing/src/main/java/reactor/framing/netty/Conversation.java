package reactor.framing.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SignalType;
import reactor.framing.FramingException;
import reactor.netty.Connection;
import reactor.netty.channel.AbortedException;
import reactor.netty.channel.ChannelOperations;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.context.Context;

/**
 * What the user does with one connection. When the peer closes, Reactor Netty cancels what a handler has returned before
 * {@code receive()} has ended; so this subscription is apart from that, and the handler returns its {@code end} only.
 */
final class Conversation extends BaseSubscriber<Void> {

    private static final Logger log = Loggers.getLogger(FramedConnection.class);

    private final FramedConnection framed;
    private final Connection connection;
    private final Channel channel;
    private final MonoSink<Void> end;
    private final Context context;

    private volatile boolean closed;
    private volatile boolean disposedHere;

    private Conversation(FramedConnection framed, MonoSink<Void> end) {
        this.framed = framed;
        connection = framed.connection();
        channel = framed.channel();
        this.end = end;
        context = Context.of(end.contextView());
    }

    static void start(
            FramedConnection framed,
            Function<? super FramedConnection, ? extends Publisher<Void>> conversation,
            MonoSink<Void> end) {
        Conversation subscriber = new Conversation(framed, end);
        framed.connection().onDispose(subscriber::onClosed);
        Publisher<Void> publisher;
        try {
            publisher = Objects.requireNonNull(conversation.apply(framed), "the conversation is null");
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            publisher = Mono.error(t);
        }
        publisher.subscribe(subscriber);
        if (subscriber.isDisposed()) {
            // cancelled before it had a subscription: then nothing else says that this is the end
            subscriber.hookFinally(SignalType.CANCEL);
        }
    }

    @Override
    public Context currentContext() {
        return context;
    }

    /** Runs before Reactor Netty notices that the channel is closed. */
    private void onClosed() {
        disposedHere = isDisposedHere();
        closed = true;
        if (disposedHere || !framed.wasRead()) {
            cancel();
        }
    }

    private boolean isDisposedHere() {
        return closed
                ? disposedHere
                : connection instanceof ChannelOperations<?, ?> operations && operations.isSubscriptionDisposed();
    }

    @Override
    protected void hookOnError(Throwable t) {
        if (isDisposedHere() || t instanceof AbortedException || framed.isConnectionFailure(t)) {
            log.debug("{} conversation cut off", channel, t);
        } else if (t instanceof FramingException) {
            log.warn("{} conversation ended by {}", channel, t.toString());
        } else {
            log.error("{} conversation failed", channel, t);
        }
    }

    @Override
    protected void hookFinally(SignalType type) {
        EventLoop eventLoop = channel.eventLoop();
        if (eventLoop.inEventLoop()) {
            end();
            return;
        }
        try {
            // what Reactor Netty does to close is meant for the event loop
            eventLoop.execute(this::end);
        } catch (RejectedExecutionException e) {
            end();
        }
    }

    private void end() {
        framed.stopReading();
        end.success();
    }
}
