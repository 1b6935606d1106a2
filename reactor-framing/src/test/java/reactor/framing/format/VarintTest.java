package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.TestBytes.hex;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameTooLongException;
import reactor.framing.FrameWriter;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;
import reactor.test.StepVerifier;

class VarintTest {

    private static final Varint MQTT = Varint.leb128().before(1).maxBytes(4).keepHeader();

    private static StreamVerifier matrix(Framing framing) {
        return StreamVerifier.of(framing).with(codec -> codec.maxFrameLength(300));
    }

    @Test
    void workedExample_threeMessages() {
        matrix(Varint.leb128()).stream("03 61 62 63 00 02 68 69")
                .yields("frame 61 62 63", "frame ", "frame 68 69", "complete");
    }

    @Test
    void workedExample_300Bytes() {
        byte[] wire = new byte[302];
        Arrays.fill(wire, (byte) 'x');
        wire[0] = (byte) 0xac;
        wire[1] = 2;
        matrix(Varint.leb128()).stream(wire).yields("frame" + " 78".repeat(300), "complete");
    }

    @Test
    void workedExample_mqtt() {
        matrix(MQTT).stream("40 02 00 07 c0 00").yields("frame 40 02 00 07", "frame c0 00", "complete");
    }

    @Test
    void before_leftOutWithoutKeepHeader() {
        matrix(Varint.leb128().before(2)).stream("40 41 02 00 07 c0 c1 00 c0 c1 01 05")
                .yields("frame 00 07", "frame ", "frame 05", "complete");
    }

    @Test
    void threeByteLength_largest() {
        StreamVerifier.of(Varint.leb128()).with(codec -> codec.maxFrameLength(300)).stream("01 61 80 80 01")
                .yields("frame 61", "error TooLong #1 @2 16384>300");
        StreamVerifier.of(MQTT).with(codec -> codec.maxFrameLength(300)).stream("30 ff ff ff 7f 00")
                .yields("error TooLong #0 @0 268435460>300");
    }

    @Test
    void lengthNearTheLargestLong_tooLong() {
        // no frame on the wire is longer than the largest long, so that its payload is that less the header
        matrix(Varint.leb128()).stream("ff ff ff ff ff ff ff ff 7f")
                .yields("error TooLong #0 @0 " + (Long.MAX_VALUE - 9) + ">300");
        matrix(Varint.leb128().keepHeader()).stream("ff ff ff ff ff ff ff ff 7f")
                .yields("error TooLong #0 @0 9223372036854775807>300");
    }

    @Test
    void longestFrame_isAwaitedAfterItsHeader() {
        StreamVerifier.of(Varint.leb128().before(8)).with(codec -> codec.maxFrameLength(Integer.MAX_VALUE - 8)).stream(
                        "00 00 00 00 00 00 00 00 01 60 00 00 00 00 00 00 00 00 f7 ff ff ff 07 61")
                .yields("frame 60", "error Truncated #1 @10 14/2147483652");
    }

    @Test
    void lengthOfMoreThan31Bits_isNotTakenForItsLastBits() {
        matrix(Varint.leb128()).stream("01 60 82 80 80 80 10 61 62")
                .yields("frame 60", "error TooLong #1 @2 4294967298>300");
        matrix(Varint.leb128()).stream("01 60 80 80 80 80 08 61 62")
                .yields("frame 60", "error TooLong #1 @2 2147483648>300");
        matrix(Varint.leb128().keepHeader()).stream("01 60 ff ff ff ff 07 61 62")
                .yields("frame 01 60", "error TooLong #1 @2 2147483652>300");
        matrix(Varint.leb128().keepHeader()).stream("01 60 fd ff ff ff 0f 61 62")
                .yields("frame 01 60", "error TooLong #1 @2 4294967298>300");
    }

    /** A length that makes a negative number of what {@code find} returns, in a chunk of the length that this says. */
    @Test
    void frameOfMoreThanTheLargestInt_isNotFoundInAChunkOfItsOwn() {
        ByteBuffer chunk = ByteBuffer.allocate(65_535 + 4 + 131_071).put(0, hex("ff ff ff ff 07"));
        StepVerifier.create(FrameCodec.of(Varint.leb128().keepHeader())
                        .decode(Flux.just(ByteBuffer.wrap(hex("01 60")), chunk)))
                .expectNextCount(1)
                .expectErrorSatisfies(
                        e -> assertThat(FramingEvents.describe(e)).isEqualTo("TooLong #1 @2 2147483652>8388608"))
                .verify();
    }

    @Test
    void moreThan63Bits_corrupt() {
        matrix(Varint.leb128()).stream("01 61 80 80 80 80 80 80 80 80 80 01").yields("frame 61", "error Corrupt #1 @2");
        matrix(Varint.leb128()).stream("ff ff ff ff ff ff ff ff ff ff 01").yields("error Corrupt #0 @0");
        matrix(Varint.leb128()).stream("ff ff ff ff ff ff ff ff ff").yields("error Truncated #0 @0 9/-1");
    }

    @Test
    void longerThanNeeded_corruptAlsoUnderSkipInvalid() {
        matrix(Varint.leb128()).stream("01 61 80 00 01 61").yields("frame 61", "error Corrupt #1 @2");
        matrix(Varint.leb128()).skipInvalid().stream("01 61 82 80 00 61 61").yields("frame 61", "error Corrupt #1 @2");
        matrix(Varint.leb128()).stream("80 80 80 80 80 80 80 80 80 00").yields("error Corrupt #0 @0");
    }

    @Test
    void moreBytesThanAllowed_corrupt() {
        matrix(Varint.leb128().maxBytes(1)).stream("01 61 81 01 61").yields("frame 61", "error Corrupt #1 @2");
        matrix(Varint.leb128().maxBytes(2)).stream("81 81 01").yields("error Corrupt #0 @0");
        matrix(MQTT).stream("10 ff ff ff ff 01").yields("error Corrupt #0 @0");
    }

    @Test
    void badLength_withAsManyBytesBehindItAsItMayMean_corrupt() {
        ByteBuffer twoBytes = ByteBuffer.allocate(2 + 129).put(0, hex("81 01"));
        ByteBuffer moreThanNeeded = ByteBuffer.allocate(3 + 16_384).put(0, hex("80 00 01"));
        assertCorrupt(Varint.leb128().maxBytes(1), twoBytes);
        assertCorrupt(Varint.leb128(), moreThanNeeded);
    }

    private static void assertCorrupt(Varint format, ByteBuffer chunk) {
        StepVerifier.create(FrameCodec.of(format).decode(Flux.just(chunk)))
                .expectErrorSatisfies(e -> assertThat(FramingEvents.describe(e)).isEqualTo("Corrupt #0 @0"))
                .verify();
    }

    @Test
    void oversize_passedOver() {
        StreamVerifier.of(Varint.leb128()).with(codec -> codec.maxFrameLength(3)).skipInvalid().stream(
                        "01 61 04 61 62 63 64 00 03 61 62")
                .yields("frame 61", "skipped TooLong #1 @2 4>3 +5", "frame ", "error Truncated #3 @8 3/4");
    }

    @Tag("slow")
    @Test
    void contract() {
        FramingVerifier.of(Varint.leb128())
                .lengths(0, Integer.MAX_VALUE)
                .alphabet(0, 1, 2, 0x80, 0x81, 0xFF)
                .verify();
        FramingVerifier.of(Varint.leb128().maxBytes(1))
                .lengths(0, 127)
                .alphabet(0, 1, 2, 0x80)
                .verify();
        FramingVerifier.of(Varint.leb128().maxBytes(2))
                .lengths(0, 16383)
                .alphabet(0, 1, 2, 0x80)
                .verify();
    }

    @Test
    void zeroCopy_frameOfAnyLengthInOneChunkIsASlice() {
        for (int length : new int[] {1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152}) {
            for (Varint format : List.of(Varint.leb128(), Varint.leb128().keepHeader())) {
                ByteBuffer wire = FrameCodec.of(Varint.leb128())
                        .encode(Flux.just(ByteBuffer.allocate(length)))
                        .blockLast();
                ByteBuffer frame =
                        FrameCodec.of(format).zeroCopy().decode(Flux.just(wire)).blockLast();
                assertThat(frame.array()).as("%s, %d bytes", format, length).isSameAs(wire.array());
                assertThat(frame.arrayOffset() + frame.remaining()).isEqualTo(wire.remaining());
            }
        }
    }

    @Tag("slow")
    @Test
    void contract_keepHeader() {
        FramingVerifier.of(MQTT)
                .lengths(2, Integer.MAX_VALUE)
                .frames(VarintTest::mqttPacket)
                .alphabet(0, 1, 2, 0x80)
                .refuses("", "30", "3080", "308000", "300161 61", "3002 61", "30ffffffff01")
                .verify();
    }

    /**
     * A packet of the length, or of one byte less where there is none, as one byte more takes a longer length field.
     */
    private static byte[] mqttPacket(Random random, int length) {
        int digits = 1;
        while (length - 1 - digits >= 1 << 7 * digits) {
            digits++;
        }
        int payload = length - 1 - digits;
        if (digits > 1 && payload < 1 << 7 * (digits - 1)) {
            digits--;
        }
        ByteBuffer packet = ByteBuffer.allocate(1 + digits + payload);
        byte[] content = new byte[payload];
        random.nextBytes(content);
        packet.put((byte) random.nextInt());
        for (int i = 0; i < digits; i++) {
            packet.put((byte) (payload >> 7 * i & 0x7F | (i < digits - 1 ? 0x80 : 0)));
        }
        return packet.put(content).array();
    }

    @Test
    void encoder_minimalLengths() {
        assertThat(wireStart(127)).isEqualTo("7f");
        assertThat(wireStart(128)).isEqualTo("80 01");
        assertThat(wireStart(16383)).isEqualTo("ff 7f");
        assertThat(wireStart(16384)).isEqualTo("80 80 01");
        assertThat(wireStart(2097151)).isEqualTo("ff ff 7f");
        assertThat(wireStart(2097152)).isEqualTo("80 80 80 01");
    }

    private static String wireStart(int length) {
        FrameEncoder encoder = Varint.leb128().newEncoder();
        ByteBuffer frame = ByteBuffer.allocate(length);
        ByteBuffer wire = ByteBuffer.allocate(encoder.encodedLength(frame));
        encoder.encode(frame, wire);
        assertThat(wire.hasRemaining()).isFalse();
        return HexFormat.ofDelimiter(" ").formatHex(wire.array(), 0, wire.capacity() - length);
    }

    @Test
    void encoder_moreThanTheLengthCanSay_tooLong() {
        FrameEncoder encoder = Varint.leb128().maxBytes(2).newEncoder();
        assertThat(encoder.encodedLength(ByteBuffer.allocate(16383))).isEqualTo(16385);
        assertThatExceptionOfType(FrameTooLongException.class)
                .isThrownBy(() -> encoder.encodedLength(ByteBuffer.allocate(16384)))
                .satisfies(e -> assertThat(e.limit()).isEqualTo(16383));
    }

    @Test
    void encoder_keepHeader_refusesAWrongLength() {
        assertThatThrownBy(() -> MQTT.newEncoder().encodedLength(ByteBuffer.wrap(TestBytes.hex("30 03 61 62"))))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("length 3")
                .hasMessageContaining("2 bytes");
    }

    @Test
    void encoder_keepHeader_refusesAFrameThatEndsInItsHeader() {
        assertThatThrownBy(() -> MQTT.newEncoder().encodedLength(ByteBuffer.wrap(TestBytes.hex("30 80"))))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("ends before its length does");
    }

    @Test
    void encoder_bytesBeforeThatNobodyKnows_unsupported() {
        assertThatThrownBy(() -> Varint.leb128().before(1).newEncoder())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("keepHeader()");
    }

    @Test
    void arguments_areChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Varint.leb128().before(-1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Varint.leb128().before(16001))
                .withMessageContaining("16001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Varint.leb128().maxBytes(0))
                .withMessageContaining("0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Varint.leb128().maxBytes(11))
                .withMessageContaining("11");
    }

    @Test
    void toString_tellsTheOptions() {
        assertThat(Varint.leb128()).hasToString("Varint.leb128()");
        assertThat(MQTT).hasToString("Varint.leb128().before(1).maxBytes(4).keepHeader()");
    }

    @Test
    void badLength_theMessageTellsWhatIsWrong() {
        assertFault(Varint.leb128().maxBytes(2), "81 81 01", "length has more than 2 bytes");
        assertFault(Varint.leb128(), "81 00 61", "length 1 takes 2 bytes, more than it needs");
        assertFault(
                Varint.leb128(),
                "ff ff ff ff ff ff ff ff ff 01",
                "length is over the largest that can be, " + Long.MAX_VALUE);
    }

    private static void assertFault(Varint format, String hex, String message) {
        assertThatThrownBy(() -> FrameCodec.of(format)
                        .decode(Flux.just(ByteBuffer.wrap(TestBytes.hex(hex))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith(message + " at offset 0");
    }

    @Test
    void lengthInPieces_isTheSameAsOfTheWholeFrame() {
        for (int maxBytes : new int[] {1, 2, 8, 9, 10}) {
            FrameWriter writer = FrameCodec.of(Varint.leb128().maxBytes(maxBytes))
                    .maxFrameLength(Long.MAX_VALUE)
                    .newWriter();
            long most = maxBytes > 8 ? Long.MAX_VALUE : (1L << 7 * maxBytes) - 1;
            for (long length : new long[] {0, 127, 128, 16_383, 16_384, most}) {
                if (length <= most) {
                    ByteBuffer target = ByteBuffer.allocate(20);
                    writer.before(length, ByteBuffer.allocate(0), target);
                    long read = 0;
                    for (int i = 0; i < target.position(); i++) {
                        assertThat(target.get(i) < 0).as("goes on").isEqualTo(i < target.position() - 1);
                        read |= (target.get(i) & 0x7FL) << 7 * i;
                    }
                    assertThat(read).isEqualTo(length);
                }
            }
            if (most < Long.MAX_VALUE) {
                assertThatThrownBy(() -> writer.before(most + 1, ByteBuffer.allocate(0), ByteBuffer.allocate(20)))
                        .isInstanceOf(FrameTooLongException.class);
            }
        }
    }
}
