package reactor.framing.benchmarks.memory;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Times contenders by turns in one JVM, so that whatever disturbs the machine disturbs them alike. Each has its
 * classes, and so what the JVM has learnt of them, to itself.
 *
 * <p>Prints a line for each round with the nanoseconds that a frame took each contender, and one with the bytes that it
 * allocated for a frame.
 */
public final class Turns {

    static final String ROUND = "round";
    static final String ALLOCATED = "allocated";

    /**
     * How long a turn takes at least: a short run by itself is mostly about what the others have left in the caches.
     */
    private static final long TURN_NANOS = 10_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final List<LongSupplier> contenders;
    private final double[] allocated;
    private final long[] frames;

    private Turns(List<LongSupplier> contenders) {
        this.contenders = contenders;
        allocated = new double[contenders.size()];
        frames = new long[contenders.size()];
    }

    /** Arguments: the milliseconds that each contender is warmed up and timed, the workload, and the contenders. */
    public static void main(String[] args) throws Exception {
        long millis = Long.parseLong(args[0]);
        List<LongSupplier> contenders = new ArrayList<>();
        for (String contender : Arrays.asList(args).subList(2, args.length)) {
            contenders.add((LongSupplier) ownClasses()
                    .loadClass(Turns.class.getName())
                    .getMethod("contender", String.class, String.class)
                    .invoke(null, args[1], contender));
        }
        Turns turns = new Turns(contenders);
        turns.time(millis);
        Arrays.fill(turns.allocated, 0);
        Arrays.fill(turns.frames, 0);
        turns.time(millis).forEach(round -> print(ROUND, round));
        for (int i = 0; i < turns.frames.length; i++) {
            turns.allocated[i] /= turns.frames[i];
        }
        print(ALLOCATED, turns.allocated);
    }

    /** Is not closed: classes are loaded from it to the end. */
    private static ClassLoader ownClasses() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String path : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
            urls.add(Path.of(path).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    }

    private static void print(String name, double[] values) {
        System.out.println(Arrays.stream(values)
                .mapToObj(value -> String.format(Locale.ROOT, " %.3f", value))
                .collect(Collectors.joining("", name, "")));
    }

    /** What a frame takes each, in as many rounds as there is time for; in each round another one is the first. */
    private List<double[]> time(long millisEach) {
        List<double[]> rounds = new ArrayList<>();
        int n = contenders.size();
        long start = System.nanoTime();
        while (System.nanoTime() - start < n * millisEach * 1_000_000) {
            double[] nanos = new double[n];
            for (int i = 0; i < n; i++) {
                int contender = (rounds.size() + i) % n;
                nanos[contender] = turn(contender);
            }
            rounds.add(nanos);
        }
        return rounds;
    }

    private double turn(int contender) {
        LongSupplier run = contenders.get(contender);
        long before = allocated();
        long start = System.nanoTime();
        long elapsed;
        long done = 0;
        do {
            done += run.getAsLong();
            elapsed = System.nanoTime() - start;
        } while (elapsed < TURN_NANOS);
        allocated[contender] += allocated() - before;
        frames[contender] += done;
        return (double) elapsed / done;
    }

    /** By all threads: some contenders use others. */
    private static long allocated() {
        return Arrays.stream(THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    /**
     * Makes a contender, with this class's loader, and verifies what comes out of it.
     *
     * @param workload the name of a workload
     * @param contender the name of one who can take part in it
     * @return runs it once and tells how many frames that were
     */
    public static LongSupplier contender(String workload, String contender) throws Exception {
        if (workload.startsWith("E")) {
            EncodeWorkload.Source source = EncodeWorkload.valueOf(workload).source();
            Wire wire = new Wire();
            Run run = EncodeContender.valueOf(contender).create(source, wire);
            wire.verify(run, source);
            return () -> {
                run(run);
                wire.finish(source);
                return source.frames().length;
            };
        }
        Stream stream = DecodeWorkload.valueOf(workload).stream();
        Frames frames = new Frames();
        Run run = DecodeContender.valueOf(contender).create(stream, frames);
        frames.verify(run, stream);
        return () -> {
            run(run);
            frames.finish(stream);
            return stream.frames();
        };
    }

    private static void run(Run run) {
        try {
            run.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
