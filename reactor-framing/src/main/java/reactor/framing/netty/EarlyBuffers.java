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
    private final Consumer<? super Throwable> onRefused;

    EarlyBuffers(Queue<ByteBuf> arrived, Consumer<? super Throwable> onRefused) {
        this.arrived = arrived;
        this.onRefused = onRefused;
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
        if (t instanceof IllegalStateException) {
            // somebody else reads
            onRefused.accept(t);
        }
    }
}
