package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.StreamVerifier;

/** {@code autobahn.txt}: the frames that Autobahn's testsuite sends, by Autobahn's encoder. */
class WebSocketAutobahnTest {

    /** What one side of a case sends. */
    record Case(String name, List<Integer> lengths, boolean good, byte[] stream) {

        static Case of(String line) {
            String[] columns = line.split(" ");
            List<Integer> lengths = new ArrayList<>();
            boolean good = true;
            for (String length : columns[2].split(",")) {
                good = !length.endsWith("!");
                if (!good) {
                    break;
                }
                lengths.add(Integer.parseInt(length));
            }
            return new Case(columns[0] + " " + columns[1], lengths, good, TestBytes.hex(unpacked(columns[3])));
        }

        private static String unpacked(String parts) {
            StringBuilder hex = new StringBuilder();
            for (String part : parts.split("\\+")) {
                int end = part.indexOf(")*");
                hex.append(end < 0 ? part : part.substring(1, end).repeat(Integer.parseInt(part.substring(end + 2))));
            }
            return hex.toString();
        }

        List<byte[]> frames() {
            List<byte[]> frames = new ArrayList<>();
            int at = 0;
            for (int length : lengths) {
                frames.add(Arrays.copyOfRange(stream, at, at + length));
                at += length;
            }
            return frames;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Case> cases() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                requireNonNull(WebSocketAutobahnTest.class.getResourceAsStream("autobahn.txt")), US_ASCII))) {
            return reader.lines().filter(line -> !line.startsWith("#")).map(Case::of).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void allCasesOfBothSides_areThere() {
        assertThat(cases()).hasSize(156);
        assertThat(cases().filter(each -> !each.good())).hasSize(28);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void frames_endWhereAutobahnEndsThem_orAreRefused(Case each) {
        List<String> events = new ArrayList<>();
        int offset = 0;
        for (byte[] frame : each.frames()) {
            events.add(FramingEvents.frame(frame));
            offset += frame.length;
        }
        events.add(each.good() ? "complete" : "error Corrupt #" + each.lengths().size() + " @" + offset);
        StreamVerifier verifier = StreamVerifier.of(Protocols.webSocket()).allCutsUpTo(8).stream(each.stream());
        assertThat(verifier.events()).isEqualTo(events);
        if (each.stream().length <= 1024) {
            verifier.yields(events);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void goodFrames_areWrittenTheSame(Case each) {
        String written = Flux.fromIterable(each.frames())
                .map(ByteBuffer::wrap)
                .transform(FrameCodec.of(Protocols.webSocket())::encode)
                .map(buffer -> HexFormat.of().formatHex(TestBytes.bytes(buffer)))
                .collect(Collectors.joining())
                .block();
        int good = each.lengths().stream().mapToInt(Integer::intValue).sum();
        assertThat(written).isEqualTo(HexFormat.of().formatHex(each.stream(), 0, good));
    }
}
