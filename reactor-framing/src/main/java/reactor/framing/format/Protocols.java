package reactor.framing.format;

import reactor.framing.CorruptFrameException;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

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
 * <p>Many of these bounds are above the 8 MiB that a codec allows unless it is told otherwise. The lower one holds: set
 * {@link reactor.framing.FrameCodec#maxFrameLength} to the longest message that the application means to hold in memory.
 *
 * <p>Where the whole message is delivered, the encoder takes the whole message and fills the length in, so that the bytes of the
 * length may be anything in a frame to be written; {@link #mqtt()} alone wants them right.
 *
 * <p>By field:
 * <ul>
 * <li>databases: {@link #postgres() postgres}, {@link #mysql() mysql}, {@link #tds() tds}
 * <li>messaging and remote calls: {@link #kafka() kafka}, {@link #mqtt() mqtt}, {@link #amqp() amqp},
 *     {@link #rsocket() rsocket}, {@link #grpc() grpc}, {@link #protobuf() protobuf}, {@link #smpp() smpp}
 * <li>web and mail: {@link #webSocket() webSocket}, {@link #epp() epp}
 * <li>network: {@link #dns() dns}, {@link #bgp() bgp}, {@link #diameter() diameter}, {@link #tpkt() tpkt},
 *     {@link #syslog() syslog}
 * <li>industry: {@link #modbusTcp() modbusTcp}, {@link #iec104() iec104}, {@link #opcUa() opcUa}
 * <li>finance: {@link #iso8583Binary() iso8583Binary}, {@link #iso8583Decimal() iso8583Decimal},
 *     {@link #soupBinTcp() soupBinTcp}
 * <li>health: {@link #mllp() mllp}
 * <li>tools and others: {@link #lsp() lsp}, {@link #gitPktLine() gitPktLine}
 * </ul>
 */
public final class Protocols {

    private Protocols() {}

    // ---- databases and caches

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
     * <p>A row or a value may have up to 1 GiB. For messages of more than the codec's 8 MiB, set
     * {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength}.
     *
     * @return the format
     */
    public static Framing postgres() {
        return DatabaseProtocols.POSTGRES;
    }

    /**
     * MySQL and MariaDB, both directions, not compressed (MySQL Source Code Documentation, "MySQL Packets"). Whole packets, of 4
     * to 16,777,219 bytes. A payload of 16,777,215 bytes goes on in the next packet. Packets of more than the codec's 8 MiB are
     * common where {@code max_allowed_packet} is: set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to
     * 16,777,219.
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
        return DatabaseProtocols.MYSQL;
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
        return DatabaseProtocols.TDS;
    }

    // ---- messaging and remote calls

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
        return MessagingProtocols.KAFKA;
    }

    /**
     * MQTT 3.1.1 and 5 (MQTT 3.1.1, section 2.2; MQTT 5.0, sections 1.5.5 and 2.1). Whole packets, of 2 to 268,435,460 bytes. Type 0
     * and a length of more than 4 bytes, or of more than it needs, are corrupt. The encoder wants the right length in the packet.
     * For packets of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to what the
     * broker accepts, 268,435,460 at most.
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
        return MessagingProtocols.MQTT;
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
        return MessagingProtocols.AMQP;
    }

    /**
     * RSocket over TCP (RSocket Protocol, "Framing Protocol Usage"). Payloads (RSocket frames), of 6 (stream, type and flags)
     * to 16,777,215 bytes. A peer may send frames of that size: set
     * {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to it, as the codec's own limit is 8 MiB.
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
        return MessagingProtocols.RSOCKET;
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
        return MessagingProtocols.GRPC;
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
        return MessagingProtocols.PROTOBUF;
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
        return MessagingProtocols.SMPP;
    }

    // ---- web and mail

    /**
     * WebSocket, both directions, behind the opening handshake (RFC 6455, section 5.2). Whole frames, of 2 to
     * 9,223,372,036,854,775,807 bytes, masked as they are. A reserved opcode, a control frame that is a fragment or has a payload of
     * more than 125 bytes (section 5.5), and a length in more bytes than it needs are corrupt. The three reserved bits, which
     * extensions use, are not looked at. The encoder wants the right length in the frame.
     *
     * <pre>
     * +-----------------+---------------+-----------------+-------------+---------+
     * | FIN, RSV, opcode| mask + length | extended length | masking key | payload |
     * |        1        |       1       |    0, 2 or 8    |   0 or 4    |         |
     * +-----------------+---------------+-----------------+-------------+---------+
     *                                     the length counts the payload
     * wire   81 05 48 65 6c 6c 6f 89 00
     * frames 81 05 48 65 6c 6c 6f    text "Hello"
     *        89 00                   ping
     * </pre>
     *
     * @return the format
     */
    public static Framing webSocket() {
        return WebProtocols.WEB_SOCKET;
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
        return WebProtocols.EPP;
    }

    // ---- network

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
        return NetworkProtocols.DNS;
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
        return NetworkProtocols.BGP;
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
        return NetworkProtocols.DIAMETER;
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
        return NetworkProtocols.TPKT;
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
        return NetworkProtocols.SYSLOG;
    }

    // ---- industry

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
        return IndustryProtocols.MODBUS_TCP;
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
        return IndustryProtocols.IEC_104;
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
        return IndustryProtocols.OPC_UA;
    }

    // ---- finance

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
        return FinanceProtocols.ISO_8583_BINARY;
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
        return FinanceProtocols.ISO_8583_DECIMAL;
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
        return FinanceProtocols.SOUP_BIN_TCP;
    }

    // ---- health

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
        return HealthProtocols.MLLP;
    }

    // ---- tools and others

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
        return OtherProtocols.LSP;
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
        return OtherProtocols.GIT_PKT_LINE;
    }
}
