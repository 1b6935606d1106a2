package reactor.framing.benchmarks.memory;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.apache.pekko.util.ByteString;
import reactor.framing.FramePart;

/**
 * The one who wants the frames, the same for all: counts them and keeps the last one in a field, so that no compiler
 * can do away with a frame that nobody looks at. Frames that are counted by reference are released.
 *
 * <p>Verifying is a mode and not another class, as the calls to this class would be slower had they met two classes.
 */
final class Frames {

    private boolean verifying;
    private final CRC32 crc = new CRC32();
    private long checksum;
    private long frameLength;

    private int count;
    private long bytes;
    Object last;

    static long add(long checksum, long crc, long length) {
        return (checksum * 31 + crc) * 31 + length;
    }

    void accept(ByteBuffer frame) {
        count++;
        bytes += frame.remaining();
        last = frame;
        if (verifying) {
            verify(frame, true);
        }
    }

    /** For a frame that is lent: makes something of it that lasts, and nothing new. */
    Frames read(ByteBuffer frame) {
        accept(frame);
        return this;
    }

    void accept(FramePart part) {
        if (part.last()) {
            count++;
        }
        bytes += part.content().remaining();
        last = part;
        if (verifying) {
            verify(part.content(), part.last());
        }
    }

    void accept(ByteBuf frame) {
        count++;
        bytes += frame.readableBytes();
        last = frame;
        if (verifying) {
            verify(frame.nioBuffer(), true);
        }
        frame.release();
    }

    void accept(ByteString frame) {
        count++;
        bytes += frame.size();
        last = frame;
        if (verifying) {
            verify(frame.asByteBuffer(), true);
        }
    }

    void accept(Buffer frame) {
        count++;
        bytes += frame.length();
        last = frame;
        if (verifying) {
            verify(ByteBuffer.wrap(frame.getBytes()), true);
        }
    }

    private void verify(ByteBuffer content, boolean isLast) {
        frameLength += content.remaining();
        crc.update(content.duplicate());
        if (isLast) {
            checksum = add(checksum, crc.getValue(), frameLength);
            crc.reset();
            frameLength = 0;
        }
    }

    /** Runs the contender twice, as what is left over from the first time shows in the second. */
    void verify(Run contender, Stream stream) throws Exception {
        verifying = true;
        for (int i = 0; i < 2; i++) {
            contender.run();
            finish(stream);
        }
        verifying = false;
    }

    /** Makes ready for the next run, after having looked whether all of the stream's frames came in this one. */
    void finish(Stream stream) {
        boolean differs = verifying && checksum != stream.checksum();
        if (count != stream.frames() || bytes != stream.payload() || differs) {
            throw new IllegalStateException("Of " + stream.frames() + " frames with " + stream.payload()
                    + " bytes came " + count + " with " + bytes + (differs ? ", other ones" : ""));
        }
        count = 0;
        bytes = 0;
        checksum = 0;
    }
}
