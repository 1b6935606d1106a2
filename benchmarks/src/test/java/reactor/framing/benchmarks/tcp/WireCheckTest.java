package reactor.framing.benchmarks.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class WireCheckTest {

    private final Messages messages = Messages.ofLength(1 << 10);
    private final WireCheck check = new WireCheck(messages);

    /** The messages two and a half times. */
    private ByteBuffer stream() {
        ByteBuffer wire = messages.wire();
        return ByteBuffer.allocate(5 * wire.limit() / 2)
                .put(messages.wire())
                .put(messages.wire())
                .put(messages.wire().limit(wire.limit() / 2))
                .flip();
    }

    @Test
    void messages_areAllDifferent() {
        assertThat(messages.buffers()).doesNotHaveDuplicates().hasSize(messages.count());
    }

    @Test
    void cutAnywhere_passes() {
        ByteBuffer stream = stream();
        for (int length = 1; stream.hasRemaining(); length += 997) {
            ByteBuffer chunk = stream.slice(stream.position(), Math.min(length, stream.remaining()));
            stream.position(stream.position() + chunk.remaining());
            check.accept(chunk);
            assertThat(chunk.hasRemaining()).isFalse();
        }
        assertThat(check.bytes()).isEqualTo(stream.limit());
    }

    @Test
    void atOnce_passes() {
        check.accept(stream());
        assertThat(check.bytes()).isEqualTo(stream().limit());
    }

    @Test
    void byteChangedInTheSecondPeriod_isFoundWhereItIs() {
        ByteBuffer stream = stream();
        int index = messages.wire().limit() + 4321;
        stream.put(index, (byte) ~stream.get(index));
        assertThatIllegalStateException().isThrownBy(() -> check.accept(stream)).withMessageEndingWith("at " + index);
    }

    @Test
    void byteMissing_isFound() {
        ByteBuffer stream = stream().position(1);
        assertThatIllegalStateException().isThrownBy(() -> check.accept(stream));
    }
}
