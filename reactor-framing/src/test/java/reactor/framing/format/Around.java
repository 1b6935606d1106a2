package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameEncoder;
import reactor.framing.TestBytes;

/** Writes the bytes around a frame, and the frame between, as a transport does with a long frame. */
final class Around {

    private Around() {}

    /** Shows the encoder one byte of the frame, and one more whenever it asks; the bytes on the wire. */
    static byte[] written(FrameEncoder encoder, byte[] frame) {
        ByteBuffer target = ByteBuffer.allocate(200);
        for (int shown = 0; ; shown++) {
            ByteBuffer start = ByteBuffer.wrap(frame, 0, shown);
            EnvelopeEncoder envelope = encoder.envelope(start);
            assertThat(envelope).as("the envelope of %s", encoder).isNotNull();
            int covered = envelope.before(frame.length, start, target);
            if (covered != EnvelopeEncoder.MORE) {
                target.put(frame, covered, frame.length - covered);
                envelope.behind(target);
                return TestBytes.bytes(target.flip());
            }
            assertThat(shown).isLessThan(frame.length);
            assertThat(target.position()).isZero();
        }
    }
}
