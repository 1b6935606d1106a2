package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.test.FramingEvents;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** The sink as a decoder of one's own sees it. */
class FrameAssemblerTest {

    private static FrameCodec codec(TestFramings.Step step) {
        return FrameCodec.of(TestFramings.framing(step));
    }

    private static FrameCodec codec(Supplier<FrameDecoder> decoders) {
        return FrameCodec.of(TestFramings.framing(decoders));
    }

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private static List<ByteBuffer> decode(FrameCodec codec, String... chunks) {
        return codec.decode(Flux.fromArray(chunks).map(FrameAssemblerTest::chunk))
                .collectList()
                .block();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bytesFromEverywhere_makeOneFrame(boolean zeroCopy) {
        ByteBuffer kept = chunk("01 02 03 04").position(1).limit(3);
        FrameCodec codec = codec((chunk, frame) -> {
            frame.append(chunk, 1);
            frame.append(kept.duplicate(), 2);
            frame.append((byte) 0x7F);
            chunk.get();
            frame.append(chunk, 2);
            frame.append(chunk, 0);
            frame.append(chunk, 1);
            return true;
        });

        assertThat(decode(zeroCopy ? codec.zeroCopy() : codec, "61 62 63 64 65", "66 67 68 69 6a"))
                .containsExactly(chunk("61 02 03 7f 63 64 65"), chunk("66 02 03 7f 68 69 6a"));
    }

    @Test
    void zeroCopy_piecesInOnePlaceAreOneSlice_othersACopy() {
        ByteBuffer chunk = chunk("61 62 63 64");
        FrameCodec together = codec((bytes, frame) -> {
            frame.append(bytes, 2);
            frame.append(bytes, 2);
            return true;
        });
        ByteBuffer slice = together.zeroCopy().decode(Flux.just(chunk)).blockLast();
        assertThat(slice.array()).isSameAs(chunk.array());

        FrameCodec apart = codec((bytes, frame) -> {
            frame.append(bytes, 2);
            bytes.get();
            frame.append(bytes, 1);
            return true;
        });
        ByteBuffer copy = apart.zeroCopy().decode(Flux.just(chunk)).blockLast();
        assertThat(copy).isEqualTo(chunk("61 62 64"));
        assertThat(copy.array()).isNotSameAs(chunk.array());
    }

    @Test
    void view_isTheDecodersOwn_bigEndianAndFromTheChunksPosition() {
        ByteBuffer chunk = chunk("00 01 02 03 04 05")
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(1)
                .limit(5);
        List<String> seen = new ArrayList<>();
        codec((view, frame) -> {
                    assertThat(view).isNotSameAs(chunk);
                    seen.add(view.order() + " " + view.remaining() + " " + Integer.toHexString(view.getInt()));
                    return true;
                })
                .decode(Flux.just(chunk))
                .blockLast();

        assertThat(seen).containsExactly("BIG_ENDIAN 4 1020304");
        assertThat(chunk.position()).isEqualTo(1);
    }

    @Test
    void decoder_neverSeesAnEmptyChunk() {
        List<Integer> seen = new ArrayList<>();
        FrameCodec codec = codec((chunk, frame) -> {
            seen.add(chunk.remaining());
            frame.append(chunk, 1);
            return true;
        });
        decode(codec, "", "61 62", "", "", "63", "");

        assertThat(seen).containsExactly(2, 1, 1);
    }

    @Test
    void skippedBytes_areNoFrame_andMoveTheNextOnesOffset() {
        FrameCodec codec = codec((chunk, frame) -> {
            while (chunk.hasRemaining() && chunk.get(chunk.position()) == ' ') {
                frame.skip(chunk, 1);
            }
            if (!chunk.hasRemaining()) {
                return false;
            }
            if (chunk.get(chunk.position()) == '!') {
                throw new CorruptFrameException("bad");
            }
            frame.append(chunk, 1);
            return true;
        });

        assertThat(decode(codec, "20 20 61 20", "20"))
                .extracting(f -> new String(bytes(f)))
                .containsExactly("a");
        assertThat(codec.decode(Flux.just(chunk("20 61 20"), chunk("20 21")))
                        .materialize()
                        .blockLast()
                        .getThrowable())
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("Corrupt #1 @4"));
    }

    /**
     * Finds frames of a length byte, their payload and a line feed where they are whole, and else reads them as they
     * come.
     */
    private static final class FindingDecoder implements FrameFinder {

        private final List<String> calls = new ArrayList<>();
        private final List<ByteBuffer> looked = new ArrayList<>();
        private int remaining = -1;

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            int rest = chunk.limit() - start;
            calls.add("find " + rest);
            looked.add(chunk);
            if (rest == 0 || chunk.get(start) + 2 > rest) {
                return false;
            }
            place.set(start + 1, chunk.get(start), start + 2 + chunk.get(start));
            return true;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            calls.add("decode " + chunk.remaining());
            if (remaining < 0) {
                remaining = chunk.get();
                frame.expect(remaining);
            }
            int n = Math.min(remaining, chunk.remaining());
            frame.append(chunk, n);
            remaining -= n;
            if (!chunk.hasRemaining()) {
                return false;
            }
            chunk.get();
            remaining = -1;
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void frameThatIsFound_isTaken_anyOtherIsDecoded(boolean zeroCopy) {
        FindingDecoder decoder = new FindingDecoder();
        FrameCodec codec = zeroCopy ? codec(() -> decoder).zeroCopy() : codec(() -> decoder);

        assertThat(decode(codec, "02 61 62 0a 00 0a 01", "63 0a 01 64 0a", "", "01 65 0a"))
                .containsExactly(chunk("61 62"), chunk(""), chunk("63"), chunk("64"), chunk("65"));
        assertThat(decoder.calls)
                .containsSubsequence("find 7", "find 3", "find 1", "decode 1", "decode 5", "find 3", "find 3")
                .doesNotContain("decode 7", "decode 3");
    }

    @Test
    void frameThatIsFound_countsAsAnyOther() {
        assertThat(fault(codec(FindingDecoder::new), "01 61 0a 01 62 0a 02 63")).isEqualTo("Truncated #2 @6 2/-1");
        assertThat(fault(codec(FindingDecoder::new).maxFrameLength(1), "01 61 0a 02 62 63 0a"))
                .isEqualTo("TooLong #1 @3 2>1");
        List<String> skipped = new ArrayList<>();
        FrameCodec skipping =
                codec(FindingDecoder::new).maxFrameLength(1).skipInvalid(e -> skipped.add(FramingEvents.describe(e)));
        assertThat(decode(skipping, "01 61 0a 02 62 63 0a 01 64 0a 01 65 0a"))
                .containsExactly(chunk("61"), chunk("64"), chunk("65"));
        assertThat(skipped).containsExactly("TooLong #1 @3 2>1 +4");
        assertThat(codec(FindingDecoder::new)
                        .decodeParts(Flux.just(chunk("01 61 0a 02 62"), chunk("63 0a 00 0a")))
                        .map(part -> part.frameIndex() + " " + part.offset() + " " + part.last())
                        .collectList()
                        .block())
                .containsExactly("0 0 true", "1 0 false", "1 1 true", "2 0 true");
    }

    @Test
    void afterBytesWereReadAhead_nothingIsFound() {
        List<String> finds = new ArrayList<>();
        FrameCodec codec = codec(() -> new FrameFinder() {
            private boolean held;

            @Override
            public boolean find(ByteBuffer chunk, int start, FramePlace place) {
                if (start < chunk.limit()) {
                    finds.add("find " + (chunk.limit() - start));
                }
                return false;
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                if (held) {
                    frame.append((byte) '+');
                    held = false;
                    return true;
                }
                frame.append(chunk, 1);
                if (chunk.hasRemaining() && chunk.get(chunk.position()) == '+') {
                    chunk.get();
                    held = true;
                    frame.begin(1);
                }
                return true;
            }
        });
        assertThat(decode(codec, "61 2b 62 63")).containsExactly(chunk("61"), chunk("2b"), chunk("62"), chunk("63"));
        assertThat(finds).containsExactly("find 4", "find 2", "find 1");
    }

    @Test
    void chunksInWhichFramesAreFound_areLookedAtThemselves_butForTheirByteOrder() {
        FindingDecoder decoder = new FindingDecoder();
        List<ByteBuffer> chunks = Stream.of("01 61 0a", "02 62 63 0a", "01 64 0a 01 65 0a", "00 0a")
                .map(FrameAssemblerTest::chunk)
                .toList();
        chunks.get(1).order(ByteOrder.LITTLE_ENDIAN);

        assertThat(codec(() -> decoder)
                        .zeroCopy()
                        .decode(Flux.fromIterable(chunks))
                        .map(frame -> new String(bytes(frame)))
                        .collectList()
                        .block())
                .containsExactly("a", "bc", "d", "e", "");
        assertThat(chunks).allMatch(chunk -> chunk.position() == 0);
        assertThat(decoder.looked)
                .allMatch(looked -> looked.order() == ByteOrder.BIG_ENDIAN)
                .extracting(looked -> chunks.stream().anyMatch(chunk -> chunk == looked))
                .containsOnly(true, false);
        assertThat(decoder.calls).noneMatch(call -> call.startsWith("decode"));
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1, IllegalStateException", "2, -1, 3, Exception", "9, 1, 3, IndexOutOfBoundsException"})
    void placeThatCannotBe_isTheDecodersFault(int start, int length, int end, String error) {
        FrameCodec codec = codec(() -> new FrameFinder() {
            @Override
            public boolean find(ByteBuffer chunk, int at, FramePlace place) {
                if (at == 0) {
                    place.set(0, 1, 1);
                } else {
                    place.set(start, length, end);
                }
                return true;
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                throw new AssertionError();
            }
        });
        StepVerifier.create(codec.decode(Flux.just(chunk("61 62 63"))), 0)
                .thenRequest(9)
                .expectNext(chunk("61"))
                .expectErrorMatches(e -> e.getClass().getName().endsWith(error))
                .verify();
    }

    @Test
    void placeBeyondTheChunk_isDecodedInstead() {
        FrameCodec codec = codec(() -> new FrameFinder() {
            @Override
            public boolean find(ByteBuffer chunk, int at, FramePlace place) {
                place.set(at, 2, at + 2);
                return true;
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                frame.append(chunk, 1);
                return true;
            }
        });
        assertThat(decode(codec, "61 62 63", "64 65")).containsExactly(chunk("61 62"), chunk("63"), chunk("64 65"));
    }

    @Test
    void lastFrameOfNoBytes_isEmitted_butNoSecondOne() {
        Supplier<FrameDecoder> lines = () -> new FrameDecoder() {
            private boolean last;

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                return chunk.get() == '\n';
            }

            @Override
            public boolean complete(FrameSink frame) {
                last = !last;
                return last;
            }
        };
        assertThat(decode(codec(lines), "0a")).containsExactly(chunk(""), chunk(""));
        assertThat(decode(codec(lines))).containsExactly(chunk(""));
    }

    /** A length of one byte that does not count itself; counts how often it is called. */
    private static FrameCodec leavingTheRest(AtomicInteger calls) {
        return codec((chunk, frame) -> {
            calls.incrementAndGet();
            int length = chunk.get();
            frame.expect(length, length + 1L);
            if (length > chunk.remaining() && frame.appendRest(chunk, length)) {
                return true;
            }
            frame.append(chunk, length);
            return true;
        });
    }

    @Test
    void restThatIsLeftToTheSink_isReadWithoutTheDecoder() {
        AtomicInteger calls = new AtomicInteger();
        FrameCodec codec = leavingTheRest(calls);

        assertThat(decode(codec, "05 61", "62", "63 64", "65 02 66", "67 00", "01 68"))
                .containsExactly(chunk("61 62 63 64 65"), chunk("66 67"), chunk(""), chunk("68"));
        assertThat(calls).hasValue(4);
        assertThat(codec.decodeParts(Flux.just("03", "61", "", "62 63 01", "64").map(FrameAssemblerTest::chunk))
                        .collectList()
                        .block())
                .containsExactly(
                        new FramePart(0, 0, false, chunk("61")),
                        new FramePart(0, 1, true, chunk("62 63")),
                        new FramePart(1, 0, true, chunk("64")));
    }

    @Test
    void restThatDoesNotCome_isATruncation_thatTellsTheAnnouncedLength() {
        StepVerifier.create(leavingTheRest(new AtomicInteger()).decode(Flux.just(chunk("01 61 05 62"), chunk("63"))))
                .expectNext(chunk("61"))
                .expectErrorSatisfies(e -> {
                    TruncatedFrameException truncated = (TruncatedFrameException) e;
                    assertThat(truncated.received()).isEqualTo(3);
                    assertThat(truncated.expected()).isEqualTo(6);
                    assertThat(truncated.offset()).isEqualTo(2);
                })
                .verify(Duration.ofSeconds(10));
    }

    @Test
    void restThatIsInTheChunk_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decode(codec((chunk, frame) -> frame.appendRest(chunk, 1)), "61 62"))
                .withMessage("length must be at least the 2 bytes left, was 1");
    }

    @Test
    void restBeyondTheLimit_isNotTakenOver_andTheDecoderGoesOn() {
        AtomicInteger refused = new AtomicInteger();
        FrameCodec codec = codec((chunk, frame) -> {
                    if (!frame.appendRest(chunk, 100)) {
                        refused.incrementAndGet();
                        frame.append(chunk, chunk.remaining());
                    }
                    return false;
                })
                .maxFrameLength(3);

        StepVerifier.create(codec.decode(Flux.just(chunk("61 62"), chunk("63 64"))))
                .expectError(FrameTooLongException.class)
                .verify(Duration.ofSeconds(10));
        assertThat(refused).hasValue(2);
    }

    /** Of a chunk of two bytes, the second of which is delivered: frames that end in it, or begin behind it. */
    @ParameterizedTest
    @CsvSource({"1, 1, 2", "1, 0, 1", "3, 2, 5", "1, 4, 6"})
    void cutFrame_inAPlaceThatCannotBe_endsTheStream(int start, int length, int end) {
        FrameCodec codec = FrameCodec.of(TestFramings.framing(() -> new FrameFinder() {
            @Override
            public boolean find(ByteBuffer chunk, int at, FramePlace place) {
                return false;
            }

            @Override
            public boolean findCut(ByteBuffer chunk, int at, FramePlace place) {
                place.set(start, length, end);
                return true;
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                throw new AssertionError("the cut frame is read without the decoder");
            }
        }));
        assertThatIllegalStateException()
                .isThrownBy(() -> decode(codec, "04 61"))
                .withMessageContaining("that ends at " + end + ", which is none that the chunk cuts");
    }

    @Test
    void restBehindBytesOfTheFrame_countsWithThemAgainstTheLimit() {
        List<Boolean> taken = new ArrayList<>();
        FrameCodec codec = codec((chunk, frame) -> {
                    int length = chunk.get();
                    frame.append(chunk, 1);
                    taken.add(frame.appendRest(chunk, length - 1));
                    return taken.get(taken.size() - 1);
                })
                .maxFrameLength(3);

        assertThat(decode(codec, "03 61 62 63", "03 64 65", "66"))
                .containsExactly(chunk("61 62 63"), chunk("64 65 66"));
        assertThat(taken).containsExactly(true, true);
        assertThatIllegalStateException().isThrownBy(() -> decode(codec, "04 61 62", "63 64"));
        assertThat(taken).as("four bytes in all").endsWith(false);
    }

    @Test
    void framesArray_isTheFrame_howeverItIsCut() {
        for (FrameCodec codec : List.of(
                FrameCodec.of(Delimiter.lines()),
                FrameCodec.of(Slip.rfc1055()),
                FrameCodec.of(LengthField.ofSize(1)))) {
            byte[] wire = bytes(codec.encode(Flux.just(chunk("61 62 63"))).blockFirst());
            for (int cut = 0; cut <= wire.length; cut++) {
                ByteBuffer frame = codec.decode(
                                Flux.just(ByteBuffer.wrap(wire, 0, cut), ByteBuffer.wrap(wire, cut, wire.length - cut)))
                        .blockFirst();
                assertThat(frame.array()).containsExactly("abc".getBytes());
                assertThat(frame.arrayOffset()).isZero();
            }
        }
    }

    @Test
    void frameThatGrowsTooLongInASecondChunk_itsFirstBytesAreShownOnce() {
        StepVerifier.create(FrameCodec.of(Delimiter.lines())
                        .maxFrameLength(8)
                        .decode(Flux.just(chunk("61 62 63 64 65"), chunk("66 67 68 69 6a 0a"))))
                .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining(": 61 62 63 64 65 66 67 68 69 6a 0a '"))
                .verify();
    }

    private static String fault(FrameCodec codec, String... chunks) {
        return FramingEvents.describe(codec.decode(Flux.fromArray(chunks).map(FrameAssemblerTest::chunk))
                .materialize()
                .blockLast()
                .getThrowable());
    }

    @Test
    void argumentsThatCannotBe_refused() {
        codec((chunk, frame) -> {
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> frame.expect(-1))
                            .withMessage("frameLength must not be negative, was -1");
                    assertThatIllegalArgumentException().isThrownBy(() -> frame.append(chunk, 3));
                    assertThatIllegalArgumentException().isThrownBy(() -> frame.append(chunk, -1));
                    frame.append(chunk, 2);
                    return true;
                })
                .decode(Flux.just(chunk("61 62")))
                .blockLast();
    }

    @Test
    void skipAndBeginThatCannotBe_refused() {
        codec((chunk, frame) -> {
                    frame.append(chunk, 1);
                    assertThatIllegalArgumentException().isThrownBy(() -> frame.skip(chunk, -1));
                    assertThatIllegalArgumentException().isThrownBy(() -> frame.skip(chunk, 2));
                    assertThatIllegalArgumentException().isThrownBy(() -> frame.begin(-1));
                    assertThatIllegalArgumentException().isThrownBy(() -> frame.begin(2));
                    frame.append(chunk, 1);
                    return true;
                })
                .decode(Flux.just(chunk("61 62")))
                .blockLast();
    }

    @Test
    void frameWithoutAnnouncement_growsWithWhatArrives() {
        FrameCodec codec = codec((chunk, frame) -> {
                    boolean last = chunk.get(chunk.limit() - 1) == '\n';
                    frame.append(chunk, chunk.remaining());
                    return last;
                })
                .maxFrameLength(100_001);
        ByteBuffer ten = chunk("61".repeat(10));
        ByteBuffer frame = codec.decode(Flux.range(0, 10_000).map(i -> ten).concatWith(Flux.just(chunk("0a"))))
                .blockLast();

        assertThat(frame.remaining()).isEqualTo(100_001);
        assertThat(frame.capacity()).isEqualTo(100_001);
    }

    @Test
    void frameThatEndsWithTheChunk_orIsAsLongAsTheLimit_isFound() {
        FindingDecoder decoder = new FindingDecoder();
        assertThat(decode(codec(() -> decoder).maxFrameLength(2), "02 61 62 0a", "01 63 0a 02 64 65 0a"))
                .containsExactly(chunk("61 62"), chunk("63"), chunk("64 65"));
        assertThat(decoder.calls).noneMatch(call -> call.startsWith("decode"));
    }

    @Test
    void decoderThatReadsNothing_isToldBeforeItsFirstFrame() {
        StepVerifier.create(codec((chunk, frame) -> true).decode(Flux.just(chunk("61"))))
                .verifyErrorMessage("the test's decoder found more frames than there were bytes");
    }

    @Test
    void lengthThatCannotBe_isToldWithTheBytesLeft() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decode(
                        codec((chunk, frame) -> {
                            frame.append(chunk, 3);
                            return true;
                        }),
                        "61 62"))
                .withMessage("length must be between 0 and the 2 bytes left, was 3");
    }

    @Test
    void byteBehindBytesOfTheChunk_comesBehindThem() {
        FrameCodec codec = codec((chunk, frame) -> {
            frame.append(chunk, 2);
            frame.append((byte) 0x7F);
            return true;
        });
        assertThat(decode(codec, "61 62 63 64")).containsExactly(chunk("61 62 7f"), chunk("63 64 7f"));
    }

    @Test
    void piecesThatNobodyAnnounced_memoryGrowsAndKeepsThem() {
        ByteBuffer other = ByteBuffer.wrap(new byte[200]);
        for (int i = 0; i < 200; i++) {
            other.put(i, (byte) i);
        }
        ByteBuffer frame = decode(
                        codec((chunk, sink) -> {
                            for (int i = 0; i < 6; i++) {
                                sink.append(other.duplicate(), 200);
                            }
                            chunk.get();
                            return true;
                        }),
                        "61")
                .get(0);
        assertThat(frame.remaining()).isEqualTo(1200);
        for (int i = 0; i < 1200; i++) {
            assertThat(frame.get(i)).isEqualTo((byte) (i % 200));
        }
    }

    @Test
    void keepsFrame_unlessItGoesOnInParts_orIsDropped() {
        List<Boolean> kept = new ArrayList<>();
        FrameCodec codec = codec((chunk, frame) -> {
                    frame.append(chunk, 1);
                    kept.add(frame.keepsFrame());
                    frame.append(chunk, 1);
                    kept.add(frame.keepsFrame());
                    return true;
                })
                .maxFrameLength(1)
                .skipInvalid(e -> {});
        decode(codec, "61 62");
        assertThat(kept).containsExactly(true, false);

        kept.clear();
        codec.maxFrameLength(2).decodeParts(Flux.just(chunk("61 62"))).blockLast();
        assertThat(kept).containsExactly(false, false);
    }

    // ---- places and faults of a decoder of one's own

    /**
     * {@code 5b} is bad; {@code 3e} may begin a frame; {@code 2a} is a byte that stands for another; {@code 0a} ends.
     */
    private static final class Marks implements FrameDecoder {

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            while (chunk.hasRemaining()) {
                byte b = chunk.get();
                switch (b) {
                    case 0x5b -> frame.invalid(new CorruptFrameException("bad"));
                    case 0x3e -> frame.begin(1);
                    case 0x2a -> frame.append((byte) 0x2b);
                    case 0x21 -> throw new CorruptFrameException("worse");
                    case 0x0a -> {
                        return true;
                    }
                    default -> frame.append(chunk.position(chunk.position() - 1), 1);
                }
            }
            return false;
        }

        @Override
        public boolean complete(FrameSink frame) {
            frame.begin(0);
            return false;
        }
    }

    private static List<String> marks(String... chunks) {
        List<String> events = new ArrayList<>();
        codec(Marks::new)
                .skipInvalid(e -> events.add("skipped " + FramingEvents.describe(e)))
                .decode(Flux.fromArray(chunks).map(FrameAssemblerTest::chunk))
                .subscribe(
                        frame -> events.add(new String(bytes(frame))),
                        e -> events.add("error " + FramingEvents.describe(e)),
                        () -> events.add("complete"));
        return events;
    }

    @Test
    void emptyFrameBehindAFault_faultIsReportedBeforeIt() {
        assertThat(marks("61 0a 5b 0a 62 0a")).containsExactly("a", "skipped Corrupt #1 @2 +1", "", "b", "complete");
    }

    @Test
    void frameThatBeginsByAByteOfItsOwn_faultIsReportedThen() {
        List<String> events = new ArrayList<>();
        Flux<ByteBuffer> chunks = Flux.just("5b 2a", "0a").map(FrameAssemblerTest::chunk);
        codec(Marks::new)
                .skipInvalid(e -> events.add("skipped"))
                .decode(chunks.doOnNext(chunk -> events.add("chunk")))
                .subscribe(frame -> events.add(new String(bytes(frame))));
        assertThat(events).containsExactly("chunk", "skipped", "chunk", "+");
    }

    @Test
    void placeWhereAFrameMayBegin_isThePlaceOfTheFaultInIt() {
        assertThat(marks("61 0a 62 3e 5b 63 0a")).containsExactly("a", "skipped Corrupt #1 @3 +2", "c", "complete");
        assertThat(marks("61 0a 62 3e 21")).containsExactly("a", "error Corrupt #1 @3");
        assertThat(marks("3e 61 0a 62")).containsExactly("a", "complete");
    }

    @Test
    void begin_upToAllThatWasRead() {
        assertThat(marks("3e 21")).containsExactly("error Corrupt #0 @0");
        assertThat(fault(
                        codec((chunk, frame) -> {
                            frame.begin(0);
                            throw new CorruptFrameException("bad");
                        }),
                        "61"))
                .isEqualTo("Corrupt #0 @0");
    }

    @Test
    void partsThatAreLeft_countAsAFrame() {
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        FrameStream stream = FrameCodec.of(LengthField.ofSize(1)).open(source);
        stream.receiveParts().take(1).subscribe();
        source.next(chunk("04 61 62"));
        List<String> events = new ArrayList<>();
        stream.receive().subscribe(frame -> {}, e -> events.add(FramingEvents.describe(e)));
        source.next(chunk("63 64 02 65")).complete();

        assertThat(events).containsExactly("Truncated #1 @5 2/3");
    }
}
