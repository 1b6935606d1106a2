package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is shown of the bytes has to be the same for every split, and has to be what is delivered. */
class RecorderTest {

    private static final HexFormat HEX = HexFormat.of();

    /**
     * Each format with options, the bytes of a stream, the frames in it, and the role of each byte by its first letter.
     */
    static Stream<Arguments> streams() {
        return Stream.of(
                shown("lengthField", Map.of("size", 1), "03616263 026869", "LPPP LPP", "abc", "hi"),
                shown("lengthField", Map.of("size", 4), "000000026869", "LLLLPP", "hi"),
                shown("lengthField", Map.of("size", 2, "marker", "72"), "7200026869 720000", "MLLPP MLL", "hi", ""),
                shown(
                        "lengthField",
                        Map.of("size", 2, "before", 1, "after", 1, "deliver", "with header"),
                        "070002806869",
                        "HLLHPP",
                        "\\x07\\x00\\x02\\x80hi"),
                shown(
                        "lengthField",
                        Map.of(
                                "size",
                                2,
                                "before",
                                1,
                                "after",
                                1,
                                "counts",
                                "AFTER_LENGTH",
                                "deliver",
                                "strip",
                                "strip",
                                3),
                        "070003806869",
                        "HLLHPP",
                        "\\x80hi"),
                shown(
                        "lengthField",
                        Map.of("size", 4, "littleEndian", true, "counts", "WHOLE_FRAME"),
                        "060000006869",
                        "LLLLPP",
                        "hi"),
                shown("varint", Map.of(), "026869 00 0161", "LPP L LP", "hi", "", "a"),
                shown(
                        "varint",
                        Map.of("before", 1, "keepHeader", true),
                        "40026869 c000",
                        "HLPP HL",
                        "@\\x02hi",
                        "\\xc0\\x00"),
                shown("lines", Map.of(), "68690d0a 0a 610d620a", "PPDD D PPPD", "hi", "", "a\\rb"),
                shown("lines", Map.of("keepDelimiter", true), "68690d0a 610a", "PPDD PD", "hi\\r\\n", "a\\n"),
                shown("delimiter", Map.of("delimiters", "||"), "68697c7c 7c617c7c", "PPDD PPDD", "hi", "|a"),
                shown("delimiter", Map.of("delimiters", "aab"), "61616161 6162", "PPPD DD", "aaa"),
                shown(
                        "delimiter",
                        Map.of("delimiters", "\\r \\r\\n"),
                        "680d 690d0a 6b0d0a",
                        "PD PDD PDD",
                        "h",
                        "i",
                        "k"),
                shown(
                        "fixedLength",
                        Map.of("length", 3, "marker", "aabb"),
                        "aabb01 aabb02",
                        "MMP MMP",
                        "\\xaa\\xbb\\x01",
                        "\\xaa\\xbb\\x02"),
                shown("startEnd", Map.of(), "02686903 0203", "MPPD MD", "hi", ""),
                shown("startEnd", Map.of("start", "6162", "end", "6162"), "6162 61 63 6162", "MM P P DD", "ac"),
                shown("startEnd", Map.of("escape", "1b"), "02 1b03 1b1b 68 03", "M EP EP P D", "\\x03\\x1bh"),
                shown(
                        "startEnd",
                        Map.of("start", "02", "end", "1c0d", "skipBetween", true),
                        "0a 02681c1c0d 0a",
                        "S MPPDD S",
                        "h\\x1c"),
                shown("slip", Map.of(), "c0 01dbdc02dbdd03c0", "S PEPPEPPD", "\\x01\\xc0\\x02\\xdb\\x03"),
                shown("hdlc", Map.of(), "7e7e 68697e 617d5e7e", "SD PPD PEPD", "hi", "a~"),
                shown("cobs", Map.of(), "0311220233 0100", "LPPLP LD", "\\x11\\x22\\x003\\x00"),
                shown("netstring", Map.of(), "323a68692c 303a2c", "LDPPD LDD", "hi", ""),
                shown("octetCounting", Map.of(), "32206869", "LDPP", "hi"),
                shown("textLength", Map.of("size", 4), "303030326869", "LLLLPP", "hi"),
                shown(
                        "textLength",
                        Map.of("size", 2, "digits", "bcd", "keepHeader", true),
                        "00026869",
                        "LLPP",
                        "\\x00\\x02hi"),
                shown("json", Map.of(), "5b 7b7d 2c 7b7d 5d", "S PP S PP S", "{}", "{}"),
                shown("switching", Map.of(), "68690a 0161", "PPD LP", "hi", "a"),
                shown("mqtt", Map.of(), "40026869 c000", "HLPP HL", "@\\x02hi", "\\xc0\\x00"),
                shown("mllp", Map.of(), "0b681c0d 0a 0b1c0d", "MPDD S MDD", "h", ""),
                shown(
                        "amqp",
                        Map.of(),
                        "414d515000000901 080000000000 00ce",
                        "MMMMMMMM HHHLLLLD",
                        "AMQP\\x00\\x00\\x09\\x01",
                        "\\x08\\x00\\x00\\x00\\x00\\x00\\x00\\xce"),
                shown("syslog", Map.of(), "32206869 610a 0a 33206b6b6b", "LDPP PD S LDPPP", "hi", "a", "kkk"),
                shown("gitPktLine", Map.of(), "303030366869 30303030", "LLLLPP LLLL", "0006hi", "0000"),
                shown(
                        "postgres",
                        Map.of(),
                        "0000000800030000 5a0000000549",
                        "LLLLPPPP HLLLLP",
                        "\\x00\\x00\\x00\\x08\\x00\\x03\\x00\\x00",
                        "Z\\x00\\x00\\x00\\x05I"));
    }

    private static Arguments shown(
            String kind, Map<String, Object> options, String wire, String roles, String... frames) {
        return Arguments.of(
                new Scenario.Format(kind, options), wire.replace(" ", ""), roles.replace(" ", ""), List.of(frames));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void anySplit_rolesAndFramesAreTheSame(Scenario.Format format, String wire, String roles, List<String> frames) {
        byte[] stream = HEX.parseHex(wire);
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            List<Integer> cuts = cuts(stream.length, i, random);
            Trace trace = run(format, wire, cuts);
            assertThat(trace.cut()).isFalse();
            assertThat(frames(trace)).as("frames with cuts %s", cuts).isEqualTo(hex(frames));
            assertThat(roles(trace)).as("roles with cuts %s", cuts).isEqualTo(roles);
            assertDeliveredBytesAreTheFrames(trace, stream);
            assertThat(trace.steps().get(trace.steps().size() - 1).type()).isEqualTo("complete");
        }
    }

    private static List<Integer> cuts(int length, int run, Random random) {
        if (run == 0) {
            return List.of();
        }
        if (run == 1) {
            return IntStream.range(1, length).boxed().toList();
        }
        return IntStream.range(1, length)
                .filter(i -> random.nextInt(3) == 0)
                .boxed()
                .toList();
    }

    private static Trace run(Scenario.Format format, String wire, List<Integer> cuts) {
        return Run.of(new Scenario(format, null, new Scenario.Input(null, wire), cuts, null, null, null, null));
    }

    private static List<String> hex(List<String> texts) {
        return texts.stream()
                .map(text -> HEX.formatHex(Bytes.parseText("frame", text)))
                .toList();
    }

    private static List<String> frames(Trace trace) {
        return trace.steps().stream()
                .filter(step -> step.frame() != null)
                .map(step -> step.frame().hex())
                .toList();
    }

    private static Step.Mark[] marks(Trace trace) {
        Step.Mark[] marks = new Step.Mark[trace.wire().length() / 2];
        for (Step step : trace.steps()) {
            for (Step.Mark mark : step.marks()) {
                Arrays.fill(marks, mark.from(), mark.to(), mark);
            }
        }
        return marks;
    }

    private static String roles(Trace trace) {
        StringBuilder roles = new StringBuilder();
        for (Step.Mark mark : marks(trace)) {
            roles.append(mark == null ? '?' : mark.role().name().charAt(0));
        }
        return roles.toString();
    }

    private static void assertDeliveredBytesAreTheFrames(Trace trace, byte[] stream) {
        Step.Mark[] marks = marks(trace);
        for (Step step : trace.steps()) {
            Step.Frame frame = step.frame();
            if (frame == null) {
                continue;
            }
            List<byte[]> delivered = new ArrayList<>();
            for (int i = frame.from(); i < frame.to(); i++) {
                if (marks[i].as() != null) {
                    delivered.add(HEX.parseHex(marks[i].as()));
                } else if (marks[i].delivered()) {
                    delivered.add(new byte[] {stream[i]});
                }
            }
            assertThat(HEX.formatHex(Bytes.concat(delivered)))
                    .as("the delivered bytes of frame %d", frame.index())
                    .isEqualTo(frame.hex());
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKind_readsItsExampleOrMessages(Formats.Kind kind) {
        Scenario.Format format = new Scenario.Format(kind.id(), Map.of());
        Scenario.Input input = kind.example() != null
                ? new Scenario.Input(null, kind.example())
                : new Scenario.Input(List.of(new Scenario.Message("hello", null)), null);

        Trace trace = Run.of(new Scenario(format, null, input, List.of(2, 7), null, null, null, null));

        assertThat(trace.framing()).isNotBlank();
        assertThat(frames(trace)).isNotEmpty();
        assertThat(trace.steps()).last().extracting(Step::type).isEqualTo("complete");
        assertDeliveredBytesAreTheFrames(trace, HEX.parseHex(trace.wire()));
    }

    static Stream<Formats.Kind> kinds() {
        return Formats.all().stream();
    }
}
