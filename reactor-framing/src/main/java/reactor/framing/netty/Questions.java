package reactor.framing.netty;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameStream;
import reactor.netty.channel.AbortedException;

/** Questions that are sent over a connection and answered over it. Everything here happens on the event loop. */
abstract class Questions {

    /** How many questions may be open; those that come later wait before they are sent. */
    static final int MOST = 256;

    final ChannelOutbound outbound;
    private final FrameStream frames;

    /** Who counts; null if nobody does. */
    final @Nullable FrameMetrics metrics;

    /** Sends the questions that wait; null if none does. */
    private @Nullable QuestionSend send;

    /** Reads the answers; null while nobody here reads. */
    private @Nullable Answers answers;

    private @Nullable Throwable ended;

    Questions(ChannelOutbound outbound, FrameStream frames, @Nullable FrameMetrics metrics) {
        this.metrics = metrics;
        this.outbound = outbound;
        this.frames = frames;
    }

    // ---- questions

    final void ask(OpenQuestion question) {
        Throwable refusal = ended != null ? ended : outbound.refusal();
        if (refusal != null) {
            question.fail(refusal);
            return;
        }
        QuestionSend current = send;
        if (current == null) {
            current = new QuestionSend(outbound, this);
            send = current;
            current.add(question);
            outbound.add(
                    current, false); // one answer is often followed by the next question, and that by another answer
        } else {
            current.add(question);
            outbound.onSignal();
        }
    }

    /** Whether another question may be open. */
    abstract boolean hasRoom();

    /** A question is about to leave, and open from now on; false if it has been refused. */
    abstract boolean onSend(OpenQuestion question);

    /** No question waits any more. */
    final void onAllSent() {
        send = null;
    }

    /** A question is open no more. */
    final void onRoom() {
        if (send != null) {
            outbound.onSignal();
        }
    }

    // ---- answers

    /** Becomes the one who reads the frames that arrive; returns why that is impossible, or null. */
    final @Nullable Throwable startReading() {
        if (answers == null && ended == null) {
            Answers a = new Answers();
            answers = a;
            frames.receive().subscribe(a);
            if (a.refusal != null) {
                answers = null;
                return a.refusal;
            }
        }
        return ended;
    }

    final void requestAnswers(int n) {
        if (answers != null) {
            answers.request(n);
        }
    }

    final void stopReading() {
        if (answers != null) {
            answers.cancel();
            answers = null;
        }
    }

    abstract void onFrame(ByteBuffer frame);

    /** No more frames will come; to be told to every open question. */
    abstract void onEnd(Throwable reason, boolean completed);

    final void end(Throwable reason, boolean completed) {
        if (ended == null) {
            ended = reason;
            stopReading();
            onEnd(reason, completed);
            if (send != null) {
                send.endBehindQuestion(reason);
                outbound.onSignal(); // has nothing more to send, or the rest of a question
            }
        }
    }

    private final class Answers extends BaseSubscriber<ByteBuffer> {

        /** Why it may not read, as somebody else does. */
        private @Nullable Throwable refusal;

        private boolean read;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        @Override
        protected void hookOnNext(ByteBuffer frame) {
            read = true;
            outbound.runInOrder(() -> onFrame(frame));
        }

        @Override
        protected void hookOnComplete() {
            outbound.runInOrder(() -> end(new AbortedException("The stream ended before the answer came"), true));
        }

        @Override
        protected void hookOnError(Throwable t) {
            if (!read && t instanceof IllegalStateException) {
                refusal = t;
            } else {
                outbound.runInOrder(() -> end(t, false));
            }
        }
    }
}
