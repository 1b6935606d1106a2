package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/** What is encoded, with a length of four bytes before each frame. */
public enum EncodeWorkload {
    E1("64 B frames", 1024, 64),
    E2("1 KiB frames", 4096, 1024),
    E3("64 KiB frames", 16384, 65536);

    private static final long SEED = 104729;

    final String description;
    private final int kib;
    private final int frameLength;

    EncodeWorkload(String description, int kib, int frameLength) {
        this.description = description;
        this.kib = kib;
        this.frameLength = frameLength;
    }

    /**
     * Frames, and what has to come out.
     *
     * @param frames the frames in heap buffers, as an application makes them
     * @param wireLength the bytes on the wire
     * @param crc of the bytes on the wire
     */
    record Source(ByteBuffer[] frames, long payload, long wireLength, long crc) {}

    Source source() {
        List<byte[]> frames = Stream.frames(kib << 10, r -> frameLength, new Random(SEED));
        CRC32 crc = new CRC32();
        ByteBuffer wire = ByteBuffer.allocate(4 + frameLength);
        for (byte[] frame : frames) {
            Format.PREFIX.write(frame, wire.clear());
            crc.update(wire.flip());
        }
        return new Source(
                frames.stream().map(ByteBuffer::wrap).toArray(ByteBuffer[]::new),
                (long) frames.size() * frameLength,
                (long) frames.size() * (4 + frameLength),
                crc.getValue());
    }
}
