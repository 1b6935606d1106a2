package reactor.framing.netty;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.framing.FramingException;
import reactor.netty.channel.AbortedException;

/**
 * Sends questions, unless they have been cancelled by then, until none waits. Everything here happens on the event
 * loop.
 */
final class QuestionSend extends Send<OpenQuestion> {

    /** The end of a send of questions is told to each of them. */
    private static final CoreSubscriber<Void> NOBODY = new CoreSubscriber<>() {
        @Override
        public void onSubscribe(Subscription s) {}

        @Override
        public void onNext(Void nothing) {}

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onComplete() {}
    };

    private final Queue<OpenQuestion> waiting;
    private final Questions questions;
    private final CurrentFrame current;

    QuestionSend(ChannelOutbound outbound, Questions questions) {
        this(outbound, questions, new ArrayDeque<>());
    }

    private QuestionSend(ChannelOutbound outbound, Questions questions, Queue<OpenQuestion> waiting) {
        super(NOBODY, outbound, waiting);
        this.waiting = waiting;
        this.questions = questions;
        current = new CurrentFrame(outbound);
    }

    void add(OpenQuestion question) {
        waiting.add(question);
    }

    @Override
    int sizeOf(OpenQuestion question) {
        return 0;
    }

    @Override
    boolean isInFrame() {
        return current.isCut();
    }

    @Override
    boolean isSourceActive() {
        return !waiting.isEmpty();
    }

    @Override
    Outcome writeNext() {
        while (!current.isPresent()) {
            if (!questions.hasRoom()) {
                return Outcome.IDLE;
            }
            OpenQuestion next = next();
            if (next == null) {
                questions.onAllSent();
                return Outcome.ENDED;
            }
            begin(next);
        }
        try {
            return current.write();
        } catch (Throwable t) {
            // The question is open, and what the encoder has written of it is not known.
            questions.end(t, false);
            outbound.cutOff();
            return Outcome.ENDED;
        }
    }

    private void begin(OpenQuestion next) {
        if (next.isAbandoned()) {
            return;
        }
        try {
            current.begin(next.frame(), outbound.writer());
        } catch (FramingException e) {
            next.fail(e);
            return;
        }
        if (!questions.onSend(next)) {
            current.clear();
        }
    }

    /** A question that was about to leave is open as if it had left. */
    @Override
    @Nullable
    OpenQuestion takeUnwritten() {
        current.clear();
        return null;
    }

    @Override
    void discard(@Nullable OpenQuestion unsent) {
        if (unsent != null) {
            Throwable refusal = outbound.refusal();
            unsent.fail(refusal != null ? refusal : new AbortedException("The question was not sent"));
        }
    }

    /** No more questions leave. One of which a part has been written is written to its end: others send behind it. */
    void endBehindQuestion(Throwable reason) {
        for (OpenQuestion unsent = waiting.poll(); unsent != null; unsent = waiting.poll()) {
            unsent.fail(reason);
        }
        if (!current.isCut()) {
            current.clear();
        }
    }

    @Override
    void abort(Throwable reason) {
        questions.onAllSent();
        endBehindQuestion(reason);
        super.abort(reason);
    }
}
