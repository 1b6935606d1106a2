package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.test.StepVerifier;

/** Who releases the buffers. */
class WebFluxEndpointTest {

    private static final FrameCodec CODEC =
            FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(100).zeroCopy();

    private final NettyDataBufferFactory factory = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);

    private List<NettyDataBuffer> buffers(String... texts) {
        return Stream.of(texts)
                .map(text -> factory.allocateBuffer(text.length()).write(text, StandardCharsets.ISO_8859_1))
                .map(NettyDataBuffer.class::cast)
                .toList();
    }

    private static void assertReleased(List<NettyDataBuffer> buffers) {
        assertThat(buffers)
                .allSatisfy(
                        buffer -> assertThat(buffer.getNativeBuffer().refCnt()).isZero());
    }

    private static ByteBuffer frame(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void framesOutliveTheBuffers_whichAreReleased() {
        List<NettyDataBuffer> buffers = buffers("\2h", "i\3abc\1", "x");
        StepVerifier.create(WebFluxEndpoint.chunks(Flux.fromIterable(buffers)).transform(CODEC::decode))
                .expectNext(frame("hi"), frame("abc"), frame("x"))
                .verifyComplete();
        assertReleased(buffers);
    }

    @Test
    void cancelWhileBuffersWait_theyAreReleased() {
        List<NettyDataBuffer> buffers = buffers("\2hi", "\3abc", "\1x");
        Flux<DataBuffer> source = Flux.fromIterable(buffers).cast(DataBuffer.class);
        // publishOn queues, and discards what it holds when it is cancelled
        StepVerifier.create(
                        WebFluxEndpoint.chunks(source.publishOn(Schedulers.immediate()))
                                .transform(CODEC::decode),
                        1)
                .expectNext(frame("hi"))
                .thenCancel()
                .verify();
        assertReleased(buffers);
    }

    @Test
    void faultInTheMiddle_nothingIsLeft() {
        List<NettyDataBuffer> buffers = buffers("\2hi", "\377", "\1x");
        Flux<DataBuffer> source = Flux.fromIterable(buffers).cast(DataBuffer.class);
        StepVerifier.create(WebFluxEndpoint.chunks(source.publishOn(Schedulers.immediate()))
                        .transform(CODEC::decode))
                .expectNext(frame("hi"))
                .verifyErrorMatches(error -> error.getMessage().contains("exceeds the limit of 100"));
        assertReleased(buffers);
    }
}
