package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class CobsTest {

    private static StreamVerifier matrix(String stream) {
        return StreamVerifier.of(Cobs.create()).stream(stream);
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix("03 68 69 00").yields("frame 68 69", "complete");
        matrix("03 11 22 02 33 01 00").yields("frame 11 22 00 33 00", "complete");
        matrix("02 61 00 01 00 01 01 00").yields("frame 61", "frame ", "frame 00", "complete");
    }

    @Test
    void contract_holds() {
        FramingVerifier.of(Cobs.create())
                .frames((random, length) -> random.nextBoolean()
                        ? ByteStuffed.bytes(random, length, 0, 1, 2, 0xFF)
                        : withoutZeros(random, length))
                .alphabet(0, 1, 2, 3, 4, 0xFF)
                .verify();
    }

    @Test
    void publishedExamples_areReadAndWritten() {
        both("", "01 00");
        both("00", "01 01 00");
        both("00 00", "01 01 01 00");
        both("00 11 00", "01 02 11 01 00");
        both("11 22 00 33", "03 11 22 02 33 00");
        both("11 22 33 44", "05 11 22 33 44 00");
        both("11 00 00 00", "02 11 01 01 01 00");
        // the start of an IP packet
        both("45 00 00 2c 4c 79 00 00 40 06 4f 37 00", "02 45 01 04 2c 4c 79 01 05 40 06 4f 37 01 00");
    }

    @Test
    void longRuns_areCutAt254Bytes() {
        both(range(0x01, 0xFE), "ff" + range(0x01, 0xFE) + " 00");
        both("00" + range(0x01, 0xFE), "01 ff" + range(0x01, 0xFE) + " 00");
        both(range(0x01, 0xFF), "ff" + range(0x01, 0xFE) + " 02 ff 00");
        both(range(0x02, 0xFF) + " 00", "ff" + range(0x02, 0xFF) + " 01 01 00");
        both(range(0x03, 0xFF) + " 00 01", "fe" + range(0x03, 0xFF) + " 02 01 00");
    }

    @Test
    void fullBlockAndAnEmptyOne_isReadToo() {
        matrix("ff" + range(0x01, 0xFE) + " 01 00").yields("frame" + range(0x01, 0xFE), "complete");
    }

    @Test
    void randomPayloads_areReadByAWholeBufferDecoder() {
        Random random = new Random(7);
        for (int length = 0; length < 1200; length += 1 + length / 50) {
            byte[] frame = new byte[length];
            random.nextBytes(frame);
            for (int i = 0; i < length; i++) {
                frame[i] |= random.nextInt(length + 1) == 0 ? 0 : 1;
            }
            byte[] wire = encode(frame);
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            int at = 0;
            while (wire[at] != 0) {
                int code = wire[at] & 0xFF;
                read.write(wire, at + 1, code - 1);
                at += code;
                if (code < 255 && wire[at] != 0) {
                    read.write(0);
                }
            }
            assertThat(at).isEqualTo(wire.length - 1);
            assertThat(read.toByteArray()).isEqualTo(frame);
        }
    }

    @Test
    void zerosInARow_passedOverAndNotCountedInTheOffset() {
        matrix("00 00 00").yields("complete");
        matrix("00 02 61 00 00 02").yields("frame 61", "error Truncated #1 @5 1/-1");
    }

    @Test
    void shortBlock_isCorruptAfterTheGoodFrames() {
        matrix("02 61 00 03 62 00 02 63 00").yields("frame 61", "error Corrupt #1 @3");
        matrix("02 00").yields("error Corrupt #0 @0");
    }

    @Test
    void shortBlockSkipped_itsZeroIsTheDelimiter() {
        matrix("02 61 00 03 62 00 02 63 00")
                .skipInvalid()
                .yields("frame 61", "skipped Corrupt #1 @3 +3", "frame 63", "complete");
        matrix("02 00 02 00 01 01 00")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +2", "skipped Corrupt #1 @2 +2", "frame 00", "complete");
    }

    @Test
    void overTheLimit_impliedZerosCount() {
        matrix("01 01 01 00 01 01 01 01 00 02 61 00")
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields("frame 00 00", "skipped TooLong #1 @4 3>2 +5", "frame 61", "complete");
    }

    private static byte[] withoutZeros(Random random, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) (1 + random.nextInt(255)));
        return bytes;
    }

    private static void both(String frame, String wire) {
        byte[] bytes = TestBytes.hex(frame);
        assertThat(ByteStuffed.hex(encode(bytes))).isEqualTo(wire);
        matrix(wire).yields(FramingEvents.frame(bytes), "complete");
    }

    private static byte[] encode(byte[] frame) {
        return TestBytes.bytes(FrameCodec.of(Cobs.create())
                .encode(Flux.just(ByteBuffer.wrap(frame)))
                .blockLast());
    }

    private static String range(int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(value -> String.format(" %02x", value))
                .collect(Collectors.joining());
    }

    @Test
    void toString_isTheCall() {
        assertThat(Cobs.create()).hasToString("Cobs.create()");
    }
}
