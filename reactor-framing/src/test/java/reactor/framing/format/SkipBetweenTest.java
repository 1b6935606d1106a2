package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.test.FramingEvents.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameCodec;
import reactor.framing.FrameWriter;
import reactor.framing.Framing;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class SkipBetweenTest {

    private static final SkipBetween TRACKER = SkipBetween.of(Delimiter.of("#"), "\r\n");

    private static final SkipBetween KEPT_ALIVE =
            SkipBetween.of(LengthField.ofSize(2).marker((byte) 0x72), (byte) 0, (byte) 0xFF);

    private static StreamVerifier matrix(Framing framing) {
        return StreamVerifier.of(framing).with(codec -> codec.maxFrameLength(300));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String event(String text) {
        return frame(text(text));
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix(TRACKER).stream(text("*ET,1,HB#\r\n*ET,1,TX#*ET,1,HB#"))
                .yields(event("*ET,1,HB"), event("*ET,1,TX"), event("*ET,1,HB"), "complete");
        matrix(KEPT_ALIVE).stream("00 72 00 02 68 69 ff ff 72 00 01 21").yields("frame 68 69", "frame 21", "complete");
    }

    @Tag("slow")
    @Test
    void contract_holds() {
        FramingVerifier.of(TRACKER)
                .frames((random, length) -> text("*".repeat(length)))
                .alphabet('*', '#', '\r', '\n')
                .refuses("0d", "0a61", "6123")
                .verify();
        FramingVerifier.of(KEPT_ALIVE).alphabet(0, 0xFF, 0x72, 1).verify();
        FramingVerifier.of(SkipBetween.of(StartEnd.of((byte) '<', (byte) '>'), " "))
                .frames((random, length) -> text("x".repeat(length)))
                .alphabet('<', '>', ' ', 'x')
                .refuses("3e")
                .verify();
    }

    @Test
    void bytesBetween_anyNumberBeforeBetweenAndBehind() {
        matrix(TRACKER).stream(text("\n\r\na#\n\n\r\r\n#\rb#\r\n"))
                .yields(event("a"), event(""), event("b"), "complete");
        matrix(TRACKER).stream(text("\r\n\n")).yields("complete");
    }

    @Test
    void bytesBetween_insideAFrameAreData() {
        matrix(TRACKER).stream(text("a\r\nb#")).yields(event("a\r\nb"), "complete");
        matrix(KEPT_ALIVE).stream("72 00 03 00 ff 72").yields("frame 00 ff 72", "complete");
    }

    @Test
    void bytesBetween_doNotCountInOffsets() {
        matrix(TRACKER).stream(text("a#\r\nb")).yields(event("a"), "error Truncated #1 @4 1/-1");
        matrix(KEPT_ALIVE).stream("72 00 01 61 00 00 73").yields("frame 61", "error Corrupt #1 @6");
        matrix(KEPT_ALIVE).stream("00 72 00").yields("error Truncated #0 @1 2/-1");
    }

    @Test
    void faults_areTheFramings() {
        matrix(KEPT_ALIVE).skipInvalid().stream("00 73 00 74 72 00 01 61 ff")
                .yields("skipped Corrupt #0 @1 +3", "frame 61", "complete");
        matrix(TRACKER).with(codec -> codec.maxFrameLength(2)).skipInvalid().stream(text("\nabc#\n\nab#"))
                .yields("skipped TooLong #0 @1 3>2 +4", event("ab"), "complete");
    }

    @Test
    void frame_isDeliveredBeforeTheByteBehindItComes() {
        Sinks.Many<ByteBuffer> chunks = Sinks.many().unicast().onBackpressureBuffer();
        List<String> frames = new ArrayList<>();
        FrameCodec.of(TRACKER)
                .decode(chunks.asFlux())
                .map(frame -> StandardCharsets.ISO_8859_1.decode(frame).toString())
                .subscribe(frames::add);
        chunks.tryEmitNext(ByteBuffer.wrap(text("*ET,1,HB#")));
        assertThat(frames).containsExactly("*ET,1,HB");
        chunks.tryEmitNext(ByteBuffer.wrap(text("\r")));
        chunks.tryEmitNext(ByteBuffer.wrap(text("\n*ET,1,TX#")));
        assertThat(frames).containsExactly("*ET,1,HB", "*ET,1,TX");
    }

    @Test
    void encoder_refusesWhatWouldBePassedOver() {
        FrameCodec codec = FrameCodec.of(SkipBetween.of(LengthField.ofSize(2), (byte) 0));
        assertThatThrownBy(() -> codec.encode(Flux.just(ByteBuffer.allocate(5))).blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame would begin with 00 on the wire, which is passed over between frames");
        assertThat(codec.encode(Flux.just(ByteBuffer.allocate(256))).blockLast().remaining())
                .isEqualTo(258);
        // packed with others, those before it leave
        List<Integer> sent = new ArrayList<>();
        codec.coalesce(1000)
                .encode(Flux.just(ByteBuffer.allocate(256), ByteBuffer.allocate(256), ByteBuffer.allocate(5)))
                .map(ByteBuffer::remaining)
                .onErrorComplete(CorruptFrameException.class)
                .subscribe(sent::add);
        assertThat(sent).containsExactly(2 * 258);
    }

    @Test
    void arguments_areChecked() {
        assertThatNullPointerException()
                .isThrownBy(() -> SkipBetween.of(null, "a"))
                .withMessage("framing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SkipBetween.of(Delimiter.lines()))
                .withMessage("at least one byte is needed, there were none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SkipBetween.of(Delimiter.of("#\r\n", "#"), "\r\n"))
                .withMessageContaining("leave the longer delimiters out and use SkipBetween");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SkipBetween.of(
                        new Wrapping() {
                            @Override
                            public Framing wrapped() {
                                return Delimiter.of("a", "axy");
                            }

                            @Override
                            public reactor.framing.FrameDecoder newDecoder() {
                                return wrapped().newDecoder();
                            }

                            @Override
                            public reactor.framing.FrameEncoder newEncoder() {
                                return wrapped().newEncoder();
                            }
                        },
                        "\n"))
                .withMessageContaining("may have read bytes");
    }

    @Test
    void toString_tellsTheBytes() {
        assertThat(TRACKER).hasToString("SkipBetween.of(Delimiter.of(23), 0d 0a)");
    }

    @Test
    void encoder_inPieces_refusesWhatWouldBePassedOver() {
        FrameWriter writer =
                FrameCodec.of(SkipBetween.of(LengthField.ofSize(2), (byte) 0)).newWriter();
        assertThat(writer.takesPieces()).isTrue();
        ByteBuffer target = ByteBuffer.allocate(10);
        assertThatThrownBy(() -> writer.before(5, ByteBuffer.allocate(1), target))
                .isInstanceOf(CorruptFrameException.class);
        assertThat(target.position()).isZero();
        assertThat(writer.before(256, ByteBuffer.allocate(1), target)).isZero();
        assertThat(target.position()).isEqualTo(2);
    }

    @Test
    void encoder_ofEscapedBytes_refusesWhatWouldBePassedOver() {
        FrameCodec codec = FrameCodec.of(SkipBetween.of(Slip.rfc1055(), "a"));
        assertThat(codec.encode(Flux.just(ByteBuffer.wrap(text("ba")))).blockLast())
                .isEqualTo(ByteBuffer.wrap(text("ba\u00C0")));
        assertThatThrownBy(() ->
                        codec.encode(Flux.just(ByteBuffer.wrap(text("ab")))).blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame would begin with 61");
    }

    @Test
    void encoder_inPieces_withoutAHeader_looksAtTheFrameOrItsEnd() {
        FrameWriter record = FrameCodec.of(SkipBetween.of(FixedLength.of(2).endMark((byte) '\n'), " "))
                .newWriter();
        ByteBuffer spaces = ByteBuffer.wrap(text("    "));
        assertThat(record.before(2, ByteBuffer.allocate(0), spaces)).isEqualTo(EnvelopeEncoder.MORE);
        assertThat(record.before(2, ByteBuffer.wrap(text("a")), spaces)).isZero();
        assertThatThrownBy(() -> record.before(2, ByteBuffer.wrap(text(" a")), spaces))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame would begin with 20");

        FixedLength empty = FixedLength.of(0).endMark((byte) '\r', (byte) '\n');
        FrameWriter line = FrameCodec.of(SkipBetween.of(empty, " ")).newWriter();
        assertThat(line.before(0, ByteBuffer.allocate(0), spaces)).isZero();
        assertThat(spaces.position()).isZero();
        FrameWriter skippedLine = FrameCodec.of(SkipBetween.of(empty, "\r")).newWriter();
        assertThatThrownBy(() -> skippedLine.before(0, ByteBuffer.allocate(0), spaces))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame would begin with 0d");

        FrameWriter kept = FrameCodec.of(SkipBetween.of(LengthField.ofSize(1).keepHeader(), (byte) 0))
                .newWriter();
        ByteBuffer target = ByteBuffer.allocate(10);
        assertThat(kept.before(3, ByteBuffer.allocate(0), target)).isEqualTo(EnvelopeEncoder.MORE);
        assertThat(kept.before(3, ByteBuffer.wrap(new byte[] {2, 0, 0}), target))
                .isEqualTo(1);
        assertThatThrownBy(() -> kept.before(1, ByteBuffer.allocate(1), target))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame would begin with 00");
    }

    @Test
    void frameThatWouldMakeTheDelimiterInsideALongerOne_isRefused() {
        Framing lines = SkipBetween.of(Delimiter.of("\r", "\r\n"), " ");
        Framing records = FixedLength.of(2);
        FrameCodec codec = FrameCodec.of(FirstBytes.of(first -> first == 'a' ? lines : records));
        assertThatThrownBy(() -> codec.encode(Flux.just("a", "\nb").map(frame -> ByteBuffer.wrap(text(frame))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame begins with bytes that may make the delimiter before it a longer one");
    }

    @Test
    void paddingOfTheFramingInside_isFilledIn() {
        FrameCodec padded = FrameCodec.of(SkipBetween.of(FixedLength.of(3).padding((byte) 'x'), "\n"));
        assertThat(padded.encode(Flux.just(ByteBuffer.wrap(text("a")))).blockLast())
                .isEqualTo(ByteBuffer.wrap(text("axx")));
    }

    @Test
    void lastFrameThatTheEndCompletes_isDelivered() {
        matrix(SkipBetween.of(Delimiter.lines(), " ")).stream(text(" a\n b"))
                .yields(event("a"), event("b"), "complete");
    }

    /** Found by fuzzing: the decoder had looked at a byte behind the delimiter, which was passed over then. */
    @Test
    void delimiterThatMayGoOn_theByteBehindItIsPassedOverAllTheSame() {
        Framing format = SkipBetween.of(Delimiter.of("\r\n", "\r"), "x\n");

        StreamVerifier.of(format).stream(text("\rx")).yields("frame ", "complete");
        StreamVerifier.of(format).stream(text("a\rxb\r\nxc\r\n\nd\r"))
                .yields("frame 61", "frame 62", "frame 63", "frame 64", "complete");
    }
}
