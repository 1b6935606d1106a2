package reactor.framing.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.framing.Framing;

/** What a {@link FramingVerifier} was told. Changed only in a copy that nobody has seen yet. */
final class Settings implements Cloneable {

    /** A stream, and the frames that it holds. */
    record Example(byte[] wire, List<byte[]> frames) {}

    final Framing framing;

    List<byte[]> samples = List.of();

    /** Null: any bytes, of which the encoder may refuse some. */
    @Nullable
    FrameGenerator generator;

    int minLength;
    int maxLength = Integer.MAX_VALUE;
    boolean hasLengths;
    UnaryOperator<byte[]> delivered = frame -> frame;
    Function<byte[], String> atEnd = rest -> rest.length == 0 ? FramingEvents.COMPLETE : FramingVerifier.TRUNCATED;

    /** Null: what is found in the bytes that the encoder writes. */
    byte @Nullable [] alphabet;

    List<byte[]> refused = List.of();
    List<Example> examples = List.of();
    long seed = 1;
    int rounds = 1;
    Duration patience = Duration.ofSeconds(10);

    Settings(Framing framing) {
        this.framing = framing;
    }

    Settings with(Consumer<Settings> change) {
        try {
            Settings copy = (Settings) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /** Whether the encoder has to take the frames that are made. */
    boolean isStrict() {
        return generator != null || hasLengths;
    }

    static <T> List<T> plus(List<T> some, List<? extends T> more) {
        List<T> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }
}
