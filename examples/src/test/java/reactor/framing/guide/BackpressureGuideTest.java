package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.guide.Local.SOON;
import static reactor.framing.guide.Local.serve;
import static reactor.framing.guide.Local.socket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;

/** The samples of docs/backpressure.md. */
class BackpressureGuideTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4));

    /** 64 KiB of frames without a payload. */
    private static final int FRAMES = 16 * 1024;

    // tag::demand[]
    @Test
    void oneFrameWanted_oneChunkRead() {
        AtomicInteger chunksRead = new AtomicInteger();
        Flux<ByteBuffer> chunks = Flux.generate(sink -> {
            chunksRead.incrementAndGet();
            sink.next(ByteBuffer.allocate(64 * 1024)); // 16,384 frames without a payload
        });

        StepVerifier.create(chunks.transform(CODEC::decode), 0)
                .thenRequest(1)
                .expectNextCount(1)
                .then(() -> assertThat(chunksRead).hasValue(1))
                .thenRequest(16_383)
                .expectNextCount(16_383)
                .then(() -> assertThat(chunksRead).hasValue(1))
                .thenCancel()
                .verify();
    }
    // end::demand[]

    private static Mono<ByteBuffer> work(ByteBuffer frame) {
        return Mono.just(frame);
    }

    // tag::inParallel[]
    static Mono<Void> answerInParallel(FramedConnection connection) {
        return connection.send(connection.receive().flatMapSequential(frame -> work(frame), 16, 1));
    }
    // end::inParallel[]

    // tag::elsewhere[]
    static Publisher<Void> decodeElsewhere(NettyInbound inbound, NettyOutbound outbound) {
        Flux<ByteBuffer> owned = inbound.receive().asByteArray().map(ByteBuffer::wrap);
        return owned.publishOn(Schedulers.parallel(), 16) // 16 chunks under way
                .transform(CODEC.zeroCopy()::decode)
                .flatMap(frame -> work(frame))
                .then();
    }
    // end::elsewhere[]

    @Test
    void workInParallel_isAnsweredInOrder() {
        DisposableServer server = serve(CODEC, BackpressureGuideTest::answerInParallel);
        List<String> asked =
                Flux.range(0, 100).map(String::valueOf).collectList().block();

        StepVerifier.create(FramedConnection.connect(
                        Local.client(server),
                        CODEC,
                        connection -> Flux.fromIterable(asked)
                                .flatMapSequential(question -> connection.request(Local.utf8(question)))
                                .map(Local::text)
                                .collectList()))
                .expectNext(asked)
                .expectComplete()
                .verify(SOON);
        server.disposeNow();
    }

    @Test
    void chunksAreDecodedOnAnotherThread() throws Exception {
        AtomicLong frames = new AtomicLong();
        CountDownLatch all = new CountDownLatch(FRAMES);
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((inbound, outbound) ->
                        Mono.from(decodeElsewhere(inbound, outbound)).then().cache())
                .bindNow();
        DisposableServer counting = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((inbound, outbound) -> inbound.receive()
                        .asByteArray()
                        .map(ByteBuffer::wrap)
                        .publishOn(Schedulers.parallel(), 16)
                        .transform(CODEC.zeroCopy()::decode)
                        .doOnNext(frame -> {
                            frames.incrementAndGet();
                            all.countDown();
                        })
                        .then())
                .bindNow();
        for (DisposableServer each : List.of(server, counting)) {
            try (Socket socket = socket(each)) {
                socket.getOutputStream().write(new byte[4 * FRAMES]);
                socket.getOutputStream().flush();
                if (each == counting) {
                    all.await();
                }
            }
            each.disposeNow();
        }
        assertThat(frames).hasValue(FRAMES);
    }

    // tag::pipeline[]
    static DisposableServer withADecoderInThePipeline(AtomicInteger decoded, Sinks.Empty<Void> oneSeen) {
        return TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .doOnConnection(connection -> connection
                        .addHandlerLast(new LengthFieldBasedFrameDecoder(1 << 20, 0, 4, 0, 4))
                        .addHandlerLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object frame) {
                                decoded.incrementAndGet();
                                context.fireChannelRead(frame);
                            }
                        }))
                .handle((inbound, outbound) -> inbound.receive()
                        .limitRate(1) // request(1), and the next one when that is done
                        .concatMap(frame -> {
                            oneSeen.tryEmitEmpty();
                            return Mono.never();
                        })
                        .then())
                .bindNow();
    }
    // end::pipeline[]

    @Test
    void decoderInThePipeline_queuesEveryFrameOfARead() throws IOException {
        AtomicInteger decoded = new AtomicInteger();
        Sinks.Empty<Void> oneSeen = Sinks.empty();
        DisposableServer server = withADecoderInThePipeline(decoded, oneSeen);
        try (Socket socket = socket(server)) {
            socket.getOutputStream().write(new byte[4 * FRAMES]);
            socket.getOutputStream().flush();
            oneSeen.asMono().block(SOON);
            // a read brings 2 KiB at least, if the kernel has them
            Mono.just(decoded)
                    .filter(count -> count.get() > 100)
                    .repeatWhenEmpty(repeat -> repeat.delayElements(Duration.ofMillis(10)))
                    .block(SOON);
        }
        server.disposeNow();
    }
}
