package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** Hundreds of parts a chunk. */
@Test
public class DecodePartsManyFramesAChunkTckTest extends DecodeVerification<FramePart> {

    public DecodePartsManyFramesAChunkTckTest() {
        super(999);
    }

    @Override
    Publisher<FramePart> decode(Flux<ByteBuffer> chunks) {
        return CODEC.decodeParts(chunks);
    }
}
