package reactor.framing;

import java.nio.ByteBuffer;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** The same from a source that has its chunks at hand. */
@Test
public class DecodeManyChunksAFrameAtHandTckTest extends DecodeManyChunksAFrameTckTest {

    @Override
    Flux<ByteBuffer> bytes(long length) {
        return bytesAtHand(length);
    }
}
