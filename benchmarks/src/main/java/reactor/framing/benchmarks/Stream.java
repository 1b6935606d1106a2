package reactor.framing.benchmarks;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.zip.CRC32;

/**
 * A stream of bytes, cut into chunks, and what has to come out of it.
 *
 * @param chunks the bytes on the wire; nobody changes the buffers, so that every run can start with them
 * @param frames how many frames there are
 * @param payload the bytes in the frames
 * @param checksum over the frames, as {@link Frames} computes it
 */
record Stream(Workload.Format format, ByteBuffer[] chunks, int frames, long payload, int longest, long checksum) {

    static Stream create(
            Workload.Format format,
            long payload,
            ToIntFunction<Random> frameLength,
            ToIntFunction<Random> chunkLength,
            boolean direct,
            Random random) {
        List<byte[]> frames = new ArrayList<>();
        long bytes = 0;
        int longest = 0;
        int wireLength = 0;
        long checksum = 0;
        CRC32 crc = new CRC32();
        while (bytes < payload) {
            byte[] frame = new byte[frameLength.applyAsInt(random)];
            random.nextBytes(frame);
            frames.add(frame);
            bytes += frame.length;
            longest = Math.max(longest, frame.length);
            wireLength += 4 + frame.length;
            crc.reset();
            crc.update(frame);
            checksum = Frames.add(checksum, crc.getValue(), frame.length);
        }
        ByteBuffer wire = ByteBuffer.allocate(wireLength);
        for (byte[] frame : frames) {
            wire.putInt(frame.length).put(frame);
        }
        wire.flip();
        List<ByteBuffer> chunks = new ArrayList<>();
        while (wire.hasRemaining()) {
            int length = Math.min(wire.remaining(), chunkLength.applyAsInt(random));
            ByteBuffer chunk = direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
            chunk.put(0, wire, wire.position(), length);
            wire.position(wire.position() + length);
            chunks.add(chunk);
        }
        return new Stream(format, chunks.toArray(new ByteBuffer[0]), frames.size(), bytes, longest, checksum);
    }

    /** The chunks as arrays, for those who have buffers of their own. */
    List<byte[]> arrays() {
        List<byte[]> arrays = new ArrayList<>(chunks.length);
        for (ByteBuffer chunk : chunks) {
            byte[] array = new byte[chunk.remaining()];
            chunk.get(chunk.position(), array);
            arrays.add(array);
        }
        return arrays;
    }
}
