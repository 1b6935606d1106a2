package reactor.framing.studio;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.json.JsonObjectDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import reactor.framing.Framing;
import reactor.framing.format.Cobs;
import reactor.framing.format.ContentLength;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.Hdlc;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.format.LengthField.Counts;
import reactor.framing.format.Protocols;
import reactor.framing.format.Slip;
import reactor.framing.format.StartEnd;
import reactor.framing.format.Switching;
import reactor.framing.format.TextLength;
import reactor.framing.format.Varint;
import reactor.framing.studio.Options.Option;

/** The library's formats and presets, as the studio offers them. */
final class Formats {

    private static final String FORMATS = "Formats";
    private static final String PRESETS = "Protocol presets";

    private static final Properties EXAMPLES = examples();

    private static final List<Kind> KINDS = kinds();

    private Formats() {}

    /**
     * A format that can be chosen.
     *
     * @param id how the scenario calls it
     * @param label how people call it
     * @param group where it is listed
     * @param picture an example of its bytes
     * @param options its options
     * @param build makes it
     */
    record Kind(
            String id,
            String label,
            String group,
            String picture,
            List<Option> options,
            @JsonIgnore Function<Options, Built> build) {

        /** The bytes of a stream, in hexadecimal, for a format that does not carry any message; else null. */
        @JsonProperty
        @JsonInclude(JsonInclude.Include.NON_NULL)
        String example() {
            return EXAMPLES.getProperty(id);
        }
    }

    /**
     * A format that has been made.
     *
     * @param framing what it is
     * @param anatomy tells what its bytes are
     * @param code the Java that makes it
     * @param netty makes Netty's decoder for it, given the limit; null if Netty ships none
     */
    record Built(Framing framing, Anatomy anatomy, String code, IntFunction<ChannelHandler> netty) {}

    static List<Kind> all() {
        return KINDS;
    }

    static Built build(Scenario.Format format) {
        Kind kind = KINDS.stream()
                .filter(each -> each.id().equals(format.kind()))
                .findFirst()
                .orElseThrow(() -> new BadRequest("there is no framing of that name"));
        try {
            return kind.build().apply(new Options(kind.options(), format.options()));
        } catch (IllegalArgumentException | IllegalStateException e) {
            // what the library says of options that do not go together
            throw new BadRequest(e.getMessage());
        }
    }

    private static Properties examples() {
        Properties examples = new Properties();
        try (InputStream in = Formats.class.getResourceAsStream("examples.properties")) {
            examples.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return examples;
    }

    private static List<Kind> kinds() {
        List<Kind> kinds = new ArrayList<>();
        kinds.add(new Kind(
                "lengthField",
                "Length field",
                FORMATS,
                "00 00 00 02 | hi",
                List.of(
                        Option.number("size", "Length field, bytes", 1, 8, 4),
                        Option.hex("marker", "Marker (hex)", 16, ""),
                        Option.flag("littleEndian", "Little-endian"),
                        Option.choice("counts", "The length counts", "PAYLOAD", "AFTER_LENGTH", "WHOLE_FRAME"),
                        Option.number("before", "Header bytes before the length", 0, 16, 0),
                        Option.number("after", "Header bytes after the length", 0, 16, 0),
                        Option.number("adjustment", "Added to the length", -64, 64, 0),
                        Option.choice("deliver", "Deliver", "payload", "with header", "strip"),
                        Option.number("strip", "Bytes to strip", 0, 32, 0)),
                Formats::lengthField));
        kinds.add(new Kind(
                "varint",
                "Varint length (LEB128)",
                FORMATS,
                "02 | hi",
                List.of(
                        Option.number("before", "Header bytes before the length", 0, 16, 0),
                        Option.number("maxBytes", "Length field, bytes at most", 1, 10, 10),
                        Option.flag("keepHeader", "Deliver the header, too")),
                Formats::varint));
        kinds.add(new Kind(
                "lines",
                "Lines",
                FORMATS,
                "hi | \\n or \\r\\n",
                List.of(Option.flag("keepDelimiter", "Deliver the line end, too")),
                options -> delimiter(
                        Delimiter.lines(),
                        "Delimiter.lines()",
                        options.flag("keepDelimiter"),
                        max -> new LineBasedFrameDecoder(max, !options.flag("keepDelimiter"), false),
                        bytes("\r\n"),
                        bytes("\n"))));
        kinds.add(new Kind(
                "delimiter",
                "Delimiters",
                FORMATS,
                "hi | ||",
                List.of(
                        Option.text("delimiters", "Delimiters, with spaces between (\\r \\n \\0 \\xHH)", 16, "||"),
                        Option.flag("keepDelimiter", "Deliver the delimiter, too"),
                        Option.flag("unterminatedLast", "The end of the stream ends a frame")),
                Formats::delimiters));
        kinds.add(new Kind(
                "fixedLength",
                "Fixed length",
                FORMATS,
                "4 bytes each",
                List.of(
                        Option.number("length", "Frame length, bytes", 1, 256, 4),
                        Option.hex("marker", "Marker, part of the frame (hex)", 16, ""),
                        Option.hex("padding", "The encoder pads with (hex)", 1, "20")),
                Formats::fixedLength));
        kinds.add(new Kind(
                "startEnd",
                "Start and end marks",
                FORMATS,
                "02 | hi | 03",
                List.of(
                        Option.hex("start", "Start mark (hex)", 16, "02"),
                        Option.hex("end", "End mark (hex)", 16, "03"),
                        Option.hex("escape", "Escape byte (hex), or none", 1, ""),
                        Option.flag("skipBetween", "Skip what is between frames")),
                Formats::startEnd));
        kinds.add(simple("slip", "SLIP (RFC 1055)", "hi | c0", Slip.rfc1055(), "Slip.rfc1055()", escapedBy(0xDB)));
        kinds.add(simple("cobs", "COBS", "03 | hi | 00", Cobs.create(), "Cobs.create()", Anatomy.cobs()));
        kinds.add(simple(
                "hdlc", "HDLC stuffing (RFC 1662)", "7e | hi | 7e", Hdlc.create(), "Hdlc.create()", escapedBy(0x7D)));
        kinds.add(simple(
                "netstring",
                "Netstring",
                "2: | hi | ,",
                TextLength.netstring(),
                "TextLength.netstring()",
                Anatomy.digits()));
        kinds.add(simple(
                "octetCounting",
                "Octet counting (RFC 6587)",
                "2 | hi",
                TextLength.octetCounting(),
                "TextLength.octetCounting()",
                Anatomy.digits()));
        kinds.add(new Kind(
                "textLength",
                "Length in digits",
                FORMATS,
                "0002 | hi",
                List.of(
                        Option.choice("digits", "Digits", "decimal", "hex", "bcd"),
                        Option.number("size", "Length field, bytes", 1, 9, 4),
                        Option.choice("counts", "The length counts", "PAYLOAD", "WHOLE_FRAME"),
                        Option.flag("keepHeader", "Deliver the header, too")),
                Formats::textLength));
        kinds.add(simple(
                "contentLength",
                "Content-Length headers",
                "Content-Length: 2 | {}",
                ContentLength.create(),
                "ContentLength.create()",
                Anatomy.headerLines("Content-Length")));
        kinds.add(new Kind(
                "json",
                "JSON objects",
                FORMATS,
                "{\"a\":1}{\"b\":2}",
                List.of(),
                options -> new Built(
                        Json.objects(),
                        Anatomy.payload("the brace that ends the object"),
                        "Json.objects()",
                        JsonObjectDecoder::new)));
        kinds.add(new Kind(
                "switching", "A greeting line, then lengths", FORMATS, "hello\\n 02 | hi", List.of(), options -> {
                    Framing lengths = LengthField.ofSize(1);
                    return new Built(
                            Switching.of(Delimiter.of("\n"), frame -> lengths),
                            Anatomy.either(
                                    frame -> frame.index() == 0,
                                    Anatomy.delimited(false, bytes("\n")),
                                    Anatomy.header(1, 0, 0, 1, 0)),
                            "Switching.of(Delimiter.of(\"\\n\"), frame -> LengthField.ofSize(1))",
                            null);
                }));
        presets(kinds);
        return List.copyOf(kinds);
    }

    private static void presets(List<Kind> kinds) {
        Predicate<WireFrame> startsWithZero = frame -> frame.length() > 0 && frame.at(0) == 0;
        Predicate<WireFrame> startsWithDigit = frame -> frame.length() > 0 && frame.at(0) >= '0' && frame.at(0) <= '9';
        Predicate<WireFrame> startsWithA = frame -> frame.length() > 0 && frame.at(0) == 'A';
        kinds.add(preset(
                "postgres",
                "PostgreSQL",
                Protocols.postgres(),
                Anatomy.either(startsWithZero, Anatomy.header(0, 0, 0, 4, 0), Anatomy.header(0, 0, 1, 4, 0))));
        kinds.add(preset("kafka", "Kafka", Protocols.kafka(), Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset("dns", "DNS over TCP", Protocols.dns(), Anatomy.header(2, 0, 0, 2, 0)));
        kinds.add(preset("mqtt", "MQTT", Protocols.mqtt(), Anatomy.varint(1, true)));
        kinds.add(preset("protobuf", "Protocol Buffers, delimited", Protocols.protobuf(), Anatomy.varint(0, false)));
        kinds.add(preset("tpkt", "TPKT (RFC 1006)", Protocols.tpkt(), Anatomy.header(4, 2, 0, 2, 0)));
        kinds.add(preset("smpp", "SMPP", Protocols.smpp(), Anatomy.header(0, 0, 0, 4, 0)));
        kinds.add(preset("bgp", "BGP", Protocols.bgp(), Anatomy.header(0, 16, 0, 2, 1)));
        kinds.add(preset("diameter", "Diameter", Protocols.diameter(), Anatomy.header(0, 0, 1, 3, 0)));
        kinds.add(preset("modbusTcp", "Modbus TCP", Protocols.modbusTcp(), Anatomy.header(0, 0, 4, 2, 0)));
        kinds.add(preset(
                "amqp",
                "AMQP 0-9-1",
                Protocols.amqp(),
                Anatomy.either(
                        startsWithA,
                        Anatomy.header(0, 8, 0, 0, 0),
                        Anatomy.endingInByte(Anatomy.header(0, 0, 3, 4, 0)))));
        kinds.add(preset("rsocket", "RSocket", Protocols.rsocket(), Anatomy.header(3, 0, 0, 3, 0)));
        kinds.add(preset("grpc", "gRPC messages", Protocols.grpc(), Anatomy.header(0, 0, 1, 4, 0)));
        kinds.add(preset(
                "syslog",
                "Syslog over TCP",
                Protocols.syslog(),
                Anatomy.either(startsWithDigit, Anatomy.digits(), Anatomy.delimited(false, bytes("\n")))));
        kinds.add(preset("mllp", "MLLP (HL7)", Protocols.mllp(), Anatomy.marked(1, value -> false)));
        kinds.add(preset("lsp", "Language Server Protocol", Protocols.lsp(), Anatomy.headerLines("Content-Length")));
        kinds.add(preset(
                "iso8583Binary", "ISO 8583, binary length", Protocols.iso8583Binary(), Anatomy.header(2, 0, 0, 2, 0)));
        kinds.add(preset(
                "iso8583Decimal",
                "ISO 8583, decimal length",
                Protocols.iso8583Decimal(),
                Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset("soupBinTcp", "SoupBinTCP", Protocols.soupBinTcp(), Anatomy.header(2, 0, 0, 2, 0)));
        kinds.add(preset("iec104", "IEC 60870-5-104", Protocols.iec104(), Anatomy.header(2, 1, 0, 1, 0)));
        kinds.add(preset("opcUa", "OPC UA", Protocols.opcUa(), Anatomy.header(0, 0, 4, 4, 0)));
        kinds.add(preset("gitPktLine", "Git pkt-line", Protocols.gitPktLine(), Anatomy.header(0, 0, 0, 4, 0)));
        kinds.add(preset("epp", "EPP (RFC 5734)", Protocols.epp(), Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset("mysql", "MySQL", Protocols.mysql(), Anatomy.header(0, 0, 0, 3, 1)));
        kinds.add(preset("tds", "TDS (SQL Server)", Protocols.tds(), Anatomy.header(0, 0, 2, 2, 4)));
        Predicate<WireFrame> startsWithP = frame -> frame.length() > 0 && frame.at(0) == 'P';
        Predicate<WireFrame> startsWithDollar = frame -> frame.length() > 0 && frame.at(0) == '$';
        kinds.add(preset("resp", "Redis (RESP)", Protocols.resp(), Anatomy.payload("the end of the value")));
        kinds.add(preset("memcached", "memcached", Protocols.memcached(), Anatomy.payload("the end of the message")));
        kinds.add(preset("mongo", "MongoDB", Protocols.mongo(), Anatomy.header(0, 0, 0, 4, 12)));
        kinds.add(preset("cassandra", "Cassandra", Protocols.cassandra(), Anatomy.header(0, 0, 5, 4, 0)));
        kinds.add(preset("zookeeper", "ZooKeeper", Protocols.zookeeper(), Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset(
                "amqp10",
                "AMQP 1.0",
                Protocols.amqp10(),
                Anatomy.either(startsWithA, Anatomy.header(0, 8, 0, 0, 0), Anatomy.header(0, 0, 0, 4, 4))));
        kinds.add(preset("stomp", "STOMP", Protocols.stomp(), Anatomy.payload("the NUL that ends the frame")));
        kinds.add(preset("nats", "NATS", Protocols.nats(), Anatomy.payload("the end of the message")));
        kinds.add(preset("thrift", "Thrift, framed", Protocols.thrift(), Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset("webSocket", "WebSocket", Protocols.webSocket(), Anatomy.header(0, 0, 1, 1, 0)));
        kinds.add(preset(
                "http2",
                "HTTP/2",
                Protocols.http2(),
                Anatomy.either(startsWithP, Anatomy.header(0, 24, 0, 0, 0), Anatomy.header(0, 0, 0, 3, 6))));
        kinds.add(preset("sip", "SIP", Protocols.sip(), Anatomy.payload("the end of the message")));
        kinds.add(preset(
                "rtsp",
                "RTSP",
                Protocols.rtsp(),
                Anatomy.either(
                        startsWithDollar, Anatomy.header(0, 1, 1, 2, 0), Anatomy.payload("the end of the message"))));
        kinds.add(preset("imap", "IMAP", Protocols.imap(), Anatomy.payload("the end of the last line")));
        kinds.add(preset("tlsRecords", "TLS records", Protocols.tlsRecords(), Anatomy.header(0, 0, 3, 2, 0)));
        kinds.add(preset("ber", "BER values", Protocols.ber(), Anatomy.header(0, 0, 1, 1, 0)));
        kinds.add(preset("ldap", "LDAP", Protocols.ldap(), Anatomy.header(0, 1, 0, 1, 0)));
        kinds.add(preset("snmp", "SNMP over TCP", Protocols.snmp(), Anatomy.header(0, 1, 0, 1, 0)));
        kinds.add(preset("kerberos", "Kerberos over TCP", Protocols.kerberos(), Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset("socks5", "SOCKS 5, client", Protocols.socks5(), Anatomy.payload("the rest of the message")));
        kinds.add(preset(
                "socks5Replies",
                "SOCKS 5, server",
                Protocols.socks5Replies(),
                Anatomy.payload("the rest of the message")));
        kinds.add(preset(
                "proxyProtocol",
                "PROXY protocol",
                Protocols.proxyProtocol(),
                Anatomy.payload("the rest of the header")));
        kinds.add(preset("fix", "FIX", Protocols.fix(), Anatomy.payload("the checksum")));
        kinds.add(preset("ipfix", "IPFIX", Protocols.ipfix(), Anatomy.header(0, 0, 2, 2, 12)));
        kinds.add(preset("bmp", "BMP", Protocols.bmp(), Anatomy.header(0, 0, 1, 4, 1)));
        kinds.add(preset("pcep", "PCEP", Protocols.pcep(), Anatomy.header(0, 0, 2, 2, 0)));
        kinds.add(preset("radius", "RADIUS over TCP", Protocols.radius(), Anatomy.header(0, 0, 2, 2, 16)));
        kinds.add(preset("tacacs", "TACACS+", Protocols.tacacs(), Anatomy.header(0, 0, 8, 4, 0)));
        kinds.add(preset("oncRpc", "ONC RPC", Protocols.oncRpc(), Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset("zabbix", "Zabbix", Protocols.zabbix(), Anatomy.header(0, 4, 1, 4, 4)));
        kinds.add(preset(
                "modbusRtuRequests",
                "Modbus RTU, requests",
                Protocols.modbusRtuRequests(),
                Anatomy.payload("the CRC")));
        kinds.add(preset(
                "modbusRtuResponses",
                "Modbus RTU, responses",
                Protocols.modbusRtuResponses(),
                Anatomy.payload("the CRC")));
        kinds.add(preset("dlmsWrapper", "DLMS wrapper", Protocols.dlmsWrapper(), Anatomy.header(0, 2, 4, 2, 0)));
        kinds.add(preset("knxNetIp", "KNXnet/IP", Protocols.knxNetIp(), Anatomy.header(0, 2, 2, 2, 0)));
        kinds.add(preset("ads", "ADS (Beckhoff)", Protocols.ads(), Anatomy.header(6, 2, 0, 4, 0)));
        kinds.add(preset("hsms", "HSMS (SEMI E37)", Protocols.hsms(), Anatomy.header(4, 0, 0, 4, 0)));
        kinds.add(preset("hj212", "HJ 212", Protocols.hj212(), Anatomy.header(6, 2, 0, 4, 0)));
        kinds.add(preset("gbt32960", "GB/T 32960", Protocols.gbt32960(), Anatomy.header(0, 2, 20, 2, 0)));
        kinds.add(preset("doip", "DoIP", Protocols.doip(), Anatomy.header(0, 0, 4, 4, 0)));
        kinds.add(preset("someIp", "SOME/IP", Protocols.someIp(), Anatomy.header(0, 0, 4, 4, 8)));
        kinds.add(preset("ubx", "UBX (u-blox)", Protocols.ubx(), Anatomy.header(0, 2, 2, 2, 0)));
        kinds.add(preset("nmea", "NMEA 0183", Protocols.nmea(), Anatomy.delimited(false, bytes("\r\n"))));
        kinds.add(preset(
                "ubxAndNmea", "UBX and NMEA", Protocols.ubxAndNmea(), Anatomy.payload("the end of the message")));
        kinds.add(preset("mavlink", "MAVLink 1 and 2", Protocols.mavlink(), Anatomy.payload("the CRC")));
        kinds.add(preset("rtcm3", "RTCM 3", Protocols.rtcm3(), Anatomy.header(0, 1, 0, 2, 0)));
        kinds.add(preset("bitcoin", "Bitcoin", Protocols.bitcoin(), Anatomy.header(0, 0, 16, 4, 4)));
        kinds.add(preset("dicom", "DICOM upper layer", Protocols.dicom(), Anatomy.header(0, 0, 2, 4, 0)));
        kinds.add(preset("astm", "ASTM E1381", Protocols.astm(), Anatomy.payload("the end of the frame")));
        kinds.add(preset("minecraft", "Minecraft", Protocols.minecraft(), Anatomy.varint(0, false)));
        kinds.add(preset("rcon", "RCON", Protocols.rcon(), Anatomy.header(4, 0, 0, 4, 0)));
    }

    private static Kind preset(String id, String label, Framing framing, Anatomy anatomy) {
        String code = "Protocols." + id + "()";
        return new Kind(id, label, PRESETS, code, List.of(), options -> new Built(framing, anatomy, code, null));
    }

    private static Kind simple(String id, String label, String picture, Framing framing, String code, Anatomy anatomy) {
        return new Kind(id, label, FORMATS, picture, List.of(), options -> new Built(framing, anatomy, code, null));
    }

    private static Anatomy escapedBy(int escape) {
        return Anatomy.marked(0, value -> value == (byte) escape);
    }

    private static Built lengthField(Options options) {
        int size = options.number("size");
        byte[] marker = options.hex("marker");
        int before = options.number("before");
        int after = options.number("after");
        boolean littleEndian = options.flag("littleEndian");
        Counts counts = Counts.valueOf(options.choice("counts"));
        int adjustment = options.number("adjustment");
        LengthField format = LengthField.ofSize(size);
        StringBuilder code = new StringBuilder("LengthField.ofSize(" + size + ")");
        if (marker.length > 0) {
            format = format.marker(marker);
            code.append(".marker(").append(Bytes.java(marker)).append(')');
        }
        if (before > 0) {
            format = format.before(before);
            code.append(".before(").append(before).append(')');
        }
        if (after > 0) {
            format = format.after(after);
            code.append(".after(").append(after).append(')');
        }
        if (littleEndian) {
            format = format.littleEndian();
            code.append(".littleEndian()");
        }
        if (counts != Counts.PAYLOAD) {
            format = format.counts(counts);
            code.append(".counts(Counts.").append(counts).append(')');
        }
        if (adjustment != 0) {
            format = format.adjustment(adjustment);
            code.append(".adjustment(").append(adjustment).append(')');
        }
        int lengthEnd = marker.length + before + size;
        int header = lengthEnd + after;
        int strip = header;
        switch (options.choice("deliver")) {
            case "with header" -> {
                strip = 0;
                format = format.keepHeader();
                code.append(".keepHeader()");
            }
            case "strip" -> {
                strip = options.number("strip");
                format = format.strip(strip);
                code.append(".strip(").append(strip).append(')');
            }
            default -> {}
        }
        int stripped = strip;
        int added = adjustment
                + switch (counts) {
                    case PAYLOAD -> after;
                    case AFTER_LENGTH -> 0;
                    case WHOLE_FRAME -> -lengthEnd;
                };
        // the sizes that Netty has
        boolean hasNetty = List.of(1, 2, 3, 4, 8).contains(size);
        ByteOrder order = littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        return new Built(
                format,
                Anatomy.header(stripped, marker.length, before, size, after),
                code.toString(),
                hasNetty
                        ? max -> new LengthFieldBasedFrameDecoder(
                                order, max, marker.length + before, size, added, stripped, true)
                        : null);
    }

    private static Built varint(Options options) {
        int before = options.number("before");
        int maxBytes = options.number("maxBytes");
        boolean keepHeader = options.flag("keepHeader");
        Varint format = Varint.leb128().before(before).maxBytes(maxBytes);
        String code = "Varint.leb128()" + (before > 0 ? ".before(" + before + ")" : "")
                + (maxBytes < 10 ? ".maxBytes(" + maxBytes + ")" : "") + (keepHeader ? ".keepHeader()" : "");
        return new Built(keepHeader ? format.keepHeader() : format, Anatomy.varint(before, keepHeader), code, null);
    }

    private static Built delimiter(
            Delimiter format, String code, boolean keep, IntFunction<ChannelHandler> netty, byte[]... delimiters) {
        return new Built(
                keep ? format.keepDelimiter() : format,
                Anatomy.delimited(keep, delimiters),
                code + (keep ? ".keepDelimiter()" : ""),
                netty);
    }

    private static Built delimiters(Options options) {
        byte[][] delimiters = options.texts("delimiters").toArray(byte[][]::new);
        boolean keep = options.flag("keepDelimiter");
        boolean unterminatedLast = options.flag("unterminatedLast");
        boolean isText = Arrays.stream(delimiters)
                .noneMatch(each -> Bytes.javaString(each).startsWith("new"));
        String code = "Delimiter.of("
                + Arrays.stream(delimiters)
                        .map(each -> isText ? Bytes.javaString(each) : "new byte[] {" + Bytes.java(each) + "}")
                        .collect(Collectors.joining(", "));
        Delimiter format = Delimiter.of(delimiters);
        ByteBuf[] forNetty = new ByteBuf[delimiters.length];
        for (int i = 0; i < delimiters.length; i++) {
            forNetty[i] = Unpooled.wrappedBuffer(delimiters[i]);
        }
        return delimiter(
                unterminatedLast ? format.unterminatedLast() : format,
                code + ")" + (unterminatedLast ? ".unterminatedLast()" : ""),
                keep,
                max -> new DelimiterBasedFrameDecoder(max, !keep, forNetty),
                delimiters);
    }

    private static Built fixedLength(Options options) {
        int length = options.number("length");
        byte[] marker = options.hex("marker");
        byte[] padding = options.hex("padding");
        FixedLength format = FixedLength.of(length);
        String code = "FixedLength.of(" + length + ")";
        if (marker.length > 0) {
            format = format.marker(marker);
            code += ".marker(" + Bytes.java(marker) + ")";
        }
        if (padding.length > 0) {
            format = format.padding(padding[0]);
            code += ".padding(" + Bytes.java(padding[0]) + ")";
        }
        return new Built(
                format, Anatomy.header(0, marker.length, 0, 0, 0), code, max -> new FixedLengthFrameDecoder(length));
    }

    private static Built startEnd(Options options) {
        byte[] start = options.hex("start");
        byte[] end = options.hex("end");
        byte[] escape = options.hex("escape");
        StartEnd format = StartEnd.of(start, end);
        String code = "StartEnd.of(new byte[] {" + Bytes.java(start) + "}, new byte[] {" + Bytes.java(end) + "})";
        if (start.length == 1 && end.length == 1) {
            code = "StartEnd.of(" + Bytes.java(start) + ", " + Bytes.java(end) + ")";
        }
        if (escape.length > 0) {
            format = format.escape(escape[0]);
            code += ".escape(" + Bytes.java(escape) + ")";
        }
        if (options.flag("skipBetween")) {
            format = format.skipBetween();
            code += ".skipBetween()";
        }
        return new Built(
                format, Anatomy.marked(start.length, value -> escape.length > 0 && value == escape[0]), code, null);
    }

    private static Built textLength(Options options) {
        int size = options.number("size");
        String digits = options.choice("digits");
        Counts counts = Counts.valueOf(options.choice("counts"));
        boolean keepHeader = options.flag("keepHeader");
        TextLength format = switch (digits) {
            case "decimal" -> TextLength.decimal(size);
            case "hex" -> TextLength.hex(size);
            default -> TextLength.bcd(size);
        };
        String code = "TextLength." + digits.toLowerCase(Locale.ROOT) + "(" + size + ")";
        if (counts != Counts.PAYLOAD) {
            format = format.counts(counts);
            code += ".counts(Counts." + counts + ")";
        }
        if (keepHeader) {
            format = format.keepHeader();
            code += ".keepHeader()";
        }
        return new Built(format, Anatomy.header(keepHeader ? 0 : size, 0, 0, size, 0), code, null);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
