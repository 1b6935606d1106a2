package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import java.util.Queue;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * Claims Reactor Netty's {@code receive()}, so that nobody else reads, and takes from it what has been read before
 * {@link ChannelInbound} was there. Used on the event loop.
 */
final class EarlyBuffers extends BaseSubscriber<ByteBuf> {

    private final Queue<ByteBuf> arrived;
    private final Consumer<? super Throwable> onFailed;

    /** @param onFailed is told that somebody else reads, or what a handler behind {@link ChannelInbound} has thrown */
    EarlyBuffers(Queue<ByteBuf> arrived, Consumer<? super Throwable> onFailed) {
        this.arrived = arrived;
        this.onFailed = onFailed;
    }

    /** Takes what is there; Reactor Netty emits it from inside the request. */
    void take() {
        int before;
        do {
            before = arrived.size();
            request(1);
        } while (arrived.size() != before);
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {}

    @Override
    protected void hookOnNext(ByteBuf buffer) {
        arrived.add(buffer.retain());
    }

    @Override
    protected void hookOnError(Throwable t) {
        onFailed.accept(t);
    }
}
