package reactor.framing.benchmarks.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What no operator can beat: a loop over the chunks, with nothing around it, that makes one slice (of owned chunks) or
 * one copy (of borrowed ones) for each frame.
 */
final class Limit {

    private Limit() {}

    static void decode(Stream stream, boolean owned, Frames frames) {
        switch (stream.format()) {
            case PREFIX -> prefix(stream.chunks(), owned, frames);
            case LINES -> lines(stream.chunks(), owned, frames);
            case VARINT -> varint(stream.chunks(), owned, frames);
            case FIXED -> fixed(stream.chunks(), owned, frames);
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
                copy(chunk, p, partial, filled, n);
                p += n;
                filled += n;
                if (filled == partial.length) {
                    frames.accept(ByteBuffer.wrap(partial));
                    partial = null;
                }
            }
        }
    }

    private static void varint(ByteBuffer[] chunks, boolean owned, Frames frames) {
        int length = 0;
        int shift = 0;
        byte[] partial = null;
        int filled = 0;
        for (ByteBuffer chunk : chunks) {
            int p = chunk.position();
            int end = chunk.limit();
            while (p < end) {
                if (partial == null) {
                    byte b = chunk.get(p++);
                    length |= (b & 0x7F) << shift;
                    if (b < 0) {
                        shift += 7;
                        continue;
                    }
                    int whole = length;
                    length = 0;
                    shift = 0;
                    if (whole <= end - p) {
                        frames.accept(frame(chunk, p, whole, owned));
                        p += whole;
                        continue;
                    }
                    partial = new byte[whole];
                    filled = 0;
                }
                int n = Math.min(end - p, partial.length - filled);
                copy(chunk, p, partial, filled, n);
                p += n;
                filled += n;
                if (filled == partial.length) {
                    frames.accept(ByteBuffer.wrap(partial));
                    partial = null;
                }
            }
        }
    }

    private static void fixed(ByteBuffer[] chunks, boolean owned, Frames frames) {
        byte[] partial = null;
        int filled = 0;
        for (ByteBuffer chunk : chunks) {
            int p = chunk.position();
            int end = chunk.limit();
            while (p < end) {
                if (partial == null) {
                    if (end - p >= 100) {
                        frames.accept(frame(chunk, p, 100, owned));
                        p += 100;
                        continue;
                    }
                    partial = new byte[100];
                    filled = 0;
                }
                int n = Math.min(end - p, 100 - filled);
                copy(chunk, p, partial, filled, n);
                p += n;
                filled += n;
                if (filled == 100) {
                    frames.accept(ByteBuffer.wrap(partial));
                    partial = null;
                }
            }
        }
    }

    private static void lines(ByteBuffer[] chunks, boolean owned, Frames frames) {
        byte[] partial = new byte[256];
        int filled = 0;
        for (ByteBuffer chunk : chunks) {
            int p = chunk.position();
            int end = chunk.limit();
            while (p < end) {
                int lineFeed = lineFeed(chunk, p, end);
                if (filled == 0 && lineFeed < end) {
                    int length = lineFeed - p;
                    if (length > 0 && chunk.get(lineFeed - 1) == '\r') {
                        length--;
                    }
                    frames.accept(frame(chunk, p, length, owned));
                } else {
                    int n = lineFeed - p;
                    if (filled + n > partial.length) {
                        partial = Arrays.copyOf(partial, Math.max(filled + n, 2 * partial.length));
                    }
                    copy(chunk, p, partial, filled, n);
                    filled += n;
                    if (lineFeed < end) {
                        int length = filled > 0 && partial[filled - 1] == '\r' ? filled - 1 : filled;
                        frames.accept(ByteBuffer.wrap(Arrays.copyOf(partial, length)));
                        filled = 0;
                    }
                }
                p = lineFeed + 1;
            }
        }
    }

    /** The index of the next line feed, or the end; looks at eight bytes at a time. */
    private static int lineFeed(ByteBuffer chunk, int start, int end) {
        int i = start;
        for (; end - i >= 8; i += 8) {
            long differing = chunk.getLong(i) ^ 0x0A0A0A0A0A0A0A0AL;
            long low = 0x7F7F7F7F7F7F7F7FL;
            long found = ~((differing & low) + low | differing | low);
            if (found != 0) {
                return i + Long.numberOfLeadingZeros(found) / 8;
            }
        }
        while (i < end && chunk.get(i) != '\n') {
            i++;
        }
        return i;
    }

    /** A bulk copy, but of a few bytes, for which it takes too long. */
    private static void copy(ByteBuffer chunk, int start, byte[] target, int at, int n) {
        if (n > 8) {
            chunk.get(start, target, at, n);
        } else {
            for (int i = 0; i < n; i++) {
                target[at + i] = chunk.get(start + i);
            }
        }
    }

    /** A slice of an owned chunk, a copy of what is in another one. */
    static ByteBuffer frame(ByteBuffer chunk, int start, int length, boolean owned) {
        if (owned) {
            return chunk.slice(start, length);
        }
        byte[] copy = new byte[length];
        chunk.get(start, copy);
        return ByteBuffer.wrap(copy);
    }
}
