package reactor.framing.format;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.framing.Framing;

/** What was made for the framings that were used last, so that it goes on when one of them is used again. */
final class Recent<T> {

    /** More than any protocol has, and few enough to hold for each stream. */
    private static final int KEPT = 16;

    private final Function<Framing, T> maker;

    /** The one used last comes first. */
    private final @Nullable Framing[] framings = new Framing[KEPT];

    private final @Nullable Object[] made = new Object[KEPT];

    Recent(Function<Framing, T> maker) {
        this.maker = maker;
    }

    /** What was made for this framing, or is now. Equal framings may well be meant to be two. */
    @SuppressWarnings({"ReferenceEquality", "unchecked"}) // only what the maker has made is in the array
    T of(Framing framing) {
        int at = 0;
        while (at < KEPT - 1 && framings[at] != framing && framings[at] != null) {
            at++;
        }
        Object known = framings[at] == framing ? made[at] : null;
        T found = known != null ? (T) known : maker.apply(framing);
        if (at > 0) {
            System.arraycopy(framings, 0, framings, 1, at);
            System.arraycopy(made, 0, made, 1, at);
        }
        framings[0] = framing;
        made[0] = found;
        return found;
    }
}
