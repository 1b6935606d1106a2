package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Frames that are lent to a function.
 *
 * @param <T> what it makes of them
 */
final class LentFrames<T> implements Delivery<T> {

    /** Carries what ends the stream; reactor-core's hooks have seen it. */
    static final class ReaderFailure extends RuntimeException {

        private static final long serialVersionUID = 1L;

        ReaderFailure(Throwable cause) {
            super(null, cause, false, false);
        }
    }

    private final Function<? super ByteBuffer, ? extends T> reader;
    private final Context context;
    private @Nullable FramingException refusal;

    /**
     * @param context tells what is done with an exception of the reader
     */
    LentFrames(Function<? super ByteBuffer, ? extends T> reader, Context context) {
        this.reader = reader;
        this.context = context;
    }

    @Override
    public @Nullable T inChunk(HeldChunk chunk, int start, int length, long frameIndex, long offset, boolean last) {
        return read(chunk.lend(start, length));
    }

    @Override
    public @Nullable T inMemory(FrameBytes bytes, long frameIndex, long offset, boolean last) {
        return read(bytes.lend());
    }

    private @Nullable T read(ByteBuffer frame) {
        try {
            return Objects.requireNonNull(reader.apply(frame), "The reader returned a null value.");
        } catch (FramingException e) {
            refusal = e;
            return null;
        } catch (Throwable t) {
            // as map does
            Throwable e = Operators.onNextError(frame, t, context);
            if (e == null) {
                return null;
            }
            throw new ReaderFailure(e);
        }
    }

    @Override
    public @Nullable FramingException refusal() {
        FramingException e = refusal;
        refusal = null;
        return e;
    }
}
