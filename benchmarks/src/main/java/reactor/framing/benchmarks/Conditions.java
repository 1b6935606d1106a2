package reactor.framing.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Where and with what something was measured. */
final class Conditions {

    private Conditions() {}

    /** A line that belongs to every table. */
    static String describe() throws IOException {
        Properties versions = new Properties();
        try (InputStream in = Conditions.class.getResourceAsStream("/versions.properties")) {
            versions.load(in);
        }
        String used = new TreeMap<>(versions)
                .entrySet().stream()
                        .map(version -> version.getKey() + " " + version.getValue())
                        .collect(Collectors.joining(", "));
        return "%s; %s, %d processors; %s %s; %s%n"
                .formatted(
                        LocalDate.now(),
                        processor(),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.vm.version"),
                        used);
    }

    private static String processor() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        List<String> lines = Files.exists(info) ? Files.readAllLines(info) : List.of();
        return lines.stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }
}
