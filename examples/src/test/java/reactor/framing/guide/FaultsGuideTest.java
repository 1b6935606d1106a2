package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.guide.Local.utf8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTimeoutException;
import reactor.framing.FrameTooLongException;
import reactor.framing.FramingException;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.test.Rechunk;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** The samples of docs/faults.md. */
class FaultsGuideTest {

    private static Flux<ByteBuffer> wire(String hex) {
        return Flux.just(ByteBuffer.wrap(HexFormat.ofDelimiter(" ").parseHex(hex)));
    }

    // tag::fault[]
    static String explain(Throwable error) {
        if (error instanceof TruncatedFrameException e) {
            return "closed in the middle of a frame: %d of %d bytes".formatted(e.received(), e.expected());
        } else if (error instanceof FrameTooLongException e) {
            return "frame %d has %d bytes, allowed are %d".formatted(e.frameIndex(), e.length(), e.limit());
        } else if (error instanceof CorruptFrameException e) {
            return "frame %d, which begins at byte %d, is bad".formatted(e.frameIndex(), e.offset());
        } else if (error instanceof FrameTimeoutException e) {
            return "stalled in the middle of a frame: %d of %d bytes".formatted(e.received(), e.expected());
        }
        return "the connection, or upstream: " + error;
    }
    // end::fault[]

    @Test
    void faults_areExplained() {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(100);
        StepVerifier.create(codec.decode(wire("02 68 69 03 61")))
                .expectNext(utf8("hi"))
                .verifyErrorSatisfies(
                        e -> assertThat(explain(e)).isEqualTo("closed in the middle of a frame: 2 of 4 bytes"));
        StepVerifier.create(codec.decode(wire("02 68 69 ff 61")))
                .expectNext(utf8("hi"))
                .verifyErrorSatisfies(e -> assertThat(explain(e)).isEqualTo("frame 1 has 255 bytes, allowed are 100"));
        FrameCodec marked = FrameCodec.of(LengthField.ofSize(1).marker((byte) 0x72));
        StepVerifier.create(marked.decode(wire("72 02 68 69 73 01 61")))
                .expectNext(utf8("hi"))
                .verifyErrorSatisfies(e -> assertThat(explain(e)).isEqualTo("frame 1, which begins at byte 4, is bad"));
    }

    // tag::skip[]
    static FrameCodec tolerant(Consumer<FramingException> report) {
        return FrameCodec.of(LengthField.ofSize(2)
                        .marker((byte) 0x72)
                        .checkHeader(header -> Short.toUnsignedInt(header.getShort(1)) <= 256))
                .skipInvalid(report, 100, 64 * 1024);
    }
    // end::skip[]

    @Test
    void noise_isPassedOverAndReported() {
        List<String> reports = new ArrayList<>();
        FrameCodec codec =
                tolerant(fault -> reports.add(fault.skippedBytes() + " bytes skipped at offset " + fault.offset()));

        StepVerifier.create(codec.decode(wire("72 00 02 68 69 00 ff 72 ff ff 01 72 00 01 21")
                                .transform(Rechunk.byteByByte()))
                        .map(Local::text))
                .expectNext("hi", "!")
                .verifyComplete();
        assertThat(reports).containsExactly("6 bytes skipped at offset 5");
    }

    // tag::skipNaive[]
    static FrameCodec gullible(Consumer<FramingException> report) {
        return FrameCodec.of(LengthField.ofSize(2).marker((byte) 0x72)).skipInvalid(report);
    }
    // end::skipNaive[]

    @Test
    void damagedLengthWithoutACheck_takesTheGoodFramesWithIt() {
        FrameCodec codec = gullible(fault -> {});

        // the length 2 has become 0x4002: the frames behind it are taken for its payload
        StepVerifier.create(codec.decode(wire("72 40 02 68 69 72 00 01 21 72 00 01 3f")))
                .verifyError(TruncatedFrameException.class);
        StepVerifier.create(tolerant(fault -> {})
                        .decode(wire("72 40 02 68 69 72 00 01 21 72 00 01 3f"))
                        .map(Local::text))
                .expectNext("!", "?")
                .verifyComplete();
    }

    // tag::timeout[]
    static final FrameCodec IMPATIENT =
            FrameCodec.of(Delimiter.of("\r\n")).maxFrameLength(1000).frameTimeout(Duration.ofSeconds(10));
    // end::timeout[]

    @Test
    void peerThatStalls_isGivenUp() {
        TestPublisher<ByteBuffer> socket = TestPublisher.create();

        StepVerifier.withVirtualTime(() -> IMPATIENT.decode(socket.flux()))
                .then(() -> socket.next(utf8("hel")))
                .thenAwait(Duration.ofSeconds(10))
                .verifyErrorSatisfies(e -> assertThat(explain(e)).startsWith("stalled in the middle of a frame: 3 of"));
    }
}
