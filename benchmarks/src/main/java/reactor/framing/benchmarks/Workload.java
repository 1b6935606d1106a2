package reactor.framing.benchmarks;

import java.util.Random;
import java.util.function.ToIntFunction;

/** What is decoded: a size of frames, a size of chunks and a wire format, several MiB of it. */
public enum Workload {
    W1("64 B frames in 64 KiB chunks", Format.PREFIX, 4, r -> 64, r -> 65536),
    W2("1 KiB frames in 1448 B chunks", Format.PREFIX, 4, r -> 1024, r -> 1448),
    W3("1 MiB frames in 64 KiB chunks", Format.PREFIX, 16, r -> 1 << 20, r -> 65536),
    W4("frames of 16 B to 64 KiB in chunks of 1 B to 64 KiB", Format.PREFIX, 8, Workload::logNormal, r -> 1 + r.nextInt(65536)),
    W5("64 B frames in chunks of 1 to 7 B", Format.PREFIX, 1, r -> 64, r -> 1 + r.nextInt(7)),
    W8("one frame of 16 MiB in 1 KiB chunks", Format.PREFIX, 16, r -> 16 << 20, r -> 1024);

    /** How a frame is told from the next one. */
    enum Format {
        /** A length of four bytes before each frame. */
        PREFIX
    }

    private static final long SEED = 7919;

    final String description;
    final Format format;
    private final int payloadMiB;
    private final ToIntFunction<Random> frameLength;
    private final ToIntFunction<Random> chunkLength;

    Workload(
            String description,
            Format format,
            int payloadMiB,
            ToIntFunction<Random> frameLength,
            ToIntFunction<Random> chunkLength) {
        this.description = description;
        this.format = format;
        this.payloadMiB = payloadMiB;
        this.frameLength = frameLength;
        this.chunkLength = chunkLength;
    }

    /** Makes the bytes, the same ones each time. */
    Stream stream(boolean direct) {
        return Stream.create(format, (long) payloadMiB << 20, frameLength, chunkLength, direct, new Random(SEED));
    }

    /** Around 1 KiB, most between 64 B and 16 KiB. */
    private static int logNormal(Random random) {
        double length = Math.exp(Math.log(1024) + 1.4 * random.nextGaussian());
        return (int) Math.max(16, Math.min(65536, length));
    }
}
