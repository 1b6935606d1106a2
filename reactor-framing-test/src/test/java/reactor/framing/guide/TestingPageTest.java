package reactor.framing.guide;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/testing.md shows is what is compiled and run here, and all of it. */
class TestingPageTest {

    private static final Path PAGE = Path.of("..", "docs", "testing.md");
    private static final Path SAMPLES = Path.of("src", "test", "java", "reactor", "framing", "guide");
    private static final Pattern BLOCK = Pattern.compile("```(\\w+)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SAMPLE =
            Pattern.compile(" *// tag::(\\w+)\\[]\n(.*?)\n *// end::\\1\\[]", Pattern.DOTALL);

    /** The blocks of the page in that language. */
    static String block(String language) {
        return String.join("\n", blocks(language));
    }

    private static List<String> blocks(String language) {
        return BLOCK.matcher(read(PAGE))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2).stripTrailing())
                .toList();
    }

    private static List<String> samples() throws IOException {
        List<String> samples = new ArrayList<>();
        try (Stream<Path> files = Files.list(SAMPLES)) {
            files.forEach(file -> SAMPLE.matcher(read(file))
                    .results()
                    .forEach(sample -> samples.add(sample.group(2).stripIndent().strip())));
        }
        return samples;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everySampleOfThePage_isOneThatIsRunAndTheOtherWayRound() throws IOException {
        assertThat(blocks("java").stream().sorted().collect(joining("\n\n")))
                .isEqualTo(samples().stream().sorted().collect(joining("\n\n")));
    }
}
