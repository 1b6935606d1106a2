package reactor.framing;

import java.nio.ByteBuffer;
import reactor.core.publisher.Flux;

/**
 * Makes a frame of each message that is to be encoded. The frame is used before the next one is made.
 *
 * @param <M> a message; a frame itself, for {@link FrameCodec#encode}
 */
interface MessageFrames<M> {

    ByteBuffer frame(FrameWriter writer, M message);

    /** Encodes messages: each into a buffer of its own or, by {@link FrameCodec#coalesce}, packed. */
    static <M> Flux<ByteBuffer> encode(Flux<? extends M> messages, CodecSettings settings, MessageFrames<M> frames) {
        if (settings.maxChunkLength() > 0) {
            return FluxCoalesce.create(messages, settings, frames);
        }
        return Flux.defer(() -> {
            FrameWriter writer = new FrameWriter(settings);
            return messages.map(message -> writer.write(frames, message));
        });
    }
}
