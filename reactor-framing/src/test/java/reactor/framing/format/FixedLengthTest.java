package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameCodec;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameTooLongException;
import reactor.framing.FrameWriter;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.TruncatedFrameException;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class FixedLengthTest {

    private static final FixedLength MARKED = FixedLength.of(5).marker((byte) 0xAA, (byte) 0xAA, (byte) 0xBB);

    private static StreamVerifier matrix(Framing framing) {
        return StreamVerifier.of(framing).with(codec -> codec.maxFrameLength(300));
    }

    @Test
    void workedExample_records() {
        matrix(FixedLength.of(4)).stream("61 62 63 64 65 66 67 68 69 6a 6b 6c")
                .yields("frame 61 62 63 64", "frame 65 66 67 68", "frame 69 6a 6b 6c", "complete");
    }

    @Test
    void workedExample_padding() {
        FixedLength format = FixedLength.of(4).padding((byte) ' ');
        assertThat(encode(format, "68 69")).isEqualTo(TestBytes.hex("68 69 20 20"));
        assertThat(encode(format, "")).isEqualTo(TestBytes.hex("20 20 20 20"));
        matrix(format).stream("68 69 20 20").yields("frame 68 69 20 20", "complete");
    }

    @Test
    void workedExample_mpegTransportStream() {
        byte[] wire = new byte[3 * 188];
        new Random(1).nextBytes(wire);
        List<String> events = new ArrayList<>();
        for (int at = 0; at < wire.length; at += 188) {
            wire[at] = 0x47;
            events.add(FramingEvents.frame(Arrays.copyOfRange(wire, at, at + 188)));
        }
        events.add("complete");
        matrix(FixedLength.of(188).marker((byte) 0x47)).stream(wire).yields(events);
    }

    @Test
    void workedExample_valueAndLineEnd() {
        FixedLength format = FixedLength.of(2).endMark((byte) '\r', (byte) '\n');
        matrix(format).stream("68 69 0d 0a").yields("frame 68 69", "complete");
        assertThat(encode(format, "68 69")).isEqualTo(TestBytes.hex("68 69 0d 0a"));
    }

    @Tag("slow")
    @Test
    void noBytesBeforeAnEndMark_emptyFrames() {
        FramingVerifier.of(FixedLength.of(0).endMark((byte) '\r', (byte) '\n'))
                .lengths(0, 0)
                .alphabet('\r', '\n')
                .refuses("61")
                .verify();
    }

    @Test
    void wrongEndMark_corruptAndWithAMarkerPassedOver() {
        FixedLength format = FixedLength.of(2).endMark((byte) 0xCE);
        matrix(format).stream("61 62 CE 63 64 CF 65 66 CE").yields("frame 61 62", "error Corrupt #1 @3");
        matrix(format).skipInvalid().stream("61 62 CE 63 64 CF 65 66 CE").yields("frame 61 62", "error Corrupt #1 @3");
        matrix(format.marker((byte) 'a')).skipInvalid().stream("61 62 CE 61 64 CF 00 61 66 CE 61 62 CE")
                .yields("frame 61 62", "skipped Corrupt #1 @3 +4", "frame 61 66", "frame 61 62", "complete");
        matrix(format).stream("61 62 CE 63 64").yields("frame 61 62", "error Truncated #1 @3 2/3");
    }

    @Test
    void wrongEndMark_nextMarkerHasToBeWhole() {
        FixedLength format = FixedLength.of(3).marker((byte) 0xAA, (byte) 0xBB).endMark((byte) 0xCE);
        matrix(format).skipInvalid().stream("AA BB 61 CF AA 00 63 CE AA BB 64 CE")
                .yields("skipped Corrupt #0 @0 +8", "frame aa bb 64", "complete");
    }

    @Test
    void endInsideAFrame_truncated() {
        matrix(FixedLength.of(3)).stream("61 62 63 64").yields("frame 61 62 63", "error Truncated #1 @3 1/3");
        matrix(MARKED).stream("AA AA").yields("error Truncated #0 @0 2/5");
        matrix(MARKED).stream("AA AA BB 01").yields("error Truncated #0 @0 4/5");
    }

    @Test
    void limitBelowTheLength_noFramePasses() {
        StreamVerifier.of(MARKED).with(codec -> codec.maxFrameLength(4)).stream("AA AA BB 01 02")
                .yields("error TooLong #0 @0 5>4");
        StreamVerifier.of(FixedLength.of(2)).with(codec -> codec.maxFrameLength(1)).skipInvalid().stream("61 62 63 64")
                .yields("skipped TooLong #0 @0 2>1 +2", "skipped TooLong #1 @2 2>1 +2", "complete");
    }

    @Test
    void wrongMarker_corruptAfterGoodFrames() {
        matrix(MARKED).stream("AA AA BB 01 02 AA AB BB 03 04").yields("frame aa aa bb 01 02", "error Corrupt #1 @5");
    }

    @Test
    void wrongMarker_messageTellsWhatWasFound() {
        byte[] wire = TestBytes.hex("AA AB BB 03 04");
        for (int chunk : new int[] {1, 2, 5}) {
            assertThatThrownBy(() -> FrameCodec.of(MARKED)
                            .decode(Flux.range(0, (4 + chunk) / chunk)
                                    .map(i -> ByteBuffer.wrap(wire, i * chunk, Math.min(chunk, 5 - i * chunk))))
                            .blockLast())
                    .isInstanceOf(CorruptFrameException.class)
                    .hasMessageContaining("expected the marker aa aa bb but found aa ab");
        }
    }

    @Test
    void wrongMarker_searchGoesOnAtTheByteAfterTheFalseStart() {
        matrix(MARKED).skipInvalid().stream("AA AA AA BB 01 02 AA AA BB 03 04 AA AA")
                .yields(
                        "skipped Corrupt #0 @0 +1",
                        "frame aa aa bb 01 02",
                        "frame aa aa bb 03 04",
                        "error Truncated #3 @11 2/5");
        matrix(MARKED).skipInvalid().stream("AA AA BB 01 02 00 AA AA BB 03 04")
                .yields("frame aa aa bb 01 02", "skipped Corrupt #1 @5 +1", "frame aa aa bb 03 04", "complete");
        matrix(MARKED).skipInvalid().stream("00 AA 01 AA AA").yields("skipped Corrupt #0 @0 +5", "complete");
    }

    @Test
    void markerInsideAPayload_losesOneFrameAndFindsTheNext() {
        // the record at 5 is broken; its payload holds a marker's bytes, which make a frame that ends inside the next
        // one
        FixedLength format = FixedLength.of(4).marker((byte) 0x47);
        matrix(format).skipInvalid().stream("47 01 02 03 48 01 47 03 47 04 05 06 47 07 08 09")
                .yields(
                        "frame 47 01 02 03",
                        "skipped Corrupt #1 @4 +2",
                        "frame 47 03 47 04",
                        "skipped Corrupt #3 @10 +2",
                        "frame 47 07 08 09",
                        "complete");
    }

    @Test
    void markers_foundLikeANaiveSearchFindsThem() {
        Random random = new Random(4);
        for (int round = 0; round < 60; round++) {
            byte[] marker = bits(random, 1 + random.nextInt(4));
            int length = marker.length + random.nextInt(4);
            byte[] stream = bits(random, random.nextInt(16));
            StreamVerifier.of(FixedLength.of(length).marker(marker)).allCutsUpTo(6).skipInvalid().stream(stream)
                    .yields(naive(marker, length, stream));
        }
    }

    private static byte[] bits(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(2);
        }
        return bytes;
    }

    private static List<String> naive(byte[] marker, int length, byte[] stream) {
        List<String> events = new ArrayList<>();
        int index = 0;
        int at = 0;
        while (at < stream.length) {
            int start = at;
            while (start < stream.length && !fits(marker, stream, start)) {
                start++;
            }
            int left = stream.length - start;
            // the first marker of a search has to be whole
            if (start > at && left < marker.length) {
                start = stream.length;
                left = 0;
            }
            if (start > at) {
                events.add("skipped Corrupt #" + index++ + " @" + at + " +" + (start - at));
            }
            if (left > 0 && left < length) {
                events.add("error Truncated #" + index + " @" + start + " " + left + "/" + length);
                return events;
            }
            if (left > 0) {
                events.add(FramingEvents.frame(Arrays.copyOfRange(stream, start, start + length)));
                index++;
            }
            at = start + (left > 0 ? length : 0);
        }
        events.add("complete");
        return events;
    }

    /** Whether the stream goes on with the marker, as far as it goes on. */
    private static boolean fits(byte[] marker, byte[] stream, int at) {
        int n = Math.min(marker.length, stream.length - at);
        return Arrays.equals(marker, 0, n, stream, at, at + n);
    }

    @Test
    void markerAsLongAsTheFrame() {
        matrix(FixedLength.of(2).marker((byte) 1, (byte) 2)).skipInvalid().stream("01 02 01 01 02 01 02")
                .yields("frame 01 02", "skipped Corrupt #1 @2 +1", "frame 01 02", "frame 01 02", "complete");
    }

    @Tag("slow")
    @Test
    void contract() {
        FramingVerifier.of(FixedLength.of(7))
                .lengths(7, 7)
                .refuses("", "61 62 63 64 65 66")
                .verify();
        FramingVerifier.of(FixedLength.of(6).padding((byte) 7))
                .lengths(0, 6)
                .delivers(frame -> {
                    byte[] filled = Arrays.copyOf(frame, 6);
                    Arrays.fill(filled, frame.length, 6, (byte) 7);
                    return filled;
                })
                .verify();
        FramingVerifier.of(MARKED)
                .lengths(5, 5)
                .frames((random, length) -> new byte[] {
                    (byte) 0xAA, (byte) 0xAA, (byte) 0xBB, (byte) random.nextInt(), (byte) random.nextInt()
                })
                .alphabet(0xAA, 0xBB)
                .refuses("", "aaaabb01", "aaabbb0102")
                .verify();
    }

    @Test
    void encoder_refusesWhatTheDecoderWould() {
        FrameEncoder encoder = MARKED.newEncoder();
        assertThatExceptionOfType(FrameTooLongException.class)
                .isThrownBy(() -> encoder.encodedLength(ByteBuffer.allocate(6)))
                .satisfies(e -> assertThat(e.limit()).isEqualTo(5));
        assertThatThrownBy(() -> encoder.encodedLength(ByteBuffer.allocate(4)))
                .isInstanceOf(CorruptFrameException.class);
        assertThatThrownBy(() -> encoder.encodedLength(ByteBuffer.allocate(5)))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("expected the marker aa aa bb but found 00 00 00");
        FixedLength padded = MARKED.padding((byte) 0xBB);
        assertThat(encode(padded, "AA AA")).isEqualTo(TestBytes.hex("AA AA BB BB BB"));
        assertThatThrownBy(() -> encode(padded, "AA")).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void encoder_inPieces_waitsForTheMarkerAndChecksIt() {
        FrameWriter writer = FrameCodec.of(MARKED).newWriter();
        ByteBuffer target = ByteBuffer.allocate(writer.overhead());
        assertThat(writer.before(5, ByteBuffer.wrap(TestBytes.hex("AA AA")), target))
                .isEqualTo(EnvelopeEncoder.MORE);
        assertThat(writer.before(5, ByteBuffer.wrap(TestBytes.hex("AA AA BB")), target))
                .isZero();
        assertThatThrownBy(() -> writer.before(5, ByteBuffer.wrap(TestBytes.hex("AA AB BB")), target))
                .isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void cutFrame_isFoundWhenTheRestOfItsMarkerIsThere() {
        FrameFinder finder = (FrameFinder) MARKED.newDecoder();
        byte[] wire = TestBytes.hex("AA AA BB 01 02");
        FramePlace place = new FramePlace();
        for (int limit = 1; limit < 5; limit++) {
            ByteBuffer chunk = ByteBuffer.wrap(wire, 0, limit);
            assertThat(finder.find(chunk, 0, place)).isFalse();
            assertThat(finder.findCut(chunk, 0, place)).as("%s bytes", limit).isEqualTo(limit >= 3);
        }
        assertThat(List.of(place.start(), place.length(), place.end())).containsExactly(0, 5, 5);
    }

    private static byte[] encode(Framing format, String hexFrame) {
        FrameEncoder encoder = format.newEncoder();
        ByteBuffer frame = ByteBuffer.wrap(TestBytes.hex(hexFrame));
        ByteBuffer wire = ByteBuffer.allocate(encoder.encodedLength(frame));
        encoder.encode(frame, wire);
        return TestBytes.bytes(wire.flip());
    }

    @Test
    void arguments_areChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FixedLength.of(-1))
                .withMessageContaining("-1");
        assertThatThrownBy(() -> FixedLength.of(0).newDecoder()).hasMessageContaining("endMark");
        assertThatThrownBy(() -> FixedLength.of(0).newEncoder()).isInstanceOf(UnsupportedOperationException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FixedLength.of(2).endMark())
                .withMessage("endMark must have 1 to 255 bytes, had 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FixedLength.of(2).marker(new byte[3]))
                .withMessageContaining("3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FixedLength.of(2).marker())
                .withMessageContaining("0");
    }

    @Test
    void markerArrayChangedLater_formatStaysAsItWas() {
        byte[] marker = {1};
        FixedLength format = FixedLength.of(2).marker(marker);
        marker[0] = 2;
        matrix(format).stream("01 05").yields("frame 01 05", "complete");
    }

    @Test
    void toString_tellsTheOptions() {
        assertThat(MARKED.padding((byte) 0).endMark((byte) 1))
                .hasToString("FixedLength.of(5).padding(00).marker(aa aa bb).endMark(01)");
    }

    @Test
    void streamThatEndsInsideTheMarker_lengthIsKnown() {
        Framing format = FixedLength.of(3).marker((byte) 0xAA, (byte) 0xBB);
        assertThatExceptionOfType(TruncatedFrameException.class)
                .isThrownBy(() -> FrameCodec.of(format)
                        .decode(Flux.just(ByteBuffer.wrap(TestBytes.hex("aa"))))
                        .blockLast())
                .satisfies(e -> assertThat(e.expected()).isEqualTo(3));
    }
}
