package reactor.framing.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tables and the chart of the results: reads each file named and writes {@code results.md} and
 * {@code results.svg} beside it. Of several, it writes what README shows to {@code summary.md} above them, one beside the
 * other.
 */
public final class Report {

    /** What was measured of one contender at one workload, in the iterations of all rounds. */
    private static final class Measured {

        private final String label;
        private final String limit;
        private final List<Double> micros = new ArrayList<>();
        private final List<Double> disturbances = new ArrayList<>();
        private final List<Double> allocated = new ArrayList<>();

        /** Of these iterations, the ones that count. */
        private List<Double> quiet = List.of();

        private double quietDisturbance;

        private Measured(String label, String limit) {
            this.label = label;
            this.limit = limit;
        }

        void choose(double best) {
            int[] chosen = Quiet.chosen(disturbances, best);
            quiet = Arrays.stream(chosen).mapToObj(micros::get).toList();
            quietDisturbance = Quiet.median(
                            Arrays.stream(chosen).mapToObj(disturbances::get).toList())
                    / best;
        }

        double micros() {
            return Quiet.median(quiet);
        }

        double microsOfAll() {
            return Quiet.median(micros);
        }

        double allocated() {
            return Quiet.median(allocated);
        }

        /** Half of the range in which the middle half of the iterations lies, relative to the median. */
        double spread() {
            return (Quiet.quantile(quiet, 0.75) - Quiet.quantile(quiet, 0.25)) / 2 / micros();
        }
    }

    /** The contenders of the first two tables, beside the fastest of Netty's. */
    private static final Set<String> COMPARED = Set.of(
            "LIMIT_OWNED",
            "LIMIT_BORROWED",
            "ZERO_COPY",
            "BORROWED",
            "LIMIT",
            "LIMIT_COALESCED",
            "ENCODE",
            "COALESCE",
            "HAND_WRITTEN");

    /** One workload and, by their names, all who took part. */
    private record Group(String name, String description, int frames, long payload, Map<String, Measured> measured) {

        double speed(String contender) {
            Measured m = measured.get(contender);
            return m == null ? Double.NaN : 1 / m.micros();
        }

        /** The speed of the fastest of Netty's. */
        double netty() {
            return 1 / fastestOfNetty(Measured::micros);
        }

        @Nullable
        Measured fastestOfNetty() {
            return measured.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(NETTY))
                    .map(Map.Entry::getValue)
                    .min(Comparator.comparingDouble(Measured::micros))
                    .orElse(null);
        }

        /** The time of the fastest of Netty's in all iterations. */
        double nettyOfAll() {
            return fastestOfNetty(Measured::microsOfAll);
        }

        /** Of those that the first two tables compare, that of the one that was disturbed most. */
        double disturbance() {
            return measured.entrySet().stream()
                    .filter(entry -> COMPARED.contains(entry.getKey())
                            || entry.getKey().startsWith(NETTY)
                                    && entry.getValue().micros() <= fastestOfNetty(Measured::micros))
                    .mapToDouble(entry -> entry.getValue().quietDisturbance)
                    .max()
                    .orElse(Double.NaN);
        }

        private double fastestOfNetty(ToDoubleFunction<Measured> micros) {
            return measured.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(NETTY))
                    .mapToDouble(entry -> micros.applyAsDouble(entry.getValue()))
                    .min()
                    .orElse(Double.NaN);
        }
    }

    private Report() {}

    public static void main(String[] args) throws IOException {
        Map<String, Map<String, Group>> runs = new LinkedHashMap<>();
        for (String arg : args) {
            Path json = Path.of(arg).toAbsolutePath();
            Map<String, Group> groups = read(json);
            String machine = Files.readString(json.resolveSibling("machine.md"));
            Files.writeString(json.resolveSibling("results.md"), markdown(groups.values(), machine));
            Files.writeString(json.resolveSibling("results.svg"), svg(groups.values(), machine));
            System.out.println("Written to " + json.resolveSibling("results.md"));
            runs.put(json.getParent().getFileName().toString(), groups);
        }
        if (runs.size() > 1) {
            Path summary = Path.of(args[0]).toAbsolutePath().getParent().resolveSibling("summary.md");
            Files.writeString(summary, summary(runs));
            System.out.println("Written to " + summary);
        }
    }

    private static Map<String, Group> read(Path json) throws IOException {
        Map<String, Group> groups = new LinkedHashMap<>();
        Results results = Results.read(json);
        for (Results.Fork fork : results.forks()) {
            Group group = groups.computeIfAbsent(fork.workload(), Report::group);
            Measured measured =
                    group.measured.computeIfAbsent(fork.contender(), contender -> measured(group.name, contender));
            measured.micros.addAll(fork.micros());
            measured.disturbances.addAll(fork.disturbances());
            measured.allocated.add(fork.allocated());
        }
        double best = results.best();
        groups.values().forEach(group -> group.measured.values().forEach(measured -> measured.choose(best)));
        return groups;
    }

    private static Group group(String name) {
        if (isEncoding(name)) {
            EncodeWorkload workload = EncodeWorkload.valueOf(name);
            EncodeWorkload.Source source = workload.source();
            return new Group(
                    name,
                    "encode " + workload.description,
                    source.frames().length,
                    source.payload(),
                    new LinkedHashMap<>());
        }
        Workload workload = Workload.valueOf(name);
        Stream stream = workload.stream(false);
        return new Group(name, workload.description, stream.frames(), stream.payload(), new LinkedHashMap<>());
    }

    private static Measured measured(String workload, String contender) {
        if (isEncoding(workload)) {
            EncodeContender it = EncodeContender.valueOf(contender);
            return new Measured(it.label, it.limit().name());
        }
        Contender it = Contender.valueOf(contender);
        return new Measured(it.label, it.limit().name());
    }

    private static boolean isEncoding(String workload) {
        return workload.startsWith("E");
    }

    private static boolean isGrowth(Group group) {
        return group.name.startsWith("F") || group.name.startsWith("C");
    }

    // ---- the tables

    private static String markdown(Collection<Group> groups, String machine) {
        StringBuilder text = new StringBuilder("# Benchmarks\n\n").append(machine);
        text.append("""

                One operation is a whole stream from memory. Times are medians of the iterations during which the machine was
                undisturbed, or of the ten during which it was least disturbed, if it was so for fewer; the spread is half of
                their interquartile range. *machine*: how much longer than at best a plain loop took around these iterations (in the
                first two tables: around those of the contender, of the ones there, for which that was worst). *of the limit*: the
                speed relative to a plain loop that makes one slice (owned chunks) or one copy (borrowed ones) a frame; that encodes
                into one buffer a frame, or packs into 64 KiB. *to Netty*: relative to the fastest of Netty's three; *all*: the same
                of the medians of all iterations, disturbed or not.

                ![speed relative to Netty](results.svg)
                """);
        List<Group> compared = groups.stream().filter(group -> !isGrowth(group)).toList();
        summary(text, compared, group -> !isEncoding(group.name), "ZERO_COPY", "BORROWED");
        summary(text, compared, group -> isEncoding(group.name), "ENCODE", "COALESCE");
        for (Group group : compared) {
            text.append("\n## ")
                    .append(group.name)
                    .append(": ")
                    .append(group.description)
                    .append("\n\n");
            text.append(
                    "| | frames/s | MiB/s | ns a frame | spread | machine | B allocated a frame | of the limit | to Netty | all |\n");
            text.append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
            for (Measured m : group.measured.values()) {
                double seconds = m.micros() / 1e6;
                line(
                        text,
                        m.label,
                        format("%,.0f", group.frames / seconds),
                        format("%,.0f", group.payload / 1048576.0 / seconds),
                        format("%,.1f", seconds * 1e9 / group.frames),
                        format("%.0f %%", 100 * m.spread()),
                        disturbance(m.quietDisturbance),
                        format("%,.1f", m.allocated() / group.frames),
                        ratio(1 / m.micros() / group.speed(m.limit)),
                        ratio(1 / m.micros() / group.netty()),
                        ratio(group.nettyOfAll() / m.microsOfAll()));
            }
        }
        growth(text, "64 B frames, so many a chunk", groups, group -> group.name.startsWith("F"));
        growth(text, "1 KiB chunks, so many a frame", groups, group -> group.name.startsWith("C"));
        return text.toString();
    }

    /** A line for each workload: two of the library's ways, relative to their limits and to Netty. */
    private static void summary(
            StringBuilder text, List<Group> groups, Predicate<Group> predicate, String one, String other) {
        List<Group> lines = groups.stream().filter(predicate).toList();
        if (lines.isEmpty()) {
            return;
        }
        Measured first = measured(lines.get(0).name, one);
        Measured second = measured(lines.get(0).name, other);
        text.append("\n| | | ")
                .append(first.label)
                .append(" of the limit | to Netty | ")
                .append(second.label)
                .append(" of the limit | to Netty | by hand to Netty | machine |\n");
        text.append("|---|---|---:|---:|---:|---:|---:|---:|\n");
        for (Group group : lines) {
            double netty = group.netty();
            line(
                    text,
                    group.name,
                    group.description,
                    ratio(group.speed(one) / group.speed(first.limit)),
                    ratio(group.speed(one) / netty),
                    ratio(group.speed(other) / group.speed(second.limit)),
                    ratio(group.speed(other) / netty),
                    ratio(group.speed("HAND_WRITTEN") / netty),
                    disturbance(group.disturbance()));
        }
    }

    private static void growth(StringBuilder text, String title, Collection<Group> groups, Predicate<Group> predicate) {
        List<Group> columns = groups.stream().filter(predicate).toList();
        if (columns.isEmpty()) {
            return;
        }
        text.append("\n## ").append(title).append("\n\n");
        text.append("Nanoseconds a byte; the speed relative to the limit; how disturbed the machine was.\n\n");
        text.append("| |");
        columns.forEach(
                group -> text.append(' ').append(group.name.substring(1)).append(" |"));
        text.append("\n|---|").append("---:|".repeat(columns.size())).append('\n');
        List<String> contenders = columns.stream()
                .flatMap(group -> group.measured.keySet().stream())
                .distinct()
                .toList();
        for (String contender : contenders) {
            List<String> cells = new ArrayList<>(List.of(Contender.valueOf(contender).label));
            columns.forEach(group -> cells.add(growthCell(group, contender)));
            line(text, cells.toArray(new String[0]));
        }
    }

    private static String growthCell(Group group, String contender) {
        Measured m = group.measured.get(contender);
        if (m == null) {
            return "";
        }
        return format(
                "%.2f; %s; %s",
                1e3 * m.micros() / group.payload,
                ratio(1 / m.micros() / group.speed(m.limit)),
                disturbance(m.quietDisturbance));
    }

    // ---- what README shows

    /** More than this much longer than at best, and a figure is marked as disturbed. */
    private static final double DISTURBED = 1.15;

    private static final String NETTY = "NETTY";

    private static String summary(Map<String, Map<String, Group>> runs) {
        List<Map<String, Group>> each = List.copyOf(runs.values());
        StringBuilder text = new StringBuilder("# Summary\n\nThis is ");
        text.append(String.join(" / ", runs.keySet()).replace("jdk", "JDK "))
                .append(". `~`: the machine was disturbed. Made by `Report` of their `results.json`.\n\n");
        text.append(
                "| decoding | `zeroCopy()` | of the limit | borrowed | of the limit | by hand | Pekko | Vert.x |\n");
        text.append("|---|---:|---:|---:|---:|---:|---:|---:|\n");
        for (Group group : each.get(0).values()) {
            if (!isEncoding(group.name) && !isGrowth(group)) {
                line(
                        text,
                        group.name + ": " + group.description,
                        "**" + cell(each, group.name, "ZERO_COPY", NETTY) + "**",
                        cell(each, group.name, "ZERO_COPY", "LIMIT_OWNED"),
                        "**" + cell(each, group.name, "BORROWED", NETTY) + "**",
                        cell(each, group.name, "BORROWED", "LIMIT_BORROWED"),
                        cell(each, group.name, "HAND_WRITTEN", NETTY),
                        cell(each, group.name, "PEKKO", NETTY),
                        cell(each, group.name, "VERTX", NETTY));
            }
        }
        text.append("\n| encoding | `encode` | of the limit | `coalesce(65536)` | of the limit | by hand |\n");
        text.append("|---|---:|---:|---:|---:|---:|\n");
        for (Group group : each.get(0).values()) {
            if (isEncoding(group.name)) {
                line(
                        text,
                        group.name + ": " + group.description.substring("encode ".length()),
                        cell(each, group.name, "ENCODE", NETTY),
                        cell(each, group.name, "ENCODE", "LIMIT"),
                        cell(each, group.name, "COALESCE", NETTY),
                        cell(each, group.name, "COALESCE", "LIMIT_COALESCED"),
                        cell(each, group.name, "HAND_WRITTEN", NETTY));
            }
        }
        text.append("\n| ns a byte | 1 | 10 | 100 | 1,000 | 10,000 |\n|---|---:|---:|---:|---:|---:|\n");
        growth(text, each, "F", "so many frames of 64 B a chunk, ", List.of("ZERO_COPY", "LIMIT_OWNED"));
        growth(text, each, "F", "", List.of("BORROWED", "LIMIT_BORROWED", "NETTY_ADAPTIVE"));
        growth(text, each, "C", "so many chunks of 1 KiB a frame, ", List.of("BORROWED"));
        growth(text, each, "C", "", List.of("LIMIT_BORROWED", "NETTY_ADAPTIVE"));
        return text.toString();
    }

    private static void growth(
            StringBuilder text, List<Map<String, Group>> runs, String prefix, String title, List<String> contenders) {
        for (String contender : contenders) {
            List<String> cells = new ArrayList<>();
            cells.add((contender.equals(contenders.get(0)) ? title : "") + Contender.valueOf(contender).label);
            for (String number : List.of("1", "10", "100", "1000", "10000")) {
                cells.add(cell(runs, prefix + number, group -> {
                    Measured m = group.measured.get(contender);
                    return m == null ? "" : format("%.2f", 1e3 * m.micros() / group.payload) + mark(m.quietDisturbance);
                }));
            }
            line(text, cells.toArray(new String[0]));
        }
    }

    /** How fast one is relative to the other, or to the fastest of Netty's, in each of the runs. */
    private static String cell(List<Map<String, Group>> runs, String workload, String one, String other) {
        return cell(runs, workload, group -> {
            Measured m = group.measured.get(one);
            Measured by = other.equals(NETTY) ? group.fastestOfNetty() : group.measured.get(other);
            return m == null || by == null
                    ? ""
                    : ratio(by.micros() / m.micros()) + mark(Math.max(m.quietDisturbance, by.quietDisturbance));
        });
    }

    private static String cell(List<Map<String, Group>> runs, String workload, Function<Group, String> cell) {
        List<String> cells = runs.stream()
                .map(groups -> groups.get(workload))
                .filter(Objects::nonNull)
                .map(cell)
                .toList();
        return cells.stream().allMatch(String::isEmpty) ? "" : String.join(" / ", cells);
    }

    private static String mark(double disturbance) {
        return disturbance > DISTURBED ? "~" : "";
    }

    // ---- for all tables

    private static void line(StringBuilder text, String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String disturbance(double disturbance) {
        return format("%+.0f %%", 100 * (disturbance - 1));
    }

    private static String ratio(double ratio) {
        return Double.isNaN(ratio) ? "–" : format("%.2f", ratio);
    }

    private static String format(String format, Object... args) {
        return String.format(Locale.ROOT, format, args).replace("NaN", "");
    }

    // ---- the chart

    private static final Map<String, String> COLOURS = colours();

    private static Map<String, String> colours() {
        Map<String, String> colours = new LinkedHashMap<>();
        colours.put("ZERO_COPY", "#1f5fa8");
        colours.put("BORROWED", "#6ea6dd");
        colours.put("ENCODE", "#6ea6dd");
        colours.put("COALESCE", "#1f5fa8");
        colours.put("HAND_WRITTEN", "#c9772b");
        colours.put("PEKKO", "#8a6fb0");
        colours.put("VERTX", "#b0879f");
        colours.put("LIMIT_OWNED", "#b5b5b5");
        colours.put("LIMIT_BORROWED", "#b5b5b5");
        colours.put("LIMIT", "#b5b5b5");
        colours.put("LIMIT_COALESCED", "#b5b5b5");
        return colours;
    }

    private static final int LEFT = 190;
    private static final int WIDTH = 860;
    private static final int UNIT = 80;
    private static final int BAR = 14;

    /** Bars: the speed relative to the fastest Netty, which is a line; bars that would leave the chart end in an arrow. */
    private static String svg(Collection<Group> groups, String machine) {
        StringBuilder bars = new StringBuilder();
        int y = 76;
        for (Group group : groups) {
            double netty = group.netty();
            if (isGrowth(group) || Double.isNaN(netty)) {
                continue;
            }
            y += 22;
            text(bars, 12, y, "bold", "start", group.name + ": " + group.description);
            y += 6;
            int top = y;
            for (String name : COLOURS.keySet()) {
                Measured m = group.measured.get(name);
                if (m != null) {
                    double speed = group.speed(name) / netty;
                    double width = Math.min(speed * UNIT, WIDTH - LEFT - 60);
                    String cut = width < speed * UNIT ? "\u2192 " : "";
                    bars.append(format(
                            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                            LEFT, y + 2, width, BAR - 3, COLOURS.get(name)));
                    text(bars, LEFT - 6, y + BAR - 3, "normal", "end", m.label.replace("`", ""));
                    text(bars, LEFT + width + 4, y + BAR - 3, "normal", "start", cut + format("%.2f", speed));
                    y += BAR;
                }
            }
            bars.append(format(
                    "<line x1=\"%1$d\" y1=\"%2$d\" x2=\"%1$d\" y2=\"%3$d\" stroke=\"#2f7d4f\" stroke-width=\"2\"/>%n",
                    LEFT + UNIT, top, y + 2));
        }
        StringBuilder svg = new StringBuilder();
        svg.append(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %2$d\" width=\"%1$d\" height=\"%2$d\""
                        + " font-family=\"sans-serif\" font-size=\"11\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
                WIDTH, y + 16));
        text(svg, 12, 24, "bold", "start", "Speed relative to the fastest of Netty's decoders and encoders");
        text(
                svg,
                12,
                42,
                "normal",
                "start",
                "1.00, the green line, is Netty's; longer is faster; grey is the limit, a plain loop");
        text(
                svg,
                12,
                60,
                "normal",
                "start",
                machine.lines()
                        .filter(line ->
                                line.startsWith("- JVM: ") || line.startsWith("- CPU: ") || line.startsWith("- Date: "))
                        .map(line -> line.substring(line.indexOf(':') + 2))
                        .collect(Collectors.joining("; ")));
        return svg.append(bars).append("</svg>\n").toString();
    }

    private static void text(StringBuilder svg, double x, int y, String weight, String anchor, String text) {
        svg.append(format("<text x=\"%.1f\" y=\"%d\" font-weight=\"%s\" text-anchor=\"%s\">", x, y, weight, anchor))
                .append(text)
                .append("</text>\n");
    }
}
