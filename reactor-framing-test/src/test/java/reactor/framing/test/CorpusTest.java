package reactor.framing.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the fuzzer has kept, without the fuzzer. {@code fuzz/corpus} has the inputs, one a line:
 * whoever finds one that fails adds it there.
 */
class CorpusTest {

    static Stream<Arguments> targets() {
        return Stream.of(
                target("Decode", DecodeTarget::fuzzerTestOneInput),
                target("Encode", EncodeTarget::fuzzerTestOneInput),
                target("Netty", NettyTarget::fuzzerTestOneInput),
                target("Reference", ReferenceTarget::fuzzerTestOneInput));
    }

    private static Arguments target(String name, Consumer<byte[]> target) {
        return Arguments.of(name, target);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void whatTheFuzzerHasKept_isRight(String name, Consumer<byte[]> target) throws IOException {
        List<byte[]> inputs = Campaign.corpus(Path.of("..", "fuzz"), name);
        assertThat(inputs).hasSizeGreaterThan(100);
        inputs.forEach(target);
    }
}
