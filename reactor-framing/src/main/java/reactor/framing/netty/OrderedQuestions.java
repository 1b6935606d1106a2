package reactor.framing.netty;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameStream;

/**
 * Questions whose answers come in their order. As long as one is open, the frames that arrive are answers; when none is, they
 * are left to other readers. A question that is cancelled after it has left stays open for its answer, which is dropped.
 */
final class OrderedQuestions extends Questions {

    /** Reads the next frame by this framing, by the usual one if it is null. */
    private final Consumer<@Nullable FrameCodec> readNextBy;

    /** Those that have left, in the order of their answers. One answer is requested at a time: it may have its own framing. */
    private final ArrayDeque<OpenQuestion> open = new ArrayDeque<>(1);

    /** Whether the next frame is read by a framing of its own. */
    private volatile boolean readingByAnswerCodec;

    OrderedQuestions(
            ChannelOutbound outbound,
            FrameStream frames,
            @Nullable FrameMetrics metrics,
            Consumer<@Nullable FrameCodec> readNextBy) {
        super(outbound, frames, metrics);
        this.readNextBy = readNextBy;
    }

    Mono<ByteBuffer> request(ByteBuffer frame, @Nullable FrameCodec answerCodec) {
        return Mono.create(asker -> {
            OpenQuestion question = new OpenQuestion(frame, answerCodec, asker, cancelled -> {});
            outbound.run(() -> ask(question));
        });
    }

    @Override
    boolean hasRoom() {
        return open.size() < MOST;
    }

    @Override
    boolean onSend(OpenQuestion question) {
        Throwable refusal = startReading();
        if (refusal != null) {
            question.fail(refusal);
            return false;
        }
        question.leaves(metrics);
        open.add(question);
        if (open.size() == 1) {
            if (question.answerCodec() != null) {
                readNextBy(question.answerCodec());
            }
            requestAnswers(1);
        }
        return true;
    }

    @Override
    void onFrame(ByteBuffer answer) {
        OpenQuestion question = open.poll();
        if (question == null) {
            return; // the stream was given up meanwhile
        }
        OpenQuestion next = open.peek();
        FrameCodec nextCodec = next == null ? null : next.answerCodec();
        if (question.answerCodec() != nextCodec) {
            readNextBy(nextCodec);
        }
        if (next == null) {
            stopReading(); // before the answer is told: whoever gets it may be the next reader
        }
        question.answer(answer);
        requestAnswers(next == null ? 0 : 1);
        onRoom();
    }

    private void readNextBy(@Nullable FrameCodec codec) {
        readingByAnswerCodec = codec != null;
        readNextBy.accept(codec);
    }

    boolean isReadingByAnswerCodec() {
        return readingByAnswerCodec;
    }

    @Override
    void onEnd(Throwable reason, boolean completed) {
        List<OpenQuestion> unanswered = new ArrayList<>(open);
        open.clear();
        unanswered.forEach(question -> question.fail(reason));
    }
}
