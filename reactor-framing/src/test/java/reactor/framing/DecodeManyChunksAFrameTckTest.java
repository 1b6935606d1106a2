package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** Three chunks a frame. */
@Test
public class DecodeManyChunksAFrameTckTest extends DecodeVerification<ByteBuffer> {

    public DecodeManyChunksAFrameTckTest() {
        super(1);
    }

    @Override
    Publisher<ByteBuffer> decode(Flux<ByteBuffer> chunks) {
        return CODEC.decode(chunks);
    }
}
