package reactor.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;

/**
 * Cuts a stream of chunks into frames: to keep, lent, or in parts.
 *
 * @param <T> what is emitted
 */
final class FluxDecode<T> extends FluxOperator<ByteBuffer, T> {

    private final CodecSettings settings;
    private final Downstream.Deliveries<T> deliveries;

    private FluxDecode(Flux<? extends ByteBuffer> source, CodecSettings settings, Downstream.Deliveries<T> deliveries) {
        super(source);
        this.settings = settings;
        this.deliveries = deliveries;
    }

    static <T> Flux<T> create(
            Flux<? extends ByteBuffer> source, CodecSettings settings, Downstream.Deliveries<T> deliveries) {
        return onAssembly(new FluxDecode<>(source, settings, deliveries));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        DecodeSubscriber subscriber;
        try {
            subscriber = new DecodeSubscriber(settings, true, null);
        } catch (Throwable t) {
            Operators.error(actual, Operators.onOperatorError(t, actual.currentContext()));
            return;
        }
        subscriber.add(new Downstream<>(subscriber, actual, deliveries.apply(actual.currentContext())));
        source.subscribe(subscriber);
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : super.scanUnsafe(key);
    }
}
