package reactor.framing.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A frame timeout against the other signals. The clock is a virtual one that an actor turns.
 */
public class TimerStress {

    private TimerStress() {}

    @JCStressTest
    @Description("The rest of a frame comes while its time runs out.")
    @Outcome(id = "abc/", expect = ACCEPTABLE, desc = "the rest was in time")
    @Outcome(id = "T/a", expect = ACCEPTABLE, desc = "the rest was late, and dropped")
    @Outcome(id = "T/abc", expect = ACCEPTABLE, desc = "the rest was held when the time ran out")
    @State
    public static class TimerNext {

        private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        private final Probe probe = new Probe(Probe.CODEC.frameTimeout(Probe.TIMEOUT, clock)::decode);

        public TimerNext() {
            probe.ask(Long.MAX_VALUE);
            probe.send("2a");
        }

        @Actor
        public void actor1() {
            probe.send("b1c");
        }

        @Actor
        public void actor2() {
            clock.advanceTimeBy(Probe.TIMEOUT);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("The subscriber cancels while the time of a frame runs out.")
    @Outcome(id = "T/a", expect = ACCEPTABLE, desc = "the time ran out")
    @Outcome(id = "/a", expect = ACCEPTABLE, desc = "the cancel was first")
    @State
    public static class TimerCancel {

        private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        private final Probe probe = new Probe(Probe.CODEC.frameTimeout(Probe.TIMEOUT, clock)::decode);

        public TimerCancel() {
            probe.ask(Long.MAX_VALUE);
            probe.send("2a");
        }

        @Actor
        public void actor1() {
            probe.stop();
        }

        @Actor
        public void actor2() {
            clock.advanceTimeBy(Probe.TIMEOUT);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("The stream ends while the time of its last frame runs out.")
    @Outcome(id = "T/a", expect = ACCEPTABLE, desc = "the time ran out")
    @Outcome(id = "!/a", expect = ACCEPTABLE, desc = "the truncation was first")
    @State
    public static class TimerComplete {

        private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        private final Probe probe = new Probe(Probe.CODEC.frameTimeout(Probe.TIMEOUT, clock)::decode);

        public TimerComplete() {
            probe.ask(Long.MAX_VALUE);
            probe.send("2a");
        }

        @Actor
        public void actor1() {
            probe.complete();
        }

        @Actor
        public void actor2() {
            clock.advanceTimeBy(Probe.TIMEOUT);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = probe.result();
        }
    }

    @JCStressTest
    @Description("A frame is requested and comes while the time of the one before runs out.")
    @Outcome(id = "abc/", expect = ACCEPTABLE, desc = "the rest was in time")
    @Outcome(id = "T/a", expect = ACCEPTABLE, desc = "the rest was late, and dropped")
    @Outcome(id = "T/abc", expect = ACCEPTABLE, desc = "the rest was held when the time ran out")
    @State
    public static class TimerNextRequest {

        private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        private final Probe probe = new Probe(Probe.CODEC.frameTimeout(Probe.TIMEOUT, clock)::decode);

        public TimerNextRequest() {
            probe.ask(1);
            probe.send("2a");
        }

        @Actor
        public void actor1() {
            probe.send("b1c");
        }

        @Actor
        public void actor2() {
            clock.advanceTimeBy(Probe.TIMEOUT);
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
}
