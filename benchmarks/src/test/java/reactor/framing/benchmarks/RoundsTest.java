package reactor.framing.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoundsTest {

    private final Rounds rounds = new Rounds();

    @Test
    void oddAndEvenNumberOfValues_medianIsTheMiddle() {
        assertThat(Rounds.median(new double[] {9, 1, 4})).isEqualTo(4);
        assertThat(Rounds.median(new double[] {8, 1, 4, 2})).isEqualTo(3);
    }

    @Test
    void contenderCostsHalf_isTwiceAsFast() {
        rounds.newFork();
        rounds.add(10, 5);
        assertThat(rounds.speed(1, 0)).isEqualTo(2);
        assertThat(rounds.speed(0, 1)).isEqualTo(0.5);
        assertThat(rounds.speed(0, 0)).isEqualTo(1);
    }

    @Test
    void wholeRoundsAreDisturbed_speedIsAsWithout() {
        rounds.newFork();
        rounds.add(10, 5);
        rounds.add(100, 50);
        rounds.add(30, 15);
        assertThat(rounds.speed(1, 0)).isEqualTo(2);
        assertThat(rounds.cost(1)).isEqualTo(15);
    }

    @Test
    void oneTurnIsDisturbed_doesNotCount() {
        rounds.newFork();
        rounds.add(10, 5);
        rounds.add(10, 500);
        rounds.add(10, 5);
        assertThat(rounds.speed(1, 0)).isEqualTo(2);
    }

    @Test
    void jvmsDifferByMoreThanATenth_isTold() {
        rounds.newFork();
        rounds.add(10, 5);
        rounds.newFork();
        rounds.add(10, 5.4);
        assertThat(rounds.forksDiffer(1, 0)).isFalse();
        rounds.newFork();
        rounds.add(10, 5.6);
        assertThat(rounds.forksDiffer(1, 0)).isTrue();
        assertThat(rounds.forksDiffer(0, 0)).isFalse();
    }

    @Test
    void fastest_isTheOneWithTheLowestMedianAmongThoseAskedFor() {
        rounds.newFork();
        rounds.add(1, 7, 5);
        rounds.add(1, 7, 90);
        rounds.add(1, 7, 6);
        assertThat(rounds.fastest(1, 2)).isEqualTo(2);
    }
}
