package reactor.framing.format;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameEncoder;

/** Writes by another encoder, for formats that look at what it is given or has written. */
class ForwardingEncoder implements FillingEncoder {

    private final FrameEncoder encoder;

    ForwardingEncoder(FrameEncoder encoder) {
        this.encoder = encoder;
    }

    @Override
    public int encodedLength(ByteBuffer frame) {
        return encoder.encodedLength(frame);
    }

    @Override
    public void encode(ByteBuffer frame, ByteBuffer target) {
        encoder.encode(frame, target);
    }

    @Override
    public final void fillIn(ByteBuffer frame) {
        FillingEncoder.fillIn(encoder, frame);
    }

    @Override
    public final ByteBuffer delivered(ByteBuffer frame) {
        return FillingEncoder.delivered(encoder, frame);
    }

    @Override
    public final void takeBack() {
        FillingEncoder.takeBack(encoder);
    }

    @Override
    public final @Nullable FrameEncoder innermost() {
        return FillingEncoder.innermost(encoder);
    }
}
