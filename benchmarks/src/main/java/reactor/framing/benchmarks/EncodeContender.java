package reactor.framing.benchmarks;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
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
    NETTY_POOLED("Netty, pooled", (s, w) -> new NettyPrepender(s, PooledByteBufAllocator.DEFAULT, w)),
    NETTY_ADAPTIVE("Netty, adaptive", (s, w) -> new NettyPrepender(s, new AdaptiveByteBufAllocator(true), w)),
    NETTY_UNPOOLED("Netty, unpooled", (s, w) -> new NettyPrepender(s, UnpooledByteBufAllocator.DEFAULT, w));

    final String label;
    private final BiFunction<EncodeWorkload.Source, Wire, Run> factory;

    EncodeContender(String label, BiFunction<EncodeWorkload.Source, Wire, Run> factory) {
        this.label = label;
        this.factory = factory;
    }

    Run create(EncodeWorkload.Source source, Wire wire) {
        return factory.apply(source, wire);
    }

    EncodeContender limit() {
        return this == LIMIT_COALESCED || this == COALESCE ? LIMIT_COALESCED : LIMIT;
    }

    private static Run limit(EncodeWorkload.Source source, Wire wire) {
        return () -> {
            for (ByteBuffer frame : source.frames()) {
                wire.accept(prefixed(frame));
            }
        };
    }

    private static Run limitCoalesced(EncodeWorkload.Source source, Wire wire) {
        return () -> {
            ByteBuffer target = null;
            for (ByteBuffer frame : source.frames()) {
                int length = frame.remaining();
                if (target != null && target.remaining() < 4 + length) {
                    wire.accept(target.flip());
                    target = null;
                }
                if (target == null) {
                    target = ByteBuffer.allocate(Math.max(65536, 4 + length));
                }
                target.putInt(length);
                copy(frame, target, length);
            }
            if (target != null) {
                wire.accept(target.flip());
            }
        };
    }

    private static ByteBuffer prefixed(ByteBuffer frame) {
        int length = frame.remaining();
        ByteBuffer target = ByteBuffer.allocate(4 + length).putInt(length);
        copy(frame, target, length);
        return target.flip();
    }

    /** From array to array, which is faster than from buffer to buffer. */
    private static void copy(ByteBuffer frame, ByteBuffer target, int length) {
        int start = target.position();
        frame.get(frame.position(), target.array(), start, length);
        target.position(start + length);
    }

    private static FrameCodec codec(EncodeWorkload.Source source) {
        return FrameCodec.of(Format.PREFIX.framing);
    }

    private static Run encoded(FrameCodec codec, EncodeWorkload.Source source, Wire wire) {
        return ReactorRun.encoded(codec.encode(Flux.fromArray(source.frames())), wire);
    }

    private static Run handWritten(EncodeWorkload.Source source, Wire wire) {
        return ReactorRun.encoded(Flux.fromArray(source.frames()).map(EncodeContender::prefixed), wire);
    }
}
