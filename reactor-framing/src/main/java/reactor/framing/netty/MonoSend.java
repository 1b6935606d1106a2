package reactor.framing.netty;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Sends what a source emits; each subscription is a {@link Send}. */
final class MonoSend<M> extends Mono<Void> implements Scannable {

    private final Flux<? extends M> source;
    private final Function<? super CoreSubscriber<? super Void>, ? extends Send<M>> sends;

    MonoSend(Flux<? extends M> source, Function<? super CoreSubscriber<? super Void>, ? extends Send<M>> sends) {
        this.source = source;
        this.sends = sends;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        source.subscribe(sends.apply(actual));
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.PARENT ? source : key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }
}
