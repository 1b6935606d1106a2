package reactor.framing;

/**
 * The rule that says where a frame ends: a wire format, without the policy it is run with (that is {@link FrameCodec}).
 *
 * <p>A framing is immutable and shared by all streams; whatever has to be remembered between two chunks is in the
 * decoder or encoder, of which every subscription gets its own. The formats in {@code reactor.framing.format} are used
 * as they are; implement this interface for a protocol of your own. What a framing that reads by another one may rely
 * on is told at {@link FrameDecoder}.
 */
public interface Framing {

    /**
     * Returns the state for reading one stream.
     *
     * @return a decoder that nobody else uses
     */
    FrameDecoder newDecoder();

    /**
     * Returns the state for writing one stream.
     *
     * @return an encoder that nobody else uses
     * @throws UnsupportedOperationException with the reason, if this format cannot be written
     */
    FrameEncoder newEncoder();
}
