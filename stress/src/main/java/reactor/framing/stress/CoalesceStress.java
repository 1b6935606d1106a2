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
 * The drain loop of {@code FrameCodec.encode} with {@code coalesce}. What is not listed as an outcome is forbidden.
 */
public class CoalesceStress {

    private CoalesceStress() {}

    @JCStressTest
    @Description("Two frames come while two chunks are requested.")
    @Outcome(id = "ab/", expect = ACCEPTABLE, desc = "each frame once")
    @State
    public static class NextRequest {

        private final Probe probe =
                new Probe(frames -> Probe.CODEC.coalesce(100).encode(frames));

        @Actor
        public void actor1() {
            probe.frame("a");
            probe.frame("b");
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
    @Description("Two frames come while the subscriber cancels.")
    @Outcome(id = "ab/", expect = ACCEPTABLE, desc = "both before the cancel")
    @Outcome(id = "a/b", expect = ACCEPTABLE, desc = "one before the cancel")
    @Outcome(id = "/ab", expect = ACCEPTABLE, desc = "both behind the cancel")
    @State
    public static class NextCancel {

        private final Probe probe =
                new Probe(frames -> Probe.CODEC.coalesce(100).encode(frames));

        public NextCancel() {
            probe.ask(Long.MAX_VALUE);
        }

        @Actor
        public void actor1() {
            probe.frame("a");
            probe.frame("b");
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
    @Description("The source ends while the last chunk is requested.")
    @Outcome(id = "ab[|]/", expect = ACCEPTABLE, desc = "the frames, then the end")
    @State
    public static class CompleteRequest {

        private final Probe probe =
                new Probe(frames -> Probe.CODEC.coalesce(100).encode(frames));

        public CompleteRequest() {
            probe.frame("a");
            probe.frame("b");
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
    @Description("The source fails while the last chunk is requested.")
    @Outcome(id = "ab!/", expect = ACCEPTABLE, desc = "the frames, then the error")
    @State
    public static class ErrorRequest {

        private final Probe probe =
                new Probe(frames -> Probe.CODEC.coalesce(100).encode(frames));

        public ErrorRequest() {
            probe.frame("a");
            probe.frame("b");
        }

        @Actor
        public void actor1() {
            probe.error();
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

    @JCStressTest
    @Description("The source ends while a chunk is requested and the subscriber cancels.")
    @Outcome(id = "/a", expect = ACCEPTABLE, desc = "the cancel was first")
    @Outcome(id = "a/", expect = ACCEPTABLE, desc = "the cancel was in the middle")
    @Outcome(id = "a[|]/", expect = ACCEPTABLE, desc = "the cancel was last")
    @State
    public static class CompleteCancelRequest {

        private final Probe probe =
                new Probe(frames -> Probe.CODEC.coalesce(100).encode(frames));

        public CompleteCancelRequest() {
            probe.frame("a");
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
    @Description("A frame and the end come while the subscriber cancels.")
    @Outcome(id = "/a", expect = ACCEPTABLE, desc = "the cancel was first")
    @Outcome(id = "a/", expect = ACCEPTABLE, desc = "the cancel was in the middle")
    @Outcome(id = "a[|]/", expect = ACCEPTABLE, desc = "the cancel was last")
    @State
    public static class NextThenCompleteCancel {

        private final Probe probe =
                new Probe(frames -> Probe.CODEC.coalesce(100).encode(frames));

        public NextThenCompleteCancel() {
            probe.ask(1);
        }

        @Actor
        public void actor1() {
            probe.frame("a");
            probe.complete();
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
}
