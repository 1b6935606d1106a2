package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class StartEndTest {

    /** Found by fuzzing: an escape in front of such a byte would be an end mark, or half of one. */
    @Test
    void startMarkThatIsPartOfTheEndMark_isNotEscapedInAFrame() {
        for (String end : List.of("0a 0b", "0a 0b 0b", "0a 0b 01")) {
            FrameCodec codec = FrameCodec.of(
                    StartEnd.of(TestBytes.hex("0b"), TestBytes.hex(end)).escape((byte) 0x0a));
            ByteBuffer frame = ByteBuffer.wrap(TestBytes.hex("0b 0a 0b 0b 61 0b"));

            ByteBuffer wire = codec.encode(Flux.just(frame)).single().block();

            assertThat(wire).isEqualTo(ByteBuffer.wrap(TestBytes.hex("0b 0b 0a 0a 0b 0b 61 0b " + end)));
            assertThat(codec.decode(Flux.just(wire)).collectList().block()).containsExactly(frame);
        }
    }

    private static final StartEnd STX_ETX = StartEnd.of((byte) 2, (byte) 3);
    private static final StartEnd MLLP = StartEnd.of(new byte[] {0x0B}, new byte[] {0x1C, 0x0D});

    private static final StartEnd JT808 = StartEnd.of((byte) 0x7E, (byte) 0x7E)
            .escape((byte) 0x7D)
            .code((byte) 1, (byte) 0x7D)
            .code((byte) 2, (byte) 0x7E);
    private static final StartEnd INVERTED =
            StartEnd.of((byte) 0x7E, (byte) 0x7F).escape((byte) 0x7D).xor((byte) 0x20);
    private static final StartEnd DLE = StartEnd.of(new byte[] {0x10, 2}, new byte[] {0x10, 3})
            .escape((byte) 0x10)
            .code((byte) 0x10, (byte) 0x10);

    /** The framing of the Smart Message Language, without what it has behind the end. */
    private static final StartEnd SML = StartEnd.of(TestBytes.hex("1b1b1b1b 01010101"), TestBytes.hex("1b1b1b1b 1a"))
            .escape(TestBytes.hex("1b1b1b1b"))
            .code(TestBytes.hex("1b1b1b1b"), TestBytes.hex("1b1b1b1b"));

    private static StreamVerifier matrix(StartEnd format, String stream) {
        return StreamVerifier.of(format).allCutsUpTo(9).stream(stream);
    }

    private static StartEnd ofText(String start, String end) {
        return StartEnd.of(start.getBytes(StandardCharsets.US_ASCII), end.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix(STX_ETX, "02 68 69 03 02 03").yields("frame 68 69", "frame ", "complete");
        matrix(STX_ETX.escape((byte) 0x10), "02 61 10 03 62 10 10 03").yields("frame 61 03 62 10", "complete");
        matrix(MLLP.skipBetween(), "0b 61 1c 62 1c 0d 0a 0b 63 1c 0d").yields("frame 61 1c 62", "frame 63", "complete");
        matrix(JT808, "7e 30 7d 02 08 7d 01 55 7e").yields("frame 30 7e 08 7d 55", "complete");
        assertThat(hex(JT808, "30 7e 08 7d 55")).isEqualTo("7e 30 7d 02 08 7d 01 55 7e");
        matrix(INVERTED, "7e 01 7d 5f 7d 5d 7f").yields("frame 01 7f 7d", "complete");
        assertThat(hex(INVERTED, "01 7f 7d")).isEqualTo("7e 01 7d 5f 7d 5d 7f");
        matrix(DLE, "10 02 61 10 10 03 10 03").yields("frame 61 10 03", "complete");
        assertThat(hex(DLE, "61 10 03")).isEqualTo("10 02 61 10 10 03 10 03");
        matrix(ofText("<", ">").keepMarks(), "3c 68 69 3e").yields("frame 3c 68 69 3e", "complete");
        assertThat(hex(ofText("<", ">").keepMarks(), "3c 68 69 3e")).isEqualTo("3c 68 69 3e");
    }

    private static String hex(StartEnd format, String hexFrame) {
        return ByteStuffed.hex(TestBytes.bytes(FrameCodec.of(format)
                .encode(Flux.just(ByteBuffer.wrap(TestBytes.hex(hexFrame))))
                .blockLast()));
    }

    // ---- escapes of one's own

    @Tag("slow")
    @Test
    void contract_holdsWithCodes() {
        FramingVerifier.of(JT808)
                .frames((random, length) -> ByteStuffed.bytes(random, length, 0x7E, 0x7D, 1, 2))
                .alphabet(0x7E, 0x7D, 1, 2, 3)
                .verify();
        FramingVerifier.of(DLE)
                .frames((random, length) -> ByteStuffed.bytes(random, length, 0x10, 2, 3))
                .alphabet(0x10, 2, 3)
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsWithAMask() {
        FramingVerifier.of(INVERTED)
                .frames((random, length) -> ByteStuffed.bytes(random, length, 0x7E, 0x7F, 0x7D, 0x5F))
                .alphabet(0x7E, 0x7D, 0x7F, 0x5D, 0x5F)
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsForMarksAndEscapesOfSeveralBytes() {
        FramingVerifier.of(SML)
                .frames((random, length) -> {
                    byte[] bytes = ByteStuffed.bytes(random, length, 0x1b, 0x1b, 0x1b, 0x1a, 1);
                    if (length > 0) {
                        // an escape made of the last bytes and the end mark's first could not be told apart
                        bytes[length - 1] = 1;
                    }
                    return bytes;
                })
                .alphabet(0x1b, 0x1a, 1)
                .refuses("1b", "611b", "011b1b1b")
                .verify();
        FramingVerifier.of(ofText("<a", "zz>").escape("%%".getBytes(StandardCharsets.US_ASCII)))
                .frames((random, length) -> ByteStuffed.bytes(random, length, '<', 'a', 'z', '>', '%'))
                .alphabet('<', 'a', 'z', '>', '%')
                .verify();
    }

    private static final StartEnd ENTITIES = ofText("<", ">")
            .escape((byte) '&')
            .code("lt;".getBytes(StandardCharsets.US_ASCII), new byte[] {'<'})
            .code("gt;".getBytes(StandardCharsets.US_ASCII), new byte[] {'>'})
            .code("amp;".getBytes(StandardCharsets.US_ASCII), new byte[] {'&'})
            .code(new byte[] {'+'}, "&&".getBytes(StandardCharsets.US_ASCII));

    @Test
    void codesThatStandForSeveralBytes_longestFirst() {
        assertThat(encode(ENTITIES, "<a>&b&&&")).isEqualTo("<&lt;a&gt;&amp;b&+&amp;>");
    }

    @Tag("slow")
    @Test
    void codesThatStandForSeveralBytes_contract() {
        FramingVerifier.of(ENTITIES)
                .frames((random, length) -> ByteStuffed.bytes(random, length, '<', '>', '&', 'a'))
                .alphabet('<', '>', '&', 'l', 't', ';', '+', 'a', 'm', 'p')
                .verify();
    }

    @Test
    void payloadWithoutACode_isRefusedWhereItWouldBeMistaken() {
        StartEnd format = ofText("<", ">").escape((byte) '&').code((byte) 'g', (byte) '>');
        assertThat(encode(format, "a<b>")).isEqualTo("<a<b&g>");
        assertThatThrownBy(() -> encode(format, "a&b"))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("the frame has the escape 26 inside, for which there is no code");
    }

    @Test
    void badEscape_corruptAndPassedOverToTheEndMark() {
        matrix(JT808, "7e 30 7e 7e 31 7d 03 32 7e").yields("frame 30", "error Corrupt #1 @3");
        matrix(JT808, "7e 30 7d 03 32 7e 7e 31 7e")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +6", "frame 31", "complete");
        // the end mark behind the escape ends the frame
        matrix(JT808, "7e 30 7d 7e 7e 31 7e").skipInvalid().yields("skipped Corrupt #0 @0 +4", "frame 31", "complete");
        matrix(INVERTED, "7e 30 7d 7f 7e 31 7f")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +4", "frame 31", "complete");
        // what is escaped is no end mark, nor is a second bad escape another fault
        matrix(DLE, "10 02 10 05 10 10 03 10 06 10 03 10 02 10 03")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +11", "frame ", "complete");
        matrix(SML, "1b1b1b1b01010101 1b1b1b1b02 1b1b1b1b1a 1b1b1b1b01010101 61 1b1b1b1b1a")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +18", "frame 61", "complete");
        matrix(JT808, "7e 30 7d").yields("error Truncated #0 @0 3/-1");
        matrix(JT808, "7e 30 7d 03 31").skipInvalid().yields("skipped Corrupt #0 @0 +5", "complete");
    }

    @Test
    void badFrameWithoutAnEnd_isGivenUpAtTheLimitOfWhatIsSkipped() {
        List<String> events = new ArrayList<>();
        FrameCodec.of(JT808)
                .skipInvalid(e -> {}, 9, 5)
                .decode(Flux.just("7e 7d 03 61", "62 63 64")
                        .map(chunk -> ByteBuffer.wrap(TestBytes.hex(chunk)))
                        .concatWith(Flux.never()))
                .subscribe(frame -> events.add("frame"), e -> events.add(FramingEvents.describe(e)));
        assertThat(events).containsExactly("Corrupt #0 @0");
    }

    @Test
    void halfAnEscape_isData() {
        matrix(SML, "1b1b1b1b01010101 1b1b1b 61 1b 62 1b1b1b1b1b1b1b1b 63 1b1b1b1b1a")
                .yields("frame 1b 1b 1b 61 1b 62 1b 1b 1b 1b 63", "complete");
    }

    @Test
    void xorCannotMakeTheEndMark() {
        assertThatThrownBy(() -> StartEnd.of((byte) 0x7E, (byte) 0x5D)
                        .escape((byte) 0x7D)
                        .xor((byte) 0x20))
                .hasMessage("xor must not be 0 nor make 5d of 7d, was 20");
    }

    // ---- marks that are the same

    @Test
    void sameMarks_emptyFramesAreFramesWhereNothingIsLookedFor() {
        StartEnd format = StartEnd.of((byte) 0x7E, (byte) 0x7E);
        matrix(format, "7e 7e 7e 61 7e").yields("frame ", "frame 61", "complete");
        assertThatThrownBy(() -> encode(format.skipBetween(), "")).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void sameMarks_searchThatMetAnEndGoesOnWithTheStartBehindIt() {
        StartEnd format = StartEnd.of((byte) 0x7E, (byte) 0x7E);
        // the first frame's start is lost
        matrix(format, "61 7e 7e 62 7e 7e 63 7e")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +2", "frame 62", "frame 63", "complete");
        matrix(format.skipBetween(), "61 7e 7e 62 7e 7e 63 7e").yields("frame 62", "frame 63", "complete");
        matrix(format.keepMarks().skipBetween(), "61 7e 7e 62 7e 7e 63 7e")
                .yields("frame 7e 62 7e", "frame 7e 63 7e", "complete");
        matrix(ofText("aba", "aba").skipBetween(), "63 61 62 61 61 62 61 62 61 62 61")
                .yields("frame 62", "complete");
    }

    // ---- marks that are kept

    @Tag("slow")
    @Test
    void contract_holdsWithMarksThatAreKept() {
        StartEnd plain = StartEnd.of(new byte[] {1, 1, 2}, new byte[] {3, 3, 4}).keepMarks();
        FramingVerifier.of(plain)
                .lengths(6, Integer.MAX_VALUE)
                .frames((random, length) -> marked(ByteStuffed.bytes(random, length, 1, 2, 5), 1, 1, 2, 3, 3, 4))
                .alphabet(1, 2, 3, 4)
                .refuses("", "010102", "010102030303", "020102030304", "010102030304030304")
                .verify();
        FramingVerifier.of(JT808.keepMarks())
                .lengths(2, Integer.MAX_VALUE)
                .frames((random, length) -> marked(ByteStuffed.bytes(random, length, 0x7E, 0x7D, 1, 2), 0x7E, 0x7E))
                .alphabet(0x7E, 0x7D, 1, 2, 3)
                .refuses("", "7e", "7e61")
                .verify();
        FramingVerifier.of(DLE.keepMarks())
                .lengths(4, Integer.MAX_VALUE)
                .frames((random, length) -> marked(ByteStuffed.bytes(random, length, 0x10, 2, 3), 0x10, 2, 0x10, 3))
                .alphabet(0x10, 2, 3)
                .refuses("1002", "10021002")
                .verify();
    }

    /** The bytes with the first half of the marks in front and the second half at the end. */
    private static byte[] marked(byte[] bytes, int... marks) {
        int half = marks.length / 2;
        for (int i = 0; i < half; i++) {
            bytes[i] = (byte) marks[i];
            bytes[bytes.length - half + i] = (byte) marks[half + i];
        }
        return bytes;
    }

    @Test
    void keptMarks_countAgainstTheLimit() {
        matrix(ofText("<", ">").keepMarks(), "3c 61 3e 3c 61 62 3e")
                .with(codec -> codec.maxFrameLength(3))
                .yields("frame 3c 61 3e", "error TooLong #1 @3 4>3");
    }

    @Tag("slow")
    @Test
    void contract_holdsForMarksOfSeveralBytes() {
        FramingVerifier.of(StartEnd.of(new byte[] {1, 1, 2}, new byte[] {3, 3, 4}))
                .frames((random, length) -> {
                    byte[] bytes = ByteStuffed.bytes(random, length, 1, 2, 3, 4);
                    for (int i = 2; i < length; i++) {
                        if (bytes[i] == 4 && bytes[i - 1] == 3 && bytes[i - 2] == 3) {
                            bytes[i] = 5;
                        }
                    }
                    return bytes;
                })
                .alphabet(1, 2, 3, 4)
                .refuses("03 03 04", "61 03 03 03 04 62")
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsWithEscape() {
        FramingVerifier.of(StartEnd.of(new byte[] {1, 2}, new byte[] {3, 3}).escape((byte) 4))
                .frames((random, length) -> ByteStuffed.bytes(random, length, 1, 2, 3, 4))
                .alphabet(1, 2, 3, 4)
                .verify();
    }

    /** All short streams against what a search in the whole text finds. */
    @Test
    void anyStream_isReadAsByAWholeTextSearch() {
        String[][] marks = {{"aab", "aba"}, {"ab", "ab"}, {"a", "aa"}, {"aba", "b"}, {"ba", "bab"}};
        for (String[] mark : marks) {
            FrameCodec codec =
                    FrameCodec.of(ofText(mark[0], mark[1]).skipBetween()).maxFrameLength(100);
            for (int bits = 1; bits < 1 << 11; bits++) {
                // the bits below the highest one
                String text = Integer.toBinaryString(bits)
                        .substring(1)
                        .replace('0', 'a')
                        .replace('1', 'b');
                List<String> expected = search(text, mark[0], mark[1]);
                for (int chunk : new int[] {1, 3, 11}) {
                    assertThat(decode(codec, text, chunk))
                            .as("%s in %s, chunks of %s", text, Arrays.toString(mark), chunk)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static List<String> search(String text, String start, String end) {
        List<String> events = new ArrayList<>();
        int at = 0;
        for (; ; ) {
            int from = text.indexOf(start, at);
            if (from < 0) {
                for (int n = Math.min(start.length() - 1, text.length() - at); n > 0; n--) {
                    if (text.endsWith(start.substring(0, n))) {
                        events.add("Truncated #" + events.size() + " @" + (text.length() - n) + " " + n + "/-1");
                        return events;
                    }
                }
                return events;
            }
            int to = text.indexOf(end, from + start.length());
            while (start.equals(end) && to == from + start.length()) {
                // an end and a start, not two marks of an empty frame
                from = to;
                to = text.indexOf(end, from + start.length());
            }
            if (to < 0) {
                events.add("Truncated #" + events.size() + " @" + from + " " + (text.length() - from) + "/-1");
                return events;
            }
            events.add("frame " + text.substring(from + start.length(), to));
            at = to + end.length();
        }
    }

    private static List<String> decode(FrameCodec codec, String text, int chunkLength) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        List<String> events = new ArrayList<>();
        codec.decode(Flux.range(0, (bytes.length + chunkLength - 1) / chunkLength)
                        .map(i -> ByteBuffer.wrap(
                                bytes, i * chunkLength, Math.min(chunkLength, bytes.length - i * chunkLength))))
                .subscribe(
                        frame -> events.add("frame " + StandardCharsets.US_ASCII.decode(frame)),
                        e -> events.add(FramingEvents.describe(e)));
        return events;
    }

    /** All short payloads: refused exactly where the first end mark found is not the one that was written. */
    @Test
    void payloadThatEndsTooEarly_isRefusedAndEveryOtherComesBack() {
        for (String end : new String[] {"a", "aa", "aab", "aba", "abab", "abb"}) {
            StartEnd format = ofText("a", end);
            FrameCodec codec = FrameCodec.of(format);
            for (int bits = 1; bits < 1 << 9; bits++) {
                String text = Integer.toBinaryString(bits)
                        .substring(1)
                        .replace('0', 'a')
                        .replace('1', 'b');
                if ((text + end).indexOf(end) != text.length()) {
                    assertThatThrownBy(() -> encode(format, text))
                            .as("%s before %s", text, end)
                            .isInstanceOf(CorruptFrameException.class);
                } else {
                    assertThat(decode(codec, encode(format, text), 4)).containsExactly("frame " + text);
                }
            }
        }
    }

    private static String encode(StartEnd format, String frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.getBytes(StandardCharsets.ISO_8859_1));
        return StandardCharsets.ISO_8859_1
                .decode(FrameCodec.of(format).encode(Flux.just(bytes)).blockLast())
                .toString();
    }

    @Test
    void escape_isPutBeforeItselfAndTheFirstBytesOfTheMarks() {
        StartEnd format = StartEnd.of(new byte[] {1, 2}, new byte[] {3, 4}).escape((byte) 0x10);
        assertThat(encode(format, "\1\2\3\4\20a")).isEqualTo("\1\2" + "\20\1\2\20\3\4\20\20a" + "\3\4");
    }

    @Test
    void escapedByte_isNoPartOfTheEndMark() {
        StartEnd format = StartEnd.of(new byte[] {1}, new byte[] {3, 3}).escape((byte) 4);
        matrix(format, "01 03 04 03 03 03").yields("frame 03 03", "complete");
        matrix(format, "01 04 03 03 61 03 03").yields("frame 03 03 61", "complete");
        matrix(format, "01 03 04 61 03 03").yields("frame 03 61", "complete");
        matrix(format, "01 04").yields("error Truncated #0 @0 2/-1");
    }

    @Test
    void startMarkInsideAFrame_isData() {
        matrix(STX_ETX, "02 61 02 62 03").yields("frame 61 02 62", "complete");
    }

    @Test
    void nearMissesOfTheEndMark_areData() {
        StartEnd format = ofText("<", "aaab");
        StreamVerifier.of(format).stream("<aaaaab<aaaaaab".getBytes(StandardCharsets.US_ASCII))
                .yields("frame 61 61", "frame 61 61 61", "complete");
    }

    @Test
    void limit_isExactWhereverTheMarksAreCut() {
        matrix(MLLP, "0b 61 1c 1c 0d 0b 61 1c 62 1c 0d")
                .with(codec -> codec.maxFrameLength(2))
                .yields("frame 61 1c", "error TooLong #1 @5 3>2");
        matrix(MLLP, "0b 61 1c 62 1c 0d 0b 63 1c 0d")
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields("skipped TooLong #0 @0 3>2 +6", "frame 63", "complete");
    }

    @Test
    void bytesBetweenFrames_areCorruptAfterTheGoodFrames() {
        matrix(MLLP, "0b 61 1c 0d 0a 0b 62 1c 0d").yields("frame 61", "error Corrupt #1 @4");
        matrix(MLLP, "61 0b 62 1c 0d").yields("error Corrupt #0 @0");
    }

    @Test
    void bytesBetweenFramesSkipped_upToTheNextStartMark() {
        matrix(MLLP, "0b 61 1c 0d 0a 0a 0b 62 1c 0d 0a")
                .skipInvalid()
                .yields("frame 61", "skipped Corrupt #1 @4 +2", "frame 62", "skipped Corrupt #3 @10 +1", "complete");
    }

    @Test
    void falseStarts_areSkippedUpToTheStartInsideThem() {
        StartEnd format = StartEnd.of(new byte[] {1, 1, 2}, new byte[] {3});
        matrix(format, "01 01 01 02 61 03").yields("error Corrupt #0 @0");
        matrix(format, "01 01 01 02 61 03").skipInvalid().yields("skipped Corrupt #0 @0 +1", "frame 61", "complete");
        matrix(format.skipBetween(), "01 01 01 02 61 03 01 00 01 01").yields("frame 61", "error Truncated #1 @8 2/-1");
    }

    @Test
    void noiseThatBeginsLikeAStart_isNoFrameAtTheEnd() {
        StartEnd format = StartEnd.of(new byte[] {1, 1, 2}, new byte[] {3});
        matrix(format.skipBetween(), "01 00 01 01 00").yields("complete");
        matrix(format.skipBetween(), "00 01 01 02").yields("error Truncated #0 @1 3/-1");
    }

    @Test
    void longNearMissesCutAtEveryByte_areData() {
        byte[] end = new byte[255];
        Arrays.fill(end, (byte) 'a');
        end[254] = 'b';
        byte[] stream = new byte[100_000];
        Arrays.fill(stream, (byte) 'a');
        stream[0] = '<';
        stream[stream.length - 1] = 'b';
        List<String> events = decode(
                FrameCodec.of(StartEnd.of(new byte[] {'<'}, end)), new String(stream, StandardCharsets.US_ASCII), 1);
        assertThat(events).containsExactly("frame " + "a".repeat(stream.length - 256));
    }

    @Test
    void emptyFrameWithMarksThatAreKept_hasBothOfThem() {
        matrix(ofText("<", ">").keepMarks(), "3c 3e 3c 61 3e").yields("frame 3c 3e", "frame 3c 61 3e", "complete");
        assertThat(encode(ofText("<", ">").keepMarks(), "<>")).isEqualTo("<>");
        assertThatThrownBy(() -> encode(ofText("<", ">").keepMarks(), "<"))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame of 1 bytes is shorter than its marks");
    }

    @Test
    void bytesInsteadOfAStartMark_areTold() {
        StartEnd format = StartEnd.of(new byte[] {1, 1, 2}, new byte[] {3});
        assertFault(format, "01 00", "expected the start mark 01 01 02 but found 01 00");
        assertFault(format, "00", "expected the start mark 01 01 02 but found 00");
    }

    @Test
    void bytesBehindAnEscapeThatMeanNothing_areTold() {
        assertFault(JT808, "7e 7d 03", "the escape 7d cannot be followed by 03");
        assertFault(SML, "1b1b1b1b01010101 1b1b1b1b 1b1b 02", "the escape 1b 1b 1b 1b cannot be followed by 1b 1b 02");
    }

    private static void assertFault(StartEnd format, String wire, String fault) {
        ByteBuffer bytes = ByteBuffer.wrap(TestBytes.hex(wire));
        assertThatThrownBy(() -> FrameCodec.of(format).decode(Flux.just(bytes)).blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining(fault);
    }

    @Test
    void arguments_areChecked() {
        assertThatThrownBy(() -> StartEnd.of(new byte[0], new byte[] {1})).hasMessageContaining("start");
        assertThatThrownBy(() -> StartEnd.of(new byte[] {1}, new byte[256])).hasMessageContaining("had 256");
        assertThatThrownBy(() -> MLLP.escape((byte) 0x0D)).hasMessageContaining("was 0d");
        assertThatThrownBy(() -> MLLP.escape((byte) 0x0D, (byte) 1)).hasMessageContaining("was 0d 01");
        assertThatThrownBy(MLLP::escape).hasMessage("escape must have 1 to 255 bytes, had 0");
        assertThatThrownBy(
                        () -> StartEnd.of(new byte[] {1}, new byte[] {5, 6, 5}).escape((byte) 5))
                .hasMessageContaining("was 05");
        assertThatThrownBy(() -> MLLP.code((byte) 1, (byte) 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("code is for formats with an escape: set that before");
        assertThatThrownBy(() -> MLLP.xor((byte) 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> JT808.code((byte) 2, (byte) 3)).hasMessageContaining("was 02");
        assertThatThrownBy(() -> JT808.code(new byte[] {2, 3}, new byte[] {4})).hasMessageContaining("was 02 03");
        assertThatThrownBy(() -> DLE.code((byte) 3, (byte) 4)).hasMessageContaining("was 03");
        assertThatThrownBy(() -> JT808.code(new byte[0], new byte[] {4})).hasMessageContaining("code must have 1");
        assertThatThrownBy(() -> JT808.code(new byte[] {4}, new byte[0])).hasMessageContaining("data must have 1");
        assertThatThrownBy(() -> JT808.xor((byte) 0)).hasMessageContaining("was 00");
        assertThatThrownBy(() -> STX_ETX.escape((byte) 3)).hasMessageContaining("was 03");
        assertThatThrownBy(() -> DLE.xor((byte) 0x13)).hasMessage("xor must not be 0 nor make 03 of 10, was 13");
    }

    @Test
    void argumentsAtTheirLimits_areTaken() {
        byte[] longest = new byte[255];
        longest[0] = 1;
        matrix(StartEnd.of(longest, new byte[] {3}), Hex.of(longest) + " 61 03").yields("frame 61", "complete");
        StartEnd format = STX_ETX.escape((byte) 0x10).code((byte) 1, (byte) 2).code((byte) 4, (byte) 3);
        matrix(format, "02 10 01 10 04 03").yields("frame 02 03", "complete");
        matrix(STX_ETX.escape((byte) 0x10).xor((byte) 0x20), "02 10 22 10 23 03")
                .yields("frame 02 03", "complete");
        matrix(DLE.xor((byte) 0x20), "10 02 10 22 10 30 10 03").yields("frame 02 10", "complete");
    }

    @Test
    void twoCodesForTheSameData_firstIsWrittenAndBothAreRead() {
        StartEnd format = STX_ETX.escape((byte) 0x10).code((byte) 4, (byte) 3).code((byte) 5, (byte) 3);
        assertThat(hex(format, "03")).isEqualTo("02 10 04 03");
        matrix(format, "02 10 04 10 05 03").yields("frame 03 03", "complete");
    }

    @Test
    void escapeInsideTheEndMark_isNoPartOfIt() {
        StartEnd format = ofText("<", "ab").escape((byte) '%').code((byte) '1', (byte) 'x');
        assertThat(encode(format, "axb")).isEqualTo("<a%1bab");
        matrix(format, "3c 61 25 31 62 61 62").yields("frame 61 78 62", "complete");
    }

    @Test
    void keptMarksThatAreOthers_areRefused() {
        assertThatThrownBy(() -> encode(ofText("<", ">").keepMarks(), "{a>"))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("start mark");
        assertThatThrownBy(() -> encode(ofText("<", ">").keepMarks(), "<a}"))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("end mark");
    }

    @Test
    void keptMarks_areNoPartOfWhatIsEscaped() {
        StartEnd format = STX_ETX.escape((byte) 0x10).keepMarks();
        assertThat(hex(format, "02 61 03")).isEqualTo("02 61 03");
        assertThat(hex(format, "02 02 61 03 03")).isEqualTo("02 10 02 61 10 03 03");
    }

    @Test
    void toString_tellsTheMarksAndOptions() {
        assertThat(MLLP.escape((byte) 0x10).skipBetween())
                .hasToString("StartEnd.of(0b, 1c 0d).escape(10).skipBetween()");
        assertThat(JT808.keepMarks())
                .hasToString("StartEnd.of(7e, 7e).escape(7d).code(01, 7d).code(02, 7e).keepMarks()");
        assertThat(INVERTED).hasToString("StartEnd.of(7e, 7f).escape(7d).xor(20)");
    }
}
