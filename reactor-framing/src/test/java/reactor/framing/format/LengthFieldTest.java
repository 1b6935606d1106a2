package reactor.framing.format;

import org.junit.jupiter.api.Test;
import reactor.framing.Framing;
import reactor.framing.FramingMatrix;

class LengthFieldTest {

    private static FramingMatrix matrix(Framing framing) {
        return FramingMatrix.of(framing).with(codec -> codec.maxFrameLength(300));
    }

    @Test
    void workedExample_threeMessagesCutAnywhere() {
        matrix(LengthField.ofSize(1)).allCutsUpTo(16).stream("03 61 62 63 02 68 69 04 70 69 6e 67")
                .yields("frame 61 62 63", "frame 68 69", "frame 70 69 6e 67", "complete");
    }

    @Test
    void markerMismatch_corruptAfterGoodFrames() {
        matrix(LengthField.ofSize(2).marker((byte) 0x72)).stream("72 00 02 68 69 71 00 01 61")
                .yields("frame 68 69", "error Corrupt #1 @5");
    }

    @Test
    void markerMismatch_skipped() {
        matrix(LengthField.ofSize(2).marker((byte) 0x72)).skipInvalid().stream("72 00 02 68 69 71 00 01 72 00 01 61")
                .yields("frame 68 69", "skipped Corrupt #1 @5 +3", "frame 61", "complete");
    }

    @Test
    void selfOverlappingMarker_foundAfterFalseStart() {
        matrix(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAA, (byte) 0xBB)).skipInvalid().stream(
                        "AA AA AA BB 01 61 AA AA BB 00 AA AA")
                .yields("skipped Corrupt #0 @0 +1", "frame 61", "frame ", "error Truncated #3 @10 2/-1");
    }

    @Test
    void oversize_passedOver() {
        matrix(LengthField.ofSize(1)).with(c -> c.maxFrameLength(3)).skipInvalid().stream(
                        "01 61 04 61 62 63 64 04 61 62 63 64 00 03 61 62")
                .yields(
                        "frame 61",
                        "skipped TooLong #1 @2 4>3 +5",
                        "skipped TooLong #2 @7 4>3 +5",
                        "frame ",
                        "error Truncated #4 @13 3/4");
    }
}
