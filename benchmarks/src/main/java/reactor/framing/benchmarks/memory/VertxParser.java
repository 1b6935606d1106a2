package reactor.framing.benchmarks.memory;

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
            case LINES -> RecordParser.newDelimited("\n", frames::accept);
            case VARINT -> varint();
            case FIXED -> RecordParser.newFixed(100, frames::accept);
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

    private RecordParser varint() {
        RecordParser parser = RecordParser.newFixed(1);
        int[] length = {0};
        int[] shift = {0};
        return parser.handler(record -> {
            if (shift[0] < 0) {
                frames.accept(record);
                length[0] = 0;
                shift[0] = 0;
                parser.fixedSizeMode(1);
                return;
            }
            byte b = record.getByte(0);
            length[0] |= (b & 0x7F) << shift[0];
            if (b < 0) {
                shift[0] += 7;
            } else {
                shift[0] = -1;
                parser.fixedSizeMode(length[0]);
            }
        });
    }
}
