package reactor.framing.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import reactor.framing.FrameCodec;

/**
 * How chunks come and who reads them.
 *
 * @param access how the decoder is called
 * @param mode which operator reads
 * @param kind how a chunk's bytes are held
 * @param overwritten whether a chunk is overwritten when onNext has returned
 * @param empties whether there are empty chunks in between
 * @param demand how many frames are requested at a time
 * @param asksLater whether more is requested when the operator has come to rest, and not from inside onNext
 */
record Manner(
        Access access,
        Mode mode,
        BufferKind kind,
        boolean overwritten,
        boolean empties,
        long demand,
        boolean asksLater) {

    enum Access {
        /** Through decode only, and with an eye on its rules. */
        DECODE,
        /** As it is. */
        DIRECT,
        /** Through decode and find by turns, and with an eye on their rules. */
        BY_TURNS
    }

    enum Mode {
        DECODE("decode", false),
        ZERO_COPY("decode with zeroCopy()", true),
        PARTS("decodeParts", false),
        PARTS_ZERO_COPY("decodeParts with zeroCopy()", true),
        READ("read", false),
        READ_ZERO_COPY("read with zeroCopy()", true);

        final String text;

        /** Whether chunks are the operator's for good. */
        final boolean owned;

        Mode(String text, boolean owned) {
            this.text = text;
            this.owned = owned;
        }

        FrameCodec codec(FrameCodec codec) {
            return owned ? codec.zeroCopy() : codec;
        }
    }

    private static final String WITHOUT_FIND = ", without find()";

    static final long[] DEMANDS = {1, 2, 7, Long.MAX_VALUE};

    /** The plainest of all; what comes of it is what all others are compared with. */
    static final Manner PLAIN =
            new Manner(Access.DECODE, Mode.DECODE, BufferKind.HEAP, false, false, Long.MAX_VALUE, false);

    /** The usual one. */
    static final Manner USUAL =
            new Manner(Access.DIRECT, Mode.DECODE, BufferKind.HEAP, true, false, Long.MAX_VALUE, false);

    static Manner any(Random random, Mode mode, long demand) {
        BufferKind[] kinds = BufferKind.values();
        return new Manner(
                random.nextInt(4) == 0 ? Access.BY_TURNS : Access.DIRECT,
                mode,
                kinds[random.nextInt(kinds.length)],
                !mode.owned,
                random.nextBoolean(),
                demand,
                random.nextBoolean());
    }

    /** Each differs in one thing, which is plainer. */
    List<Manner> plainer() {
        List<Manner> all = new ArrayList<>();
        if (access != Access.DECODE) {
            all.add(new Manner(Access.DECODE, mode, kind, overwritten, empties, demand, asksLater));
        }
        if (access == Access.BY_TURNS) {
            all.add(new Manner(Access.DIRECT, mode, kind, overwritten, empties, demand, asksLater));
        }
        if (overwritten) {
            all.add(new Manner(access, mode, kind, false, empties, demand, asksLater));
        }
        if (mode != Mode.DECODE) {
            all.add(new Manner(access, Mode.DECODE, kind, overwritten, empties, demand, asksLater));
        }
        if (kind != BufferKind.HEAP) {
            all.add(new Manner(access, mode, BufferKind.HEAP, overwritten, empties, demand, asksLater));
        }
        if (empties) {
            all.add(new Manner(access, mode, kind, overwritten, false, demand, asksLater));
        }
        if (asksLater) {
            all.add(new Manner(access, mode, kind, overwritten, empties, demand, false));
        }
        if (demand != Long.MAX_VALUE) {
            all.add(new Manner(access, mode, kind, overwritten, empties, Long.MAX_VALUE, asksLater));
        }
        return all;
    }

    /** For a decoder that may find no frames, which need not be said. */
    String toString(boolean finds) {
        return finds ? toString() : toString().replace(WITHOUT_FIND, "");
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(mode.text);
        text.append(", ").append(kind.text).append(" chunks");
        if (overwritten) {
            text.append(", overwritten after onNext");
        }
        if (empties) {
            text.append(", an empty chunk in front of each");
        }
        if (demand == Long.MAX_VALUE) {
            text.append(", unbounded demand");
        } else {
            text.append(", request(")
                    .append(demand)
                    .append(asksLater ? ") from outside onNext" : ") from inside onNext");
        }
        if (access == Access.DECODE) {
            text.append(WITHOUT_FIND);
        } else if (access == Access.BY_TURNS) {
            text.append(", decode() and find() by turns");
        }
        return text.toString();
    }
}
