package reactor.framing.format;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/**
 * The wire formats of well-known protocols. A frame is one message of the protocol: the whole message where its header says
 * more than the length (a type, an identifier, flags), else the payload behind the header. Constant bytes in a header, such as
 * a start byte, say nothing more.
 *
 * <p>The bounds that a specification sets are checked in both directions, besides the codec's own limit: a message that is
 * shorter than its protocol allows is a {@link CorruptFrameException}, a longer one a {@link FrameTooLongException}. Since a
 * length that cannot be does not tell where the next message begins, such a message ends the stream also under
 * {@code skipInvalid}. In {@link #bgp()}, {@link #iec104()} and {@link #tpkt()}, whose messages begin with a marker, both are
 * corrupt when read, and the next marker is looked for.
 *
 * <p>Where the whole message is delivered, the encoder takes the whole message and fills the length in, so that the bytes of the
 * length may be anything in a frame to be written; {@link #mqtt()} alone wants them right.
 */
public final class Protocols {

    private static final long MAX_INT = Integer.MAX_VALUE;

    private static final Framing POSTGRES = postgresFraming();

    private static final Framing KAFKA = preset(
            "kafka",
            LengthField.ofSize(4)
                    .checkHeader(length("Kafka message", header -> header.getInt(0) & 0xFFFFFFFFL, 0, MAX_INT)));

    private static final Framing DNS = preset(
            "dns",
            LengthField.ofSize(2)
                    .checkHeader(length("DNS message", header -> header.getShort(0) & 0xFFFF, 12, 0xFFFF)));

    private static final Framing MQTT = preset(
            "mqtt",
            new ByFirstByte(
                    value -> value < 0x10,
                    refusing("an MQTT packet has no type 0"),
                    Varint.leb128().before(1).maxBytes(4).keepHeader()));

    private static final Framing PROTOBUF = preset(
            "protobuf", new Bounded("Protocol Buffers message", Varint.leb128().maxBytes(5), 0, MAX_INT));

    private static final Framing TPKT = preset(
            "tpkt",
            LengthField.ofSize(2)
                    .marker((byte) 3, (byte) 0)
                    .counts(Counts.WHOLE_FRAME)
                    .checkHeader(header -> (header.getShort(2) & 0xFFFF) >= 7));

    private static final Framing SMPP = preset(
            "smpp",
            LengthField.ofSize(4)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(length("SMPP PDU", header -> header.getInt(0) & 0xFFFFFFFFL, 16, 0xFFFFFFFFL)));

    private static final Framing BGP = bgpFraming();

    private static final Framing DIAMETER = preset(
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

    private static final Framing MODBUS_TCP = preset(
            "modbusTcp",
            LengthField.ofSize(2)
                    .before(4)
                    .keepHeader()
                    .checkHeader(rule("the protocol identifier of Modbus is 0", header -> header.getShort(2) == 0)
                            .and(length("Modbus message", header -> 6 + (header.getShort(4) & 0xFFFF), 8, 260))));

    private static final Framing AMQP = amqpFraming();

    private static final Framing RSOCKET = preset(
            "rsocket",
            LengthField.ofSize(3)
                    .checkHeader(length(
                            "RSocket frame",
                            header -> header.getShort(0) << 8 & 0xFFFF00 | header.get(2) & 0xFF,
                            6,
                            0xFFFFFF)));

    private static final Framing GRPC = preset(
            "grpc",
            LengthField.ofSize(4)
                    .before(1)
                    .keepHeader()
                    .checkHeader(rule(
                            "the compressed flag of a gRPC message is 0 or 1",
                            header -> header.get(0) == 0 || header.get(0) == 1)));

    private static final Framing SYSLOG = syslogFraming();

    private static final Framing MLLP = preset(
            "mllp", StartEnd.of(new byte[] {0x0B}, new byte[] {0x1C, 0x0D}).skipBetween());

    private static final Framing LSP = preset("lsp", ContentLength.create());

    private static final Framing ISO_8583_BINARY = preset("iso8583Binary", LengthField.ofSize(2));

    private static final Framing ISO_8583_DECIMAL = preset("iso8583Decimal", TextLength.decimal(4));

    private static final Framing SOUP_BIN_TCP = preset(
            "soupBinTcp",
            LengthField.ofSize(2)
                    .checkHeader(length("SoupBinTCP packet", header -> header.getShort(0) & 0xFFFF, 1, 0xFFFF)));

    private static final Framing IEC_104 = iec104Framing();

    private static final Framing OPC_UA = opcUaFraming();

    private static final Framing GIT_PKT_LINE = preset(
            "gitPktLine",
            new Bounded(
                    "pkt-line",
                    TextLength.hex(4).counts(Counts.WHOLE_FRAME).keepHeader().headerOnlyUpTo(2),
                    4,
                    65520));

    private static final Framing EPP = preset("epp", LengthField.ofSize(4).counts(Counts.WHOLE_FRAME));

    private static final Framing MYSQL =
            preset("mysql", LengthField.ofSize(3).littleEndian().after(1).keepHeader());

    private static final Framing TDS = preset(
            "tds",
            LengthField.ofSize(2)
                    .before(2)
                    .after(4)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(length("TDS packet", header -> header.getShort(2) & 0xFFFF, 8, 32767)));

    private Protocols() {}

    /**
     * PostgreSQL's frontend/backend protocol, version 3, both directions (PostgreSQL documentation, chapter "Frontend/Backend
     * Protocol", "Message Formats"). Whole messages, of at least 5 bytes.
     *
     * <pre>
     * +------+------------+---------+
     * | type |   length   | payload |     the length counts itself, not the type
     * |  1   |     4      |         |
     * +------+------------+---------+
     * wire   51 00 00 00 0d 53 45 4c 45 43 54 20 31 00
     * frame  51 00 00 00 0d 53 45 4c 45 43 54 20 31 00    Query "SELECT 1"
     * </pre>
     *
     * <p>What a client sends first, {@code StartupMessage}, {@code CancelRequest}, {@code SSLRequest} and
     * {@code GSSENCRequest}, has no type. It is told by its first byte, 00, since its length is 8 to 10,004 bytes: the server takes
     * 10,000 behind the length ({@code MAX_STARTUP_PACKET_LENGTH} in its source). Behind one of the latter two, another message
     * without a type may come.
     *
     * <pre>
     * wire   00 00 00 08 04 d2 16 2f
     * frame  00 00 00 08 04 d2 16 2f    SSLRequest
     * </pre>
     *
     * <p>The server's answer to those two is a single byte, {@code S}, {@code G} or {@code N}, and no message: read it before the
     * stream is handed to this format.
     *
     * @return the format
     */
    public static Framing postgres() {
        return POSTGRES;
    }

    /**
     * Apache Kafka's requests and responses (Kafka protocol guide, "Protocol Primitive Types" and "Common Request and Response
     * Structure"). Payloads, of 0 to 2,147,483,647 bytes; an empty one is a SASL token.
     *
     * <pre>
     * +--------+---------+
     * |  size  | payload |
     * |   4    |         |
     * +--------+---------+
     * wire   00 00 00 0a 00 12 00 00 00 00 00 01 ff ff
     * frame              00 12 00 00 00 00 00 01 ff ff    ApiVersions request
     * </pre>
     *
     * @return the format
     */
    public static Framing kafka() {
        return KAFKA;
    }

    /**
     * DNS over TCP and TLS (RFC 1035, section 4.2.2; RFC 7766, section 8). Payloads, of 12 (the size of the DNS header) to
     * 65,535 bytes.
     *
     * <pre>
     * +--------+-------------+
     * | length | DNS message |
     * |   2    |             |
     * +--------+-------------+
     * wire   00 0c 12 34 01 00 00 00 00 00 00 00 00 00
     * frame        12 34 01 00 00 00 00 00 00 00 00 00
     * </pre>
     *
     * @return the format
     */
    public static Framing dns() {
        return DNS;
    }

    /**
     * MQTT 3.1.1 and 5 (MQTT 3.1.1, section 2.2; MQTT 5.0, sections 1.5.5 and 2.1). Whole packets, of 2 to 268,435,460 bytes. Type 0
     * and a length of more than 4 bytes, or of more than it needs, are corrupt. The encoder wants the right length in the packet.
     *
     * <pre>
     * +------------+--------+---------+
     * | type+flags | length | payload |     the length counts the payload: 7 bits a byte, the lowest first
     * |     1      | 1 to 4 |         |
     * +------------+--------+---------+
     * wire   40 02 00 07 c0 00
     * frames 40 02 00 07    PUBACK
     *        c0 00          PINGREQ
     * </pre>
     *
     * @return the format
     */
    public static Framing mqtt() {
        return MQTT;
    }

    /**
     * Protocol Buffers messages with their length in front, {@code writeDelimitedTo} and {@code parseDelimitedFrom} (Protocol
     * Buffers documentation, "Streaming Multiple Messages" and "Base 128 Varints"). Payloads, of 0 to 2,147,483,647 bytes.
     *
     * <pre>
     * +--------+---------+
     * | length | message |     7 bits a byte, the lowest first
     * | 1 to 5 |         |
     * +--------+---------+
     * wire   03 08 96 01
     * frame     08 96 01    field 1: 150
     * </pre>
     *
     * @return the format
     */
    public static Framing protobuf() {
        return PROTOBUF;
    }

    /**
     * TPKT, under ISO transport class 0: S7, H.323, RDP (RFC 1006, section 6). Payloads (TPDUs), of 3 to 65,531 bytes. The
     * reserved byte has to be 0.
     *
     * <pre>
     * +---------+----------+--------+------+
     * | version | reserved | length | TPDU |     the length counts the header
     * |   03    |    00    |   2    |      |
     * +---------+----------+--------+------+
     * wire   03 00 00 07 02 f0 80
     * frame              02 f0 80    DT, empty
     * </pre>
     *
     * @return the format
     */
    public static Framing tpkt() {
        return TPKT;
    }

    /**
     * SMPP, short messages (SMPP Protocol Specification 3.4, section 3.2). Whole PDUs, of at least 16 bytes.
     *
     * <pre>
     * +--------+---------+--------+----------+------+
     * | length | command | status | sequence | body |     the length counts itself
     * |   4    |    4    |   4    |    4     |      |
     * +--------+---------+--------+----------+------+
     * wire   00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 07
     * frame  00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 07    enquire_link
     * </pre>
     *
     * @return the format
     */
    public static Framing smpp() {
        return SMPP;
    }

    /**
     * BGP-4 (RFC 4271, section 4.1), without the extended messages of RFC 8654. Whole messages, of 19 to 4,096 bytes.
     *
     * <pre>
     * +------------+--------+------+------+
     * |   marker   | length | type | body |     the length counts the whole message
     * | ff, 16 times |  2   |  1   |      |
     * +------------+--------+------+------+
     * wire   ff ... ff 00 13 04
     * frame  ff ... ff 00 13 04    KEEPALIVE
     * </pre>
     *
     * @return the format
     */
    public static Framing bgp() {
        return BGP;
    }

    /**
     * Diameter (RFC 6733, section 3). Whole messages of version 1, of 20 to 16,777,212 bytes, a multiple of 4.
     *
     * <pre>
     * +---------+--------+-------+---------+-------------+------------+-----------+------+
     * | version | length | flags | command | application | hop-by-hop | end-to-end| AVPs |
     * |   01    |   3    |   1   |    3    |      4      |     4      |     4     |      |
     * +---------+--------+-------+---------+-------------+------------+-----------+------+
     *           the length counts the whole message
     * </pre>
     *
     * @return the format
     */
    public static Framing diameter() {
        return DIAMETER;
    }

    /**
     * Modbus TCP (MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3; MODBUS Application Protocol
     * Specification V1.1b3, section 4.1). Whole messages, header included, of 8 to 260 bytes.
     *
     * <pre>
     * +-------------+----------+--------+------+-----+
     * | transaction | protocol | length | unit | PDU |     the length counts unit and PDU
     * |      2      |  00 00   |   2    |  1   |     |
     * +-------------+----------+--------+------+-----+
     * wire   15 01 00 00 00 06 ff 03 00 04 00 01
     * frame  15 01 00 00 00 06 ff 03 00 04 00 01    read one register
     * </pre>
     *
     * @return the format
     */
    public static Framing modbusTcp() {
        return MODBUS_TCP;
    }

    /**
     * AMQP 0-9-1, both directions (AMQP 0-9-1 specification, sections 4.2.2 and 4.2.3). Whole frames, header and end byte
     * included, of at least 8 bytes. The types are 1 (method), 2 (header), 3 (body) and 8 (heartbeat).
     *
     * <pre>
     * +------+---------+--------+---------+-----+
     * | type | channel |  size  | payload | end |     the size counts the payload
     * |  1   |    2    |   4    |         |  ce |
     * +------+---------+--------+---------+-----+
     * wire   08 00 00 00 00 00 00 ce
     * frame  08 00 00 00 00 00 00 ce    heartbeat
     * </pre>
     *
     * <p>The first frame of a stream may be the protocol header: the client sends one always, a server to refuse the client's.
     *
     * <pre>
     * wire   41 4d 51 50 00 00 09 01
     * frame  41 4d 51 50 00 00 09 01    "AMQP", 0-9-1
     * </pre>
     *
     * @return the format
     */
    public static Framing amqp() {
        return AMQP;
    }

    /**
     * RSocket over TCP (RSocket Protocol, "Framing Protocol Usage"). Payloads (RSocket frames), of 6 (stream, type and flags)
     * to 16,777,215 bytes.
     *
     * <pre>
     * +--------+-----------+--------------+------+
     * | length | stream id | type + flags | rest |
     * |   3    |     4     |      2       |      |
     * +--------+-----------+--------------+------+
     * wire   00 00 06 00 00 00 01 24 00
     * frame           00 00 00 01 24 00    CANCEL of stream 1
     * </pre>
     *
     * @return the format
     */
    public static Framing rsocket() {
        return RSOCKET;
    }

    /**
     * The messages in a gRPC call's HTTP/2 data (gRPC over HTTP2, "Length-Prefixed-Message"). Whole messages, since the header
     * says whether they are compressed, of 5 to 4,294,967,300 bytes.
     *
     * <pre>
     * +------------+--------+---------+
     * | compressed | length | message |
     * |  00 or 01  |   4    |         |
     * +------------+--------+---------+
     * wire   00 00 00 00 07 0a 05 77 6f 72 6c 64
     * frame  00 00 00 00 07 0a 05 77 6f 72 6c 64    HelloRequest, name "world"
     * </pre>
     *
     * @return the format
     */
    public static Framing grpc() {
        return GRPC;
    }

    /**
     * Syslog over TCP and TLS (RFC 6587, section 3.4; RFC 5425, section 4.3). Messages (payloads), of at least 1 byte. Both ways of
     * framing are read, also mixed: a message whose first byte is a digit has its length in front (octet counting), any other ends
     * at a line feed. Line feeds in front of a message are passed over. Written is octet counting, which any message can stand.
     *
     * <pre>
     * +--------+----+---------+    +---------+----+
     * | length | 20 | message |    | message | 0a |
     * +--------+----+---------+    +---------+----+
     * wire   36 20 3c 33 34 3e 68 69 3c 33 34 3e 68 6f 0a    "6 &lt;34&gt;hi&lt;34&gt;ho\n"
     * frames "&lt;34&gt;hi", "&lt;34&gt;ho"
     * </pre>
     *
     * @return the format
     */
    public static Framing syslog() {
        return SYSLOG;
    }

    /**
     * MLLP, HL7 messages (HL7 Version 3 Standard: Transport Specification - MLLP, Release 2, section 2). Payloads (blocks), also
     * empty ones. Bytes between blocks, such as a line feed behind one, are skipped.
     *
     * <pre>
     * +-------+---------+-------+
     * | start | payload |  end  |
     * |  0b   |         | 1c 0d |
     * +-------+---------+-------+
     * wire   0b 4d 53 48 1c 0d
     * frame     4d 53 48    "MSH"
     * </pre>
     *
     * @return the format
     */
    public static Framing mllp() {
        return MLLP;
    }

    /**
     * The base protocol of the Language Server Protocol, also that of the Debug Adapter Protocol (Language Server Protocol
     * Specification 3.17, "Base Protocol"). Payloads (JSON), as {@link ContentLength#create()} reads and writes them.
     *
     * <pre>
     * wire   Content-Length: 2\r\n\r\n{}
     * frame  {}
     * </pre>
     *
     * @return the format
     */
    public static Framing lsp() {
        return LSP;
    }

    /**
     * ISO 8583 card messages with a length of 4 decimal digits; see {@link #iso8583Binary()}. Payloads, of 0 to 9,999 bytes.
     *
     * <pre>
     * +--------------+---------+
     * |    length    | message |
     * | 4 characters |         |
     * +--------------+---------+
     * wire   30 30 30 34 30 38 30 30    "0004", "0800"
     * frame              30 38 30 30
     * </pre>
     *
     * @return the format
     */
    public static Framing iso8583Decimal() {
        return ISO_8583_DECIMAL;
    }

    /**
     * ISO 8583 card messages with a binary length. ISO 8583 itself says nothing about framing; this and
     * {@link #iso8583Decimal()} are what links over TCP use. Payloads, of 0 to 65,535 bytes; an empty one is a sign of life.
     *
     * <pre>
     * +--------+---------+
     * | length | message |
     * |   2    |         |
     * +--------+---------+
     * wire   00 04 30 38 30 30
     * frame        30 38 30 30    "0800"
     * </pre>
     *
     * @return the format
     */
    public static Framing iso8583Binary() {
        return ISO_8583_BINARY;
    }

    /**
     * SoupBinTCP, under ITCH and OUCH (Nasdaq SoupBinTCP specification 3.00, section 1.1, "SoupBinTCP Logical Packets"; the same in
     * 4.00). Payloads, from the packet type on, of 1 to 65,535 bytes.
     *
     * <pre>
     * +--------+------+---------+
     * | length | type | payload |     the length counts type and payload
     * |   2    |  1   |         |
     * +--------+------+---------+
     * wire   00 01 48
     * frame        48    "H", server heartbeat
     * </pre>
     *
     * @return the format
     */
    public static Framing soupBinTcp() {
        return SOUP_BIN_TCP;
    }

    /**
     * IEC 60870-5-104, telecontrol (IEC 60870-5-104:2006, clause 5). Payloads, from the control fields on, of 4 to 253 bytes.
     *
     * <pre>
     * +-------+--------+----------------+------+
     * | start | length | control fields | ASDU |
     * |  68   |   1    |       4        |      |
     * +-------+--------+----------------+------+
     * wire   68 04 07 00 00 00
     * frame        07 00 00 00    STARTDT act
     * </pre>
     *
     * @return the format
     */
    public static Framing iec104() {
        return IEC_104;
    }

    /**
     * OPC UA Connection Protocol, {@code opc.tcp} (OPC 10000-6, section 7.1.2.2; OPC UA Secure Conversation, section 6.7.2.2).
     * Whole messages, of at least 8 bytes. The types are HEL, ACK, ERR, RHE, OPN and CLO, which are final, and MSG, whose chunks are
     * final, intermediate or aborting. Whether one of the first four is final is not looked at when it is read.
     *
     * <pre>
     * +------+-----------+--------------+------+
     * | type |   chunk   |     size     | body |     the size is little-endian and counts the whole message
     * |  3   | F, C or A |      4       |      |
     * +------+-----------+--------------+------+
     * wire   45 52 52 46 10 00 00 00 00 00 7d 80 ff ff ff ff
     * frame  45 52 52 46 10 00 00 00 00 00 7d 80 ff ff ff ff    ERR
     * </pre>
     *
     * @return the format
     */
    public static Framing opcUa() {
        return OPC_UA;
    }

    /**
     * Git's pkt-lines (gitprotocol-common(5), "pkt-line Format"). Whole pkt-lines, of 4 to 65,520 bytes, since 0000 (flush),
     * 0001 (delimiter) and 0002 (response end) have no payload either. 0003 is corrupt. The encoder writes these three as they are.
     *
     * <pre>
     * +--------------+---------+
     * |    length    | payload |     the length counts itself
     * | 4 hex digits |         |
     * +--------------+---------+
     * wire   30 30 30 36 61 0a 30 30 30 30    "0006a\n0000"
     * frames "0006a\n", "0000"
     * </pre>
     *
     * @return the format
     */
    public static Framing gitPktLine() {
        return GIT_PKT_LINE;
    }

    /**
     * EPP, domain registries (RFC 5734, section 4). Payloads (XML), of 0 to 4,294,967,291 bytes.
     *
     * <pre>
     * +--------+-----+
     * | length | XML |     the length counts itself
     * |   4    |     |
     * +--------+-----+
     * wire   00 00 00 0c 3c 68 65 6c 6c 6f 2f 3e
     * frame              3c 68 65 6c 6c 6f 2f 3e    "&lt;hello/&gt;"
     * </pre>
     *
     * @return the format
     */
    public static Framing epp() {
        return EPP;
    }

    /**
     * MySQL and MariaDB, both directions, not compressed (MySQL Source Code Documentation, "MySQL Packets"). Whole packets, of 4
     * to 16,777,219 bytes. A payload of 16,777,215 bytes goes on in the next packet.
     *
     * <pre>
     * +--------+-------------+---------+
     * | length | sequence id | payload |     the length is little-endian
     * |   3    |      1      |         |
     * +--------+-------------+---------+
     * wire   01 00 00 00 01
     * frame  01 00 00 00 01    COM_QUIT
     * </pre>
     *
     * @return the format
     */
    public static Framing mysql() {
        return MYSQL;
    }

    /**
     * TDS, Microsoft SQL Server ([MS-TDS], section 2.2.3.1; the largest packet, section 2.2.3.1.3). Whole packets, of 8 to 32,767
     * bytes.
     *
     * <pre>
     * +------+--------+--------+------+-----------+--------+------+
     * | type | status | length | SPID | packet id | window | data |     the length counts the whole packet
     * |  1   |   1    |   2    |  2   |     1     |   1    |      |
     * +------+--------+--------+------+-----------+--------+------+
     * wire   06 01 00 08 00 00 01 00
     * frame  06 01 00 08 00 00 01 00    attention
     * </pre>
     *
     * @return the format
     */
    public static Framing tds() {
        return TDS;
    }

    // ---- presets of more than one format

    private static Framing postgresFraming() {
        Framing typed = LengthField.ofSize(4)
                .before(1)
                .counts(Counts.AFTER_LENGTH)
                .adjustment(-4)
                .keepHeader()
                .checkHeader(rule("a PostgreSQL message's type is not 0", header -> header.get(0) != 0)
                        .and(length(
                                "PostgreSQL message", header -> 1 + (header.getInt(1) & 0xFFFFFFFFL), 5, 1 + MAX_INT)));
        Framing untyped = LengthField.ofSize(4)
                .counts(Counts.WHOLE_FRAME)
                .keepHeader()
                .checkHeader(length("PostgreSQL startup message", header -> header.getInt(0) & 0xFFFFFFFFL, 8, 10_004));
        Framing first = new ByFirstByte(value -> value == 0, untyped, typed);
        return preset(
                "postgres",
                Switching.of(
                        first, message -> message.get(0) == 0 && asksForEncryption(message.getInt(4)) ? first : typed));
    }

    private static boolean asksForEncryption(int code) {
        int sslRequest = 80877103;
        int gssEncRequest = 80877104;
        return code == sslRequest || code == gssEncRequest;
    }

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

    private static Framing iec104Framing() {
        LengthField format = LengthField.ofSize(1).marker((byte) 0x68);
        return searching("iec104", "IEC 104 APDU", format, header -> header.get(1) & 0xFF, 4, 253);
    }

    private static Framing amqpFraming() {
        long header = 0x414D5150_00000901L;
        // the header's last byte, 1, as a length of 8 bytes in all
        Framing protocolHeader = LengthField.ofSize(1)
                .before(7)
                .adjustment(-1)
                .keepHeader()
                .checkHeader(
                        rule("the protocol header is not that of AMQP 0-9-1", bytes -> bytes.getLong(0) == header));
        Framing frames = new EndByte(
                LengthField.ofSize(4)
                        .before(3)
                        .adjustment(1)
                        .keepHeader()
                        .checkHeader(rule("the type of an AMQP frame is 1, 2, 3 or 8", bytes -> {
                            byte type = bytes.get(0);
                            return type >= 1 && type <= 3 || type == 8;
                        })),
                (byte) 0xCE);
        Framing first = new ByFirstByte(value -> value == 'A', protocolHeader, frames);
        return preset("amqp", Switching.of(first, frame -> frames));
    }

    private static Framing syslogFraming() {
        Framing counted = TextLength.octetCounting();
        return new Preset(
                "syslog",
                new ByFirstByte(value -> value >= '0' && value <= '9', counted, Delimiter.of("\n"), '\n'),
                counted);
    }

    private static Framing opcUaFraming() {
        LengthField format = LengthField.ofSize(4)
                .before(4)
                .littleEndian()
                .counts(Counts.WHOLE_FRAME)
                .keepHeader();
        Predicate<ByteBuffer> size = length(
                "OPC UA message", header -> Integer.reverseBytes(header.getInt(4)) & 0xFFFFFFFFL, 8, 0xFFFFFFFFL);
        String rule = "no OPC UA message begins so";
        return new Preset(
                "opcUa",
                format.checkHeader(rule(rule, header -> isOpcUa(header.getInt(0) >>> 8, header.get(3), true))
                        .and(size)),
                format.checkHeader(rule(rule, header -> isOpcUa(header.getInt(0) >>> 8, header.get(3), false))
                        .and(size)));
    }

    private static boolean isOpcUa(int type, byte chunk, boolean reading) {
        return switch (type) {
            // of these, the receiver ignores the byte
            case 0x48454C, 0x41434B, 0x455252, 0x524845 -> reading || chunk == 'F'; // HEL ACK ERR RHE
            case 0x4F504E, 0x434C4F -> chunk == 'F'; // OPN CLO
            case 0x4D5347 -> chunk == 'F' || chunk == 'C' || chunk == 'A'; // MSG
            default -> false;
        };
    }

    // ---- what they are made of

    private static Framing preset(String name, Framing framing) {
        return new Preset(name, framing, framing);
    }

    /** A format with a marker: what is out of bounds is refused, so that the search goes on; only the writer says why. */
    private static Framing searching(
            String name, String what, LengthField format, ToLongFunction<ByteBuffer> length, long min, long max) {
        return new Preset(
                name,
                format.checkHeader(header -> {
                    long bytes = length.applyAsLong(header);
                    return bytes >= min && bytes <= max;
                }),
                format.checkHeader(length(what, length, min, max)));
    }

    /** A check that throws if the message, as it is delivered, has a length that its specification does not allow. */
    private static Predicate<ByteBuffer> length(String what, ToLongFunction<ByteBuffer> length, long min, long max) {
        return header -> {
            checkLength(what, length.applyAsLong(header), min, max);
            return true;
        };
    }

    private static void checkLength(String what, long bytes, long min, long max) {
        if (bytes < min) {
            throw new CorruptFrameException(
                    what + " of " + bytes + " bytes is shorter than the " + min + " that it has at least");
        }
        if (bytes > max) {
            throw new FrameTooLongException(
                    what + " of " + bytes + " bytes is longer than the " + max + " that it has at most", bytes, max);
        }
    }

    /** A check that throws if the header breaks the rule. */
    private static Predicate<ByteBuffer> rule(String rule, Predicate<ByteBuffer> holds) {
        return header -> {
            if (!holds.test(header)) {
                throw new CorruptFrameException(rule);
            }
            return true;
        };
    }

    /** A format that has no frames. */
    private static Framing refusing(String reason) {
        return LengthField.ofSize(1).keepHeader().checkHeader(rule(reason, header -> false));
    }

    /** A preset by its name; what it reads by may be other than what it writes by. */
    private record Preset(String name, Framing reading, Framing writing) implements Framing {

        @Override
        public FrameDecoder newDecoder() {
            return reading.newDecoder();
        }

        @Override
        public FrameEncoder newEncoder() {
            return writing.newEncoder();
        }

        @Override
        public String toString() {
            return "Protocols." + name + "()";
        }
    }

    /**
     * Frames whose first byte on the wire tells which of two framings they have; to be written by it, it has to be the first that
     * is delivered, too. The byte {@code between}, if it is one, may stand between frames.
     */
    private record ByFirstByte(IntPredicate isFirst, Framing first, Framing other, int between) implements Framing {

        ByFirstByte(IntPredicate isFirst, Framing first, Framing other) {
            this(isFirst, first, other, -1);
        }

        @Override
        public FrameDecoder newDecoder() {
            FrameDecoder first = this.first.newDecoder();
            FrameDecoder other = this.other.newDecoder();
            return new FrameDecoder() {
                private @Nullable FrameDecoder decoder;

                @Override
                public boolean decode(ByteBuffer chunk, FrameSink frame) {
                    FrameDecoder current = decoder;
                    if (current == null) {
                        int n = 0;
                        while (n < chunk.remaining() && chunk.get(chunk.position() + n) == between) {
                            n++;
                        }
                        frame.skip(chunk, n);
                        if (!chunk.hasRemaining()) {
                            return false;
                        }
                        current = isFirst.test(chunk.get(chunk.position()) & 0xFF) ? first : other;
                    }
                    boolean complete = current.decode(chunk, frame);
                    decoder = complete ? null : current;
                    return complete;
                }

                @Override
                public boolean complete(FrameSink frame) {
                    return decoder != null && decoder.complete(frame);
                }
            };
        }

        @Override
        public FrameEncoder newEncoder() {
            FrameEncoder first = this.first.newEncoder();
            FrameEncoder other = this.other.newEncoder();
            return new FrameEncoder() {
                @Override
                public int encodedLength(ByteBuffer frame) {
                    return encoder(frame).encodedLength(frame);
                }

                @Override
                public void encode(ByteBuffer frame, ByteBuffer target) {
                    encoder(frame).encode(frame, target);
                }

                private FrameEncoder encoder(ByteBuffer frame) {
                    return frame.hasRemaining() && isFirst.test(frame.get(frame.position()) & 0xFF) ? first : other;
                }
            };
        }
    }

    /** Frames that have to end in a certain byte, which is not what ends them. */
    private record EndByte(Framing framing, byte end) implements Framing {

        @Override
        public FrameDecoder newDecoder() {
            FrameDecoder decoder = framing.newDecoder();
            return new FrameDecoder() {
                @Override
                public boolean decode(ByteBuffer chunk, FrameSink frame) {
                    boolean complete = decoder.decode(chunk, frame);
                    if (complete) {
                        check(chunk.get(chunk.position() - 1));
                    }
                    return complete;
                }

                @Override
                public boolean complete(FrameSink frame) {
                    return decoder.complete(frame);
                }
            };
        }

        @Override
        public FrameEncoder newEncoder() {
            FrameEncoder encoder = framing.newEncoder();
            return new FrameEncoder() {
                @Override
                public int encodedLength(ByteBuffer frame) {
                    int length = encoder.encodedLength(frame);
                    check(frame.get(frame.limit() - 1));
                    return length;
                }

                @Override
                public void encode(ByteBuffer frame, ByteBuffer target) {
                    encoder.encode(frame, target);
                }
            };
        }

        private void check(byte last) {
            if (last != end) {
                HexFormat hex = HexFormat.of();
                throw new CorruptFrameException(
                        "the frame ends in " + hex.toHexDigits(last) + " instead of " + hex.toHexDigits(end));
            }
        }
    }

    /** Frames whose announced length is bounded. */
    private record Bounded(String what, Framing framing, long min, long max) implements Framing {

        @Override
        public FrameDecoder newDecoder() {
            FrameDecoder decoder = framing.newDecoder();
            return decoder instanceof FrameFinder finder
                    ? new BoundedFinder(this, finder)
                    : new BoundedDecoder(this, decoder);
        }

        @Override
        public FrameEncoder newEncoder() {
            FrameEncoder encoder = framing.newEncoder();
            return new FrameEncoder() {
                @Override
                public int encodedLength(ByteBuffer frame) {
                    checkLength(what, frame.remaining(), min, max);
                    return encoder.encodedLength(frame);
                }

                @Override
                public void encode(ByteBuffer frame, ByteBuffer target) {
                    encoder.encode(frame, target);
                }
            };
        }
    }

    private static class BoundedDecoder implements FrameDecoder {

        private final FrameDecoder decoder;
        private final BoundedSink sink;

        BoundedDecoder(Bounded bounds, FrameDecoder decoder) {
            this.decoder = decoder;
            sink = new BoundedSink(bounds);
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            sink.forwardTo(frame);
            return decoder.decode(chunk, sink);
        }

        @Override
        public boolean complete(FrameSink frame) {
            return decoder.complete(frame);
        }
    }

    private static final class BoundedFinder extends BoundedDecoder implements FrameFinder {

        private final FrameFinder finder;
        private final long min;
        private final long max;

        BoundedFinder(Bounded bounds, FrameFinder finder) {
            super(bounds, finder);
            this.finder = finder;
            min = bounds.min;
            max = bounds.max;
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            return finder.find(chunk, start, place) && place.length() >= min && place.length() <= max;
        }
    }

    /** Looks at announced lengths, and passes everything on. */
    private static final class BoundedSink extends ForwardingSink {

        private final Bounded bounds;

        BoundedSink(Bounded bounds) {
            this.bounds = bounds;
        }

        @Override
        public void expect(long frameLength, long wireLength) {
            checkLength(bounds.what, frameLength, bounds.min, bounds.max);
            super.expect(frameLength, wireLength);
        }
    }
}
