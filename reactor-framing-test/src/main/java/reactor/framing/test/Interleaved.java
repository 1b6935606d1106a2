package reactor.framing.test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;

/** Several streams that are read at the same time, by one codec. */
final class Interleaved {

    private Interleaved() {}

    /** Sends what it is told to, when it is told to. */
    private static final class Source extends Flux<ByteBuffer> implements Subscription {

        private final List<Event> events = new ArrayList<>();
        private @Nullable CoreSubscriber<? super ByteBuffer> actual;
        private boolean cancelled;

        Source(FrameCodec codec) {
            codec.decode(this)
                    .subscribe(
                            frame -> events.add(Event.frame(Bytes.of(frame))),
                            error -> events.add(Event.error(error)),
                            () -> events.add(Event.COMPLETE));
        }

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
            this.actual = actual;
            actual.onSubscribe(this);
        }

        void send(byte... chunk) {
            if (actual != null && !cancelled) {
                actual.onNext(ByteBuffer.wrap(chunk));
            }
        }

        void complete() {
            if (actual != null && !cancelled) {
                actual.onComplete();
            }
        }

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    static void prove(Runner runner, byte[] stream, Function<String, Failure.Report> report) {
        List<Event> expected = runner.run(stream, new int[0], Manner.PLAIN);
        FrameCodec codec = runner.codec(runner.framing(), new ArrayList<>());
        runner.progress().begin(() -> "decode streams side by side: " + Bytes.shortHex(stream));
        // ends inside a frame, or wherever the middle is
        Source before = new Source(codec);
        for (int i = 0; i < stream.length / 2; i++) {
            before.send(stream[i]);
        }
        before.complete();
        Source first = new Source(codec);
        Source second = new Source(codec);
        int behind = Math.min(3, stream.length);
        for (int i = 0; i < stream.length + behind; i++) {
            if (i < stream.length) {
                first.send(stream[i]);
            }
            if (i >= behind) {
                second.send(stream[i - behind]);
            }
        }
        first.complete();
        second.complete();
        for (Source source : List.of(first, second)) {
            if (!source.events.equals(expected)) {
                throw report.apply("streams share state: what comes of one depends on another that is read meanwhile")
                        .line("cut", Bytes.cut(stream, Matrix.everyByte(stream.length)))
                        .line("run", "the same stream twice, byte by byte in turn, " + behind + " bytes apart")
                        .line("expected", Failure.lines(expected))
                        .line("came", Failure.lines(source.events))
                        .failure();
            }
        }
    }
}
