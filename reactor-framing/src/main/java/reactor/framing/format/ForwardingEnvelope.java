package reactor.framing.format;

import java.nio.ByteBuffer;
import reactor.framing.EnvelopeEncoder;

/** The same for an encoder that leaves the frame's bytes as they are. */
class ForwardingEnvelope extends ForwardingEncoder implements EnvelopeEncoder {

    private final EnvelopeEncoder envelope;

    ForwardingEnvelope(EnvelopeEncoder envelope) {
        super(envelope);
        this.envelope = envelope;
    }

    @Override
    public void encode(ByteBuffer frame, ByteBuffer target) {
        super.encode(frame, target);
    }

    @Override
    public final int overhead() {
        return envelope.overhead();
    }

    @Override
    public final boolean takesPieces() {
        return envelope.takesPieces();
    }

    @Override
    public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
        return envelope.before(frameLength, start, target);
    }

    @Override
    public final void behind(ByteBuffer target) {
        envelope.behind(target);
    }
}
