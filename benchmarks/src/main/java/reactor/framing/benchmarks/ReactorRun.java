package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FramePart;

/** Subscribes, and waits for the end. */
abstract class ReactorRun<T> implements Run {

    private final Flux<T> flux;
    private final long demand;

    private ReactorRun(Flux<T> flux, long demand) {
        this.flux = flux;
        this.demand = demand;
    }

    static ReactorRun<ByteBuffer> whole(Flux<ByteBuffer> flux, long demand, Frames frames) {
        return new ReactorRun<>(flux, demand) {
            @Override
            void accept(ByteBuffer frame) {
                frames.accept(frame);
            }
        };
    }

    static ReactorRun<FramePart> parts(Flux<FramePart> flux, Frames frames) {
        return new ReactorRun<>(flux, Long.MAX_VALUE) {
            @Override
            void accept(FramePart part) {
                frames.accept(part);
            }
        };
    }

    static ReactorRun<ByteBuffer> encoded(Flux<ByteBuffer> flux, Wire wire) {
        return new ReactorRun<>(flux, Long.MAX_VALUE) {
            @Override
            void accept(ByteBuffer buffer) {
                wire.accept(buffer);
            }
        };
    }

    abstract void accept(T next);

    @Override
    public void run() throws InterruptedException {
        Subscriber subscriber = new Subscriber();
        flux.subscribe(subscriber);
        subscriber.await();
    }

    private final class Subscriber implements CoreSubscriber<T> {

        private final CountDownLatch end = new CountDownLatch(1);
        private final long demand = ReactorRun.this.demand;
        private Subscription subscription;
        private long outstanding;
        private volatile Throwable error;

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
            outstanding = demand;
            s.request(demand);
        }

        @Override
        public void onNext(T next) {
            accept(next);
            if (demand != Long.MAX_VALUE && --outstanding == 0) {
                outstanding = demand;
                subscription.request(demand);
            }
        }

        @Override
        public void onError(Throwable t) {
            error = t;
            end.countDown();
        }

        @Override
        public void onComplete() {
            end.countDown();
        }

        void await() throws InterruptedException {
            end.await();
            if (error != null) {
                throw new IllegalStateException(error);
            }
        }
    }
}
