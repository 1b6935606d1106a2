package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;

/**
 * What is written by hand where there is no operator: a buffer that grows, to which each chunk is added, and from which
 * whole frames are taken. In its favour it moves nothing while a frame is incomplete at the buffer's start.
 */
public abstract class HandWritten {

    private ByteBuffer buffer = ByteBuffer.allocate(256);

    /** Decodes, with the state that the supplier makes for each subscriber. */
    public static Flux<ByteBuffer> decode(Flux<ByteBuffer> chunks, Supplier<HandWritten> decoder) {
        return Flux.defer(() -> chunks.concatMapIterable(decoder.get()::add));
    }

    /** The frame at the buffer's position, which is moved behind it; null if it is not all there. */
    abstract ByteBuffer next(ByteBuffer buffer);

    private List<ByteBuffer> add(ByteBuffer chunk) {
        if (buffer.remaining() < chunk.remaining()) {
            int needed = buffer.position() + chunk.remaining();
            buffer =
                    ByteBuffer.allocate(Math.max(needed, 2 * buffer.capacity())).put(buffer.flip());
        }
        buffer.put(chunk.duplicate());
        buffer.flip();
        List<ByteBuffer> frames = new ArrayList<>();
        for (ByteBuffer frame = next(buffer); frame != null; frame = next(buffer)) {
            frames.add(frame);
        }
        if (buffer.position() > 0) {
            buffer.compact();
        } else {
            buffer.position(buffer.limit()).limit(buffer.capacity());
        }
        return frames;
    }

    /** Copies a frame out of the buffer, which will be written again. */
    static ByteBuffer copy(ByteBuffer buffer, int length) {
        byte[] frame = new byte[length];
        buffer.get(frame);
        return ByteBuffer.wrap(frame);
    }

    /** A length of four bytes before each frame. */
    public static final class Prefix extends HandWritten {

        @Override
        ByteBuffer next(ByteBuffer buffer) {
            if (buffer.remaining() < 4) {
                return null;
            }
            int length = buffer.getInt(buffer.position());
            if (buffer.remaining() < 4 + length) {
                return null;
            }
            buffer.getInt();
            return copy(buffer, length);
        }
    }

    /** A line feed behind each frame. */
    public static final class Lines extends HandWritten {

        /** How much of the unfinished line has been looked through. */
        private int scanned;

        @Override
        ByteBuffer next(ByteBuffer buffer) {
            int start = buffer.position();
            for (int i = start + scanned; i < buffer.limit(); i++) {
                if (buffer.get(i) == '\n') {
                    boolean carriageReturn = i > start && buffer.get(i - 1) == '\r';
                    ByteBuffer line = copy(buffer, i - start - (carriageReturn ? 1 : 0));
                    buffer.position(i + 1);
                    scanned = 0;
                    return line;
                }
            }
            scanned = buffer.remaining();
            return null;
        }
    }

    /** A length in base 128 before each frame. */
    public static final class Varint extends HandWritten {

        @Override
        ByteBuffer next(ByteBuffer buffer) {
            int length = 0;
            for (int i = 0; i < buffer.remaining(); i++) {
                byte b = buffer.get(buffer.position() + i);
                length |= (b & 0x7F) << 7 * i;
                if (b >= 0) {
                    if (buffer.remaining() < 1 + i + length) {
                        return null;
                    }
                    buffer.position(buffer.position() + 1 + i);
                    return copy(buffer, length);
                }
            }
            return null;
        }
    }

    /** 100 bytes each. */
    public static final class Fixed extends HandWritten {

        @Override
        ByteBuffer next(ByteBuffer buffer) {
            return buffer.remaining() < 100 ? null : copy(buffer, 100);
        }
    }
}
