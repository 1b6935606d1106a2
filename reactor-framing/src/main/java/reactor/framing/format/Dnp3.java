package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * The link layer of DNP3, whose frames have a CRC behind the header and behind every 16 bytes of data. They are
 * delivered without.
 */
final class Dnp3 implements Framing {

    private static final int HEADER = 8;
    private static final int BLOCK = 16;
    private static final int CRC = 2;

    /** What the length counts besides the data: the header behind it. */
    private static final int COUNTED = 5;

    static final int MIN = HEADER;
    static final int MAX = HEADER + 0xFF - COUNTED;

    private static final int MAX_WIRE = wireLength(MAX);

    private static final Check CHECK = Check.crc(16, 0x3D65, 0, true, 0xFFFF);

    private static final HeaderLength FRAMES =
            HeaderLength.ofSize(HEADER + CRC, Dnp3::wireLength).marker((byte) 0x05, (byte) 0x64);

    private static int wireLength(int frameLength) {
        int data = frameLength - HEADER;
        return HEADER + CRC + data + (data + BLOCK - 1) / BLOCK * CRC;
    }

    private static long wireLength(ByteBuffer header) {
        checkCrc(CHECK.newChecksum(), header, 0, HEADER);
        int counted = header.get(2) & 0xFF;
        Presets.checkLength("DNP3 frame", HEADER + counted - COUNTED, MIN, MAX);
        return wireLength(HEADER + counted - COUNTED);
    }

    private static int crc(Checksum checksum, ByteBuffer bytes, int start, int length) {
        checksum.reset();
        checksum.update(bytes.slice(start, length));
        return Short.reverseBytes((short) checksum.getValue()) & 0xFFFF;
    }

    private static void checkCrc(Checksum checksum, ByteBuffer bytes, int start, int length) {
        int expected = crc(checksum, bytes, start, length);
        int found = bytes.getShort(start + length) & 0xFFFF;
        if (expected != found) {
            throw new CorruptFrameException(
                    "CRC of a DNP3 block is %04x but the frame says %04x".formatted(expected, found));
        }
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder();
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder();
    }

    @Override
    public String toString() {
        return "Dnp3";
    }

    private static final class Decoder implements FrameDecoder {

        private final FrameDecoder decoder = FRAMES.newDecoder();
        private final Sink sink = new Sink();

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            sink.forwardTo(frame);
            while (decoder.decode(chunk, sink)) {
                FramingException fault = sink.end();
                if (fault == null) {
                    return true;
                }
                frame.invalid(fault);
                // The fault ends here: what follows is a frame of its own, good or bad.
                frame.append(chunk, 0);
                if (!chunk.hasRemaining()) {
                    break;
                }
            }
            return false;
        }
    }

    /** Keeps a frame until its last byte is there, and then hands on what is not a CRC. */
    private static final class Sink extends ForwardingSink {

        private final ByteBuffer wire = ByteBuffer.allocate(MAX_WIRE);
        private final Checksum checksum = CHECK.newChecksum();

        @Override
        public void expect(long frameLength, long wireLength) {
            long rest = wireLength - HEADER - CRC;
            super.expect(HEADER + rest - (rest + BLOCK + CRC - 1) / (BLOCK + CRC) * CRC, wireLength);
        }

        @Override
        public void append(ByteBuffer source, int n) {
            int start = source.position();
            wire.put(source.slice(start, n));
            source.position(start + n);
        }

        @Override
        public void invalid(FramingException cause) {
            wire.clear();
            super.invalid(cause);
        }

        @Nullable
        FramingException end() {
            int length = wire.position();
            wire.clear();
            int at = HEADER + CRC;
            int to = HEADER;
            while (at < length) {
                int data = Math.min(BLOCK, length - at - CRC);
                try {
                    checkCrc(checksum, wire, at, data);
                } catch (CorruptFrameException e) {
                    return e;
                }
                wire.put(to, wire.slice(at, data), 0, data);
                to += data;
                at += data + CRC;
            }
            super.append(wire, to);
            wire.clear();
            return null;
        }
    }

    private static final class Encoder implements FrameEncoder {

        private final Checksum checksum = CHECK.newChecksum();

        @Override
        public int encodedLength(ByteBuffer frame) {
            Presets.checkLength("DNP3 frame", frame.remaining(), MIN, MAX);
            LengthLayout.checkBytes("marker", new byte[] {0x05, 0x64}, 0, frame, frame.position());
            return wireLength(frame.remaining());
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            int length = frame.remaining();
            putBlock(frame, 0, HEADER, target);
            target.put(start + 2, (byte) (length - HEADER + COUNTED));
            putCrc(target, start, HEADER);
            for (int at = HEADER; at < length; at += BLOCK) {
                int block = target.position();
                int data = Math.min(BLOCK, length - at);
                putBlock(frame, at, data, target);
                putCrc(target, block, data);
            }
        }

        private static void putBlock(ByteBuffer frame, int at, int length, ByteBuffer target) {
            Buffers.copy(frame, frame.position() + at, target, target.position(), length);
            target.position(target.position() + length);
        }

        private void putCrc(ByteBuffer target, int block, int length) {
            target.putShort((short) crc(checksum, target, block, length));
        }
    }
}
