package reactor.framing.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
import reactor.framing.format.LengthField;
import reactor.framing.format.Switching;

class StreamVerifierTest {

    private static final Framing ONE = LengthField.ofSize(1);
    private static final Framing MARKED = LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAB);

    @Test
    void whatComes_passes() {
        StreamVerifier one = StreamVerifier.of(ONE).with(codec -> codec.maxFrameLength(9));
        one.stream("03 61 62 63 00").yields("frame 61 62 63", "frame", "complete");
        one.stream("03 61 62 63 02 68").yields("frame 61 62 63", "error Truncated #1 @4 2/3");
        one.stream("0a").yields("error TooLong #0 @0 10>9");
        one.stream("").yields("complete");
        StreamVerifier.of(MARKED).skipInvalid().stream("AA AB 01 61 00 AA AB 00")
                .yields("frame 61", "skipped Corrupt #1 @4 +1", "frame ", "complete");
        StreamVerifier.of(Switching.of(ONE, frame -> {
                    throw new IllegalArgumentException("no");
                }))
                .stream("01 61")
                .yields("frame 61", "error java.lang.IllegalArgumentException: no");
    }

    @Test
    void somethingElseComes_messageShowsWhatWasExpectedAndWhatCame() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> StreamVerifier.of(ONE).stream("01 61 02 62").yields("frame 61", "complete"))
                .withMessage("""
                        the stream holds something else: bytes are left over at the end

                          framing   LengthField.ofSize(1)
                          cut       01 61 02 62
                          run       decode, heap chunks, unbounded demand, without find()
                          expected  frame 61
                                    complete
                          came      frame 61
                                    error Truncated #1 @2 2/3
                        """);
    }

    @Test
    void onlyOneSplitGivesSomethingElse_messageShowsTheLeastCutThatItTakes() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> StreamVerifier.of(Broken.prefixDelimiters()).stream("61 62 63 0d 0a 64 0d 0a")
                        .yields("frame 61 62 63", "frame 64", "complete"))
                .withMessage("""
                        the split matters: frame 1 has other bytes, from byte 0 on

                          framing   prefix delimiters
                          cut       61 62 63 0d | 0a 64 0d 0a
                          run       decode, heap chunks, unbounded demand
                          expected  frame 61 62 63
                                    frame 64
                                    complete
                          came      frame 61 62 63
                                    frame 0a 64
                                    complete
                        """);
    }

    @Test
    void exceptionThatWasNotExpected_isTheCause() {
        IllegalStateException thrown = new IllegalStateException("no");
        Framing framing = new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return (chunk, frame) -> {
                    throw thrown;
                };
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException();
            }
        };
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> StreamVerifier.of(framing).stream("61").yields("complete"))
                .withMessageStartingWith("the stream holds something else: java.lang.IllegalStateException is thrown")
                .withCause(thrown);
    }

    @Test
    void events_whatComesInOnePiece() {
        assertThat(StreamVerifier.of(MARKED).skipInvalid().stream("00 AA AB 01 61 AA")
                        .events())
                .isEqualTo(List.of("skipped Corrupt #0 @0 +1", "frame 61", "error Truncated #2 @5 1/-1"));
    }

    @Test
    void immutable_everyMethodReturnsACopy() {
        StreamVerifier one = StreamVerifier.of(MARKED).stream("00 AA AB 01 61");
        one.skipInvalid();
        one.stream("AA AB 00");
        one.with(codec -> codec.maxFrameLength(1));
        assertThatCode(() -> one.yields("error Corrupt #0 @0")).doesNotThrowAnyException();
    }

    @Test
    void badArguments_areRefused() {
        StreamVerifier one = StreamVerifier.of(ONE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> one.stream("0x"))
                .withMessage("bytes must be given in hexadecimal, were \"0x\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> one.yields("fame 61"))
                .withMessage("an event must begin with frame, skipped, complete or error, was \"fame 61\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> one.allCutsUpTo(21))
                .withMessage("allCutsUpTo must be from 0 to 20, was 21");
    }

    @Test
    void describe_ownExceptionsLikewise() {
        assertThat(FramingEvents.describe(new CorruptFrameException("no"))).isEqualTo("Corrupt #-1 @-1");
        assertThat(FramingEvents.describe(new IllegalStateException("no")))
                .isEqualTo("java.lang.IllegalStateException: no");
    }
}
