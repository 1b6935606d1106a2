package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameSink;
import reactor.framing.FramingException;

/** Passes everything on to another sink, for formats that look at what a format in them hands over. */
abstract class ForwardingSink implements FrameSink {

    private @Nullable FrameSink sink;

    final void forwardTo(FrameSink sink) {
        this.sink = sink;
    }

    private FrameSink sink() {
        return Objects.requireNonNull(sink);
    }

    @Override
    public final void expect(long frameLength) {
        expect(frameLength, -1);
    }

    @Override
    public void expect(long frameLength, long wireLength) {
        sink().expect(frameLength, wireLength);
    }

    @Override
    public void append(ByteBuffer chunk, int length) {
        sink().append(chunk, length);
    }

    @Override
    public void append(byte value) {
        sink().append(value);
    }

    @Override
    public void skip(ByteBuffer chunk, int length) {
        sink().skip(chunk, length);
    }

    @Override
    public void begin(int length) {
        sink().begin(length);
    }

    @Override
    public void invalid(FramingException cause) {
        sink().invalid(cause);
    }

    @Override
    public boolean keepsFrame() {
        return sink().keepsFrame();
    }
}
