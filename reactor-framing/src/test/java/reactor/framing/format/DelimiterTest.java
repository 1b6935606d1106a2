package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.TestBytes;
import reactor.framing.test.FrameGenerator;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class DelimiterTest {

    /** A byte that is in no delimiter of a and b: an unterminated last frame. */
    private static final byte[] END = {'.'};

    private static StreamVerifier matrix(Framing framing) {
        return StreamVerifier.of(framing).with(codec -> codec.maxFrameLength(300));
    }

    /** Events for text: {@code "hi"} for a frame, anything with # or "complete" as it is. */
    private static String[] events(String... frames) {
        return Stream.concat(
                        Arrays.stream(frames)
                                .map(text -> text.contains(" #")
                                        ? text
                                        : FramingEvents.frame(text.getBytes(StandardCharsets.ISO_8859_1))),
                        frames.length > 0 && frames[frames.length - 1].startsWith("error")
                                ? Stream.empty()
                                : Stream.of("complete"))
                .toArray(String[]::new);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    // ---- the worked examples

    @Test
    void workedExample_lines() {
        matrix(Delimiter.lines()).allCutsUpTo(13).stream("68 69 0a 70 69 6e 67 0d 0a 0a 61 0d 62")
                .yields(events("hi", "ping", "", "a\rb"));
    }

    @Test
    void workedExample_keepDelimiter() {
        matrix(Delimiter.of("\r\n").keepDelimiter()).stream("68 69 0d 0a 61 0a 62 0d 0a")
                .yields(events("hi\r\n", "a\nb\r\n"));
    }

    @Test
    void workedExample_prefixDelimiters() {
        matrix(Delimiter.of("\r", "\r\n")).stream("61 0d 0a 62 0d 63 0d 0a").yields(events("a", "b", "c"));
    }

    @Test
    void workedExample_halfADelimiter() {
        matrix(Delimiter.of("--end--")).allCutsUpTo(13).stream("61 2d 2d 65 6e 2d 2d 65 6e 64 2d 2d")
                .yields(events("a--en"));
    }

    // ---- which frames come

    @Test
    void prefixDelimiters_longestOfThoseThatBeginTogetherAlsoAtTheEnd() {
        Delimiter format = Delimiter.of("\r", "\r\n");
        matrix(format).stream(text("a\r")).yields(events("a"));
        matrix(format).stream(text("a\r\r\n\n\r")).yields(events("a", "", "\n"));
    }

    @Test
    void suffixDelimiter_theOneThatBeginsFirst() {
        matrix(Delimiter.of("\n", "\r\n")).stream(text("a\r\nb\r\r\nc\n")).yields(events("a", "b\r", "c"));
        matrix(Delimiter.of("bc", "abcd")).stream(text("abcdabcxabcabcd")).yields(events("", "a", "xa", ""));
    }

    @Test
    void delimiterInsideTheUnfinishedLongerOne_readAfterTheShorterOne() {
        matrix(Delimiter.of("a", "aXYb", "X")).stream(text("_aXYc_aXYbaXYaXa"))
                .yields(events("_", "", "Yc_", "", "", "Y", "", ""));
        matrix(Delimiter.of("a", "aXYb", "X")).stream(text("_aXY"))
                .yields(events("_", "", "error Truncated #2 @3 1/-1"));
        matrix(Delimiter.of("a", "aXYb", "X").unterminatedLast()).stream(text("_aXY"))
                .yields(events("_", "", "Y"));
        matrix(Delimiter.of("a", "aXYb", "X").keepDelimiter()).stream(text("_aXYc_aXYba"))
                .yields(events("_a", "X", "Yc_aXYb", "a"));
    }

    @Test
    void anyDelimiters_leftmostLongestForEverySplit() {
        Random random = new Random(7);
        for (int round = 0; round < 6000; round++) {
            byte[][] delimiters = new byte[1 + random.nextInt(4)][];
            int letters = 1 + random.nextInt(3);
            for (int i = 0; i < delimiters.length; i++) {
                delimiters[i] = randomText(random, 1 + random.nextInt(6), letters);
            }
            boolean keep = random.nextBoolean();
            Delimiter format = Delimiter.of(delimiters).unterminatedLast();
            if (keep) {
                format = format.keepDelimiter();
            }
            byte[] stream = randomText(random, random.nextInt(24), letters + random.nextInt(2));
            List<String> expected = leftmostLongest(delimiters, stream, keep);
            for (int i = 0; i < 12; i++) {
                long cuts = i == 0 ? 0 : i == 1 ? -1 : random.nextLong() & random.nextLong();
                assertThat(decode(format, stream, cuts))
                        .as("%s, stream %s, cuts %s", format, new String(stream), Long.toBinaryString(cuts))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void shortDelimiters_leftmostLongestForEveryStream() {
        for (byte[][] delimiters : sets(2)) {
            Delimiter format = Delimiter.of(delimiters).unterminatedLast();
            for (byte[] stream : texts(7)) {
                List<String> expected = leftmostLongest(delimiters, stream, false);
                for (long cuts : new long[] {0, -1, 0x55, 0x2a, 0x24}) {
                    assertThat(decode(format, stream, cuts)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void bytesThatDifferInOneBit_areToldApart() {
        // the bytes beside a match, in the search by the word
        for (int value = 0; value < 256; value++) {
            Delimiter format = Delimiter.of(new byte[] {(byte) value});
            for (int other : new int[] {value ^ 1, value ^ 0x80, value + 1, value - 1}) {
                for (int at = 0; at < 17; at++) {
                    byte[] stream = new byte[17];
                    Arrays.fill(stream, (byte) other);
                    stream[at] = (byte) value;
                    List<String> frames = decode(format, stream, 0);
                    assertThat(frames).hasSize(1);
                    assertThat(frames.get(0)).hasSize(at);
                }
            }
        }
    }

    // ---- the end

    @Test
    void lines_lastWithoutEnd() {
        matrix(Delimiter.lines()).stream(text("")).yields(events());
        matrix(Delimiter.lines()).stream(text("\n")).yields(events(""));
        matrix(Delimiter.lines()).stream(text("a\nb\r")).yields(events("a", "b\r"));
        matrix(Delimiter.lines()).stream(text("\r")).yields(events("\r"));
        matrix(Delimiter.lines().keepDelimiter()).stream(text("a\r\n\nb")).yields(events("a\r\n", "\n", "b"));
    }

    @Test
    void endInsideAFrame_truncated() {
        matrix(Delimiter.of("\r\n")).stream(text("ab\r\ncd\r")).yields(events("ab", "error Truncated #1 @4 3/-1"));
        matrix(Delimiter.of("\n", "\r\n")).stream(text("a\nb\r")).yields(events("a", "error Truncated #1 @2 2/-1"));
    }

    @Test
    void endInsideADelimiter_isData() {
        matrix(Delimiter.of("---").unterminatedLast()).stream(text("a---b--")).yields(events("a", "b--"));
        matrix(Delimiter.of("ab", "abab", "b").unterminatedLast()).stream(text("xaba"))
                .yields(events("x", "a"));
    }

    // ---- the limit

    @Test
    void limit_exactWhereverTheDelimiterIsCut() {
        StreamVerifier matrix = StreamVerifier.of(Delimiter.of("\r\n")).with(codec -> codec.maxFrameLength(3));
        matrix.stream(text("abc\r\nab\r\r\n")).yields(events("abc", "ab\r"));
        matrix.stream(text("ab\r\nabcd\r\n")).yields(events("ab", "error TooLong #1 @4 4>3"));
        matrix.stream(text("abc\rd\r\n")).yields(events("error TooLong #0 @0 4>3"));
        matrix.stream(text("abc\r")).yields(events("error TooLong #0 @0 4>3"));
        StreamVerifier.of(Delimiter.lines()).with(codec -> codec.maxFrameLength(3)).stream(text("abc\r\nabc\nab\r"))
                .yields(events("abc", "abc", "ab\r"));
    }

    @Test
    void limit_countsTheDelimiterThatIsKept() {
        StreamVerifier matrix =
                StreamVerifier.of(Delimiter.lines().keepDelimiter()).with(codec -> codec.maxFrameLength(3));
        matrix.stream(text("ab\na\r\nabc")).yields(events("ab\n", "a\r\n", "abc"));
        matrix.stream(text("a\nab\r\n")).yields(events("a\n", "error TooLong #1 @2 4>3"));
    }

    @Test
    void oversize_passedOverToTheNextDelimiter() {
        StreamVerifier.of(Delimiter.of("\r\n")).with(codec -> codec.maxFrameLength(2)).skipInvalid().stream(
                        text("ab\r\nabcde\r\n\r\nabc\r\nx\r\n"))
                .yields(events("ab", "skipped TooLong #1 @4 3>2 +7", "", "skipped TooLong #3 @13 3>2 +5", "x"));
        StreamVerifier.of(Delimiter.lines()).with(codec -> codec.maxFrameLength(2)).skipInvalid().stream(
                        text("abc\nab\nabc"))
                .yields(events("skipped TooLong #0 @0 3>2 +4", "ab", "skipped TooLong #2 @7 3>2 +3"));
    }

    // ---- linear time

    @Test
    void nearMissesInOneByteChunks_everyByteIsLookedAtTwiceAtMost() {
        String near = "a".repeat(2000) + "b";
        byte[] stream = "a".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
        assertThat(examined(Delimiter.of(near), stream, -1)).isLessThanOrEqualTo(2L * stream.length);
        assertThat(examined(Delimiter.of(near), stream, 0)).isLessThanOrEqualTo(2L * stream.length);
        assertThat(examined(Delimiter.of("a", near), stream, -1)).isLessThanOrEqualTo(2L * stream.length);
        assertThat(examined(Delimiter.of("aaa", near, "aab"), stream, -1)).isLessThanOrEqualTo(2L * stream.length);
    }

    @Test
    void delimiterThatNeverOccurs_looksAtEveryByteOnce() {
        byte[] stream = "abcdefg\r".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        assertThat(examined(Delimiter.of("\n"), stream, -1)).isEqualTo(stream.length);
        assertThat(examined(Delimiter.of("\0\0", "\1"), stream, 0)).isEqualTo(stream.length);
        assertThat(examined(Delimiter.of("\r\n"), stream, -1)).isLessThanOrEqualTo(2L * stream.length);
        assertThat(examined(Delimiter.lines(), stream, -1)).isLessThanOrEqualTo(2L * stream.length);
    }

    @Test
    void chunksOfOneFrameAndOthers_everyByteIsLookedAtOnce() {
        Delimiter.Decoder decoder = (Delimiter.Decoder) Delimiter.of("\n").newDecoder();
        Framing framing = new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return decoder;
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException();
            }
        };
        List<byte[]> chunks = List.of(text("a\n"), text("b".repeat(1000)), text("\n"), text("c\nd\n"));
        FrameCodec.of(framing)
                .decode(Flux.fromIterable(chunks).map(ByteBuffer::wrap))
                .blockLast();
        assertThat(decoder.examined())
                .isLessThanOrEqualTo(
                        chunks.stream().mapToInt(chunk -> chunk.length).sum());
    }

    @Test
    void aThousandDelimiters_examineNoMoreThanOne() {
        Random random = new Random(3);
        byte[][] delimiters = IntStream.range(0, 1000)
                .mapToObj(i -> randomText(random, 1 + random.nextInt(40), 26))
                .filter(delimiter -> delimiter.length > 5)
                .toArray(byte[][]::new);
        byte[] stream = randomText(random, 100_000, 26);
        assertThat(examined(Delimiter.of(delimiters), stream, 0)).isLessThanOrEqualTo(2L * stream.length);
    }

    private static long examined(Delimiter format, byte[] stream, long cuts) {
        Delimiter.Decoder decoder = (Delimiter.Decoder) format.newDecoder();
        decode(decoder, stream, cuts);
        assertThat(decoder.examined()).isGreaterThanOrEqualTo(stream.length);
        return decoder.examined();
    }

    // ---- writing

    @Test
    void encoder_refusesWhatCouldBeReadDifferently() {
        assertRefused(Delimiter.lines(), "x\r", "\r", "a\nb", "a\r\nb", "\n");
        assertRefused(Delimiter.of("aa"), "a", "ba", "aab", "baab");
        assertRefused(Delimiter.of("\r", "\r\n"), "\nB", "\n", "a\rb");
        assertRefused(Delimiter.of("b", "abc"), "a", "xa");
        assertRefused(Delimiter.of("a", "aab"), "");
        assertRefused(Delimiter.lines().keepDelimiter(), "", "a", "a\r", "a\nb", "a\nb\n", "\n\n");
        assertRefused(Delimiter.of("a", "aa").keepDelimiter(), "a", "aa", "ab");
    }

    @Test
    void encoder_writesWhatCannotBeReadDifferently() {
        assertWritten(Delimiter.lines(), "a\rb", "a\rb\n");
        assertWritten(Delimiter.lines(), "\rx", "\rx\n");
        assertWritten(Delimiter.lines(), "", "\n");
        assertWritten(Delimiter.of("\r\n", "\n"), "x\r", "x\r\r\n");
        assertWritten(Delimiter.of("aa"), "ab", "abaa");
        assertWritten(Delimiter.of("\r", "\r\n"), "B\t", "B\t\r");
        assertWritten(Delimiter.of("bc", "abX"), "a", "abc");
        assertWritten(Delimiter.of("b", "abc"), "c", "cb");
        assertWritten(Delimiter.lines().keepDelimiter(), "a\r\n", "a\r\n");
        assertWritten(Delimiter.of("a", "aa").keepDelimiter(), "ba", "ba");
        assertWritten(Delimiter.of("a", "aa").keepDelimiter(), "baa", "baa");
    }

    /** By the word and by the byte, in buffers with an array and without, from any place in it and in either order. */
    @Test
    void encoder_findsADelimiterWhereverItIs() {
        for (Delimiter format : List.of(
                Delimiter.lines(), Delimiter.of("\r\n", "\n"), Delimiter.of("\0"), Delimiter.of(new byte[] {(byte) 0xFF
                }))) {
            FrameEncoder encoder = format.newEncoder();
            byte[] delimiter = bytesOf(encoder, ByteBuffer.allocate(0));
            byte last = delimiter[delimiter.length - 1];
            for (int length = 0; length < 40; length++) {
                byte[] frame = new byte[length];
                Arrays.fill(frame, (byte) (last ^ 1));
                for (int at = 0; at < length; at++) {
                    frame[at] = last;
                    buffers(frame)
                            .forEach(buffer -> assertThatThrownBy(() -> encoder.encodedLength(buffer))
                                    .isInstanceOf(CorruptFrameException.class));
                    frame[at] = (byte) (last ^ 0x80);
                }
                byte[] wire = Arrays.copyOf(frame, length + delimiter.length);
                System.arraycopy(delimiter, 0, wire, length, delimiter.length);
                buffers(frame)
                        .forEach(buffer -> assertThat(bytesOf(encoder, buffer)).isEqualTo(wire));
            }
        }
    }

    private static Stream<ByteBuffer> buffers(byte[] frame) {
        byte[] wider = new byte[frame.length + 5];
        Arrays.fill(wider, (byte) '\n');
        System.arraycopy(frame, 0, wider, 3, frame.length);
        ByteBuffer offset = ByteBuffer.wrap(wider, 3, frame.length);
        return Stream.of(
                ByteBuffer.wrap(frame),
                offset,
                ByteBuffer.wrap(wider).position(1).slice().position(2).limit(2 + frame.length),
                offset.duplicate().order(ByteOrder.LITTLE_ENDIAN),
                offset.asReadOnlyBuffer(),
                offset.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN),
                ByteBuffer.allocateDirect(wider.length).put(wider).position(3).limit(3 + frame.length));
    }

    private static byte[] bytesOf(FrameEncoder encoder, ByteBuffer frame) {
        ByteBuffer target = ByteBuffer.allocate(encoder.encodedLength(frame));
        encoder.encode(frame, target);
        return TestBytes.bytes(target.flip());
    }

    private static void assertRefused(Delimiter format, String... frames) {
        for (String frame : frames) {
            assertThatThrownBy(() -> format.newEncoder().encodedLength(ByteBuffer.wrap(text(frame))))
                    .as("%s, frame %s", format, frame)
                    .isInstanceOf(CorruptFrameException.class);
        }
    }

    private static void assertWritten(Delimiter format, String frame, String wire) {
        assertThat(encode(format.newEncoder(), text(frame)))
                .as("%s, frame %s", format, frame)
                .isEqualTo(text(wire));
    }

    @Test
    void encodedFrames_comeBackFromEverySequence() {
        List<byte[]> frames = texts(4);
        Random random = new Random(11);
        for (byte[][] delimiters : sets(3)) {
            Delimiter format = Delimiter.of(delimiters);
            for (Delimiter variant : List.of(format, format.keepDelimiter(), format.unterminatedLast())) {
                FrameEncoder encoder = variant.newEncoder();
                List<byte[]> accepted = new ArrayList<>();
                List<byte[]> written = new ArrayList<>();
                for (byte[] frame : frames) {
                    byte[] wire = encode(encoder, frame);
                    if (wire != null) {
                        accepted.add(frame);
                        written.add(wire);
                        checkSequence(variant, accepted, written, accepted.size() - 1);
                    }
                }
                int n = accepted.size();
                for (int i = 0; i < Math.min(n * n, 40); i++) {
                    checkSequence(variant, accepted, written, random.nextInt(n), random.nextInt(n));
                    checkSequence(variant, accepted, written, random.nextInt(n), random.nextInt(n), random.nextInt(n));
                }
                // the short ones are where delimiters meet
                int few = (int)
                        accepted.stream().filter(frame -> frame.length < 2).count();
                for (int i = 0; i < few * few * few; i++) {
                    checkSequence(variant, accepted, written, i % few, i / few % few, i / few / few);
                }
            }
        }
    }

    private static void checkSequence(Delimiter format, List<byte[]> frames, List<byte[]> written, int... sequence) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<String> expected = new ArrayList<>();
        for (int i : sequence) {
            stream.writeBytes(written.get(i));
            expected.add(new String(frames.get(i), StandardCharsets.ISO_8859_1));
        }
        byte[] bytes = stream.toByteArray();
        long someCuts = 0x9E3779B97F4A7C15L * Arrays.hashCode(bytes);
        for (long cuts : new long[] {0, -1, someCuts}) {
            List<String> actual = decode(format, bytes, cuts);
            if (!actual.equals(expected)) {
                assertThat(actual)
                        .as("%s, stream %s", format, new String(bytes))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void refusedFrames_haveNeighboursThatBreakThem() {
        List<byte[]> frames = texts(4);
        List<byte[]> before = texts(2);
        List<byte[]> after = texts(3);
        for (byte[][] delimiters : sets(3)) {
            for (boolean keep : new boolean[] {false, true}) {
                Delimiter format = Delimiter.of(delimiters);
                FrameEncoder encoder = (keep ? format.keepDelimiter() : format).newEncoder();
                for (byte[] frame : frames) {
                    if (encode(encoder, frame) == null && !isBroken(delimiters, keep, before, frame, after)) {
                        assertThat(frame)
                                .as("%s, refused for no reason", format)
                                .isNull();
                    }
                }
            }
        }
    }

    /** Whether some frame before it that is read as it should be, or some bytes behind it, have it cut elsewhere. */
    private static boolean isBroken(
            byte[][] delimiters, boolean keep, List<byte[]> before, byte[] frame, List<byte[]> after) {
        byte[] end = keep ? new byte[0] : delimiters[0];
        List<byte[]> inFront = new ArrayList<>(List.of(new byte[0]));
        for (byte[] previous : before) {
            if (cuts(delimiters, keep, concat(previous, end)).equals(List.of(cut(previous, end)))) {
                inFront.add(concat(previous, end));
            }
        }
        for (byte[] previous : inFront) {
            List<String> expected = new ArrayList<>(cuts(delimiters, keep, previous));
            expected.add(cut(frame, end));
            for (byte[] next : after) {
                List<String> read = cuts(delimiters, keep, concat(concat(previous, concat(frame, end)), next));
                if (read.size() < expected.size()
                        || !read.subList(0, expected.size()).equals(expected)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String cut(byte[] frame, byte[] end) {
        return text(frame) + '|' + text(end);
    }

    /** The terminated frames and, unless they are kept and so part of them, their delimiters. */
    private static List<String> cuts(byte[][] delimiters, boolean keep, byte[] stream) {
        byte[] ended = concat(stream, END);
        List<String> frames = leftmostLongest(delimiters, ended, keep);
        List<String> whole = leftmostLongest(delimiters, ended, true);
        return IntStream.range(0, frames.size() - 1)
                .mapToObj(i -> frames.get(i)
                        + '|'
                        + whole.get(i).substring(frames.get(i).length()))
                .toList();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void manyDelimiters_encoderRefusesByTheSameRules() {
        assertWritten(Delimiter.of("\0", "aa", "ab", "ba", "bb"), "a", "a\0");
        assertRefused(Delimiter.of("\0", "a\0", "ab"), "a", "b\0", "aba");
    }

    // ---- the contract

    @Tag("slow")
    @Test
    void contract() {
        FrameGenerator noLineEnds = (random, length) -> {
            byte[] frame = new byte[length];
            for (int i = 0; i < length; i++) {
                frame[i] = (byte) (' ' + random.nextInt(200));
            }
            return frame;
        };
        FramingVerifier.of(Delimiter.lines())
                .frames(noLineEnds)
                .unterminatedLast()
                .alphabet('\r', '\n', 'a')
                .refuses("0a", "610d")
                .verify();
        FramingVerifier.of(Delimiter.of("\r", "\r\n", "\n\n"))
                .frames(noLineEnds)
                .alphabet('\r', '\n', 'a')
                .refuses("0a61", "0d", "610d62")
                .verify();
        FramingVerifier.of(Delimiter.of("--end--").keepDelimiter())
                .lengths(7, Integer.MAX_VALUE)
                .frames((random, length) ->
                        concat(noLineEnds.generate(random, length - 7), "--end--".getBytes(StandardCharsets.US_ASCII)))
                .alphabet('-', 'e', 'n', 'd')
                .refuses("", "61", "2d2d656e642d")
                .verify();
    }

    // ---- arguments

    @Test
    void arguments_areChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Delimiter.of(new byte[0][]))
                .withMessageContaining("none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Delimiter.of("a", ""))
                .withMessageContaining("1");
    }

    @Test
    void delimiterArrayChangedLater_formatStaysAsItWas() {
        byte[] delimiter = {'a'};
        Delimiter format = Delimiter.of(delimiter);
        delimiter[0] = 'b';
        matrix(format).stream(text("ba")).yields(events("b"));
        assertWritten(format, "b", "ba");
    }

    @Test
    void toString_tellsTheOptions() {
        assertThat(Delimiter.lines().keepDelimiter()).hasToString("Delimiter.lines().keepDelimiter()");
        assertThat(Delimiter.of("\r\n", "\0").unterminatedLast())
                .hasToString("Delimiter.of(0d 0a, 00).unterminatedLast()");
    }

    // ---- a decoder run without an operator, so that millions of streams are quick

    private static List<String> decode(Delimiter format, byte[] stream, long cuts) {
        return decode(format.newDecoder(), stream, cuts);
    }

    /** Bit i of the cuts, or of its repetition, cuts the stream behind byte i. */
    private static List<String> decode(FrameDecoder decoder, byte[] stream, long cuts) {
        Frames frames = new Frames();
        FramePlace place = new FramePlace();
        int from = 0;
        boolean between = true;
        for (int i = 0; i < stream.length; i++) {
            if (i == stream.length - 1 || (cuts >> (i & 63) & 1) != 0) {
                ByteBuffer chunk = ByteBuffer.wrap(Arrays.copyOfRange(stream, from, i + 1));
                do {
                    if (between && ((FrameFinder) decoder).find(chunk, chunk.position(), place)) {
                        frames.append(chunk, place.length());
                        chunk.position(place.end());
                    } else {
                        between = decoder.decode(chunk, frames);
                    }
                    if (between) {
                        frames.end();
                    }
                } while (between && chunk.hasRemaining());
                from = i + 1;
            }
        }
        while (decoder.complete(frames)) {
            frames.end();
        }
        return frames.all;
    }

    private static final class Frames implements FrameSink {
        private final List<String> all = new ArrayList<>();
        private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

        void end() {
            all.add(frame.toString(StandardCharsets.ISO_8859_1));
            frame.reset();
        }

        @Override
        public void expect(long frameLength) {}

        @Override
        public void append(ByteBuffer chunk, int length) {
            byte[] bytes = new byte[length];
            chunk.get(bytes);
            frame.writeBytes(bytes);
        }

        @Override
        public void append(byte value) {
            frame.write(value);
        }

        @Override
        public void skip(ByteBuffer chunk, int length) {
            chunk.position(chunk.position() + length);
        }

        @Override
        public void invalid(FramingException cause) {
            throw cause;
        }
    }

    /** The frames by the rule and nothing else, the last one unterminated. */
    private static List<String> leftmostLongest(byte[][] delimiters, byte[] stream, boolean keep) {
        List<String> frames = new ArrayList<>();
        String all = text(stream);
        int from = 0;
        for (int at = 0; at < all.length(); at++) {
            int longest = 0;
            for (byte[] delimiter : delimiters) {
                if (all.startsWith(text(delimiter), at)) {
                    longest = Math.max(longest, delimiter.length);
                }
            }
            if (longest > 0) {
                frames.add(all.substring(from, keep ? at + longest : at));
                from = at + longest;
                at = from - 1;
            }
        }
        if (from < all.length()) {
            frames.add(all.substring(from));
        }
        return frames;
    }

    private static byte @Nullable [] encode(FrameEncoder encoder, byte[] frame) {
        ByteBuffer target;
        try {
            target = ByteBuffer.allocate(encoder.encodedLength(ByteBuffer.wrap(frame)));
        } catch (CorruptFrameException refused) {
            return null;
        }
        encoder.encode(ByteBuffer.wrap(frame), target);
        return TestBytes.bytes(target.flip());
    }

    private static byte[] randomText(Random random, int length, int letters) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(letters));
        }
        return bytes;
    }

    /** All texts of a and b up to a length, the empty one included. */
    private static List<byte[]> texts(int longest) {
        List<byte[]> texts = new ArrayList<>();
        for (int length = 0; length <= longest; length++) {
            for (int bits = 0; bits < 1 << length; bits++) {
                byte[] text = new byte[length];
                for (int i = 0; i < length; i++) {
                    text[i] = (byte) ('a' + (bits >> i & 1));
                }
                texts.add(text);
            }
        }
        return texts;
    }

    /** All sets of up to so many delimiters of a and b of 1 to 3 bytes, by which of them is the first. */
    private static List<byte[][]> sets(int size) {
        List<byte[]> one = texts(3);
        one.remove(0);
        List<byte[][]> sets = new ArrayList<>();
        for (byte[] first : one) {
            sets.add(new byte[][] {first});
            for (int i = 0; i < one.size() && size > 1; i++) {
                if (one.get(i) != first) {
                    sets.add(new byte[][] {first, one.get(i)});
                    for (int k = i + 1; k < one.size() && size > 2; k++) {
                        if (one.get(k) != first) {
                            sets.add(new byte[][] {first, one.get(i), one.get(k)});
                        }
                    }
                }
            }
        }
        return sets;
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Test
    void oversizeFrameWhoseEndWasKnownLater_skippedUpToItsDelimiter() {
        StreamVerifier.of(Delimiter.of("a", "aXYb", "X")).with(codec -> codec.maxFrameLength(1)).skipInvalid().stream(
                        "__aXYc_a".getBytes(StandardCharsets.US_ASCII))
                .yields("skipped TooLong #0 @0 2>1 +3", "frame ", "skipped TooLong #2 @4 2>1 +4", "complete");
    }

    // ---- CR, LF and CRLF

    @Test
    void universalLines_workedExample() {
        matrix(Delimiter.universalLines()).stream("61 0d 0a 62 0d 0d 63 0a 64").yields(events("a", "b", "", "c", "d"));
    }

    @Tag("slow")
    @Test
    void universalLines_contract() {
        FramingVerifier.of(Delimiter.universalLines())
                .frames((random, length) -> randomText(random, length, 26))
                .atEnd(rest -> rest.length == 0 ? "complete" : FramingEvents.frame(rest))
                .alphabet('a', '\r', '\n')
                .refuses("0a", "610d", "0d0a")
                .verify();
    }

    @Test
    void universalLines_encoderWritesLfAndRefusesLineEnds() {
        FrameEncoder encoder = Delimiter.universalLines().newEncoder();

        assertThat(encoder.encodedLength(ByteBuffer.wrap(text("ab")))).isEqualTo(3);
        assertThat(encode(encoder, text("ab"))).isEqualTo(text("ab\n"));
        assertThatThrownBy(() -> encoder.encodedLength(ByteBuffer.wrap(text("a\rb"))))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("frame contains the line end 0d");
        assertThatThrownBy(() -> encoder.encodedLength(ByteBuffer.wrap(text("a\n"))))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("frame contains the line end 0a");
    }

    @Test
    void universalLines_toString() {
        assertThat(Delimiter.universalLines()).hasToString("Delimiter.universalLines()");
    }

    @Test
    void universalLines_anyTextIsReadAsJavaReadsLines() {
        Random random = new Random(2);
        for (int i = 0; i < 300; i++) {
            byte[] stream = new byte[random.nextInt(12)];
            for (int k = 0; k < stream.length; k++) {
                stream[k] = (byte) "ab\r\n".charAt(random.nextInt(4));
            }
            String[] lines = new BufferedReader(new StringReader(new String(stream, StandardCharsets.US_ASCII)))
                    .lines()
                    .toArray(String[]::new);
            StreamVerifier.of(Delimiter.universalLines()).allCutsUpTo(6).stream(stream)
                    .yields(events(lines));
        }
    }

    @Test
    void universalLines_crIsDeliveredAtOnceAndItsLfCountsInNoOffset() {
        List<String> frames = new ArrayList<>();
        Sinks.Many<ByteBuffer> chunks = Sinks.many().unicast().onBackpressureBuffer();
        FrameCodec.of(Delimiter.universalLines())
                .maxFrameLength(2)
                .decode(chunks.asFlux())
                .map(frame -> StandardCharsets.US_ASCII.decode(frame).toString())
                .subscribe(frames::add, e -> frames.add(FramingEvents.describe(e)));
        chunks.tryEmitNext(ByteBuffer.wrap(text("a\r")));
        assertThat(frames).containsExactly("a");
        chunks.tryEmitNext(ByteBuffer.wrap(text("\n")));
        chunks.tryEmitNext(ByteBuffer.wrap(text("abc")));
        assertThat(frames).containsExactly("a", "TooLong #1 @3 3>2");
    }

    /** What the Javadoc warns of: a delimiter that the next byte could make longer. */
    @Test
    void delimiterThatCouldBecomeLonger_isWaitedFor() {
        List<String> frames = new ArrayList<>();
        Sinks.Many<ByteBuffer> chunks = Sinks.many().unicast().onBackpressureBuffer();
        FrameCodec.of(Delimiter.of("#\r\n", "#"))
                .decode(chunks.asFlux())
                .map(frame -> StandardCharsets.US_ASCII.decode(frame).toString())
                .subscribe(frames::add);
        chunks.tryEmitNext(ByteBuffer.wrap(text("*ET,1,HB#")));
        assertThat(frames).isEmpty();
        chunks.tryEmitNext(ByteBuffer.wrap(text("*")));
        assertThat(frames).containsExactly("*ET,1,HB");
    }
}
