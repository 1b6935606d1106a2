package reactor.framing.benchmarks.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FramePart;

/**
 * Subscribes, and waits for the end. There is a subscriber for each kind of what is emitted, which does nothing but
 * hand it on, so that little of what is measured is the subscriber's.
 */
final class ReactorRun<T> implements Run {

    private final Flux<T> flux;
    private final Supplier<Subscriber<T>> subscribers;

    private ReactorRun(Flux<T> flux, Supplier<Subscriber<T>> subscribers) {
        this.flux = flux;
        this.subscribers = subscribers;
    }

    static Run frames(Flux<ByteBuffer> flux, Frames frames) {
        return new ReactorRun<>(flux, () -> new Subscriber<>(Long.MAX_VALUE) {
            @Override
            public void onNext(ByteBuffer frame) {
                frames.accept(frame);
            }
        });
    }

    static Run framesOneByOne(Flux<ByteBuffer> flux, Frames frames) {
        return new ReactorRun<>(flux, () -> new Subscriber<>(1) {
            @Override
            public void onNext(ByteBuffer frame) {
                frames.accept(frame);
                subscription.request(1);
            }
        });
    }

    static Run parts(Flux<FramePart> flux, Frames frames) {
        return new ReactorRun<>(flux, () -> new Subscriber<>(Long.MAX_VALUE) {
            @Override
            public void onNext(FramePart part) {
                frames.accept(part);
            }
        });
    }

    /** For what has seen to the frames itself. */
    static <T> Run drained(Flux<T> flux) {
        return new ReactorRun<>(flux, () -> new Subscriber<>(Long.MAX_VALUE) {
            @Override
            public void onNext(T ignored) {}
        });
    }

    static Run encoded(Flux<ByteBuffer> flux, Wire wire) {
        return new ReactorRun<>(flux, () -> new Subscriber<>(Long.MAX_VALUE) {
            @Override
            public void onNext(ByteBuffer buffer) {
                wire.accept(buffer);
            }
        });
    }

    @Override
    public void run() throws InterruptedException {
        Subscriber<T> subscriber = subscribers.get();
        flux.subscribe(subscriber);
        subscriber.await();
    }

    private abstract static class Subscriber<T> implements CoreSubscriber<T> {

        private final CountDownLatch end = new CountDownLatch(1);
        private final long demand;

        Subscription subscription;
        private volatile Throwable error;

        Subscriber(long demand) {
            this.demand = demand;
        }

        @Override
        public final void onSubscribe(Subscription s) {
            subscription = s;
            s.request(demand);
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
}
