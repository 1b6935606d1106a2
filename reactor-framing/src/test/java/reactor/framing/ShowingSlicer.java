package reactor.framing;

import static reactor.framing.TestBytes.bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Shows a frame and how it was made. */
class ShowingSlicer implements FrameStream.Slicer<String> {

    static String text(ByteBuffer bytes) {
        return new String(bytes(bytes), StandardCharsets.ISO_8859_1);
    }

    @Override
    public String slice(ByteBuffer chunk, int start, int length) {
        return "slice " + text(chunk.slice(start, length));
    }

    @Override
    public String copy(ByteBuffer frame) {
        return "copy " + text(frame);
    }
}
