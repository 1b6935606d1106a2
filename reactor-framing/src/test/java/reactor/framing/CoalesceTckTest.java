package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;
import reactor.framing.format.LengthField;

/** The rules for publishers, over encode with coalesce: every chunk is full, since the frames are at hand. */
@Test
public class CoalesceTckTest extends PublisherVerification<ByteBuffer> {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1)).coalesce(6);

    public CoalesceTckTest() {
        super(new TestEnvironment(500, 100));
    }

    @Override
    public Publisher<ByteBuffer> createPublisher(long elements) {
        // two frames make a chunk
        return CODEC.encode(Flux.generate(() -> 0L, (sent, sink) -> {
            if (sent == 2 * elements) {
                sink.complete();
            } else {
                sink.next(ByteBuffer.wrap(new byte[] {'h', 'i'}));
            }
            return sent + 1;
        }));
    }

    @Override
    public Publisher<ByteBuffer> createFailedPublisher() {
        return CODEC.encode(Flux.error(new IllegalStateException("failed on purpose")));
    }
}
