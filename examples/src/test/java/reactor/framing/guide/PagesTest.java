package reactor.framing.guide;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.Test;

/**
 * What README and the guide show is what is compiled and run, and what they link to is there.
 *
 * <p>A sample is a part of a test or of an example. Between the comments {@code tag::name[]} and {@code end::name[]} it has to
 * be on a page as it is; without them, a page may show any part of such a file.
 */
class PagesTest {

    private static final String SAMPLE = " *// tag::(\\w+)\\[]\n(.*?)\n *// end::\\1\\[]";

    @Test
    void everySampleOfAPage_isPartOfASourceThatIsRun() {
        String sources =
                Pages.sources().stream().map(Pages::read).map(PagesTest::bare).collect(joining("\n"));
        List<String> unknown = new ArrayList<>();
        for (Path page : Pages.withSamples()) {
            for (String block : Pages.blocks(page, "java")) {
                if (!sources.contains("\n" + bare(block) + "\n")) {
                    unknown.add(Pages.PROJECT.relativize(page) + ":\n" + block);
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void everyTaggedSample_isOnAPage() {
        Set<String> blocks = new HashSet<>();
        Pages.withSamples().forEach(page -> blocks.addAll(Pages.blocks(page, "java")));
        List<String> missing = new ArrayList<>();
        for (Path source : Pages.sources()) {
            for (MatchResult sample : Pages.matches(SAMPLE, Pages.read(source))) {
                if (!blocks.contains(sample.group(2).stripIndent().strip() + "\n")) {
                    missing.add(source.getFileName() + ", " + sample.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    /** Lines without indentation, blank ones and tags gone. */
    private static String bare(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.matches("// (tag|end)::.*"))
                .collect(joining("\n"));
    }

    @Test
    void everyRelativeLink_leadsToAFileAndAHeadingThatAreThere() {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : Pages.all()) {
            for (MatchResult match : Pages.matches("(?:]\\(|<img [^>]*src=\")([^)\" ]+)", Pages.withoutCode(page))) {
                String link = match.group(1);
                if (!link.matches("[a-z]+:.*")) {
                    links++;
                    if (!leadsSomewhere(page, link)) {
                        broken.add(Pages.PROJECT.relativize(page) + ": " + link);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isPositive();
    }

    private static boolean leadsSomewhere(Path page, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        return target.startsWith(Pages.PROJECT)
                && Files.exists(target)
                && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
    }

    /** The anchors that the hosts of repositories make of headings. */
    private static Set<String> anchors(Path page) {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        String text = Pages.read(page).replaceAll("(?ms)^```.*?^```", "");
        for (MatchResult heading : Pages.matches("(?m)^#+ ([^\n]*)$", text)) {
            String anchor = heading.group(1)
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            int count = seen.merge(anchor, 1, Integer::sum);
            anchors.add(count == 1 ? anchor : anchor + "-" + (count - 1));
        }
        return anchors;
    }

    @Test
    void coordinates_areOfThisVersion() {
        String version = Pages.matches(
                        "<artifactId>reactor-framing-parent</artifactId>\\s*<version>([^<]*)<",
                        Pages.read(Pages.page("pom.xml")))
                .get(0)
                .group(1);
        List<String> shown = new ArrayList<>();
        for (Path page : Pages.withSamples()) {
            for (String block : Pages.blocks(page, "xml")) {
                Pages.matches("<artifactId>reactor-framing[^<]*</artifactId>\\s*<version>([^<]*)<", block)
                        .forEach(match -> shown.add(match.group(1)));
            }
        }
        assertThat(shown).isNotEmpty().containsOnly(version);
    }

    @Test
    void readme_isOnePage() {
        assertThat(Pages.read(Pages.page("README.md")).lines().count()).isLessThanOrEqualTo(130);
    }

    @Test
    void everyPageOfTheGuide_isInItsIndex() throws IOException {
        String index = Pages.read(Pages.page("docs/README.md"));
        try (var files = Files.list(Pages.page("docs"))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".md") && !name.equals("README.md")))
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(index).contains("(" + name + ")"));
        }
    }

    @Test
    void pictures_areWhatTheProgramDraws() throws IOException {
        assertThat(Pictures.differing(Pages.PROJECT)).isEmpty();
    }

    @Test
    void picturesOfTheJavadoc_areThere() {
        List<String> broken = new ArrayList<>();
        int pictures = 0;
        for (Path source : Pages.files(".java")) {
            for (MatchResult picture : Pages.matches("<img src=\"(doc-files/[^\"]*)\"", Pages.read(source))) {
                pictures++;
                if (!Files.exists(source.resolveSibling(picture.group(1)))) {
                    broken.add(source.getFileName() + ": " + picture.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(pictures).isPositive();
    }
}
