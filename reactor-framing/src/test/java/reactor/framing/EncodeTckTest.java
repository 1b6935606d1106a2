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

    private final FrameCodec codec;
    private final int framesPerChunk;

    public EncodeTckTest() {
        this(FrameCodec.of(LengthField.ofSize(1)), 1);
    }

    EncodeTckTest(FrameCodec codec, int framesPerChunk) {
        super(new TestEnvironment(500, 100));
        this.codec = codec;
        this.framesPerChunk = framesPerChunk;
    }

    @Override
    public Publisher<ByteBuffer> createPublisher(long elements) {
        return codec.encode(Flux.generate(() -> 0L, (sent, sink) -> {
            if (sent == framesPerChunk * elements) {
                sink.complete();
            } else {
                sink.next(ByteBuffer.wrap(new byte[] {'h', 'i'}));
            }
            return sent + 1;
        }));
    }

    @Override
    public Publisher<ByteBuffer> createFailedPublisher() {
        return codec.encode(Flux.error(new IllegalStateException("failed on purpose")));
    }
}
