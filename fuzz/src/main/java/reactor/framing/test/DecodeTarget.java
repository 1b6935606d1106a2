package reactor.framing.test;

import java.util.List;
import java.util.function.UnaryOperator;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;

/**
 * Bytes, cuts, format, options, demand, policy, operator and kind of buffer from a fuzzer: what comes is what comes
 * of the
 * same bytes in one chunk, no rule is broken, no exception is another than a {@link
 * reactor.framing.FramingException}, and
 * memory is in proportion to the bytes.
 */
public final class DecodeTarget {

    /** Three first reservations, and what the objects of a run take. */
    private static final long ALLOCATED = 1 << 20;

    private static final long ALLOCATED_A_BYTE = 64 * 1024;

    private DecodeTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        Data data = new Data(input);
        Framing framing;
        try {
            framing = Formats.choose(data);
        } catch (IllegalArgumentException | IllegalStateException notTogether) {
            return;
        }
        int policyBits = data.next();
        long limit = 1 + data.next();
        UnaryOperator<FrameCodec> policy =
                (policyBits & 1) != 0 ? codec -> codec.maxFrameLength(limit) : codec -> codec;
        boolean skipping = (policyBits & 2) != 0;
        Manner manner = manner(data);
        int[] distances = data.distances();
        byte[] stream = data.rest();
        int[] cuts = Data.cuts(distances, stream.length);

        Runner runner = new Runner(framing, policy, skipping, new Progress());
        List<Event> expected = runner.run(stream, new int[0], Manner.PLAIN);
        long before = Cost.allocatedBytes();
        List<Event> came = runner.run(stream, cuts, manner);
        long allocated = Cost.allocatedBytes() - before;
        long most = ALLOCATED + ALLOCATED_A_BYTE * stream.length;
        if (allocated > most) {
            // once more: classes that were loaded meanwhile count as well
            before = Cost.allocatedBytes();
            runner.run(stream, cuts, manner);
            allocated = Cost.allocatedBytes() - before;
        }

        if (came.equals(expected) && isRefusedFormat(expected)) {
            return;
        }
        for (Event event : expected) {
            require(
                    !event.isViolation() && !event.isUnexpected(),
                    event.toString(),
                    runner,
                    stream,
                    cuts,
                    manner,
                    event);
        }
        require(came.equals(expected), "the split made a difference", runner, stream, cuts, manner, expected, came);
        require(allocated <= most, allocated + " bytes were allocated", runner, stream, cuts, manner);
    }

    /** Nothing can follow a format that reads ahead; a rule that chooses one is told so when it does. */
    /** Whether that is what a stream ends in. */
    static boolean isRefusedFormat(List<Event> events) {
        return isRefusedFormat(events.get(events.size() - 1).cause());
    }

    /** Whether a format tells that one that it is made of cannot be part of it. */
    static boolean isRefusedFormat(Throwable cause) {
        return (cause instanceof IllegalStateException || cause instanceof IllegalArgumentException)
                && String.valueOf(cause.getMessage()).contains("may have read bytes of what follows");
    }

    static Manner manner(Data data) {
        Manner.Mode[] modes = Manner.Mode.values();
        BufferKind[] kinds = BufferKind.values();
        Manner.Mode mode = modes[data.below(modes.length)];
        int bits = data.next();
        return new Manner(
                (bits & 1) != 0 ? Manner.Access.BY_TURNS : Manner.Access.DIRECT,
                mode,
                kinds[data.below(kinds.length)],
                !mode.owned,
                (bits & 2) != 0,
                Manner.DEMANDS[bits >> 3 & 3],
                (bits & 4) != 0);
    }

    static void require(
            boolean right, String claim, Runner runner, byte[] stream, int[] cuts, Manner manner, Object... seen) {
        if (!right) {
            StringBuilder text = new StringBuilder(claim)
                    .append("\n  framing  ")
                    .append(runner.framing())
                    .append("\n  cut      ")
                    .append(Bytes.cut(stream, cuts))
                    .append("\n  run      ")
                    .append(manner)
                    .append(runner.isSkipping() ? ", skipping" : "");
            for (Object each : seen) {
                text.append("\n  ").append(each);
                if (each instanceof Event event && event.cause() != null) {
                    throw new AssertionError(text.toString(), event.cause());
                }
            }
            throw new AssertionError(text.toString());
        }
    }
}
