package reactor.framing.examples;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;
import reactor.test.StepVerifier;

class OwnFramingTest {

    /** "hi", an empty frame, "hi" with a damaged byte, "yo". */
    private static final StreamVerifier DAMAGED = StreamVerifier.of(new OwnFraming()).stream(
            "00 02 68 69 d8 93 2a ac 00 00 00 00 00 00 00 02 68 6a d8 93 2a ac 00 02 79 6f 62 29 ac 89");

    @Test
    void promises_areKept() {
        FramingVerifier.of(new OwnFraming()).lengths(0, 0xffff).verify();
    }

    @Test
    void encoded_bytesAsDrawn() {
        StepVerifier.create(FrameCodec.of(new OwnFraming()).encode(Flux.just(ByteBuffer.wrap(new byte[] {'h', 'i'}))))
                .expectNext(ByteBuffer.wrap(new byte[] {0, 2, 'h', 'i', (byte) 0xd8, (byte) 0x93, 0x2a, (byte) 0xac}))
                .verifyComplete();
    }

    @Test
    void damagedByte_goodFramesThenTheFault() {
        DAMAGED.yields("frame 68 69", "frame ", "error Corrupt #2 @14");
    }

    @Test
    void damagedFrame_isSkipped() {
        DAMAGED.skipInvalid().yields("frame 68 69", "frame ", "skipped Corrupt #2 @14 +8", "frame 79 6f", "complete");
    }
}
