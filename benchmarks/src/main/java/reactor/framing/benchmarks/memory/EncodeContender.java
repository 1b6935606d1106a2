package reactor.framing.benchmarks.memory;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.benchmarks.memory.EncodeWorkload.Source;

/** Who encodes. */
enum EncodeContender {
    LIMIT("limit, a buffer a frame", (s, w) -> () -> limit(s).encode(s.frames(), w)),
    LIMIT_COALESCED("limit, packed into 64 KiB", (s, w) -> () -> limit(s).coalesce(s.frames(), w)),
    ENCODE("`encode`", (s, w) -> ReactorRun.encoded(codec(s).encode(frames(s)), w)),
    COALESCE(
            "`encode`, `coalesce(64 KiB)`",
            (s, w) -> ReactorRun.encoded(packing(s).encode(frames(s)), w)),
    WRITE("`write`", (s, w) -> ReactorRun.encoded(codec(s).write(frames(s), EncodeContender::write), w)),
    WRITE_COALESCED(
            "`write`, `coalesce(64 KiB)`",
            (s, w) -> ReactorRun.encoded(packing(s).write(frames(s), EncodeContender::write), w)),
    HAND_WRITTEN("by hand in Reactor", (s, w) -> ReactorRun.encoded(frames(s).map(limit(s)::encoded), w)),
    NETTY_POOLED("Netty, pooled", (s, w) -> new NettyEncoders(s, PooledByteBufAllocator.DEFAULT, w)),
    NETTY_ADAPTIVE("Netty, adaptive", (s, w) -> new NettyEncoders(s, new AdaptiveByteBufAllocator(true), w)),
    NETTY_UNPOOLED("Netty, unpooled", (s, w) -> new NettyEncoders(s, UnpooledByteBufAllocator.DEFAULT, w));

    final String label;
    private final BiFunction<Source, Wire, Run> factory;

    EncodeContender(String label, BiFunction<Source, Wire, Run> factory) {
        this.label = label;
        this.factory = factory;
    }

    Run create(Source source, Wire wire) {
        return factory.apply(source, wire);
    }

    /** Whether it has what the workload's format needs, and a time that tells something beside the others'. */
    boolean supports(EncodeWorkload workload) {
        return switch (this) {
            case NETTY_POOLED, NETTY_ADAPTIVE, NETTY_UNPOOLED -> workload.format != Format.FIXED && !workload.isLong();
            default -> true;
        };
    }

    private static EncodeLimit limit(Source source) {
        return EncodeLimit.of(source.format());
    }

    private static FrameCodec codec(Source source) {
        return FrameCodec.of(source.format().framing).maxFrameLength(source.longest());
    }

    private static FrameCodec packing(Source source) {
        return codec(source).coalesce(65536);
    }

    /** Messages are arrays here, as the limit has them. */
    private static void write(ByteBuffer message, ByteBuffer frame) {
        frame.put(message.array());
    }

    /** Sent when they are asked for, as by what an application is made of. */
    private static Flux<ByteBuffer> frames(Source source) {
        return Flux.fromArray(source.frames()).hide();
    }
}
