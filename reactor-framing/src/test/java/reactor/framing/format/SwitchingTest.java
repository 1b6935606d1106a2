package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePart;
import reactor.framing.FramePlace;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;
import reactor.test.StepVerifier;

class SwitchingTest {

    private static final Framing ONE = LengthField.ofSize(1);
    private static final Framing TWO = LengthField.ofSize(2);
    private static final Framing FOUR = LengthField.ofSize(4);

    /** A frame that begins with 1, 2 or 4 says the size of the next one's length. */
    private static Framing saidByFirstByte(Framing otherwise) {
        return Switching.of(ONE, frame -> {
            assertThat(frame.position()).isZero();
            assertThat(frame.isReadOnly()).isTrue();
            return switch (frame.hasRemaining() ? frame.get(0) : 0) {
                case 1 -> ONE;
                case 2 -> TWO;
                case 4 -> FOUR;
                default -> otherwise;
            };
        });
    }

    /** What all messages have but the first: neither reading nor writing asks about it, however long the stream is. */
    @Test
    void endsIn_functionIsNotAskedAboutWhatThatReads() {
        AtomicInteger asked = new AtomicInteger();
        Framing lines = Delimiter.of("\n");
        Framing lengths = LengthField.ofSize(1);
        Framing format = Switching.of(lines, frame -> {
                    asked.incrementAndGet();
                    return lengths;
                })
                .endsIn(lengths);
        List<ByteBuffer> frames = Stream.generate(() -> ByteBuffer.wrap(new byte[] {'h', 'i'}))
                .limit(100)
                .toList();
        List<ByteBuffer> wire = Flux.fromIterable(frames)
                .transform(FrameCodec.of(format)::encode)
                .collectList()
                .block();
        assertThat(asked).hasValue(1);
        byte[] all = new byte[3 * 100];
        int at = 0;
        for (ByteBuffer each : wire) {
            int length = each.remaining();
            each.get(all, at, length);
            at += length;
        }
        assertThat(at).isEqualTo(all.length);
        for (int step : new int[] {1, 7, 300}) {
            asked.set(0);
            List<ByteBuffer> chunks = new ArrayList<>();
            for (int from = 0; from < all.length; from += step) {
                chunks.add(ByteBuffer.wrap(all, from, Math.min(step, all.length - from)));
            }
            assertThat(Flux.fromIterable(chunks)
                            .transform(FrameCodec.of(format)::decode)
                            .collectList()
                            .block())
                    .isEqualTo(frames);
            assertThat(asked.get()).isBetween(1, 2);
        }
    }

    @Tag("slow")
    @Test
    void endsIn_contract() {
        Framing lengths = LengthField.ofSize(1);
        Framing format = Switching.of(Delimiter.of("\n"), frame -> lengths).endsIn(lengths);
        FramingVerifier.of(Preset.readOnly(format))
                .example("680a 026869 00 0161", "68", "6869", "", "61")
                .verify();
    }

    @Test
    void everyFrameSaysHowTheNextIsRead_noByteLostAtTheChange() {
        StreamVerifier.of(saidByFirstByte(ONE)).allCutsUpTo(13).stream(
                        "01 02" + "0002 0444" + "00000001 01" + "02 0155" + "00")
                .yields("frame 02", "frame 04 44", "frame 01", "frame 01 55", "frame ", "complete");
    }

    // ---- which framing read the frame

    private static final Framing LINES = Delimiter.of("\r\n");

    /** A line that begins with $ tells the size of the value behind it. */
    private static Switching values(boolean lineEndBehind) {
        return Switching.of(LINES, (inUse, frame) -> {
            assertThat(frame.position()).isZero();
            assertThat(frame.isReadOnly()).isTrue();
            if (inUse != LINES || frame.get(0) != '$') {
                return LINES;
            }
            FixedLength value = FixedLength.of((int) HeaderLength.decimal(frame, 1, frame.limit()));
            return lineEndBehind ? value.endMark((byte) '\r', (byte) '\n') : value;
        });
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String event(String text) {
        return FramingEvents.frame(text(text));
    }

    @Test
    void workedExamples_framesAsDrawn() {
        StreamVerifier.of(Switching.of(Delimiter.of("\n"), frame -> TWO)).stream("62 69 6e 0a 00 02 68 69 00 01 21")
                .yields("frame 62 69 6e", "frame 68 69", "frame 21", "complete");
        Framing size = FixedLength.of(1);
        StreamVerifier.of(Switching.of(size, frame -> frame.remaining() == 1 ? FixedLength.of(frame.get(0)) : size))
                .stream("03 61 62 63 02 68 69")
                .yields("frame 03", "frame 61 62 63", "frame 02", "frame 68 69", "complete");
        StreamVerifier.of(values(true)).stream(text("+OK\r\n$2\r\n$9\r\n$0\r\n\r\n+OK\r\n"))
                .yields(event("+OK"), event("$2"), event("$9"), event("$0"), event(""), event("+OK"), "complete");
        StreamVerifier.of(values(false)).stream(text("+OK\r\n$2\r\n$9$0\r\n+OK\r\n"))
                .yields(event("+OK"), event("$2"), event("$9"), event("$0"), event("+OK"), "complete");
    }

    /** IMAP: a line that ends in {n} goes on with n bytes, and then with the rest of the line. */
    @Test
    void literal_isNeverTakenForALine() {
        Framing imap = Switching.of(
                LINES,
                (inUse, frame) -> inUse == LINES && frame.limit() > 2 && frame.get(frame.limit() - 1) == '}'
                        ? FixedLength.of(frame.get(frame.limit() - 2) - '0')
                        : LINES);
        StreamVerifier.of(imap).stream(text("a LOGIN {2}\r\n}\n {3}\r\n{2} {0}\r\n\r\nb\r\n"))
                .yields(
                        event("a LOGIN {2}"),
                        event("}\n"),
                        event(" {3}"),
                        event("{2}"),
                        event(" {0}"),
                        event(""),
                        event("b"),
                        "complete");
    }

    @Test
    void bodyOfNoBytes_headerIsDeliveredAtOnceAndTheNextOneRead() {
        List<String> frames = new ArrayList<>();
        Sinks.Many<ByteBuffer> chunks = Sinks.many().unicast().onBackpressureBuffer();
        FrameCodec.of(values(false))
                .decode(chunks.asFlux())
                .map(frame -> StandardCharsets.ISO_8859_1.decode(frame).toString())
                .subscribe(frames::add);
        chunks.tryEmitNext(ByteBuffer.wrap(text("$0\r\n")));
        assertThat(frames).containsExactly("$0");
        chunks.tryEmitNext(ByteBuffer.wrap(text("+\r\n")));
        assertThat(frames).containsExactly("$0", "+");
        assertThat(encode(values(false), "24 30", "24 31", "61", "2b"))
                .containsExactly("24 30 0d 0a", "24 31 0d 0a", "61", "2b 0d 0a");
        assertThat(encode(values(true), "24 30", "", "24 31", "61", "2b"))
                .containsExactly("24 30 0d 0a", "0d 0a", "24 31 0d 0a", "61 0d 0a", "2b 0d 0a");
    }

    @Test
    void nothingTwiceInARow_errorAfterTheFrame() {
        StreamVerifier.of(Switching.of(ONE, frame -> FixedLength.of(0))).stream("01 61 01 62")
                .yields(
                        "frame 61",
                        "error java.lang.IllegalStateException: next returned FixedLength.of(0) twice in a row");
    }

    @Test
    void framingThatCannotBeRead_errorAfterTheFrame() {
        Framing unreadable = new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                throw new UnsupportedOperationException("no");
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException("no");
            }
        };
        StreamVerifier.of(Switching.of(ONE, frame -> unreadable)).stream("01 61 01 62")
                .yields("frame 61", "error java.lang.UnsupportedOperationException: no");
    }

    @Test
    void aMillionFramesInOneChunk_areFoundAndAskedAboutOnce() {
        AtomicInteger calls = new AtomicInteger();
        Framing framing = Switching.of(ONE, (inUse, frame) -> {
            calls.incrementAndGet();
            return frame.get(0) == 'x' ? TWO : ONE;
        });
        byte[] wire = new byte[2_000_000];
        for (int i = 0; i < wire.length; i += 2) {
            wire[i] = 1;
        }
        FrameFinder finder = (FrameFinder) framing.newDecoder();
        FramePlace place = new FramePlace();
        assertThat(finder.find(ByteBuffer.wrap(wire), 4, place)).isTrue();
        assertThat(place.start()).isEqualTo(5);
        assertThat(place.end()).isEqualTo(6);
        assertThat(finder.find(ByteBuffer.wrap(text("\1x")), 0, place)).isFalse();
        calls.set(0);
        assertThat(Flux.just(ByteBuffer.wrap(wire))
                        .transform(FrameCodec.of(framing)::decode)
                        .count()
                        .block())
                .isEqualTo(1_000_000);
        assertThat(calls).hasValue(1_000_000);
    }

    @Test
    void sameObject_decoderGoesOn() {
        CountingFraming counting = new CountingFraming(ONE);
        Framing framing = Switching.of(counting, frame -> counting);
        StreamVerifier matrix = StreamVerifier.of(framing).stream("01 61 02 62 63 00");
        assertThat(matrix.events()).containsExactly("frame 61", "frame 62 63", "frame ", "complete");
        assertThat(counting.decoders).isEqualTo(1);
        encode(framing, "61", "62 63");
        assertThat(counting.encoders).isEqualTo(1);
    }

    @Test
    void stateIsPerSubscription() {
        FrameCodec codec = FrameCodec.of(Switching.of(ONE, frame -> TWO));
        Flux<ByteBuffer> chunks = Flux.just(ByteBuffer.wrap(TestBytes.hex("01 61 0001 62")));
        Flux<ByteBuffer> frames = chunks.transform(codec::decode);
        for (int i = 0; i < 2; i++) {
            assertThat(frames.map(TestBytes::bytes)
                            .map(FramingEvents::frame)
                            .collectList()
                            .block())
                    .containsExactly("frame 61", "frame 62");
        }
    }

    @Test
    void nested_bothRulesHold() {
        // the inner rule alternates; the outer one goes back to its start behind an empty frame
        Framing[] inner = new Framing[1];
        Framing two = Switching.of(TWO, frame -> FOUR);
        inner[0] = Switching.of(ONE, frame -> TWO);
        Framing framing = Switching.of(inner[0], frame -> frame.hasRemaining() ? inner[0] : two);
        StreamVerifier.of(framing).allCutsUpTo(13).stream("01 61" + "0001 62" + "0000" + "0001 63")
                .yields("frame 61", "frame 62", "frame ", "frame 63", "complete");
    }

    @Test
    void endAtTheChange_completes() {
        StreamVerifier.of(saidByFirstByte(ONE)).stream("01 02").yields("frame 02", "complete");
    }

    @Test
    void endInsideFrameAfterTheChange_truncated() {
        StreamVerifier.of(saidByFirstByte(ONE)).stream("01 02 00").yields("frame 02", "error Truncated #1 @2 1/-1");
        StreamVerifier.of(saidByFirstByte(ONE)).stream("01 02 0003 61").yields("frame 02", "error Truncated #1 @2 3/5");
    }

    @Test
    void corruptFrame_passedOverByTheFramingInUse() {
        Framing marked = LengthField.ofSize(1).marker((byte) 0xAA);
        StreamVerifier.of(Switching.of(ONE, frame -> marked)).skipInvalid().stream("01 61 07 AA 01 62 AA 01 63")
                .yields("frame 61", "skipped Corrupt #1 @2 +1", "frame 62", "frame 63", "complete");
    }

    @Test
    void oversizeFrame_droppedAndSwitchesLikeAnyOther() {
        StreamVerifier.of(saidByFirstByte(ONE)).with(c -> c.maxFrameLength(2)).skipInvalid().stream(
                        "03 020304 0001 62 01 63")
                .yields("skipped TooLong #0 @0 3>2 +4", "frame 62", "frame 63", "complete");
    }

    @Test
    void functionThrows_errorAfterTheFrame() {
        StreamVerifier.of(Switching.of(ONE, frame -> {
                    throw new IllegalArgumentException("no");
                }))
                .stream("01 61 01 62")
                .yields("frame 61", "error java.lang.IllegalArgumentException: no");
        StreamVerifier.of(Switching.of(ONE, frame -> {
                    throw new CorruptFrameException("no");
                }))
                .stream("01 61")
                .yields("frame 61", "error Corrupt #1 @2");
    }

    @Test
    void functionReturnsNull_errorAfterTheFrame() {
        StreamVerifier.of(Switching.of(ONE, nothing())).stream("01 61 01 62")
                .yields("frame 61", "error java.lang.NullPointerException: next returned null");
    }

    @SuppressWarnings("NullAway") // the fault under test
    private static Function<ByteBuffer, Framing> nothing() {
        return frame -> null;
    }

    @Test
    void lastFrameByTheEndOfTheStream_isAskedAboutToo() {
        List<String> asked = new ArrayList<>();
        Framing open = new UntilTheEnd();
        Framing framing = Switching.of(ONE, frame -> {
            asked.add(FramingEvents.frame(TestBytes.bytes(frame)));
            return open;
        });
        assertThat(StreamVerifier.of(framing).stream("01 61 62 63").events())
                .containsExactly("frame 61", "frame 62 63", "complete");
        assertThat(asked).containsExactly("frame 61", "frame 62 63");
        StreamVerifier.of(Switching.of(ONE, frame -> open)).stream("01 61 62 63")
                .yields("frame 61", "frame 62 63", "complete");
    }

    /** Behind this frame another framing is in use. */
    private static Switching changesBehind(String frame, Framing first) {
        return Switching.of(first, seen -> seen.equals(ByteBuffer.wrap(TestBytes.hex(frame))) ? ONE : first);
    }

    @Test
    void frameThatIsHandedOverInPieces_functionSeesItWhole() {
        StreamVerifier.of(changesBehind("61 c0 62", Slip.rfc1055())).stream("61 db dc 62 c0 01 63")
                .yields("frame 61 c0 62", "frame 63", "complete");
        StreamVerifier.of(changesBehind("c0", Slip.rfc1055())).stream("db dc c0 01 63")
                .yields("frame c0", "frame 63", "complete");
        Framing escaped = StartEnd.of((byte) '<', (byte) '>').escape((byte) '/');
        StreamVerifier.of(changesBehind("61 62 3e 63", escaped)).stream(text("<a/b/>c>\1d"))
                .yields(event("ab>c"), event("d"), "complete");
        // from memory of the format itself, as what may be the check is held back
        StreamVerifier.of(changesBehind("61 62", Checked.of(TWO, Check.sum(1)))).stream("0003 61 62 c3 01 63")
                .yields("frame 61 62", "frame 63", "complete");
    }

    @Test
    void bytesOfAFrameThatTurnsOutToBeBad_functionDoesNotSeeThem() {
        StreamVerifier.of(changesBehind("62", Slip.rfc1055())).skipInvalid().stream("61 db 00 c0 62 c0 01 63")
                .yields("skipped Corrupt #0 @0 +4", "frame 62", "frame 63", "complete");
    }

    @Test
    void bytesThatAreLookedAtAgain_keepTheirPlaces() {
        Framing three = FixedLength.of(3);
        Framing words = FirstBytes.upTo(3, prefix -> prefix.limit() < 3 ? null : prefix.get(0) == 'a' ? three : null);
        StreamVerifier.of(Switching.of(words, frame -> words)).skipInvalid().stream(text("xxabcxabd"))
                .yields("skipped Corrupt #0 @0 +2", event("abc"), "skipped Corrupt #2 @5 +1", event("abd"), "complete");
    }

    @Test
    void endsIn_lastFrameByTheEndOfTheStream() {
        Framing lines = Delimiter.lines();
        StreamVerifier.of(Switching.of(ONE, frame -> lines).endsIn(lines)).stream("01 61 62 0a 63")
                .yields("frame 61", "frame 62", "frame 63", "complete");
    }

    @Test
    void parts_functionSeesTheFirst64KiB() {
        byte[] payload = new byte[200_000];
        new Random(1).nextBytes(payload);
        for (int chunkLength : new int[] {1, 700, 65_536, 65_540, 300_000}) {
            List<byte[]> asked = new ArrayList<>();
            List<FramePart> parts = chunks(payload, chunkLength)
                    .transform(FrameCodec.of(asking(asked))::decodeParts)
                    .collectList()
                    .block();
            assertThat(parts).last().matches(FramePart::last).matches(p -> p.frameIndex() == 1);
            assertThat(asked.get(0)).hasSize(65_536).isEqualTo(java.util.Arrays.copyOf(payload, 65_536));
            assertThat(asked.get(1)).containsExactly(0x61);
        }
    }

    @Test
    void wholeFrames_functionSeesAllOfALongOne() {
        byte[] payload = new byte[200_000];
        new Random(1).nextBytes(payload);
        for (int chunkLength : new int[] {1, 700, 65_540, 300_000}) {
            List<byte[]> asked = new ArrayList<>();
            FrameCodec codec = FrameCodec.of(Switching.of(asking(asked), frame -> {
                asked.add(TestBytes.bytes(frame));
                return ONE;
            }));
            for (FrameCodec each : List.of(codec, codec.zeroCopy())) {
                asked.clear();
                assertThat(chunks(payload, chunkLength)
                                .transform(each::decode)
                                .count()
                                .block())
                        .isEqualTo(2);
                // the inner rule and the outer one about the first frame, then the outer one alone
                assertThat(asked).containsExactly(payload, payload, new byte[] {0x61});
            }
        }
    }

    private static Framing asking(List<byte[]> asked) {
        return Switching.of(FOUR, frame -> {
            asked.add(TestBytes.bytes(frame));
            return ONE;
        });
    }

    /** A frame with a 4-byte length, then 01 61. */
    private static Flux<ByteBuffer> chunks(byte[] payload, int chunkLength) {
        ByteBuffer wire = ByteBuffer.allocate(payload.length + 6);
        wire.putInt(payload.length).put(payload).put((byte) 1).put((byte) 0x61).flip();
        List<ByteBuffer> chunks = new ArrayList<>();
        for (int at = 0; at < wire.limit(); at += chunkLength) {
            chunks.add(wire.slice(at, Math.min(chunkLength, wire.limit() - at)));
        }
        return Flux.fromIterable(chunks);
    }

    @Test
    void encoder_switchesByWhatItWrites() {
        Framing framing = saidByFirstByte(ONE);
        assertThat(encode(framing, "02", "04 44", "01", "01 55", ""))
                .containsExactly("01 02", "00 02 04 44", "00 00 00 01 01", "02 01 55", "00");
    }

    /** Found by fuzzing: the function saw a length that is not the one on the wire, or no padding. */
    @Test
    void encoderFillsIn_functionIsAskedAboutTheFrameAsItIsDelivered() {
        Framing keepsLength = LengthField.ofSize(1).keepHeader();
        assertThat(encode(asks(keepsLength, 0, 2), "00 61 62", "63")).containsExactly("02 61 62", "00 01 63");
        assertThat(encode(asks(TextLength.hex(1).keepHeader(), 0, '2'), "30 61 62", "63"))
                .containsExactly("32 61 62", "00 01 63");
        assertThat(encode(asks(FixedLength.of(3).padding((byte) 2), 2, 2), "61", "63"))
                .containsExactly("61 02 02", "00 01 63");
        Framing checked = Checked.of(ONE, Check.xor()).keepCheck();
        assertThat(encode(asks(checked, 1, 0x61), "61 00", "63")).containsExactly("02 61 61", "00 01 63");
        Framing chosen = FirstBytes.of(first -> keepsLength);
        assertThat(encode(asks(chosen, 0, 2), "00 61 62", "63")).containsExactly("02 61 62", "00 01 63");
        Framing nested = Switching.of(ONE, frame -> keepsLength);
        assertThat(encode(asks(nested, 0, 2), "61", "00 61 62", "63")).containsExactly("01 61", "02 61 62", "00 01 63");
        assertThat(encode(asks(Protocols.ubxAndNmea(), 6, 3), "b5 62 01 02 00 00 00 00", "63"))
                .containsExactly("b5 62 01 02 00 00 03 0a", "00 01 63");
    }

    /** A frame with this value at this place is the last one before those with a length of 2 bytes. */
    private static Framing asks(Framing first, int at, int value) {
        return Switching.of(
                first,
                (inUse, frame) -> inUse == TWO || frame.limit() > at && frame.get(at) == (byte) value ? TWO : first);
    }

    /** Found by fuzzing: a send that fails leaves the connection's encoder to the next one. */
    @Test
    void encoder_frameThatIsRefusedWhenItHasBeenWritten_switchesNothing() {
        Framing once = Switching.of(TextLength.octetCounting(), frame -> Slip.rfc1055());
        for (Framing framing : List.of(
                unlessTwo(once),
                unlessTwo(unlessTwo(once)),
                SkipBetween.of(once, "2"),
                unlessTwo(SkipBetween.of(once, " ")),
                unlessTwo(Switching.of(once, frame -> once)))) {
            FrameEncoder encoder = framing.newEncoder();
            assertThatThrownBy(() -> write(encoder, "ab")).isInstanceOf(CorruptFrameException.class);
            assertThat(write(encoder, "abc")).isEqualTo("3 abc");
            assertThat(write(encoder, "ab")).isEqualTo("ab\u00c0");
        }
    }

    private static Framing unlessTwo(Framing otherwise) {
        return FirstBytes.of(first -> first == '2' ? ONE : otherwise);
    }

    private static String write(FrameEncoder encoder, String frame) {
        ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(frame);
        ByteBuffer target = ByteBuffer.allocate(encoder.encodedLength(bytes));
        encoder.encode(bytes, target);
        return StandardCharsets.ISO_8859_1.decode(target.flip()).toString();
    }

    @Test
    void encoder_functionThrows_errorAfterTheFrame() {
        Framing framing = Switching.of(ONE, frame -> {
            throw new IllegalArgumentException("no");
        });
        StepVerifier.create(Flux.just(ByteBuffer.allocate(1), ByteBuffer.allocate(1))
                        .transform(FrameCodec.of(framing)::encode))
                .expectNextCount(1)
                .verifyErrorMessage("no");
    }

    @Test
    void encoder_framingThatCannotBeWritten_errorAtTheFirstFrameForIt() {
        Framing readOnly = LengthField.ofSize(1).before(1);
        assertThatThrownBy(() -> Switching.of(readOnly, frame -> ONE).newEncoder())
                .isInstanceOf(UnsupportedOperationException.class);
        FrameCodec codec = FrameCodec.of(Switching.of(ONE, frame -> readOnly));
        StepVerifier.create(Flux.just(ByteBuffer.allocate(1)).transform(codec::encode))
                .expectNextCount(1)
                .verifyComplete();
        StepVerifier.create(Flux.just(ByteBuffer.allocate(1), ByteBuffer.allocate(1))
                        .transform(codec::encode))
                .expectNextCount(1)
                .verifyError(UnsupportedOperationException.class);
    }

    @Test
    void functionMovesThePositionOfItsBuffer_frameIsUntouched() {
        Framing framing = Switching.of(ONE, frame -> frame.get() == 2 ? TWO : ONE);
        StreamVerifier.of(framing).stream("01 02 0001 61").yields("frame 02", "frame 61", "complete");
        assertThat(encode(framing, "02", "61")).containsExactly("01 02", "00 01 61");
    }

    @Test
    void randomBytes_giveOnlyFramesAndFramingExceptions() {
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) random.nextInt(5);
            }
            StreamVerifier matrix =
                    StreamVerifier.of(saidByFirstByte(TWO)).with(c -> c.maxFrameLength(9)).stream(bytes);
            List<String> events = matrix.events();
            assertThat(events).allMatch(e -> e.matches("(frame|complete|error (Corrupt|TooLong|Truncated)).*"));
            if (i % 100 == 0) {
                matrix.yields(events);
            }
        }
    }

    @Test
    void encoder_frameThatWouldMakeTheDelimiterBeforeItALongerOne_isRefused() {
        Framing cr = Delimiter.of("\r", "\r\n");
        Framing three = HeaderLength.ofSize(1, header -> 3);
        for (Framing line : List.of(
                cr, SkipBetween.of(cr, (byte) ' '), FirstBytes.of(first -> cr), Switching.of(cr, frame -> cr))) {
            Framing format = Switching.of(line, frame -> frame.get(0) == 1 ? three : line);
            assertThat(encode(format, "01", "0b 00 00")).containsExactly("01 0d", "0b 00 00");
            FrameEncoder encoder = format.newEncoder();
            write(encoder, "\1");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> write(encoder, "\n\0\0"))
                        .isInstanceOf(CorruptFrameException.class)
                        .hasMessageContaining("may make the delimiter before it a longer one");
            }
            assertThat(write(encoder, "\13\0\0")).isEqualTo("\13\0\0");
        }
    }

    @Test
    void encoder_longFrameThatWouldMakeTheDelimiterBeforeItALongerOne_isRefused() {
        Framing cr = Delimiter.of("\r", "\r\n");
        Framing three = HeaderLength.ofSize(1, header -> 3);
        FrameEncoder encoder = Switching.of(cr, frame -> three).endsIn(three).newEncoder();
        assertThat(encoder.envelope(ByteBuffer.allocate(0)))
                .as("before the last change")
                .isNull();
        write(encoder, "\1");
        byte[] grows = {'\n', 0, 0};
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> Around.written(encoder, grows))
                    .isInstanceOf(CorruptFrameException.class)
                    .hasMessageContaining("may make the delimiter before it a longer one");
        }
        assertThat(Around.written(encoder, new byte[] {13, 0, 0})).containsExactly(13, 0, 0);
        assertThat(Around.written(encoder, grows)).isEqualTo(grows);
        assertThat(write(encoder, "\n\0\0")).isEqualTo("\n\0\0");
    }

    @Test
    void encoder_whatCannotFollow_isStillKnownBehindARefusedFrame() {
        Framing cr = Delimiter.of("\r", "\r\n");
        Framing once = Switching.of(Delimiter.of("a", "aXYb"), frame -> ONE);
        FrameEncoder encoder = Switching.of(cr, frame -> once).newEncoder();
        write(encoder, "1");
        assertThatThrownBy(() -> write(encoder, "\n")).isInstanceOf(CorruptFrameException.class);
        assertThat(write(encoder, "2")).isEqualTo("2a");
        assertThatThrownBy(() -> write(encoder, "3"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing else can follow it");
    }

    @Test
    void encoder_whatCannotFollow_cannotBeWrittenInPieces() {
        Framing reading = Delimiter.of("a", "aXYb");
        FrameEncoder encoder = Switching.of(reading, frame -> ONE).endsIn(ONE).newEncoder();
        write(encoder, "1");
        assertThatThrownBy(() -> encoder.envelope(ByteBuffer.allocate(0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing else can follow it");
    }

    @Test
    void encoder_onlyTheDelimiterThatIsWrittenCanBecomeALongerOne() {
        Delimiter lines = Delimiter.of("\n", "\r", "\r\n");
        Framing three = HeaderLength.ofSize(1, header -> 3);

        assertThat(encode(Switching.of(lines, frame -> three), "01", "0a 00 00"))
                .containsExactly("01 0a", "0a 00 00");
        FrameEncoder kept = Switching.of(lines.keepDelimiter(), frame -> three).newEncoder();
        assertThat(write(kept, "a\r")).isEqualTo("a\r");
        assertThatThrownBy(() -> write(kept, "\n\0\0")).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void encoder_frameBehindOneWithACheckAndADelimiter_isRefusedLikewise() {
        Framing checked = Checked.of(Delimiter.of("\r", "\r\n"), Check.xor());
        FrameEncoder encoder = Switching.of(checked, frame -> HeaderLength.ofSize(1, header -> 3))
                .newEncoder();

        assertThat(write(encoder, "a")).isEqualTo("aa\r");
        assertThatThrownBy(() -> write(encoder, "\n\0\0"))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("may make the delimiter before it a longer one");
        assertThat(write(encoder, "\13\0\0")).isEqualTo("\13\0\0");
    }

    @Test
    void encoder_frameOfNoBytesBehindADelimiter_isWritten() {
        Framing cr = Delimiter.of("\r", "\r\n");
        Framing plain = new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return new UntilTheEnd().newDecoder();
            }

            @Override
            public FrameEncoder newEncoder() {
                return new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        return frame.remaining();
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        target.put(frame.duplicate());
                    }
                };
            }
        };
        FrameEncoder encoder = Switching.of(cr, frame -> plain).newEncoder();
        assertThat(write(encoder, "\1")).isEqualTo("\1\r");
        assertThat(write(encoder, "")).isEmpty();
    }

    private static List<String> encode(Framing framing, String... frames) {
        return Flux.just(frames)
                .map(f -> ByteBuffer.wrap(TestBytes.hex(f)).asReadOnlyBuffer())
                .transform(FrameCodec.of(framing)::encode)
                .map(b -> FramingEvents.frame(TestBytes.bytes(b)).substring(6))
                .collectList()
                .block();
    }

    /** Everything up to the end of the stream is one frame. */
    private static final class UntilTheEnd implements Framing {

        @Override
        public FrameDecoder newDecoder() {
            return new FrameDecoder() {
                private boolean open;

                @Override
                public boolean decode(ByteBuffer chunk, reactor.framing.FrameSink frame) {
                    open = true;
                    frame.append(chunk, chunk.remaining());
                    return false;
                }

                @Override
                public boolean complete(reactor.framing.FrameSink frame) {
                    boolean last = open;
                    open = false;
                    return last;
                }
            };
        }

        @Override
        public FrameEncoder newEncoder() {
            throw new UnsupportedOperationException("Cannot encode: the end of the stream is the boundary");
        }
    }

    private static final class CountingFraming implements Framing {

        private final Framing framing;
        private int decoders;
        private int encoders;

        CountingFraming(Framing framing) {
            this.framing = framing;
        }

        @Override
        public FrameDecoder newDecoder() {
            decoders++;
            return framing.newDecoder();
        }

        @Override
        public FrameEncoder newEncoder() {
            encoders++;
            return framing.newEncoder();
        }
    }

    @Test
    void delimitersThatNeedReadingAhead_cannotBeFollowedByAnotherFramingForAnySplit() {
        StreamVerifier.of(Switching.of(Delimiter.of("a", "aXYb"), frame -> FixedLength.of(1))).stream("5f 61 58 59 63")
                .yields(
                        "frame 5f",
                        "error java.lang.IllegalStateException: Delimiter.of(61, 61 58 59 62) may have read bytes of what"
                                + " follows, so nothing else can follow it");
        StreamVerifier.of(Switching.of(Delimiter.of("a", "ab"), frame -> FixedLength.of(1))).stream("5f 61 58 59 63")
                .yields("frame 5f", "frame 58", "frame 59", "frame 63", "complete");
    }

    /** Of a framing of one's own it is known only once it has happened. */
    @Test
    void framingOfOnesOwnThatHasReadAhead_cannotBeFollowedByAnother() {
        Framing ahead = own(Delimiter.of("a", "aXYb"), false);
        StepVerifier.create(FrameCodec.of(Switching.of(ahead, frame -> FixedLength.of(1)))
                        .decode(Flux.just("_aX", "Zc").map(text -> ByteBuffer.wrap(text(text)))))
                .expectNext(ByteBuffer.wrap(text("_")))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("may have read bytes of what follows"));

        StreamVerifier.of(Switching.of(own(ONE, true), frame -> TWO)).stream("01 61 0001 62")
                .yields("frame 61", "frame 62", "complete");
    }

    /** @param says whether to say behind each frame that nothing has been read ahead */
    private static Framing own(Framing framing, boolean says) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                FrameDecoder decoder = framing.newDecoder();
                return (chunk, frame) -> {
                    boolean complete = decoder.decode(chunk, frame);
                    if (complete && says) {
                        frame.begin(0);
                    }
                    return complete;
                };
            }

            @Override
            public FrameEncoder newEncoder() {
                return framing.newEncoder();
            }
        };
    }

    @Test
    void toString_tellsTheFirst() {
        assertThat(Switching.of(ONE, frame -> TWO)).hasToString("Switching.of(LengthField.ofSize(1), ...)");
    }

    @Test
    void delimitersThatNeedReadingAhead_nothingIsWrittenBehindThemThatCannotBeRead() {
        FrameCodec codec = FrameCodec.of(Switching.of(Delimiter.of("a", "aXYb"), frame -> FixedLength.of(1)));

        StepVerifier.create(codec.encode(
                        Flux.just("_", "X").map(text -> ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)))))
                .expectNext(ByteBuffer.wrap(new byte[] {'_', 'a'}))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("may have read bytes of what follows"));
    }

    /** Found by fuzzing: what one looks at between frames had been read by the other, depending on the cuts. */
    @Test
    void whereAnotherFormatLooksBehindEachFrame_noneThatReadsAheadIsGoneOnWith() {
        Delimiter ahead = Delimiter.of("a", "aXYb");
        Framing first = Switching.of(ahead, frame -> ONE);
        Framing second = Switching.of(ONE, frame -> ahead);

        for (Function<Framing, Framing> look : List.<Function<Framing, Framing>>of(
                framing -> SkipBetween.of(framing, " "), framing -> Checked.of(framing, Check.xor()))) {
            assertThatIllegalArgumentException().isThrownBy(() -> look.apply(first));
        }
        String refused = "Delimiter.of(61, 61 58 59 62) may have read bytes of what follows a frame; if these are bytes"
                + " between frames, leave the longer delimiters out and use SkipBetween";
        for (Framing looking : List.of(
                SkipBetween.of(second, " "),
                FirstBytes.of(b -> second),
                SkipBetween.of(Switching.of(second, f -> second), " "))) {
            StreamVerifier.of(looking).stream("01 62 5f 61 58 59 63")
                    .yields("frame 62", "error java.lang.IllegalArgumentException: " + refused);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FrameCodec.of(looking)
                            .encode(Flux.just("b", "_").map(text -> ByteBuffer.wrap(text(text))))
                            .blockLast())
                    .withMessage(refused);
        }
    }

    @Test
    void oneThatHasSwitchedToAFramingThatReadsAhead_cannotBeFollowedEither() {
        Delimiter ahead = Delimiter.of("a", "aXYb");
        Framing switched = Switching.of(ONE, frame -> ahead);
        Framing format = Switching.of(switched, frame -> frame.get(0) == '_' ? TWO : switched);

        StreamVerifier.of(format).stream("01 62 5f 61 58 59 63")
                .yields(
                        "frame 62",
                        "frame 5f",
                        "error java.lang.IllegalStateException: Switching.of(LengthField.ofSize(1), ...) may have read"
                                + " bytes of what follows, so nothing else can follow it");
        StepVerifier.create(
                        FrameCodec.of(format).encode(Flux.just("b", "_", "c").map(text -> ByteBuffer.wrap(text(text)))))
                .expectNextCount(2)
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("may have read bytes of what follows"));
    }

    /** Found by fuzzing: the line feed was read as the beginning of what follows. */
    @Test
    void encoder_behindAnObjectAndItsLineFeed_onlyWhatPassesOverThatIsWritten() {
        for (Framing json :
                List.of(Json.objects(), SkipBetween.of(Json.objects(), " "), FirstBytes.of(b -> Json.objects()))) {
            for (Framing following : List.of(
                    SkipBetween.of(TWO, "\n"),
                    Checked.of(SkipBetween.of(TWO, "\n"), Check.xor()),
                    Switching.of(SkipBetween.of(TWO, " \n"), frame -> TWO),
                    Json.objects())) {
                FrameCodec codec = FrameCodec.of(Switching.of(json, frame -> following));
                StepVerifier.create(codec.decode(codec.encode(frames("{}", "{}"))))
                        .expectNext(ByteBuffer.wrap(text("{}")), ByteBuffer.wrap(text("{}")))
                        .verifyComplete();
            }
            StepVerifier.create(FrameCodec.of(Switching.of(Switching.of(json, frame -> json), frame -> TWO))
                            .encode(frames("{}", "{}")))
                    .expectNext(ByteBuffer.wrap(text("{}\n")))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageEndingWith(" writes a line feed behind a frame, which " + TWO + " would read"));
        }
        for (Framing reading : List.of(SkipBetween.of(TWO, "x"), Switching.of(TWO, frame -> TWO))) {
            StepVerifier.create(FrameCodec.of(Switching.of(Json.objects(), frame -> reading))
                            .encode(frames("{}", "{}")))
                    .expectNextCount(1)
                    .verifyError(IllegalStateException.class);
        }
        StepVerifier.create(FrameCodec.of(Switching.of(ONE, frame -> SkipBetween.of(TWO, "x")))
                        .encode(frames("a", "b")))
                .expectNextCount(2)
                .verifyComplete();
    }

    private static Flux<ByteBuffer> frames(String... texts) {
        return Flux.just(texts).map(text -> ByteBuffer.wrap(text(text)));
    }

    @Test
    void encoder_frameThatAnotherFormatRefuses_hasNotSwitched() {
        FrameEncoder encoder =
                SkipBetween.of(Switching.of(ONE, frame -> TWO), "\1").newEncoder();

        assertThatThrownBy(() -> write(encoder, "a")).isInstanceOf(CorruptFrameException.class);
        assertThat(write(encoder, "bc")).isEqualTo("\2bc");
        assertThat(write(encoder, "de")).isEqualTo("\0\2de");
    }
}
