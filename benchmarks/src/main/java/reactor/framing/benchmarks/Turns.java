package reactor.framing.benchmarks;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Times contenders by turns in one JVM, so that whatever disturbs the machine disturbs them alike, and tells how fast each
 * is relative to the first one named: {@code java -cp benchmarks.jar reactor.framing.benchmarks.Turns W1 limitOwned
 * zeroCopy}. Each has its classes, and so what the JVM has learnt of them, to itself.
 */
public final class Turns {

    private static final long WARM_UP_NANOS = 5_000_000_000L;
    private static final long NANOS = 15_000_000_000L;

    /** How long a turn takes at least: a short run by itself is mostly about what the others have left in the caches. */
    private static final long TURN_NANOS = 5_000_000L;

    private Turns() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 3) {
            System.err.println("usage: java -cp benchmarks.jar " + Turns.class.getName()
                    + " workload contender contender [contender ...]");
            System.exit(2);
        }
        URL jar = Turns.class.getProtectionDomain().getCodeSource().getLocation();
        List<Runnable> contenders = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
            // not closed: classes are loaded from it to the end
            ClassLoader own = new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader());
            contenders.add((Runnable) own.loadClass(Turns.class.getName())
                    .getMethod("contender", String.class, String.class)
                    .invoke(null, args[0], args[i]));
        }
        time(contenders, WARM_UP_NANOS);
        List<double[]> rounds = time(contenders, NANOS);
        for (int i = 0; i < contenders.size(); i++) {
            int contender = i;
            System.out.printf(
                    Locale.ROOT,
                    "%s %-20s %,12.1f us, speed relative to %s: %.2f%n",
                    args[0],
                    args[i + 1],
                    Quiet.median(rounds.stream().map(round -> round[contender]).toList()),
                    args[1],
                    Quiet.median(rounds.stream()
                            .map(round -> round[0] / round[contender])
                            .toList()));
        }
        System.exit(0); // Pekko's threads would go on
    }

    /** Microseconds of a run. */
    private static double turn(Runnable contender) {
        long start = System.nanoTime();
        long elapsed;
        int runs = 0;
        do {
            contender.run();
            runs++;
            elapsed = System.nanoTime() - start;
        } while (elapsed < TURN_NANOS);
        return elapsed / 1e3 / runs;
    }

    /** Microseconds of a run of each, in as many rounds as there is time for; in each round another one is the first. */
    private static List<double[]> time(List<Runnable> contenders, long nanos) {
        List<double[]> rounds = new ArrayList<>();
        int n = contenders.size();
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            double[] micros = new double[n];
            for (int i = 0; i < n; i++) {
                int contender = (rounds.size() + i) % n;
                micros[contender] = turn(contenders.get(contender));
            }
            rounds.add(micros);
        }
        return rounds;
    }

    /**
     * Makes a contender, with this class's loader, and verifies what comes out of it.
     *
     * @param workload the name of a workload
     * @param contender the name of one who can take part in it, in any case and with or without {@code _}
     * @return what runs it once
     */
    public static Runnable contender(String workload, String contender) throws Exception {
        if (workload.startsWith("E")) {
            EncodeWorkload.Source source = EncodeWorkload.valueOf(workload).source();
            Wire wire = new Wire();
            Run run = named(EncodeContender.values(), contender).create(source, wire);
            wire.verify(run, source);
            return () -> {
                run(run);
                wire.finish(source);
            };
        }
        Stream stream = Workload.valueOf(workload).stream(true);
        Frames frames = new Frames();
        Run run = named(Contender.values(), contender).create(stream, frames);
        frames.verify(run, stream);
        return () -> {
            run(run);
            frames.finish(stream);
        };
    }

    private static <E extends Enum<E>> E named(E[] all, String name) {
        for (E each : all) {
            if (Launcher.normalized(each.name()).equals(Launcher.normalized(name))) {
                return each;
            }
        }
        throw new IllegalArgumentException("no contender: " + name);
    }

    private static void run(Run run) {
        try {
            run.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
