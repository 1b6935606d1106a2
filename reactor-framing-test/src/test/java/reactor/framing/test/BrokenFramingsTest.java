package reactor.framing.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.framing.Framing;

/** Every broken framing is caught, and the message says what is wrong. */
@Tag("one-jdk") // what the verifier says about a framing is the same
class BrokenFramingsTest {

    private static Arguments caught(Supplier<Framing> framing, String headline, String... lines) {
        return arguments(framing.get(), headline, lines);
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                caught(
                        Broken::signExtension,
                        "the split matters: java.lang.IllegalArgumentException is thrown at Broken$",
                        "cut       00 | 80 61 62 63",
                        "came      error java.lang.IllegalArgumentException",
                        "must not be negative, was -128"),
                caught(
                        Broken::truncationBehindTheHeader,
                        "silent truncation: the stream ends inside a frame and completes",
                        "cut       00\n",
                        "expected  error Truncated #0 @0 1/2\n",
                        "came      complete"),
                caught(
                        Broken::partialFrameAtTheEnd,
                        "silent truncation: a frame cut short is delivered as if it were whole",
                        "cut       00 02 61\n",
                        "expected  error Truncated #0 @0 3/4\n",
                        "came      frame 61\n"),
                caught(
                        Broken::keptChunk,
                        "bytes of a borrowed chunk are kept after onNext: frame 0 has other bytes, from byte 0 on",
                        "cut       00 02 61 | 62\n",
                        "overwritten after onNext",
                        "expected  frame 61 62\n",
                        "came      frame ee 62\n"),
                caught(Broken::emptyFrameSwallowed, "encoder and decoder disagree: an empty frame is swallowed", "[]"),
                caught(
                        Broken::goodFramesLost,
                        "the split matters: good frames before the fault are lost, when they come in one chunk",
                        "cut       00 | 00 "),
                caught(
                        Broken::reservesOnTheHeader,
                        "a large reservation: 2",
                        "bytes are allocated when only 40 bytes have come",
                        "stream    00 20 00 00 "),
                caught(Broken::chunkLimitChanged, "decode() changed the limit of the chunk from 4 to 2"),
                caught(
                        Broken::limitWhenSplit,
                        "the limit depends on the split: frame 0 is not delivered, but an error",
                        "cut       00 04 | 61 62 63 64\n",
                        "came      error TooLong #0 @0 4>4"),
                caught(
                        Broken::noLimitWhenWhole,
                        "the limit depends on the split: frame 0 is not delivered, but an error",
                        "cut       00 05 | ",
                        "came      error TooLong #0 @0 5>4"),
                caught(
                        Broken::noProgress,
                        "decode() makes no progress: it returned true more often than there were bytes"),
                caught(
                        Broken::loopWithoutEnd,
                        "a loop without end at Broken$",
                        "payload(Broken.java:",
                        "decode this stream",
                        "cut       00 | 01 | 61\n"),
                caught(Broken::loopOfCalls, "decode() makes no progress: it called the sink 1"),
                caught(Broken::finderDisagrees, "find() and decode() disagree: frame 0 is too short"),
                caught(Broken::cutFrameIsShort, "find() and decode() disagree"),
                caught(
                        Broken::cutFrameIsWhole,
                        "find() and decode() disagree: java.lang.IllegalStateException is thrown",
                        "which is none that the chunk cuts"),
                caught(Broken::finderMovesTheChunk, "the position of the chunk was changed from 0 to 2"),
                caught(
                        Broken::rescans,
                        "work grows faster than the input: from ",
                        "microseconds of processor time became",
                        "stream    short frames, in one chunk"),
                caught(
                        Broken::copiesAgain,
                        "work grows faster than the input: from 4098 to 16386 bytes",
                        "allocated bytes became",
                        "stream    one long frame, byte by byte"),
                caught(
                        Broken::needsAnArray,
                        "the kind of buffer matters, here read-only: java.nio.ReadOnlyBufferException is thrown"),
                caught(
                        Broken::forgetsTheOffset,
                        "the kind of buffer matters, here offset slice: frame 0 has other bytes",
                        "cut       00 01 61\n"),
                caught(Broken::sharedState, "streams share state"),
                caught(Broken::writesIntoTheChunk, "the bytes of the chunk were changed from 00 01 34 to 00 01 61"),
                caught(
                        Broken::typeIsAnIndex,
                        "random bytes: java.lang.ArrayIndexOutOfBoundsException is thrown at Broken$",
                        "expected  frames, or a FramingException"),
                caught(Broken::leavesBytesUnread, "decode() returned false and left 1 of 1 bytes of the chunk unread"),
                caught(
                        Broken::wrongWireLength,
                        "the stream ends inside a frame: the figures of the error differ",
                        "expected  error Truncated #0 @0 2/3\n",
                        "came      error Truncated #0 @0 2/1\n"),
                caught(Broken::partsDiffer, "decodeParts gives something else than decode: frame 0 is too long"),
                caught(
                        Broken::rejectsTheRestOfTheChunk,
                        "the split matters: the reports of what was skipped differ",
                        "skipInvalid"),
                caught(
                        Broken::delimiterAcrossChunksMissed,
                        "the split matters: an empty frame is swallowed",
                        "0d | 0a\n"),
                caught(Broken::prefixDelimiters, "the split matters: bytes are left over at the end", "0d | 0a\n"),
                caught(
                        Broken::carriageReturnKept,
                        "the split matters: frame 0 is too long, 1 instead of 0 bytes",
                        "cut       0d | 0a\n",
                        "came      frame 0d\n"),
                caught(
                        Broken::delimiterInTheFrame,
                        "encoder and decoder disagree: frame 0 is too short",
                        "came      frame "),
                caught(Broken::escapeSplit, "the split matters: frame 0 has other bytes", "5c | 4a"),
                caught(
                        Broken::placeOfAFaultDependsOnTheSplit,
                        "the split matters: the reports of what was skipped differ",
                        "aa | bb"),
                caught(
                        Broken::encodedLengthTooSmall,
                        "encodedLength() is too small, it says 2 bytes at most and encode() writes 3",
                        "frame     0a\n",
                        "came      5c 4a 0a\n"),
                caught(Broken::encoderMovesTheFrame, "encode() moves the position of the frame from 0 to 1"),
                caught(
                        Broken::encoderNeedsAnArray,
                        "encode() throws java.lang.UnsupportedOperationException at Broken$",
                        "when the frame's buffer is direct"),
                caught(
                        Broken::encoderForgetsThePosition,
                        "encode() writes something else when the buffer of the frame is offset slice",
                        "expected  00 01 61\n"),
                caught(
                        Broken::encoderChangesTheTargetsOrder,
                        "frames that are written one after the other are other bytes with coalesce("),
                caught(
                        Broken::longestFramesAreRefused,
                        "encoder and decoder disagree: frame 0 is not delivered, but an error",
                        "(65533 bytes)",
                        "came      error Corrupt #0 @0"),
                caught(
                        Broken::lengthOverflows,
                        "encoder and decoder disagree: frame 0 is too short, 0 instead of 65536 bytes"),
                caught(Broken::refusesTooLate, "encode() refuses a frame when 15 bytes of it have been written"),
                caught(Broken::writesInFrontOfTheTarget, "encode() writes in front of the target's position"),
                caught(
                        Broken::overheadTooSmall,
                        "overhead() is too small, it says 1 bytes at most and before() writes 2"),
                caught(
                        Broken::envelopeTakesTheStartForTheFrame,
                        "before() and behind() do not write what encode() writes, for the first 0 bytes of a frame",
                        "expected  00 01 61",
                        "came      00 00 61"),
                caught(
                        Broken::hidesItsEnvelope,
                        "envelope() returns null, and the encoder is an EnvelopeEncoder",
                        "frame     "),
                caught(Broken::envelopeMovesTheStart, "envelope() moves the position of the frame", "frame     "),
                caught(
                        Broken::choosesAnotherEnvelope,
                        "before() and behind() do not write what encode() writes",
                        "came      00 01"),
                caught(Broken::asksForMoreThanTheFrame, "before() asks for more than the whole frame", "frame     "),
                caught(
                        Broken::writesAndAsksForMore,
                        "before() asks for more of a frame when 2 bytes of it have been written",
                        "frame     61"),
                caught(
                        Broken::checksNothingInPieces,
                        "before() takes a frame that encodedLength() refuses",
                        "shown     0 bytes"),
                caught(
                        Broken::envelopeRemembersTheFrameBefore,
                        "frames that are written one after the other are other bytes with before() and behind()",
                        "expected  00 00 00 00",
                        "came      00 00 00 01"),
                caught(
                        Broken::encoderThrowsSomethingElse,
                        "encodedLength() throws java.nio.BufferOverflowException at Broken$",
                        "(256 bytes)"));
    }

    private static AssertionError verify(Framing framing) {
        // one that only takes long, by scanning again and again, is no loop without end
        Duration patience = Duration.ofSeconds(framing.toString().contains("loop without end") ? 2 : 12);
        return catchThrowableOfType(
                AssertionError.class,
                () -> FramingVerifier.of(framing).patience(patience).verify());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void brokenFraming_isCaughtAndTheCauseNamed(Framing framing, String headline, String... lines) {
        AssertionError failure = verify(framing);

        assertThat(failure).as("%s", framing).isNotNull();
        assertThat(failure.getMessage()).startsWith(headline).contains("framing   " + framing);
        assertThat(lines).allSatisfy(line -> assertThat(failure.getMessage()).contains(line));
    }

    @Test
    void nothingBroken_passes() {
        assertThatCode(() -> FramingVerifier.of(Broken.none()).verify()).doesNotThrowAnyException();
    }

    @Test
    void everyBrokenFraming_isInTheList() {
        long all = Arrays.stream(Broken.class.getDeclaredMethods())
                .filter(method -> method.getReturnType() == Framing.class
                        && method.getParameterCount() == 0
                        && !Modifier.isPrivate(method.getModifiers()))
                .count();
        assertThat(broken()).hasSize((int) all - 1);
    }
}
