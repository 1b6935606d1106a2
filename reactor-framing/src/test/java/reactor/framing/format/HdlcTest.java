package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class HdlcTest {

    private static StreamVerifier matrix(String stream) {
        return StreamVerifier.of(Hdlc.create()).stream(stream);
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix("7e 68 69 7e").yields("frame 68 69", "complete");
        matrix("7e 01 7d 5e 02 7d 5d 03 7e").yields("frame 01 7e 02 7d 03", "complete");
        matrix("7e 7d 31 7d 33 7e 68 69 7e").yields("frame 11 13", "frame 68 69", "complete");
        StreamVerifier.of(Hdlc.create().keepMarks()).stream("7e 68 69 7e 21 7e")
                .yields("frame 7e 68 69 7e", "frame 7e 21 7e", "complete");
    }

    @Test
    void contract_holdsWithMarksThatAreKept() {
        FramingVerifier.of(Hdlc.create().keepMarks())
                .lengths(3, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    byte[] bytes = ByteStuffed.bytes(random, length, 0x7E, 0x7D, 0x5E, 0x5D);
                    bytes[0] = 0x7E;
                    bytes[length - 1] = 0x7E;
                    return bytes;
                })
                .atEnd(rest -> rest.length <= 1 ? "complete" : "truncated")
                .alphabet(0x7E, 0x7D, 0x5E, 0x5D, 0x61)
                .refuses("", "7e", "7e7e", "7e61", "617e")
                .verify();
        assertThat(Hdlc.create().keepMarks()).hasToString("Hdlc.create().keepMarks()");
    }

    @Test
    void contract_holds() {
        FramingVerifier.of(Hdlc.create())
                .lengths(1, Integer.MAX_VALUE)
                .frames((random, length) -> ByteStuffed.bytes(random, length, 0x7E, 0x7D, 0x5E, 0x5D))
                // the opening flag alone is no frame
                .atEnd(rest -> rest.length <= 1 ? "complete" : "truncated")
                .alphabet(0x7E, 0x7D, 0x5E, 0x5D, 0x61)
                .refuses("")
                .verify();
    }

    @Test
    void examplesOfRfc1662_areReadAndWritten() {
        // section 4.2: 7e is 7d 5e, 7d is 7d 5d; 03, if the peer asks for it, is 7d 23, and 11 and 13 are 7d 31 and 7d
        // 33
        matrix("7e 7d 5e 7d 5d 7d 23 7d 31 7d 33 7e").yields("frame 7e 7d 03 11 13", "complete");
        assertThat(encode("7e 7d 03 11 13")).isEqualTo("7e 7d 5e 7d 5d 03 11 13 7e");
        // section 4.2: octets with the high bit set are escaped alike
        matrix("7e 7d b1 7d 93 7e").yields("frame 91 b3", "complete");
    }

    @Test
    void randomPayloads_areReadByAWholeBufferDecoder() {
        Random random = new Random(7);
        for (int length = 1; length < 200; length++) {
            byte[] frame = ByteStuffed.bytes(random, length, 0x7E, 0x7D, 0x5E, 0x5D);
            byte[] wire = TestBytes.hex(encode(ByteStuffed.hex(frame)));
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            for (int i = 1; i < wire.length - 1; i++) {
                read.write(wire[i] == 0x7D ? wire[++i] ^ 0x20 : wire[i]);
            }
            assertThat(read.toByteArray()).isEqualTo(frame);
            assertThat(wire[0]).isEqualTo((byte) 0x7E);
            assertThat(wire[wire.length - 1]).isEqualTo((byte) 0x7E);
        }
    }

    @Test
    void flagsInARow_passedOverButForTheOneThatBeginsTheFrame() {
        matrix("7e 7e 7e").yields("complete");
        matrix("7e 7e 61 7e 7e 7e 62").yields("frame 61", "error Truncated #1 @5 2/-1");
        matrix("61 7e 62").yields("frame 61", "error Truncated #1 @2 1/-1");
        matrix("7e 61 7e 7e 7d").yields("frame 61", "error Truncated #1 @3 2/-1");
    }

    @Test
    void flagsAfterABadFrame_endItAndBeginTheNext() {
        matrix("7e 7d 7e 7e 7e 61 7e").skipInvalid().yields("skipped Corrupt #0 @0 +3", "frame 61", "complete");
    }

    @Test
    void noFlagInFront_isAFrameAllTheSame() {
        matrix("61 7e 62 7e").yields("frame 61", "frame 62", "complete");
    }

    @Test
    void abort_isCorruptAfterTheGoodFrames() {
        matrix("7e 61 7e 62 7d 7e 63 7e").yields("frame 61", "error Corrupt #1 @3");
    }

    @Test
    void abortSkipped_itsFlagBeginsTheNextFrame() {
        matrix("7e 61 7e 62 7d 7e 63 7e")
                .skipInvalid()
                .yields("frame 61", "skipped Corrupt #1 @3 +3", "frame 63", "complete");
    }

    @Test
    void escapedEscape_isNoEscape() {
        matrix("7e 7d 7d 7e").yields("frame 5d", "complete");
    }

    @Test
    void overTheLimit_skippedUpToItsFlag() {
        matrix("7e 61 62 7e 61 7d 5e 63 7e 64 7e")
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields("frame 61 62", "skipped TooLong #1 @4 3>2 +5", "frame 64", "complete");
    }

    private static String encode(String hexFrame) {
        ByteBuffer frame = ByteBuffer.wrap(TestBytes.hex(hexFrame));
        return ByteStuffed.hex(TestBytes.bytes(
                FrameCodec.of(Hdlc.create()).encode(Flux.just(frame)).blockLast()));
    }
}
