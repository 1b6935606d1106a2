package reactor.framing.benchmarks.memory;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** The one who sends what has been encoded; see {@link Frames}. */
final class Wire {

    private boolean verifying;
    private final CRC32 crc = new CRC32();

    private long bytes;
    Object last;

    void accept(ByteBuffer buffer) {
        bytes += buffer.remaining();
        last = buffer;
        if (verifying) {
            crc.update(buffer.duplicate());
        }
    }

    void accept(ByteBuf buffer) {
        bytes += buffer.readableBytes();
        last = buffer;
        if (verifying) {
            crc.update(buffer.nioBuffer());
        }
        buffer.release();
    }

    void verify(Run contender, EncodeWorkload.Source source) throws Exception {
        verifying = true;
        for (int i = 0; i < 2; i++) {
            contender.run();
            finish(source);
        }
        verifying = false;
    }

    void finish(EncodeWorkload.Source source) {
        boolean differs = verifying && crc.getValue() != source.crc();
        if (bytes != source.wireLength() || differs) {
            throw new IllegalStateException(
                    "Of " + source.wireLength() + " bytes came " + bytes + (differs ? ", other ones" : ""));
        }
        bytes = 0;
        crc.reset();
    }
}
