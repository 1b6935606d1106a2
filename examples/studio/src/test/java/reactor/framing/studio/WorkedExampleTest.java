package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Three messages behind a length of one byte, in four chunks: every step of it. */
class WorkedExampleTest {

    private static final Scenario.Format LENGTH_1 = new Scenario.Format("lengthField", Map.of("size", 1));

    private static Scenario scenario(List<Integer> cuts, Scenario.Beside beside) {
        List<Scenario.Message> messages = List.of(message("abc"), message("hi"), message("ping"));
        return new Scenario(LENGTH_1, null, new Scenario.Input(messages, null), cuts, null, null, null, beside);
    }

    private static Scenario.Message message(String text) {
        return new Scenario.Message(text, null);
    }

    @Test
    void stepByStep() {
        Trace trace = Run.of(scenario(List.of(3, 6, 10), null));

        assertThat(trace.wire()).isEqualTo("03616263026869" + "0470696e67");
        assertThat(trace.codec()).isEqualTo("FrameCodec.of(LengthField.ofSize(1))");
        assertThat(trace.steps())
                .extracting(Step::text)
                .containsExactly(
                        "The subscriber requests without bound.",
                        "The decoder asks for 1 chunk.",
                        "Chunk 1 arrives: 3 bytes.",
                        "03 is the length.",
                        "The frame has 3 bytes, and takes 4 on the wire.",
                        "61 62 are payload.",
                        "Wait: payload short by 1 byte: 3 of 4 bytes of the frame are here. The decoder asks for 1 chunk.",
                        "Chunk 2 arrives: 3 bytes.",
                        "63 is payload.",
                        "The frame is whole: 4 bytes on the wire.",
                        "Frame 1 is delivered: “abc”.",
                        "02 is the length.",
                        "The frame has 2 bytes, and takes 3 on the wire.",
                        "68 is payload.",
                        "Wait: payload short by 1 byte: 2 of 3 bytes of the frame are here. The decoder asks for 1 chunk.",
                        "Chunk 3 arrives: 4 bytes.",
                        "69 is payload.",
                        "The frame is whole: 3 bytes on the wire.",
                        "Frame 2 is delivered: “hi”.",
                        "04 is the length.",
                        "The frame has 4 bytes, and takes 5 on the wire.",
                        "70 69 are payload.",
                        "Wait: payload short by 2 bytes: 3 of 5 bytes of the frame are here. The decoder asks for 1 chunk.",
                        "Chunk 4 arrives: 2 bytes.",
                        "6e 67 are payload.",
                        "The frame is whole: 5 bytes on the wire.",
                        "Frame 3 is delivered: “ping”.",
                        "The decoder asks for 1 chunk.",
                        "The sender closes the connection.",
                        "The stream is complete: onComplete.");
    }

    @Test
    void headerCut_isToldAsNotWhole() {
        Scenario.Format length4 = new Scenario.Format("lengthField", Map.of("size", 4));
        Trace trace = Run.of(new Scenario(
                length4, null, new Scenario.Input(null, "00000002 6869"), List.of(1), null, null, null, null));

        assertThat(trace.steps())
                .extracting(Step::text)
                .contains(
                        "00 is the length, but not all of it.",
                        "Wait: header not whole: 1 of 4 bytes are here. The decoder asks for 1 chunk.");
    }

    @Test
    void withoutTheLoop_aFrameIsLateAndTheLastNeverComes() {
        NoLoop noLoop =
                Run.of(scenario(List.of(9), new Scenario.Beside(false, true))).noLoop();

        assertThat(noLoop.rows())
                .containsExactly(
                        new NoLoop.Row(List.of("abc", "hi"), List.of("abc"), 5, null),
                        new NoLoop.Row(List.of("ping"), List.of("hi"), 5, null));
        assertThat(noLoop)
                .extracting(NoLoop::withLoop, NoLoop::without, NoLoop::left)
                .containsExactly(3, 2, 5);
    }
}
