package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FramePart;

/** Subscribes, and waits for the end. */
abstract class ReactorRun<T> implements Runnable {

    private final Flux<T> flux;
    private final long demand;
    final Frames frames;

    private ReactorRun(Flux<T> flux, long demand, Frames frames) {
        this.flux = flux;
        this.demand = demand;
        this.frames = frames;
    }

    static ReactorRun<ByteBuffer> whole(Flux<ByteBuffer> flux, long demand, Frames frames) {
        return new ReactorRun<>(flux, demand, frames) {
            @Override
            void accept(ByteBuffer frame) {
                frames.accept(frame);
            }
        };
    }

    static ReactorRun<FramePart> parts(Flux<FramePart> flux, Frames frames) {
        return new ReactorRun<>(flux, Long.MAX_VALUE, frames) {
            @Override
            void accept(FramePart part) {
                frames.accept(part);
            }
        };
    }

    abstract void accept(T next);

    @Override
    public void run() {
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

        void await() {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (error != null) {
                throw new IllegalStateException(error);
            }
        }
    }
}
