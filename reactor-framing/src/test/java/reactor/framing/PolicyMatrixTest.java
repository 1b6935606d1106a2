package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.TestBytes.hex;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.framing.format.Cobs;
import reactor.framing.format.ContentLength;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.Hdlc;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.format.StartEnd;
import reactor.framing.format.TextLength;
import reactor.framing.format.Varint;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.StreamVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * What comes of good frames, faults and noise in every order, with {@code skipInvalid} and {@code frameTimeout} on: for
 * every format, all sequences of its pieces, with every piece that a stream can end in behind them, through the whole
 * matrix of splits, demands, kinds of buffers and modes. What is expected follows from the pieces alone.
 */
class PolicyMatrixTest {

    /** What a piece of a stream comes to. */
    private enum Type {
        /** A frame; the detail is its payload. */
        GOOD,
        /** A bad frame that has an end of its own: one report. */
        BAD,
        /** A frame that is too long; the detail is the length. */
        LONG,
        /** Bytes up to the next start: one report, together with what is of this type behind it. */
        NOISE,
        /** Bytes that belong to no frame and are no fault. */
        NOTHING,

        // what only the end of a stream can be

        /** A frame without its end; the detail is its length on the wire, or -1. */
        CUT,
        /** The start of a start; noise, if it comes behind noise. The detail is as for {@link #CUT}. */
        START,
        /** A bad frame, without its end: one report. */
        CUT_BAD,
        /** A frame that is too long, without its end; the details are its length and its length on the wire, or -1. */
        CUT_LONG,
        /** A frame that is too long and that the end of the stream completes; the detail is the length. */
        LAST_LONG,
        /** A fault that cannot be passed over. */
        FATAL
    }

    private record Piece(Type type, byte[] wire, String detail) {}

    /** A format and what its streams are made of. */
    private static final class Pieces {

        private final Framing framing;
        private final long limit;
        private final List<Piece> inside = new ArrayList<>();
        private final List<Piece> last = new ArrayList<>();

        Pieces(Framing framing, long limit) {
            this.framing = framing;
            this.limit = limit;
        }

        Pieces add(Type type, String wire, Object... details) {
            String detail =
                    String.join("/", Arrays.stream(details).map(String::valueOf).toList());
            (type.compareTo(Type.CUT) < 0 ? inside : last).add(new Piece(type, hex(wire), detail));
            return this;
        }

        /** A good frame. */
        Pieces good(String wire, String payload) {
            return add(Type.GOOD, wire, payload);
        }

        @Override
        public String toString() {
            return framing.toString();
        }
    }

    private static String text(String ascii) {
        StringBuilder hex = new StringBuilder();
        ascii.chars().forEach(c -> hex.append(String.format("%02x", c)));
        return hex.toString();
    }

    static Stream<Pieces> formats() {
        byte aa = (byte) 0xAA;
        byte ab = (byte) 0xAB;
        return Stream.of(
                new Pieces(LengthField.ofSize(1), 2)
                        .good("01 61", "61")
                        .good("00", "")
                        .add(Type.LONG, "03 62 63 64", 3)
                        .add(Type.CUT, "02 61", 3)
                        .add(Type.CUT_LONG, "03 61", 3, 4)
                        .add(Type.CUT_LONG, "03", 3, 4),
                new Pieces(LengthField.ofSize(2).counts(LengthField.Counts.WHOLE_FRAME), 2)
                        .good("00 03 61", "61")
                        .add(Type.LONG, "00 05 62 63 64", 3)
                        .add(Type.CUT, "00", -1)
                        .add(Type.FATAL, "00 01"),
                // the check lets lengths of up to 3 pass, of which 3 is over the limit
                new Pieces(LengthField.ofSize(1).marker(aa).checkHeader(header -> (header.get(1) & 0xFF) <= 3), 2)
                        .good("aa 02 aa 01", "aa 01")
                        .add(Type.NOISE, "11 aa")
                        .add(Type.NOISE, "aa 11 22")
                        .add(Type.LONG, "aa 03 aa 01 77", 3)
                        .add(Type.START, "aa", -1)
                        .add(Type.CUT, "aa 02", 4)
                        .add(Type.CUT_LONG, "aa 03 aa", 3, 5),
                new Pieces(LengthField.ofSize(1).marker(aa, aa, ab).keepHeader(), 5)
                        .good("aa aa ab 01 62", "aa aa ab 01 62")
                        .add(Type.NOISE, "11 aa")
                        .add(Type.NOISE, "ab 00")
                        .add(Type.LONG, "aa aa ab 02 aa aa", 6)
                        .add(Type.START, "aa aa ab", -1)
                        .add(Type.CUT, "aa aa ab 01", 5),
                // a frame must have its header, so that lengths of 0 to 3 are bad ones
                new Pieces(
                                LengthField.ofSize(1)
                                        .marker(aa, ab)
                                        .counts(LengthField.Counts.WHOLE_FRAME)
                                        .strip(1),
                                3)
                        .good("aa ab 04 61", "ab 04 61")
                        .add(Type.NOISE, "aa ab 02")
                        .add(Type.NOISE, "aa aa")
                        .add(Type.LONG, "aa ab 05 61 62", 4)
                        .add(Type.START, "aa ab", -1)
                        .add(Type.CUT_LONG, "aa ab 05", 4, 5),
                new Pieces(Varint.leb128(), 130)
                        .good("01 61", "61")
                        .good("00", "")
                        .add(Type.CUT, "02 61", 3)
                        .add(Type.CUT, "80", -1)
                        .add(Type.CUT_LONG, "83 01 61", 131, 133)
                        .add(Type.FATAL, "80 00"),
                new Pieces(Varint.leb128().before(1).keepHeader(), 3)
                        .good("77 01 61", "77 01 61")
                        .add(Type.LONG, "77 02 61 62", 4)
                        .add(Type.CUT, "77", -1)
                        .add(Type.CUT_LONG, "77 80 01", 131, 131),
                new Pieces(FixedLength.of(3).marker(aa), 3)
                        .good("aa 61 aa", "aa 61 aa")
                        .add(Type.NOISE, "11")
                        .add(Type.NOISE, "12 13")
                        .add(Type.CUT, "aa 61", 3),
                new Pieces(FixedLength.of(3).marker(aa, aa, ab), 3)
                        .good("aa aa ab", "aa aa ab")
                        .add(Type.NOISE, "11 aa")
                        .add(Type.NOISE, "ab aa 11")
                        .add(Type.START, "aa aa", 3),
                new Pieces(Delimiter.of("\n"), 2)
                        .good("61 0a", "61")
                        .good("0a", "")
                        .add(Type.LONG, "62 63 64 65 0a", 3)
                        .add(Type.CUT, "61", -1)
                        .add(Type.CUT_LONG, "61 62 63 64", 3, -1),
                new Pieces(Delimiter.lines(), 2)
                        .good("0d 61 0d 0a", "0d 61")
                        .good("0d 0a", "")
                        .add(Type.LONG, "62 63 0d 0d 0a", 3)
                        .add(Type.LAST_LONG, "61 62 0d", 3)
                        .add(Type.LAST_LONG, "61 62 63 64 0d", 3),
                new Pieces(Delimiter.of("\r", "\r\n", "--").keepDelimiter(), 3)
                        .good("61 0d 0a", "61 0d 0a")
                        .good("62 2d 2d", "62 2d 2d")
                        .add(Type.LONG, "62 63 0d 0a", 4)
                        .add(Type.LONG, "62 2d 63 64 2d 2d", 4)
                        .add(Type.CUT, "61 2d", -1)
                        .add(Type.CUT_LONG, "61 62 63 2d", 4, -1),
                // what comes behind "a" has been read before the frame is known to be complete
                new Pieces(Delimiter.of("a", "abcd"), 2)
                        .good("62 61 62 63 64", "62")
                        .good("62 63 61", "62 63")
                        .add(Type.LONG, "62 63 63 64 61", 3)
                        .add(Type.CUT_LONG, "63 63 63", 3, -1),
                new Pieces(StartEnd.of((byte) 2, (byte) 3), 2)
                        .good("02 02 61 03", "02 61")
                        .add(Type.NOISE, "03 11")
                        .add(Type.NOISE, "12")
                        .add(Type.LONG, "02 62 63 64 03", 3)
                        .add(Type.CUT, "02 61", -1)
                        .add(Type.CUT_LONG, "02 62 63 64", 3, -1),
                new Pieces(StartEnd.of((byte) 2, (byte) 3).escape((byte) 0x10), 2)
                        .good("02 10 03 10 10 03", "03 10")
                        .add(Type.NOISE, "10 03")
                        .add(Type.LONG, "02 10 02 63 10 03 03", 3)
                        .add(Type.CUT, "02 61 10", -1)
                        .add(Type.CUT_LONG, "02 62 63 10 03 10", 3, -1),
                new Pieces(StartEnd.of(hex("aa aa ab"), hex("ac ad")), 2)
                        .good("aa aa ab ac ac ad", "ac")
                        .add(Type.NOISE, "11 aa")
                        .add(Type.NOISE, "ab ac ad")
                        .add(Type.LONG, "aa aa ab aa aa ab ac ad", 3)
                        .add(Type.START, "aa aa", -1)
                        .add(Type.CUT, "aa aa ab", -1),
                new Pieces(StartEnd.of(hex("aa aa ab"), hex("ad")).skipBetween(), 1)
                        .good("aa aa ab ac ad", "ac")
                        .good("aa aa aa aa ab ac ad", "ac")
                        .add(Type.NOTHING, "aa aa 11")
                        .add(Type.NOTHING, "ab ac ad")
                        .add(Type.LONG, "aa aa ab aa aa ab ad", 2)
                        .add(Type.CUT, "aa aa ab", -1),
                new Pieces(Slip.rfc1055(), 2)
                        .good("61 db dc c0", "61 c0")
                        .add(Type.NOTHING, "c0")
                        .add(Type.BAD, "61 db 00 62 63 db dc c0")
                        .add(Type.BAD, "db c0")
                        .add(Type.LONG, "61 62 63 db 00 c0", 3)
                        .add(Type.CUT, "61 db", -1)
                        .add(Type.CUT_BAD, "61 db 00 db")
                        .add(Type.CUT_LONG, "61 62 db dd", 3, -1),
                new Pieces(Hdlc.create(), 2)
                        .good("7e 61 7d 5e 7e", "61 7e")
                        .add(Type.NOTHING, "7e")
                        .add(Type.BAD, "7e 61 7d 7e")
                        .add(Type.LONG, "7e 61 62 63 7d 7e", 3)
                        .add(Type.CUT, "7e 61 7d", -1)
                        .add(Type.CUT_LONG, "7e 61 62 7d 53", 3, -1),
                // frames that share their flags
                new Pieces(Hdlc.create(), 2)
                        .good("61 7e", "61")
                        .add(Type.BAD, "7d 7e")
                        .add(Type.LONG, "62 63 64 65 7e", 3)
                        .add(Type.CUT, "61", -1),
                new Pieces(Cobs.create(), 2)
                        .good("02 61 01 00", "61 00")
                        .good("01 00", "")
                        .add(Type.NOTHING, "00")
                        .add(Type.BAD, "04 61 00")
                        .add(Type.LONG, "02 61 01 01 05 61 00", 3)
                        .add(Type.CUT, "03 61", -1)
                        .add(Type.CUT_LONG, "04 61 62 63", 3, -1),
                new Pieces(TextLength.netstring(), 2)
                        .good("31 3a 61 2c", "61")
                        .add(Type.LONG, "33 3a 62 63 64 2c", 3)
                        .add(Type.CUT, "31", -1)
                        .add(Type.CUT, "31 3a 61", 4)
                        .add(Type.CUT_LONG, "33 3a 62 63 64", 3, 6)
                        .add(Type.FATAL, "31 3a 61 62"),
                new Pieces(TextLength.hex(2).keepHeader(), 3)
                        .good("30 31 61", "30 31 61")
                        .add(Type.LONG, "30 32 62 63", 4)
                        .add(Type.CUT_LONG, "66 66", 257, 257)
                        .add(Type.FATAL, "30 2d"),
                new Pieces(TextLength.octetCounting(), 2)
                        .good("31 20 61", "61")
                        .add(Type.LONG, "33 20 62 63 64", 3)
                        .add(Type.CUT_LONG, "31 30 20", 10, 13)
                        .add(Type.FATAL, "30"),
                new Pieces(Json.objects(), 3)
                        .good(text("{ }"), text("{ }"))
                        .add(Type.NOISE, text("1"))
                        .add(Type.NOISE, text("]\"{\\\"{\""))
                        .add(Type.LONG, text("{\"}\"}"), 4)
                        .add(Type.CUT, text("{\"}"), -1)
                        .add(Type.CUT_LONG, text("{{{{{"), 4, -1),
                new Pieces(ContentLength.create(), 1)
                        .good(text("Content-Length:1\r\n\r\n") + "61", "61")
                        .add(Type.LONG, text("Content-Length:2\r\n\r\nbc"), 2)
                        .add(Type.CUT_LONG, text("Content-Length:2\r\n\r\n"), 2, 22)
                        .add(Type.NOISE, text("\r\n")));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void piecesInEveryOrder(Pieces format) {
        everySequence(format, List.of(), 2, 1, pieces -> check(format, pieces, true));
    }

    @Tag("campaign")
    @ParameterizedTest
    @MethodSource("formats")
    void piecesInEveryOrder_campaign(Pieces format) {
        everySequence(format, List.of(), 3, 3, pieces -> check(format, pieces, pieces.size() < 3));
    }

    /** So many pieces in every order, one more behind them, and what a stream can end in behind the shorter ones. */
    private static void everySequence(
            Pieces format, List<Piece> before, int length, int lengthBeforeLast, Consumer<List<Piece>> check) {
        if (before.size() <= lengthBeforeLast) {
            check.accept(before);
            for (Piece last : format.last) {
                check.accept(plus(before, last));
            }
        }
        if (before.size() == length) {
            check.accept(plus(before, format.inside.get(0)));
        } else {
            for (Piece next : format.inside) {
                everySequence(format, plus(before, next), length, lengthBeforeLast, check);
            }
        }
    }

    private static List<Piece> plus(List<Piece> pieces, Piece piece) {
        List<Piece> sum = new ArrayList<>(pieces);
        sum.add(piece);
        return sum;
    }

    /**
     * The first byte starts the clock, those behind it do not stop it, and a frame before does not matter. Here the
     * first chunk has two bytes, as a flag of HDLC alone is not the start of a frame.
     */
    @ParameterizedTest
    @MethodSource("formats")
    void unfinishedFrame_timesOut(Pieces format) {
        Duration timeout = Duration.ofSeconds(10);
        Piece good = format.inside.get(0);
        for (Piece last : format.last) {
            if (last.type == Type.FATAL || last.type == Type.CUT_BAD) {
                continue;
            }
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            TestPublisher<ByteBuffer> upstream = TestPublisher.create();
            AtomicReference<Throwable> end = new AtomicReference<>();
            FrameCodec.of(format.framing)
                    .maxFrameLength(format.limit)
                    .frameTimeout(timeout, clock)
                    .skipInvalid(fault -> {})
                    .decode(upstream)
                    .subscribe(frame -> {}, end::set);
            upstream.next(ByteBuffer.wrap(good.wire));
            clock.advanceTimeBy(Duration.ofHours(1));
            int first = Math.min(2, last.wire.length);
            upstream.next(ByteBuffer.wrap(last.wire, 0, first));
            for (int i = first; i < last.wire.length; i++) {
                clock.advanceTimeBy(Duration.ofMillis(400));
                upstream.next(ByteBuffer.wrap(last.wire, i, 1));
            }
            clock.advanceTimeBy(timeout.minusMillis(400L * (last.wire.length - first) + 1));
            assertThat(end)
                    .as("%s before the time is up", HexFormat.of().formatHex(last.wire))
                    .hasNullValue();

            clock.advanceTimeBy(Duration.ofMillis(1));

            assertThat(end.get()).isInstanceOf(FrameTimeoutException.class);
            FrameTimeoutException timedOut = (FrameTimeoutException) end.get();
            assertThat(timedOut.frameIndex()).isEqualTo(1);
            assertThat(timedOut.offset()).isEqualTo(good.wire.length);
            assertThat(timedOut.received()).isEqualTo(last.wire.length);
            assertThat(timedOut.expected()).isEqualTo(wireLength(last));
        }
    }

    private static long wireLength(Piece last) {
        return switch (last.type) {
            case CUT, START -> Long.parseLong(last.detail);
            case CUT_LONG -> Long.parseLong(last.detail.split("/")[1]);
            default -> -1;
        };
    }

    private static void check(Pieces format, List<Piece> pieces, boolean timed) {
        StreamVerifier matrix = StreamVerifier.of(format.framing)
                .with(codec -> timed
                        ? codec.maxFrameLength(format.limit).frameTimeout(Duration.ofHours(1))
                        : codec.maxFrameLength(format.limit))
                .skipInvalid()
                .allCutsUpTo(5)
                .stream(wire(pieces));
        matrix.yields(expected(format, pieces));
    }

    private static byte[] wire(List<Piece> pieces) {
        ByteBuffer wire = ByteBuffer.allocate(1000);
        pieces.forEach(piece -> wire.put(piece.wire));
        return Arrays.copyOf(wire.array(), wire.position());
    }

    private static List<String> expected(Pieces format, List<Piece> pieces) {
        List<String> events = new ArrayList<>();
        int index = 0;
        int offset = 0;
        int noise = -1;
        for (Piece piece : pieces) {
            boolean isNoise = piece.type == Type.NOISE || piece.type == Type.START && noise >= 0;
            if (noise >= 0 && !isNoise) {
                events.add("skipped Corrupt #" + index++ + " @" + noise + " +" + (offset - noise));
                noise = -1;
            }
            if (isNoise && noise < 0) {
                noise = offset;
            }
            int length = piece.wire.length;
            String place = " #" + index + " @" + offset;
            String[] details = piece.detail.split("/");
            switch (piece.type) {
                case GOOD -> {
                    events.add(FramingEvents.frame(hex(piece.detail)));
                    index++;
                }
                case BAD, CUT_BAD -> {
                    events.add("skipped Corrupt" + place + " +" + length);
                    index++;
                }
                case LONG, LAST_LONG -> {
                    events.add("skipped TooLong" + place + " " + details[0] + ">" + format.limit + " +" + length);
                    index++;
                }
                case CUT_LONG -> {
                    events.add("skipped TooLong" + place + " " + details[0] + ">" + format.limit + " +" + length);
                    events.add("error Truncated" + place + " " + length + "/" + details[1]);
                }
                case CUT -> events.add("error Truncated" + place + " " + length + "/" + details[0]);
                case START -> {
                    if (noise < 0) {
                        events.add("error Truncated" + place + " " + length + "/" + details[0]);
                    }
                }
                case FATAL -> events.add("error Corrupt" + place);
                case NOISE, NOTHING -> {}
            }
            offset += length;
        }
        if (noise >= 0) {
            events.add("skipped Corrupt #" + index + " @" + noise + " +" + (offset - noise));
        }
        if (events.stream().noneMatch(event -> event.startsWith("error"))) {
            events.add("complete");
        }
        return events;
    }
}
