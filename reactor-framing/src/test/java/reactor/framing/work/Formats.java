package reactor.framing.work;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.FramingException;
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
import reactor.framing.format.LengthField.Counts;
import reactor.framing.format.PresetSamples;
import reactor.framing.format.Protocols;
import reactor.framing.format.SkipBetween;
import reactor.framing.format.Slip;
import reactor.framing.format.StartEnd;
import reactor.framing.format.Switching;
import reactor.framing.format.TextLength;
import reactor.framing.format.Varint;

/** Every format with each of its options, and every preset. Loaded by a {@link CountingLoader}. */
public final class Formats implements Work {

    private static final byte[] NOTHING = {};
    private static final byte A = 'a';
    private static final byte B = 'b';

    /** A MAVLink message, whose checksum takes 50 in. */
    private static final String HEARTBEAT = "\u00fe\t\u00ef\1\1\0\5\0\0\0\2\3\u0059\3\3\u00f1\u00d7";

    /** How many bytes of a preset's streams come once: a STARTUP. */
    private static final Map<String, Integer> ONCE = Map.of("cassandraV5", 31);

    private record Format(Framing framing, Frames frames) {}

    private final Map<String, Format> formats = new TreeMap<>();
    private final Map<String, Framing> broken =
            Map.of("rescans", Broken.RESCANS, "copies the tail", Broken.COPIES_THE_TAIL);

    /** Called by reflection. */
    public Formats() {
        lengths();
        texts();
        marks();
        compositions();
        presets();
    }

    private void lengths() {
        add(LengthField.ofSize(1), "\1x", "\0");
        add(LengthField.ofSize(4), "\0\0\0\1x");
        add(LengthField.ofSize(8).littleEndian(), "\2\0\0\0\0\0\0\0xy");
        add(LengthField.ofSize(2).before(1).after(1).counts(Counts.AFTER_LENGTH).keepHeader(), "x\0\3yzz");
        add(LengthField.ofSize(1).adjustment(-1).strip(1), "\2\2");
        add(LengthField.ofSize(2).marker(A, A, B).counts(Counts.WHOLE_FRAME), "aab\0\6x");
        add(LengthField.ofSize(1).endMark((byte) 3).keepEndMark(), "\2xy\3");
        add(LengthField.ofSize(1).keepHeader().checkHeader(header -> header.get(header.position()) < 9), "\3xyz");
        add(Varint.leb128(), "\3abc", "\u0082\0xy");
        add(Varint.leb128().before(1).maxBytes(3).keepHeader(), "0\2xy");
        add(FixedLength.of(7), "payload");
        add(FixedLength.of(9).marker(A, A, B).endMark(B, B).padding((byte) '_'), "aab123456bb");
        add(HeaderLength.ofSize(2, header -> 2 + (header.get(1) & 0x7F)), "x\2yz");
        add(
                HeaderLength.ofSize(
                                1,
                                header -> header.remaining() < 3
                                        ? HeaderLength.needs(header.remaining() + 1)
                                        : 3 + (header.get(2) & 0x0F))
                        .stripHeader(),
                "xy\2zz");
        add(
                HeaderLength.ofSize(4, header -> 4 + (header.get(3) & 0x7F))
                        .marker(A, A, B)
                        .endMark((byte) 3)
                        .strip(2)
                        .stripEnd(1),
                "aab\2x\3");
        add(HeaderLength.until("aab", header -> header.remaining()).maxHeader(1000), "xaab");
        add(
                HeaderLength.ofSize(
                        1, header -> header.remaining() < 2 ? HeaderLength.needsUntil("\r\n") : header.remaining()),
                "line\r\n");
    }

    private void texts() {
        add(TextLength.netstring(), "3:abc,");
        add(TextLength.octetCounting(), "5 hello");
        add(TextLength.decimal(4).keepHeader().counts(Counts.WHOLE_FRAME), "0006ab");
        add(TextLength.decimal(2).before(1).adjustment(1), "x01ab");
        add(TextLength.decimalUntil(":").marker(A, A, B), "aab2:xy");
        add(TextLength.hex(4).counts(Counts.WHOLE_FRAME).headerOnlyUpTo(3), "0006ab", "0001");
        add(TextLength.hexUntil(";").endMark((byte) '\r', (byte) '\n').keepEndMark(), "a;0123456789\r\n");
        add(TextLength.bcd(2), "\0\3abc");
        add(ContentLength.create(), "Content-Length: 2\r\n\r\nhi", "X: y\r\nContent-Length: 0\r\n\r\n");
        add(
                ContentLength.create()
                        .startLine()
                        .names("Content-Length", "l")
                        .optional()
                        .keepHeader(),
                "GET x\r\nl: 2\r\n\r\nhi",
                "GET x\r\n\r\n");
        add(ContentLength.create().maxHeader(100), "Content-Length: 2\r\n\r\nhi");
        add(Json.objects(), "{\"a\":[{\"b\":\"}\\\"\"}]} ", "{}", "[{},{}]");
    }

    private void marks() {
        add(Delimiter.lines(), "line\n", "line\r\n", "\n");
        add(Delimiter.universalLines(), "line\r", "\n", "line\r\n");
        add(Delimiter.of("aab").keepDelimiter(), "xaab");
        add(Delimiter.of("aaaaaaaab", "aaaa#", "ab", "b", "aac"), "xaac", "b", "yaaaa#");
        add(Delimiter.of("\r\n\r\n").unterminatedLast(), "x\r\n\r\n");
        add(Delimiter.of(new byte[] {A, 0}, new byte[] {0}), "x\0");
        add(StartEnd.of("aab".getBytes(ISO_8859_1), "ccd".getBytes(ISO_8859_1)), "aabxccd");
        add(StartEnd.of((byte) '<', (byte) '>').escape((byte) '\\').keepMarks(), "<a\\>>");
        add(
                StartEnd.of((byte) '<', (byte) '>')
                        .escape((byte) '\\')
                        .code((byte) '1', (byte) '<')
                        .code((byte) '2', (byte) '>')
                        .code((byte) '3', (byte) '\\')
                        .skipBetween(),
                "noise<a\\2\\3>");
        add(StartEnd.of((byte) '<', (byte) '>').escape((byte) '\\').xor((byte) 0x20), "<a\\\u001e>");
        add(Slip.rfc1055(), "x\u00db\u00dcy\u00c0");
        add(Slip.rfc1055().keepMarks(), "\u00c0x\u00c0");
        add(Cobs.create(), "\3ab\2c\0");
        add(Hdlc.create(), "\u007ex\u007d\u005ey\u007e");
        add(Hdlc.create().keepMarks(), "\u007exy\u007e");
    }

    private void compositions() {
        addBehind(Switching.of(LengthField.ofSize(1), frame -> Delimiter.of("aab")), "\1x", "yaab");
        add(
                Switching.of(
                        LengthField.ofSize(1), (used, frame) -> frame.hasRemaining() ? used : LengthField.ofSize(1)),
                "\1x",
                "\0");
        add(FirstBytes.of(first -> first == 'a' ? Delimiter.of("aab") : LengthField.ofSize(1)), "\1x", "aaab");
        add(
                FirstBytes.upTo(
                        3,
                        prefix -> prefix.remaining() < 3
                                ? null
                                : prefix.get(2) == 'b' ? Delimiter.of("aab") : LengthField.ofSize(1)),
                "\1x",
                "xbbaab");
        add(SkipBetween.of(Delimiter.of("#"), "\r\n"), "x#\r\n");
        add(SkipBetween.of(LengthField.ofSize(1).marker(A, A, B), (byte) 0), "aab\1x\0\0");
        addWritten(Checked.of(LengthField.ofSize(1), Check.xor()).hex().keepCheck(), "x78");
        for (Check check : checks()) {
            addWritten(Checked.of(Delimiter.of("aab"), check).littleEndian(), "x");
        }
        addWritten(Checked.of(FixedLength.of(12), Check.crc32()), "12345678");
        addWritten(Checked.of(LengthField.ofSize(1), Check.sum(1)).decimal(3), "x");
        add(Checked.of(FixedLength.of(6), Check.sum(1)).at(1).covers(2, 4), "x\u00f0xxyy");
        addWritten(Checked.of(LengthField.ofSize(1), Check.of("of(CRC-32)", 4, CRC32::new)), "x");
        addWritten(Checked.of(LengthField.ofSize(1), Check.crc(16, 0x1021, 0xFFFF, false, 0)), "x");
        addBehind(Protocols.proxyProtocol(Delimiter.of("aab")), "PROXY UNKNOWN\r\n", "xaab");
        addBehind(Protocols.socks5(Delimiter.of("aab")), "\5\1\0\5\1\0\1\u007f\0\0\1\u001f\u0090", "xaab");
        addBehind(Protocols.socks5Replies(Delimiter.of("aab")), "\5\0\5\0\0\1\0\0\0\0\0\0", "xaab");
        add(Protocols.mavlink(id -> 50), HEARTBEAT);
    }

    private static List<Check> checks() {
        return Stream.of(Check.class.getDeclaredMethods())
                .filter(method -> method.getParameterCount() == 0 && method.getReturnType() == Check.class)
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(method -> (Check) call(method))
                .toList();
    }

    private void presets() {
        Map<String, List<byte[]>> samples = PresetSamples.streams();
        Stream.of(Protocols.class.getDeclaredMethods())
                .filter(method -> method.getParameterCount() == 0 && method.getReturnType() == Framing.class)
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .forEach(method -> {
                    Framing preset = (Framing) call(method);
                    List<byte[]> streams = samples.getOrDefault(preset.toString(), List.of());
                    int head = ONCE.getOrDefault(method.getName(), 0);
                    formats.put(
                            "Protocols." + method.getName() + "()",
                            new Format(
                                    preset,
                                    new Frames(
                                            streams.isEmpty() ? NOTHING : Arrays.copyOf(streams.get(0), head),
                                            streams.stream()
                                                    .map(each -> Arrays.copyOfRange(each, head, each.length))
                                                    .toList())));
                });
    }

    private static Object call(Method method) {
        try {
            return method.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(Framing framing, String... samples) {
        addBehind(framing, "", samples);
    }

    /** Named as it shows itself, which tells its options. */
    private void addBehind(Framing framing, String head, String... samples) {
        String name = framing.toString().replaceAll("[\\w.]*\\$\\$Lambda[^,)]*", "rule");
        while (formats.containsKey(name)) {
            name += " again";
        }
        List<byte[]> all =
                Stream.of(samples).map(each -> each.getBytes(ISO_8859_1)).toList();
        formats.put(name, new Format(framing, new Frames(head.getBytes(ISO_8859_1), all)));
    }

    /** With the frame as the encoder writes it. */
    private void addWritten(Framing framing, String frame) {
        ByteBuffer written = FrameCodec.of(framing)
                .encode(Flux.just(ISO_8859_1.encode(frame)))
                .blockFirst();
        add(framing, ISO_8859_1.decode(written).toString());
    }

    @Override
    public Map<String, Frames> formats() {
        Map<String, Frames> all = new TreeMap<>();
        formats.forEach((name, format) -> all.put(name, format.frames));
        return all;
    }

    private Framing framing(String name) {
        Format format = formats.get(name);
        return format != null ? format.framing : broken.get(name);
    }

    @Override
    public long decode(String format, byte[] stream, int chunkLength) {
        List<ByteBuffer> chunks = new ArrayList<>();
        for (int at = 0; at < stream.length; at += chunkLength) {
            chunks.add(ByteBuffer.wrap(stream, at, Math.min(chunkLength, stream.length - at)));
        }
        return FrameCodec.of(framing(format))
                .skipInvalid(skipped -> {})
                .decode(Flux.fromIterable(chunks).hide())
                .onErrorComplete(FramingException.class)
                .count()
                .block();
    }

    @Override
    public boolean encode(String format, byte[] frame) {
        try {
            FrameCodec.of(framing(format))
                    .encode(Flux.just(ByteBuffer.wrap(frame)))
                    .blockLast();
            return true;
        } catch (FramingException | UnsupportedOperationException refused) {
            return false;
        }
    }
}
