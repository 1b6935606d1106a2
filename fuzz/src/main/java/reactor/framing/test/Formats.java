package reactor.framing.test;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import reactor.framing.Framing;
import reactor.framing.format.Check;
import reactor.framing.format.Checked;
import reactor.framing.format.Cobs;
import reactor.framing.format.ContentLength;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FirstBytes;
import reactor.framing.format.FixedLength;
import reactor.framing.format.Hdlc;
import reactor.framing.format.HeaderLength;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.format.Protocols;
import reactor.framing.format.SkipBetween;
import reactor.framing.format.Slip;
import reactor.framing.format.StartEnd;
import reactor.framing.format.Switching;
import reactor.framing.format.TextLength;
import reactor.framing.format.Varint;

/** Every format with its options, chosen by a fuzzer. */
final class Formats {

    private static final List<Supplier<Framing>> PRESETS = List.of(
            Protocols::postgres,
            Protocols::kafka,
            Protocols::dns,
            Protocols::mqtt,
            Protocols::protobuf,
            Protocols::tpkt,
            Protocols::smpp,
            Protocols::bgp,
            Protocols::diameter,
            Protocols::modbusTcp,
            Protocols::amqp,
            Protocols::rsocket,
            Protocols::grpc,
            Protocols::syslog,
            Protocols::mllp,
            Protocols::lsp,
            Protocols::iso8583Decimal,
            Protocols::iso8583Binary,
            Protocols::soupBinTcp,
            Protocols::iec104,
            Protocols::opcUa,
            Protocols::gitPktLine,
            Protocols::epp,
            Protocols::mysql,
            Protocols::tds);

    private static final List<Check> CHECKS = List.of(
            Check.xor(),
            Check.lrc(),
            Check.sum(1),
            Check.sum(2),
            Check.crc16Modbus(),
            Check.crc16Xmodem(),
            Check.crc32(),
            Check.fletcher8(),
            Check.fletcher16(),
            Check.adler32());

    private static final int KINDS = 24;
    private static final int DEPTH = 2;

    private Formats() {}

    /**
     * Chooses a format.
     *
     * @throws IllegalArgumentException if these options do not go together
     */
    static Framing choose(Data data) {
        return choose(data, DEPTH);
    }

    private static Framing choose(Data data, int depth) {
        int kind = data.below(depth > 0 ? KINDS : KINDS - 5);
        return switch (kind) {
            case 0, 1 -> lengthField(data);
            case 2 -> varint(data);
            case 3, 4 -> delimiter(data);
            case 5 -> fixedLength(data);
            case 6 -> startEnd(data);
            case 7 -> Slip.rfc1055();
            case 8 -> Cobs.create();
            case 9 -> data.flag() ? Hdlc.create().keepMarks() : Hdlc.create();
            case 10 -> TextLength.netstring();
            case 11 -> textLength(data);
            case 12 -> contentLength(data);
            case 13 -> Json.objects();
            case 14 -> Delimiter.universalLines();
            case 15 -> headerLength(data);
            case 16 -> headerUntil(data);
            case 17, 18 -> PRESETS.get(data.below(PRESETS.size())).get();
            case 19 -> checked(data, depth);
            case 20 -> SkipBetween.of(choose(data, depth - 1), data.bytes(1 + data.below(2)));
            case 21 -> switching(data, depth);
            case 22 -> firstByte(data, depth);
            default -> firstBytes(data, depth);
        };
    }

    static LengthField lengthField(Data data) {
        LengthField framing = LengthField.ofSize(1 + data.below(8))
                .before(data.below(4))
                .after(data.below(4))
                .counts(LengthField.Counts.values()[data.below(3)])
                .adjustment((byte) data.next() / 16);
        int options = data.next();
        if ((options & 1) != 0) {
            framing = framing.littleEndian();
        }
        if ((options & 2) != 0) {
            framing = framing.marker(data.bytes(1 + data.below(3)));
        }
        if ((options & 4) != 0) {
            framing = framing.keepHeader();
        } else if ((options & 8) != 0) {
            framing = framing.strip(data.below(12));
        }
        if ((options & 16) != 0) {
            framing = framing.endMark(data.bytes(1 + data.below(2)));
            if ((options & 32) != 0) {
                framing = framing.keepEndMark();
            }
        }
        return framing;
    }

    private static Framing varint(Data data) {
        Varint framing = Varint.leb128().before(data.below(3)).maxBytes(1 + data.below(10));
        return data.flag() ? framing.keepHeader() : framing;
    }

    static Delimiter delimiter(Data data) {
        byte[][] delimiters = new byte[1 + data.below(3)][];
        int letters = 1 + data.below(3);
        for (int i = 0; i < delimiters.length; i++) {
            delimiters[i] = new byte[1 + data.below(4)];
            for (int j = 0; j < delimiters[i].length; j++) {
                delimiters[i][j] = (byte) ('\n' + data.below(letters)); // few, so that they are parts of each other
            }
        }
        int options = data.next();
        Delimiter framing = (options & 4) != 0 ? Delimiter.lines() : Delimiter.of(delimiters);
        if ((options & 1) != 0) {
            framing = framing.keepDelimiter();
        }
        return (options & 2) != 0 ? framing.unterminatedLast() : framing;
    }

    private static Framing fixedLength(Data data) {
        FixedLength framing = FixedLength.of(1 + data.below(20));
        int options = data.next();
        if ((options & 1) != 0) {
            framing = framing.marker(data.bytes(1 + data.below(3)));
        }
        if ((options & 2) != 0) {
            framing = framing.endMark(data.bytes(1 + data.below(2)));
        }
        return (options & 4) != 0 ? framing.padding((byte) data.next()) : framing;
    }

    private static Framing startEnd(Data data) {
        StartEnd framing = StartEnd.of(data.bytes(1 + data.below(3)), data.bytes(1 + data.below(3)));
        return data.flag() ? framing.escape((byte) data.next()) : framing;
    }

    private static Framing textLength(Data data) {
        return switch (data.below(4)) {
            case 0 -> TextLength.octetCounting();
            case 1 -> TextLength.decimal(1 + data.below(10));
            case 2 -> TextLength.hex(1 + data.below(10));
            default -> TextLength.bcd(1 + data.below(6));
        };
    }

    private static Framing contentLength(Data data) {
        ContentLength framing = ContentLength.create();
        int options = data.next();
        if ((options & 1) != 0) {
            framing = framing.keepHeader();
        }
        if ((options & 2) != 0) {
            framing = framing.startLine();
        }
        if ((options & 4) != 0) {
            framing = framing.optional();
        }
        return (options & 8) != 0 ? framing.maxHeader(1 + data.next()) : framing;
    }

    /** The first byte tells how many more are needed, and those how long the frame is. */
    private static Framing headerLength(Data data) {
        int size = 1 + data.below(4);
        HeaderLength framing = HeaderLength.ofSize(size, header -> {
            int needed = size + (header.get(header.position()) & 3);
            return header.remaining() < needed ? HeaderLength.needs(needed) : needed + (header.get(needed - 1) & 0x1F);
        });
        int options = data.next();
        if ((options & 1) != 0) {
            framing = framing.stripHeader();
        } else if ((options & 2) != 0) {
            framing = framing.strip(data.below(4));
        }
        if ((options & 4) != 0) {
            framing = framing.stripEnd(data.below(3));
        }
        if ((options & 8) != 0) {
            framing = framing.marker(data.bytes(1 + data.below(3)));
        }
        return (options & 16) != 0 ? framing.endMark(data.bytes(1 + data.below(2))) : framing;
    }

    private static Framing headerUntil(Data data) {
        byte[] end = data.bytes(1 + data.below(3));
        HeaderLength framing =
                HeaderLength.until(end, header -> header.remaining() + (header.get(header.position()) & 0x1F));
        if (data.flag()) {
            framing = framing.stripHeader();
        }
        return data.flag() ? framing.maxHeader(end.length + data.below(30)) : framing;
    }

    private static Framing checked(Data data, int depth) {
        Checked framing = Checked.of(choose(data, depth - 1), CHECKS.get(data.below(CHECKS.size())));
        int options = data.next();
        if ((options & 1) != 0) {
            framing = framing.keepCheck();
        }
        if ((options & 2) != 0) {
            framing = framing.littleEndian();
        }
        if ((options & 4) != 0) {
            framing = framing.hex();
        }
        if ((options & 8) != 0) {
            framing = framing.covers(data.below(3));
        }
        return framing;
    }

    private static Framing switching(Data data, int depth) {
        Framing first = choose(data, depth - 1);
        Framing second = choose(data, depth - 1);
        return Switching.of(
                first, frame -> frame.hasRemaining() && (frame.get(frame.position()) & 1) != 0 ? second : first);
    }

    private static Framing firstByte(Data data, int depth) {
        Framing one = choose(data, depth - 1);
        Framing other = choose(data, depth - 1);
        return FirstBytes.of(first -> (first & 3) == 3 ? null : (first & 1) != 0 ? one : other);
    }

    private static Framing firstBytes(Data data, int depth) {
        Framing one = choose(data, depth - 1);
        Framing other = choose(data, depth - 1);
        return FirstBytes.upTo(3, prefix -> choose(prefix, one, other));
    }

    private static Framing choose(ByteBuffer prefix, Framing one, Framing other) {
        if (prefix.remaining() < 2) {
            return null;
        }
        byte second = prefix.get(prefix.position() + 1);
        return second == 0 ? null : (second & 1) != 0 ? one : other;
    }
}
