package reactor.framing.benchmarks.memory;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.zip.CRC32;

/**
 * What is encoded: a wire format and a size of frames, numbered as the {@link DecodeWorkload} with the same ones. There
 * is no E5, as W5 is about its chunks, and those are no matter here.
 */
enum EncodeWorkload {
    E1("64 B frames", Format.PREFIX, 1024, r -> 64),
    E2("1 KiB frames", Format.PREFIX, 4096, r -> 1024),
    E3("1 MiB frames", Format.PREFIX, 16384, r -> 1 << 20),
    E4("16 B to 64 KiB frames, log-normal", Format.PREFIX, 4096, DecodeWorkload::logNormal),
    E6("100 B lines", Format.LINES, 1024, r -> 100),
    E7("64 B frames, varint", Format.VARINT, 1024, r -> 64),
    E8("one 16 MiB frame", Format.PREFIX, 16384, r -> 16 << 20),
    E9("100 B records", Format.FIXED, 1024, r -> 100);

    private static final long SEED = 104729;

    final String description;
    final Format format;
    private final int kib;
    private final ToIntFunction<Random> frameLength;

    EncodeWorkload(String description, Format format, int kib, ToIntFunction<Random> frameLength) {
        this.description = description;
        this.format = format;
        this.kib = kib;
        this.frameLength = frameLength;
    }

    /**
     * Frames, and what has to come out.
     *
     * @param frames the frames in heap buffers, as an application makes them
     * @param payload the bytes in the frames
     * @param longest the length of the longest frame
     * @param wireLength the bytes on the wire
     * @param crc of the bytes on the wire
     */
    record Source(Format format, ByteBuffer[] frames, long payload, int longest, long wireLength, long crc) {}

    /** Whether frames are so long that Netty's prepender, which copies none, takes no time beside a copy. */
    boolean isLong() {
        return this == E3 || this == E8;
    }

    /** Makes the frames, the same ones each time. */
    Source source() {
        List<byte[]> frames = Stream.frames(kib << 10, frameLength, new Random(SEED));
        int longest = frames.stream().mapToInt(frame -> frame.length).max().orElseThrow();
        ByteBuffer wire = ByteBuffer.allocate(longest + Stream.OVERHEAD);
        long payload = 0;
        long wireLength = 0;
        CRC32 crc = new CRC32();
        for (byte[] frame : frames) {
            format.write(frame, wire.clear());
            payload += frame.length;
            wireLength += wire.flip().remaining();
            crc.update(wire);
        }
        return new Source(
                format,
                frames.stream().map(ByteBuffer::wrap).toArray(ByteBuffer[]::new),
                payload,
                longest,
                wireLength,
                crc.getValue());
    }
}
