package reactor.framing.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.format.Cobs;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.format.TextLength;
import reactor.framing.format.Varint;

/** The formats against decoders that are as plain as can be: they have the whole stream in one array. */
public final class ReferenceTarget {

    /** What a plain decoder makes of a stream. */
    private static final class Plain {

        private final List<byte[]> frames = new ArrayList<>();
        private final long limit;
        private String end = "";

        Plain(long limit) {
            this.limit = limit;
        }

        /** Returns whether the frame is within the limit. */
        boolean frame(byte[] frame) {
            if (frame.length > limit) {
                end = "TooLong";
                return false;
            }
            frames.add(frame);
            return true;
        }

        boolean end(String kind) {
            end = kind;
            return false;
        }

        List<String> events() {
            List<String> events = new ArrayList<>();
            frames.forEach(frame -> events.add(FramingEvents.frame(frame)));
            events.add(end);
            return events;
        }
    }

    private ReferenceTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        Data data = new Data(input);
        int kind = data.below(6);
        int size = 1 + data.below(4);
        int header = size + data.below(3);
        int counts = data.below(3);
        int adjustment = data.below(9) - 4;
        boolean littleEndian = data.flag();
        boolean keep = data.flag();
        int numberOfDelimiters = 1 + data.below(3);
        byte[][] delimiters = new byte[numberOfDelimiters][];
        for (int i = 0; i < numberOfDelimiters; i++) {
            delimiters[i] = new byte[1 + data.below(3)];
            for (int j = 0; j < delimiters[i].length; j++) {
                delimiters[i][j] = (byte) ('a' + data.below(2));
            }
        }
        long limit = data.flag() ? 1 + data.next() : 1 << 20;
        Manner manner = DecodeTarget.manner(data);
        int[] distances = data.distances();
        byte[] stream = data.rest();
        int[] cuts = Data.cuts(distances, stream.length);

        Plain plain = new Plain(limit);
        Framing framing;
        switch (kind) {
            case 0 -> {
                LengthField lengthField = LengthField.ofSize(size)
                        .after(header - size)
                        .counts(LengthField.Counts.values()[counts])
                        .adjustment(adjustment);
                lengthField = littleEndian ? lengthField.littleEndian() : lengthField;
                framing = keep ? lengthField.keepHeader() : lengthField;
                lengthField(stream, size, header, counts, adjustment, littleEndian, keep, plain);
            }
            case 1 -> {
                Delimiter delimiter = Delimiter.of(delimiters);
                framing = keep ? delimiter.keepDelimiter() : delimiter;
                delimited(stream, delimiters, keep, plain);
            }
            case 2 -> {
                framing = Varint.leb128().maxBytes(size);
                varint(stream, size, plain);
            }
            case 3 -> {
                framing = Slip.rfc1055();
                slip(stream, plain);
            }
            case 4 -> {
                framing = Cobs.create();
                cobs(stream, plain);
            }
            default -> {
                framing = TextLength.netstring();
                netstring(stream, plain);
            }
        }
        Runner runner = new Runner(framing, (FrameCodec codec) -> codec.maxFrameLength(limit), false, new Progress());
        List<Event> came = runner.run(stream, cuts, manner);
        List<String> kinds = came.stream().map(ReferenceTarget::kind).toList();
        DecodeTarget.require(
                kinds.equals(plain.events()),
                "a plain decoder reads " + plain.events(),
                runner,
                stream,
                cuts,
                manner,
                came);
    }

    private static String kind(Event event) {
        String text = event.toString();
        return text.startsWith("error ") ? text.split(" ")[1] : text;
    }

    private static void lengthField(
            byte[] stream,
            int size,
            int header,
            int counts,
            int adjustment,
            boolean littleEndian,
            boolean keep,
            Plain to) {
        int at = 0;
        while (at < stream.length) {
            if (stream.length - at < header) {
                to.end("Truncated");
                return;
            }
            long number = 0;
            for (int i = 0; i < size; i++) {
                number = number << 8 | stream[at + (littleEndian ? size - 1 - i : i)] & 0xFF;
            }
            long counted = number + adjustment;
            long wire = counts == 0 ? header + counted : counts == 1 ? size + counted : counted;
            if (wire < header) {
                to.end("Corrupt");
                return;
            }
            if (wire - (keep ? 0 : header) > to.limit) {
                to.end("TooLong");
                return;
            }
            if (stream.length - at < wire) {
                to.end("Truncated");
                return;
            }
            int end = at + (int) wire;
            to.frame(Arrays.copyOfRange(stream, keep ? at : at + header, end));
            at = end;
        }
        to.end("complete");
    }

    private static void delimited(byte[] stream, byte[][] delimiters, boolean keep, Plain to) {
        int from = 0;
        int at = 0;
        while (at < stream.length) {
            int length = 0;
            for (byte[] delimiter : delimiters) {
                if (Arrays.mismatch(
                                stream,
                                at,
                                Math.min(stream.length, at + delimiter.length),
                                delimiter,
                                0,
                                delimiter.length)
                        == -1) {
                    length = Math.max(length, delimiter.length);
                }
            }
            if (length == 0) {
                at++;
            } else {
                if (!to.frame(Arrays.copyOfRange(stream, from, keep ? at + length : at))) {
                    return;
                }
                at += length;
                from = at;
            }
        }
        to.end(stream.length - from > to.limit ? "TooLong" : from < stream.length ? "Truncated" : "complete");
    }

    private static void varint(byte[] stream, int maxBytes, Plain to) {
        int at = 0;
        while (at < stream.length) {
            long number = 0;
            int n = 0;
            byte last;
            do {
                if (n == maxBytes) {
                    to.end("Corrupt");
                    return;
                }
                if (at + n == stream.length) {
                    to.end("Truncated");
                    return;
                }
                last = stream[at + n];
                number |= (long) (last & 0x7F) << 7 * n;
                n++;
            } while (last < 0);
            if (n > 1 && last == 0) {
                to.end("Corrupt"); // more bytes than the number needs
                return;
            }
            if (number > to.limit) {
                to.end("TooLong");
                return;
            }
            if (stream.length - at - n < number) {
                to.end("Truncated");
                return;
            }
            at += n;
            to.frame(Arrays.copyOfRange(stream, at, at + (int) number));
            at += (int) number;
        }
        to.end("complete");
    }

    private static void slip(byte[] stream, Plain to) {
        byte[] frame = new byte[stream.length];
        int n = 0;
        for (int at = 0; at < stream.length; at++) {
            byte value = stream[at];
            if (value == (byte) 0xC0) {
                if (n > 0) {
                    to.frame(Arrays.copyOf(frame, n));
                }
                n = 0;
                continue;
            }
            if (value == (byte) 0xDB) {
                at++;
                if (at == stream.length) {
                    break;
                }
                if (stream[at] != (byte) 0xDC && stream[at] != (byte) 0xDD) {
                    to.end("Corrupt");
                    return;
                }
                value = stream[at] == (byte) 0xDC ? (byte) 0xC0 : (byte) 0xDB;
            }
            frame[n++] = value;
            if (n > to.limit) {
                to.end("TooLong");
                return;
            }
        }
        boolean between = stream.length == 0 || stream[stream.length - 1] == (byte) 0xC0;
        to.end(between ? "complete" : "Truncated");
    }

    private static void cobs(byte[] stream, Plain to) {
        int at = 0;
        while (at < stream.length) {
            byte[] frame = new byte[stream.length];
            int n = 0;
            boolean zero = false;
            int begin = at;
            while (true) {
                if (at == stream.length) {
                    to.end("Truncated");
                    return;
                }
                int code = stream[at++] & 0xFF;
                if (code == 0) {
                    break;
                }
                if (zero) {
                    frame[n++] = 0;
                }
                zero = code != 0xFF;
                boolean corrupt = false;
                for (int i = 1; i < code; i++) {
                    if (n > to.limit) {
                        to.end("TooLong");
                        return;
                    }
                    if (at == stream.length) {
                        to.end("Truncated");
                        return;
                    }
                    if (stream[at] == 0) {
                        corrupt = true;
                        break;
                    }
                    frame[n++] = stream[at++];
                }
                if (n > to.limit) {
                    to.end("TooLong");
                    return;
                }
                if (corrupt) {
                    to.end("Corrupt");
                    return;
                }
            }
            if (at - begin > 1 && !to.frame(Arrays.copyOf(frame, n))) {
                return;
            }
        }
        to.end("complete");
    }

    private static void netstring(byte[] stream, Plain to) {
        int at = 0;
        while (at < stream.length) {
            int begin = at;
            long number = 0;
            while (at < stream.length && stream[at] >= '0' && stream[at] <= '9') {
                if (at > begin && stream[begin] == '0' || at - begin > 17) {
                    to.end("Corrupt");
                    return;
                }
                number = number * 10 + stream[at] - '0';
                at++;
            }
            if (at == stream.length) {
                to.end("Truncated");
                return;
            }
            if (stream[at] != ':' || at == begin) {
                to.end("Corrupt");
                return;
            }
            at++;
            if (number > to.limit) {
                to.end("TooLong");
                return;
            }
            if (stream.length - at < number + 1) {
                to.end("Truncated");
                return;
            }
            if (stream[at + (int) number] != ',') {
                to.end("Corrupt");
                return;
            }
            to.frame(Arrays.copyOfRange(stream, at, at + (int) number));
            at += (int) number + 1;
        }
        to.end("complete");
    }
}
