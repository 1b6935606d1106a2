package reactor.framing.studio;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.framing.FrameCodec;
import reactor.framing.FramingException;
import reactor.framing.studio.Formats.Built;
import reactor.framing.studio.Scenario.Chunk;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Runs a scenario through the real operator, on a clock of its own, and writes down what happens. The source sends a
 * chunk when it is asked for one, as a socket does, and overwrites the chunk when {@code onNext} returns.
 */
final class Run {

    /** After so many steps a run is given up. */
    static final int MAX_STEPS = 6000;

    /** How long a chunk is on its way. */
    static final int CHUNK_MILLIS = 10;

    private static final Set<String> WHILE_DECODING = Set.of("chunk", "read", "expect", "whole", "lost");

    /** Longer than anything that a scenario can wait for. */
    private static final Duration QUIET = Duration.ofDays(10);

    /** How long it takes to request by hand. */
    private static final int HAND_MILLIS = 1000;

    private final Scenario scenario;
    private final Built format;
    private final byte[] stream;
    private final List<Chunk> chunks;
    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final List<Step> steps = new ArrayList<>();

    private final Recorder recorder;
    private final Sender sender = new Sender();
    private final Subscriber subscriber;
    private final PipelineRun pipeline;

    private boolean cut;

    /** What the operator held when it was last between two calls of the decoder, which is when its figure counts. */
    private int held;

    /** The pauses in which the run came to rest, which are nobody's time. */
    private long skippedMillis;

    private Run(Scenario scenario, Built format, byte[] stream) {
        this.scenario = scenario;
        subscriber = new Subscriber(scenario.demand());
        this.format = format;
        this.stream = stream;
        chunks = scenario.chunks(stream.length);
        recorder = new Recorder(format.framing(), format.anatomy(), stream, this::add);
        pipeline = scenario.beside().pipeline() && format.netty() != null
                ? new PipelineRun(scenario, format, stream, chunks, clock, this::millis, this::add)
                : null;
    }

    /**
     * Runs a scenario.
     *
     * @param scenario what to run
     * @return all that happened
     * @throws BadRequest if the scenario cannot be run
     */
    static Trace of(Scenario scenario) {
        Built receiving = Formats.build(scenario.framing());
        Built sending = scenario.sender() == null ? receiving : Formats.build(scenario.sender());
        byte[] stream = Stream.of(scenario, sending);
        Run run = new Run(scenario, receiving, stream);
        try {
            run.run();
        } finally {
            run.clock.dispose();
        }
        return run.trace(sending);
    }

    private void run() {
        FrameCodec codec = FrameCodec.of(recorder);
        Scenario.Policy policy = scenario.policy();
        if (policy.maxFrameLength() != null) {
            codec = codec.maxFrameLength(policy.maxFrameLength());
        }
        if (policy.skipInvalid()) {
            codec = codec.skipInvalid(this::skipped);
        }
        if (policy.frameTimeoutMillis() > 0) {
            codec = codec.frameTimeout(Duration.ofMillis(policy.frameTimeoutMillis()), clock);
        }
        codec.decode(sender).subscribe(subscriber);
        if (pipeline != null) {
            pipeline.start();
        }
        clock.advanceTimeBy(QUIET);
        for (int n :
                scenario.demand().mode().equals("manual") ? scenario.demand().plan() : List.<Integer>of()) {
            skippedMillis = clock.now(TimeUnit.MILLISECONDS) - lastMillis() - HAND_MILLIS;
            subscriber.requestByHand(n);
            if (pipeline != null) {
                pipeline.requestByHand(n);
            }
            clock.advanceTimeBy(QUIET);
        }
        subscriber.cancel();
        if (pipeline != null) {
            pipeline.stop();
        }
    }

    private Trace trace(Built sending) {
        List<int[]> borders = new ArrayList<>();
        chunks.forEach(chunk -> borders.add(new int[] {chunk.from(), chunk.to()}));
        return new Trace(
                Bytes.hex(stream),
                format.code(),
                scenario.sender() == null ? null : sending.code(),
                policyCode(),
                borders,
                steps,
                cut,
                scenario.beside().noLoop() ? NoLoop.of(format, stream, chunks, limit()) : null,
                format.netty() != null);
    }

    private String policyCode() {
        Scenario.Policy policy = scenario.policy();
        return "FrameCodec.of(" + format.code() + ")"
                + (policy.maxFrameLength() == null ? "" : ".maxFrameLength(" + policy.maxFrameLength() + ")")
                + (policy.skipInvalid() ? ".skipInvalid(onSkipped)" : "")
                + (policy.frameTimeoutMillis() == 0
                        ? ""
                        : ".frameTimeout(Duration.ofMillis(" + policy.frameTimeoutMillis() + "))");
    }

    private int limit() {
        Integer limit = scenario.policy().maxFrameLength();
        return limit == null ? 8 << 20 : limit;
    }

    // ---- what is written down

    private void add(String type, String text, List<Step.Mark> marks) {
        add(type, text, marks, null, null);
    }

    private void add(String type, String text, List<Step.Mark> marks, Step.Frame frame, Step.Fault fault) {
        if (!WHILE_DECODING.contains(type)) {
            held = subscriber.held();
        }
        add(new Step("codec", type, millis(), text, marks, frame, fault, state(), null));
    }

    private void add(Step step) {
        if (steps.size() < MAX_STEPS) {
            steps.add(step);
        } else {
            cut = true;
            subscriber.cancel();
        }
    }

    private long millis() {
        return clock.now(TimeUnit.MILLISECONDS) - skippedMillis;
    }

    private long lastMillis() {
        return steps.isEmpty() ? 0 : steps.get(steps.size() - 1).millis();
    }

    private Step.Codec state() {
        String waits = sender.asked > 0 && subscriber.ended() == null ? recorder.waits() : null;
        return new Step.Codec(
                subscriber.demand(),
                sender.next,
                sender.arrived(),
                recorder.read(),
                held,
                subscriber.frames(),
                recorder.frameStart(),
                recorder.received(),
                recorder.expected(),
                waits,
                subscriber.ended());
    }

    private void skipped(FramingException fault) {
        add(
                "skipped",
                Recorder.count(fault.skippedBytes(), "byte") + " passed over, and the stream goes on.",
                recorder.passedOver(fault),
                null,
                Step.Fault.of(fault));
    }

    /** A socket that is read when a chunk is requested, and not before. */
    private final class Sender implements Publisher<ByteBuffer>, Subscription {

        private org.reactivestreams.Subscriber<? super ByteBuffer> receiver;
        private long asked;
        private int next;
        private boolean isOnItsWay;
        private boolean cancelled;

        int arrived() {
            return next == 0 ? 0 : chunks.get(next - 1).to();
        }

        @Override
        public void subscribe(org.reactivestreams.Subscriber<? super ByteBuffer> receiver) {
            this.receiver = receiver;
            receiver.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            asked = Operators.addCap(asked, n);
            String waits = recorder.frameStart() < 0 ? "" : "Wait: " + recorder.waits() + ". ";
            add("pull", waits + "The decoder asks for " + Recorder.count(n, "chunk") + ".", List.of());
            send();
        }

        private void send() {
            if (cancelled || isOnItsWay || asked == 0 || next == chunks.size()) {
                if (next == 0 && chunks.isEmpty()) {
                    clock.schedule(this::close);
                }
                return;
            }
            isOnItsWay = true;
            long delay = CHUNK_MILLIS;
            if (scenario.faults().stallBefore() == next) {
                long stall = scenario.faults().stallMillis();
                add(
                        "stall",
                        stall == 0
                                ? "The sender stalls, and never sends again."
                                : "The sender stalls for " + stall + " ms.",
                        List.of());
                if (stall == 0) {
                    return;
                }
                delay = stall;
            }
            clock.schedule(this::arrive, delay, TimeUnit.MILLISECONDS);
        }

        private void arrive() {
            if (cancelled) {
                return;
            }
            Chunk chunk = chunks.get(next++);
            isOnItsWay = false;
            asked--;
            byte[] borrowed = Arrays.copyOfRange(stream, chunk.from(), chunk.to());
            add("chunk", "Chunk " + next + " arrives: " + Recorder.count(chunk.length(), "byte") + ".", List.of());
            receiver.onNext(ByteBuffer.wrap(borrowed));
            Arrays.fill(borrowed, (byte) 0xEE);
            subscriber.tellIfHeld();
            if (next == chunks.size() && scenario.faults().stallBefore() != next) {
                clock.schedule(this::close, CHUNK_MILLIS, TimeUnit.MILLISECONDS);
            }
            send();
        }

        private void close() {
            if (!cancelled) {
                cancelled = true;
                add("close", "The sender closes the connection.", List.of());
                receiver.onComplete();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    /** The subscriber at the end, which writes down what it gets. */
    private final class Subscriber extends PlannedSubscriber<ByteBuffer> {

        private Scannable operator = Scannable.from(null);
        private boolean isToldHeld;

        Subscriber(Scenario.Demand plan) {
            super(plan, clock);
        }

        int held() {
            return operator.scanOrDefault(Scannable.Attr.BUFFERED, 0);
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            operator = Scannable.from(subscription);
            if (scenario.demand().mode().equals("manual")) {
                add("idle", "Nothing is requested yet, so nothing is read.", List.of());
            }
            super.hookOnSubscribe(subscription);
        }

        @Override
        void requests(long n) {
            isToldHeld = false;
            String what = n == Long.MAX_VALUE ? "without bound" : Recorder.count(n, "frame");
            add("request", "The subscriber requests " + what + ".", List.of());
        }

        @Override
        void hasRequested() {
            tellIfHeld();
        }

        /** Says so if what has arrived waits for demand. */
        void tellIfHeld() {
            if (demand() == 0 && ended() == null && !isToldHeld) {
                isToldHeld = true;
                int unread = sender.arrived() - recorder.read();
                String rest = unread > 0 ? Recorder.count(unread, "byte") + " of the chunk stay unread, and n" : "N";
                add("held", "No demand is left. " + rest + "othing more is asked of the sender.", List.of());
            }
        }

        @Override
        void delivered(ByteBuffer frame) {
            byte[] bytes = Bytes.of(frame);
            WireFrame wire = recorder.delivered();
            Step.Frame out = new Step.Frame(
                    frames() - 1,
                    wire == null ? -1 : wire.start(),
                    wire == null ? -1 : wire.start() + wire.length(),
                    Bytes.hex(bytes),
                    Bytes.text(bytes));
            String text = out.text().length() > 60 ? out.text().substring(0, 60) + "…" : out.text();
            add("frame", "Frame " + frames() + " is delivered: “" + text + "”.", List.of(), out, null);
        }

        @Override
        void ended(Throwable error) {
            if (error == null) {
                add("complete", "The stream is complete: onComplete.", List.of());
            } else {
                Step.Fault fault = Step.Fault.of(error);
                add("error", "The stream ends in a " + fault.type() + ".", List.of(), null, fault);
            }
        }
    }
}
