package reactor.framing.studio;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.nio.ByteBuffer;
import org.reactivestreams.Subscription;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.format.LengthField;
import reactor.netty.channel.ChannelOperations;

/**
 * One read of 64 KiB under {@code request(1)}, at full size: what the codec holds of it, and what a decoder in the
 * pipeline has queued.
 *
 * @param chunkBytes the length of the read
 * @param requested how many frames are requested
 * @param codecDelivered how many the codec delivers
 * @param codecQueued how many frames it has made that nobody requested
 * @param codecHeld how many bytes of the chunk it holds
 * @param pipelineDelivered how many frames come out behind Netty's decoder
 * @param pipelineQueued how many frames it has made that nobody requested
 */
record Pressure(
        int chunkBytes,
        int requested,
        int codecDelivered,
        int codecQueued,
        int codecHeld,
        int pipelineDelivered,
        int pipelineQueued) {

    private static final int CHUNK = 64 * 1024;

    static Pressure measure(int requested) {
        Counter<ByteBuffer> codec = new Counter<>();
        Counting framing = new Counting(LengthField.ofSize(2));
        FrameCodec.of(framing)
                .decode(Flux.just(ByteBuffer.wrap(frames())).concatWith(Flux.never()))
                .subscribe(codec);
        codec.request(requested);
        int held = codec.operator.scanOrDefault(Scannable.Attr.BUFFERED, 0);
        int delivered = codec.count;
        int queued = framing.made - delivered;
        codec.cancel();

        int[] decoded = {0};
        EmbeddedChannel channel = PipelineRun.channel(
                new LengthFieldBasedFrameDecoder(CHUNK, 0, 2, 0, 2), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object frame) throws Exception {
                        decoded[0]++;
                        super.channelRead(ctx, frame);
                    }
                });
        Counter<ByteBuf> pipeline = new Counter<>();
        ChannelOperations.get(channel).receive().subscribe(pipeline);
        pipeline.request(requested);
        channel.writeInbound(Unpooled.wrappedBuffer(frames()));
        channel.runPendingTasks();
        int pipelineDelivered = pipeline.count;
        int pipelineQueued = decoded[0] - pipelineDelivered;
        pipeline.cancel();
        channel.finishAndReleaseAll();
        return new Pressure(CHUNK, requested, delivered, queued, held, pipelineDelivered, pipelineQueued);
    }

    /** Frames of 2 bytes behind lengths of 2 bytes. */
    private static byte[] frames() {
        byte[] bytes = new byte[CHUNK];
        for (int i = 0; i < CHUNK; i += 4) {
            bytes[i + 1] = 2;
        }
        return bytes;
    }

    /** Counts the frames that its decoder makes. */
    private static final class Counting implements Framing {

        private final Framing framing;
        private int made;

        Counting(Framing framing) {
            this.framing = framing;
        }

        @Override
        public FrameDecoder newDecoder() {
            FrameDecoder decoder = framing.newDecoder();
            return new FrameDecoder() {
                @Override
                public boolean decode(ByteBuffer chunk, FrameSink frame) {
                    boolean whole = decoder.decode(chunk, frame);
                    made += whole ? 1 : 0;
                    return whole;
                }

                @Override
                public boolean complete(FrameSink frame) {
                    return decoder.complete(frame);
                }
            };
        }

        @Override
        public FrameEncoder newEncoder() {
            return framing.newEncoder();
        }
    }

    private static final class Counter<T> extends BaseSubscriber<T> {

        private Scannable operator = Scannable.from(null);
        private int count;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            operator = Scannable.from(subscription);
        }

        @Override
        protected void hookOnNext(T frame) {
            count++;
        }
    }
}
