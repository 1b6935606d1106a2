package reactor.framing.format;

import java.util.Objects;
import java.util.function.IntUnaryOperator;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/**
 * The wire formats of well-known protocols. A frame is one message of the protocol: the whole message where its header
 * says more than the length (a type, an identifier, flags), else the payload behind the header. Constant bytes in a
 * header, such as a start byte, say nothing more.
 *
 * <p>The bounds that a specification sets are checked in both directions, besides the codec's own limit: a message that
 * is shorter than its protocol allows is a {@link CorruptFrameException}, a longer one a {@link FrameTooLongException}.
 * Since a length that cannot be does not tell where the next message begins, such a message ends the stream also under
 * {@code skipInvalid}. In {@link #bgp()}, {@link #iec104()}, {@link #tpkt()}, {@link #knxNetIp()} and {@link #rtcm3()},
 * whose messages begin with a marker, both are corrupt when read, and the next marker is looked for.
 *
 * <p>Where messages have a check, it is looked at: a wrong one is a {@link CorruptFrameException}, and under
 * {@code skipInvalid} the message is passed over. The encoder writes the check. {@link #mavlink()} is the exception.
 *
 * <p>Many of these bounds are above the 8 MiB that a codec allows unless it is told otherwise. The lower one holds: set
 * {@link reactor.framing.FrameCodec#maxFrameLength} to the longest message that the application means to hold in
 * memory.
 *
 * <p>Where the whole message is delivered, the encoder takes the whole message. A length in a binary field of fixed
 * size is filled in, so that its bytes may be anything in a frame to be written. Any other length, such as one in text
 * or of as many bytes as it needs, has to be right: a frame that has another length than it says is a {@link
 * CorruptFrameException}.
 *
 * <p>By field:
 * <ul>
 * <li>databases and caches: {@link #postgres() postgres}, {@link #mysql() mysql}, {@link #tds() tds},
 *     {@link #resp() resp}, {@link #memcached() memcached}, {@link #mongo() mongo}, {@link #cassandra() cassandra},
 *     {@link #cassandraV5() cassandraV5}, {@link #zookeeper() zookeeper}
 * <li>messaging and remote calls: {@link #kafka() kafka}, {@link #mqtt() mqtt}, {@link #amqp() amqp},
 *     {@link #rsocket() rsocket}, {@link #grpc() grpc}, {@link #protobuf() protobuf}, {@link #smpp() smpp},
 *     {@link #amqp10() amqp10}, {@link #stomp() stomp}, {@link #nats() nats}, {@link #thrift() thrift}
 * <li>web and mail: {@link #webSocket() webSocket}, {@link #epp() epp}, {@link #http2() http2}, {@link #sip() sip},
 *     {@link #rtsp() rtsp}, {@link #imap() imap}
 * <li>network: {@link #dns() dns}, {@link #bgp() bgp}, {@link #diameter() diameter}, {@link #tpkt() tpkt},
 *     {@link #syslog() syslog}, {@link #tlsRecords() tlsRecords}, {@link #ber() ber}, {@link #ldap() ldap},
 *     {@link #snmp() snmp}, {@link #kerberos() kerberos}, {@link #socks5() socks5},
 *     {@link #socks5Replies() socks5Replies}, {@link #proxyProtocol() proxyProtocol}, {@link #ipfix() ipfix},
 *     {@link #bmp() bmp}, {@link #pcep() pcep}, {@link #radius() radius}, {@link #tacacs() tacacs},
 *     {@link #oncRpc() oncRpc}, {@link #zabbix() zabbix}
 * <li>industry: {@link #modbusTcp() modbusTcp}, {@link #iec104() iec104}, {@link #opcUa() opcUa},
 *     {@link #modbusRtuRequests() modbusRtuRequests}, {@link #modbusRtuResponses() modbusRtuResponses},
 *     {@link #dnp3() dnp3}, {@link #dlmsWrapper() dlmsWrapper}, {@link #knxNetIp() knxNetIp}, {@link #ads() ads},
 *     {@link #hsms() hsms}, {@link #hj212() hj212}
 * <li>vehicles and positioning: {@link #jt808() jt808}, {@link #gbt32960() gbt32960}, {@link #doip() doip},
 *     {@link #someIp() someIp}, {@link #ubx() ubx}, {@link #nmea() nmea}, {@link #ubxAndNmea() ubxAndNmea},
 *     {@link #mavlink() mavlink}, {@link #rtcm3() rtcm3}
 * <li>finance: {@link #iso8583Binary() iso8583Binary}, {@link #iso8583Decimal() iso8583Decimal},
 *     {@link #soupBinTcp() soupBinTcp}, {@link #fix() fix}, {@link #bitcoin() bitcoin}
 * <li>health: {@link #mllp() mllp}, {@link #dicom() dicom}, {@link #astm() astm}
 * <li>tools and others: {@link #lsp() lsp}, {@link #gitPktLine() gitPktLine}, {@link #minecraft() minecraft},
 *     {@link #rcon() rcon}
 * </ul>
 */
public final class Protocols {

    private Protocols() {}

    // ---- databases and caches

    /**
     * PostgreSQL's frontend/backend protocol, version 3, both directions (PostgreSQL documentation, chapter
     * "Frontend/Backend Protocol", "Message Formats"). Whole messages, of at least 5 bytes.
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
     * {@code GSSENCRequest}, has no type. It is told by its first byte, 00, since its length is 8 to 10,004 bytes: the
     * server takes 10,000 behind the length ({@code MAX_STARTUP_PACKET_LENGTH} in its source). Behind one of the latter
     * two, another message without a type may come.
     *
     * <pre>
     * wire   00 00 00 08 04 d2 16 2f
     * frame  00 00 00 08 04 d2 16 2f    SSLRequest
     * </pre>
     *
     * <p>The server's answer to those two is a single byte, {@code S}, {@code G} or {@code N}, and no message: read it
     * before the stream is handed to this format.
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
     * MySQL and MariaDB, both directions, not compressed (MySQL Source Code Documentation, "MySQL Packets"). Whole
     * packets, of 4 to 16,777,219 bytes. A payload of 16,777,215 bytes goes on in the next packet. Packets of more than
     * the codec's 8 MiB are common where {@code max_allowed_packet} is: set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to 16,777,219.
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
     * TDS, Microsoft SQL Server ([MS-TDS], section 2.2.3.1; the largest packet, section 2.2.3.1.3). Whole packets, of 8
     * to 32,767 bytes.
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

    /**
     * Redis, both directions, RESP2 and RESP3 (Redis documentation, "Redis serialization protocol specification"; RESP3
     * specification). Whole values, with the values in them: a reply, a command, a push message, or the attributes of a
     * value and that value. Values lie at most 128 deep in each other, which is this preset's own bound. A string has
     * at most 536,870,912 bytes ({@code proto-max-bulk-len}). Streamed strings and aggregates are read as well.
     *
     * <pre>
     * +------+--------------------+-------+------------------+
     * | type | text, or a length  | 0d 0a | string 0d 0a, or |     the length counts the string's bytes, the values
     * |  1   |                    |       | values           |     of an aggregate, or the pairs of a map
     * +------+--------------------+-------+------------------+
     * wire   *2\r\n$3\r\nGET\r\n$3\r\nkey\r\n+OK\r\n$-1\r\n
     * frames "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", "+OK\r\n", "$-1\r\n"
     * </pre>
     *
     * <p>What begins with a letter is an inline command: up to its line feed, of 65,536 bytes at most ({@code
     * PROTO_INLINE_MAX_SIZE} in Redis' source).
     *
     * <p>For replies of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing resp() {
        return DatabaseProtocols.RESP;
    }

    /**
     * memcached, both directions, the text protocol with its meta commands, and the binary protocol (memcached, {@code
     * doc/protocol.txt} and {@code doc/protocol-binary.txt}). Whole messages: a line, and behind one that tells the
     * size of a value that value. Bytes of a value are never taken for a line. A line has at most 16,000 bytes, which
     * is this preset's own bound. A first byte of 80 or 81 tells the binary protocol.
     *
     * <pre>
     * +------+-------+-------+-------+     +-------+------+---------+-----------+-------+------+
     * | line | 0d 0a | value | 0d 0a |     | magic | rest | length  |   rest    | body         |
     * |      |       |       |       |     | 80,81 |  7   |   4     |    12     |              |
     * +------+-------+-------+-------+     +-------+------+---------+-----------+--------------+
     * wire   get a\r\nset a 0 0 7\r\nget b\r\n\r\nVALUE a 0 2\r\nhi\r\nEND\r\n
     * frames "get a\r\n", "set a 0 0 7\r\nget b\r\n\r\n", "VALUE a 0 2\r\nhi\r\n", "END\r\n"
     * </pre>
     *
     * <p>The lines that have a value are {@code set}, {@code add}, {@code replace}, {@code append}, {@code prepend},
     * {@code cas}, {@code VALUE}, {@code ms} and {@code VA}. A value has 1 MiB at most where the server is not told
     * otherwise, up to 1 GiB. For values of more than the codec's 8 MiB, set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength}.
     *
     * @return the format
     */
    public static Framing memcached() {
        return DatabaseProtocols.MEMCACHED;
    }

    /**
     * MongoDB, both directions (MongoDB documentation, "MongoDB Wire Protocol", "Standard Message Header"). Whole
     * messages, of 16 to 48,000,000 bytes ({@code maxMessageSizeBytes}), whose opcode is 1 or 2001 to 2013. For
     * messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to
     * 48,000,000.
     *
     * <pre>
     * +--------+------------+-------------+--------+------+
     * | length | request id | response to | opcode | body |     little-endian; the length counts the whole message
     * |   4    |     4      |      4      |   4    |      |
     * +--------+------------+-------------+--------+------+
     * wire   1a 00 00 00 01 00 00 00 00 00 00 00 dd 07 00 00 00 00 00 00 00 05 00 00 00 00
     * frame  1a 00 00 00 01 00 00 00 00 00 00 00 dd 07 00 00 00 00 00 00 00 05 00 00 00 00    OP_MSG, {}
     * </pre>
     *
     * @return the format
     */
    public static Framing mongo() {
        return DatabaseProtocols.MONGO;
    }

    /**
     * Cassandra's native protocol, versions 3 and 4, both directions (CQL Binary Protocol v4, section 2), and the
     * envelopes of version 5. Whole messages, of 9 to 268,435,465 bytes: a body has 256 MiB at most. For messages of
     * more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength}.
     *
     * <pre>
     * +---------+-------+--------+--------+--------+------+
     * | version | flags | stream | opcode | length | body |     the length counts the body
     * |    1    |   1   |   2    |   1    |   4    |      |
     * +---------+-------+--------+--------+--------+------+
     * wire   04 00 00 61 05 00 00 00 00
     * frame  04 00 00 61 05 00 00 00 00    OPTIONS
     * </pre>
     *
     * <p>Version 5 puts envelopes into outer frames: {@link #cassandraV5()}.
     *
     * @return the format
     */
    public static Framing cassandra() {
        return DatabaseProtocols.CASSANDRA;
    }

    /**
     * Cassandra's native protocol, version 5, not compressed, each direction by itself (CQL Binary Protocol v5,
     * sections 2.1 and 2.3.1). At first whole messages, as {@link #cassandra()} has them. Behind {@code STARTUP},
     * {@code READY} or {@code AUTHENTICATE}, payloads of outer frames, of 0 to 131,071 bytes.
     *
     * <pre>
     * +------------------------+-------+---------+-------+
     * | length, self-contained | CRC24 | payload | CRC32 |     little-endian; the length counts the payload
     * |    17 bits + 1 bit     |   3   |         |   4   |
     * +------------------------+-------+---------+-------+
     * </pre>
     *
     * <p>Both checks are looked at, and a wrong one is corrupt. The frames, one behind the other, are a stream of
     * messages, of which a payload may have several, or a piece of one. So one codec behind the other gives the
     * messages:
     *
     * <pre>{@code
     * chunks.transform(FrameCodec.of(Protocols.cassandraV5())::decode)
     *         .transform(FrameCodec.of(Protocols.cassandra())::decode);
     * }</pre>
     *
     * <p>The encoder takes whole messages in a payload, or a long one in pieces of 131,071 bytes at most, and says
     * which it is.
     *
     * @return the format
     */
    public static Framing cassandraV5() {
        return DatabaseProtocols.CASSANDRA_V5;
    }

    /**
     * ZooKeeper, both directions ({@code zookeeper.jute}, and {@code ClientCnxnSocket} and {@code NIOServerCnxn} in its
     * source). Payloads, of 8 to 2,147,483,647 bytes. A server takes 1,048,575 where {@code jute.maxbuffer} does not
     * say otherwise. The four-letter commands that a client may send instead ("The Four Letter Words", ZooKeeper
     * Administrator's Guide) are read as a frame of four bytes; they are not written.
     *
     * <pre>
     * +--------+---------+
     * | length | payload |
     * |   4    |         |
     * +--------+---------+
     * wire   00 00 00 08 ff ff ff fe 00 00 00 0b 72 75 6f 6b
     * frames             ff ff ff fe 00 00 00 0b                ping
     *                                            72 75 6f 6b    "ruok"
     * </pre>
     *
     * <p>Both sides take 1 MiB unless told otherwise ({@code jute.maxbuffer}). For messages of more than the codec's 8
     * MiB, set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength}.
     *
     * @return the format
     */
    public static Framing zookeeper() {
        return DatabaseProtocols.ZOOKEEPER;
    }

    // ---- messaging and remote calls

    /**
     * Apache Kafka's requests and responses (Kafka protocol guide, "Protocol Primitive Types" and "Common Request and
     * Response Structure"). Payloads, of 0 to 2,147,483,647 bytes; an empty one is a SASL token.
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
     * <p>A broker takes requests of 100 MiB at most, and a fetch response has 50 MiB and more, unless they are told
     * otherwise ({@code socket.request.max.bytes}, {@code fetch.max.bytes}). For messages of more than the codec's 8
     * MiB, set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength}.
     *
     * @return the format
     */
    public static Framing kafka() {
        return MessagingProtocols.KAFKA;
    }

    /**
     * MQTT 3.1.1 and 5 (MQTT 3.1.1, section 2.2; MQTT 5.0, sections 1.5.5 and 2.1). Whole packets, of 2 to 268,435,460
     * bytes. Type 0 and a length of more than 4 bytes, or of more than it needs, are corrupt. The encoder wants the
     * right length in the packet. For packets of more than the codec's 8 MiB, set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to what the broker accepts, 268,435,460 at most.
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
     * AMQP 0-9-1, both directions (AMQP 0-9-1 specification, sections 4.2.2 and 4.2.3). Whole frames, header and end
     * byte included, of at least 8 bytes. The types are 1 (method), 2 (header), 3 (body) and 8 (heartbeat).
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
     * <p>The first frame of a stream may be the protocol header: the client sends one always, a server to refuse the
     * client's.
     *
     * <pre>
     * wire   41 4d 51 50 00 00 09 01
     * frame  41 4d 51 50 00 00 09 01    "AMQP", 0-9-1
     * </pre>
     *
     * <p>For frames of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing amqp() {
        return MessagingProtocols.AMQP;
    }

    /**
     * RSocket over TCP (RSocket Protocol, "Framing Protocol Usage"). Payloads (RSocket frames), of 6 (stream, type and
     * flags) to 16,777,215 bytes. A peer may send frames of that size: set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to it, as the codec's own limit is 8 MiB.
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
     * The messages in a gRPC call's HTTP/2 data (gRPC over HTTP2, "Length-Prefixed-Message"). Whole messages, since the
     * header says whether they are compressed, of 5 to 4,294,967,300 bytes.
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
     * <p>A receiver takes 4 MiB unless it is told otherwise. For messages of more than the codec's 8 MiB, set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength}.
     *
     * @return the format
     */
    public static Framing grpc() {
        return MessagingProtocols.GRPC;
    }

    /**
     * Protocol Buffers messages with their length in front, {@code writeDelimitedTo} and {@code parseDelimitedFrom}
     * (Protocol Buffers documentation, "Streaming Multiple Messages" and "Base 128 Varints"). Payloads, of 0 to
     * 2,147,483,647 bytes.
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
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
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
     * <p>For PDUs of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength}.
     *
     * @return the format
     */
    public static Framing smpp() {
        return MessagingProtocols.SMPP;
    }

    /**
     * AMQP 1.0, both directions (OASIS AMQP 1.0, part 2, sections 2.2 and 2.3). Whole frames, of 8 to 4,294,967,295
     * bytes, of type 0 (AMQP) or 1 (SASL). A peer's limit is its {@code max-frame-size}.
     *
     * <pre>
     * +------+-------------+------+---------+-----------------------+------+
     * | size | data offset | type | channel | the rest of the header| body |     the size counts the whole frame
     * |  4   | 1, in words |  1   |    2    |                       |      |
     * +------+-------------+------+---------+-----------------------+------+
     * wire   00 00 00 08 02 00 00 00
     * frame  00 00 00 08 02 00 00 00    an empty frame, which keeps the connection alive
     * </pre>
     *
     * <p>The protocol header that each side sends first, and again behind TLS or SASL, is a frame, too.
     *
     * <pre>
     * wire   41 4d 51 50 03 01 00 00
     * frame  41 4d 51 50 03 01 00 00    "AMQP", SASL, 1.0.0
     * </pre>
     *
     * <p>For frames of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing amqp10() {
        return MessagingProtocols.AMQP_10;
    }

    /**
     * STOMP 1.0 to 1.2, both directions (STOMP 1.2, "STOMP Frames"). Whole frames, NUL included. The body ends at the
     * first NUL, or behind as many bytes as the first {@code content-length} says. Line ends in front of a frame, which
     * keep the connection alive, are passed over.
     *
     * <pre>
     * +---------+----+---------+----+----+------+----+
     * | command | 0a | headers | 0a | 0a | body | 00 |     each line may end in 0d 0a
     * +---------+----+---------+----+----+------+----+
     * wire   \nSEND\ndestination:/q\ncontent-length:3\n\na\0b\0
     * frame    "SEND\ndestination:/q\ncontent-length:3\n\na\0b\0"
     * </pre>
     *
     * <p>For frames of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing stomp() {
        return MessagingProtocols.STOMP;
    }

    /**
     * NATS, both directions between client and server (NATS documentation, "Client Protocol"). Whole messages: a line,
     * and behind {@code PUB}, {@code HPUB}, {@code MSG} and {@code HMSG} as many bytes as the line's last word says. A
     * line has at most 16,000 bytes, which is this preset's own bound; a server takes 4,096. A payload has 1 MiB where
     * {@code max_payload} does not say otherwise, up to 64 MiB.
     *
     * <pre>
     * +------+-------+---------+-------+
     * | line | 0d 0a | payload | 0d 0a |
     * +------+-------+---------+-------+
     * wire   PUB a 2\r\nhi\r\nPING\r\n
     * frames "PUB a 2\r\nhi\r\n", "PING\r\n"
     * </pre>
     *
     * <p>For payloads of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing nats() {
        return MessagingProtocols.NATS;
    }

    /**
     * Apache Thrift with its framed transport ({@code doc/specs/thrift-rpc.md}, "Framed vs. unframed transport").
     * Payloads, of 0 to 2,147,483,647 bytes. Thrift's own libraries take 16,384,000 where they are not told otherwise:
     * for messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength}
     * to that.
     *
     * <pre>
     * +--------+---------+
     * | length | payload |
     * |   4    |         |
     * +--------+---------+
     * wire   00 00 00 11 80 01 00 01 00 00 00 04 70 69 6e 67 00 00 00 01 00
     * frame              80 01 00 01 00 00 00 04 70 69 6e 67 00 00 00 01 00    call of "ping"
     * </pre>
     *
     * @return the format
     */
    public static Framing thrift() {
        return MessagingProtocols.THRIFT;
    }

    // ---- web and mail

    /**
     * WebSocket, both directions, behind the opening handshake (RFC 6455, section 5.2). Whole frames, of 2 to
     * 9,223,372,036,854,775,807 bytes, masked as they are. A reserved opcode, a control frame that is a fragment or
     * has a payload of more than 125 bytes (section 5.5), and a length in more bytes than it needs are corrupt. The
     * three reserved bits, which extensions use, are not looked at. The encoder wants the right length in the frame.
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
     * <p>For frames of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
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
     * <p>For payloads of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing epp() {
        return WebProtocols.EPP;
    }

    /**
     * HTTP/2, both directions (RFC 9113, sections 3.4 and 4.1). Whole frames, of 9 to 16,777,224 bytes. A peer sends
     * frames of more than 16,393 bytes only if it has been told so ({@code SETTINGS_MAX_FRAME_SIZE}): set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to 9 more than that.
     *
     * <pre>
     * +--------+------+-------+-----------+---------+
     * | length | type | flags | stream id | payload |     the length counts the payload
     * |   3    |  1   |   1   |     4     |         |
     * +--------+------+-------+-----------+---------+
     * wire   00 00 00 04 00 00 00 00 00
     * frame  00 00 00 04 00 00 00 00 00    SETTINGS, empty
     * </pre>
     *
     * <p>What the client sends first, the connection preface, is a frame of 24 bytes: {@code "PRI *
     * HTTP/2.0\r\n\r\nSM\r\n\r\n"}.
     *
     * @return the format
     */
    public static Framing http2() {
        return WebProtocols.HTTP2;
    }

    /**
     * SIP over TCP and TLS, both directions (RFC 3261, sections 7 and 18.3). Whole messages. {@code Content-Length}, or
     * {@code l}, has to be there. Line ends in front of a message (section 7.5; RFC 5626, section 3.5.1) are passed
     * over. A header block has at most 16,000 bytes, which is this preset's own bound.
     *
     * <pre>
     * +------------+-------+---------+-------+-------+------+
     * | start line | 0d 0a | headers | 0d 0a | 0d 0a | body |
     * +------------+-------+---------+-------+-------+------+
     * wire   MESSAGE sip:a@b SIP/2.0\r\nl: 2\r\n\r\nhi
     * frame  "MESSAGE sip:a@b SIP/2.0\r\nl: 2\r\n\r\nhi"
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing sip() {
        return WebProtocols.SIP;
    }

    /**
     * RTSP 1.0 and 2.0, both directions, with interleaved data (RFC 7826, sections 5, 14 and 18.17; RFC 2326, section
     * 10.12). Whole messages and whole interleaved frames, of 4 to 65,539 bytes. A message without {@code
     * Content-Length} has no body. Line ends in front of a message are passed over. A header block has at most 16,000
     * bytes, which is this preset's own bound.
     *
     * <pre>
     * +------------+-------+---------+-------+-------+------+     +------+---------+--------+------+
     * | start line | 0d 0a | headers | 0d 0a | 0d 0a | body |     |  24  | channel | length | data |
     * |            |       |         |       |       |      |     |      |    1    |   2    |      |
     * +------------+-------+---------+-------+-------+------+     +------+---------+--------+------+
     * wire   RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n$\0\0\2hi
     * frames "RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n", "$\0\0\2hi"
     * </pre>
     *
     * @return the format
     */
    public static Framing rtsp() {
        return WebProtocols.RTSP;
    }

    /**
     * IMAP, both directions (RFC 9051, sections 2.2 and 4.3, with the literals of RFC 7888). Whole commands and
     * responses: a line, and if that ends in a number in braces, as many bytes and another line, and so on. Bytes of a
     * literal are never taken for a line. What the text of a response says for people is not told from the rest: such a
     * text that ends in a number in braces is misread, as it is by other readers of IMAP.
     *
     * <pre>
     * +-------------+-------+---------+------+-------+
     * | text {n}    | 0d 0a | literal | text | 0d 0a |
     * |             |       | n bytes |      |       |
     * +-------------+-------+---------+------+-------+
     * wire   a LOGIN {4+}\r\nfred {6+}\r\nsecret\r\n* 1 EXISTS\r\n
     * frames "a LOGIN {4+}\r\nfred {6+}\r\nsecret\r\n", "* 1 EXISTS\r\n"
     * </pre>
     *
     * <p>With a literal that is not marked by {@code +}, a client waits for the server's {@code +} before it goes on.
     * The server gets the command when it is whole, and so has to be told of the literal earlier: read {@link
     * reactor.framing.FrameCodec#decodeParts parts}.
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing imap() {
        return WebProtocols.IMAP;
    }

    // ---- network

    /**
     * DNS over TCP and TLS (RFC 1035, section 4.2.2; RFC 7766, section 8). Payloads, of 12 (the size of the DNS header)
     * to 65,535 bytes.
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
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing diameter() {
        return NetworkProtocols.DIAMETER;
    }

    /**
     * TPKT, under ISO transport class 0: S7, H.323, RDP (RFC 1006, section 6). Payloads (TPDUs), of 3 to 65,531 bytes.
     * The reserved byte has to be 0.
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
     * Syslog over TCP and TLS (RFC 6587, section 3.4; RFC 5425, section 4.3). Messages (payloads), of at least 1 byte.
     * Both ways of framing are read, also mixed: a message whose first byte is a digit has its length in front (octet
     * counting), any other ends at a line feed. Line feeds in front of a message are passed over. Written is octet
     * counting, which any message can stand.
     *
     * <pre>
     * +--------+----+---------+    +---------+----+
     * | length | 20 | message |    | message | 0a |
     * +--------+----+---------+    +---------+----+
     * wire   36 20 3c 33 34 3e 68 69 3c 33 34 3e 68 6f 0a    "6 &lt;34&gt;hi&lt;34&gt;ho\n"
     * frames "&lt;34&gt;hi", "&lt;34&gt;ho"
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing syslog() {
        return NetworkProtocols.SYSLOG;
    }

    /**
     * TLS and SSL 3 records, both directions (RFC 8446, section 5.1; RFC 5246, section 6.2.3). Whole records, of 5 to
     * 18,437 bytes. The types are 20 (change cipher spec), 21 (alert), 22 (handshake), 23 (application data) and 24
     * (heartbeat).
     *
     * <pre>
     * +------+---------+--------+----------+
     * | type | version | length | fragment |     the length counts the fragment
     * |  1   |  03 nn  |   2    |          |
     * +------+---------+--------+----------+
     * wire   15 03 03 00 02 01 00
     * frame  15 03 03 00 02 01 00    alert: close_notify
     * </pre>
     *
     * @return the format
     */
    public static Framing tlsRecords() {
        return NetworkProtocols.TLS_RECORDS;
    }

    /**
     * Values in BER, also in DER, back to back (ITU-T X.690, sections 8.1.2 and 8.1.3), such as certificates or the
     * messages of many protocols. Whole values, tag and length included, of 2 to 9,223,372,036,854,775,807 bytes. A tag
     * has at most 5 bytes and a length 8 behind its first. The indefinite form of a length is corrupt, as is a tag of
     * 00.
     *
     * <pre>
     * +--------+--------+----------+
     * |  tag   | length | contents |     the length counts the contents
     * | 1 to 5 | 1 to 9 |          |
     * +--------+--------+----------+
     * wire   04 02 68 69 04 81 01 21
     * frames 04 02 68 69
     *        04 81 01 21
     * </pre>
     *
     * <p>For values of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing ber() {
        return NetworkProtocols.BER;
    }

    /**
     * LDAP 3, both directions (RFC 4511, sections 4.1.1 and 5.1). Whole messages, which are sequences in {@link #ber()
     * BER}.
     *
     * <pre>
     * +----+--------+------------+--------------------+----------+
     * | 30 | length | message id | protocol operation | controls |
     * |    | 1 to 9 |            |                    |          |
     * +----+--------+------------+--------------------+----------+
     * wire   30 05 02 01 03 42 00
     * frame  30 05 02 01 03 42 00    unbind request
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing ldap() {
        return NetworkProtocols.LDAP;
    }

    /**
     * SNMP over TCP, all versions (RFC 3430, section 2.1). Whole messages, which are sequences in {@link #ber() BER}. A
     * receiver has to take 8,192 bytes.
     *
     * <pre>
     * +----+--------+---------+------+
     * | 30 | length | version | rest |
     * |    | 1 to 9 |         |      |
     * +----+--------+---------+------+
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing snmp() {
        return NetworkProtocols.SNMP;
    }

    /**
     * Kerberos 5 over TCP (RFC 4120, section 7.2.2). Payloads (messages in DER), of 2 to 2,147,483,647 bytes: the
     * length's highest bit is reserved.
     *
     * <pre>
     * +--------+---------+
     * | length | message |
     * |   4    |         |
     * +--------+---------+
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing kerberos() {
        return NetworkProtocols.KERBEROS;
    }

    /**
     * What a client sends in the handshake of SOCKS 5 (RFC 1928, sections 3 and 4; RFC 1929, section 2). Whole
     * messages, of 3 to 513 bytes: the methods, name and password if the server has chosen these, the request. Bytes
     * behind the request are corrupt: see {@link #socks5(Framing)}. Authentication by GSS-API is not read.
     *
     * <pre>
     * +----+-------+---------+ +----+--------+------+--------+----------+ +----+---------+----+------+---------+------+
     * | 05 | count | methods | | 01 | length | name | length | password | | 05 | command | 00 | type | address | port |
     * |    |   1   |         | |    |   1    |      |   1    |          | |    |    1    |    |  1   |         |  2   |
     * +----+-------+---------+ +----+--------+------+--------+----------+ +----+---------+----+------+---------+------+
     * wire   05 01 00 05 01 00 01 7f 00 00 01 1f 90
     * frames 05 01 00                                      no authentication
     *                 05 01 00 01 7f 00 00 01 1f 90        connect to 127.0.0.1:8080
     * </pre>
     *
     * @return the format
     */
    public static Framing socks5() {
        return NetworkProtocols.SOCKS5;
    }

    /**
     * The same as {@link #socks5()}, with what the client sends behind its request.
     *
     * @param next the framing of what follows
     * @return the format
     */
    public static Framing socks5(Framing next) {
        return Presets.preset("socks5(" + next + ")", Socks5.requests(next));
    }

    /**
     * What a server sends in the handshake of SOCKS 5 (RFC 1928, sections 3 and 6; RFC 1929, section 2). Whole
     * messages, of 2 to 262 bytes: the method, the status of name and password if it has chosen these, the reply. Bytes
     * behind the reply, also a second reply to {@code BIND}, are corrupt: see {@link #socks5Replies(Framing)}.
     *
     * <pre>
     * +----+--------+   +----+--------+   +----+-------+----+------+---------+------+
     * | 05 | method |   | 01 | status |   | 05 | reply | 00 | type | address | port |
     * |    |   1    |   |    |   1    |   |    |   1   |    |  1   |         |  2   |
     * +----+--------+   +----+--------+   +----+-------+----+------+---------+------+
     * wire   05 00 05 00 00 01 00 00 00 00 00 00
     * frames 05 00                                   no authentication
     *              05 00 00 01 00 00 00 00 00 00     succeeded
     * </pre>
     *
     * @return the format
     */
    public static Framing socks5Replies() {
        return NetworkProtocols.SOCKS5_REPLIES;
    }

    /**
     * The same as {@link #socks5Replies()}, with what is sent behind the reply.
     *
     * @param next the framing of what follows
     * @return the format
     */
    public static Framing socks5Replies(Framing next) {
        return Presets.preset("socks5Replies(" + next + ")", Socks5.replies(next));
    }

    /**
     * The header of the PROXY protocol, version 1 or 2 (HAProxy, "The PROXY protocol", sections 2.1 and 2.2). One
     * frame, the whole header: of 107 bytes at most, or of 16 to 65,551. Bytes behind it are corrupt: see {@link
     * #proxyProtocol(Framing)}. A stream without a header is corrupt, as the specification wants it.
     *
     * <pre>
     * +-------------------------------------+-------+   +------------+---------------+--------+--------+-----------+
     * | PROXY TCP4 addresses ports, in text | 0d 0a |   | signature  | version + cmd | family | length | addresses |
     * |                                     |       |   |     12     |       1       |   1    |   2    |           |
     * +-------------------------------------+-------+   +------------+---------------+--------+--------+-----------+
     * wire   PROXY UNKNOWN\r\n
     * frame  "PROXY UNKNOWN\r\n"
     * </pre>
     *
     * @return the format
     */
    public static Framing proxyProtocol() {
        return NetworkProtocols.PROXY_PROTOCOL;
    }

    /**
     * The header of the PROXY protocol, as {@link #proxyProtocol()} has it, and what follows.
     *
     * <pre>
     * Protocols.proxyProtocol(Delimiter.lines())
     * wire   PROXY UNKNOWN\r\nhi\n
     * frames "PROXY UNKNOWN\r\n", "hi"
     * </pre>
     *
     * @param next the framing of what follows
     * @return the format
     */
    public static Framing proxyProtocol(Framing next) {
        return Presets.preset("proxyProtocol(" + next + ")", NetworkProtocols.proxyFraming(next));
    }

    /**
     * IPFIX, flow records, over TCP (RFC 7011, sections 3.1 and 10.4). Whole messages, of 16 to 65,535 bytes. The
     * version has to be 10: NetFlow 9, which has no length, is another protocol.
     *
     * <pre>
     * +---------+--------+-------------+----------+--------+------+
     * | version | length | export time | sequence | domain | sets |     the length counts the whole message
     * |  00 0a  |   2    |      4      |    4     |   4    |      |
     * +---------+--------+-------------+----------+--------+------+
     * wire   00 0a 00 10 5a 00 00 00 00 00 00 01 00 00 00 00
     * frame  00 0a 00 10 5a 00 00 00 00 00 00 01 00 00 00 00    no sets
     * </pre>
     *
     * @return the format
     */
    public static Framing ipfix() {
        return ManagementProtocols.IPFIX;
    }

    /**
     * BMP, the BGP monitoring protocol (RFC 7854, section 4.1). Whole messages, of 6 to 4,294,967,295 bytes. The
     * version has to be 3.
     *
     * <pre>
     * +---------+--------+------+------+
     * | version | length | type | body |     the length counts the whole message
     * |   03    |   4    |  1   |      |
     * +---------+--------+------+------+
     * wire   03 00 00 00 0c 05 00 01 00 02 00 00
     * frame  03 00 00 00 0c 05 00 01 00 02 00 00    Termination
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing bmp() {
        return ManagementProtocols.BMP;
    }

    /**
     * PCEP, path computation (RFC 5440, section 6.1). Whole messages, of 4 to 65,535 bytes. The version has to be 1.
     *
     * <pre>
     * +---------------+------+--------+---------+
     * | version+flags | type | length | objects |     the length counts the whole message
     * |  20 (to 3f)   |  1   |   2    |         |
     * +---------------+------+--------+---------+
     * wire   20 02 00 04
     * frame  20 02 00 04    Keepalive
     * </pre>
     *
     * @return the format
     */
    public static Framing pcep() {
        return ManagementProtocols.PCEP;
    }

    /**
     * RADIUS over TCP and TLS (RFC 6613, section 2.6; the packet, RFC 2865, section 3). Whole packets, of 20 to 4,096
     * bytes, without the larger ones of RFC 7930.
     *
     * <pre>
     * +------+----+--------+---------------+------------+
     * | code | id | length | authenticator | attributes |     the length counts the whole packet
     * |  1   | 1  |   2    |      16       |            |
     * +------+----+--------+---------------+------------+
     * wire   02 00 00 14 ...
     * frame  02 00 00 14 ...    Access-Accept, without attributes
     * </pre>
     *
     * @return the format
     */
    public static Framing radius() {
        return ManagementProtocols.RADIUS;
    }

    /**
     * TACACS+ (RFC 8907, section 4.1). Whole packets, of at least 12 bytes. The major version has to be 12, the type
     * 1 to 3. The specification recommends to accept bodies of up to 65,536 bytes: set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to 65,548.
     *
     * <pre>
     * +---------+------+----------+-------+---------+--------+------+
     * | version | type | sequence | flags | session | length | body |     the length counts the body
     * | c0, c1  |  1   |    1     |   1   |    4    |   4    |      |
     * +---------+------+----------+-------+---------+--------+------+
     * wire   c0 01 01 00 00 59 b3 e3 00 00 00 00
     * frame  c0 01 01 00 00 59 b3 e3 00 00 00 00
     * </pre>
     *
     * @return the format
     */
    public static Framing tacacs() {
        return ManagementProtocols.TACACS;
    }

    /**
     * ONC RPC over TCP: NFS, portmapper (RFC 5531, section 11, record marking). Records, of any length, with their
     * fragments joined. A fragment has 0 to 2,147,483,647 bytes; an empty one that is not the last is corrupt. The
     * encoder writes each record as one fragment.
     *
     * <pre>
     * +---------------+---------+---------------+---------+
     * | 0, length     | payload | 1, length     | payload |     the highest bit of a length marks the last fragment
     * | 1 bit, 31 bit |         | 1 bit, 31 bit |         |
     * +---------------+---------+---------------+---------+
     * wire   00 00 00 02 68 65 80 00 00 03 6c 6c 6f
     * frame              68 65             6c 6c 6f    "hello"
     * </pre>
     *
     * <p>The length of a record of several fragments is not known before its last one: such a record that exceeds the
     * codec's limit is told when it has one byte more.
     *
     * <p>For records of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing oncRpc() {
        return ManagementProtocols.ONC_RPC;
    }

    /**
     * Zabbix, all its components (Zabbix documentation, appendix "Protocols", "Header"). Whole messages, of 13 to
     * 1,073,741,837 bytes; with the flag for large packets, of 21 to 17,179,869,205. The flags are 1, protocol, 2,
     * compressed, 4, large; other ones are corrupt. The encoder wants the right length in the message.
     *
     * <pre>
     * +---------+-------+--------+----------+------+
     * |  ZBXD   | flags | length | reserved | data |     little-endian; the length counts the data
     * |    4    |   1   | 4 or 8 |  4 or 8  |      |     8 if the flag 4 is set
     * +---------+-------+--------+----------+------+
     * wire   5a 42 58 44 01 02 00 00 00 00 00 00 00 68 69
     * frame  5a 42 58 44 01 02 00 00 00 00 00 00 00 68 69
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing zabbix() {
        return ManagementProtocols.ZABBIX;
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
     * IEC 60870-5-104, telecontrol (IEC 60870-5-104:2006, clause 5). Payloads, from the control fields on, of 4 to 253
     * bytes.
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
     * OPC UA Connection Protocol, {@code opc.tcp} (OPC 10000-6, section 7.1.2.2; OPC UA Secure Conversation, section
     * 6.7.2.2). Whole messages, of at least 8 bytes. The types are HEL, ACK, ERR, RHE, OPN and CLO, which are final,
     * and MSG, whose chunks are final, intermediate or aborting. Whether one of the first four is final is not looked
     * at when it is read.
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
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing opcUa() {
        return IndustryProtocols.OPC_UA;
    }

    /**
     * Modbus RTU over TCP or a serial line, what a client sends (MODBUS over Serial Line 1.02, section 2.5.1; the
     * functions, MODBUS Application Protocol 1.1b3, section 6). Messages without the CRC, of 2 to 254 bytes. The
     * length follows from the function:
     *
     * <pre>
     * +---------+----------+------+-----+
     * | address | function | data | CRC |     CRC-16, the lower byte first
     * |    1    |    1     |      |  2  |
     * +---------+----------+------+-----+
     * wire   11 03 00 6b 00 03 76 87
     * frame  11 03 00 6b 00 03          read 3 registers
     * </pre>
     *
     * <p>These are 1 to 8, 11, 12, 15 to 17, 20 to 24 and 43 with type 14. A diagnosis, function 8, is read with 2
     * bytes of data, which all of its sub-functions have but the first, which echoes as many as it is sent. Another
     * function is corrupt, and ends the stream as nothing tells where the next message begins. A message whose CRC is
     * wrong is passed over under {@code skipInvalid}. On a line where both requests and responses are seen, only the
     * time between them tells which is which.
     *
     * @return the format
     */
    public static Framing modbusRtuRequests() {
        return AutomationProtocols.MODBUS_RTU_REQUESTS;
    }

    /**
     * Modbus RTU over TCP or a serial line, what a server sends. As {@link #modbusRtuRequests()}, but with the
     * lengths of responses, and with exceptions, which are functions above 127.
     *
     * <pre>
     * wire   11 83 02 c1 34
     * frame  11 83 02          exception 2, illegal data address
     * </pre>
     *
     * @return the format
     */
    public static Framing modbusRtuResponses() {
        return AutomationProtocols.MODBUS_RTU_RESPONSES;
    }

    /**
     * DNP3, the link layer (IEEE 1815-2012, clause 9.2). Whole frames without their CRCs, of 8 to 258 bytes. Every
     * CRC is checked. A wrong one is corrupt: of the header, the next start is looked for; of a block of data, the
     * frame is passed over. The encoder fills the length in and writes the CRCs.
     *
     * <pre>
     * +-------+--------+---------+-------------+--------+-----+------------+-----+
     * | start | length | control | destination | source | CRC |    data    | CRC |...
     * | 05 64 |   1    |    1    |      2      |   2    |  2  | 16 at most |  2  |
     * +-------+--------+---------+-------------+--------+-----+------------+-----+
     * wire   05 64 05 c0 01 00 00 04 e9 21
     * frame  05 64 05 c0 01 00 00 04          reset link states
     * </pre>
     *
     * <p>The length counts what is behind it, no CRC, and the frame's own length is 3 more.
     *
     * @return the format
     */
    public static Framing dnp3() {
        return AutomationProtocols.DNP3;
    }

    /**
     * DLMS/COSEM over TCP, the wrapper (IEC 62056-4-7, clause 5.3; DLMS UA 1000-2, "Green Book"). Whole messages, of
     * 8 to 65,543 bytes.
     *
     * <pre>
     * +---------+--------+-------------+--------+------+
     * | version | source | destination | length | APDU |     the length counts the APDU
     * |  00 01  |   2    |      2      |   2    |      |
     * +---------+--------+-------------+--------+------+
     * wire   00 01 00 10 00 01 00 02 63 00
     * frame  00 01 00 10 00 01 00 02 63 00
     * </pre>
     *
     * @return the format
     */
    public static Framing dlmsWrapper() {
        return AutomationProtocols.DLMS_WRAPPER;
    }

    /**
     * KNXnet/IP over TCP (ISO 22510:2019, the KNXnet/IP header; KNX 03_08_02 Core, section 2.3). Whole frames, of 6
     * to 65,535 bytes.
     *
     * <pre>
     * +-------------+---------+---------+--------+------+
     * | header size | version | service | length | body |     the length counts the whole frame
     * |     06      |   10    |    2    |   2    |      |
     * +-------------+---------+---------+--------+------+
     * wire   06 10 02 06 00 08 00 24
     * frame  06 10 02 06 00 08 00 24    connect response, no more connections
     * </pre>
     *
     * @return the format
     */
    public static Framing knxNetIp() {
        return AutomationProtocols.KNX_NET_IP;
    }

    /**
     * ADS, Beckhoff's TwinCAT, over TCP (Beckhoff Information System, "ADS/AMS specification", "AMS/TCP packet"). AMS
     * packets, of at least 32 bytes. The length of the data stands in the header a second time, where it has to be
     * the same.
     *
     * <pre>
     * +----------+--------+--------+--------+---------+-------+--------+-------+--------+------+
     * | reserved | length | target | source | command | state | length | error | invoke | data |     little-endian
     * |  00 00   |   4    |   8    |   8    |    2    |   2   |   4    |   4   |   4    |      |
     * +----------+--------+--------+--------+---------+-------+--------+-------+--------+------+
     *                     |&lt;------------------- as many as the first length says -----------------&gt;|
     * </pre>
     *
     * <p>For packets of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing ads() {
        return AutomationProtocols.ADS;
    }

    /**
     * HSMS, semiconductor equipment (SEMI E37, section 8). Messages, from the message header on, of 10 to
     * 4,294,967,295 bytes.
     *
     * <pre>
     * +--------+---------+--------+----------+-------+------+--------------+------+
     * | length | session | stream | function | ptype | type | system bytes | text |     the length counts all behind it
     * |   4    |    2    |   1    |    1     |   1   |  1   |      4       |      |
     * +--------+---------+--------+----------+-------+------+--------------+------+
     * wire   00 00 00 0a ff ff 00 00 00 05 00 00 00 7b
     * frame              ff ff 00 00 00 05 00 00 00 7b    Linktest.req
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing hsms() {
        return AutomationProtocols.HSMS;
    }

    /**
     * HJ 212, environmental monitoring in China (HJ 212-2017, section 6.3 and annex A). Data segments, of 0 to 1,024
     * bytes.
     *
     * <pre>
     * +----+----------+--------------+-----+------+
     * | ## |  length  | data segment | CRC | CRLF |     the length counts the data segment
     * |    | 4 digits |              |  4  |      |     the CRC in hexadecimal, of the data segment
     * +----+----------+--------------+-----+------+
     * wire   ##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;...&amp;&amp;1C80\r\n
     * frame        QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;...&amp;&amp;
     * </pre>
     *
     * @return the format
     */
    public static Framing hj212() {
        return AutomationProtocols.HJ_212;
    }

    // ---- vehicles and positioning

    /**
     * JT/T 808, vehicle terminals in China (JT/T 808-2019, section 4.4; also the editions of 2011 and 2013). Messages
     * without marks, escapes and check, of 12 to 1,044 bytes. The length of the body, which stands in the header, is
     * not looked at: there are devices that send another one.
     *
     * <pre>
     * +------+----+------------+-------+----------+------+-------+------+
     * | mark | id | properties | phone | sequence | body | check | mark |   the check: exclusive or of all before it
     * |  7e  | 2  |     2      |   6   |    2     |      |   1   |  7e  |     7d 01 stands for 7d, 7d 02 for 7e
     * +------+----+------------+-------+----------+------+-------+------+
     * wire   7e 00 02 00 00 01 23 45 67 89 01 00 7d 02 f4 7e
     * frame     00 02 00 00 01 23 45 67 89 01 00 7e          a heartbeat
     * </pre>
     *
     * @return the format
     */
    public static Framing jt808() {
        return VehicleProtocols.JT_808;
    }

    /**
     * GB/T 32960, electric vehicles in China (GB/T 32960.3-2016, section 6.2, with the start {@code ##}; the edition
     * of 2025 has {@code $$}). Whole messages without the check, of 24 to 65,555 bytes.
     *
     * <pre>
     * +----------+---------+--------+-----+------------+--------+------+-------+
     * |  start   | command | answer | VIN | encryption | length | data | check |     the length counts the data
     * | 23 or 24 |    1    |   1    | 17  |     1      |   2    |      |   1   |   the check: xor, from the command
     * | twice    |         |        |     |            |        |      |       |
     * +----------+---------+--------+-----+------------+--------+------+-------+
     * </pre>
     *
     * @return the format
     */
    public static Framing gbt32960() {
        return VehicleProtocols.GBT_32960;
    }

    /**
     * DoIP, diagnosis over IP (ISO 13400-2:2019, section 7, generic DoIP header). Whole messages, of at least 8
     * bytes. The second byte has to be the first one with all its bits inverted.
     *
     * <pre>
     * +---------+----------+------+--------+---------+
     * | version | inverted | type | length | payload |     the length counts the payload
     * |    1    |    1     |  2   |   4    |         |
     * +---------+----------+------+--------+---------+
     * wire   02 fd 80 02 00 00 00 05 00 00 00 00 00
     * frame  02 fd 80 02 00 00 00 05 00 00 00 00 00    a diagnostic message is acknowledged
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing doip() {
        return VehicleProtocols.DOIP;
    }

    /**
     * SOME/IP over TCP (AUTOSAR PRS_SOMEIPProtocol, section 4.1.2). Whole messages, of at least 16 bytes, the magic
     * cookies included. The protocol version has to be 1.
     *
     * <pre>
     * +---------+--------+---------+----------+-----------+------+--------+---------+
     * | message | length | request | protocol | interface | type | return | payload |   the length counts all behind it
     * |    4    |   4    |    4    |    01    |     1     |  1   |   1    |         |
     * +---------+--------+---------+----------+-----------+------+--------+---------+
     * wire   ff ff 00 00 00 00 00 08 de ad be ef 01 01 01 00
     * frame  ff ff 00 00 00 00 00 08 de ad be ef 01 01 01 00    a client's magic cookie
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing someIp() {
        return VehicleProtocols.SOME_IP;
    }

    /**
     * UBX, u-blox receivers (u-blox interface description, "UBX frame structure"). Whole messages, of 8 to 65,543
     * bytes. The encoder writes the check.
     *
     * <pre>
     * +-------+-------+----+--------+---------+-------+
     * | start | class | id | length | payload | check |     the length is little-endian and counts the payload
     * | b5 62 |   1   | 1  |   2    |         |   2   |     the check is Fletcher's, from the class on
     * +-------+-------+----+--------+---------+-------+
     * wire   b5 62 05 01 02 00 06 01 0f 38
     * frame  b5 62 05 01 02 00 06 01 0f 38    CFG-MSG is acknowledged
     * </pre>
     *
     * @return the format
     */
    public static Framing ubx() {
        return PositioningProtocols.UBX;
    }

    /**
     * NMEA 0183, positioning and ships, AIS included (NMEA 0183 4.0, sections 5.3 and 7). Whole sentences with their
     * check, without CR LF, of 5 to 1,024 bytes: the standard has 82 at most, but many receivers send more in
     * sentences of their own. A sentence begins with {@code $} or {@code !}; a block of tags may stand before it,
     * whose check is looked at, too. A sentence without a check is corrupt. The encoder writes the check, over the
     * digits that the sentence brings.
     *
     * <pre>
     * +--------+---------+---+-------+------+
     * | $ or ! | payload | * | check | CRLF |     the check: exclusive or between $ and *, two hexadecimal digits
     * +--------+---------+---+-------+------+
     * wire   $GPGLL,5057.970,N,00146.110,E,142451,A*27\r\n
     * frame  $GPGLL,5057.970,N,00146.110,E,142451,A*27
     * </pre>
     *
     * @return the format
     */
    public static Framing nmea() {
        return PositioningProtocols.NMEA;
    }

    /**
     * UBX and NMEA on one line, as u-blox receivers send it: {@link #ubx()} and {@link #nmea()} in any order, told by
     * their first bytes. Behind a fault, the next message of either kind is looked for.
     *
     * <pre>
     * wire   b5 62 05 01 02 00 06 01 0f 38 $GPGLL,5057.970,N,00146.110,E,142451,A*27\r\n
     * frames b5 62 05 01 02 00 06 01 0f 38
     *        $GPGLL,5057.970,N,00146.110,E,142451,A*27
     * </pre>
     *
     * @return the format
     */
    public static Framing ubxAndNmea() {
        return PositioningProtocols.UBX_AND_NMEA;
    }

    /**
     * MAVLink 1 and 2, drones (MAVLink developer guide, "Packet serialization"). Whole packets, of 8 to 280 bytes,
     * signed ones included. A packet of version 2 with incompatible flags other than the one for a signature is
     * corrupt. The CRC cannot be checked, as it covers a byte that depends on the message and is not sent: see {@link
     * #mavlink(IntUnaryOperator)}.
     *
     * <pre>
     * +-------+--------+----------+--------+-----------+---------+---------+-----+
     * | start | length | sequence | system | component | message | payload | CRC |     version 1
     * |  fe   |   1    |    1     |   1    |     1     |    1    |         |  2  |
     * +-------+--------+-------+--+-------+--+--------+-+---------+---------+-----+---------+-----+-----------+
     * | start | length | flags | more flags | sequence | system | component | message | payload | CRC | signature |
     * |  fd   |   1    |   1   |     1      |    1     |   1    |     1     |    3    |         |  2  |  13 or 0  |
     * +-------+--------+-------+------------+----------+--------+-----------+---------+---------+-----+-----------+
     * </pre>
     *
     * @return the format
     */
    public static Framing mavlink() {
        return PositioningProtocols.MAVLINK;
    }

    /**
     * MAVLink 1 and 2 with the CRC looked at: as {@link #mavlink()}, but a packet with a wrong CRC is corrupt, and
     * the encoder writes the CRC.
     *
     * @param crcExtra returns the {@code CRC_EXTRA} of the message with this number, 0 to 255, as the dialect's
     *     generated code has it, or a negative number if the message is not known: its CRC is then not looked at. It
     *     depends on nothing else
     * @return a new format
     */
    public static Framing mavlink(IntUnaryOperator crcExtra) {
        Objects.requireNonNull(crcExtra, "crcExtra");
        return PositioningProtocols.mavlink("mavlink(" + crcExtra + ")", crcExtra);
    }

    /**
     * RTCM 3, corrections for positioning (RTCM 10403, section 4, transport layer). Whole messages with their CRC, of
     * 6 to 1,029 bytes. The encoder writes the CRC.
     *
     * <pre>
     * +-------+----------+--------+---------+-----+
     * | start | reserved | length | payload | CRC |     the length counts the payload
     * |  d3   |  6 bits  | 10 bit |         |  3  |     CRC-24Q of all before it
     * +-------+----------+--------+---------+-----+
     * wire   d3 00 13 3e d7 d3 02 02 98 0e de ef 34 b4 bd 62 ac 09 41 98 6f 33 36 0b 98
     * frame  d3 00 13 3e d7 d3 02 02 98 0e de ef 34 b4 bd 62 ac 09 41 98 6f 33 36 0b 98    message 1005
     * </pre>
     *
     * @return the format
     */
    public static Framing rtcm3() {
        return PositioningProtocols.RTCM_3;
    }

    // ---- finance

    /**
     * ISO 8583 card messages with a binary length. ISO 8583 itself says nothing about framing; this and
     * {@link #iso8583Decimal()} are what links over TCP use. Payloads, of 0 to 65,535 bytes; an empty one is a sign of
     * life.
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
     * ISO 8583 card messages with a length of 4 decimal digits; see {@link #iso8583Binary()}. Payloads, of 0 to 9,999
     * bytes.
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
     * SoupBinTCP, under ITCH and OUCH (Nasdaq SoupBinTCP specification 3.00, section 1.1, "SoupBinTCP Logical Packets";
     * the same in 4.00). Payloads, from the packet type on, of 1 to 65,535 bytes.
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

    /**
     * FIX in tag=value encoding, all versions (FIX TagValue Encoding 1.1, "Message structure" and "Checksum"; FIX
     * Session Layer, "Garbled message"). Whole messages. They begin with {@code 8=FIX}, have {@code 9} (BodyLength) and
     * {@code 35} (MsgType) next and {@code 10} (CheckSum) last, and the checksum is right; else a message is garbled,
     * which is corrupt. The rule for these is to ignore them and to go on with the next message: {@link
     * reactor.framing.FrameCodec#skipInvalid skipInvalid} does that, and reports them. A BodyLength that is too large
     * takes what it counts with it. The encoder writes the checksum, and wants the right BodyLength in the message.
     *
     * <pre>
     * +-------------+----+---------------+----+-------+------+-------+----+
     * | 8=FIX.n.n   | 01 | 9=BodyLength  | 01 | 35=.. | ...  | 10=nn | 01 |     BodyLength counts from 35 up to 10
     * +-------------+----+---------------+----+-------+------+-------+----+
     * wire   8=FIX.4.2|9=5|35=0|10=161|
     * frame  8=FIX.4.2|9=5|35=0|10=161|    | is 01
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing fix() {
        return FinanceProtocols.FIX;
    }

    /**
     * Bitcoin between peers, version 1 of the transport (Bitcoin developer reference, "Message headers"; the longest
     * message, {@code MAX_PROTOCOL_MESSAGE_LENGTH} of Bitcoin Core). Whole messages, of 24 to 4,000,024 bytes. The
     * networks are main, test 3 and 4, signet and regression test. A message whose check is wrong is passed over
     * under {@code skipInvalid}, as Bitcoin Core does. The encoder writes length and check.
     *
     * <pre>
     * +---------+---------+--------+-------+---------+
     * | network | command | length | check | payload |     the length is little-endian and counts the payload
     * |    4    |   12    |   4    |   4   |         |     the check: the first bytes of SHA-256 of SHA-256
     * +---------+---------+--------+-------+---------+
     * wire   f9 be b4 d9 76 65 72 61 63 6b 00 00 00 00 00 00 00 00 00 00 5d f6 e0 e2
     * frame  f9 be b4 d9 76 65 72 61 63 6b 00 00 00 00 00 00 00 00 00 00 5d f6 e0 e2    verack
     * </pre>
     *
     * @return the format
     */
    public static Framing bitcoin() {
        return Bitcoin.BITCOIN;
    }

    // ---- health

    /**
     * MLLP, HL7 messages (HL7 Version 3 Standard: Transport Specification - MLLP, Release 2, section 2). Payloads
     * (blocks), also empty ones. Bytes between blocks, such as a line feed behind one, are skipped.
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
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing mllp() {
        return HealthProtocols.MLLP;
    }

    /**
     * DICOM, medical images, the upper layer (DICOM PS3.8, section 9.3). Whole PDUs, of at least 10 bytes. The type
     * has to be 1 to 7. How long a P-DATA-TF may be is agreed upon with every association: set {@link
     * reactor.framing.FrameCodec#maxFrameLength maxFrameLength} to 6 more.
     *
     * <pre>
     * +------+----------+--------+------+
     * | type | reserved | length | body |     the length counts the body
     * |  1   |    1     |   4    |      |
     * +------+----------+--------+------+
     * wire   05 00 00 00 00 04 00 00 00 00
     * frame  05 00 00 00 00 04 00 00 00 00    A-RELEASE-RQ
     * </pre>
     *
     * @return the format
     */
    public static Framing dicom() {
        return LaboratoryProtocols.DICOM;
    }

    /**
     * ASTM E1381, laboratory instruments (CLSI LIS01-A2, sections 6.2 and 6.3). Whole frames with their sum, without
     * CR LF, of 5 to 63,998 bytes, and ENQ, ACK, NAK and EOT, of 1 byte. The older edition has 247 bytes at most: set
     * {@link reactor.framing.FrameCodec#maxFrameLength maxFrameLength}. A frame whose sum is wrong is corrupt. The
     * encoder writes the sum, over the digits that the frame brings.
     *
     * <pre>
     * +-----+--------+------+------------+-----+------+
     * | STX | number | text | ETX or ETB | sum | CRLF |   the sum: from the number to ETX or ETB, in hexadecimal
     * | 02  |  0..7  |      |  03 or 17  |  2  |      |
     * +-----+--------+------+------------+-----+------+
     * wire   05    02 31 48 0d 03 38 39 0d 0a    04
     * frames 05    02 31 48 0d 03 38 39          04    ENQ, "H", EOT
     * </pre>
     *
     * @return the format
     */
    public static Framing astm() {
        return LaboratoryProtocols.ASTM;
    }

    // ---- tools and others

    /**
     * The base protocol of the Language Server Protocol, also that of the Debug Adapter Protocol (Language Server
     * Protocol Specification 3.17, "Base Protocol"). Payloads (JSON), as {@link ContentLength#create()} reads and
     * writes them.
     *
     * <pre>
     * wire   Content-Length: 2\r\n\r\n{}
     * frame  {}
     * </pre>
     *
     * <p>For messages of more than the codec's 8 MiB, set {@link reactor.framing.FrameCodec#maxFrameLength
     * maxFrameLength}.
     *
     * @return the format
     */
    public static Framing lsp() {
        return OtherProtocols.LSP;
    }

    /**
     * Git's pkt-lines (gitprotocol-common(5), "pkt-line Format"). Whole pkt-lines, of 4 to 65,520 bytes, since 0000
     * (flush), 0001 (delimiter) and 0002 (response end) have no payload either. 0003 is corrupt. The encoder writes
     * these three as they are.
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

    /**
     * Minecraft, Java Edition, neither compressed nor encrypted (Minecraft Wiki, "Java Edition protocol", "Packet
     * format"; from 1.7 on). Packets without their length, of 1 to 2,097,151 bytes. A length that takes more bytes
     * than it needs is read, as there are servers that write such ones. With compression, a packet begins with the
     * length that it has uncompressed.
     *
     * <pre>
     * +--------+-----------+------+
     * | length | packet id | data |     7 bits a byte, the lowest first; the length counts all behind it
     * | 1 to 3 |           |      |
     * +--------+-----------+------+
     * wire   01 00
     * frame     00    a status request
     * </pre>
     *
     * @return the format
     */
    public static Framing minecraft() {
        return GameProtocols.MINECRAFT;
    }

    /**
     * RCON, the remote console of Source and of Minecraft (Valve Developer Community, "Source RCON Protocol").
     * Packets from the id on, without the two zeros behind the body, of 8 to 4,094 bytes.
     *
     * <pre>
     * +------+----+------+------+-------+
     * | size | id | type | body | zeros |     little-endian; the size counts all behind it
     * |  4   | 4  |  4   |      | 00 00 |
     * +------+----+------+------+-------+
     * wire   11 00 00 00 00 00 00 00 03 00 00 00 70 61 73 73 77 72 64 00 00
     * frame              00 00 00 00 03 00 00 00 70 61 73 73 77 72 64          the password "passwrd"
     * </pre>
     *
     * @return the format
     */
    public static Framing rcon() {
        return GameProtocols.RCON;
    }
}
