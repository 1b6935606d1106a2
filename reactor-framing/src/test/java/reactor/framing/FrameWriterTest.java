package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.test.FramingEvents;

/** Writing into buffers of one's own, as a transport does. */
class FrameWriterTest {

    private static final BiConsumer<String, ByteBuffer> HEX = (message, target) -> target.put(hex(message));

    private final List<String> told = new ArrayList<>();
    private final FrameMetrics metrics = new FrameMetrics() {
        @Override
        public void sent(long frames, long bytes, long largest) {
            told.add(frames + " frames, " + bytes + " bytes, largest " + largest);
        }

        @Override
        public void fault(FramingException fault) {
            told.add(FramingEvents.describe(fault));
        }
    };
    private final FrameCodec codec =
            FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(300).metrics(metrics);
    private final FrameWriter writer = codec.newWriter();
    private final ByteBuffer target = ByteBuffer.allocate(400);

    private static ByteBuffer frame(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    private String written() {
        return HexFormat.ofDelimiter(" ").formatHex(bytes(target.duplicate().flip()));
    }

    @Test
    void frames_areCheckedWrittenAndCounted() {
        for (String hex : List.of("61 62", "63")) {
            ByteBuffer frame = frame(hex);
            assertThat(writer.encodedLength(frame)).isEqualTo(frame.remaining() + 1);
            writer.encode(frame, target);
        }
        assertThat(written()).isEqualTo("02 61 62 01 63");
        writer.reportWritten();
        assertThat(told).containsExactly("2 frames, 5 bytes, largest 3");
        assertThatThrownBy(() -> writer.encodedLength(ByteBuffer.allocate(256)))
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #2 @5 256>255"));
        assertThatThrownBy(() -> writer.encodedLength(ByteBuffer.allocate(301)))
                .hasMessageContaining("frame of 301 bytes exceeds the limit of 300 bytes");
        assertThat(writer.encodedLength(ByteBuffer.allocate(255))).isEqualTo(256);
    }

    /** A framing of one stream, which is only written. */
    private static Framing writing(FrameEncoder encoder) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                throw new UnsupportedOperationException();
            }

            @Override
            public FrameEncoder newEncoder() {
                return encoder;
            }
        };
    }

    @Test
    void frameThatIsFoundBadWhenItIsWritten_targetIsLeft_placeIsTold() {
        FrameWriter failing = FrameCodec.of(writing(new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        return frame.remaining();
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        target.put(frame.duplicate());
                        if (frame.get(frame.position()) == 'x') {
                            throw new CorruptFrameException("bad");
                        }
                    }
                }))
                .newWriter();
        failing.encode(frame("61 62"), target);
        assertThatThrownBy(() -> failing.encode(frame("78"), target))
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("Corrupt #1 @2"));
        assertThat(written()).isEqualTo("61 62");
        assertThatThrownBy(() -> failing.before(1, frame("61"), target))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(failing.isEnvelope()).isFalse();
        assertThat(failing.isEnvelopeOf(frame("61"))).isFalse();
        assertThat(failing.takesPieces()).isFalse();
        assertThat(failing.overhead()).isZero();
    }

    @Test
    void messages_areFramesUntilTheNextOne_andLocatedIfTheyAreTooLong() {
        assertThat(bytes(writer.frame("61 62", HEX))).isEqualTo(hex("61 62"));
        assertThatThrownBy(() -> writer.frame("61".repeat(301), HEX))
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #0 @0 301>300"))
                .hasMessage("the message takes more than the limit of 300 bytes at offset 0")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .hasOnlyElementsOfType(BufferOverflowException.class)
                        .hasSize(1));
    }

    @Test
    void memoryForLongMessages_isGivenBackBehindSixteenShortOnes() {
        FrameWriter large = codec.maxFrameLength(1 << 20).newWriter();
        BiConsumer<Integer, ByteBuffer> bytes = (length, target) -> target.put(new byte[length]);
        assertThat(large.frame(70_000, bytes).capacity()).isEqualTo(128 * 1024);
        for (int i = 0; i < 16; i++) {
            assertThat(large.frame(16_383, bytes).capacity())
                    .as("message %s", i)
                    .isEqualTo(128 * 1024);
        }
        assertThat(large.frame(16_384, bytes).capacity()).isEqualTo(64 * 1024);
        assertThat(large.frame(70_000, bytes).capacity()).isEqualTo(128 * 1024);
        for (int i = 0; i < 33; i++) {
            int length = i % 16 == 15 ? 16_384 : 1;
            assertThat(large.frame(length, bytes).capacity())
                    .as("message %s", i)
                    .isEqualTo(128 * 1024);
        }
    }

    @Test
    void pieces_headerThenTheFrame_countedOnce() {
        assertThat(writer.takesPieces()).isTrue();
        assertThat(writer.overhead()).isPositive();
        assertThat(writer.before(300 - 45, frame("61"), target)).isZero();
        target.put(new byte[255]);
        writer.behind(target);
        assertThat(target.position()).isEqualTo(256);
        writer.reportWritten();
        assertThat(told).containsExactly("1 frames, 256 bytes, largest 256");
        assertThatThrownBy(() -> writer.before(301, frame("61"), target))
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #1 @256 301>300"));
        assertThatThrownBy(() -> writer.before(300, frame("61"), target))
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #1 @256 300>255"));
    }

    @Test
    void piecesWithAnEndMark_theMarkIsCounted() {
        FrameWriter marked = FrameCodec.of(
                        LengthField.ofSize(1).endMark(frame("ce").array()))
                .metrics(metrics)
                .newWriter();
        marked.before(2, frame("61"), target);
        target.put(hex("61 62"));
        marked.behind(target);
        marked.reportWritten();
        assertThat(written()).isEqualTo("02 61 62 ce");
        assertThat(told).containsExactly("1 frames, 4 bytes, largest 4");
    }

    @Test
    void startThatIsTooShortToTell_isAskedForMore_nothingIsWritten() {
        FrameWriter keeping = FrameCodec.of(LengthField.ofSize(4).keepHeader()).newWriter();
        assertThat(keeping.before(10, frame("00 00"), target)).isEqualTo(EnvelopeEncoder.MORE);
        assertThat(target.position()).isZero();
        assertThat(keeping.overhead()).isGreaterThanOrEqualTo(0);
    }

    @Test
    void messageInPlace_isWhereTheFrameGoes() {
        assertThat(writer.writeInPlace("61 62", HEX, target)).isTrue();
        assertThat(writer.writeInPlace("", HEX, target)).isTrue();
        assertThat(writer.writeInPlace("63", HEX, target)).isTrue();
        assertThat(written()).isEqualTo("02 61 62 00 01 63");
        writer.reportWritten();
        assertThat(told).containsExactly("3 frames, 6 bytes, largest 3");
    }

    @Test
    void messageInPlace_withoutRoom_nothingIsWritten() {
        ByteBuffer small = ByteBuffer.allocate(4);
        assertThat(writer.writeInPlace("61 62 63", HEX, small)).isFalse();
        assertThat(small.position()).isZero();
        assertThat(writer.writeInPlace("61 62", HEX, small)).isTrue();
        assertThat(writer.writeInPlace("", HEX, small)).isFalse();
        assertThat(FrameCodec.of(Slip.rfc1055()).newWriter().writeInPlace("61", HEX, target))
                .isFalse();
    }

    /** Writes a byte before each frame, and cannot write one behind it. */
    private static final class NoEnd implements EnvelopeEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            return 2 + frame.remaining();
        }

        @Override
        public int overhead() {
            return 2;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            target.put((byte) 1);
            return 0;
        }

        @Override
        public void behind(ByteBuffer target) {
            throw new IllegalStateException("no end");
        }
    }

    /** Leaves frames that begin with an even number to another encoder. */
    private static final class Choosing implements FrameEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            return 2 + frame.remaining();
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            target.put((byte) 2).put(frame.duplicate());
        }

        @Override
        public @Nullable EnvelopeEncoder envelope(ByteBuffer start) {
            if (start.get(0) == 0) {
                throw new CorruptFrameException("no frame begins with 0");
            }
            return start.get(0) % 2 == 0 ? new NoEnd() : null;
        }
    }

    @Test
    void encoderThatChooses_isAskedAboutEachFrame() {
        FrameWriter choosing = FrameCodec.of(writing(new Choosing())).newWriter();
        assertThat(choosing.isEnvelope()).isFalse();
        assertThat(choosing.writeInPlace("02", HEX, target)).isFalse();
        for (int i = 0; i < 2; i++) {
            assertThat(choosing.isEnvelopeOf(frame("02 61"))).isTrue();
            assertThat(choosing.takesPieces()).isTrue();
            assertThat(choosing.overhead()).isEqualTo(2);
            assertThat(choosing.before(2, frame("02"), target)).isZero();
            assertThat(choosing.isEnvelopeOf(frame("03 61"))).isFalse();
            assertThat(choosing.takesPieces()).isFalse();
            assertThat(choosing.overhead()).isZero();
        }
        choosing.encode(frame("03"), target);
        assertThatThrownBy(() -> choosing.isEnvelopeOf(frame("00")))
                .satisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("Corrupt #1 @2"));
        assertThat(written()).isEqualTo("01 01 02 03");
    }

    @Test
    void messageInPlace_encoderThrowsInTheMiddle_targetIsLeft() {
        FrameWriter failing = FrameCodec.of(writing(new NoEnd())).newWriter();

        assertThatThrownBy(() -> failing.writeInPlace("61", HEX, target)).hasMessage("no end");
        assertThat(target.position()).isZero();
    }

    @Test
    void frameInPieces_withAHeaderOfItsOwn_countsItsBytesOnce() {
        FrameWriter keeping = FrameCodec.of(LengthField.ofSize(1).keepHeader())
                .maxFrameLength(5)
                .newWriter();
        assertThat(keeping.before(4, ByteBuffer.wrap(hex("00 61")), target)).isEqualTo(1);
        keeping.behind(target);

        assertThatThrownBy(() -> keeping.encodedLength(ByteBuffer.allocate(6)))
                .isInstanceOfSatisfying(
                        FrameTooLongException.class, e -> assertThat(e.offset()).isEqualTo(4));
    }

    @Test
    void messageInPlace_withAHeaderOfItsOwn() {
        FrameWriter keeping = FrameCodec.of(LengthField.ofSize(2).keepHeader()).newWriter();
        assertThat(keeping.writeInPlace("00 02 61 62", HEX, target)).isTrue();
        assertThat(keeping.writeInPlace("00 00", HEX, target)).isTrue();
        assertThat(written()).isEqualTo("00 02 61 62 00 00");
    }
}
