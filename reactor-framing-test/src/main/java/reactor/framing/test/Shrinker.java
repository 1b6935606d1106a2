package reactor.framing.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Looks for the smallest and plainest case that shows the same fault. */
final class Shrinker {

    private static final int MAX_RUNS = 10_000;
    private static final long MAX_BYTES = 4 << 20;
    private static final int ALL_PLACES_UP_TO = 64;

    private final Runner runner;
    private final String symptom;
    private Case best;
    private int runs;
    private long bytes;

    private Shrinker(Case found, Runner runner) {
        this.runner = runner;
        best = found;
        symptom = symptom(found.came());
    }

    static Case shrink(Case found, Runner runner) {
        return new Shrinker(found, runner).shrink();
    }

    private Case shrink() {
        boolean smaller;
        do {
            smaller = plainerManner() | fewerCuts() | smallerInput();
        } while (smaller && isWithinBudget());
        return best;
    }

    private boolean isWithinBudget() {
        return runs < MAX_RUNS && bytes < MAX_BYTES;
    }

    private boolean plainerManner() {
        boolean any = false;
        boolean again = true;
        while (again) {
            again = false;
            for (Manner manner : best.manner().plainer()) {
                if (shows(best.input(), best.cuts(), manner)) {
                    any = true;
                    again = true;
                    break;
                }
            }
        }
        return any;
    }

    private boolean fewerCuts() {
        int[] cuts = best.cuts();
        if (cuts.length == 0) {
            return false;
        }
        if (shows(best.input(), new int[0], best.manner())) {
            return true;
        }
        for (int cut : cuts) {
            if (cuts.length > 1 && shows(best.input(), new int[] {cut}, best.manner())) {
                return true;
            }
        }
        boolean any = false;
        for (int i = 0; i < best.cuts().length && best.cuts().length > 2; ) {
            int without = i;
            int[] all = best.cuts();
            int[] fewer = IntStream.range(0, all.length)
                    .filter(k -> k != without)
                    .map(k -> all[k])
                    .toArray();
            if (shows(best.input(), fewer, best.manner())) {
                any = true;
            } else {
                i++;
            }
        }
        return any;
    }

    private boolean smallerInput() {
        for (Input smaller : best.input().smaller()) {
            for (int[] cuts : cutsFor(smaller.stream().length)) {
                if (shows(smaller, cuts, best.manner())) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<int[]> cutsFor(int length) {
        int[] cuts = best.cuts();
        if (cuts.length == 0) {
            return List.of(cuts);
        }
        List<int[]> all = new ArrayList<>();
        for (int i = 1; i < length && length <= ALL_PLACES_UP_TO; i++) {
            all.add(new int[] {i});
        }
        int removed = best.input().stream().length - length;
        all.add(Arrays.stream(cuts).filter(cut -> cut < length).toArray());
        all.add(Arrays.stream(cuts)
                .map(cut -> cut - removed)
                .filter(cut -> cut > 0)
                .toArray());
        all.add(IntStream.range(1, Math.max(1, length)).toArray());
        return all;
    }

    private boolean shows(Input input, int[] cuts, Manner manner) {
        if (!isWithinBudget()) {
            return false;
        }
        runs += 2;
        bytes += 2L * input.stream().length;
        List<Event> came = runner.run(input.stream(), cuts, manner);
        if (!input.isRefutedBy(came, runner) || !symptom(came).equals(symptom)) {
            return false;
        }
        best = new Case(input, cuts, manner, came);
        return true;
    }

    /** What a smaller case has to have in common, so that it is not about another fault. */
    private static String symptom(List<Event> came) {
        for (Event event : came) {
            if (event.isViolation()) {
                return event.toString().replaceAll("[0-9a-f]*[0-9][0-9a-f]*", "n");
            }
            Throwable cause = event.cause();
            if (event.isUnexpected() && cause != null) {
                return cause.getClass().getName() + " in " + place(cause);
            }
        }
        return "";
    }

    private static @Nullable String place(Throwable cause) {
        StackTraceElement[] trace = cause.getStackTrace();
        return trace.length == 0 ? null : trace[0].getMethodName();
    }
}
