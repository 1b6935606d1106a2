package reactor.framing.guide;

import java.nio.ByteBuffer;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

// tag::framing[]
/** A 2-byte length and the payload. There is a mistake in it. */
final class Tagged implements Framing {

    @Override
    public FrameDecoder newDecoder() {
        return new FrameDecoder() {
            private int headerRead;
            private int length;
            private int payloadRead;

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                if (headerRead == 0 && chunk.remaining() >= 2) {
                    length = chunk.getShort() & 0xFFFF;
                    headerRead = 2;
                }
                while (headerRead < 2 && chunk.hasRemaining()) {
                    length = length << 8 | chunk.get();
                    headerRead++;
                }
                if (headerRead < 2) {
                    return false;
                }
                frame.expect(length, 2 + length);
                int n = Math.min(length - payloadRead, chunk.remaining());
                frame.append(chunk, n);
                payloadRead += n;
                if (payloadRead < length) {
                    return false;
                }
                headerRead = length = payloadRead = 0;
                return true;
            }
        };
    }

    @Override
    public FrameEncoder newEncoder() {
        return new FrameEncoder() {
            @Override
            public int encodedLength(ByteBuffer frame) {
                int length = frame.remaining();
                if (length > 0xFFFF) {
                    throw new FrameTooLongException(length + " bytes are too long", length, 0xFFFF);
                }
                return 2 + length;
            }

            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                target.putShort((short) frame.remaining()).put(frame.duplicate());
            }
        };
    }

    @Override
    public String toString() {
        return "Tagged";
    }
}
// end::framing[]
