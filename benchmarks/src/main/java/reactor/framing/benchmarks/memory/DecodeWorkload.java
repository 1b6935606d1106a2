package reactor.framing.benchmarks.memory;

import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * What is decoded: a wire format, a size of frames and a size of chunks, and some MiB of it. Of tiny chunks there are
 * no more than the caches hold, as they do what has just come from a socket: elsewhere all contenders wait for the
 * memory.
 */
enum DecodeWorkload {
    W1("64 B frames in 64 KiB chunks", Format.PREFIX, 4096, r -> 64, r -> 65536),
    W2("1 KiB frames in 1448 B chunks", Format.PREFIX, 4096, r -> 1024, r -> 1448),
    W3("1 MiB frames in 64 KiB chunks", Format.PREFIX, 16384, r -> 1 << 20, r -> 65536),
    W4(
            "16 B to 64 KiB frames, log-normal, in random chunks",
            Format.PREFIX,
            8192,
            DecodeWorkload::logNormal,
            r -> 1 + r.nextInt(65536)),
    W5("64 B frames in chunks of 1 to 7 B", Format.PREFIX, 16, r -> 64, r -> 1 + r.nextInt(7)),
    W6("100 B lines in 64 KiB chunks", Format.LINES, 4096, r -> 100, r -> 65536),
    W7("64 B frames, varint, in 64 KiB chunks", Format.VARINT, 4096, r -> 64, r -> 65536),
    W8("one 16 MiB frame in 1 KiB chunks", Format.PREFIX, 16384, r -> 16 << 20, r -> 1024),
    W9("100 B records in 64 KiB chunks", Format.FIXED, 4096, r -> 100, r -> 65536);

    private static final long SEED = 7919;

    final String description;
    final Format format;
    private final int kib;
    private final ToIntFunction<Random> frameLength;
    private final ToIntFunction<Random> chunkLength;
    private Stream stream;

    DecodeWorkload(
            String description,
            Format format,
            int kib,
            ToIntFunction<Random> frameLength,
            ToIntFunction<Random> chunkLength) {
        this.description = description;
        this.format = format;
        this.kib = kib;
        this.frameLength = frameLength;
        this.chunkLength = chunkLength;
    }

    /** The bytes, the same ones each time. */
    Stream stream() {
        if (stream == null) {
            stream = Stream.create(format, kib << 10, frameLength, chunkLength, new Random(SEED));
        }
        return stream;
    }

    /** Around 1 KiB, most between 64 B and 16 KiB. */
    static int logNormal(Random random) {
        double length = Math.exp(Math.log(1024) + 1.4 * random.nextGaussian());
        return (int) Math.max(16, Math.min(65536, length));
    }
}
