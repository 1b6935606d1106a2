package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static reactor.framing.FramingMatrix.bytes;
import static reactor.framing.FramingMatrix.hex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.test.StepVerifier;

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
                .satisfies(e -> assertThat(FramingMatrix.describe(e)).isEqualTo("Corrupt #1 @4"));
    }

    /** Reads frames of a length byte and their payload, and announces nothing but the rest of each. */
    private static final class RestDecoder implements FrameDecoder {

        private final List<Integer> seen = new ArrayList<>();

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            seen.add(chunk.remaining());
            return frame.appendLast(this, chunk, chunk.get());
        }

        @Override
        public boolean complete(FrameSink frame) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void restOfAFrame_isTakenAsItComes_withNoneOfItShownToTheDecoder(boolean zeroCopy) {
        RestDecoder decoder = new RestDecoder();
        FrameCodec codec = zeroCopy ? codec(() -> decoder).zeroCopy() : codec(() -> decoder);

        assertThat(decode(codec, "01 61 00 06 62", "63 64", "", "65", "66 67 02", "68 69", "01", "6a"))
                .containsExactly(chunk("61"), chunk(""), chunk("62 63 64 65 66 67"), chunk("68 69"), chunk("6a"));
        assertThat(decoder.seen).containsExactly(5, 3, 2, 1, 1);
    }

    @Test
    void restOfAFrame_isAnnouncedByIt() {
        assertThat(fault(codec(RestDecoder::new).maxFrameLength(5), "01 61 06 62 63 64 65 66 67"))
                .isEqualTo("TooLong #1 @2 6>5");
        assertThat(fault(codec(RestDecoder::new).maxFrameLength(5), "01 61 06", "62"))
                .isEqualTo("TooLong #1 @2 6>5");
        assertThat(fault(codec(RestDecoder::new), "01 61 06 62", "63", "64")).isEqualTo("Truncated #1 @2 4/-1");
    }

    @Test
    void restOfATooLongFrame_isPassedOver() {
        List<String> skipped = new ArrayList<>();
        FrameCodec codec = codec(RestDecoder::new)
                .maxFrameLength(5)
                .skipInvalid(e -> skipped.add(FramingMatrix.describe(e) + " @" + skipped.size()));

        assertThat(decode(codec, "01 61 06 62 63", "64 65", "66", "67 01 62", "06 63 64 65 66 67 68 01 69"))
                .containsExactly(chunk("61"), chunk("62"), chunk("69"));
        assertThat(skipped).containsExactly("TooLong #1 @2 6>5 +7 @0", "TooLong #3 @11 6>5 +7 @1");
    }

    @Test
    void restOfAFrame_isNotTakenForADecoderThatAnotherCalls() {
        RestDecoder inner = new RestDecoder();
        List<Boolean> taken = new ArrayList<>();
        FrameCodec codec = codec((chunk, frame) -> {
            taken.add(frame.appendLast(inner, chunk, 1));
            frame.append(chunk, 1);
            return true;
        });
        assertThat(decode(codec, "61", "62")).containsExactly(chunk("61"), chunk("62"));
        assertThat(taken).containsExactly(false, false);
    }

    /** Finds frames of a length byte, their payload and a line feed where they are whole, and else reads them as they come. */
    private static final class FindingDecoder implements FrameDecoder {

        private final List<String> calls = new ArrayList<>();
        private int remaining = -1;

        @Override
        public long find(ByteBuffer chunk, int start) {
            int rest = chunk.limit() - start;
            calls.add("find " + rest);
            return rest > 0 && chunk.get(start) + 2 <= rest ? FrameDecoder.place(1, chunk.get(start), 1) : NOT_FOUND;
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

        @Override
        public boolean complete(FrameSink frame) {
            return false;
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
                codec(FindingDecoder::new).maxFrameLength(1).skipInvalid(e -> skipped.add(FramingMatrix.describe(e)));
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
        FrameCodec codec = codec(() -> new FrameDecoder() {
            private boolean held;

            @Override
            public long find(ByteBuffer chunk, int start) {
                if (start < chunk.limit()) {
                    finds.add("find " + (chunk.limit() - start));
                }
                return NOT_FOUND;
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
                    frame.endBefore(1);
                }
                return true;
            }

            @Override
            public boolean complete(FrameSink frame) {
                return false;
            }
        });
        assertThat(decode(codec, "61 2b 62 63")).containsExactly(chunk("61"), chunk("2b"), chunk("62"), chunk("63"));
        assertThat(finds).containsExactly("find 4", "find 2", "find 1");
    }

    /** Finds every frame of a length byte and its payload, and says so in {@link #calls}. */
    private static final class HeaderDecoder implements FrameDecoder {

        private final List<String> calls = new ArrayList<>();
        private final List<ByteBuffer> looked = new ArrayList<>();
        private final int trailer;

        HeaderDecoder() {
            this(0);
        }

        HeaderDecoder(int trailer) {
            this.trailer = trailer;
        }

        @Override
        public long find(ByteBuffer chunk, int start) {
            if (start == chunk.limit()) {
                return NOT_FOUND;
            }
            calls.add("find " + (chunk.limit() - start));
            looked.add(chunk);
            return FrameDecoder.place(1, chunk.get(start), trailer);
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            calls.add("decode " + chunk.remaining());
            int length = chunk.get();
            frame.expect(length, 1 + length);
            return frame.appendLast(this, chunk, length);
        }

        @Override
        public boolean complete(FrameSink frame) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void frameThatIsFoundByItsHeader_isTakenAsItComes(boolean zeroCopy) {
        HeaderDecoder decoder = new HeaderDecoder();
        FrameCodec codec = zeroCopy ? codec(() -> decoder).zeroCopy() : codec(() -> decoder);

        assertThat(decode(codec, "02 61 62 03 63", "64", "", "65 01 66 01", "67", "02 68", "69"))
                .containsExactly(chunk("61 62"), chunk("63 64 65"), chunk("66"), chunk("67"), chunk("68 69"));
        assertThat(decoder.calls).containsExactly("find 5", "find 2", "find 3", "find 1", "find 2");
    }

    @Test
    void zeroCopy_frameBehindAHeaderInAnEarlierChunk_isASlice() {
        for (Supplier<FrameDecoder> decoders : List.<Supplier<FrameDecoder>>of(HeaderDecoder::new, RestDecoder::new)) {
            ByteBuffer chunk = chunk("61 62 01 63");
            assertThat(codec(decoders)
                            .zeroCopy()
                            .decode(Flux.just(chunk("02"), chunk))
                            .collectList()
                            .block())
                    .containsExactly(chunk("61 62"), chunk("63"))
                    .allMatch(frame -> frame.array() == chunk.array());
        }
    }

    @Test
    void frameThatIsFoundByItsHeader_countsAsAnyOther() {
        assertThat(fault(codec(HeaderDecoder::new), "01 61 03 62", "63")).isEqualTo("Truncated #1 @2 3/4");
        assertThat(fault(codec(HeaderDecoder::new), "01 61 03")).isEqualTo("Truncated #1 @2 1/4");
        assertThat(fault(codec(HeaderDecoder::new), "00", "01 61", "03")).isEqualTo("Truncated #2 @3 1/4");
        assertThat(fault(codec(HeaderDecoder::new).maxFrameLength(2), "01 61", "03 62"))
                .isEqualTo("TooLong #1 @2 3>2");
        String sixteen = "19 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f";
        assertThat(message("01 60 19 61 62 63", "64", "65")).contains("19 61 62 63 64 65 '");
        assertThat(message("01 60 " + sixteen + " 70", "71")).contains(sixteen + " '");
        assertThat(message("01 60 19 61 62 63", sixteen.substring(12) + " 70")).contains(sixteen + " '");
        assertThat(codec(HeaderDecoder::new)
                        .decodeParts(Flux.just(chunk("01 61 03 62"), chunk("63 64")))
                        .map(part -> part.frameIndex() + " " + part.offset() + " " + part.last())
                        .collectList()
                        .block())
                .containsExactly("0 0 true", "1 0 false", "1 1 true");
    }

    private static String message(String... chunks) {
        return codec(HeaderDecoder::new)
                .decode(Flux.fromArray(chunks).map(FrameAssemblerTest::chunk))
                .materialize()
                .blockLast()
                .getThrowable()
                .getMessage();
    }

    @Test
    void frameThatEndsBeyondAnyIndex_isTakenAsItComes() {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(Integer.MAX_VALUE);
        StepVerifier.create(codec.decode(Flux.just(chunk("00 00 00 04 61 62 63 64 7f ff ff f7 65"), chunk("66"))))
                .expectNext(chunk("61 62 63 64"))
                .expectErrorSatisfies(e -> assertThat(FramingMatrix.describe(e))
                        .isEqualTo("Truncated #1 @8 6/" + (Integer.MAX_VALUE - 4L)))
                .verify();
    }

    @Test
    void frameThatIsFoundByItsHeader_showsItsFirst16Bytes() {
        String start = "7f 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f";
        StepVerifier.create(codec(HeaderDecoder::new).decode(Flux.just(chunk(start + " 70 71"), chunk("72"))))
                .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining(start))
                .verify();
    }

    @Test
    void frameOfNoBytesAtAll_isNotFoundInAnEmptyChunk() {
        FrameCodec codec = codec(() -> new FrameDecoder() {
            @Override
            public long find(ByteBuffer chunk, int start) {
                return FrameDecoder.place(0, 0, 0);
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                frame.append(chunk, chunk.remaining());
                return true;
            }

            @Override
            public boolean complete(FrameSink frame) {
                return false;
            }
        });
        assertThat(decode(codec, "61", "", "62")).containsExactly(chunk("61"), chunk("62"));
    }

    @Test
    void chunksInWhichFramesAreFound_areNotViewed_butForTheirByteOrder() {
        HeaderDecoder decoder = new HeaderDecoder();
        List<ByteBuffer> chunks = Stream.of(
                        "01 61", "02 62 63", "01 64", "01 65 01 66", "01 67", "01 68", "02 69", "6a", "01 6b", "01 6c")
                .map(FrameAssemblerTest::chunk)
                .toList();
        chunks.get(2).order(ByteOrder.LITTLE_ENDIAN);

        assertThat(codec(() -> decoder)
                        .zeroCopy()
                        .decode(Flux.fromIterable(chunks))
                        .collectList()
                        .block())
                .extracting(frame -> new String(bytes(frame)))
                .containsExactly("a", "bc", "d", "e", "f", "g", "h", "ij", "k", "l");
        assertThat(chunks).allMatch(chunk -> chunk.position() == 0);
        assertThat(decoder.calls)
                .containsExactly(
                        "find 2", "find 3", "find 2", "find 4", "find 2", "find 2", "find 2", "find 2", "find 2",
                        "find 2");
        assertThat(decoder.looked)
                .allMatch(looked -> looked.order() == ByteOrder.BIG_ENDIAN)
                .extracting(looked -> chunks.stream().anyMatch(chunk -> chunk == looked))
                .containsExactly(true, true, false, true, true, true, true, true, true, true);
    }

    /** Nothing is found in the empty one, and nothing is decoded. */
    @Test
    void emptyChunkBehindAChunkOfOneFrame_changesNothing() {
        HeaderDecoder decoder = new HeaderDecoder();
        ByteBuffer littleEndian = chunk("03 62").order(ByteOrder.LITTLE_ENDIAN);

        assertThat(codec(() -> decoder)
                        .decode(Flux.just(chunk("01 61"), chunk(""), littleEndian, chunk("63 64")))
                        .collectList()
                        .block())
                .containsExactly(chunk("61"), chunk("62 63 64"));
        assertThat(decoder.calls).containsExactly("find 2", "find 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7f", "01 61", "03 61 62 0a"})
    void frameWithATrailerThatIsNotThere_isTheDecodersFault(String chunk) {
        assertWrongPlace(chunk, 1, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "01 61"})
    void frameOfWhichTheHeaderIsNotThere_isTheDecodersFault(String chunk) {
        assertWrongPlace(chunk, 3, 0);
    }

    @Test
    void frameOfWhichNothingIsThere_isTheDecodersFault() {
        assertWrongPlace("", 0, 0);
    }

    @Test
    void chunkThatIsAFrameButForItsTrailer_isTheDecodersFault() {
        StepVerifier.create(codec(() -> new HeaderDecoder(1)).decode(Flux.just(chunk("01 61 0a"), chunk("01 62"))), 0)
                .thenRequest(9)
                .expectNext(chunk("61"))
                .expectErrorMatches(
                        e -> e.getMessage().endsWith("found a frame of 1 bytes in a chunk that has not got them all"))
                .verify();
    }

    /** A decoder that finds frames in anything: of as many bytes as the first one says, or of 7. */
    private static void assertWrongPlace(String rest, int header, int trailer) {
        ByteBuffer chunk = chunk("01 60 60 60 60 60 0a ".substring(0, 3 * (header + 1 + trailer)) + rest);
        int good = chunk.remaining() - chunk(rest).remaining();
        FrameCodec codec = codec(() -> new FrameDecoder() {
            @Override
            public long find(ByteBuffer view, int start) {
                return view.limit() == 0 ? NOT_FOUND : FrameDecoder.place(header, start < good ? 1 : 7, trailer);
            }

            @Override
            public boolean decode(ByteBuffer view, FrameSink frame) {
                throw new AssertionError();
            }

            @Override
            public boolean complete(FrameSink frame) {
                return false;
            }

            @Override
            public String toString() {
                return "Wrong";
            }
        });
        // not from inside subscribe, in which Reactor makes an error of what is thrown
        StepVerifier.create(codec.decode(Flux.just(chunk)), 0)
                .thenRequest(9)
                .expectNextCount(1)
                .expectErrorMessage("Wrong found a frame of 7 bytes in a chunk that has not got them all")
                .verify();
    }

    @Test
    void frameThatGrowsTooLongInASecondChunk_itsFirstBytesAreShownOnce() {
        StepVerifier.create(FrameCodec.of(Delimiter.lines())
                        .maxFrameLength(8)
                        .decode(Flux.just(chunk("61 62 63 64 65"), chunk("66 67 68 69 6a 0a"))))
                .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining(": 61 62 63 64 65 66 67 68 69 6a 0a '"))
                .verify();
    }

    @Test
    void place_holdsThreeNumbers() {
        long place = FrameDecoder.place(65_535, Integer.MAX_VALUE, 65_535);
        assertThat(FrameDecoder.headerOf(place)).isEqualTo(65_535);
        assertThat(FrameDecoder.lengthOf(place)).isEqualTo(Integer.MAX_VALUE);
        assertThat(FrameDecoder.trailerOf(place)).isEqualTo(65_535);
        assertThat(FrameDecoder.place(65_536, 1, 0)).isEqualTo(FrameDecoder.NOT_FOUND);
        assertThat(FrameDecoder.place(0, 1, 65_536)).isEqualTo(FrameDecoder.NOT_FOUND);
        assertThat(FrameDecoder.place(-1, 1, 0)).isEqualTo(FrameDecoder.NOT_FOUND);
    }

    private static String fault(FrameCodec codec, String... chunks) {
        return FramingMatrix.describe(codec.decode(Flux.fromArray(chunks).map(FrameAssemblerTest::chunk))
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
}
