package reactor.framing.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameFinder;

/** All ways in which a stream is cut, sent and read. */
final class Matrix {

    /** The longest stream of which all cuts are tried, unless a test asks for more. */
    static final int ALL_CUTS_UP_TO = 10;

    private static final int EACH_CUT_UP_TO = 2000;
    private static final int RANDOM_CUTS = 20;
    private static final int CUTS_WITH_ALL_KINDS = 6;
    private static final int MOST_RANDOM_CUTS = 64;

    private final Runner runner;
    private final Random random;
    private final int allCutsUpTo;
    private @Nullable String repeat;
    private String policy = "";

    Matrix(Runner runner, Random random, int allCutsUpTo) {
        this.runner = runner;
        this.random = random;
        this.allCutsUpTo = allCutsUpTo;
    }

    /** Says in a failure how it can be repeated. */
    Matrix repeat(String how) {
        repeat = how;
        return this;
    }

    /** Says in a failure which policy there was. */
    Matrix policy(String policy) {
        this.policy = policy;
        return this;
    }

    /** Proves that in every way the same comes. */
    void prove(Input input) {
        byte[] stream = input.stream();
        int[] none = {};
        check(input, none, Manner.PLAIN);
        check(input, none, Manner.USUAL);
        check(input, everyByte(stream.length), Manner.PLAIN);
        for (int[] cuts : cuts(stream.length)) {
            for (long demand : Manner.DEMANDS) {
                for (Manner.Mode mode : Manner.Mode.values()) {
                    check(input, cuts, Manner.any(random, mode, demand));
                }
            }
        }
        for (int i = 0; i < CUTS_WITH_ALL_KINDS; i++) {
            int[] cuts = i == 0 ? none : i == 1 ? everyByte(stream.length) : randomCuts(stream.length);
            for (long demand : Manner.DEMANDS) {
                for (Manner.Mode mode : Manner.Mode.values()) {
                    for (BufferKind kind : BufferKind.values()) {
                        check(
                                input,
                                cuts,
                                new Manner(
                                        Manner.Access.DIRECT,
                                        mode,
                                        kind,
                                        !mode.owned,
                                        true,
                                        demand,
                                        random.nextBoolean()));
                    }
                }
            }
        }
    }

    /** Proves it for a long stream, in a few ways. */
    void proveSome(Input input) {
        int length = input.stream().length;
        int[] none = {};
        check(input, none, Manner.PLAIN);
        check(input, none, Manner.USUAL);
        check(input, everyByte(length), Manner.PLAIN);
        check(input, everyByte(length), Manner.USUAL);
        for (Manner.Mode mode : Manner.Mode.values()) {
            check(input, randomCuts(length), Manner.any(random, mode, Long.MAX_VALUE));
        }
    }

    /** Proves it with each cut alone and some others, each in one way. */
    void proveEachCut(Input input) {
        int length = input.stream().length;
        int[] none = {};
        check(input, none, Manner.PLAIN);
        check(input, none, Manner.USUAL);
        check(input, everyByte(length), Manner.PLAIN);
        check(input, everyByte(length), any());
        for (int i = 1; i < length; i++) {
            check(input, new int[] {i}, any());
        }
        for (int i = 0; i < CUTS_WITH_ALL_KINDS; i++) {
            check(input, randomCuts(length), any());
        }
    }

    private Manner any() {
        Manner.Mode[] modes = Manner.Mode.values();
        return Manner.any(
                random, modes[random.nextInt(modes.length)], Manner.DEMANDS[random.nextInt(Manner.DEMANDS.length)]);
    }

    void check(Input input, int[] cuts, Manner manner) {
        List<Event> came = runner.run(input.stream(), cuts, manner);
        if (input.isRefutedBy(came, runner)) {
            throw failure(Shrinker.shrink(new Case(input, cuts, manner, came), runner));
        }
    }

    private Failure failure(Case found) {
        Input input = found.input();
        List<Event> expected = input.expected(runner);
        boolean unexpected = found.came().equals(expected);
        Failure.Report report = new Failure.Report(Diagnosis.headline(found, expected));
        report.line("framing", runner.framing());
        List<byte[]> frames = input.frames();
        if (frames != null) {
            report.line(
                    "frames",
                    String.join(
                            ", ",
                            frames.stream()
                                    .map(frame -> "[" + (frame.length == 0 ? "" : Bytes.shortHex(frame)) + "]")
                                    .toList()));
        }
        report.line("cut", Bytes.cut(input.stream(), found.cuts()));
        report.line("run", found.manner().toString(finds()) + policy + (runner.isSkipping() ? ", skipInvalid" : ""));
        report.line("expected", unexpected ? "frames, or a FramingException" : Failure.lines(expected));
        report.line("came", Failure.lines(found.came()));
        if (repeat != null) {
            report.line("repeat", repeat);
        }
        return report.cause(Diagnosis.cause(found.came())).failure();
    }

    private boolean finds() {
        try {
            return runner.framing().newDecoder() instanceof FrameFinder;
        } catch (RuntimeException e) {
            return true;
        }
    }

    private List<int[]> cuts(int length) {
        List<int[]> all = new ArrayList<>();
        if (length > allCutsUpTo) {
            all.add(new int[0]);
            all.add(everyByte(length));
            for (int i = 1; i < length && length <= EACH_CUT_UP_TO; i++) {
                all.add(new int[] {i});
            }
            for (int i = 0; i < RANDOM_CUTS; i++) {
                all.add(randomCuts(length));
            }
            return all;
        }
        for (int mask = 0; mask < 1 << Math.max(0, length - 1); mask++) {
            int[] cuts = new int[Integer.bitCount(mask)];
            int n = 0;
            for (int i = 0; i < length - 1; i++) {
                if ((mask >> i & 1) != 0) {
                    cuts[n++] = i + 1;
                }
            }
            all.add(cuts);
        }
        return all;
    }

    static int[] everyByte(int length) {
        int[] cuts = new int[Math.max(0, length - 1)];
        Arrays.setAll(cuts, i -> i + 1);
        return cuts;
    }

    private int[] randomCuts(int length) {
        return length < 2
                ? new int[0]
                : random.ints(1 + random.nextInt(Math.min(length, MOST_RANDOM_CUTS)), 1, length)
                        .sorted()
                        .distinct()
                        .toArray();
    }
}
