package reactor.framing.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * The drain loop of {@code FrameCodec.decode}, with borrowed chunks. What is not listed as an outcome is forbidden: a
 * frame that is lost, doubled, out of order, changed or more than was requested, a signal beside another, and bytes
 * that are neither emitted nor discarded, or both.
 */
public class DecodeStress {

    private DecodeStress() {}

    @JCStressTest
    @Description("A chunk of three frames comes while two more are requested.")
    @Outcome(id = "abc/ 1", expect = ACCEPTABLE, desc = "each frame once, and no second chunk was requested")
    @State
    public static class RequestNext {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public RequestNext() {
            probe.ask(1);
        }

        @Actor
        public void actor1() {
            probe.send("1a1b1c");
        }

        @Actor
        public void actor2() {
            probe.ask(1);
        }

        @Actor
        public void actor3() {
            probe.ask(1);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.resultAndRequests();
        }
    }

    @JCStressTest
    @Description("A chunk comes while the subscriber cancels.")
    @Outcome(id = "ab/", expect = ACCEPTABLE, desc = "before the cancel")
    @Outcome(id = "a/b", expect = ACCEPTABLE, desc = "in the middle")
    @Outcome(id = "/ab", expect = ACCEPTABLE, desc = "behind the cancel")
    @State
    public static class CancelNext {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public CancelNext() {
            probe.ask(Long.MAX_VALUE);
        }

        @Actor
        public void actor1() {
            probe.send("1a1b");
        }

        @Actor
        public void actor2() {
            probe.stop();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("A chunk ends a frame that has begun, and begins one, while the subscriber cancels.")
    @Outcome(id = "abc/d", expect = ACCEPTABLE, desc = "before the cancel")
    @Outcome(id = "ab/cd", expect = ACCEPTABLE, desc = "in the middle")
    @Outcome(id = "/abcd", expect = ACCEPTABLE, desc = "behind the cancel")
    @State
    public static class CancelNextInFrame {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public CancelNextInFrame() {
            probe.ask(Long.MAX_VALUE);
            probe.send("2a");
        }

        @Actor
        public void actor1() {
            probe.send("b1c2d");
        }

        @Actor
        public void actor2() {
            probe.stop();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("The stream ends while what is held is requested.")
    @Outcome(id = "abc[|]/", expect = ACCEPTABLE, desc = "all frames, then the end")
    @State
    public static class CompleteRequest {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public CompleteRequest() {
            probe.ask(1);
            probe.send("1a1b1c");
        }

        @Actor
        public void actor1() {
            probe.complete();
        }

        @Actor
        public void actor2() {
            probe.ask(1);
        }

        @Actor
        public void actor3() {
            probe.ask(1);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("The stream fails while what is held is requested.")
    @Outcome(id = "abc!/", expect = ACCEPTABLE, desc = "all frames, then the error")
    @State
    public static class ErrorRequest {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public ErrorRequest() {
            probe.ask(1);
            probe.send("1a1b1c");
        }

        @Actor
        public void actor1() {
            probe.error();
        }

        @Actor
        public void actor2() {
            probe.ask(1);
        }

        @Actor
        public void actor3() {
            probe.ask(1);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("The stream ends while the last frame is requested and the subscriber cancels.")
    @Outcome(id = "a/b", expect = ACCEPTABLE, desc = "the cancel was first")
    @Outcome(id = "ab/", expect = ACCEPTABLE, desc = "the cancel was in the middle")
    @Outcome(id = "ab[|]/", expect = ACCEPTABLE, desc = "the cancel was last")
    @State
    public static class CompleteCancelRequest {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public CompleteCancelRequest() {
            probe.ask(1);
            probe.send("1a1b");
        }

        @Actor
        public void actor1() {
            probe.complete();
        }

        @Actor
        public void actor2() {
            probe.ask(1);
        }

        @Actor
        public void actor3() {
            probe.stop();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("What is held is requested while the subscriber cancels.")
    @Outcome(id = "a/bc", expect = ACCEPTABLE, desc = "the cancel was first")
    @Outcome(id = "ab/c", expect = ACCEPTABLE, desc = "in the middle")
    @Outcome(id = "abc/", expect = ACCEPTABLE, desc = "last")
    @State
    public static class CancelRequest {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public CancelRequest() {
            probe.ask(1);
            probe.send("1a1b1c");
        }

        @Actor
        public void actor1() {
            probe.ask(2);
        }

        @Actor
        public void actor2() {
            probe.stop();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("Two threads cancel.")
    @Outcome(id = "a/b", expect = ACCEPTABLE, desc = "what is held is discarded once")
    @State
    public static class CancelCancel {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public CancelCancel() {
            probe.ask(1);
            probe.send("1a1b");
        }

        @Actor
        public void actor1() {
            probe.stop();
        }

        @Actor
        public void actor2() {
            probe.stop();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("The last chunk and the end come while more is requested.")
    @Outcome(id = "ab[|]/", expect = ACCEPTABLE, desc = "all frames, then the end")
    @State
    public static class NextThenCompleteRequest {

        private final Probe probe = new Probe(Probe.CODEC::decode);

        public NextThenCompleteRequest() {
            probe.ask(1);
        }

        @Actor
        public void actor1() {
            probe.send("1a1b");
            probe.complete();
        }

        @Actor
        public void actor2() {
            probe.ask(1);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }
}
