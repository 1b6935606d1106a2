package reactor.framing.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void cellsOfSeveralWidths_columnsAreAligned() {
        Table table = new Table(List.of("contender", "W1"));
        table.row(List.of("a", "1.00"));
        table.row(List.of("by hand", ""));
        assertThat(table).hasToString("""
                | contender |   W1 |
                |-----------|-----:|
                | a         | 1.00 |
                | by hand   |      |
                """);
    }

    @Test
    void cellMissing_isRefused() {
        Table table = new Table(List.of("contender", "W1"));
        assertThatIllegalArgumentException().isThrownBy(() -> table.row(List.of("a")));
    }
}
