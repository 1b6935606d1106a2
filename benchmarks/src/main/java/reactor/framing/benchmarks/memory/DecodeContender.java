package reactor.framing.benchmarks.memory;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.benchmarks.HandWritten;

/** Who decodes. */
enum DecodeContender {
    LIMIT_OWNED("limit, a slice a frame", (s, f) -> () -> new Limit(Limit.Frame.SLICE, f).decode(s)),
    LIMIT_BORROWED("limit, a copy a frame", (s, f) -> () -> new Limit(Limit.Frame.COPY, f).decode(s)),
    LIMIT_LENT("limit, one view for all frames", (s, f) -> () -> new Limit(Limit.Frame.VIEW, f).decode(s)),
    ZERO_COPY("`decode`, `zeroCopy()`", (s, f) -> ReactorRun.frames(zeroCopy(s).decode(chunks(s)), f)),
    BORROWED("`decode`", (s, f) -> ReactorRun.frames(codec(s).decode(chunks(s)), f)),
    READ("`read`", (s, f) -> ReactorRun.drained(codec(s).read(chunks(s), f::read))),
    REQUEST_1("`decode`, `request(1)`", (s, f) -> ReactorRun.framesOneByOne(codec(s).decode(chunks(s)), f)),
    PARTS("`decodeParts`, `zeroCopy()`", (s, f) -> ReactorRun.parts(zeroCopy(s).decodeParts(chunks(s)), f)),
    HAND_WRITTEN("by hand in Reactor", (s, f) -> ReactorRun.frames(handWritten(s), f)),
    NETTY_POOLED("Netty, pooled", (s, f) -> new NettyDecoders(s, PooledByteBufAllocator.DEFAULT, f)),
    NETTY_ADAPTIVE("Netty, adaptive", (s, f) -> new NettyDecoders(s, new AdaptiveByteBufAllocator(true), f)),
    NETTY_UNPOOLED("Netty, unpooled", (s, f) -> new NettyDecoders(s, UnpooledByteBufAllocator.DEFAULT, f)),
    PEKKO("Pekko Streams", PekkoFraming::new),
    VERTX("Vert.x", VertxParser::new);

    final String label;
    private final BiFunction<Stream, Frames, Run> factory;

    DecodeContender(String label, BiFunction<Stream, Frames, Run> factory) {
        this.label = label;
        this.factory = factory;
    }

    Run create(Stream stream, Frames frames) {
        return factory.apply(stream, frames);
    }

    /** Whether it has the workload's format. */
    boolean supports(DecodeWorkload workload) {
        return this != PEKKO || workload.format == Format.PREFIX || workload.format == Format.LINES;
    }

    private static FrameCodec codec(Stream stream) {
        return FrameCodec.of(stream.format().framing).maxFrameLength(stream.longest());
    }

    private static FrameCodec zeroCopy(Stream stream) {
        return codec(stream).zeroCopy();
    }

    /** Sent when they are asked for, as by a socket: nothing is known of this source but that it is a Publisher. */
    private static Flux<ByteBuffer> chunks(Stream stream) {
        return Flux.fromArray(stream.chunks()).hide();
    }

    private static Flux<ByteBuffer> handWritten(Stream stream) {
        return HandWritten.decode(
                chunks(stream),
                switch (stream.format()) {
                    case PREFIX -> HandWritten.Prefix::new;
                    case LINES -> HandWritten.Lines::new;
                    case VARINT -> HandWritten.Varint::new;
                    case FIXED -> HandWritten.Fixed::new;
                });
    }
}
