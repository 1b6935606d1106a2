package reactor.framing.benchmarks.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.zip.CRC32;

/**
 * A stream of bytes, cut into chunks, and what has to come out of it.
 *
 * @param chunks the bytes on the wire, direct as those that come from a socket; nobody changes the
 *     buffers, so that every run can start with them
 * @param frames how many frames there are
 * @param payload the bytes in the frames
 * @param longest the length of the longest frame
 * @param checksum over the frames, as {@link Frames} computes it
 */
record Stream(Format format, ByteBuffer[] chunks, int frames, long payload, int longest, long checksum) {

    /** The bytes that a format adds to a frame are no more than this. */
    static final int OVERHEAD = 4;

    static Stream create(
            Format format,
            int minPayload,
            ToIntFunction<Random> frameLength,
            ToIntFunction<Random> chunkLength,
            Random random) {
        List<byte[]> frames = frames(minPayload, frameLength, random);
        int payload = 0;
        int longest = 0;
        long checksum = 0;
        CRC32 crc = new CRC32();
        for (byte[] frame : frames) {
            payload += frame.length;
            longest = Math.max(longest, frame.length);
            crc.reset();
            crc.update(frame);
            checksum = Frames.add(checksum, crc.getValue(), frame.length);
        }
        ByteBuffer wire = ByteBuffer.allocate(payload + OVERHEAD * frames.size());
        for (byte[] frame : frames) {
            format.write(frame, wire);
        }
        wire.flip();
        List<ByteBuffer> chunks = new ArrayList<>();
        while (wire.hasRemaining()) {
            int length = Math.min(wire.remaining(), chunkLength.applyAsInt(random));
            ByteBuffer chunk = ByteBuffer.allocateDirect(length).put(0, wire, wire.position(), length);
            wire.position(wire.position() + length);
            chunks.add(chunk);
        }
        return new Stream(format, chunks.toArray(new ByteBuffer[0]), frames.size(), payload, longest, checksum);
    }

    /** Frames of letters and digits, so that none contains a delimiter. */
    static List<byte[]> frames(int minPayload, ToIntFunction<Random> frameLength, Random random) {
        List<byte[]> frames = new ArrayList<>();
        for (int payload = 0; payload < minPayload; ) {
            byte[] frame = new byte[frameLength.applyAsInt(random)];
            random.nextBytes(frame);
            for (int i = 0; i < frame.length; i++) {
                frame[i] = (byte) ('0' + (frame[i] & 0x3F));
            }
            frames.add(frame);
            payload += frame.length;
        }
        return frames;
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
