package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameEncoder;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class SlipTest {

    private static StreamVerifier matrix(String stream) {
        return StreamVerifier.of(Slip.rfc1055()).stream(stream);
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix("68 69 c0").yields("frame 68 69", "complete");
        matrix("01 db dc 02 db dd 03 c0").yields("frame 01 c0 02 db 03", "complete");
        matrix("c0 61 62 c0 c0 63 db dc c0").yields("frame 61 62", "frame 63 c0", "complete");
        StreamVerifier.of(Slip.rfc1055().keepMarks()).stream("c0 68 69 c0").yields("frame 68 69 c0", "complete");
    }

    @Test
    void contract_holdsWithTheMarkThatIsKept() {
        FramingVerifier.of(Slip.rfc1055().keepMarks())
                .lengths(2, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    byte[] bytes = ByteStuffed.bytes(random, length, 0xC0, 0xDB, 0xDC, 0xDD);
                    bytes[length - 1] = (byte) 0xC0;
                    return bytes;
                })
                .alphabet(0xC0, 0xDB, 0xDC, 0xDD, 0x61)
                .refuses("", "c0", "61")
                .verify();
        assertThat(Slip.rfc1055().keepMarks()).hasToString("Slip.rfc1055().keepMarks()");
    }

    @Test
    void contract_holds() {
        FramingVerifier.of(Slip.rfc1055())
                .lengths(1, Integer.MAX_VALUE)
                .frames((random, length) -> ByteStuffed.bytes(random, length, 0xC0, 0xDB, 0xDC, 0xDD))
                .alphabet(0xC0, 0xDB, 0xDC, 0xDD, 0x61)
                .refuses("")
                .verify();
    }

    @Test
    void payload_isWrittenAsInRfc1055() {
        assertThat(encode("68 69")).isEqualTo("68 69 c0");
        assertThat(encode("c0")).isEqualTo("db dc c0");
        assertThat(encode("db")).isEqualTo("db dd c0");
        assertThat(encode("db dc c0 dd")).isEqualTo("db dd dc db dc dd c0");
    }

    @Test
    void randomPayloads_areReadByTextReplacement() {
        Random random = new Random(7);
        for (int length = 1; length < 200; length++) {
            String frame = ByteStuffed.hex(ByteStuffed.bytes(random, length, 0xC0, 0xDB, 0xDC, 0xDD));
            String wire = encode(frame);
            assertThat(wire).endsWith("c0").doesNotContainPattern("c0.");
            String read = wire.substring(0, wire.length() - 2)
                    .strip()
                    .replace("db dc", "c0")
                    .replace("db dd", "DB")
                    .toLowerCase();
            assertThat(read).isEqualTo(frame);
        }
    }

    @Test
    void endsInARow_passedOverAndNotCountedInTheOffset() {
        matrix("c0 c0 c0").yields("complete");
        matrix("c0 c0 61 c0 c0 62").yields("frame 61", "error Truncated #1 @5 1/-1");
    }

    @Test
    void endOfStreamAfterEscape_isTruncation() {
        matrix("61 c0 db").yields("frame 61", "error Truncated #1 @2 1/-1");
    }

    @Test
    void badEscape_isCorruptAfterTheGoodFrames() {
        matrix("61 c0 62 db 00 63 c0").yields("frame 61", "error Corrupt #1 @2");
        matrix("61 c0 db db dc c0").yields("frame 61", "error Corrupt #1 @2");
        matrix("db c0 61 c0").yields("error Corrupt #0 @0");
    }

    @Test
    void badEscapeSkipped_nextFrameBeginsBehindTheNextEnd() {
        matrix("61 c0 62 db 00 63 c0 64 c0")
                .skipInvalid()
                .yields("frame 61", "skipped Corrupt #1 @2 +5", "frame 64", "complete");
    }

    @Test
    void endAfterEscapeSkipped_isTheEndOfTheBadFrame() {
        matrix("61 db c0 db dc c0").skipInvalid().yields("skipped Corrupt #0 @0 +3", "frame c0", "complete");
    }

    @Test
    void badFramesInARow_areReportedOneByOne() {
        matrix("db 00 c0 db 01 c0 c0 61 c0")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +3", "skipped Corrupt #1 @3 +3", "frame 61", "complete");
    }

    @Test
    void streamEndsWhileSkipping_isReportedAndNotTruncated() {
        matrix("61 db 00 62").skipInvalid().yields("skipped Corrupt #0 @0 +4", "complete");
    }

    @Test
    void frameBehindABadOneTruncated_isTruncation() {
        matrix("db 00 c0 db").skipInvalid().yields("skipped Corrupt #0 @0 +3", "error Truncated #1 @3 1/-1");
    }

    @Test
    void overTheLimit_skippedUpToItsEnd() {
        matrix("61 62 c0 61 db dc 63 c0 64 c0")
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields("frame 61 62", "skipped TooLong #1 @3 3>2 +5", "frame 64", "complete");
    }

    @Test
    void overTheLimitAndCorrupt_isOneReport() {
        matrix("61 62 63 db 00 c0 64 c0")
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields("skipped TooLong #0 @0 3>2 +6", "frame 64", "complete");
    }

    private static String encode(String hexFrame) {
        ByteBuffer frame = ByteBuffer.wrap(TestBytes.hex(hexFrame));
        return ByteStuffed.hex(TestBytes.bytes(
                FrameCodec.of(Slip.rfc1055()).encode(Flux.just(frame)).blockLast()));
    }

    @Test
    void markThatIsKept_isCheckedByTheEncoder() {
        FrameEncoder slip = Slip.rfc1055().keepMarks().newEncoder();
        assertThat(slip.encodedLength(ByteBuffer.wrap(TestBytes.hex("61 c0")))).isEqualTo(2);
        assertThatThrownBy(() -> slip.encodedLength(ByteBuffer.wrap(TestBytes.hex("61 62"))))
                .isInstanceOf(CorruptFrameException.class);
        FrameEncoder hdlc = Hdlc.create().keepMarks().newEncoder();
        assertThat(hdlc.encodedLength(ByteBuffer.wrap(TestBytes.hex("7e 61 7e"))))
                .isEqualTo(3);
        assertThatThrownBy(() -> hdlc.encodedLength(ByteBuffer.wrap(TestBytes.hex("61 62 7e"))))
                .isInstanceOf(CorruptFrameException.class);
        assertThatThrownBy(() -> hdlc.encodedLength(ByteBuffer.wrap(TestBytes.hex("7e 61 62"))))
                .isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void encodedLength_isThatOfTheFrameWhereverItLies() {
        ByteBuffer frame = ByteBuffer.wrap(TestBytes.hex("00 00 00 61 c0 db")).position(3);
        assertThat(Slip.rfc1055().newEncoder().encodedLength(frame)).isEqualTo(6);
    }
}
