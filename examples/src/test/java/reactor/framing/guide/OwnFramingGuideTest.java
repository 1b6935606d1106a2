package reactor.framing.guide;

import static reactor.framing.guide.Local.utf8;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.examples.OwnFraming;
import reactor.framing.format.Check;
import reactor.framing.format.Checked;
import reactor.framing.format.HeaderLength;
import reactor.framing.format.LengthField;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

/** The samples of docs/own-framing.md. */
class OwnFramingGuideTest {

    // tag::rule[]
    /** A type, flags, and a length that is in the lower 12 bits and counts words of 4 bytes. */
    static final Framing WORDS = HeaderLength.ofSize(4, header -> {
        if (header.get(0) != 1) {
            throw new CorruptFrameException("type " + header.get(0) + " is not known");
        }
        return 4 + 4 * (header.getShort(2) & 0x0FFF);
    });
    // end::rule[]

    // tag::needs[]
    /** A length of one byte up to 253; 254 says that two bytes follow which tell it. */
    static final Framing SHORT_OR_LONG = HeaderLength.ofSize(1, header -> {
        int first = header.get(0) & 0xFF;
        if (first < 254) {
            return 1 + first;
        }
        return header.limit() < 3 ? HeaderLength.needs(3) : 3 + HeaderLength.number(header, 1, 3);
    });
    // end::needs[]

    // tag::until[]
    /** An M, digits, a colon, so many bytes, a line feed: M2:hi */
    static final Framing DIGITS = HeaderLength.until(
                    ":", header -> header.limit() + HeaderLength.decimal(header, 1, header.limit() - 1) + 1)
            .marker((byte) 'M')
            .endMark((byte) '\n');
    // end::until[]

    // tag::untilVerify[]
    @Test
    void digits_keepEveryPromise() {
        FramingVerifier.of(DIGITS)
                .frames((random, length) -> ("M" + length + ":" + "x".repeat(length) + "\n").getBytes())
                .verify();
    }
    // end::untilVerify[]

    // tag::checked[]
    static final Framing WITH_CRC = Checked.of(LengthField.ofSize(2).adjustment(4), Check.crc32());
    // end::checked[]

    @Test
    void rules_tellTheLength() {
        StreamVerifier.of(WORDS).stream("01 00 f0 01 0a 0b 0c 0d 01 00 00 00")
                .yields("frame 01 00 f0 01 0a 0b 0c 0d", "frame 01 00 00 00", "complete");
        StreamVerifier.of(WORDS).stream("02 00 00 00").yields("error Corrupt #0 @0");
        StreamVerifier.of(SHORT_OR_LONG).stream("02 68 69 fe 00 02 68 69")
                .yields("frame 02 68 69", "frame fe 00 02 68 69", "complete");
        FramingVerifier.of(WITH_CRC).verify();
    }

    @Test
    void ownFraming_isTheSameAsTheOneThatNeedsNoCode() {
        FramingVerifier.of(new OwnFraming()).verify();
        StreamVerifier.of(new OwnFraming()).stream("00 02 68 69 d8 93 2a ac").yields("frame 68 69", "complete");
    }

    // tag::finder[]
    /** A 2-byte length and the payload, as fast as the library's own. */
    static final class Packets implements Framing {

        @Override
        public FrameDecoder newDecoder() {
            return new Decoder();
        }

        @Override
        public FrameEncoder newEncoder() {
            return new Encoder();
        }

        private static final class Decoder implements FrameFinder {

            private int headerRead;
            private int length;
            private int payloadRead;

            /** A frame that lies in this chunk as a whole. */
            @Override
            public boolean find(ByteBuffer chunk, int start, FramePlace place) {
                if (headerRead > 0 || chunk.limit() - start < 2) {
                    return false;
                }
                int found = chunk.getShort(start) & 0xFFFF;
                if (chunk.limit() - start < 2 + found) {
                    return false;
                }
                place.set(start + 2, found, start + 2 + found);
                return true;
            }

            /** Any frame, whatever way it is cut. */
            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                while (headerRead < 2 && chunk.hasRemaining()) {
                    length = length << 8 | chunk.get() & 0xFF;
                    if (++headerRead == 2) {
                        frame.expect(length, 2 + length);
                    }
                }
                if (headerRead < 2) {
                    return false;
                }
                int n = Math.min(length - payloadRead, chunk.remaining());
                frame.append(chunk, n);
                payloadRead += n;
                if (payloadRead < length) {
                    return false;
                }
                headerRead = 0;
                length = 0;
                payloadRead = 0;
                return true;
            }
        }

        private static final class Encoder implements FrameEncoder {

            @Override
            public int encodedLength(ByteBuffer frame) {
                int length = frame.remaining();
                if (length > 0xFFFF) {
                    throw new FrameTooLongException(length + " bytes are too many", length, 0xFFFF);
                }
                return 2 + length;
            }

            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                target.putShort((short) frame.remaining()).put(frame.duplicate());
            }
        }
    }
    // end::finder[]

    // tag::verify[]
    @Test
    void packets_keepEveryPromise() {
        FramingVerifier.of(new Packets()).lengths(0, 0xFFFF).verify();
    }
    // end::verify[]

    @Test
    void packets_areReadAndWritten() {
        StreamVerifier.of(new Packets()).stream("00 02 68 69").yields("frame 68 69", "complete");
        ByteBuffer target = ByteBuffer.allocate(4);
        new Packets().newEncoder().encode(utf8("hi"), target);
        org.assertj.core.api.Assertions.assertThat(target.array()).containsExactly(0, 2, 'h', 'i');
    }
}
