package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static reactor.framing.FramingMatrix.bytes;
import static reactor.framing.FramingMatrix.hex;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.test.StepVerifier;

/** Messages that a function writes; each test with a buffer a frame (0) and packed. */
class WriteTest {

    private static FrameCodec codec(int maxChunkLength) {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(2));
        return maxChunkLength == 0 ? codec : codec.coalesce(maxChunkLength);
    }

    private static void writeText(String text, ByteBuffer frame) {
        frame.put(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] all(Flux<ByteBuffer> chunks) {
        return chunks.map(FramingMatrix::bytes)
                .reduce(new byte[0], (a, b) -> {
                    ByteBuffer sum =
                            ByteBuffer.allocate(a.length + b.length).put(a).put(b);
                    return sum.array();
                })
                .block();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 65536})
    void messages_areWrittenAndFramed(int maxChunkLength) {
        assertThat(all(codec(maxChunkLength).write(Flux.just("ab", "", "c"), WriteTest::writeText)))
                .containsExactly(hex("00 02 61 62 00 00 00 01 63"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void messagesOfAnyLength_comeBack(int maxChunkLength) {
        List<String> messages =
                IntStream.rangeClosed(0, 300).mapToObj(i -> "m".repeat(i * 7)).toList();
        FrameCodec codec = codec(maxChunkLength);
        assertThat(codec.read(codec.write(Flux.fromIterable(messages), WriteTest::writeText), f -> new String(bytes(f)))
                        .collectList()
                        .block())
                .isEqualTo(messages);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void buffer_isBigEndianEmptyAndTheSameForAll_whateverTheFunctionDoesToIt(int maxChunkLength) {
        Map<ByteBuffer, Boolean> buffers = new IdentityHashMap<>();
        byte[] wire = all(codec(maxChunkLength).write(Flux.range(1, 3), (i, frame) -> {
            buffers.put(frame, true);
            frame.putShort(i.shortValue());
            frame.mark().order(ByteOrder.LITTLE_ENDIAN);
        }));
        assertThat(wire).containsExactly(hex("00 02 00 01 00 02 00 02 00 02 00 03"));
        assertThat(buffers).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void overflow_isCalledAgainWithALargerBuffer_andOnceOtherwise(int maxChunkLength) {
        List<Integer> calls = new ArrayList<>();
        byte[] wire = all(codec(maxChunkLength).write(Flux.just(10, 1000, 900), (n, frame) -> {
            calls.add(n);
            frame.put(new byte[n]);
        }));
        assertThat(wire).hasSize(10 + 1000 + 900 + 3 * 2);
        assertThat(calls.stream().filter(n -> n == 10)).hasSize(1);
        assertThat(calls.stream().filter(n -> n == 1000)).hasSizeGreaterThan(1);
        assertThat(calls.stream().filter(n -> n == 900)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void messageOverTheLimit_isTooLong_thoseBeforeItAreWritten(int maxChunkLength) {
        List<Integer> capacities = new ArrayList<>();
        StepVerifier.create(codec(maxChunkLength).maxFrameLength(300).write(Flux.just(300, 301), (n, frame) -> {
                    capacities.add(frame.capacity());
                    frame.put(new byte[n]);
                }))
                .assertNext(chunk -> assertThat(chunk.remaining()).isEqualTo(302))
                .expectErrorSatisfies(e -> {
                    assertThat(FramingMatrix.describe(e)).isEqualTo("TooLong #1 @302 301>300");
                    assertThat(e).hasMessageContaining("the message takes more than the limit of 300 bytes");
                })
                .verify();
        assertThat(capacities).allMatch(capacity -> capacity <= 300).contains(300);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void messageThatTheFormatCannotCarry_endsTheStreamBehindTheOthers(int maxChunkLength) {
        FrameCodec lines = FrameCodec.of(Delimiter.lines());
        StepVerifier.create((maxChunkLength == 0 ? lines : lines.coalesce(maxChunkLength))
                        .write(Flux.just("ok", "a\nb"), WriteTest::writeText))
                .assertNext(chunk -> assertThat(bytes(chunk)).containsExactly("ok\n".getBytes()))
                .expectErrorSatisfies(e -> {
                    assertThat(FramingMatrix.describe(e)).isEqualTo("Corrupt #1 @3");
                    assertThat(e).hasMessageContaining("61 0a 62");
                })
                .verify();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void exceptionOfTheFunction_endsTheStreamBehindTheOthers(int maxChunkLength) {
        IllegalStateException bug = new IllegalStateException("bug");
        StepVerifier.create(codec(maxChunkLength).write(Flux.just("a", "b"), (text, frame) -> {
                    if (text.equals("b")) {
                        throw bug;
                    }
                    writeText(text, frame);
                }))
                .expectNextCount(1)
                .expectErrorMatches(e -> e == bug)
                .verify();
    }

    @Test
    void packed_messageThatDidNotFit_isNotWrittenAgain() {
        List<String> calls = new ArrayList<>();
        List<Integer> lengths = codec(10)
                .write(Flux.just("abcd", "efgh", "ijkl"), (text, frame) -> {
                    calls.add(text);
                    writeText(text, frame);
                })
                .map(ByteBuffer::remaining)
                .collectList()
                .block();
        assertThat(lengths).containsExactly(6, 6, 6);
        assertThat(calls).containsExactly("abcd", "efgh", "ijkl");
    }

    @Test
    void largeBuffer_isGivenBackAfterARunOfSmallMessages() {
        List<Integer> capacities = new ArrayList<>();
        FrameCodec.of(LengthField.ofSize(4))
                .write(Flux.just(1 << 20).concatWith(Flux.range(0, 40).map(i -> 1)), (n, frame) -> {
                    capacities.add(frame.capacity());
                    frame.put(new byte[n]);
                })
                .blockLast();
        assertThat(capacities).contains(1 << 20);
        assertThat(capacities.get(capacities.size() - 1)).isLessThanOrEqualTo(65536);
    }

    @Test
    void outOfMemory_isAnError_andNobodyWaitsForEver() {
        OutOfMemoryError error = new OutOfMemoryError("on purpose");
        StepVerifier.create(codec(65536).write(Flux.just("a").hide(), (text, frame) -> {
                    throw error;
                }))
                .expectErrorMatches(e -> e == error)
                .verify();
    }

    @Test
    void argumentsThatAreNull_failWhenTheMethodIsCalled() {
        assertThatNullPointerException().isThrownBy(() -> codec(0).write(null, (m, frame) -> {}));
        assertThatNullPointerException().isThrownBy(() -> codec(0).write(Flux.empty(), null));
    }

    @Test
    void overflowOfAnotherBuffer_endsInTheLimit_notInALoop() {
        StepVerifier.create(codec(0).maxFrameLength(1000).write(Flux.just("a"), (text, frame) -> {
                    throw new BufferOverflowException();
                }))
                .verifyError(FrameTooLongException.class);
    }
}
