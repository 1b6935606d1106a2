package reactor.framing.benchmarks;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;

/** Who decodes. */
public enum Contender {
    limitOwned((stream, frames) -> () -> limit(stream, true, frames)),
    limitBorrowed((stream, frames) -> () -> limit(stream, false, frames)),

    zeroCopy((stream, frames) -> whole(codec(stream).zeroCopy(), stream, Long.MAX_VALUE, frames)),
    zeroCopyRequest1((stream, frames) -> whole(codec(stream).zeroCopy(), stream, 1, frames)),
    zeroCopyRequest32((stream, frames) -> whole(codec(stream).zeroCopy(), stream, 32, frames)),
    zeroCopyPublishOn((stream, frames) -> published(codec(stream).zeroCopy(), stream, frames)),
    zeroCopyParts((stream, frames) -> parts(codec(stream).zeroCopy(), stream, frames)),
    borrowed((stream, frames) -> whole(codec(stream), stream, Long.MAX_VALUE, frames)),
    borrowedRequest1((stream, frames) -> whole(codec(stream), stream, 1, frames)),
    borrowedRequest32((stream, frames) -> whole(codec(stream), stream, 32, frames)),
    borrowedPublishOn((stream, frames) -> published(codec(stream), stream, frames)),
    borrowedParts((stream, frames) -> parts(codec(stream), stream, frames)),

    handWritten((stream, frames) ->
            ReactorRun.whole(HandWritten.decode(chunks(stream), stream.format()), Long.MAX_VALUE, frames)),
    nettyPooled((stream, frames) -> new NettyDecoders(stream, PooledByteBufAllocator.DEFAULT, frames)),
    nettyAdaptive((stream, frames) -> new NettyDecoders(stream, new AdaptiveByteBufAllocator(true), frames)),
    nettyUnpooled((stream, frames) -> new NettyDecoders(stream, UnpooledByteBufAllocator.DEFAULT, frames));

    private final BiFunction<Stream, Frames, Runnable> factory;

    Contender(BiFunction<Stream, Frames, Runnable> factory) {
        this.factory = factory;
    }

    /** What decodes the whole stream once, each time it is run. */
    Runnable create(Stream stream, Frames frames) {
        return factory.apply(stream, frames);
    }

    private static void limit(Stream stream, boolean owned, Frames frames) {
        switch (stream.format()) {
            case PREFIX -> Limit.prefix(stream.chunks(), owned, frames);
        }
    }

    private static FrameCodec codec(Stream stream) {
        return FrameCodec.of(
                        switch (stream.format()) {
                            case PREFIX -> LengthField.ofSize(4);
                        })
                .maxFrameLength(stream.longest());
    }

    private static Flux<ByteBuffer> chunks(Stream stream) {
        return Flux.fromArray(stream.chunks());
    }

    private static Runnable whole(FrameCodec codec, Stream stream, long demand, Frames frames) {
        return ReactorRun.whole(codec.decode(chunks(stream)), demand, frames);
    }

    private static Runnable published(FrameCodec codec, Stream stream, Frames frames) {
        return ReactorRun.whole(
                codec.decode(chunks(stream)).publishOn(Schedulers.single()), Long.MAX_VALUE, frames);
    }

    private static Runnable parts(FrameCodec codec, Stream stream, Frames frames) {
        return ReactorRun.parts(codec.decodeParts(chunks(stream)), frames);
    }
}
