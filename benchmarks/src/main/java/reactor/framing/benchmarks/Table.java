package reactor.framing.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table in Markdown, with its columns aligned so that it can be read as it is. */
public final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    /** Begins a table with the names of its columns. */
    public Table(List<String> header) {
        rows.add(header);
    }

    /** Adds a row of as many cells as there are columns. */
    public void row(List<String> cells) {
        if (cells.size() != rows.get(0).size()) {
            throw new IllegalArgumentException(rows.get(0).size() + " cells expected: " + cells);
        }
        rows.add(cells);
    }

    @Override
    public String toString() {
        List<Integer> widths = IntStream.range(0, rows.get(0).size())
                .mapToObj(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElseThrow())
                .toList();
        List<String> lines =
                new ArrayList<>(rows.stream().map(row -> line(row, widths)).toList());
        lines.add(
                1,
                IntStream.range(0, widths.size())
                        .mapToObj(column -> "-".repeat(widths.get(column) + 1) + (column == 0 ? "-" : ":"))
                        .collect(Collectors.joining("|", "|", "|")));
        return String.join("\n", lines) + "\n";
    }

    /** The first column is a name and begins at the left, the others are figures. */
    private static String line(List<String> row, List<Integer> widths) {
        return IntStream.range(0, row.size())
                .mapToObj(column -> (" %" + (column == 0 ? "-" : "") + Math.max(1, widths.get(column)) + "s ")
                        .formatted(row.get(column)))
                .collect(Collectors.joining("|", "|", "|"));
    }
}
