package reactor.framing.netty;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import reactor.netty.channel.AbortedException;

/**
 * What becomes of sends when the peer is gone. While somebody still reads what has arrived before, and for a short time
 * after that, messages are taken and dropped: in {@code receive().concatMap(frame -> work(frame).then(send(answer)))}
 * the frames that have arrived are then all worked on. After that, sends fail.
 *
 * <p>A send of which some messages had been written when the peer went, and that drops others afterwards, fails at the
 * end of its source. Other sends complete. Used on the event loop.
 */
final class LostSends {

    /**
     * How many messages of a send are dropped in one go, and how often: an endless source is not to burn the processor.
     */
    private static final int MESSAGES = 64;

    private static final long PAUSE_MILLIS = 1;

    private final EventExecutor eventLoop;
    private final BooleanSupplier isReading;
    private final long lingerNanos;
    private final AbortedException reason;

    /**
     * A send, and whether it had written something.
     */
    private record Lost(Send<?> send, boolean begun) {}

    private final List<Lost> sends = new ArrayList<>();
    private long lastRead;
    private boolean scheduled;
    private boolean over;

    /**
     * @param isReading whether somebody reads now
     * @param mayRead whether somebody reads, has read or may: if not, nobody is kept from reading by a failure
     * @param linger how long after the last look at a reader sends are kept alive, for what the reader has handed on
     */
    LostSends(EventExecutor eventLoop, BooleanSupplier isReading, boolean mayRead, Duration linger, Throwable cause) {
        this.eventLoop = eventLoop;
        this.isReading = isReading;
        lingerNanos = linger.toNanos();
        reason = new AbortedException("The peer is gone: " + cause.getMessage());
        reason.initCause(cause);
        lastRead = System.nanoTime();
        over = !mayRead;
    }

    /** Takes over a send, which was under way or has come later. */
    void add(Send<?> send, boolean underWay) {
        if (over) {
            send.abort(reason);
            return;
        }
        sends.add(new Lost(send, underWay && send.hasWritten()));
        drop();
    }

    AbortedException reason() {
        return reason;
    }

    boolean isIdle() {
        return sends.isEmpty();
    }

    void remove(Send<?> send) {
        sends.removeIf(lost -> lost.send == send);
    }

    /** Nobody reads any more. */
    void end() {
        over = true;
        List<Lost> left = List.copyOf(sends);
        sends.clear();
        left.forEach(lost -> lost.send.abort(reason));
    }

    private void drop() {
        long now = System.nanoTime();
        if (isReading.getAsBoolean()) {
            lastRead = now;
        } else if (now - lastRead > lingerNanos) {
            end();
            return;
        }
        // A copy: sources and callers that are told something may add sends and cancel others.
        for (Lost lost : List.copyOf(sends)) {
            if (sends.contains(lost) && lost.send.drop(MESSAGES) && sends.remove(lost)) {
                lost.send.terminate(lost.begun && lost.send.hasDropped() ? reason : null);
            }
        }
        if (!scheduled && !sends.isEmpty()) {
            scheduled = true;
            eventLoop.schedule(this::tick, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        scheduled = false;
        drop();
    }
}
