package reactor.framing.guide;

import static reactor.framing.guide.Local.SOON;
import static reactor.framing.guide.Local.text;
import static reactor.framing.guide.Local.utf8;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.framing.test.Rechunk;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;

/** The samples of README. */
class ReadmeGuideTest {

    // tag::codec[]
    static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20);

    static Flux<ByteBuffer> frames(Flux<ByteBuffer> chunks) {
        return chunks.transform(CODEC::decode); // bytes, cut anywhere -> whole frames
    }

    static Flux<ByteBuffer> bytes(Flux<ByteBuffer> frames) {
        return frames.transform(CODEC::encode); // frames -> bytes
    }
    // end::codec[]

    static ByteBuffer reply(ByteBuffer question) {
        return question;
    }

    // tag::netty[]
    static DisposableServer serve(int port) {
        return TcpServer.create()
                .host("127.0.0.1")
                .port(port)
                .handle(FramedConnection.handler(
                        CODEC,
                        connection -> connection.send(connection.receive().map(frame -> reply(frame)))))
                .bindNow();
    }

    static Mono<ByteBuffer> ask(int port, ByteBuffer question) {
        TcpClient client = TcpClient.create().host("127.0.0.1").port(port);
        return FramedConnection.connect(
                client, CODEC, connection -> connection.request(question).timeout(Duration.ofSeconds(5)));
    }
    // end::netty[]

    @Test
    void framesThatWereCut_areWholeAgain() {
        Flux<ByteBuffer> chunks =
                bytes(Flux.just("one", "", "three").map(Local::utf8)).transform(Rechunk.byteByByte());

        StepVerifier.create(frames(chunks).map(Local::text))
                .expectNext("one", "", "three")
                .verifyComplete();
    }

    @Test
    void question_isAnswered() {
        DisposableServer server = serve(0);
        try {
            StepVerifier.create(ask(server.port(), utf8("hello")))
                    .expectNextMatches(answer -> text(answer).equals("hello"))
                    .expectComplete()
                    .verify(SOON);
        } finally {
            server.disposeNow();
        }
    }
}
