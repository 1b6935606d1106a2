package reactor.framing;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;
import reactor.framing.HeldChunk.Lifetime;
import reactor.util.context.Context;

/**
 * The chunk that came while another thread was draining, one at most. Whoever is draining may get to it after
 * {@code onNext} has returned, so a borrowed one is copied. So is one that is to be handed back, as nobody knows how long
 * it would stay here.
 */
final class NextChunk {

    private final Lifetime lifetime;

    /** Takes back chunks that are not kept; null unless their lifetime is {@link Lifetime#HANDED_BACK}. */
    private final @Nullable Consumer<? super ByteBuffer> handBack;

    private volatile @Nullable ByteBuffer chunk;

    NextChunk(Lifetime lifetime, @Nullable Consumer<? super ByteBuffer> handBack) {
        this.lifetime = lifetime;
        this.handBack = handBack;
    }

    /** The lifetime of chunks as they arrive. */
    Lifetime lifetime() {
        return lifetime;
    }

    boolean isEmpty() {
        return chunk == null;
    }

    int remaining() {
        ByteBuffer c = chunk;
        return c == null ? 0 : c.remaining();
    }

    /** Called by the one thread that upstream's signals come on. */
    void put(ByteBuffer next) {
        if (lifetime == Lifetime.OWNED) {
            chunk = next;
            return;
        }
        try {
            byte[] copy = new byte[next.remaining()];
            next.get(next.position(), copy);
            chunk = ByteBuffer.wrap(copy);
        } finally {
            if (handBack != null) {
                handBack.accept(next);
            }
        }
    }

    /** Has the chunk, if there is one, read next. Called by whoever is draining. */
    boolean moveTo(HeldChunk held) {
        ByteBuffer c = take();
        if (c != null) {
            held.hold(c, lifetime == Lifetime.OWNED ? Lifetime.OWNED : Lifetime.COPIED);
        }
        return c != null;
    }

    /** Cleared only where it was seen: a plain write would lose a chunk that comes in between. */
    private @Nullable ByteBuffer take() {
        ByteBuffer c = chunk;
        if (c != null) {
            chunk = null;
        }
        return c;
    }

    void discard(Context context) {
        ByteBuffer c = take();
        if (c != null) {
            Operators.onDiscard(c, context);
        }
    }

    /** Gives up a chunk that has not been put here. */
    void discard(ByteBuffer unread, Context context) {
        if (handBack != null) {
            handBack.accept(unread);
        } else {
            Operators.onDiscard(unread, context);
        }
    }
}
