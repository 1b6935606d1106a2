package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class FrameBytesTest {

    @Test
    void copy_ofAnyLength_isThoseBytesAndNoOthers() {
        byte[] bytes = new byte[60];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        for (int n = 0; n <= 40; n++) {
            byte[] target = new byte[60];
            FrameBytes.copy(ByteBuffer.wrap(bytes), 7, target, 3, n);
            for (int i = 0; i < target.length; i++) {
                boolean copied = i >= 3 && i < 3 + n;
                assertThat(target[i]).as("%s bytes, index %s", n, i).isEqualTo(copied ? bytes[7 + i - 3] : 0);
            }
        }
    }
}
