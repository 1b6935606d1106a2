package reactor.framing.benchmarks;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;

/** Who decodes. */
public enum Contender {
    LIMIT_OWNED("limit, a slice a frame", Contender::limitOwned),
    LIMIT_BORROWED("limit, a copy a frame", Contender::limitBorrowed),

    LEAST_OWNED("least operator, a slice a frame", (s, f) -> least(s, true, f)),
    LEAST_BORROWED("least operator, a copy a frame", (s, f) -> least(s, false, f)),

    ZERO_COPY("`zeroCopy()`", (s, f) -> whole(codec(s).zeroCopy(), s, Long.MAX_VALUE, f)),
    ZERO_COPY_REQUEST_1("`zeroCopy()`, `request(1)`", (s, f) -> whole(codec(s).zeroCopy(), s, 1, f)),
    ZERO_COPY_REQUEST_32("`zeroCopy()`, `request(32)`", (s, f) -> whole(codec(s).zeroCopy(), s, 32, f)),
    ZERO_COPY_PUBLISH_ON("`zeroCopy()`, `publishOn`", (s, f) -> published(codec(s).zeroCopy(), s, f)),
    ZERO_COPY_SENT("`zeroCopy()`, chunks sent", (s, f) -> sent(codec(s).zeroCopy(), s, f)),
    ZERO_COPY_PARTS("`zeroCopy()`, parts", (s, f) -> parts(codec(s).zeroCopy(), s, f)),

    BORROWED("borrowed", (s, f) -> whole(codec(s), s, Long.MAX_VALUE, f)),
    BORROWED_REQUEST_1("borrowed, `request(1)`", (s, f) -> whole(codec(s), s, 1, f)),
    BORROWED_REQUEST_32("borrowed, `request(32)`", (s, f) -> whole(codec(s), s, 32, f)),
    BORROWED_PUBLISH_ON("borrowed, `publishOn`", (s, f) -> published(codec(s), s, f)),
    BORROWED_SENT("borrowed, chunks sent", (s, f) -> sent(codec(s), s, f)),
    BORROWED_PARTS("borrowed, parts", (s, f) -> parts(codec(s), s, f)),

    HAND_WRITTEN("by hand in Reactor", Contender::handWritten),
    NETTY_POOLED("Netty, pooled", (s, f) -> new NettyDecoders(s, PooledByteBufAllocator.DEFAULT, f)),
    NETTY_ADAPTIVE("Netty, adaptive", (s, f) -> new NettyDecoders(s, new AdaptiveByteBufAllocator(true), f)),
    NETTY_UNPOOLED("Netty, unpooled", (s, f) -> new NettyDecoders(s, UnpooledByteBufAllocator.DEFAULT, f)),
    PEKKO("Pekko Streams", PekkoFraming::new),
    VERTX("Vert.x", VertxParser::new);

    final String label;
    private final BiFunction<Stream, Frames, Run> factory;

    Contender(String label, BiFunction<Stream, Frames, Run> factory) {
        this.label = label;
        this.factory = factory;
    }

    Run create(Stream stream, Frames frames) {
        return factory.apply(stream, frames);
    }

    /** Whether it has what the workload needs. */
    boolean supports(Workload workload) {
        return switch (this) {
            case PEKKO -> workload.format == Format.PREFIX || workload.format == Format.LINES;
            case LEAST_OWNED, LEAST_BORROWED -> workload.hasShortFrames();
            default -> true;
        };
    }

    /** Whether it takes part in a workload unless it is asked for by name. */
    boolean takesPart(Workload workload) {
        return switch (this) {
            case LIMIT_OWNED, LIMIT_BORROWED, ZERO_COPY, BORROWED, NETTY_ADAPTIVE -> true;
            case LEAST_OWNED, LEAST_BORROWED -> workload.hasShortFrames();
            case ZERO_COPY_REQUEST_1,
                    ZERO_COPY_REQUEST_32,
                    ZERO_COPY_PUBLISH_ON,
                    BORROWED_REQUEST_1,
                    BORROWED_REQUEST_32,
                    BORROWED_PUBLISH_ON -> workload.compareTo(Workload.W2) <= 0;
            case ZERO_COPY_SENT, BORROWED_SENT -> workload == Workload.W1 || workload == Workload.W5;
            case ZERO_COPY_PARTS, BORROWED_PARTS -> workload.compareTo(Workload.W5) <= 0 || workload == Workload.W8;
            default -> !workload.isGrowth();
        };
    }

    /** The limit that it is measured by: that with as many copies. */
    Contender limit() {
        return switch (this) {
            case LIMIT_OWNED,
                    LEAST_OWNED,
                    ZERO_COPY,
                    ZERO_COPY_REQUEST_1,
                    ZERO_COPY_REQUEST_32,
                    ZERO_COPY_PUBLISH_ON,
                    ZERO_COPY_SENT,
                    ZERO_COPY_PARTS,
                    NETTY_POOLED,
                    NETTY_ADAPTIVE,
                    NETTY_UNPOOLED,
                    PEKKO -> LIMIT_OWNED;
            default -> LIMIT_BORROWED;
        };
    }

    private static Run limitOwned(Stream stream, Frames frames) {
        return () -> Limit.decode(stream, true, frames);
    }

    private static Run limitBorrowed(Stream stream, Frames frames) {
        return () -> Limit.decode(stream, false, frames);
    }

    private static Run least(Stream stream, boolean owned, Frames frames) {
        return ReactorRun.whole(new LeastOperator(stream, owned), Long.MAX_VALUE, frames);
    }

    private static Run handWritten(Stream stream, Frames frames) {
        return ReactorRun.whole(HandWritten.decode(chunks(stream), stream.format()), Long.MAX_VALUE, frames);
    }

    private static FrameCodec codec(Stream stream) {
        return FrameCodec.of(stream.format().framing).maxFrameLength(stream.longest());
    }

    private static Flux<ByteBuffer> chunks(Stream stream) {
        return Flux.fromArray(stream.chunks());
    }

    private static Run whole(FrameCodec codec, Stream stream, long demand, Frames frames) {
        return ReactorRun.whole(codec.decode(chunks(stream)), demand, frames);
    }

    private static Run published(FrameCodec codec, Stream stream, Frames frames) {
        return ReactorRun.whole(codec.decode(chunks(stream)).publishOn(Schedulers.single()), Long.MAX_VALUE, frames);
    }

    /** From a source that is not asked for its chunks but sends them, as a socket does. */
    private static Run sent(FrameCodec codec, Stream stream, Frames frames) {
        return ReactorRun.whole(codec.decode(chunks(stream).hide()), Long.MAX_VALUE, frames);
    }

    private static Run parts(FrameCodec codec, Stream stream, Frames frames) {
        return ReactorRun.parts(codec.decodeParts(chunks(stream)), frames);
    }
}
