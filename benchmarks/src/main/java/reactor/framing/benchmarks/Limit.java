package reactor.framing.benchmarks;

import java.nio.ByteBuffer;

/**
 * What no operator can beat: a loop over the chunks, with nothing around it, that makes one slice (of owned chunks) or
 * one copy (of borrowed ones) for each frame.
 */
final class Limit {

    private Limit() {}

    static void decode(Stream stream, boolean owned, Frames frames) {
        switch (stream.format()) {
            case PREFIX -> prefix(stream.chunks(), owned, frames);
        }
    }

    private static void prefix(ByteBuffer[] chunks, boolean owned, Frames frames) {
        int header = 0;
        int held = 0;
        byte[] partial = null;
        int filled = 0;
        for (ByteBuffer chunk : chunks) {
            int p = chunk.position();
            int end = chunk.limit();
            while (p < end) {
                if (partial == null) {
                    int length;
                    if (held == 0 && end - p >= 4) {
                        length = chunk.getInt(p);
                        p += 4;
                    } else {
                        header = header << 8 | chunk.get(p++) & 0xFF;
                        if (++held < 4) {
                            continue;
                        }
                        length = header;
                        held = 0;
                    }
                    if (length <= end - p) {
                        frames.accept(frame(chunk, p, length, owned));
                        p += length;
                        continue;
                    }
                    partial = new byte[length];
                    filled = 0;
                }
                int n = Math.min(end - p, partial.length - filled);
                chunk.get(p, partial, filled, n);
                p += n;
                filled += n;
                if (filled == partial.length) {
                    frames.accept(ByteBuffer.wrap(partial));
                    partial = null;
                }
            }
        }
    }

    private static ByteBuffer frame(ByteBuffer chunk, int start, int length, boolean owned) {
        if (owned) {
            return chunk.slice(start, length);
        }
        byte[] copy = new byte[length];
        chunk.get(start, copy);
        return ByteBuffer.wrap(copy);
    }
}
