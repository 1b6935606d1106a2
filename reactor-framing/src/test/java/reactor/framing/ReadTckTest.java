package reactor.framing;

import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** Frames that are lent, hundreds a chunk, and some that two chunks share. */
@Test
public class ReadTckTest extends DecodeVerification<Integer> {

    public ReadTckTest() {
        super(1000);
    }

    @Override
    Publisher<Integer> decode(Flux<ByteBuffer> chunks) {
        return CODEC.read(chunks, ByteBuffer::remaining);
    }
}
