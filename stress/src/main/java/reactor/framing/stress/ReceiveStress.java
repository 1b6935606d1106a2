package reactor.framing.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameStream;
import reactor.framing.format.LengthField;

/**
 * What a connection's {@code receive()} is made of: one stream of frames for one subscriber after the other, from
 * chunks that are handed back. What is not listed as an outcome is forbidden.
 */
public class ReceiveStress {

    private ReceiveStress() {}

    /** A stream of frames whose chunks a test sends, and counts when they are handed back. */
    private static final class Receiving extends Flux<ByteBuffer> implements Subscription {

        private final AtomicInteger handedBack = new AtomicInteger();
        private final FrameStream frames = Probe.CODEC.open(this, chunk -> {
            handedBack.incrementAndGet();
            for (int i = chunk.position(); i < chunk.limit(); i++) {
                chunk.put(i, (byte) '#');
            }
        });
        private CoreSubscriber<? super ByteBuffer> operator;

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
            operator = actual;
            actual.onSubscribe(this);
        }

        void send(String chunk) {
            operator.onNext(ByteBuffer.wrap(Probe.bytes(chunk)));
        }

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }

    /** One who reads. */
    private static final class Reader extends BaseSubscriber<ByteBuffer> {

        private final StringBuilder seen = new StringBuilder();
        private final long first;

        Reader(long first) {
            this.first = first;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            if (first > 0) {
                request(first);
            }
        }

        @Override
        protected void hookOnNext(ByteBuffer frame) {
            seen.append(Probe.text(frame));
        }

        @Override
        protected void hookOnComplete() {
            seen.append('|');
        }

        @Override
        protected void hookOnError(Throwable t) {
            seen.append('!');
        }
    }

    @JCStressTest
    @Description("A chunk comes while the reader cancels; another one reads on.")
    @Outcome(id = "abc;", expect = ACCEPTABLE, desc = "the first reader got all of it")
    @Outcome(id = "ab;c", expect = ACCEPTABLE, desc = "the cancel was in the middle")
    @Outcome(id = "a;bc", expect = ACCEPTABLE, desc = "the cancel was in the middle")
    @Outcome(id = ";abc", expect = ACCEPTABLE, desc = "the second reader got all of it")
    @State
    public static class CancelNext {

        private final Receiving receiving = new Receiving();
        private final Reader first = new Reader(Long.MAX_VALUE);

        public CancelNext() {
            receiving.frames.receive().subscribe(first);
        }

        @Actor
        public void actor1() {
            receiving.send("1a1b1c");
        }

        @Actor
        public void actor2() {
            first.cancel();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            Reader second = new Reader(Long.MAX_VALUE);
            receiving.frames.receive().subscribe(second);
            result.r1 = first.seen + ";" + second.seen;
        }
    }

    @JCStressTest
    @Description("One reader cancels while another subscribes and a chunk comes.")
    @Outcome(id = "ab;", expect = ACCEPTABLE, desc = "the first reader got all of it")
    @Outcome(id = "ab;!", expect = ACCEPTABLE, desc = "the same, and the second was refused")
    @Outcome(id = "a;b", expect = ACCEPTABLE, desc = "the cancel was in the middle")
    @Outcome(id = ";ab", expect = ACCEPTABLE, desc = "the second reader got all of it")
    @Outcome(id = ";!", expect = ACCEPTABLE, desc = "the second was refused; the frames wait for the next")
    @Outcome(id = "a;!", expect = ACCEPTABLE, desc = "the second was refused; the rest waits for the next")
    @State
    public static class CancelSubscribeNext {

        private final Receiving receiving = new Receiving();
        private final Reader first = new Reader(Long.MAX_VALUE);
        private final Reader second = new Reader(Long.MAX_VALUE);

        public CancelSubscribeNext() {
            receiving.frames.receive().subscribe(first);
        }

        @Actor
        public void actor1() {
            receiving.send("1a1b");
        }

        @Actor
        public void actor2() {
            first.cancel();
        }

        @Actor
        public void actor3() {
            receiving.frames.receive().subscribe(second);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = first.seen + ";" + second.seen;
        }
    }

    @JCStressTest
    @Description("A chunk comes while the stream is aborted.")
    @Outcome(id = "!1", expect = ACCEPTABLE, desc = "the abort was first, and the chunk was handed back")
    @Outcome(id = "a!1", expect = ACCEPTABLE, desc = "the abort was in the middle")
    @Outcome(id = "ab!1", expect = ACCEPTABLE, desc = "the abort was last")
    @State
    public static class AbortNext {

        private final Receiving receiving = new Receiving();
        private final Reader reader = new Reader(Long.MAX_VALUE);

        public AbortNext() {
            receiving.frames.receive().subscribe(reader);
        }

        @Actor
        public void actor1() {
            receiving.send("1a1b");
        }

        @Actor
        public void actor2() {
            receiving.frames.abort(new IllegalStateException("closed"));
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = reader.seen + "" + receiving.handedBack;
        }
    }

    @JCStressTest
    @Description("What is held is requested while the stream is aborted and the reader cancels.")
    @Outcome(id = "a1", expect = ACCEPTABLE, desc = "the cancel was first")
    @Outcome(id = "a!1", expect = ACCEPTABLE, desc = "the abort was first")
    @Outcome(id = "ab1", expect = ACCEPTABLE, desc = "the request was first, then the cancel")
    @Outcome(id = "ab!1", expect = ACCEPTABLE, desc = "the request was first, then the abort")
    @State
    public static class AbortCancelRequest {

        private final Receiving receiving = new Receiving();
        private final Reader reader = new Reader(1);

        public AbortCancelRequest() {
            receiving.frames.receive().subscribe(reader);
            receiving.send("1a1b");
        }

        @Actor
        public void actor1() {
            reader.request(1);
        }

        @Actor
        public void actor2() {
            receiving.frames.abort(new IllegalStateException("closed"));
        }

        @Actor
        public void actor3() {
            reader.cancel();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = reader.seen + "" + receiving.handedBack;
        }
    }

    @JCStressTest
    @Description("The framing changes while the next frame is requested.")
    @Outcome(id = "ab", expect = ACCEPTABLE, desc = "the next frame was read by the framing before")
    @Outcome(id = "aXb", expect = ACCEPTABLE, desc = "the next frame was read by the framing that follows")
    @State
    public static class SwitchRequest {

        private static final FrameCodec FOLLOWING =
                FrameCodec.of(LengthField.ofSize(1).after(1).strip(1));

        private final Receiving receiving = new Receiving();
        private final Reader reader = new Reader(1);

        public SwitchRequest() {
            receiving.frames.receive().subscribe(reader);
            receiving.send("1a1b");
        }

        @Actor
        public void actor1() {
            reader.request(1);
        }

        @Actor
        public void actor2() {
            receiving.frames.switchTo(FOLLOWING);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            // by the framing that follows, "1b" is a header, and the frame goes on
            receiving.send("b");
            result.r1 = reader.seen.toString().equals("abb") ? "aXb" : reader.seen.toString();
        }
    }
}
