package reactor.framing.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class QuietTest {

    private static List<Double> disturbances(int quiet, int disturbed) {
        return Stream.concat(Collections.nCopies(disturbed, 2.0).stream(), Collections.nCopies(quiet, 1.08).stream())
                .toList();
    }

    @Test
    void enoughUndisturbed_onlyTheseCount() {
        List<Double> disturbances = disturbances(10, 5);
        assertThat(Quiet.isEnough(disturbances, 1)).isTrue();
        assertThat(Quiet.chosen(disturbances, 1))
                .containsExactlyInAnyOrder(IntStream.range(5, 15).toArray());
        assertThat(Quiet.chosen(disturbances(30, 5), 1)).hasSize(30).doesNotContain(0, 1, 2, 3, 4);
    }

    @Test
    void tooFewUndisturbed_theLeastDisturbedCount() {
        List<Double> disturbances = disturbances(9, 5);
        assertThat(Quiet.isEnough(disturbances, 1)).isFalse();
        assertThat(Quiet.chosen(disturbances, 1))
                .hasSize(10)
                .contains(IntStream.range(5, 14).toArray());
    }

    @Test
    void best_isNotTheVeryBest() {
        List<Double> disturbances =
                IntStream.rangeClosed(1, 200).mapToObj(i -> (double) i).toList();
        assertThat(Quiet.best(List.of(disturbances.subList(0, 100), disturbances.subList(100, 200))))
                .isEqualTo(3);
    }

    @Test
    void quantile_liesBetweenTwoValues() {
        assertThat(Quiet.median(List.of(4.0, 1.0, 2.0, 8.0))).isEqualTo(3);
        assertThat(Quiet.quantile(List.of(1.0, 2.0, 3.0), 0.75)).isEqualTo(2.5);
    }
}
