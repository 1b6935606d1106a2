package reactor.framing.benchmarks.tcp;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;

/**
 * The messages that an application has to send, in heap memory; it is asked for them one way or the other, by one
 * thread.
 */
final class Outgoing {

    private final Messages messages;
    private final long periods;
    private final boolean counted;
    private final AtomicLong taken = new AtomicLong();
    private int next;
    private long period;

    /** Offers the messages so many times, counting them, which takes time, or not. */
    Outgoing(Messages messages, long periods, boolean counted) {
        this.messages = messages;
        this.periods = periods;
        this.counted = counted;
    }

    /** For Reactor: sent when they are asked for. */
    Flux<ByteBuffer> flux() {
        Flux<ByteBuffer> flux = Flux.fromArray(messages.buffers()).repeat(periods - 1);
        return counted ? flux.doOnNext(message -> count()) : flux;
    }

    /** For others. */
    boolean hasNext() {
        return period < periods;
    }

    byte[] next() {
        byte[] message = messages.payload(next);
        if (++next == messages.count()) {
            next = 0;
            period++;
        }
        if (counted) {
            count();
        }
        return message;
    }

    private void count() {
        taken.lazySet(taken.getPlain() + 1);
    }

    /** How many have been taken, if they are counted. */
    long taken() {
        return taken.get();
    }
}
