package reactor.framing.guide;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;

// tag::service[]
/** A service: it answers each frame, a text, with the same text in capitals. */
final class Shop {

    static final FrameCodec CODEC =
            FrameCodec.of(LengthField.ofSize(2)).maxFrameLength(1000).frameTimeout(Duration.ofSeconds(10));

    static Flux<ByteBuffer> serve(Flux<ByteBuffer> chunks) {
        return CODEC.read(chunks, frame -> StandardCharsets.UTF_8.decode(frame).toString())
                .map(String::toUpperCase)
                .map(StandardCharsets.UTF_8::encode)
                .transform(CODEC::encode);
    }
}
// end::service[]
