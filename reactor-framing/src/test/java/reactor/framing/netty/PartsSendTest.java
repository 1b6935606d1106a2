package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;

/** Frames whose bytes come in pieces. */
@Timeout(60)
class PartsSendTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final FrameCodec LENGTH8 = FrameCodec.of(LengthField.ofSize(8));

    private static final FrameCodec WITH_HEADER =
            FrameCodec.of(LengthField.ofSize(3).before(1).after(2).keepHeader());

    private final Sinks.One<List<ByteBuffer>> received = Sinks.one();
    private DisposableServer server;

    static List<FrameCodec> codecs() {
        return List.of(
                LENGTH8,
                FrameCodec.of(LengthField.ofSize(4).marker((byte) 0x72).endMark((byte) 3, (byte) 4)),
                WITH_HEADER);
    }

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private Mono<Void> talk(FrameCodec codec, Function<FramedConnection, Mono<Void>> conversation) {
        server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(FramedConnection.handler(
                        codec,
                        connection -> connection
                                .receive()
                                .collectList()
                                .doOnSuccess(received::tryEmitValue)
                                .doOnError(received::tryEmitError)
                                .then()))
                .bindNow();
        TcpClient client = TcpClient.create().host("127.0.0.1").port(server.port());
        return FramedConnection.connect(client, codec, conversation);
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void pieces_arriveAsFramesBetweenOthers(FrameCodec codec) {
        List<ByteBuffer> frames = new ArrayList<>();
        Random random = new Random(1);
        for (int length : new int[] {7, 64, 300_000, 1_000_000, 7}) {
            byte[] frame = new byte[length];
            random.nextBytes(frame);
            frames.add(ByteBuffer.wrap(frame));
        }
        talk(
                        codec,
                        connection -> Flux.fromIterable(frames)
                                .concatMap(frame -> connection
                                        .send(Mono.just(frame))
                                        .then(connection.sendParts(frame.remaining(), pieces(frame)))
                                        .then(connection.sendParts(
                                                frame.remaining(), pieces(frame).publishOn(Schedulers.parallel()))))
                                .then())
                .block(PATIENCE);

        List<ByteBuffer> arrived = received.asMono().block(PATIENCE);

        assertThat(arrived).hasSize(3 * frames.size());
        for (int i = 0; i < arrived.size(); i++) {
            ByteBuffer sent = frames.get(i / 3).duplicate();
            // of a header that the frame brings, the length is filled in
            int header = codec == WITH_HEADER ? 6 : 0;
            assertThat(arrived.get(i).remaining()).isEqualTo(sent.remaining());
            assertThat(arrived.get(i).position(header)).isEqualTo(sent.position(header));
        }
    }

    private static Flux<ByteBuffer> pieces(ByteBuffer frame) {
        return Flux.range(0, (frame.remaining() + 999) / 1000)
                .map(i -> frame.slice(i * 1000, Math.min(1000, frame.remaining() - i * 1000)));
    }

    @Test
    void piecesThatFail_closeTheConnectionInTheMiddleOfTheFrame() {
        IllegalStateException failure = new IllegalStateException("no more");
        StepVerifier.create(talk(
                        LENGTH8,
                        connection -> connection.sendParts(
                                10, Flux.just(ByteBuffer.allocate(5)).concatWith(Mono.error(failure)))))
                .expectErrorSatisfies(error -> assertThat(error).isSameAs(failure))
                .verify(PATIENCE);

        StepVerifier.create(received.asMono())
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(TruncatedFrameException.class, truncated -> {
                            assertThat(truncated.received()).isEqualTo(13);
                            assertThat(truncated.expected()).isEqualTo(18);
                        }))
                .verify(PATIENCE);
    }

    @Test
    void formatThatHasToSeeTheFrame_isRefusedAndTheConnectionGoesOn() {
        FrameCodec lines = FrameCodec.of(Delimiter.lines());
        talk(
                        lines,
                        connection -> connection
                                .sendParts(2, Flux.just(ByteBuffer.allocate(2)))
                                .onErrorResume(
                                        UnsupportedOperationException.class,
                                        e -> connection.send(Mono.just(ByteBuffer.wrap(new byte[] {'o', 'k'})))))
                .block(PATIENCE);

        assertThat(received.asMono().block(PATIENCE)).containsExactly(ByteBuffer.wrap(new byte[] {'o', 'k'}));
    }
}
