package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;
import reactor.framing.format.LengthField;

/** The rules for publishers, over encode. */
@Test
public class EncodeTckTest extends PublisherVerification<ByteBuffer> {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    public EncodeTckTest() {
        super(new TestEnvironment(500, 100));
    }

    @Override
    public Publisher<ByteBuffer> createPublisher(long elements) {
        return CODEC.encode(Flux.generate(() -> 0L, (sent, sink) -> {
            if (sent == elements) {
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
