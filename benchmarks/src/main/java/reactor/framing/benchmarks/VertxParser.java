package reactor.framing.benchmarks;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.parsetools.RecordParser;
import java.util.List;

/**
 * Vert.x' RecordParser. It adds to the buffers that it gets, so it gets new ones each time, as it does from a socket of
 * Vert.x.
 */
final class VertxParser implements Run {

    private final Format format;
    private final List<byte[]> chunks;
    private final Frames frames;

    VertxParser(Stream stream, Frames frames) {
        format = stream.format();
        chunks = stream.arrays();
        this.frames = frames;
    }

    @Override
    public void run() {
        RecordParser parser = newParser();
        for (byte[] chunk : chunks) {
            parser.handle(Buffer.buffer(chunk));
        }
    }

    private RecordParser newParser() {
        return switch (format) {
            case PREFIX -> prefix();
        };
    }

    private RecordParser prefix() {
        RecordParser parser = RecordParser.newFixed(4);
        boolean[] inFrame = {false};
        return parser.handler(record -> {
            if (inFrame[0]) {
                frames.accept(record);
                parser.fixedSizeMode(4);
            } else {
                parser.fixedSizeMode(record.getInt(0));
            }
            inFrame[0] = !inFrame[0];
        });
    }
}
