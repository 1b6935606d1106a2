package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.Framing;
import reactor.framing.TestBytes;

/**
 * A format that can find frames finds each one that lies whole in the chunk, and nothing of one that does not. Decoding
 * what was not found gives the same frames, only slower; so no other test sees it.
 */
class FindersTest {

    private static final Framing LENGTH = LengthField.ofSize(2);

    private static Arguments payloads(Framing framing, int... lengths) {
        List<byte[]> frames = new ArrayList<>();
        for (int length : lengths) {
            frames.add("a".repeat(length).getBytes(US_ASCII));
        }
        return arguments(framing, frames);
    }

    private static Arguments frames(Framing framing, String... hex) {
        return arguments(framing, Stream.of(hex).map(TestBytes::hex).toList());
    }

    static Stream<Arguments> finders() {
        return Stream.of(
                payloads(Varint.leb128(), 0, 1, 127, 128, 255, 256, 16383, 16384, 0),
                payloads(Varint.leb128().maxBytes(2), 0, 1, 127, 128, 16383),
                payloads(Varint.leb128().maxBytes(1), 0, 1, 127),
                frames(Varint.leb128().before(1).keepHeader(), "40 02 61 62", "41 00", "42 01 63"),
                payloads(LengthField.ofSize(1), 0, 1, 2, 127, 128, 255),
                payloads(LengthField.ofSize(2).littleEndian(), 0, 1, 255, 256, 300),
                payloads(LengthField.ofSize(3), 0, 1, 300),
                payloads(LengthField.ofSize(4).counts(LengthField.Counts.WHOLE_FRAME), 0, 1, 300),
                payloads(LengthField.ofSize(8), 0, 1, 300),
                payloads(LengthField.ofSize(1).marker((byte) 0xAA).endMark((byte) 0xBB), 0, 1, 200),
                frames(LengthField.ofSize(2).before(1).keepHeader(), "40 00 02 61 62", "41 00 00"),
                payloads(Delimiter.lines(), 0, 1, 2, 300),
                payloads(Delimiter.of("\n"), 0, 1, 2, 300),
                payloads(Delimiter.universalLines(), 0, 1, 2, 300),
                frames(Delimiter.of("\n").keepDelimiter(), "61 0a", "0a", "62 63 0a"),
                payloads(FixedLength.of(3), 3, 3, 3),
                payloads(SkipBetween.of(LengthField.ofSize(2).marker((byte) 0xAA), "\n"), 0, 1, 300),
                payloads(Checked.of(LengthField.ofSize(2).adjustment(4), Check.crc32()), 0, 1, 300),
                payloads(FirstBytes.of(first -> LENGTH), 1, 2, 300),
                payloads(Switching.of(LENGTH, frame -> LENGTH), 0, 1, 300),
                payloads(Protocols.kafka(), 4, 5, 300),
                payloads(Protocols.protobuf(), 0, 1, 300),
                frames(Protocols.gitPktLine(), "30 30 30 36 61 0a", "30 30 30 34"),
                payloads(Protocols.oncRpc(), 0, 1, 300),
                frames(Protocols.resp(), "2b 4f 4b 0d 0a", "24 31 0d 0a 61 0d 0a", "2b 0d 0a"),
                frames(Protocols.ubxAndNmea(), "b562 0501 0200 0601 0f38", "b562 0102 0000 030a"),
                payloads(Switching.of(LENGTH, frame -> LENGTH).endsIn(LENGTH), 0, 1, 300),
                payloads(TextLength.netstring(), 0, 1, 9, 10, 300),
                payloads(TextLength.octetCounting(), 1, 9, 10, 300),
                payloads(TextLength.decimal(4), 0, 1, 10, 300),
                payloads(ContentLength.create(), 0, 1, 10, 300));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("finders")
    void everyWholeFrame_isFound_andNoOther(Framing framing, List<byte[]> frames) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        List<Integer> ends = new ArrayList<>();
        FrameCodec.of(framing)
                .encode(Flux.fromIterable(frames).map(ByteBuffer::wrap))
                .doOnNext(encoded -> {
                    wire.writeBytes(TestBytes.bytes(encoded));
                    ends.add(wire.size());
                })
                .blockLast();
        byte[] bytes = wire.toByteArray();
        FramePlace place = new FramePlace();

        for (int limit : limits(ends)) {
            FrameFinder finder = (FrameFinder) framing.newDecoder();
            ByteBuffer chunk = ByteBuffer.wrap(bytes, 0, limit);
            int start = 0;
            for (int i = 0; i < frames.size() && ends.get(i) <= limit; i++) {
                assertThat(finder.find(chunk, start, place))
                        .as("frame %s of %s bytes", i, limit)
                        .isTrue();
                assertThat(TestBytes.bytes(chunk.slice(place.start(), place.length())))
                        .isEqualTo(frames.get(i));
                assertThat(place.end()).isEqualTo(ends.get(i));
                start = place.end();
            }
            boolean found = finder.find(chunk, start, place);
            assertThat(found && place.end() <= limit)
                    .as("behind %s of %s bytes", start, limit)
                    .isFalse();
            assertThat(chunk.position()).isZero();
        }
    }

    static Stream<Arguments> cutFinders() {
        return Stream.of(
                payloads(Varint.leb128(), 1, 127, 128, 16384, 2),
                payloads(LengthField.ofSize(1), 1, 2, 255),
                payloads(LengthField.ofSize(2).littleEndian(), 1, 255, 300),
                payloads(LengthField.ofSize(4), 1, 300),
                payloads(LengthField.ofSize(4).counts(LengthField.Counts.WHOLE_FRAME), 1, 300),
                payloads(LengthField.ofSize(1).marker((byte) 0xAA), 1, 200),
                payloads(FixedLength.of(3), 3, 3),
                payloads(SkipBetween.of(LengthField.ofSize(2).marker((byte) 0xAA), "\n"), 1, 300),
                payloads(FirstBytes.of(first -> LENGTH), 1, 300),
                payloads(TextLength.octetCounting(), 9, 10, 300),
                payloads(TextLength.decimal(4), 1, 300),
                payloads(ContentLength.create(), 1, 300),
                payloads(Protocols.kafka(), 4, 300),
                payloads(Protocols.protobuf(), 1, 300));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cutFinders")
    void everyCutFrame_isFound_fromItsHeaderOn(Framing framing, List<byte[]> frames) {
        FramePlace place = new FramePlace();
        int start = 0;
        byte[] wire = wire(framing, frames);
        FrameFinder finder = (FrameFinder) framing.newDecoder();
        for (byte[] frame : frames) {
            int end = start + wire(framing, List.of(frame)).length;
            int header = Math.max(1, end - start - frame.length);
            for (int limit = start + 1; limit < end; limit++) {
                ByteBuffer chunk = ByteBuffer.wrap(wire, 0, limit);
                assertThat(finder.find(chunk, start, place)).isFalse();
                assertThat(finder.findCut(chunk, start, place))
                        .as("%s bytes of a frame of %s", limit - start, end - start)
                        .isEqualTo(limit - start >= header);
                if (limit - start >= header) {
                    assertThat(List.of(place.start(), place.length(), place.end()))
                            .containsExactly(end - frame.length, frame.length, end);
                }
                assertThat(chunk.position()).isZero();
            }
            assertThat(finder.findCut(ByteBuffer.wrap(wire, 0, end), start, place))
                    .as("a whole frame is none that is cut")
                    .isFalse();
            start = end;
        }
    }

    private static byte[] wire(Framing framing, List<byte[]> frames) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        FrameCodec.of(framing)
                .encode(Flux.fromIterable(frames).map(ByteBuffer::wrap))
                .doOnNext(encoded -> wire.writeBytes(TestBytes.bytes(encoded)))
                .blockLast();
        return wire.toByteArray();
    }

    @Test
    void frameThatEndsBehindItsPayload_isNoneThatOnlyItsPlaceTellsOf() {
        LengthField framing = LengthField.ofSize(1).endMark((byte) 0xBB);
        FrameFinder finder = (FrameFinder) framing.newDecoder();
        ByteBuffer chunk = ByteBuffer.wrap(TestBytes.hex("03 61 62"));
        FramePlace place = new FramePlace();

        assertThat(finder.find(chunk, 0, place)).isFalse();
        assertThat(finder.findCut(chunk, 0, place)).isFalse();
    }

    @Test
    void longestFrame_isFound_aLongerOneIsNot() {
        FramePlace place = new FramePlace();
        for (String header : List.of("fff0", "fff1")) {
            boolean fits = header.equals("fff0");
            FrameFinder finder = (FrameFinder) Protocols.gitPktLine().newDecoder();
            byte[] line = (header + "a".repeat(65517)).getBytes(US_ASCII);
            assertThat(finder.find(ByteBuffer.wrap(line), 0, place)).as(header).isEqualTo(fits);

            ByteBuffer cut = ByteBuffer.wrap(line, 0, 100);
            assertThat(finder.find(cut, 0, place)).isFalse();
            assertThat(finder.findCut(cut, 0, place)).as(header).isEqualTo(fits);
        }
    }

    /** Around the end of each frame, where a header or the last bytes are not here yet. */
    private static List<Integer> limits(List<Integer> ends) {
        List<Integer> limits = new ArrayList<>();
        int last = ends.get(ends.size() - 1);
        for (int end : ends) {
            for (int limit = Math.max(0, end - 3); limit <= Math.min(last, end + 12); limit++) {
                limits.add(limit);
            }
        }
        return limits;
    }
}
