package reactor.framing.benchmarks.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class ReceivedTest {

    private final Messages messages = Messages.ofLength(1 << 16);
    private final Received received = new Received(messages, 1, false);

    private ByteBuffer message(int index) {
        return ByteBuffer.wrap(messages.payload(index).clone());
    }

    @Test
    void allInOrder_isCompleteAndGood() {
        AtomicInteger ends = new AtomicInteger();
        received.onEnd(ends::incrementAndGet);
        for (int i = 0; i < messages.count(); i++) {
            assertThat(received.isComplete()).isFalse();
            assertThat(received.fault()).isNotEmpty();
            received.accept(message(i));
        }
        assertThat(received.isComplete()).isTrue();
        assertThat(received.fault()).isEmpty();
        assertThat(ends).hasValue(1);
    }

    @Test
    void twicePlusViewsAndBuffersOfNetty_isGood() {
        Received twice = new Received(messages, 2, true);
        for (int i = 0; i < messages.count(); i++) {
            twice.accept(Unpooled.wrappedBuffer(messages.payload(i)));
        }
        for (int i = 0; i < messages.count(); i++) {
            ByteBuffer view = ByteBuffer.allocate(messages.wireLength() + 1);
            twice.read(view.put(4, messages.payload(i))
                    .limit(messages.wireLength())
                    .position(4));
        }
        assertThat(twice.fault()).isEmpty();
    }

    @Test
    void oneTooMany_isAFault() {
        for (int i = 0; i < messages.count(); i++) {
            received.accept(message(i));
        }
        received.accept(message(0));
        assertThat(received.fault()).contains("was not sent");
    }

    @Test
    void anotherOrder_isAFault() {
        received.accept(message(1));
        assertThat(received.isComplete()).isTrue();
        assertThat(received.fault()).contains("frame 0");
    }

    @Test
    void shorterByOne_isAFault() {
        received.accept(message(0).limit(messages.payload(0).length - 1));
        assertThat(received.fault()).contains("frame 0");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 65528, 65535})
    void byteAtEitherEndChanged_isAFault(int index) {
        ByteBuffer changed = message(0);
        received.accept(changed.put(index, (byte) ~changed.get(index)));
        assertThat(received.fault()).contains("frame 0");
    }

    @Test
    void byteInTheMiddleChanged_isAFaultWhenEveryByteIsVerified() {
        ByteBuffer changed = message(0);
        changed.put(30000, (byte) ~changed.get(30000));
        Received every = new Received(messages, 1, true);
        every.accept(Unpooled.wrappedBuffer(changed.duplicate()));
        assertThat(every.fault()).contains("frame 0");
        received.accept(changed);
        assertThat(received.isComplete()).isFalse();
    }

    @Test
    void streamFails_isAFault() {
        StepVerifier.create(received.take(Flux.error(new IllegalStateException("broken"))))
                .verifyComplete();
        assertThat(received.fault()).contains("broken");
    }
}
