package reactor.framing.benchmarks;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;

/** Who encodes. */
public enum EncodeContender {
    LIMIT("limit, a buffer a frame", EncodeContender::limit),
    LIMIT_COALESCED("limit, packed into 64 KiB", EncodeContender::limitCoalesced),
    ENCODE("`encode`", (s, w) -> encoded(codec(s), s, w)),
    COALESCE("`coalesce(64 KiB)`", (s, w) -> encoded(codec(s).coalesce(65536), s, w)),
    HAND_WRITTEN("by hand in Reactor", EncodeContender::handWritten),
    NETTY_POOLED("Netty, pooled", (s, w) -> new NettyEncoders(s, PooledByteBufAllocator.DEFAULT, w)),
    NETTY_ADAPTIVE("Netty, adaptive", (s, w) -> new NettyEncoders(s, new AdaptiveByteBufAllocator(true), w)),
    NETTY_UNPOOLED("Netty, unpooled", (s, w) -> new NettyEncoders(s, UnpooledByteBufAllocator.DEFAULT, w));

    final String label;
    private final BiFunction<EncodeWorkload.Source, Wire, Run> factory;

    EncodeContender(String label, BiFunction<EncodeWorkload.Source, Wire, Run> factory) {
        this.label = label;
        this.factory = factory;
    }

    Run create(EncodeWorkload.Source source, Wire wire) {
        return factory.apply(source, wire);
    }

    /** Whether it has what the workload's format needs, and a time that tells something beside the others'. */
    boolean supports(EncodeWorkload workload) {
        return switch (this) {
            case NETTY_POOLED, NETTY_ADAPTIVE, NETTY_UNPOOLED -> workload.format != Format.FIXED && !workload.isLong();
            default -> true;
        };
    }

    /** The limit that it is measured by: that which makes as many buffers. */
    EncodeContender limit() {
        return this == LIMIT_COALESCED || this == COALESCE ? LIMIT_COALESCED : LIMIT;
    }

    private static Run limit(EncodeWorkload.Source source, Wire wire) {
        EncodeLimit limit = EncodeLimit.of(source.format());
        return () -> limit.encode(source.frames(), wire);
    }

    private static Run limitCoalesced(EncodeWorkload.Source source, Wire wire) {
        EncodeLimit limit = EncodeLimit.of(source.format());
        return () -> limit.coalesce(source.frames(), wire);
    }

    private static FrameCodec codec(EncodeWorkload.Source source) {
        return FrameCodec.of(source.format().framing).maxFrameLength(source.longest());
    }

    private static Run encoded(FrameCodec codec, EncodeWorkload.Source source, Wire wire) {
        return ReactorRun.encoded(codec.encode(Flux.fromArray(source.frames())), wire);
    }

    private static Run handWritten(EncodeWorkload.Source source, Wire wire) {
        EncodeLimit limit = EncodeLimit.of(source.format());
        return ReactorRun.encoded(Flux.fromArray(source.frames()).map(limit::encoded), wire);
    }
}
