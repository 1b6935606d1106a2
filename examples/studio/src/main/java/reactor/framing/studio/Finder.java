package reactor.framing.studio;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.TruncatedFrameException;

/**
 * Finds the framings that read some bytes. Each is tried by decoding. As one that reads anything proves nothing, each is then
 * tried on the same bytes in other orders: the fewer of these it reads, the more it means that it reads the original.
 */
final class Finder {

    /** The longest stream, in bytes: what the stage can show. */
    static final int MAX_BYTES = Scenario.MAX_STREAM;

    /** In how many orders the bytes are tried. */
    static final int SHUFFLES = 40;

    private static final int SHOWN_FRAMES = 5;
    private static final int SHOWN_FAULTS = 60;

    private Finder() {}

    /**
     * What was found.
     *
     * @param wire the bytes, in hexadecimal
     * @param read the framings that read to the end, and those that read whole frames up to one that is cut off; the ones that
     *     mean the most come first
     * @param failed some of the others, and why
     * @param tried how many were tried
     */
    record Result(String wire, List<Match> read, List<Match> failed, int tried) {}

    /**
     * A framing that was tried.
     *
     * @param format the framing
     * @param code the Java that makes it
     * @param label what the format is called
     * @param complete whether it reads to the end with no fault
     * @param frames the number of frames
     * @param shown the first of them, as text
     * @param shuffles in how many orders of the same bytes it reads to the end, too
     * @param fault what went wrong, if something did
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Match(
            Scenario.Format format,
            String code,
            String label,
            boolean complete,
            int frames,
            List<String> shown,
            int shuffles,
            String fault) {}

    static Result find(byte[] bytes) {
        List<byte[]> orders = orders(bytes);
        List<Match> read = new ArrayList<>();
        List<Match> failed = new ArrayList<>();
        for (Scenario.Format format : candidates(bytes)) {
            Formats.Built built = Formats.build(format);
            Reading reading = read(built.framing(), bytes);
            boolean cutOff = reading.fault instanceof TruncatedFrameException && !reading.frames.isEmpty();
            boolean reads = reading.fault == null && !reading.frames.isEmpty();
            int shuffles = 0;
            if (reads || cutOff) {
                for (byte[] order : orders) {
                    Reading again = read(built.framing(), order);
                    boolean same = again.fault == null || cutOff && again.fault instanceof TruncatedFrameException;
                    shuffles += same && !again.frames.isEmpty() ? 1 : 0;
                }
            }
            Match match = new Match(
                    format,
                    built.code(),
                    label(format.kind()),
                    reads,
                    reading.frames.size(),
                    reading.frames.stream().limit(SHOWN_FRAMES).map(Bytes::text).toList(),
                    shuffles,
                    reading.fault == null ? null : reading.fault.getMessage());
            (reads || cutOff ? read : failed).add(match);
        }
        read.sort(Comparator.comparing((Match match) -> !match.complete())
                .thenComparing(Match::shuffles)
                .thenComparing(match -> match.frames() == 1));
        failed.sort(Comparator.comparing(Match::frames).reversed());
        return new Result(
                Bytes.hex(bytes), read, failed.stream().limit(SHOWN_FAULTS).toList(), read.size() + failed.size());
    }

    private static String label(String kind) {
        return Formats.all().stream()
                .filter(each -> each.id().equals(kind))
                .findFirst()
                .orElseThrow()
                .label();
    }

    private record Reading(List<byte[]> frames, Throwable fault) {}

    private static Reading read(Framing framing, byte[] bytes) {
        List<byte[]> frames = new ArrayList<>();
        Throwable[] fault = {null};
        FrameCodec.of(framing)
                .maxFrameLength(MAX_BYTES)
                .decode(Flux.just(ByteBuffer.wrap(bytes)))
                .map(Bytes::of)
                .subscribe(frames::add, t -> fault[0] = t);
        if (fault[0] != null && !(fault[0] instanceof FramingException)) {
            throw new IllegalStateException(framing + " failed", fault[0]);
        }
        return new Reading(frames, fault[0]);
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

    /** Every format and preset of the library, with the options that are often seen. */
    static List<Scenario.Format> candidates(byte[] bytes) {
        List<Scenario.Format> candidates = new ArrayList<>();
        Formats.all().stream()
                .filter(kind ->
                        !List.of("lengthField", "fixedLength", "switching").contains(kind.id()))
                .forEach(kind -> add(candidates, kind.id()));
        lengthFields(candidates, bytes);
        add(candidates, "fixedLength", "length", 188, "marker", "47");
        add(candidates, "varint", "before", 1);
        add(candidates, "delimiter", "delimiters", "\\r\\n");
        add(candidates, "delimiter", "delimiters", "\\0");
        add(candidates, "startEnd", "start", "02", "end", "03", "escape", "10");
        add(candidates, "startEnd", "start", "01", "end", "04");
        for (String counts : List.of("PAYLOAD", "WHOLE_FRAME")) {
            add(candidates, "textLength", "digits", "decimal", "size", 2, "counts", counts);
            add(candidates, "textLength", "digits", "decimal", "size", 8, "counts", counts);
            add(candidates, "textLength", "digits", "hex", "size", 4, "counts", counts);
            add(candidates, "textLength", "digits", "bcd", "size", 2, "counts", counts);
        }
        return candidates;
    }

    private static void lengthFields(List<Scenario.Format> candidates, byte[] bytes) {
        List<Map<String, Object>> headers = new ArrayList<>();
        headers.add(Map.of());
        headers.add(Map.of("marker", Bytes.hex(new byte[] {bytes[0]})));
        for (int header = 1; header <= 4; header++) {
            headers.add(Map.of("before", header, "deliver", "with header"));
            headers.add(Map.of("after", header, "deliver", "with header"));
        }
        for (int size : new int[] {1, 2, 3, 4, 8}) {
            for (boolean littleEndian : size == 1 ? new boolean[] {false} : new boolean[] {false, true}) {
                for (String counts : List.of("PAYLOAD", "WHOLE_FRAME")) {
                    for (Map<String, Object> header : headers) {
                        Map<String, Object> options = new HashMap<>(header);
                        options.put("size", size);
                        options.put("littleEndian", littleEndian);
                        options.put("counts", counts);
                        candidates.add(new Scenario.Format("lengthField", options));
                    }
                }
            }
        }
    }

    private static void add(List<Scenario.Format> candidates, String kind, Object... options) {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            map.put((String) options[i], options[i + 1]);
        }
        candidates.add(new Scenario.Format(kind, map));
    }
}
