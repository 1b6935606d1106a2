package reactor.framing.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import reactor.framing.Framing;

/**
 * Sees that work grows no faster than the input. Calls and allocated bytes are counted. What a decoder does between two
 * calls nobody can count from outside: there the processor time of this thread is compared with that of a shorter
 * stream.
 */
final class WorkProof {

    private static final int[] LENGTHS = {4096, 16384, 65536};

    /** How many times as fast as the input work may grow. */
    private static final int FACTOR = 2;

    /** What is too little to be compared: compilers and neighbours make a difference. */
    private static final long NEGLIGIBLE_NANOS = 200_000_000;

    /** What a byte may cost, such as an exception for each. */
    private static final long BYTES_A_BYTE = 2048;

    private static final long CALLS_A_BYTE = 10;

    private static final int TRIES = 3;
    private static final int FIRST_TRIES = 3;
    private static final int HOSTILE_BYTES = 2;

    private interface Streams {
        byte @Nullable [] ofLength(int length);
    }

    private record Spent(long calls, long bytes, long nanos) {}

    private final Framing framing;
    private final Progress progress;
    private final long seed;

    WorkProof(Framing framing, Progress progress, long seed) {
        this.framing = framing;
        this.progress = progress;
        this.seed = seed;
    }

    void prove(Frames frames) {
        prove("one long frame", length -> {
            byte[] frame = frames.plain(length);
            return frame == null ? null : frames.wireIfAccepted(List.of(frame));
        });
        byte[] shortest = frames.shortest(new Random(seed));
        if (shortest != null) {
            byte[] wire = frames.wire(List.of(shortest, shortest));
            prove("short frames", length -> repeated(wire, length));
        }
        proveHostile(frames.alphabet());
    }

    void proveExamples(List<Settings.Example> examples) {
        for (Settings.Example example : examples) {
            prove("an example again and again", length -> repeated(example.wire(), length));
            proveHostile(example.wire());
        }
    }

    private void proveHostile(byte[] alphabet) {
        prove("random bytes", length -> {
            Random random = new Random(seed);
            byte[] noise = new byte[length];
            for (int i = 0; i < length; i++) {
                noise[i] = alphabet[random.nextInt(alphabet.length)];
            }
            return noise;
        });
        Random random = new Random(seed);
        for (int i = 0; i < HOSTILE_BYTES && alphabet.length > 0; i++) {
            byte value = alphabet[random.nextInt(alphabet.length)];
            prove("one byte again and again", length -> {
                byte[] same = new byte[length];
                Arrays.fill(same, value);
                return same;
            });
        }
    }

    private static byte[] repeated(byte[] wire, int length) {
        List<byte[]> all = new ArrayList<>();
        for (int n = 0; n < length; n += Math.max(1, wire.length)) {
            all.add(wire);
        }
        return Bytes.join(all);
    }

    private void prove(String what, Streams streams) {
        for (boolean byteByByte : new boolean[] {false, true}) {
            Spent shorter = null;
            int shorterLength = 0;
            for (int length : LENGTHS) {
                byte[] stream = streams.ofLength(length);
                if (stream == null || stream.length == 0) {
                    break;
                }
                shorter = shorter == null
                        ? cost(stream, byteByByte, FIRST_TRIES)
                        : compare(what, byteByByte, shorterLength, shorter, stream);
                shorterLength = stream.length;
            }
        }
    }

    private Spent compare(String what, boolean byteByByte, int shorterLength, Spent shorter, byte[] stream) {
        double times = (double) stream.length / shorterLength * FACTOR;
        Spent cost = cost(stream, byteByByte, 1);
        if (cost.nanos > Math.max(NEGLIGIBLE_NANOS, times * shorter.nanos)) {
            cost = cost(stream, byteByByte, TRIES);
        }
        String grown = null;
        if (cost.calls > Math.max(CALLS_A_BYTE * stream.length, times * shorter.calls)) {
            grown = shorter.calls + " calls became " + cost.calls;
        } else if (cost.bytes > Math.max(BYTES_A_BYTE * stream.length, times * shorter.bytes)) {
            grown = shorter.bytes + " allocated bytes became " + cost.bytes;
        } else if (cost.nanos > Math.max(NEGLIGIBLE_NANOS, times * shorter.nanos)) {
            grown = shorter.nanos / 1000 + " microseconds of processor time became " + cost.nanos / 1000;
        }
        if (grown != null) {
            throw new Failure.Report("work grows faster than the input: from " + shorterLength + " to " + stream.length
                            + " bytes, " + grown)
                    .line("framing", framing)
                    .line("stream", what + ", " + (byteByByte ? "byte by byte" : "in one chunk"))
                    .line("bytes", Bytes.shortHex(stream))
                    .failure();
        }
        return cost;
    }

    private Spent cost(byte[] stream, boolean byteByByte, int tries) {
        int[] cuts = byteByByte ? Matrix.everyByte(stream.length) : new int[0];
        Watched.Counted counted = Watched.counting(framing);
        runner(counted).run(stream, cuts, Manner.USUAL);
        Runner runner = runner(framing);
        long bytes = Long.MAX_VALUE;
        long nanos = Long.MAX_VALUE;
        for (int i = 0; i < tries; i++) {
            long bytesBefore = Cost.allocatedBytes();
            long nanosBefore = Cost.processorNanos();
            runner.run(stream, cuts, Manner.USUAL);
            nanos = Math.min(nanos, Cost.processorNanos() - nanosBefore);
            bytes = Math.min(bytes, Cost.allocatedBytes() - bytesBefore);
        }
        return new Spent(counted.calls(), bytes, nanos);
    }

    private Runner runner(Framing framing) {
        return new Runner(framing, codec -> codec.maxFrameLength(Integer.MAX_VALUE), true, progress);
    }
}
