package reactor.framing.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;

class FramingVerifierTest {

    private static Framing readOnly(Framing framing) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return framing.newDecoder();
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException("for reading only");
            }

            @Override
            public String toString() {
                return "read-only " + framing;
            }
        };
    }

    private static AssertionError failure(FramingVerifier verifier) {
        AssertionError failure = catchThrowableOfType(AssertionError.class, verifier::verify);
        assertThat(failure).isNotNull();
        return failure;
    }

    @Test
    void formatsThatCarryAnyBytes_needNothing() {
        FramingVerifier.of(LengthField.ofSize(2)).verify();
        FramingVerifier.of(Slip.rfc1055()).verify();
    }

    @Test
    void formatThatRefusesSomeBytes_refusedOnesArePassedOver() {
        FramingVerifier.of(Delimiter.of("||", "|a")).verify();
    }

    @Test
    void formatThatRefusesNearlyAll_needsSamplesOrAGenerator() {
        assertThat(failure(FramingVerifier.of(Json.objects())))
                .hasMessageStartingWith(
                        "the encoder refuses all frames of random bytes: say with frames(...) which it carries");
        FramingVerifier.of(Json.objects())
                .frames("{}".getBytes(StandardCharsets.US_ASCII), "{\"a\":[1,{}]}".getBytes(StandardCharsets.US_ASCII))
                .verify();
        FramingVerifier.of(Json.objects())
                .lengths(2, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    byte[] object = new byte[length];
                    Arrays.fill(object, (byte) ' ');
                    object[0] = '{';
                    object[length - 1] = '}';
                    return object;
                })
                .verify();
    }

    @Test
    void endOfTheStreamEndsAFrame_isSaid() {
        assertThat(failure(FramingVerifier.of(Delimiter.lines())))
                .hasMessageStartingWith("silent truncation: a frame cut short is delivered as if it were whole");
        FramingVerifier.of(Delimiter.lines()).unterminatedLast().verify();
        FramingVerifier.of(Delimiter.lines())
                .atEnd(rest -> rest.length == 0 ? "complete" : FramingEvents.frame(rest))
                .verify();
    }

    @Test
    void deliveredIsNotWhatWasWritten_isSaid() {
        Framing padded = FixedLength.of(4).padding((byte) ' ');
        assertThat(failure(FramingVerifier.of(padded)))
                .hasMessageStartingWith("encoder and decoder disagree: frame 0 is too long, 4 instead of 0 bytes");
        FramingVerifier.of(padded)
                .lengths(0, 4)
                .delivers(frame -> {
                    byte[] filled = Arrays.copyOf(frame, 4);
                    Arrays.fill(filled, frame.length, 4, (byte) ' ');
                    return filled;
                })
                .verify();
    }

    @Test
    void formatThatCannotBeWritten_needsExamples() {
        Framing framing = readOnly(LengthField.ofSize(1));
        assertThat(failure(FramingVerifier.of(framing)))
                .hasMessageStartingWith(
                        "this format cannot be written: say with example(stream, frames...) what it reads");
        FramingVerifier.of(framing)
                .example("01 61 00 02 62 63", "61", "", "62 63")
                .verify();
        assertThat(failure(FramingVerifier.of(framing).example("01 61 00", "61")))
                .hasMessageStartingWith("the stream holds something else: frame 1 comes and should not");
        assertThat(failure(FramingVerifier.of(readOnly(Broken.signExtension())).example("00 01 61", "61")))
                .hasMessageContaining("java.lang.IllegalArgumentException");
    }

    @Test
    void lengths_haveToBeCarriedAndNoOther() {
        FramingVerifier.of(LengthField.ofSize(1)).lengths(0, 255).verify();
        assertThat(failure(FramingVerifier.of(LengthField.ofSize(1)).lengths(0, 256)))
                .hasMessageStartingWith("the encoder refuses a frame that has to be carried");
        assertThat(failure(FramingVerifier.of(LengthField.ofSize(1)).lengths(0, 254)))
                .hasMessageStartingWith("the encoder takes a frame that is longer than lengths() says");
    }

    @Test
    void refuses_hasToBeRefused() {
        FramingVerifier.of(Delimiter.of("|")).refuses("7c", "61 7c").verify();
        assertThat(failure(FramingVerifier.of(Delimiter.of("|")).refuses("7c", "61")))
                .hasMessageStartingWith("the encoder takes a frame that it has to refuse")
                .hasMessageContaining("frame     61\n");
    }

    @Test
    void samples_haveToBeCarried() {
        assertThat(failure(FramingVerifier.of(Delimiter.of("|")).frames("61 7c 62")))
                .hasMessageStartingWith("the encoder refuses a frame that has to be carried")
                .hasMessageContaining("frame     61 7c 62\n");
    }

    @Test
    void sameSeed_sameFailure() {
        FramingVerifier verifier = FramingVerifier.of(Broken.noLimitWhenWhole());
        String first = failure(verifier.seed(5)).getMessage();
        assertThat(failure(verifier.seed(5))).hasMessage(first);
        assertThat(first).contains("FramingVerifier.of(...).seed(5)");
        assertThat(failure(verifier.seed(6)).getMessage()).isNotEqualTo(first);
    }

    @Test
    void rounds_eachWithASeedOfItsOwn() {
        FramingVerifier verifier = FramingVerifier.of(FixedLength.of(2));
        assertThat(verifier.rounds(3).prove()).isGreaterThan(2 * verifier.prove());
    }

    @Test
    void decoderThatBlocks_isGivenUp() {
        CountDownLatch never = new CountDownLatch(1);
        Framing framing = new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return (chunk, frame) -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new IllegalStateException("given up");
                };
            }

            @Override
            public FrameEncoder newEncoder() {
                return LengthField.ofSize(1).newEncoder();
            }
        };
        assertThat(failure(FramingVerifier.of(framing).patience(Duration.ofMillis(50))))
                .hasMessageStartingWith("a loop without end at FramingVerifierTest$")
                .hasMessageContaining("cut       00\n");
    }

    @Test
    void thisThreadIsInterrupted_itStops() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> FramingVerifier.of(LengthField.ofSize(1)).verify())
                .withMessage("interrupted while a framing was verified");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void badArguments_areRefused() {
        FramingVerifier verifier = FramingVerifier.of(LengthField.ofSize(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> verifier.lengths(3, 2))
                .withMessage("lengths must be from 0 up, were 3 and 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> verifier.alphabet(256))
                .withMessage("a byte must be from 0 to 255, was 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> verifier.rounds(0))
                .withMessage("rounds must be positive, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> verifier.patience(Duration.ZERO))
                .withMessage("patience must be positive, was PT0S");
    }
}
