package reactor.framing.benchmarks;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import reactor.framing.FramePart;

/**
 * The one who wants the frames, the same for all: counts them and keeps the last one, so that no compiler can do away
 * with a frame that nobody looks at. Frames that are counted by reference are released.
 *
 * <p>Verifying is a mode and not another class, as the calls to this class would be slower had they met two classes.
 */
final class Frames {

    private boolean verifying;
    private final CRC32 crc = new CRC32();
    private long checksum;

    private int count;
    private long bytes;
    private long frameBytes;
    private Object last;

    /** Runs the contender twice, as what is left over from the first time shows in the second. */
    void verify(Runnable contender, Stream stream) {
        verifying = true;
        for (int i = 0; i < 2; i++) {
            contender.run();
            finish(stream);
        }
        verifying = false;
    }

    static long add(long checksum, long crc, long length) {
        return (checksum * 31 + crc) * 31 + length;
    }

    void accept(ByteBuffer frame) {
        bytes += frame.remaining();
        last = frame;
        count++;
        if (verifying) {
            verify(frame, true);
        }
    }

    void accept(FramePart part) {
        bytes += part.content().remaining();
        last = part;
        if (part.last()) {
            count++;
        }
        if (verifying) {
            verify(part.content(), part.last());
        }
    }

    void accept(ByteBuf frame) {
        bytes += frame.readableBytes();
        last = frame;
        count++;
        if (verifying) {
            verify(frame.nioBuffer(), true);
        }
        frame.release();
    }

    private void verify(ByteBuffer content, boolean isLast) {
        frameBytes += content.remaining();
        crc.update(content.duplicate());
        if (isLast) {
            checksum = add(checksum, crc.getValue(), frameBytes);
            crc.reset();
            frameBytes = 0;
        }
    }

    /** Makes ready for the next run, after having looked whether all of the stream's frames came in this one. */
    Object finish(Stream stream) {
        if (count != stream.frames() || bytes != stream.payload() || verifying && checksum != stream.checksum()) {
            throw new IllegalStateException(
                    "Of " + stream.frames() + " frames with " + stream.payload() + " bytes came " + count + " with "
                            + bytes + (verifying && checksum != stream.checksum() ? ", with other bytes in them" : ""));
        }
        count = 0;
        bytes = 0;
        checksum = 0;
        return last;
    }
}
