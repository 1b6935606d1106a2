package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/protocols.md has a line for every preset, and {@link Protocols} a preset for every line, in the same order. */
class ProtocolsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "protocols.md");
    private static final Path SOURCE = Path.of("src", "main", "java", "reactor", "framing", "format", "Protocols.java");

    /** A line: name, bytes, specification, what a frame is. */
    private static final Pattern ROW =
            Pattern.compile("^\\| `(\\w+)\\(\\)` \\| (.*\\S.*) \\| (.*\\S.*) \\| (.*\\S.*) \\|$", Pattern.MULTILINE);

    private static final Pattern FIELD_OF_PAGE = Pattern.compile("^## (.*)$", Pattern.MULTILINE);
    private static final Pattern FIELD_OF_SOURCE = Pattern.compile("^ +// ---- (.*)$", Pattern.MULTILINE);
    private static final Pattern METHOD =
            Pattern.compile("^ +public static Framing (\\w+)\\(\\) \\{$", Pattern.MULTILINE);
    private static final Pattern JAVADOC =
            Pattern.compile("/\\*\\*((?:(?!\\*/).)*+)\\*/\\s*public static Framing (\\w+)\\(\\)", Pattern.DOTALL);

    /** Names and numbers. */
    private static final Pattern NAMED =
            Pattern.compile("[A-Z][\\w-]+|\\d+(\\.\\d+)+|\\d+-\\d+|\\d{3,}|[\\w-]+\\.(txt|jute)");

    private static final Pattern LARGE = Pattern.compile("(\\d{1,3}(?:,\\d{3})*)(?: (MiB|GiB))?");
    private static final Pattern LINK = Pattern.compile("\\{@link #(\\w+)\\(\\) \\1}");

    private static Stream<String> presets() {
        return Stream.of(Protocols.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .distinct();
    }

    /** Names, each behind the field that it is listed under. */
    private static List<String> byField(String text, Pattern field, Pattern name) {
        List<MatchResult> all = new ArrayList<>(field.matcher(text).results().toList());
        all.addAll(name.matcher(text).results().toList());
        List<String> names = new ArrayList<>();
        String current = "";
        for (MatchResult each :
                all.stream().sorted((a, b) -> a.start() - b.start()).toList()) {
            String line = each.group().strip();
            if (line.startsWith("## ") || line.startsWith("// ----")) {
                current = each.group(1).toLowerCase(Locale.ROOT);
            } else {
                names.add(current + ": " + each.group(1));
            }
        }
        return names.stream().sorted().toList();
    }

    @Test
    void everyPreset_hasALineUnderItsFieldAndTheOtherWayRound() throws IOException {
        String page = Files.readString(PAGE);
        String source = Files.readString(SOURCE);
        assertThat(ROW.matcher(page).results().map(row -> row.group(1)))
                .containsExactlyInAnyOrderElementsOf(presets().toList());
        assertThat(byField(page, FIELD_OF_PAGE, ROW)).isEqualTo(byField(source, FIELD_OF_SOURCE, METHOD));
        assertThat(page.lines().filter(line -> line.startsWith("| `")))
                .allMatch(line -> ROW.matcher(line).matches());
    }

    @Test
    void everyPreset_isInTheListOfTheJavadoc() throws IOException {
        String source = Files.readString(SOURCE);
        String list = source.substring(source.indexOf("<ul>"), source.indexOf("</ul>"));
        assertThat(LINK.matcher(list).results().map(link -> link.group(1)))
                .containsExactlyInAnyOrderElementsOf(presets().toList());
    }

    /** Names, numbers and sections of the page's specification are in the Javadoc, or a link to the preset above. */
    @Test
    void everyPreset_namesItsSpecification() throws IOException {
        Map<String, String> documents = javadoc();
        assertThat(documents.keySet())
                .containsExactlyInAnyOrderElementsOf(presets().toList());
        ROW.matcher(Files.readString(PAGE)).results().forEach(row -> {
            String document = documents.get(row.group(1));
            List<String> named = NAMED.matcher(row.group(3))
                    .results()
                    .map(MatchResult::group)
                    .toList();
            if (row.group(3).equals("as above")) {
                assertThat(document).as(row.group(1)).contains("{@link #");
            } else {
                assertThat(named).as(row.group(1)).isNotEmpty().allMatch(document::contains);
            }
        });
    }

    /** What goes beyond the 8 MiB that a codec allows by itself, or has no bound, says what to set. */
    @Test
    void everyPresetBeyondTheCodecsLimit_saysWhatToSet() throws IOException {
        List<String> beyond = new ArrayList<>();
        javadoc().forEach((name, document) -> {
            boolean large = LARGE.matcher(document).results().anyMatch(number -> bytes(number) > 8 << 20);
            boolean open = document.contains("bytes") && document.contains("of at least ");
            if (large || open) {
                beyond.add(name);
                assertThat(document).as(name).contains("FrameCodec#maxFrameLength");
            }
        });
        assertThat(beyond)
                .contains("postgres", "mysql", "mqtt", "rsocket", "kafka", "mongo", "cassandra", "http2", "smpp")
                .doesNotContain("bgp", "tlsRecords", "jt808", "mavlink");
    }

    private static long bytes(MatchResult number) {
        long value = Long.parseLong(number.group(1).replace(",", ""));
        String unit = number.group(2);
        return unit == null ? value : value << (unit.equals("MiB") ? 20 : 30);
    }

    /** Of every preset without arguments, on one line. */
    private static Map<String, String> javadoc() throws IOException {
        Map<String, String> documents = new HashMap<>();
        JAVADOC.matcher(Files.readString(SOURCE))
                .results()
                .forEach(each -> documents.put(each.group(2), each.group(1).replaceAll("\\s*\\n\\s*\\* ?", " ")));
        return documents;
    }

    /** The presets that {@link ProtocolsTest} knows, and those of the test classes by field. */
    @Test
    void everyPreset_isProved() {
        List<String> proved = new ArrayList<>();
        PresetsContract.all().forEach(preset -> proved.add(preset.name()));
        assertThat(proved).doesNotHaveDuplicates();
        VerifiedFormatsTest.presets().forEach(arguments -> {
            String shown = arguments.get()[0].toString();
            proved.add(shown.substring("Protocols.".length(), shown.length() - 2));
        });
        proved.add("mqtt"); // in VarintTest
        assertThat(proved).containsAll(presets().toList());
    }
}
