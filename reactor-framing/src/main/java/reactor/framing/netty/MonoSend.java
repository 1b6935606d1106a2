package reactor.framing.netty;

import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Sends the messages of a source; each subscription is a {@link Send}. */
final class MonoSend<M> extends Mono<Void> implements Scannable {

    private final Flux<? extends M> source;
    private final ChannelOutbound outbound;
    private final @Nullable BiConsumer<? super M, ? super ByteBuffer> writer;

    MonoSend(
            Flux<? extends M> source,
            ChannelOutbound outbound,
            @Nullable BiConsumer<? super M, ? super ByteBuffer> writer) {
        this.source = source;
        this.outbound = outbound;
        this.writer = writer;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        source.subscribe(new Send<>(actual, outbound, writer));
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.PARENT ? source : key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
