package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** Hundreds of frames a chunk, and some that two chunks share. */
@Test
public class DecodeManyFramesAChunkTckTest extends DecodeVerification<ByteBuffer> {

    public DecodeManyFramesAChunkTckTest() {
        super(1000);
    }

    @Override
    Publisher<ByteBuffer> decode(Flux<ByteBuffer> chunks) {
        return CODEC.decode(chunks);
    }
}
