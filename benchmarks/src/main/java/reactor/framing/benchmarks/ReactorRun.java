package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FramePart;

/**
 * Subscribes, and waits for the end. There is a subscriber for each kind of what is emitted, which does little more than hand it on, so
 * that little of what is measured is the subscriber's.
 */
final class ReactorRun<T> implements Run {

    private final Flux<T> flux;
    private final Supplier<? extends Subscriber<T>> subscribers;

    private ReactorRun(Flux<T> flux, Supplier<? extends Subscriber<T>> subscribers) {
        this.flux = flux;
        this.subscribers = subscribers;
    }

    static ReactorRun<ByteBuffer> whole(Flux<ByteBuffer> flux, long demand, Frames frames) {
        return new ReactorRun<>(
                flux,
                demand == Long.MAX_VALUE ? () -> new WholeFrames(frames) : () -> new RequestedFrames(frames, demand));
    }

    static ReactorRun<FramePart> parts(Flux<FramePart> flux, Frames frames) {
        return new ReactorRun<>(flux, () -> new Parts(frames));
    }

    static ReactorRun<ByteBuffer> encoded(Flux<ByteBuffer> flux, Wire wire) {
        return new ReactorRun<>(flux, () -> new Encoded(wire));
    }

    @Override
    public void run() throws InterruptedException {
        Subscriber<T> subscriber = subscribers.get();
        flux.subscribe(subscriber);
        subscriber.await();
    }

    private abstract static class Subscriber<T> implements CoreSubscriber<T> {

        private final CountDownLatch end = new CountDownLatch(1);
        private volatile Throwable error;

        @Override
        public void onSubscribe(Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public final void onError(Throwable t) {
            error = t;
            end.countDown();
        }

        @Override
        public final void onComplete() {
            end.countDown();
        }

        final void await() throws InterruptedException {
            end.await();
            if (error != null) {
                throw new IllegalStateException(error);
            }
        }
    }

    private static final class WholeFrames extends Subscriber<ByteBuffer> {

        private final Frames frames;

        WholeFrames(Frames frames) {
            this.frames = frames;
        }

        @Override
        public void onNext(ByteBuffer frame) {
            frames.accept(frame);
        }
    }

    /** Requests as many frames as it has been sent, each time when all of them have come. */
    private static final class RequestedFrames extends Subscriber<ByteBuffer> {

        private final Frames frames;
        private final long demand;
        private Subscription subscription;
        private long outstanding;

        RequestedFrames(Frames frames, long demand) {
            this.frames = frames;
            this.demand = demand;
        }

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
            outstanding = demand;
            s.request(demand);
        }

        @Override
        public void onNext(ByteBuffer frame) {
            frames.accept(frame);
            if (--outstanding == 0) {
                outstanding = demand;
                subscription.request(demand);
            }
        }
    }

    private static final class Parts extends Subscriber<FramePart> {

        private final Frames frames;

        Parts(Frames frames) {
            this.frames = frames;
        }

        @Override
        public void onNext(FramePart part) {
            frames.accept(part);
        }
    }

    private static final class Encoded extends Subscriber<ByteBuffer> {

        private final Wire wire;

        Encoded(Wire wire) {
            this.wire = wire;
        }

        @Override
        public void onNext(ByteBuffer buffer) {
            wire.accept(buffer);
        }
    }
}
