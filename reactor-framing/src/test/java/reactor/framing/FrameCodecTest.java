package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.test.FramingEvents;
import reactor.test.StepVerifier;

class FrameCodecTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    @Test
    void arguments_refusedWithTheirValue() {
        assertThatNullPointerException().isThrownBy(() -> FrameCodec.of(null)).withMessage("framing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.maxFrameLength(0))
                .withMessage("maxFrameLength must be positive, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.maxFrameLength(-1))
                .withMessage("maxFrameLength must be positive, was -1");
        assertThatNullPointerException()
                .isThrownBy(() -> CODEC.skipInvalid(null))
                .withMessage("onSkipped");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.skipInvalid(e -> {}, 0, 1))
                .withMessage("maxInARow must be positive, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.skipInvalid(e -> {}, 1, -2))
                .withMessage("maxBytes must be positive, was -2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.skipInvalid(e -> {}, 1, 0))
                .withMessage("maxBytes must be positive, was 0");
        assertThatNullPointerException()
                .isThrownBy(() -> CODEC.frameTimeout(null))
                .withMessage("timeout");
        assertThatNullPointerException()
                .isThrownBy(() -> CODEC.frameTimeout(Duration.ofSeconds(1), null))
                .withMessage("scheduler");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.frameTimeout(Duration.ZERO))
                .withMessage("frameTimeout must be positive, was PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.frameTimeout(Duration.ofSeconds(-1)))
                .withMessage("frameTimeout must be positive, was PT-1S");
    }

    @Test
    void optionsThatATransportAsksFor() {
        FrameMetrics metrics = new FrameMetrics() {};
        assertThat(CODEC.isZeroCopy()).isFalse();
        assertThat(CODEC.zeroCopy().isZeroCopy()).isTrue();
        assertThat(CODEC.metrics()).isNull();
        assertThat(CODEC.metrics(metrics).metrics()).isSameAs(metrics);
    }

    @Test
    void options_areCopies() {
        List<FramingException> skipped = new ArrayList<>();
        FrameCodec limited = CODEC.maxFrameLength(1);
        FrameCodec skipping = limited.skipInvalid(skipped::add).zeroCopy().frameTimeout(Duration.ofSeconds(1));
        Flux<ByteBuffer> chunks = Flux.just(ByteBuffer.wrap(hex("02 61 62 01 63")));

        StepVerifier.create(CODEC.decode(chunks)).expectNextCount(2).verifyComplete();
        StepVerifier.create(limited.decode(chunks)).verifyError(FrameTooLongException.class);
        StepVerifier.create(skipping.decode(chunks))
                .expectNext(ByteBuffer.wrap(hex("63")))
                .verifyComplete();
        assertThat(skipped).hasSize(1);
    }

    @Test
    void defaultLimit_isEightMebibytes() {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(4));

        StepVerifier.create(codec.decode(Flux.just(ByteBuffer.wrap(hex("00 80 00 00")))))
                .verifyError(TruncatedFrameException.class);
        StepVerifier.create(codec.decode(Flux.just(ByteBuffer.wrap(hex("00 80 00 01")))))
                .verifyError(FrameTooLongException.class);
    }

    @Test
    void limitAboveTheLargestArray_isTheLargestArray_butNotForParts() {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(Long.MAX_VALUE);

        StepVerifier.create(codec.decode(Flux.just(ByteBuffer.wrap(hex("7f ff ff f8")))))
                .verifyErrorSatisfies(
                        e -> assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #0 @0 2147483640>2147483639"));
        StepVerifier.create(codec.decode(Flux.just(ByteBuffer.wrap(hex("7f ff ff f7")))))
                .verifyError(TruncatedFrameException.class);
        StepVerifier.create(codec.decodeParts(Flux.just(ByteBuffer.wrap(hex("ff ff ff ff 61")))))
                .expectNextMatches(part -> !part.last())
                .verifyErrorSatisfies(
                        e -> assertThat(FramingEvents.describe(e)).isEqualTo("Truncated #0 @0 5/4294967299"));
    }

    @Test
    void streamOfMoreThanFourGibibytes_offsetsAreRight() {
        ByteBuffer chunk = ByteBuffer.allocate(1 << 26);
        long payload = 80L * chunk.capacity();
        Flux<ByteBuffer> chunks = Flux.concat(
                Flux.just(ByteBuffer.allocate(8).putLong(0, payload)),
                Flux.range(0, 80).map(i -> chunk),
                Flux.just(ByteBuffer.wrap(hex("00 00 00 00 00 00 00 01 61 ff ff")), ByteBuffer.wrap(hex("ff"))));
        List<FramePart> parts = new ArrayList<>();
        List<Throwable> errors = new ArrayList<>();
        FrameCodec.of(LengthField.ofSize(8))
                .zeroCopy()
                .maxFrameLength(Long.MAX_VALUE)
                .decodeParts(chunks)
                .subscribe(parts::add, errors::add);

        assertThat(parts).hasSize(81);
        assertThat(parts.get(79).offset()).isEqualTo(79L * chunk.capacity());
        assertThat(parts.get(79).last()).isTrue();
        assertThat(parts.get(80).frameIndex()).isEqualTo(1);
        assertThat(errors)
                .singleElement()
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("Truncated #2 @5368709137 3/-1"))
                .satisfies(e -> assertThat(e).hasMessageEndingWith(": ff ff ff '...'"));
    }

    @Test
    void partsWholeAgain_byWindowsThatRequestOnePartAtATime() {
        List<Long> requests = new ArrayList<>();
        Flux<ByteBuffer> chunks =
                Flux.just("03 61", "62 63 00", "01 64 02 65", "66").map(hex -> ByteBuffer.wrap(hex(hex)));
        List<String> frames = CODEC.maxFrameLength(Long.MAX_VALUE)
                .decodeParts(chunks)
                .doOnRequest(requests::add)
                .windowUntil(FramePart::last, false, 1)
                .concatMap(
                        frame -> frame.map(part -> new String(bytes(part.content())))
                                .reduce("", String::concat),
                        1)
                .collectList()
                .block();

        assertThat(frames).containsExactly("abc", "", "d", "ef");
        assertThat(requests).containsOnly(1L);
    }

    /** Keeps frames as they grow, and starts anew at each first part. */
    private static final class Store {

        private final List<String> begun = new ArrayList<>();

        Mono<Void> create(FramePart part) {
            return Mono.fromRunnable(() -> begun.add(new String(bytes(part.content()))));
        }

        Mono<Void> append(FramePart part) {
            return Mono.fromRunnable(
                    () -> begun.add(begun.remove(begun.size() - 1) + new String(bytes(part.content()))));
        }
    }

    @Test
    void partsOneAfterTheOther_noneIsRequestedInAdvanceAndAnAbandonedFrameIsNotPutBeforeTheNext() {
        Store store = new Store();
        List<Long> requests = new ArrayList<>();
        List<FramingException> skipped = new ArrayList<>();
        Flux<ByteBuffer> chunks = Flux.just("61 c0 62 62", "db 00 63 c0 64 c0").map(hex -> ByteBuffer.wrap(hex(hex)));

        FrameCodec.of(Slip.rfc1055())
                .skipInvalid(skipped::add)
                .decodeParts(chunks)
                .doOnRequest(requests::add)
                .concatMap(part -> part.offset() == 0 ? store.create(part) : store.append(part), 0)
                .blockLast();

        assertThat(store.begun).containsExactly("a", "bb", "d");
        assertThat(skipped).hasSize(1);
        assertThat(requests).containsOnly(1L);
    }

    @Test
    void encode_oneBufferAFrame_framesAreLeftAsTheyAre() {
        ByteBuffer frame =
                ByteBuffer.wrap(hex("00 61 62 00")).position(1).limit(3).order(ByteOrder.LITTLE_ENDIAN);
        Flux<ByteBuffer> bytes = CODEC.encode(Flux.just(frame, frame.asReadOnlyBuffer(), ByteBuffer.allocate(0)));

        for (int subscription = 0; subscription < 2; subscription++) {
            StepVerifier.create(bytes)
                    .expectNext(ByteBuffer.wrap(hex("02 61 62")))
                    .expectNext(ByteBuffer.wrap(hex("02 61 62")))
                    .expectNext(ByteBuffer.wrap(hex("00")))
                    .verifyComplete();
        }
        assertThat(frame.position()).isEqualTo(1);
        assertThat(frame.limit()).isEqualTo(3);
        assertThat(frame.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void encode_thatCannotBe_isTheReasonAsAnError() {
        StepVerifier.create(FrameCodec.of(LengthField.ofSize(1).before(1)).encode(Flux.never()))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageStartingWith("Cannot encode: the 1 bytes before the length"));
    }

    @Test
    void encode_framesBeforeABadOneAreWritten() {
        StepVerifier.create(CODEC.encode(
                        Flux.just(ByteBuffer.wrap(hex("61")), ByteBuffer.allocate(256), ByteBuffer.wrap(hex("62")))))
                .expectNext(ByteBuffer.wrap(hex("01 61")))
                .verifyErrorSatisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #1 @2 256>255"));
    }

    @Test
    void skippedFrame_dropsNothingOfTheNext_alsoWithZeroCopy() {
        StepVerifier.create(CODEC.zeroCopy()
                        .maxFrameLength(2)
                        .skipInvalid(e -> {})
                        .decode(Flux.just("03 61", "61 61 02", "62 62 03 61 61 61 01 63")
                                .map(hex -> ByteBuffer.wrap(hex(hex)))))
                .expectNext(ByteBuffer.wrap(hex("62 62")))
                .expectNext(ByteBuffer.wrap(hex("63")))
                .verifyComplete();
    }
}
