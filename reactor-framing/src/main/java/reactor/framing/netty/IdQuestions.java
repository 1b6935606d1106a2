package reactor.framing.netty;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameMetrics;
import reactor.framing.FrameStream;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.concurrent.Queues;

/**
 * Questions whose answers are found by an id.
 *
 * @param <K> an id
 */
final class IdQuestions<K> extends Questions {

    private static final Logger log = Loggers.getLogger(FramedConnection.class);

    /** How many frames are requested in advance: so many may wait for the subscriber of the others. */
    private static final int PREFETCH = 64;

    /** Of how many cancelled questions, and for how long, an answer is waited for. */
    private static final int MOST_ABANDONED = 1024;

    private static final long ABANDONED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Function<? super ByteBuffer, ? extends @Nullable K> idOf;

    private final Map<Object, OpenQuestion> open = new HashMap<>();

    /** The ids of questions that were cancelled after they had left, and when that was; the oldest first. */
    private final LinkedHashMap<Object, Long> abandoned = new LinkedHashMap<>();

    private final Sinks.Many<ByteBuffer> others = Sinks.many()
            .unicast()
            .onBackpressureBuffer(Queues.<ByteBuffer>get(PREFETCH).get());

    /** Whether the others have a subscriber. */
    private boolean hasOthers;

    /** How many frames wait for it. */
    private int waiting;

    private boolean reading;

    IdQuestions(
            ChannelOutbound outbound,
            FrameStream frames,
            @Nullable FrameMetrics metrics,
            Function<? super ByteBuffer, ? extends @Nullable K> idOf) {
        super(outbound, frames, metrics);
        this.idOf = idOf;
    }

    Mono<ByteBuffer> request(ByteBuffer frame) {
        return Mono.create(asker -> {
            OpenQuestion question =
                    new OpenQuestion(frame, null, asker, cancelled -> outbound.run(() -> abandon(cancelled)));
            outbound.run(() -> ask(question));
        });
    }

    Flux<ByteBuffer> others() {
        return others.asFlux()
                .doOnSubscribe(s -> outbound.run(this::onOthersSubscribed))
                .doOnNext(frame -> outbound.run(this::onOtherTaken))
                .doFinally(signal -> outbound.run(this::onOthersCancelled));
    }

    // ---- the frames that answer nothing

    private void onOthersSubscribed() {
        hasOthers = true;
        Throwable refusal = startReadingByIds();
        if (refusal != null) {
            others.tryEmitError(refusal);
        }
    }

    private void onOtherTaken() {
        if (waiting > 0) {
            waiting--;
            requestAnswers(1);
        }
    }

    private void onOthersCancelled() {
        hasOthers = false;
        int untaken = waiting;
        waiting = 0;
        requestAnswers(untaken);
    }

    // ---- the questions

    private @Nullable Throwable startReadingByIds() {
        Throwable refusal = startReading();
        if (refusal == null && !reading) {
            reading = true;
            requestAnswers(PREFETCH);
        }
        return refusal;
    }

    @Override
    boolean hasRoom() {
        return open.size() < MOST;
    }

    @Override
    boolean onSend(OpenQuestion question) {
        Throwable refusal = startReadingByIds();
        if (refusal == null) {
            refusal = register(question);
        }
        if (refusal != null) {
            question.fail(refusal);
        }
        return refusal == null;
    }

    private @Nullable Throwable register(OpenQuestion question) {
        Object id;
        try {
            id = idOf.apply(question.frame().asReadOnlyBuffer());
        } catch (Throwable t) {
            return t;
        }
        if (id == null) {
            return new IllegalArgumentException("The question has no id");
        }
        forgetAbandoned();
        if (abandoned.containsKey(id)) {
            return new IllegalStateException(
                    "A question with the id " + id + " was cancelled and may still be answered");
        }
        if (open.putIfAbsent(id, question) != null) {
            return new IllegalStateException("A question with the id " + id + " is open");
        }
        question.id = id;
        question.leaves(metrics);
        return null;
    }

    private void abandon(OpenQuestion question) {
        Object id = question.id;
        if (id != null && open.remove(id, question)) {
            abandoned.put(id, System.nanoTime());
            forgetAbandoned();
            onRoom();
        }
    }

    private void forgetAbandoned() {
        if (abandoned.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        Iterator<Long> times = abandoned.values().iterator();
        while (times.hasNext() && (now - times.next() > ABANDONED_NANOS || abandoned.size() > MOST_ABANDONED)) {
            times.remove();
        }
    }

    // ---- the frames

    @Override
    void onFrame(ByteBuffer frame) {
        Object id;
        try {
            id = idOf.apply(frame.asReadOnlyBuffer());
        } catch (Throwable t) {
            end(t, false); // without ids nothing can be told apart any more
            return;
        }
        OpenQuestion question = id == null ? null : open.remove(id);
        if (question != null) {
            question.answer(frame);
            requestAnswers(1);
            onRoom();
        } else if (id != null && abandoned.remove(id) != null) {
            requestAnswers(1);
        } else if (hasOthers && others.tryEmitNext(frame).isSuccess()) {
            waiting++;
        } else {
            log.debug("A frame that answers no question was dropped; its id is {}", id);
            requestAnswers(1);
        }
    }

    @Override
    void onEnd(Throwable reason, boolean completed) {
        List<OpenQuestion> unanswered = new ArrayList<>(open.values());
        open.clear();
        abandoned.clear();
        unanswered.forEach(question -> question.fail(reason));
        if (completed) {
            others.tryEmitComplete();
        } else {
            others.tryEmitError(reason);
        }
    }
}
