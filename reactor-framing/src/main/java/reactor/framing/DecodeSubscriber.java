package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Takes the chunks of one stream, one at a time. */
final class DecodeSubscriber extends FrameDrain implements CoreSubscriber<ByteBuffer>, Scannable {

    /**
     * @param single whether the stream ends with its subscriber, who is then {@linkplain #add added} before the
     *     subscription
     * @param handBack takes chunks back when all of them has been read; null if they are borrowed or owned
     */
    DecodeSubscriber(CodecSettings settings, boolean single, @Nullable Consumer<? super ByteBuffer> handBack) {
        super(settings, single, handBack);
    }

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.validate(this.s, s)) {
            this.s = s;
            Downstream<?> d = downstream;
            if (single && d != null) {
                d.start();
            } else {
                drain();
            }
        }
    }

    @Override
    public void onNext(ByteBuffer next) {
        Objects.requireNonNull(next, "chunk");
        if (done && !faulted) {
            Operators.onNextDropped(next, currentContext());
            return;
        }
        if (done || cancelled) {
            // on its way when upstream was cancelled
            nextChunk.discard(next, currentContext());
            return;
        }
        boolean entered = tryEnter();
        if (!nextChunk.isEmpty() || entered && chunk.hasRemaining()) {
            // An upstream without backpressure cannot be held back by one slot.
            nextChunk.discard(next, currentContext());
            cancelUpstream();
            endBy(Exceptions.failWithOverflow("The source sent a chunk that was not requested"));
        } else if (!entered) {
            try {
                nextChunk.put(next);
            } catch (Throwable t) {
                endBy(operatorError(t));
            }
        } else if (readInside(next)) {
            return;
        } else {
            pulling = false;
            chunk.hold(next, nextChunk.lifetime());
        }
        if (entered) {
            drainLoop();
        } else {
            drain();
        }
    }

    /**
     * Reads a chunk that lies inside the frame that is being read, and asks for the next one in its place: there is
     * nothing to emit. Of chunks that are shorter than frames, most are read here.
     *
     * @return whether it is such a chunk; wip has been given back then
     */
    private boolean readInside(ByteBuffer next) {
        Downstream<?> d = downstream;
        Subscription s = this.s;
        if (!pulling || s == null || d == null || d.demand() == 0 || !assembler.readInside(next)) {
            return false;
        }
        try {
            chunk.pass(next);
        } catch (Throwable t) {
            endBy(operatorError(t));
        }
        if (!done && tryLeave()) {
            s.request(1);
        } else {
            pulling = false;
            drainLoop();
        }
        return true;
    }

    @Override
    public void onError(Throwable t) {
        if (done || cancelled) {
            Operators.onErrorDropped(t, currentContext());
            return;
        }
        error = t;
        done = true;
        drain();
    }

    @Override
    public void onComplete() {
        if (!done) {
            done = true;
            drain();
        }
    }

    @Override
    Throwable operatorError(Throwable t) {
        if (t instanceof LentFrames.ReaderFailure && t.getCause() != null) {
            cancelUpstream();
            return t.getCause();
        }
        if (Exceptions.isJvmFatal(t)) {
            // Reactor-core throws these on, but then nobody learns that the stream has ended.
            cancelUpstream();
            return t;
        }
        return Operators.onOperatorError(s, t, currentContext());
    }

    @Override
    public Context currentContext() {
        Downstream<?> d = downstream;
        return d == null ? Context.empty() : d.actual.currentContext();
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared in Scannable
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return s;
        }
        if (key == Attr.PREFETCH) {
            return 1;
        }
        if (key == Attr.BUFFERED) {
            return buffered();
        }
        if (key == Attr.TERMINATED) {
            return terminated;
        }
        if (key == Attr.ERROR) {
            return error;
        }
        if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.SYNC;
        }
        return null;
    }
}
