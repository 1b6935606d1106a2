package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameTimeoutException;
import reactor.framing.FrameTooLongException;
import reactor.framing.FramingException;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.Rechunk;
import reactor.framing.test.StreamVerifier;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** The samples of docs/testing.md, which {@link PagesTest} compares with the page. */
class TestingGuideTest {

    // tag::helpers[]
    /** The questions as a client puts them on the wire. */
    static Flux<ByteBuffer> asked(String... questions) {
        return Flux.fromArray(questions).map(StandardCharsets.UTF_8::encode).transform(Shop.CODEC::encode);
    }

    /** What a client makes of the bytes that come back. */
    static Flux<String> answers(Flux<ByteBuffer> wire) {
        return Shop.CODEC.read(
                wire, frame -> StandardCharsets.UTF_8.decode(frame).toString());
    }

    static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.ofDelimiter(" ").parseHex(hex));
    }
    // end::helpers[]

    // tag::split[]
    @Test
    void questionsCutAtEveryByte_areAnswered() {
        Flux<ByteBuffer> chunks = asked("apples", "", "pears").transform(Rechunk.byteByByte());

        StepVerifier.create(Shop.serve(chunks).transform(TestingGuideTest::answers))
                .expectNext("APPLES", "", "PEARS")
                .verifyComplete();
    }
    // end::split[]

    // tag::random[]
    @Test
    void questionsCutAnywhere_areAnswered() {
        for (long seed = 0; seed < 100; seed++) {
            Rechunk network = Rechunk.random(seed).withEmptyChunks().overwritten();

            StepVerifier.create(Shop.serve(asked("apples", "", "pears").transform(network))
                            .transform(TestingGuideTest::answers))
                    .as("seed " + seed)
                    .expectNext("APPLES", "", "PEARS")
                    .verifyComplete();
        }
    }
    // end::random[]

    // tag::demand[]
    @Test
    void slowClient_isNotSentMoreThanItAskedFor() {
        Flux<ByteBuffer> chunks = asked("apples", "pears").transform(Rechunk.ofSize(3));

        StepVerifier.create(Shop.serve(chunks), 0)
                .expectSubscription()
                .thenRequest(1)
                .expectNextCount(1)
                .thenRequest(1)
                .expectNextCount(1)
                .verifyComplete();
    }
    // end::demand[]

    // tag::faults[]
    @Test
    void goodQuestionsBeforeAFault_areAnswered() {
        Flux<ByteBuffer> chunks = Flux.just(bytes("00 01 61 FF FF")).transform(Rechunk.byteByByte());

        StepVerifier.create(Shop.serve(chunks).transform(TestingGuideTest::answers))
                .expectNext("A")
                .verifyErrorSatisfies(e -> {
                    assertThat(e).isInstanceOf(FrameTooLongException.class);
                    assertThat(((FramingException) e).offset()).isEqualTo(3);
                });
    }

    @Test
    void clientThatGoesAwayInTheMiddleOfAQuestion_isNotTakenForOneThatIsDone() {
        Flux<ByteBuffer> chunks = Flux.just(bytes("00 05 61 62"));

        StepVerifier.create(Shop.serve(chunks)).verifyError(TruncatedFrameException.class);
    }
    // end::faults[]

    // tag::time[]
    @Test
    void clientThatStopsInTheMiddleOfAQuestion_isGivenUpAfterTenSeconds() {
        TestPublisher<ByteBuffer> socket = TestPublisher.create();

        StepVerifier.withVirtualTime(() -> Shop.serve(socket.flux()))
                .then(() -> socket.next(bytes("00 01 61")))
                .expectNextCount(1)
                .thenAwait(Duration.ofHours(1)) // between two frames nothing is missing
                .then(() -> socket.next(bytes("00 05 61 62")))
                .thenAwait(Duration.ofSeconds(9))
                .then(() -> socket.next(bytes("63"))) // one more byte gives no more time
                .thenAwait(Duration.ofSeconds(1))
                .verifyError(FrameTimeoutException.class);
    }
    // end::time[]

    // tag::socket[]
    @Test
    void overTcp_questionsAreAnswered() {
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(FramedConnection.handler(
                        Shop.CODEC,
                        connection -> connection.send(connection
                                .receive()
                                .map(frame -> StandardCharsets.UTF_8
                                        .decode(frame)
                                        .toString()
                                        .toUpperCase())
                                .map(StandardCharsets.UTF_8::encode))))
                .bindNow();
        Sinks.One<List<String>> answers = Sinks.one();
        Connection client = TcpClient.create()
                .host("127.0.0.1")
                .port(server.port())
                .handle(FramedConnection.handler(Shop.CODEC, connection -> {
                    Mono<Void> asked =
                            connection.send(Flux.just("apples", "pears").map(StandardCharsets.UTF_8::encode));
                    Mono<List<String>> answered = connection
                            .receive()
                            .map(frame -> StandardCharsets.UTF_8.decode(frame).toString())
                            .take(2)
                            .collectList()
                            .doOnNext(answers::tryEmitValue);
                    return Mono.when(asked, answered);
                }))
                .connectNow();

        StepVerifier.create(answers.asMono())
                .expectNext(List.of("APPLES", "PEARS"))
                .expectComplete()
                .verify(Duration.ofSeconds(30));
        client.disposeNow();
        server.disposeNow();
    }
    // end::socket[]

    // tag::raw[]
    @Test
    void overTcpInSmallPieces_serverAnswersAllTheSame() {
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(FramedConnection.handler(Shop.CODEC, connection -> connection.send(connection.receive())))
                .bindNow();
        Flux<byte[]> pieces = asked("apples", "pears")
                .transform(Rechunk.ofSize(3))
                .map(ByteBuffer::array) // of a chunk that Rechunk made, exactly the chunk
                .delayElements(Duration.ofMillis(1)); // so that they are not joined on the way
        Sinks.One<List<String>> answers = Sinks.one();
        Connection client = TcpClient.create()
                .host("127.0.0.1")
                .port(server.port())
                .handle((inbound, outbound) -> outbound.sendByteArray(pieces)
                        .then(answers(inbound.receive().asByteBuffer())
                                .take(2)
                                .collectList()
                                .doOnNext(answers::tryEmitValue)
                                .then()))
                .connectNow();

        StepVerifier.create(answers.asMono())
                .expectNext(List.of("apples", "pears"))
                .expectComplete()
                .verify(Duration.ofSeconds(30));
        client.disposeNow();
        server.disposeNow();
    }
    // end::raw[]

    // tag::stream[]
    @Test
    void workedExamples() {
        StreamVerifier lines = StreamVerifier.of(Delimiter.of("\r\n", "\n")).with(codec -> codec.maxFrameLength(4));

        lines.stream("68 69 0d 0a 0a").yields("frame 68 69", "frame ", "complete");
        lines.stream("68 69 0d 0a 68 65").yields("frame 68 69", "error Truncated #1 @4 2/-1");
        lines.skipInvalid().stream("68 65 6c 6c 6f 0a 68 69 0a")
                .yields("skipped TooLong #0 @0 5>4 +6", "frame 68 69", "complete");
    }
    // end::stream[]

    @Test
    void brokenFraming_isCaught() {
        AssertionError failure = catchThrowableOfType(AssertionError.class, this::tagged);

        assertThat(String.join("\n", Pages.blocks(Pages.page("docs/testing.md"), "text")))
                .contains(failure.getMessage().stripTrailing());
    }

    // tag::verify[]
    void tagged() {
        FramingVerifier.of(new Tagged()).verify();
    }
    // end::verify[]

    @Test
    void options_areAsShown() {
        assertThatCode(TestingGuideTest::options).doesNotThrowAnyException();
    }

    private static void options() {
        // tag::options[]
        FramingVerifier.of(LengthField.ofSize(1)).lengths(0, 255).verify();

        FramingVerifier.of(Delimiter.of("\n"))
                .frames("hello".getBytes(), "".getBytes())
                .refuses("0a", "61 0a 62")
                .verify();

        FramingVerifier.of(Json.objects())
                .frames((random, length) -> ("{\"a\":\"" + "b".repeat(length) + "\"}").getBytes())
                .verify();

        FramingVerifier.of(FixedLength.of(4).padding((byte) 0))
                .lengths(0, 4)
                .delivers(frame -> ByteBuffer.allocate(4).put(frame).array())
                .verify();

        FramingVerifier.of(Delimiter.lines()).unterminatedLast().verify();
        // end::options[]
    }
}
