package reactor.framing.work;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.framing.Framing;
import reactor.framing.format.Check;
import reactor.framing.format.Protocols;

/**
 * Work is counted, not timed: the jumps that the library's own code executes, the methods it enters, and the bytes that
 * its calls of the JDK go over. A stream that is four times as long takes some four times as many, whatever the bytes
 * are and however they are cut.
 */
@Tag("one-jdk") // counted in the library's own classes, which are the same
class LinearityTest {

    /** With the shortest chunks, and with others. */
    private static final int SHORTEST = 512;

    private static final int SHORT = 2 * 1024;
    private static final int TIMES = 4;

    /** Beyond four, as arrays grow in steps. */
    private static final double MOST_TIMES = 5.5;

    /** What a byte may take, at 1-byte chunks and if it is a fault of its own. */
    private static final int MOST_A_BYTE = 1000;

    /** Where it is decided whether work that seems to grow faster goes on doing so: beyond every limit of a header. */
    private static final int LONG = 32 * 1024;

    private static final int LONGEST = 128 * 1024;

    private static final int[] CHUNKS = {1, 1000, Integer.MAX_VALUE};

    /** Of what is hostile to any format, every so manieth stream is for those that are made of other formats. */
    private static final int FOR_COMPOSITIONS = 4;

    /** Of how many samples all beginnings are repeated. */
    private static final int MOST_SAMPLES = 2;

    /** Beginnings of a sample that are repeated: up to so many bytes. */
    private static final int LONGEST_BEGINNING = 8;

    /** A handshake, behind which nothing comes. */
    private static final Set<String> ONLY_ONCE =
            Set.of("Protocols.proxyProtocol()", "Protocols.socks5()", "Protocols.socks5Replies()");

    private static final CountingLoader LOADER = new CountingLoader();
    private static final Work WORK = load();
    private static final Map<String, Work.Frames> FORMATS = WORK.formats();
    private static final Map<String, IntFunction<byte[]>> HOSTILE = hostile();

    private static Work load() {
        try {
            return (Work)
                    LOADER.loadClass(Formats.class.getName()).getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<String> formats() {
        return FORMATS.keySet().stream();
    }

    // ---- streams

    /** Streams for any format: bytes that are no frames, nearly frames, nested, or all alike. */
    private static Map<String, IntFunction<byte[]>> hostile() {
        Map<String, IntFunction<byte[]>> streams = new LinkedHashMap<>();
        for (String again : List.of(
                "\0", "\1", "\u0003", "\u007f", "\u00ff", "\u0080", "a", "b", "\r", "\n", "\u007e", "\u007d", "\u00c0",
                "\u00db", "{", "[", "\"", "\\", "<", "0", "9", " ", "#")) {
            put(streams, again);
        }
        for (String nearly : List.of(
                "aaaaaaaa",
                "aaaab",
                "aaac",
                "abab",
                "aab",
                "aabccccc",
                "aabcccdccc",
                "aaaaaaaa#",
                "\r\r\n",
                "\n\r",
                "\r\n\r",
                "\r\n\r\n",
                "x: y\r\n",
                "content-length",
                "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "Content-Length: 99999999999\r\n\r\n",
                "3:abcd",
                "99999",
                "0:,",
                "1 ",
                "{\"a\":1}",
                "[{},{}]",
                "{}{}",
                "{}}",
                "\u00c0\u00db",
                "\u007e\u007d\u007e",
                "\0\0\0\1",
                "\1x\u0001\0",
                "\u00ff".repeat(16) + "\0\23\4",
                "\u000b\u000b\u001c",
                "<\\<\\>>",
                "<<<\\",
                "\3\0\0\7")) {
            put(streams, nearly);
        }
        streams.put("nested objects", length -> again("{\"a\":", length));
        streams.put("nested arrays", length -> again("{\"a\":[[[[", length));
        streams.put("nested and closed", length -> nested(bytes("{\"a\":"), bytes("}"), length));
        streams.put("random", length -> random(length, 256));
        streams.put("random letters", length -> random(length, 4));
        return streams;
    }

    private static Map<String, IntFunction<byte[]>> hostileTo(String format) {
        if (!format.startsWith("Protocols.") && !format.startsWith("Checked.")) {
            return HOSTILE;
        }
        Map<String, IntFunction<byte[]>> some = new LinkedHashMap<>();
        int n = Math.floorMod(format.hashCode(), FOR_COMPOSITIONS);
        for (Map.Entry<String, IntFunction<byte[]>> each : HOSTILE.entrySet()) {
            if (n++ % FOR_COMPOSITIONS == 0) {
                some.put(each.getKey(), each.getValue());
            }
        }
        return some;
    }

    /** Streams that are frames of the format, or nearly. */
    private static Map<String, IntFunction<byte[]>> nearly(List<byte[]> samples) {
        Map<String, IntFunction<byte[]>> streams = new LinkedHashMap<>();
        for (byte[] sample : samples) {
            int n = sample.length;
            put(streams, "sample", sample);
            put(streams, "sample without its last byte", Arrays.copyOf(sample, n - 1));
            put(streams, "sample with another last byte", changed(sample, n - 1));
            put(streams, "sample with another byte in the middle", changed(sample, n / 2));
            put(streams, "second half", Arrays.copyOfRange(sample, n / 2, n));
            put(streams, "end", Arrays.copyOfRange(sample, n - 1, n));
            put(streams, "end of two", Arrays.copyOfRange(sample, Math.max(0, n - 2), n));
            for (int i = 1; i < Math.min(n, LONGEST_BEGINNING) && samples.indexOf(sample) < MOST_SAMPLES; i++) {
                put(streams, "beginning of " + i, Arrays.copyOf(sample, i));
            }
            put(streams, "beginning of " + n / 2, Arrays.copyOf(sample, n / 2));
            streams.put(
                    "beginnings, then ends: " + show(sample),
                    length -> nested(Arrays.copyOf(sample, n / 2), Arrays.copyOfRange(sample, n / 2, n), length));
            streams.put(
                    "beginning, then random: " + show(sample), length -> behind(sample, n / 2, random(length, 256)));
            streams.put("beginning, then zeros: " + show(sample), length -> behind(sample, n / 2, new byte[length]));
        }
        if (samples.size() > 1) {
            put(streams, "all samples", concat(samples));
        }
        return streams;
    }

    private static void put(Map<String, IntFunction<byte[]>> streams, String again) {
        put(streams, "again and again", bytes(again));
    }

    private static void put(Map<String, IntFunction<byte[]>> streams, String what, byte[] again) {
        if (again.length > 0) {
            streams.put(what + ": " + show(again), length -> again(again, length));
        }
    }

    private static String show(byte[] bytes) {
        return new String(bytes, ISO_8859_1).replaceAll("[^ -~]", ".");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static byte[] again(String text, int length) {
        return again(bytes(text), length);
    }

    private static byte[] again(byte[] one, int length) {
        byte[] all = new byte[length];
        for (int at = 0; at < length; at += one.length) {
            System.arraycopy(one, 0, all, at, Math.min(one.length, length - at));
        }
        return all;
    }

    /** Opened again and again, and closed as often. */
    private static byte[] nested(byte[] open, byte[] close, int length) {
        int times = Math.max(1, length / (open.length + close.length));
        byte[] opened = again(open, times * open.length);
        return behind(opened, opened.length, again(close, times * close.length));
    }

    private static byte[] behind(byte[] start, int n, byte[] rest) {
        byte[] all = Arrays.copyOf(start, n + rest.length);
        System.arraycopy(rest, 0, all, n, rest.length);
        return all;
    }

    private static byte[] concat(List<byte[]> parts) {
        byte[] all = {};
        for (byte[] part : parts) {
            all = behind(all, all.length, part);
        }
        return all;
    }

    private static byte[] changed(byte[] sample, int at) {
        byte[] changed = sample.clone();
        changed[at] ^= 0x15;
        return changed;
    }

    private static byte[] random(int length, int letters) {
        byte[] bytes = new byte[length];
        Random random = new Random(letters);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (letters == 256 ? random.nextInt() : "aab{".charAt(random.nextInt(letters)));
        }
        return bytes;
    }

    // ---- counting

    private static long steps(String format, byte[] stream, int chunkLength) {
        Count.take();
        WORK.decode(format, stream, Math.min(chunkLength, stream.length));
        return Count.take();
    }

    private static long encodingSteps(String format, byte[] frame) {
        Count.take();
        WORK.encode(format, frame);
        return Count.take();
    }

    private interface Steps {
        long of(byte[] stream);
    }

    /** Says how work grows faster than the stream, or nothing. */
    private static List<String> faster(String what, int first, IntFunction<byte[]> streams, Steps steps) {
        long shorter = steps.of(streams.apply(first));
        for (int length = TIMES * first; ; length *= TIMES) {
            byte[] stream = streams.apply(length);
            long longer = steps.of(stream);
            boolean grows = longer > MOST_TIMES * shorter;
            boolean isMuch = longer > (long) MOST_A_BYTE * stream.length;
            if (!grows && !isMuch) {
                return List.of();
            }
            if (isMuch && length >= LONG || length >= LONGEST) {
                return List.of(what + ": " + shorter + " steps became " + longer + " when the stream grew " + TIMES
                        + " times, to " + stream.length + " bytes");
            }
            shorter = longer;
        }
    }

    private static List<String> faster(String format, Map<String, IntFunction<byte[]>> streams) {
        for (byte[] warmUp : List.of(random(SHORT, 256), again("line\n", SHORT))) {
            steps(format, warmUp, 1); // classes are initialized, which is work
        }
        List<String> faster = new ArrayList<>();
        streams.forEach((name, stream) -> {
            for (int chunk : CHUNKS) {
                faster.addAll(faster(
                        name + ", in chunks of " + chunk,
                        chunk == 1 ? SHORTEST : SHORT,
                        stream,
                        bytes -> steps(format, bytes, chunk)));
            }
            faster.addAll(faster(name + ", encoded", SHORT, stream, bytes -> encodingSteps(format, bytes)));
        });
        return faster;
    }

    // ---- tests

    @ParameterizedTest
    @MethodSource("formats")
    void workGrowsNoFasterThanTheStream(String format) {
        Work.Frames frames = FORMATS.get(format);
        Map<String, IntFunction<byte[]>> streams = nearly(frames.samples());
        streams.putAll(hostileTo(format));
        if (frames.head().length > 0) {
            new LinkedHashMap<>(streams)
                    .forEach((name, stream) -> streams.put(
                            "the head, then " + name,
                            length -> behind(frames.head(), frames.head().length, stream.apply(length))));
        }
        assertThat(faster(format, streams)).as(format).isEmpty();
    }

    /** Else the streams would be no more than noise to that format, or end at once. */
    @ParameterizedTest
    @MethodSource("formats")
    void samples_areFramesAsLongAsTheyComeAgain(String format) {
        byte[] head = FORMATS.get(format).head();
        List<byte[]> samples = FORMATS.get(format).samples();
        long ofHead = WORK.decode(format, head, LONGEST);
        assertThat(Stream.concat(samples.stream(), Stream.of(concat(samples)))).anySatisfy(sample -> {
            long once = WORK.decode(format, behind(head, head.length, sample), LONGEST) - ofHead;
            byte[] again = again(sample, 10 * sample.length);
            long oftener = WORK.decode(format, behind(head, head.length, again), LONGEST) - ofHead;
            assertThat(once).isPositive();
            assertThat(oftener).isGreaterThanOrEqualTo(ONLY_ONCE.contains(format) ? once : 9 * once);
        });
    }

    /** Every public factory, option and checksum of every format. */
    static Stream<Method> factoriesAndOptions() {
        Path classes = Path.of("target", "classes", "reactor", "framing", "format");
        try (Stream<Path> files = Files.list(classes)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                    .map(name -> type(Framing.class.getPackageName() + ".format." + name.replace(".class", "")))
                    .filter(type -> Modifier.isPublic(type.getModifiers()))
                    .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                    .filter(LinearityTest::makesAFormat)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean makesAFormat(Method method) {
        return Modifier.isPublic(method.getModifiers())
                && !method.isSynthetic()
                && !method.getName().equals("wrapped")
                && (Framing.class.isAssignableFrom(method.getReturnType()) || method.getReturnType() == Check.class);
    }

    @ParameterizedTest
    @MethodSource("factoriesAndOptions")
    void everyFormatAndOption_isCounted(Method method) {
        String type = method.getDeclaringClass().getSimpleName();
        String call = Pattern.quote("." + method.getName() + "(");
        Pattern use =
                Pattern.compile("\\b" + type + (Modifier.isStatic(method.getModifiers()) ? "" : "\\.[a-z].*") + call);
        assertThat(FORMATS.keySet()).anyMatch(name -> use.matcher(name).find());
    }

    @Test
    void everyOverloadOfAPreset_isCounted() {
        for (Method method : Protocols.class.getDeclaredMethods()) {
            if (makesAFormat(method) && method.getParameterCount() > 0) {
                assertThat(FORMATS.keySet())
                        .anyMatch(name -> name.matches("Protocols\\." + method.getName() + "\\(.+\\)"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"rescans, 1", "copies the tail, 1000000"})
    void decoderThatDoesMore_isFound(String broken, int chunk) {
        assertThat(faster("lines", SHORT, length -> again("line\n", length), bytes -> steps(broken, bytes, chunk)))
                .hasSize(1);
    }

    @Test
    void everyMethodThatGoesOverBytes_isKnown() {
        IntStream.of(CHUNKS).forEach(chunk -> steps("Json.objects()", bytes("{}"), chunk));
        assertThat(LOADER.unknown()).isEmpty();
    }

    @Test
    void counts_areThoseOfTheLibrarysOwnCode() {
        byte[] stream = again("\1x", 1000);
        String format = "LengthField.ofSize(1)";
        steps(format, stream, 1); // initializes the classes

        long steps = steps(format, stream, 1);

        assertThat(WORK.decode(format, stream, 1)).isEqualTo(500);
        assertThat(steps).isGreaterThan(5 * stream.length);
        Count.take();
        assertThat(steps(format, stream, 1)).isEqualTo(steps);
    }
}
