package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameSinkTest {

    /** One's own, as in the test of a decoder. */
    @Test
    void methodsThatNeedNotBeImplemented() {
        List<Long> expected = new ArrayList<>();
        FrameSink sink = new FrameSink() {
            @Override
            public void expect(long frameLength) {
                expected.add(frameLength);
            }

            @Override
            public void append(ByteBuffer chunk, int length) {}

            @Override
            public void append(byte value) {}

            @Override
            public void skip(ByteBuffer chunk, int length) {}

            @Override
            public void invalid(FramingException cause) {
                throw cause;
            }
        };
        sink.expect(3, 5);
        assertThat(expected).containsExactly(3L);
        assertThat(sink.appendRest(ByteBuffer.allocate(1), 9)).isFalse();
        assertThat(sink.keepsFrame()).isFalse();
        FrameFinder finder = new FrameFinder() {
            @Override
            public boolean find(ByteBuffer chunk, int start, FramePlace place) {
                return true;
            }

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                return true;
            }
        };
        assertThat(finder.findCut(ByteBuffer.allocate(1), 0, new FramePlace())).isFalse();
        assertThat(finder.complete(sink)).isFalse();
    }
}
