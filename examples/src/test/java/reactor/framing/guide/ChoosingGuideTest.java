package reactor.framing.guide;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FirstBytes;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.format.Protocols;
import reactor.framing.format.SkipBetween;
import reactor.framing.test.StreamVerifier;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** The samples of docs/choosing.md and docs/security.md. */
class ChoosingGuideTest {

    // tag::optional[]
    static final Framing TRACKER = SkipBetween.of(Delimiter.of("#"), "\r\n");
    // end::optional[]

    // tag::optionalNaive[]
    static final Framing WAITS = Delimiter.of("#\r\n", "#");
    // end::optionalNaive[]

    @Test
    void lineEndThatMayFollow_isNotWaitedFor() {
        TestPublisher<ByteBuffer> device = TestPublisher.create();
        StepVerifier.create(FrameCodec.of(TRACKER).decode(device.flux()).map(Local::text))
                .then(() -> device.next(Local.utf8("*ET,1,HB#")))
                .expectNext("*ET,1,HB")
                .then(() -> device.next(Local.utf8("\r\n*ET,1,TX#")))
                .expectNext("*ET,1,TX")
                .thenCancel()
                .verify();

        TestPublisher<ByteBuffer> waiting = TestPublisher.create();
        StepVerifier.create(FrameCodec.of(WAITS).decode(waiting.flux()).map(Local::text))
                .then(() -> waiting.next(Local.utf8("*ET,1,HB#")))
                .expectNoEvent(Local.A_WHILE)
                .then(() -> waiting.next(Local.utf8("*")))
                .expectNext("*ET,1,HB")
                .thenCancel()
                .verify();
    }

    // tag::mixed[]
    static final Framing TEXT_OR_BINARY = FirstBytes.of(first -> first == '$'
            ? Delimiter.of("\r\n")
            : first == 0xB5 ? LengthField.ofSize(1).marker((byte) 0xB5, (byte) 0x62) : null);
    // end::mixed[]

    @Test
    void textAndBinary_onOneLine() {
        StreamVerifier.of(TEXT_OR_BINARY).stream("24 47 0d 0a b5 62 01 07")
                .yields("frame 24 47", "frame 07", "complete");
    }

    // tag::mysql[]
    static final FrameCodec MYSQL = FrameCodec.of(Protocols.mysql()).maxFrameLength(16_777_219);
    // end::mysql[]

    @Test
    void mysqlPacketOfMoreThan8MiB_needsALargerLimit() {
        ByteBuffer packet = ByteBuffer.allocate(4 + 9_000_000);
        packet.put(0, (byte) 0x40).put(1, (byte) 0x54).put(2, (byte) 0x89);

        StepVerifier.create(MYSQL.decode(Flux.just(packet))).expectNext(packet).verifyComplete();
        StepVerifier.create(FrameCodec.of(Protocols.mysql()).decode(Flux.just(packet)))
                .verifyErrorMatches(e -> e.getMessage().contains("exceeds the limit of 8388608 bytes"));
    }

    @Test
    void byteOrderMarkBeforeJson_isNoPartOfTheFirstObject() {
        byte[] wire = "\uFEFF{\"a\":1}".getBytes(StandardCharsets.UTF_8);
        StepVerifier.create(FrameCodec.of(Json.objects())
                        .decode(Flux.just(ByteBuffer.wrap(wire)))
                        .map(Local::text))
                .expectNext("{\"a\":1}")
                .verifyComplete();
    }

    // tag::strict[]
    static final Framing STRICT = Delimiter.of("\r\n"); // a lone LF is data
    static final Framing LENIENT = Delimiter.lines(); // LF and CRLF both end a line, and so does the stream
    // end::strict[]

    @Test
    void loneLineFeed_isDataOrALineEnd() {
        StreamVerifier.of(STRICT).stream("61 0a 62 0d 0a").yields("frame 61 0a 62", "complete");
        StreamVerifier.of(LENIENT).stream("61 0a 62 0d 0a").yields("frame 61", "frame 62", "complete");
    }
}
