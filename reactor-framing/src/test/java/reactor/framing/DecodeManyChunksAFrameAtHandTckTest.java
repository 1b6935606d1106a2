package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** Chunks that the operator takes from a source that has them at hand, three a frame. */
@Test
public class DecodeManyChunksAFrameAtHandTckTest extends DecodeVerification<ByteBuffer> {

    public DecodeManyChunksAFrameAtHandTckTest() {
        super(1);
    }

    @Override
    Publisher<ByteBuffer> decode(Flux<ByteBuffer> chunks) {
        return CODEC.decode(chunks);
    }

    @Override
    Flux<ByteBuffer> bytes(long length) {
        return bytesAtHand(length);
    }
}
