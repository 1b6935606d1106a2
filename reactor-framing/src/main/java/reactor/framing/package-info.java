/**
 * Frames out of a stream of bytes, and back: the {@linkplain reactor.framing.FrameCodec codec} whose methods are the
 * operators, and the two interfaces behind it that a wire format implements, {@link reactor.framing.FrameDecoder} and
 * {@link reactor.framing.FrameEncoder}. The wire formats that come with the library are in
 * {@code reactor.framing.format}.
 *
 * @serial exclude
 */
@NullMarked
package reactor.framing;

import org.jspecify.annotations.NullMarked;
