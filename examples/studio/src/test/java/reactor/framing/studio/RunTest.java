package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the examples of the page show. */
class RunTest {

    private static Map<String, String> lessons() throws IOException {
        try (InputStream in = Studio.class.getResourceAsStream("page/lessons.json")) {
            Map<String, String> lessons = new HashMap<>();
            for (JsonNode lesson : new ObjectMapper().readTree(in)) {
                lessons.put(lesson.get("id").asText(), lesson.get("scenario").toString());
            }
            return lessons;
        }
    }

    private static Trace lesson(String id) throws IOException {
        return run(lessons().get(id));
    }

    private static Trace run(String json) {
        return Run.of(Json.read(json.getBytes(StandardCharsets.UTF_8), Scenario.class));
    }

    private static List<String> frames(Trace trace, String lane) {
        return trace.steps().stream()
                .filter(step -> step.frame() != null && step.lane().equals(lane))
                .map(step -> step.frame().text())
                .toList();
    }

    private static Step last(Trace trace) {
        List<Step> steps =
                trace.steps().stream().filter(step -> step.codec() != null).toList();
        return steps.get(steps.size() - 1);
    }

    private static Step first(Trace trace, String type) {
        return trace.steps().stream()
                .filter(step -> step.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    static Stream<Arguments> lessonsAndFrames() {
        return Stream.of(
                Arguments.of("words", List.of("abc", "hi", "ping")),
                Arguments.of("length4", List.of("hello", "", "bytes, not messages")),
                Arguments.of("marker", List.of("temp=21", "ok", "..r")),
                Arguments.of("glued", List.of("one", "two", "three", "four")),
                Arguments.of("lines", List.of("HELO a", "NOOP", "QUIT")),
                Arguments.of("escape", List.of("...", "plain", ".")),
                Arguments.of("damaged", List.of("first", "third")),
                Arguments.of("limit", List.of("short")),
                Arguments.of("stall", List.of("abc")),
                Arguments.of("cutoff", List.of("abc")),
                Arguments.of("endian", List.of()),
                Arguments.of("counts", List.of("hello\\x00\\x07")));
    }

    @ParameterizedTest
    @MethodSource("lessonsAndFrames")
    void lesson_deliversWhatItSays(String id, List<String> frames) throws IOException {
        assertThat(frames(lesson(id), "codec")).isEqualTo(frames);
    }

    @Test
    void allLessonsRunAndAreNotCut() throws IOException {
        Map<String, String> lessons = lessons();
        assertThat(lessons).hasSize(14);
        assertThat(lessons.values()).allSatisfy(json -> {
            Trace trace = run(json);
            assertThat(trace.cut()).isFalse();
            assertThat(trace.steps()).isNotEmpty();
        });
    }

    @Test
    void slowConsumer_restOfTheChunkStaysAndTheSenderIsNotAsked() throws IOException {
        Trace trace = lesson("slow");
        List<Step> codec =
                trace.steps().stream().filter(step -> step.codec() != null).toList();

        Step held = first(trace, "held");
        assertThat(held.text())
                .isEqualTo(
                        "No demand is left. 15 bytes of the chunk stay unread, and nothing more is asked of the sender.");
        assertThat(held.codec().held()).isEqualTo(15);
        assertThat(held.codec().sent()).isEqualTo(1);
        // one chunk and one partial frame, however slow
        assertThat(codec).allSatisfy(step -> assertThat(step.codec().held()).isLessThanOrEqualTo(18));
        assertThat(codec).allSatisfy(step -> {
            // a chunk is asked for only when all before it has been delivered
            if (step.type().equals("pull")) {
                assertThat(step.codec().read()).isEqualTo(step.codec().arrived());
            }
        });
        assertThat(frames(trace, "codec")).hasSize(18).isEqualTo(frames(trace, "pipeline"));
    }

    @Test
    void pipeline_queuesWholeReadsWhateverTheDemand() throws IOException {
        Trace trace = lesson("slow");

        assertThat(trace.hasPipeline()).isTrue();
        assertThat(first(trace, "queued").pipeline().queued()).isEqualTo(5);
        assertThat(trace.steps().stream()
                        .filter(step -> step.pipeline() != null)
                        .mapToInt(step -> step.pipeline().queued())
                        .max())
                .hasValue(15);
    }

    @Test
    void fullSize_oneReadOf64KiB() {
        assertThat(Pressure.measure(1)).isEqualTo(new Pressure(65_536, 1, 1, 0, 65_532, 1, 16_383));
    }

    @Test
    void requestByHand_isContinuedWhereItWas() throws IOException {
        String json = lessons().get("hand");
        List<Step> none = run(json).steps();
        List<Step> one = run(json.replace("\"plan\":[]", "\"plan\":[1]")).steps();
        List<Step> three = run(json.replace("\"plan\":[]", "\"plan\":[1,2]")).steps();

        assertThat(none).extracting(Step::type).containsExactly("idle");
        assertThat(one.subList(0, none.size())).isEqualTo(none);
        assertThat(three.subList(0, one.size())).isEqualTo(one);
        assertThat(one.get(one.size() - 1).codec())
                .extracting(Step.Codec::demand, Step.Codec::frames, Step.Codec::sent)
                .containsExactly(0L, 1, 2);
        assertThat(three.get(three.size() - 1).codec().frames()).isEqualTo(3);
        assertThat(three.get(three.size() - 1).millis()).isLessThan(10_000);
    }

    @Test
    void damagedByte_isReportedAndPassedOver() throws IOException {
        Trace trace = lesson("damaged");

        Step skipped = first(trace, "skipped");
        assertThat(skipped.fault().type()).isEqualTo("CorruptFrameException");
        assertThat(skipped.fault().message()).startsWith("expected the marker 72 but found ff at offset 8");
        assertThat(skipped.text()).isEqualTo("9 bytes passed over, and the stream goes on.");
        assertThat(last(trace).type()).isEqualTo("complete");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit | FrameTooLongException | declared length 26 exceeds the limit of 8 bytes at offset 7",
                "stall | FrameTimeoutException | a frame was not complete within PT2S, after 5 of 12 bytes",
                "cutoff | TruncatedFrameException | the stream ended inside a frame, after 5 of 8 bytes",
                "endian | FrameTooLongException | declared length 83886080 exceeds the limit of 8388608 bytes",
                "counts | FrameTooLongException | declared length 30575 exceeds the limit of 1024 bytes"
            })
    void fault_endsInTheRealError(String id, String type, String message) throws IOException {
        Step last = last(lesson(id));

        assertThat(last.type()).isEqualTo("error");
        assertThat(last.fault().type()).isEqualTo(type);
        assertThat(last.fault().message()).startsWith(message);
    }

    @Test
    void stall_isWaitedForInTimeThatDoesNotPass() throws IOException {
        assertThat(last(lesson("stall")).millis()).isBetween(2000L, 2100L);
    }

    @Test
    void manyChunksAndFrames_areGivenUpBeforeTheyAreTooMany() {
        List<String> bytes = new ArrayList<>();
        for (int i = 0; i < Scenario.MAX_STREAM; i++) {
            bytes.add("00");
        }
        Trace trace = run("{\"framing\":{\"kind\":\"lengthField\",\"options\":{\"size\":1}},\"input\":{\"wire\":\""
                + String.join("", bytes) + "\"}}");

        assertThat(trace.cut()).isTrue();
        assertThat(trace.steps()).hasSize(Run.MAX_STEPS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "null",
                "{",
                "{} {}",
                "{}",
                "{\"framing\":{\"kind\":\"nothing\"}}",
                "{\"framing\":{\"kind\":\"lengthField\",\"options\":{\"size\":9}}}",
                "{\"framing\":{\"kind\":\"lengthField\",\"options\":{\"size\":\"1\"}}}",
                "{\"framing\":{\"kind\":\"lengthField\",\"options\":{\"none\":1}}}",
                "{\"framing\":{\"kind\":\"lengthField\",\"options\":{\"adjustment\":-64,\"size\":1,\"counts\":\"x\"}}}",
                "{\"framing\":{\"kind\":\"startEnd\",\"options\":{\"start\":\"\"}}}",
                "{\"framing\":{\"kind\":\"startEnd\",\"options\":{\"start\":\"xy\"}}}",
                "{\"framing\":{\"kind\":\"delimiter\",\"options\":{\"delimiters\":\"\"}}}",
                "{\"framing\":{\"kind\":\"delimiter\",\"options\":{\"delimiters\":\"\\\\q\"}}}",
                "{\"framing\":{\"kind\":\"lines\"},\"cuts\":[null]}",
                "{\"framing\":{\"kind\":\"lines\"},\"cuts\":[1.5]}",
                "{\"framing\":{\"kind\":\"lines\"},\"more\":1}",
                "{\"framing\":{\"kind\":\"lines\"},\"demand\":{\"mode\":\"all\"}}",
                "{\"framing\":{\"kind\":\"lines\"},\"demand\":{\"mode\":\"batch\",\"n\":-1}}",
                "{\"framing\":{\"kind\":\"lines\"},\"demand\":{\"mode\":\"manual\",\"plan\":[-1]}}",
                "{\"framing\":{\"kind\":\"lines\"},\"policy\":{\"maxFrameLength\":0}}",
                "{\"framing\":{\"kind\":\"lines\"},\"policy\":{\"frameTimeoutMillis\":-1}}",
                "{\"framing\":{\"kind\":\"lines\"},\"faults\":{\"damage\":[{\"at\":-1,\"value\":0}]}}",
                "{\"framing\":{\"kind\":\"lines\"},\"faults\":{\"damage\":[{\"at\":0,\"value\":256}]}}",
                "{\"framing\":{\"kind\":\"lines\"},\"faults\":{\"cutEnd\":-1}}",
                "{\"framing\":{\"kind\":\"lines\"},\"input\":{\"wire\":\"abc\"}}",
                "{\"framing\":{\"kind\":\"lines\"},\"input\":{\"wire\":\"zz\"}}",
                "{\"framing\":{\"kind\":\"lines\"},\"input\":{\"messages\":[{\"text\":\"a\\nb\"}]}}",
                "{\"framing\":{\"kind\":\"lines\"},\"input\":{\"messages\":[{\"text\":\"\\\\xz\"}]}}",
                "{\"framing\":{\"kind\":\"varint\",\"options\":{\"before\":1}},\"input\":{\"messages\":[{\"text\":\"a\"}]}}"
            })
    void scenarioThatCannotBeRun_isRefusedWithAReason(String json) {
        assertThatThrownBy(() -> run(json))
                .isInstanceOf(BadRequest.class)
                .message()
                .isNotBlank();
    }

    @Test
    void streamThatIsTooLong_isRefused() {
        String hex = "00".repeat(Scenario.MAX_STREAM + 1);
        assertThatThrownBy(() -> run("{\"framing\":{\"kind\":\"lines\"},\"input\":{\"wire\":\"" + hex + "\"}}"))
                .isInstanceOf(BadRequest.class)
                .hasMessage("the stream is longer than 2048 bytes");
    }

    @Test
    void pipelineThatNettyHasNoDecoderFor_isLeftOut() {
        Trace trace = run(
                "{\"framing\":{\"kind\":\"slip\"},\"input\":{\"messages\":[{\"text\":\"a\"}]},\"beside\":{\"pipeline\":true}}");

        assertThat(trace.hasPipeline()).isFalse();
        assertThat(trace.steps()).allMatch(step -> step.lane().equals("codec"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\":\"lines\"} | 68690a680d0a",
                "{\"kind\":\"delimiter\",\"options\":{\"delimiters\":\"## \\\\n\"}} | 68692323680a",
                "{\"kind\":\"fixedLength\"} | 6162636465666768",
                "{\"kind\":\"json\"} | 7b7d7b2261223a317d",
                "{\"kind\":\"lengthField\",\"options\":{\"size\":2,\"littleEndian\":true,\"counts\":\"WHOLE_FRAME\"}} | 040068690200",
                "{\"kind\":\"lengthField\",\"options\":{\"size\":2,\"before\":1,\"after\":1,\"deliver\":\"with header\"}} | 070002806869",
                "{\"kind\":\"lengthField\",\"options\":{\"size\":1,\"adjustment\":1,\"after\":1,\"counts\":\"AFTER_LENGTH\"}} | 02806869"
            })
    void pipeline_hasTheDecoderThatMeansTheSame(String framing, String wire) {
        Trace trace = run(
                "{\"framing\":" + framing + ",\"input\":{\"wire\":\"" + wire + "\"},\"beside\":{\"pipeline\":true}}");

        assertThat(frames(trace, "pipeline")).isNotEmpty().isEqualTo(frames(trace, "codec"));
    }

    @Test
    void pipelineFault_isTold() {
        Trace trace =
                run("{\"framing\":{\"kind\":\"lengthField\",\"options\":{\"size\":1}},\"input\":{\"wire\":\"ff00\"},"
                        + "\"policy\":{\"maxFrameLength\":5},\"beside\":{\"pipeline\":true}}");

        assertThat(trace.steps())
                .filteredOn(step -> step.lane().equals("pipeline"))
                .last()
                .satisfies(step -> {
                    assertThat(step.type()).isEqualTo("error");
                    assertThat(step.fault().message()).contains("exceeds 5");
                });
    }

    @Test
    void anyScenario_isRunToAnEnd() {
        Random random = new Random(5);
        List<Formats.Kind> kinds = Formats.all();
        List<String> modes = List.of("unbounded", "batch", "slow", "manual");
        for (int i = 0; i < 1500; i++) {
            Formats.Kind kind = kinds.get(random.nextInt(kinds.size()));
            byte[] wire = new byte[random.nextInt(60)];
            for (int at = 0; at < wire.length; at++) {
                // small numbers make frames, and letters make digits, delimiters and braces
                wire[at] = (byte) (random.nextBoolean() ? random.nextInt(5) : 10 + random.nextInt(118));
            }
            if (kind.example() != null && random.nextBoolean()) {
                wire = HexFormat.of().parseHex(kind.example());
            }
            List<Integer> cuts = random.ints(random.nextInt(8), 0, 60).boxed().toList();
            Scenario scenario = new Scenario(
                    new Scenario.Format(kind.id(), Map.of()),
                    null,
                    new Scenario.Input(null, HexFormat.of().formatHex(wire)),
                    cuts,
                    new Scenario.Demand(modes.get(random.nextInt(4)), 1 + random.nextInt(3), 100, List.of(1, 2, 0)),
                    new Scenario.Faults(
                            List.of(new Scenario.Damage(random.nextInt(60), random.nextInt(256))),
                            random.nextInt(4),
                            random.nextInt(6) - 1,
                            random.nextInt(3) * 500),
                    new Scenario.Policy(
                            random.nextBoolean() ? 20 : null, random.nextBoolean(), random.nextInt(3) * 300),
                    new Scenario.Beside(true, true));

            Trace trace = Run.of(scenario);

            assertThat(trace.steps()).as("%s", scenario).isNotEmpty().allSatisfy(step -> {
                if (step.fault() != null && step.lane().equals("codec")) {
                    assertThat(step.fault().type())
                            .isIn(
                                    "CorruptFrameException",
                                    "FrameTooLongException",
                                    "TruncatedFrameException",
                                    "FrameTimeoutException");
                }
            });
            assertThat(trace.cut()).isFalse();
        }
    }
}
