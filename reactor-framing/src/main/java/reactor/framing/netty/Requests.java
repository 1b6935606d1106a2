package reactor.framing.netty;

import java.nio.ByteBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Questions and answers that carry an id; made by {@link FramedConnection#requests}. Answers may come in any order.
 *
 * <p>From its first question on, this is who reads the connection. Up to 256 questions are open at a time; those that
 * come later wait before they are sent.
 */
public final class Requests {

    private final IdQuestions<?> questions;

    Requests(IdQuestions<?> questions) {
        this.questions = questions;
    }

    /**
     * Sends a question when it is subscribed to, and waits for the answer with its id. Cancelling, by a timeout for
     * instance, concerns nobody else: the answer is dropped when it comes. Until then, for at most 30 seconds, and as
     * long as not more than 1,024 such answers are missing, no other question may have the id.
     *
     * <p><strong>Errors:</strong> {@link reactor.framing.FramingException} if the frame cannot be written;
     * {@link IllegalStateException} if the id is in use, or somebody else reads the connection;
     * {@link IllegalArgumentException} if the question has no id; what {@code idOf} throws; and when the connection
     * ends before the answer comes, the reason of that.
     *
     * @param frame the question, left as it is until it has been sent
     * @return the answer
     */
    public Mono<ByteBuffer> request(ByteBuffer frame) {
        return questions.request(frame);
    }

    /**
     * Returns the frames that answer no question, for one subscriber. Before there is one, and when it has cancelled,
     * such frames are dropped. When 64 frames wait for a slow subscriber, answers wait behind them.
     *
     * @return frames that answer no question; they end as {@link FramedConnection#receive()} does
     */
    public Flux<ByteBuffer> others() {
        return questions.others();
    }
}
