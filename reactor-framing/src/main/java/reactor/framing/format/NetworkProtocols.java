package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static reactor.framing.format.HeaderLength.needs;
import static reactor.framing.format.HeaderLength.needsUntil;
import static reactor.framing.format.HeaderLength.number;
import static reactor.framing.format.Presets.byFirst;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.refusing;
import static reactor.framing.format.Presets.rule;
import static reactor.framing.format.Presets.searching;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.ToLongFunction;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for networks. */
final class NetworkProtocols {

    private static final int LONGEST_BER_TAG = 5;

    /** What is behind a handshake if nobody has said what is. */
    private static final Framing HANDSHAKE_IS_OVER =
            refusing("bytes behind the handshake, whose framing has not been given to the preset");

    static final Framing DNS = preset(
            "dns",
            LengthField.ofSize(2)
                    .checkHeader(length("DNS message", header -> header.getShort(0) & 0xFFFF, 12, 0xFFFF)));

    static final Framing BGP = bgpFraming();

    static final Framing DIAMETER = preset(
            "diameter",
            LengthField.ofSize(3)
                    .before(1)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(rule("a Diameter message begins with version 1", header -> header.get(0) == 1)
                            .and(length("Diameter message", header -> header.getInt(0) & 0xFFFFFF, 20, 0xFFFFFC))
                            .and(rule(
                                    "the length of a Diameter message is a multiple of 4",
                                    header -> header.getInt(0) % 4 == 0))));

    static final Framing TPKT = preset(
            "tpkt",
            LengthField.ofSize(2)
                    .marker((byte) 3, (byte) 0)
                    .counts(Counts.WHOLE_FRAME)
                    .checkHeader(header -> (header.getShort(2) & 0xFFFF) >= 7));

    static final Framing SYSLOG = syslogFraming();

    static final Framing TLS_RECORDS = preset(
            "tlsRecords",
            LengthField.ofSize(2)
                    .before(3)
                    .keepHeader()
                    .checkHeader(rule("no TLS record begins so", header -> {
                                byte type = header.get(0);
                                return type >= 20 && type <= 24 && header.get(1) == 3;
                            })
                            .and(length(
                                    "TLS record",
                                    header -> 5 + (header.getShort(3) & 0xFFFF),
                                    5,
                                    5 + (1 << 14) + 2048))));

    static final Framing BER = preset("ber", HeaderLength.ofSize(2, NetworkProtocols::berLength));

    static final Framing LDAP = preset("ldap", sequences("LDAP"));

    static final Framing SNMP = preset("snmp", sequences("SNMP"));

    static final Framing KERBEROS = preset(
            "kerberos",
            LengthField.ofSize(4)
                    .checkHeader(
                            length("Kerberos message", header -> header.getInt(0) & 0xFFFFFFFFL, 2, Presets.MAX_INT)));

    static final Framing SOCKS5 = preset("socks5", Socks5.requests(HANDSHAKE_IS_OVER));

    static final Framing SOCKS5_REPLIES = preset("socks5Replies", Socks5.replies(HANDSHAKE_IS_OVER));

    static final Framing PROXY_PROTOCOL = preset("proxyProtocol", proxyFraming(HANDSHAKE_IS_OVER));

    private NetworkProtocols() {}

    private static Framing bgpFraming() {
        byte[] marker = new byte[16];
        Arrays.fill(marker, (byte) 0xFF);
        LengthField format = LengthField.ofSize(2)
                .marker(marker)
                .after(1)
                .counts(Counts.WHOLE_FRAME)
                .keepHeader();
        ToLongFunction<ByteBuffer> length = header -> header.getShort(16) & 0xFFFF;
        return searching("bgp", "BGP message", format, length, 19, 4096);
    }

    private static Framing syslogFraming() {
        Framing counted = TextLength.octetCounting();
        Framing either = byFirst(value -> value >= '0' && value <= '9', counted, Delimiter.of("\n"));
        return new Presets.Named("syslog", SkipBetween.of(either, "\n"), counted);
    }

    private static Framing sequences(String name) {
        return HeaderLength.ofSize(2, header -> {
            if (header.get(0) != 0x30) {
                throw new CorruptFrameException(name + " messages are sequences, which begin with 30");
            }
            return berLength(header);
        });
    }

    private static long berLength(ByteBuffer header) {
        int lengthAt = 1;
        if ((header.get(0) & 0x1F) == 0x1F) {
            do {
                if (lengthAt == header.limit()) {
                    return needs(lengthAt + 1);
                }
                if (lengthAt > LONGEST_BER_TAG) {
                    throw new CorruptFrameException("a BER tag of more than " + LONGEST_BER_TAG + " bytes");
                }
            } while (header.get(lengthAt++) < 0);
        } else if (header.get(0) == 0) {
            throw new CorruptFrameException("00 is no BER tag");
        }
        if (lengthAt == header.limit()) {
            return needs(lengthAt + 1);
        }
        int code = header.get(lengthAt) & 0xFF;
        int start = lengthAt + 1;
        if (code < 0x80) {
            return start + code;
        }
        int size = code & 0x7F;
        if (size == 0 || size > Long.BYTES) {
            throw new CorruptFrameException(
                    size == 0 ? "a BER length that is indefinite" : "a BER length of " + size + " bytes, more than 8");
        }
        if (header.limit() < start + size) {
            return needs(start + size);
        }
        long length = number(header, start, start + size);
        if (length < 0 || length > Long.MAX_VALUE - start - size) {
            throw new CorruptFrameException("a BER length of more than 63 bits");
        }
        return start + size + length;
    }

    /** A header of version 1 or 2, then what follows. */
    static Framing proxyFraming(Framing next) {
        Objects.requireNonNull(next, "next");
        Framing text = HeaderLength.ofSize(6, NetworkProtocols::proxyTextLength).maxHeader(107);
        Framing binary = HeaderLength.ofSize(16, NetworkProtocols::proxyBinaryLength);
        Framing header = FirstBytes.of(first -> first == 'P' ? text : first == '\r' ? binary : null);
        return Switching.of(header, frame -> next).endsIn(next);
    }

    private static long proxyTextLength(ByteBuffer header) {
        String text = US_ASCII.decode(header.duplicate()).toString();
        if (header.limit() == 6 && text.equals("PROXY ")) {
            return needsUntil("\r\n");
        }
        if (!text.matches("(?s)PROXY (TCP4|TCP6|UNKNOWN)[ \r].*")) {
            throw new CorruptFrameException("a PROXY header begins with PROXY and TCP4, TCP6 or UNKNOWN");
        }
        return header.limit();
    }

    private static long proxyBinaryLength(ByteBuffer header) {
        if (header.getLong(0) != 0x0D0A0D0A_000D0A51L || header.getInt(8) != 0x5549540A) {
            throw new CorruptFrameException("not the signature of a PROXY header of version 2");
        }
        int versionAndCommand = header.get(12) & 0xFF;
        if (versionAndCommand != 0x20 && versionAndCommand != 0x21) {
            throw new CorruptFrameException(
                    "version and command of a PROXY header are 20 or 21, not " + Hex.of(header.get(12)));
        }
        return 16 + (header.getShort(14) & 0xFFFF);
    }
}
