package reactor.framing.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SignalType;
import reactor.framing.FrameCodec;
import reactor.framing.FramingException;
import reactor.netty.Connection;
import reactor.netty.channel.AbortedException;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.context.Context;

/**
 * What the user does with one connection. Reactor Netty cancels what a handler has returned when the channel closes,
 * and what has arrived before would not be worked on; so this subscription is apart from that, and the handler returns
 * its {@code end} only.
 */
final class Conversation extends BaseSubscriber<Void> {

    private static final Logger log = Loggers.getLogger(FramedConnection.class);

    private final FramedConnection framed;
    private final Channel channel;
    private final Patience patience;
    private final MonoSink<Void> end;
    private final Context context;

    private volatile boolean closedHere;

    /** Looks later whether the conversation can learn of the end, or null. */
    private @Nullable Future<?> watch;

    Conversation(Connection connection, FrameCodec reading, FrameCodec writing, Patience patience, MonoSink<Void> end) {
        this.patience = patience;
        this.end = end;
        context = Context.of(end.contextView());
        channel = connection.channel();
        framed = new FramedConnection(connection, reading, writing, this, patience);
    }

    void start(Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        framed.install();
        Publisher<Void> publisher;
        try {
            publisher = Objects.requireNonNull(conversation.apply(framed), "the conversation is null");
        } catch (Throwable t) {
            Exceptions.throwIfFatal(t);
            publisher = Mono.error(t);
        }
        publisher.subscribe(this);
        if (isDisposed()) {
            // cancelled before it had a subscription: then nothing else says that this is the end
            hookFinally(SignalType.CANCEL);
        }
    }

    @Override
    public Context currentContext() {
        return context;
    }

    /** On the event loop: no more will arrive. */
    void onInputEnd() {
        watch(patience.shut());
    }

    /** On the event loop: the channel has been closed here, and who reads and sends is about to be told. */
    void onClosedHere() {
        closedHere = true;
    }

    /** On the event loop: the channel is closed, and who reads and sends has been told. */
    void onClosed() {
        if (closedHere) {
            cancel();
        } else {
            stopWatching();
            watch(patience.lost());
        }
    }

    /** Cancels a conversation that cannot learn of the end by reading or sending. */
    private void watch(Duration time) {
        if (watch == null && !isDisposed() && !framed.isEndTold()) {
            watch = channel.eventLoop().schedule(() -> cancelIfIdle(time), time.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** The task would hold the conversation and its channel. */
    private void stopWatching() {
        if (watch != null) {
            watch.cancel(false);
            watch = null;
        }
    }

    private void cancelIfIdle(Duration time) {
        watch = null;
        if (isDisposed() || framed.isEndTold()) {
            return;
        }
        if (framed.isIdle()) {
            log.debug("{} conversation cancelled, as the peer is gone", channel);
            cancel();
        } else {
            watch(time);
        }
    }

    /** On the event loop: an operator of the conversation has thrown what reactor-core throws on, and tells nobody. */
    void onThrown(Throwable thrown) {
        if (!isDisposed()) {
            log.error("{} conversation failed", channel, thrown);
            cancel();
        }
    }

    @Override
    protected void hookOnError(Throwable t) {
        if (closedHere || Exceptions.unwrapMultiple(t).stream().allMatch(Conversation::isCutOff)) {
            log.debug("{} conversation cut off", channel, t);
        } else if (t instanceof FramingException) {
            log.warn("{} conversation ended by {}", channel, t.toString());
        } else {
            log.error("{} conversation failed", channel, t);
        }
    }

    /** Whether this tells no more than that the peer is gone. */
    private static boolean isCutOff(Throwable t) {
        return t instanceof AbortedException || t instanceof IOException;
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
            close(); // the event loop has dropped its tasks
        }
    }

    private void end() {
        stopWatching();
        close();
    }

    private void close() {
        framed.end(new AbortedException("The conversation has ended"), end::success);
    }
}
