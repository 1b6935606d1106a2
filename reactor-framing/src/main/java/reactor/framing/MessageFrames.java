package reactor.framing;

import java.nio.ByteBuffer;

/**
 * Makes a frame of each message that is to be encoded. The frame is used before the next one is made.
 *
 * @param <M> a message; a frame itself, for {@link FrameCodec#encode}
 */
interface MessageFrames<M> {

    ByteBuffer frame(FrameWriter writer, M message);
}
