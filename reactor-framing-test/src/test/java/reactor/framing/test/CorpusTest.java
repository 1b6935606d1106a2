package reactor.framing.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the fuzzer has kept, and bytes at random, without the fuzzer. {@code fuzz/corpus} has the inputs, one a line:
 * whoever finds one that fails adds it there.
 */
class CorpusTest {

    private static final int ROUNDS = 20_000;
    private static final int LONGEST = 64;

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

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void anyBytes_areRight(String name, Consumer<byte[]> target) {
        Random random = new Random(name.hashCode());
        for (int i = 0; i < ROUNDS; i++) {
            byte[] input = new byte[random.nextInt(LONGEST)];
            random.nextBytes(input);
            target.accept(input);
        }
    }
}
