package reactor.framing.benchmarks.tcp;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Takes in the frames that a contender has decoded, on one thread: counts them, and looks whether they are those that
 * were sent. While time is taken, that is the length and the first and last eight bytes, as looking at all would cost
 * frames of one kind of buffer more than those of another; in the warm-up, it is every byte.
 */
final class Received {

    private final ByteBuffer[] expected;
    private final long[] heads;
    private final long[] tails;
    private final int length;
    private final long total;
    private final boolean everyByte;

    private int next;
    private long count;
    private Runnable end = () -> {};
    private volatile boolean complete;
    private volatile String fault = "frames are missing";

    /** Expects the messages so many times. */
    Received(Messages messages, long periods, boolean everyByte) {
        expected = messages.buffers();
        length = messages.payload(0).length;
        heads = new long[expected.length];
        tails = new long[expected.length];
        for (int i = 0; i < expected.length; i++) {
            heads[i] = expected[i].getLong(0);
            tails[i] = expected[i].getLong(length - 8);
        }
        total = periods * expected.length;
        this.everyByte = everyByte;
    }

    void accept(ByteBuffer frame) {
        int start = frame.position();
        boolean good = frame.remaining() == length
                && frame.getLong(start) == heads[next]
                && frame.getLong(start + length - 8) == tails[next]
                && (!everyByte || frame.equals(expected[next]));
        count(good);
    }

    void accept(ByteBuf frame) {
        int start = frame.readerIndex();
        boolean good = frame.readableBytes() == length
                && frame.getLong(start) == heads[next]
                && frame.getLong(start + length - 8) == tails[next]
                && (!everyByte || frame.nioBuffer().equals(expected[next]));
        count(good);
    }

    /** For a frame that is lent: makes something of it that lasts, and nothing new. */
    Received read(ByteBuffer frame) {
        accept(frame);
        return this;
    }

    private void count(boolean good) {
        if (!good || complete) {
            fail("frame " + count + (complete ? " was not sent" : " is not the one that was sent"));
            return;
        }
        next = next + 1 == expected.length ? 0 : next + 1;
        if (++count == total) {
            fault = "";
            complete = true;
            end.run();
        }
    }

    void fail(String message) {
        fault = message;
        complete = true;
        end.run();
    }

    /** Sets what is to happen when all have come, or a wrong one. */
    void onEnd(Runnable action) {
        end = action;
    }

    boolean isComplete() {
        return complete;
    }

    /** What is wrong; empty if all have come and nothing else. */
    String fault() {
        return fault;
    }

    /** Takes frames in until all have come. */
    Mono<Void> take(Flux<ByteBuffer> frames) {
        return take(frames, new Subscriber<>() {
            @Override
            public void onNext(ByteBuffer frame) {
                accept(frame);
            }
        });
    }

    Mono<Void> takeBuffers(Flux<ByteBuf> frames) {
        return take(frames, new Subscriber<>() {
            @Override
            public void onNext(ByteBuf frame) {
                accept(frame);
            }
        });
    }

    /** Takes frames in that are to be released. */
    Mono<Void> takeOwnedBuffers(Flux<ByteBuf> frames) {
        return take(frames, new Subscriber<>() {
            @Override
            public void onNext(ByteBuf frame) {
                accept(frame);
                frame.release();
            }
        });
    }

    /** Waits for all to have come, where {@link #read} sees them. */
    Mono<Void> drain(Flux<?> read) {
        return take(read, new Subscriber<Object>() {
            @Override
            public void onNext(Object ignored) {}
        });
    }

    private <T> Mono<Void> take(Flux<? extends T> frames, Subscriber<T> subscriber) {
        return Mono.create(sink -> {
            onEnd(sink::success);
            frames.subscribe(subscriber);
        });
    }

    private abstract class Subscriber<T> implements CoreSubscriber<T> {

        @Override
        public void onSubscribe(Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onError(Throwable t) {
            if (!complete) {
                fail(t.toString());
            }
        }

        @Override
        public void onComplete() {}
    }
}
