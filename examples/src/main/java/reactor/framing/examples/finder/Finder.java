package reactor.framing.examples.finder;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FramingException;
import reactor.framing.TruncatedFrameException;

/**
 * Finds the framings that read some bytes. Each is tried by decoding. As one that reads anything proves nothing, each
 * is then tried on the same bytes in other orders: the fewer of these it reads, the more it means that it reads the
 * original.
 */
public final class Finder {

    /** In how many orders the bytes are tried. */
    public static final int SHUFFLES = 40;

    private Finder() {}

    /**
     * What was found.
     *
     * @param read those that read to the end, then those that read whole frames up to one that is cut off; of each, the
     *     ones that mean the most come first
     * @param failed the others, those that read the most frames first
     */
    public record Result(List<Match> read, List<Match> failed) {}

    /**
     * A framing that was tried.
     *
     * @param candidate the framing
     * @param complete whether it reads to the end with no fault
     * @param frames what it reads
     * @param shuffles how many other orders of the same bytes it reads, too
     * @param fault what went wrong, or null
     */
    public record Match(
            Candidate candidate, boolean complete, List<byte[]> frames, int shuffles, FramingException fault) {}

    /**
     * Tries every candidate.
     *
     * @param bytes the bytes of a stream, from its beginning; at least one
     * @return those that read them, and the others
     */
    public static Result find(byte[] bytes) {
        List<byte[]> orders = orders(bytes);
        List<Match> read = new ArrayList<>();
        List<Match> failed = new ArrayList<>();
        for (Candidate candidate : Candidate.all(bytes[0])) {
            Match match = match(candidate, bytes, orders);
            (match.complete() || isCutOff(match) ? read : failed).add(match);
        }
        read.sort(Comparator.comparing((Match match) -> !match.complete())
                .thenComparing(Match::shuffles)
                .thenComparing(match -> match.frames().size() == 1)
                // zeros read as lengths
                .thenComparing(match -> match.frames().stream().anyMatch(frame -> frame.length == 0))
                .thenComparing(match -> !match.candidate().isPreset()));
        failed.sort(Comparator.comparing((Match match) -> match.frames().size()).reversed());
        return new Result(read, failed);
    }

    private static Match match(Candidate candidate, byte[] bytes, List<byte[]> orders) {
        Match match = read(candidate, bytes);
        boolean cutOff = isCutOff(match);
        if (!match.complete() && !cutOff) {
            return match;
        }
        int shuffles = 0;
        for (byte[] order : orders) {
            Match again = read(candidate, order);
            shuffles += again.complete() || cutOff && isCutOff(again) ? 1 : 0;
        }
        return new Match(candidate, match.complete(), match.frames(), shuffles, match.fault());
    }

    private static boolean isCutOff(Match match) {
        return match.fault() instanceof TruncatedFrameException
                && !match.frames().isEmpty();
    }

    private static Match read(Candidate candidate, byte[] bytes) {
        List<byte[]> frames = new ArrayList<>();
        Throwable[] fault = {null};
        FrameCodec.of(candidate.framing())
                .maxFrameLength(Math.max(2048, bytes.length))
                .read(Flux.just(ByteBuffer.wrap(bytes)), Finder::copy)
                .subscribe(frames::add, t -> fault[0] = t);
        if (fault[0] != null && !(fault[0] instanceof FramingException)) {
            throw new IllegalStateException(candidate.code() + " failed", fault[0]);
        }
        boolean complete = fault[0] == null && !frames.isEmpty();
        return new Match(candidate, complete, frames, 0, (FramingException) fault[0]);
    }

    private static byte[] copy(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    private static List<byte[]> orders(byte[] bytes) {
        Random random = new Random(1);
        List<byte[]> orders = new ArrayList<>();
        for (int i = 0; i < SHUFFLES; i++) {
            byte[] order = bytes.clone();
            for (int at = order.length - 1; at > 0; at--) {
                int other = random.nextInt(at + 1);
                byte value = order[at];
                order[at] = order[other];
                order[other] = value;
            }
            orders.add(order);
        }
        return orders;
    }
}
