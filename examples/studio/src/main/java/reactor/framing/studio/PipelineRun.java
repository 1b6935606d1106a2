package reactor.framing.studio;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import reactor.framing.studio.Formats.Built;
import reactor.framing.studio.Scenario.Chunk;
import reactor.netty.ConnectionObserver;
import reactor.netty.channel.ChannelOperations;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Runs the same chunks and the same demand through Netty's decoder in the pipeline of a channel, and Reactor Netty's
 * {@code receive()} behind it. A chunk is written when the channel is asked to read.
 */
final class PipelineRun {

    private final Scenario scenario;
    private final byte[] stream;
    private final List<Chunk> chunks;
    private final VirtualTimeScheduler clock;
    private final LongSupplier millis;
    private final Consumer<Step> log;
    private final EmbeddedChannel channel;
    private final Subscriber subscriber;

    private int next;
    private boolean isOnItsWay;
    private boolean closed;
    private int decoded;
    private int decodedBytes;
    private int frameBytes;

    PipelineRun(
            Scenario scenario,
            Built format,
            byte[] stream,
            List<Chunk> chunks,
            VirtualTimeScheduler clock,
            LongSupplier millis,
            Consumer<Step> log) {
        this.scenario = scenario;
        subscriber = new Subscriber(scenario.demand(), clock);
        this.stream = stream;
        this.chunks = chunks;
        this.clock = clock;
        this.millis = millis;
        this.log = log;
        Integer limit = scenario.policy().maxFrameLength();
        channel =
                channel(new ReadListener(), format.netty().apply(limit == null ? 8 << 20 : limit), new FrameCounter());
    }

    /** A channel with these handlers and, behind them, what {@code receive()} reads from. */
    static EmbeddedChannel channel(ChannelHandler... handlers) {
        return new EmbeddedChannel(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.config().setAutoRead(false);
                channel.pipeline().addLast(handlers);
                ChannelOperations.addReactiveBridge(
                        channel,
                        (connection, listener, message) -> new ChannelOperations<>(connection, listener),
                        ConnectionObserver.emptyListener());
            }
        });
    }

    void start() {
        ChannelOperations.get(channel).receive().subscribe(subscriber);
        channel.runPendingTasks();
    }

    void requestByHand(int n) {
        subscriber.requestByHand(n);
    }

    void stop() {
        closed = true;
        subscriber.cancel();
        channel.finishAndReleaseAll();
    }

    private void add(String type, String text, Step.Frame frame, Step.Fault fault) {
        Step.Pipeline state = new Step.Pipeline(
                subscriber.demand(),
                next,
                next == 0 ? 0 : chunks.get(next - 1).to(),
                decoded - subscriber.frames(),
                decodedBytes - frameBytes,
                subscriber.frames(),
                subscriber.ended());
        log.accept(new Step(
                "pipeline", type, millis.getAsLong(), "Pipeline: " + text, List.of(), frame, fault, null, state));
    }

    /** The channel has been asked to read. */
    private void send() {
        if (closed || isOnItsWay || next == chunks.size()) {
            return;
        }
        long delay = Run.CHUNK_MILLIS;
        if (scenario.faults().stallBefore() == next) {
            delay = scenario.faults().stallMillis();
            if (delay == 0) {
                return;
            }
        }
        isOnItsWay = true;
        clock.schedule(this::arrive, delay, TimeUnit.MILLISECONDS);
    }

    private void arrive() {
        if (closed) {
            return;
        }
        isOnItsWay = false;
        Chunk chunk = chunks.get(next++);
        add("chunk", "chunk " + next + " arrives.", null, null);
        int before = decoded;
        channel.writeInbound(Unpooled.copiedBuffer(stream, chunk.from(), chunk.length()));
        channel.runPendingTasks();
        if (decoded > before) {
            String made = Recorder.count(decoded - before, "frame");
            add(
                    "queued",
                    "Netty's decoder made " + made + " of it; " + (decoded - subscriber.frames()) + " in the queue.",
                    null,
                    null);
        }
        if (next == chunks.size() && scenario.faults().stallBefore() != next) {
            clock.schedule(this::close, Run.CHUNK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            channel.close();
            channel.runPendingTasks();
        }
    }

    private final class ReadListener extends ChannelOutboundHandlerAdapter {

        @Override
        public void read(ChannelHandlerContext ctx) throws Exception {
            send();
            super.read(ctx);
        }
    }

    private final class FrameCounter extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) throws Exception {
            decoded++;
            decodedBytes += content(frame).readableBytes();
            super.channelRead(ctx, frame);
        }
    }

    private static ByteBuf content(Object frame) {
        return frame instanceof ByteBufHolder holder ? holder.content() : (ByteBuf) frame;
    }

    private final class Subscriber extends PlannedSubscriber<ByteBuf> {

        Subscriber(Scenario.Demand plan, VirtualTimeScheduler clock) {
            super(plan, clock);
        }

        @Override
        void requests(long n) {}

        @Override
        void hasRequested() {
            channel.runPendingTasks();
        }

        @Override
        void delivered(ByteBuf frame) {
            byte[] bytes = ByteBufUtil.getBytes(frame);
            frameBytes += bytes.length;
            Step.Frame out = new Step.Frame(frames() - 1, -1, -1, Bytes.hex(bytes), Bytes.text(bytes));
            add("frame", "frame " + frames() + " is delivered.", out, null);
        }

        @Override
        void ended(Throwable error) {
            if (error == null) {
                add("complete", "onComplete, after " + Recorder.count(frames(), "frame") + ".", null, null);
            } else {
                Step.Fault fault = Step.Fault.of(error);
                add("error", "the stream ends in a " + fault.type() + ".", null, fault);
            }
        }
    }
}
