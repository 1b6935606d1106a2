package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class StartEndTest {

    private static final StartEnd STX_ETX = StartEnd.of((byte) 2, (byte) 3);
    private static final StartEnd MLLP = StartEnd.of(new byte[] {0x0B}, new byte[] {0x1C, 0x0D});

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
    }

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
    void arguments_areChecked() {
        assertThatThrownBy(() -> StartEnd.of(new byte[0], new byte[] {1})).hasMessageContaining("start");
        assertThatThrownBy(() -> StartEnd.of(new byte[] {1}, new byte[256])).hasMessageContaining("had 256");
        assertThatThrownBy(() -> MLLP.escape((byte) 0x0D)).hasMessageContaining("was 0d");
    }

    @Test
    void toString_tellsTheMarksAndOptions() {
        assertThat(MLLP.escape((byte) 0x10).skipBetween())
                .hasToString("StartEnd.of(0b, 1c 0d).escape(10).skipBetween()");
    }
}
