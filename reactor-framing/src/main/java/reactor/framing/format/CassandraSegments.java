package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Checksum;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/**
 * The outer frames of Cassandra's native protocol 5, not compressed. Each has a part of a stream of envelopes: one
 * whole envelope or more, or a piece of one that is too long for one such frame.
 *
 * <pre>
 * +------------------------+-------+---------+-------+
 * | length, self-contained | CRC24 | payload | CRC32 |     all little-endian
 * |    17 bits + 1 bit     |   3   |         |   4   |
 * +------------------------+-------+---------+-------+
 * </pre>
 */
final class CassandraSegments implements Framing {

    static final int LONGEST = (1 << 17) - 1;

    private static final int SELF_CONTAINED = 1 << 17;
    private static final int HEADER = 6;
    private static final int TRAILER = 4;
    private static final int ENVELOPE_HEADER = 9;

    private static final Check CRC24 = Check.crc(24, 0x974F0B, 0x875060, false, 0);

    private final Framing reading = Checked.of(
                    HeaderLength.ofSize(HEADER, CassandraSegments::length).strip(HEADER),
                    Check.of("CRC-32 behind fa 2d 55 ca", 4, Crc32::new))
            .littleEndian();

    private static long length(ByteBuffer header) {
        int word = littleEndian(header, 0);
        int expected = crc24(word);
        int found = littleEndian(header, 3);
        if (found != expected) {
            throw new CorruptFrameException("the CRC-24 of a Cassandra frame's header is %06x but the frame says %06x"
                    .formatted(expected, found));
        }
        return HEADER + (word & LONGEST) + TRAILER;
    }

    private static int littleEndian(ByteBuffer bytes, int from) {
        return bytes.get(from) & 0xFF | (bytes.get(from + 1) & 0xFF) << 8 | (bytes.get(from + 2) & 0xFF) << 16;
    }

    private static void putLittleEndian(ByteBuffer target, int number) {
        target.put((byte) number).put((byte) (number >> 8)).put((byte) (number >> 16));
    }

    private static int crc24(int word) {
        Checksum crc = CRC24.newChecksum();
        crc.update(new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16)});
        return (int) crc.getValue();
    }

    @Override
    public FrameDecoder newDecoder() {
        return reading.newDecoder();
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder();
    }

    @Override
    public String toString() {
        return "CassandraSegments";
    }

    /** A CRC-32 that four bytes have gone into before the first. */
    private static final class Crc32 implements Checksum {

        private static final byte[] FIRST = {(byte) 0xFA, 0x2D, 0x55, (byte) 0xCA};

        private final CRC32 crc = new CRC32();

        Crc32() {
            crc.update(FIRST);
        }

        @Override
        public void update(int value) {
            crc.update(value);
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            crc.update(bytes, from, length);
        }

        @Override
        public void update(ByteBuffer bytes) {
            crc.update(bytes);
        }

        @Override
        public long getValue() {
            return crc.getValue();
        }

        @Override
        public void reset() {
            crc.reset();
            crc.update(FIRST);
        }
    }

    /** Takes payloads. Follows the envelopes in them to tell whether each is self-contained. */
    private static final class Encoder implements FrameEncoder {

        private final Crc32 crc = new Crc32();

        /** How many bytes of an envelope are to come that the payloads so far have a piece of. */
        private long open;

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            if (length > LONGEST) {
                throw new FrameTooLongException(
                        "payload of " + length + " bytes is longer than the " + LONGEST + " of a Cassandra frame",
                        length,
                        LONGEST);
            }
            openBehind(frame);
            return HEADER + length + TRAILER;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int length = frame.remaining();
            long before = open;
            open = openBehind(frame);
            int word = length | (before == 0 && open == 0 ? SELF_CONTAINED : 0);
            putLittleEndian(target, word);
            putLittleEndian(target, crc24(word));
            int at = target.position();
            Buffers.copy(frame, frame.position(), target, at, length);
            target.position(at + length);
            crc.reset();
            crc.update(frame.duplicate());
            int value = (int) crc.getValue();
            target.putInt(Integer.reverseBytes(value));
        }

        /** How many bytes of an envelope are to come behind this payload. */
        private long openBehind(ByteBuffer frame) {
            int length = frame.remaining();
            if (open > 0) {
                if (length > open) {
                    throw new CorruptFrameException("payload of " + length
                            + " bytes, but the envelope that it is a piece of " + "has " + open + " to come");
                }
                return open - length;
            }
            long at = 0;
            long start = 0;
            while (at < length) {
                if (length - at < ENVELOPE_HEADER) {
                    throw new CorruptFrameException("payload ends inside the header of an envelope");
                }
                start = at;
                at += ENVELOPE_HEADER + (frame.getInt(frame.position() + (int) at + 5) & 0xFFFFFFFFL);
            }
            if (at > length && start > 0) {
                throw new CorruptFrameException("payload has whole envelopes and a piece of another");
            }
            return at - length;
        }
    }
}
