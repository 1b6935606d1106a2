package reactor.framing.benchmarks.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What no operator can beat: a loop over the chunks, with nothing around it. */
final class Limit {

    /** What is made of a frame. */
    enum Frame {
        /** A slice of the chunk, for chunks that are owned. */
        SLICE,
        /** A copy, for chunks that are borrowed. */
        COPY,
        /** Nothing: the frame is lent. One view of each chunk shows one frame after the other. */
        VIEW
    }

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final Frame kind;
    private final Frames frames;

    private ByteBuffer viewed = NONE;
    private ByteBuffer view = NONE;

    /** Where frames that span chunks are put together if they are lent. */
    private byte[] scratch = {};

    private ByteBuffer scratchView = NONE;

    Limit(Frame kind, Frames frames) {
        this.kind = kind;
        this.frames = frames;
    }

    void decode(Stream stream) {
        switch (stream.format()) {
            case PREFIX -> prefix(stream.chunks());
            case LINES -> lines(stream.chunks());
            case VARINT -> varint(stream.chunks());
            case FIXED -> fixed(stream.chunks());
        }
    }

    private void prefix(ByteBuffer[] chunks) {
        int header = 0;
        int held = 0;
        byte[] partial = null;
        int wanted = 0;
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
                        frames.accept(frame(chunk, p, length));
                        p += length;
                        continue;
                    }
                    wanted = length;
                    partial = partial(length);
                    filled = 0;
                }
                int n = Math.min(end - p, wanted - filled);
                copy(chunk, p, partial, filled, n);
                p += n;
                filled += n;
                if (filled == wanted) {
                    frames.accept(whole(partial, wanted));
                    partial = null;
                }
            }
        }
    }

    private void varint(ByteBuffer[] chunks) {
        int length = 0;
        int shift = 0;
        byte[] partial = null;
        int wanted = 0;
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
                        frames.accept(frame(chunk, p, whole));
                        p += whole;
                        continue;
                    }
                    wanted = whole;
                    partial = partial(whole);
                    filled = 0;
                }
                int n = Math.min(end - p, wanted - filled);
                copy(chunk, p, partial, filled, n);
                p += n;
                filled += n;
                if (filled == wanted) {
                    frames.accept(whole(partial, wanted));
                    partial = null;
                }
            }
        }
    }

    private void fixed(ByteBuffer[] chunks) {
        byte[] partial = null;
        int filled = 0;
        for (ByteBuffer chunk : chunks) {
            int p = chunk.position();
            int end = chunk.limit();
            while (p < end) {
                if (partial == null) {
                    if (end - p >= 100) {
                        frames.accept(frame(chunk, p, 100));
                        p += 100;
                        continue;
                    }
                    partial = partial(100);
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

    private void lines(ByteBuffer[] chunks) {
        byte[] partial = partial(256);
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
                    frames.accept(frame(chunk, p, length));
                } else {
                    int n = lineFeed - p;
                    if (filled + n > partial.length) {
                        partial = Arrays.copyOf(partial, Math.max(filled + n, 2 * partial.length));
                        scratch = partial;
                        scratchView = ByteBuffer.wrap(scratch);
                    }
                    copy(chunk, p, partial, filled, n);
                    filled += n;
                    if (lineFeed < end) {
                        int length = filled > 0 && partial[filled - 1] == '\r' ? filled - 1 : filled;
                        frames.accept(
                                kind == Frame.VIEW
                                        ? whole(partial, length)
                                        : ByteBuffer.wrap(Arrays.copyOf(partial, length)));
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

    /** A frame that lies in the chunk. */
    private ByteBuffer frame(ByteBuffer chunk, int start, int length) {
        return switch (kind) {
            case SLICE -> chunk.slice(start, length);
            case COPY -> copy(chunk, start, length);
            case VIEW -> {
                if (viewed != chunk) {
                    viewed = chunk;
                    view = chunk.duplicate();
                }
                yield view.limit(start + length).position(start);
            }
        };
    }

    /** Memory for a frame that spans chunks. */
    private byte[] partial(int length) {
        if (kind != Frame.VIEW) {
            return new byte[length];
        }
        if (scratch.length < length) {
            scratch = new byte[length];
            scratchView = ByteBuffer.wrap(scratch);
        }
        return scratch;
    }

    private ByteBuffer whole(byte[] partial, int length) {
        return kind == Frame.VIEW ? scratchView.limit(length) : ByteBuffer.wrap(partial);
    }

    static ByteBuffer copy(ByteBuffer chunk, int start, int length) {
        byte[] copy = new byte[length];
        chunk.get(start, copy);
        return ByteBuffer.wrap(copy);
    }
}
