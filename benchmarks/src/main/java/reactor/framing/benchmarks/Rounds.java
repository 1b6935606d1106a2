package reactor.framing.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What contenders took that had their turns in the same rounds, in one or more JVMs. They are compared round by round,
 * as what disturbs the machine disturbs all of a round, and the median of the rounds counts.
 */
public final class Rounds {

    /** By how much two JVMs that do the same may differ without being marked. */
    private static final double TOLERANCE = 1.1;

    /** By JVM, then by round: the cost of each contender. */
    private final List<List<double[]>> forks = new ArrayList<>();

    /** Says that the rounds that follow are those of fresh JVMs. */
    public void newFork() {
        forks.add(new ArrayList<>());
    }

    /**
     * Adds a round.
     *
     * @param costs of each contender for one frame, in any unit
     */
    public void add(double... costs) {
        forks.get(forks.size() - 1).add(costs);
    }

    /** The median cost of one contender. */
    public double cost(int contender) {
        return median(rounds().stream().mapToDouble(round -> round[contender]).toArray());
    }

    /** How many times as fast one is as another. */
    public double speed(int contender, int reference) {
        return speed(rounds(), contender, reference);
    }

    /** Whether the answer to {@link #speed} depends on the JVM that is asked. */
    public boolean forksDiffer(int contender, int reference) {
        double[] speeds = forks.stream()
                .mapToDouble(fork -> speed(fork, contender, reference))
                .sorted()
                .toArray();
        return speeds[speeds.length - 1] > TOLERANCE * speeds[0];
    }

    /** The one of those given that costs least. */
    public int fastest(int... contenders) {
        return IntStream.of(contenders)
                .boxed()
                .min((a, b) -> Double.compare(cost(a), cost(b)))
                .orElseThrow();
    }

    private List<double[]> rounds() {
        return forks.stream().flatMap(List::stream).toList();
    }

    private static double speed(List<double[]> rounds, int contender, int reference) {
        return median(rounds.stream()
                .mapToDouble(round -> round[reference] / round[contender])
                .toArray());
    }

    /** The median, or the mean of the two values in the middle. */
    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
