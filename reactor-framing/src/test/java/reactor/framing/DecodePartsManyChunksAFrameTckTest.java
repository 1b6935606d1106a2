package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** Three chunks a frame, the first of which brings no part. */
@Test
public class DecodePartsManyChunksAFrameTckTest extends DecodeVerification<FramePart> {

    public DecodePartsManyChunksAFrameTckTest() {
        super(1);
    }

    @Override
    Publisher<FramePart> decode(Flux<ByteBuffer> chunks) {
        return CODEC.decodeParts(chunks);
    }

    @Override
    int elementsPerFrame() {
        return 2;
    }
}
