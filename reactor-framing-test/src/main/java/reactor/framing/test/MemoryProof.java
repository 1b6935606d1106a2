package reactor.framing.test;

import java.util.Arrays;
import java.util.List;
import reactor.framing.Framing;

/** Sees that a decoder reserves no memory on the word of a header. */
final class MemoryProof {

    /** Far more than a run takes, and the 64 KiB that are reserved for a frame of which next to nothing has come. */
    private static final long MOST = 512 * 1024;

    private static final int[] DECLARED = {1 << 21, 5 << 20};
    private static final int HEADER = 40;
    private static final int TRIES = 3;

    private final Runner runner;
    private final Framing framing;

    MemoryProof(Framing framing, Progress progress) {
        this.framing = framing;
        runner = new Runner(framing, codec -> codec.maxFrameLength(Integer.MAX_VALUE), false, progress);
    }

    void prove(Frames frames) {
        for (int declared : DECLARED) {
            byte[] frame = frames.plain(declared);
            byte[] wire = frame == null ? null : frames.wireIfAccepted(List.of(frame));
            if (wire != null) {
                prove(
                        Arrays.copyOf(wire, Math.min(wire.length, HEADER)),
                        "the header of a frame of " + declared + " bytes");
            }
        }
    }

    void prove(byte[] stream, String what) {
        int[] cuts = Matrix.everyByte(stream.length);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && least > MOST; i++) { // the first run may load classes
            long before = Cost.allocatedBytes();
            runner.run(stream, cuts, Manner.USUAL);
            least = Math.min(least, Cost.allocatedBytes() - before);
        }
        if (least > MOST) {
            throw new Failure.Report("a large reservation: " + least + " bytes are allocated when only " + stream.length
                            + " bytes have come")
                    .line("framing", framing)
                    .line("stream", Bytes.shortHex(stream))
                    .line("which is", what)
                    .line("allowed", MOST + " bytes")
                    .failure();
        }
    }
}
