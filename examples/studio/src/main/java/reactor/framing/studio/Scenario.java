package reactor.framing.studio;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What is to be run, as the browser says it. Whatever is left out has a default.
 *
 * @param framing what the receiver reads by
 * @param sender what the sender writes by; the same if null
 * @param input what is sent
 * @param cuts where the stream is cut into chunks, as stream offsets
 * @param demand how many frames the subscriber requests, and when
 * @param faults what goes wrong on the way
 * @param policy how the codec is set up
 * @param beside what else is run on the same chunks
 */
record Scenario(
        Format framing,
        Format sender,
        Input input,
        List<Integer> cuts,
        Demand demand,
        Faults faults,
        Policy policy,
        Beside beside) {

    /** The longest stream, in bytes. */
    static final int MAX_STREAM = 2048;

    private static final int MAX_MESSAGES = 256;
    private static final int MAX_MILLIS = 600_000;

    Scenario {
        if (framing == null) {
            throw new BadRequest("framing is missing");
        }
        input = input == null ? new Input(List.of(), null) : input;
        cuts = cuts == null ? List.of() : List.copyOf(cuts);
        demand = demand == null ? new Demand("unbounded", 1, 0, List.of()) : demand;
        faults = faults == null ? new Faults(List.of(), 0, -1, 0) : faults;
        policy = policy == null ? new Policy(null, false, 0) : policy;
        beside = beside == null ? new Beside(false, false) : beside;
        check("the number of cuts", cuts.size(), 0, MAX_STREAM);
    }

    /** A format of the catalogue by its name, and its options. */
    record Format(String kind, Map<String, Object> options) {

        Format {
            options = options == null ? Map.of() : options;
        }
    }

    /** Messages to be encoded, or else the bytes of the stream as they are, in hexadecimal. */
    record Input(List<Message> messages, String wire) {

        Input {
            messages = messages == null ? List.of() : messages;
            check("the number of messages", messages.size(), 0, MAX_MESSAGES);
        }
    }

    /** Text with escapes, or else hexadecimal. */
    record Message(String text, String hex) {

        byte[] bytes(int number) {
            String what = "message " + number;
            byte[] bytes = hex != null
                    ? Bytes.parseHex(what, hex, MAX_STREAM)
                    : Bytes.parseText(what, text == null ? "" : text);
            check("the length of " + what, bytes.length, 0, MAX_STREAM);
            return bytes;
        }
    }

    /**
     * The subscriber's demand.
     *
     * @param mode {@code unbounded}; {@code batch}: n, and n again when these have come; {@code slow}: one, and another
     *     some time after it has come; {@code manual}: the numbers of the plan, one after another
     * @param n how many are requested at once
     * @param millis how long the slow subscriber works on a frame
     * @param plan what is requested by hand; 0 stands for unbounded
     */
    record Demand(String mode, int n, int millis, List<Integer> plan) {

        Demand {
            mode = mode == null ? "unbounded" : mode;
            if (!List.of("unbounded", "batch", "slow", "manual").contains(mode)) {
                throw new BadRequest("demand.mode is none of unbounded, batch, slow, manual");
            }
            plan = plan == null ? List.of() : plan;
            n = n == 0 ? 1 : n;
            check("demand.n", n, 1, 10_000);
            check("demand.millis", millis, 0, 60_000);
            check("the number of requests", plan.size(), 0, 200);
            plan.forEach(each -> check("a request", each, 0, 10_000));
        }
    }

    /**
     * What goes wrong on the way.
     *
     * @param damage bytes that arrive as others
     * @param cutEnd how many of the last bytes never arrive
     * @param stallBefore before which chunk, from 0, the sender stalls; -1 for none
     * @param stallMillis for how long; 0 for ever
     */
    record Faults(List<Damage> damage, int cutEnd, Integer stallBefore, int stallMillis) {

        Faults {
            damage = damage == null ? List.of() : damage;
            stallBefore = stallBefore == null ? -1 : stallBefore;
            check("the number of damaged bytes", damage.size(), 0, MAX_STREAM);
            check("faults.cutEnd", cutEnd, 0, MAX_STREAM);
            check("faults.stallBefore", stallBefore, -1, MAX_STREAM);
            check("faults.stallMillis", stallMillis, 0, MAX_MILLIS);
        }
    }

    /** A byte that arrives as another. */
    record Damage(int at, int value) {

        Damage {
            check("damage.at", at, 0, MAX_STREAM);
            check("damage.value", value, 0, 255);
        }
    }

    /** How the codec is set up; a timeout of 0 stands for none. */
    record Policy(Integer maxFrameLength, boolean skipInvalid, int frameTimeoutMillis) {

        Policy {
            if (maxFrameLength != null) {
                check("policy.maxFrameLength", maxFrameLength, 1, Integer.MAX_VALUE);
            }
            check("policy.frameTimeoutMillis", frameTimeoutMillis, 0, MAX_MILLIS);
        }
    }

    /** What is run on the same chunks: Netty's decoder in a pipeline, and a decoder without the inner loop. */
    record Beside(boolean pipeline, boolean noLoop) {}

    /** The chunks of a stream, by its cuts. */
    List<Chunk> chunks(int length) {
        TreeSet<Integer> borders = new TreeSet<>(cuts);
        List<Chunk> chunks = new ArrayList<>();
        int from = 0;
        for (int to : borders) {
            if (to > from && to < length) {
                chunks.add(new Chunk(from, to));
                from = to;
            }
        }
        if (length > from) {
            chunks.add(new Chunk(from, length));
        }
        return chunks;
    }

    /** Bytes of the stream that arrive together, from one offset to another. */
    record Chunk(int from, int to) {

        int length() {
            return to - from;
        }
    }

    static void check(String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw new BadRequest(what + " must be " + min + " to " + max + ", was " + value);
        }
    }
}
