package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;

/** Writes the bytes around a frame by the encoder that was chosen for it. Checks how it begins on the wire. */
final class ChosenEnvelope implements EnvelopeEncoder {

    private final Framing framing;
    private final FrameEncoder encoder;
    private final EnvelopeEncoder envelope;
    private final WrittenBy written;
    private final int checked;
    private final Consumer<? super ByteBuffer> check;

    /**
     * @param framing the framing that was chosen
     * @param encoder its encoder
     * @param envelope what the encoder writes this frame by
     * @param written is told of the frame
     * @param checked how many bytes on the wire are looked at, 1 at least
     * @param check is given these, or all there are, between 0 and the position
     */
    ChosenEnvelope(
            Framing framing,
            FrameEncoder encoder,
            EnvelopeEncoder envelope,
            WrittenBy written,
            int checked,
            Consumer<? super ByteBuffer> check) {
        this.framing = framing;
        this.encoder = encoder;
        this.envelope = envelope;
        this.written = written;
        this.checked = checked;
        this.check = check;
    }

    @Override
    public int encodedLength(ByteBuffer frame) {
        return envelope.encodedLength(frame);
    }

    @Override
    public int overhead() {
        return envelope.overhead();
    }

    @Override
    public boolean takesPieces() {
        return envelope.takesPieces();
    }

    @Override
    public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
        if (start.remaining() < Math.min(frameLength, checked)) {
            return MORE;
        }
        int at = target.position();
        int covered = envelope.before(frameLength, start, target);
        if (covered == MORE) {
            return MORE;
        }
        written.add(framing, encoder);
        ByteBuffer wire = ByteBuffer.allocate(checked);
        put(target, at, target.position(), wire);
        put(start, start.position() + covered, start.limit(), wire);
        if (start.remaining() == frameLength && wire.hasRemaining()) {
            ByteBuffer behind = ByteBuffer.allocate(envelope.overhead());
            envelope.behind(behind);
            put(behind, 0, behind.position(), wire);
        }
        try {
            written.checkStart(wire, 0);
            check.accept(wire);
        } catch (RuntimeException e) {
            target.position(at);
            written.takeBack();
            throw e;
        }
        return covered;
    }

    /** Puts as many of the bytes as there is room for. */
    private static void put(ByteBuffer source, int from, int to, ByteBuffer target) {
        int n = Math.min(to - from, target.remaining());
        target.put(target.position(), source, from, n).position(target.position() + n);
    }

    @Override
    public void behind(ByteBuffer target) {
        envelope.behind(target);
    }
}
