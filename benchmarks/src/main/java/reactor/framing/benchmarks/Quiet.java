package reactor.framing.benchmarks;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which iterations count: those during which the machine was as good as undisturbed. What disturbs is seen apart from the
 * benchmark ({@link Disturbance}), so that the choice does not depend on how the contender did.
 */
final class Quiet {

    /** How much longer than at best {@link Disturbance} may take. */
    private static final double TOLERANCE = 1.08;

    /** How many iterations make a figure. */
    private static final int ENOUGH = 10;

    private Quiet() {}

    /** What {@link Disturbance} is on this machine at its best; not the very best, which is luck. */
    static double best(Collection<? extends List<Double>> disturbances) {
        List<Double> all = disturbances.stream().flatMap(List::stream).sorted().toList();
        return all.get(all.size() / 100);
    }

    static boolean isQuiet(double disturbance, double best) {
        return disturbance <= TOLERANCE * best;
    }

    static boolean isEnough(List<Double> disturbances, double best) {
        return count(disturbances, best) >= ENOUGH;
    }

    /** The undisturbed iterations, or the least disturbed ones where these are too few. */
    static int[] chosen(List<Double> disturbances, double best) {
        return IntStream.range(0, disturbances.size())
                .boxed()
                .sorted(Comparator.comparing(disturbances::get))
                .limit(Math.max(count(disturbances, best), ENOUGH))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static long count(List<Double> disturbances, double best) {
        return disturbances.stream().filter(each -> isQuiet(each, best)).count();
    }

    static double median(List<Double> values) {
        return quantile(values, 0.5);
    }

    static double quantile(List<Double> values, double q) {
        List<Double> sorted = values.stream().sorted().toList();
        double at = q * (sorted.size() - 1);
        double lower = sorted.get((int) Math.floor(at));
        double upper = sorted.get((int) Math.ceil(at));
        return lower + (upper - lower) * (at - Math.floor(at));
    }
}
