package reactor.framing.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FramingException;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.StreamVerifier;

class JsonTest {

    private static StreamVerifier matrix() {
        return StreamVerifier.of(Json.objects()).allCutsUpTo(7);
    }

    private static StreamVerifier stream(String json) {
        return matrix().stream(json.getBytes(UTF_8));
    }

    private static StreamVerifier skipping(String json) {
        return matrix().skipInvalid().stream(json.getBytes(UTF_8));
    }

    private static String frame(String json) {
        return FramingEvents.frame(json.getBytes(UTF_8));
    }

    @Test
    void backToBackAndWithWhiteSpaceAndCommas() {
        stream("{\"a\":1}{}\r\n{\"b\":2} ,\t{\"c\":3},\n")
                .yields(frame("{\"a\":1}"), frame("{}"), frame("{\"b\":2}"), frame("{\"c\":3}"), "complete");
    }

    @Test
    void emptyObjectsCutAnywhere() {
        stream("{} [{},{}]{}").yields(frame("{}"), frame("{}"), frame("{}"), frame("{}"), "complete");
    }

    @Test
    void elementsOfOneArray() {
        stream(" [ {\"a\":1} , {\"b\":{\"c\":[{}]}}\n]\n")
                .yields(frame("{\"a\":1}"), frame("{\"b\":{\"c\":[{}]}}"), "complete");
    }

    @Test
    void byteOrderMark_passedOverAtTheStartOfTheStream() {
        matrix().stream("efbbbf 7b7d 7b").yields(frame("{}"), "error Truncated #1 @5 1/-1");
        matrix().stream("efbbbf 0a 5b 7b7d 5d").yields(frame("{}"), "complete");
        matrix().stream("efbbbf").yields("complete");
        matrix().stream("efbbbf 5b").yields("error Truncated #0 @3 1/-1");
    }

    @Test
    void byteOrderMarkThatIsNoneOrElsewhere_corrupt() {
        matrix().stream("efbb").yields("error Truncated #0 @0 2/-1");
        matrix().stream("efbb 7b7d").yields("error Corrupt #0 @0");
        matrix().skipInvalid().stream("efbb 41 7b7d").yields("skipped Corrupt #0 @0 +3", frame("{}"), "complete");
        matrix().skipInvalid().stream("ef 7b7d").yields("skipped Corrupt #0 @0 +1", frame("{}"), "complete");
        matrix().stream("7b7d efbbbf 7b7d").yields(frame("{}"), "error Corrupt #1 @2");
        matrix().skipInvalid().stream("efbbbf efbbbf 7b7d").yields("skipped Corrupt #0 @3 +3", frame("{}"), "complete");
    }

    @Test
    void emptyArray_noFrames() {
        stream(" [ ] ").yields("complete");
    }

    @Test
    void arrayAfterArrayAndObjectAfterArray_allDelivered() {
        stream("[{\"a\":1}][{\"b\":2}]{\"c\":3}")
                .yields(frame("{\"a\":1}"), frame("{\"b\":2}"), frame("{\"c\":3}"), "complete");
    }

    @Test
    void bracesQuotesAndBackslashesInStrings_areText() {
        stream("{\"}{\\\"}\":\"\\\\\"}{\"\\u007d\":\"{{\"}")
                .yields(frame("{\"}{\\\"}\":\"\\\\\"}"), frame("{\"\\u007d\":\"{{\"}"), "complete");
    }

    @Test
    void cutInsideUtf8Character_frameIntact() {
        stream("{\"é€😀\":\"日本\"}{}").yields(frame("{\"é€😀\":\"日本\"}"), frame("{}"), "complete");
    }

    @Test
    void endInsideObject_truncated() {
        stream("{} {\"a\":{}").yields(frame("{}"), "error Truncated #1 @3 7/-1");
    }

    @Test
    void endInsideString_truncated() {
        stream(" {\"}").yields("error Truncated #0 @1 3/-1");
    }

    @Test
    void endInsideArray_truncatedAtItsBracket() {
        stream("{},[{}, ").yields(frame("{}"), frame("{}"), "error Truncated #2 @3 5/-1");
    }

    @Test
    void endInsideArrayAfterSkippedFault_faultIsReportedFirst() {
        skipping(" [{},5 ").yields(frame("{}"), "skipped Corrupt #1 @5 +2", "error Truncated #2 @1 6/-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "null", "\"{}\"", "]", "[[{}]]", "}", ":", "\u0000", "\uFEFF{}"})
    void somethingElseThanAnObject_corruptAfterGoodFrames(String other) {
        stream("{} " + other + "{}").yields(frame("{}"), "error Corrupt #1 @" + (other.startsWith("[") ? 4 : 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "-1.5e3", "null", "\"{}\"", "\"\\\"{\"", "[{\"a\":\"]\"},[{}]]"})
    void scalarOrArrayAsElement_corrupt(String other) {
        stream("[{}," + other + ",{}]").yields(frame("{}"), "error Corrupt #1 @4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "-1.5e3", "null", "\"{}\"", "\"\\\"{\"", "[{\"a\":\"]\"},[{}]]", "\"a\" [] 1"})
    void scalarOrArrayAsElement_passedOverAsAWhole(String other) {
        skipping("[{}," + other + ",{\"a\":1}]{}")
                .yields(
                        frame("{}"),
                        "skipped Corrupt #1 @4 +" + (other.length() + 1),
                        frame("{\"a\":1}"),
                        frame("{}"),
                        "complete");
    }

    @Test
    void noiseAtTheEnd_reportedAtTheEnd() {
        skipping("{}\n]x").yields(frame("{}"), "skipped Corrupt #1 @3 +2", "complete");
    }

    @Test
    void limitIsThatOfOneObject() {
        matrix().with(c -> c.maxFrameLength(7)).stream("[{\"a\":1},{\"b\":2},{\"c\":33},{}]".getBytes(UTF_8))
                .yields(frame("{\"a\":1}"), frame("{\"b\":2}"), "error TooLong #2 @17 8>7");
        matrix().with(c -> c.maxFrameLength(7)).skipInvalid().stream("[{\"c\":33},{}]".getBytes(UTF_8))
                .yields("skipped TooLong #0 @1 8>7 +8", frame("{}"), "complete");
    }

    @Test
    void encoder_writesAnObjectAndALineFeed() {
        assertThat(encode("{\"a\":[1,{}]}", "{}")).containsExactly("{\"a\":[1,{}]}\n", "{}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "[]", "[{}]", " {}", "{} ", "{}{}", "{}\n", "{", "{\"}", "{\"a\":{}", "}"})
    void encoder_refusesWhatIsNotExactlyOneObject(String frame) {
        assertThatThrownBy(() -> encode(frame)).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void encoder_tellsTheLengthOfTheObjectThatIsFollowed() {
        ByteBuffer frame = ByteBuffer.wrap("[{}{}]".getBytes(UTF_8)).position(1).limit(5);
        assertThatThrownBy(() ->
                        FrameCodec.of(Json.objects()).encode(Flux.just(frame)).blockLast())
                .hasMessageStartingWith("frame goes on behind its JSON object, which has 2 bytes");
    }

    @Test
    void randomBytes_giveOnlyFramesAndFramingExceptions() {
        byte[] alphabet = "{}[]\"\\,: 1a\u00e9".getBytes(UTF_8);
        Random random = new Random(7);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = new byte[random.nextInt(30)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = alphabet[random.nextInt(alphabet.length)];
            }
            StreamVerifier stopping = matrix().with(c -> c.maxFrameLength(9)).stream(bytes);
            StreamVerifier matrix = random.nextBoolean() ? stopping.skipInvalid() : stopping;
            List<String> events = matrix.events();
            assertThat(events).allMatch(e -> e.matches("(frame|skipped|complete|error (Corrupt|TooLong|Truncated)).*"));
            if (i % 200 == 0) {
                matrix.yields(events);
            }
        }
    }

    /** Whatever the encoder takes comes back as it was, whatever it stands next to. */
    @Test
    void randomFramesThatTheEncoderTakes_readBackTheSame() {
        byte[] alphabet = "{}\"\\[] a".getBytes(UTF_8);
        Random random = new Random(8);
        List<String> accepted = new ArrayList<>();
        for (int i = 0; i < 15_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(8)];
            bytes[0] = '{';
            for (int k = 1; k < bytes.length; k++) {
                bytes[k] = alphabet[random.nextInt(alphabet.length)];
            }
            String frame = new String(bytes, UTF_8);
            try {
                encode(frame);
                accepted.add(frame);
            } catch (FramingException refused) {
                assertThat(stream(frame).events()).isNotEqualTo(List.of(frame(frame), "complete"));
            }
        }
        assertThat(accepted).hasSizeGreaterThan(250);
        String wire = String.join("", encode(accepted.toArray(String[]::new)));
        List<String> expected =
                new ArrayList<>(accepted.stream().map(JsonTest::frame).toList());
        expected.add("complete");
        assertThat(stream(wire).events()).isEqualTo(expected);
    }

    private static List<String> encode(String... frames) {
        return Flux.just(frames)
                .map(f -> ByteBuffer.wrap(f.getBytes(UTF_8)))
                .transform(FrameCodec.of(Json.objects())::encode)
                .map(b -> UTF_8.decode(b).toString())
                .collectList()
                .block();
    }
}
