package reactor.framing.examples.finder;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
import reactor.framing.format.TextLength;
import reactor.framing.format.Varint;

/**
 * A framing that bytes may be in.
 *
 * @param name its format or preset, as the studio calls it
 * @param options the format's options, as the studio calls them
 * @param code the Java that makes it
 * @param framing the framing
 */
public record Candidate(String name, Map<String, Object> options, String code, Framing framing) {

    /**
     * Returns every preset of {@link Protocols}, and every format with options that are often seen.
     *
     * @param first the first of the bytes, which may be a marker
     * @return the candidates
     */
    public static List<Candidate> all(byte first) {
        List<Candidate> all = new ArrayList<>(presets());
        formats(all);
        lengthFields(all, first);
        return all;
    }

    /** Whether it is a protocol's, and not one among the many that a format can be. */
    boolean isPreset() {
        return code.startsWith("Protocols.");
    }

    private static List<Candidate> presets() {
        return Arrays.stream(Protocols.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())
                        && method.getParameterCount() == 0
                        && Framing.class.isAssignableFrom(method.getReturnType()))
                .sorted(Comparator.comparing(Method::getName))
                .map(Candidate::preset)
                .toList();
    }

    private static Candidate preset(Method method) {
        try {
            String name = method.getName();
            return new Candidate(name, Map.of(), "Protocols." + name + "()", (Framing) method.invoke(null));
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void formats(List<Candidate> all) {
        add(all, "varint", "Varint.leb128()", Varint.leb128());
        add(all, "varint", "Varint.leb128().before(1)", Varint.leb128().before(1), "before", 1);
        add(all, "lines", "Delimiter.lines()", Delimiter.lines());
        for (String delimiter : List.of("||", "\\r\\n", "\\0")) {
            String code = "Delimiter.of(\"" + delimiter.replace("\\0", "\\u0000") + "\")";
            Framing framing = Delimiter.of(delimiter.translateEscapes());
            add(all, "delimiter", code, framing, "delimiters", delimiter);
        }
        add(
                all,
                "fixedLength",
                "FixedLength.of(188).marker((byte) 0x47)",
                FixedLength.of(188).marker((byte) 0x47),
                "length",
                188,
                "marker",
                "47",
                "padding",
                "");
        add(all, "startEnd", "StartEnd.of((byte) 0x02, (byte) 0x03)", StartEnd.of((byte) 2, (byte) 3));
        add(
                all,
                "startEnd",
                "StartEnd.of((byte) 0x02, (byte) 0x03).escape((byte) 0x10)",
                StartEnd.of((byte) 2, (byte) 3).escape((byte) 0x10),
                "start",
                "02",
                "end",
                "03",
                "escape",
                "10");
        add(
                all,
                "startEnd",
                "StartEnd.of((byte) 0x01, (byte) 0x04)",
                StartEnd.of((byte) 1, (byte) 4),
                "start",
                "01",
                "end",
                "04");
        add(all, "slip", "Slip.rfc1055()", Slip.rfc1055());
        add(all, "cobs", "Cobs.create()", Cobs.create());
        add(all, "hdlc", "Hdlc.create()", Hdlc.create());
        add(all, "netstring", "TextLength.netstring()", TextLength.netstring());
        add(all, "octetCounting", "TextLength.octetCounting()", TextLength.octetCounting());
        add(all, "contentLength", "ContentLength.create()", ContentLength.create());
        add(all, "json", "Json.objects()", Json.objects());
        for (Counts counts : List.of(Counts.PAYLOAD, Counts.WHOLE_FRAME)) {
            textLength(all, "decimal", 2, counts, TextLength.decimal(2));
            textLength(all, "decimal", 4, counts, TextLength.decimal(4));
            textLength(all, "decimal", 8, counts, TextLength.decimal(8));
            textLength(all, "hex", 4, counts, TextLength.hex(4));
            textLength(all, "bcd", 2, counts, TextLength.bcd(2));
        }
    }

    private static void textLength(List<Candidate> all, String digits, int size, Counts counts, TextLength format) {
        add(
                all,
                "textLength",
                "TextLength." + digits + "(" + size + ")" + code(counts),
                format.counts(counts),
                "digits",
                digits,
                "size",
                size,
                "counts",
                counts.name());
    }

    private static String code(Counts counts) {
        return counts == Counts.PAYLOAD ? "" : ".counts(Counts." + counts + ")";
    }

    private static void lengthFields(List<Candidate> all, byte first) {
        for (int size : new int[] {1, 2, 3, 4, 8}) {
            for (boolean littleEndian : size == 1 ? new boolean[] {false} : new boolean[] {false, true}) {
                for (Counts counts : List.of(Counts.PAYLOAD, Counts.WHOLE_FRAME)) {
                    LengthField format = LengthField.ofSize(size).counts(counts);
                    Length length =
                            new Length(size, littleEndian, counts, littleEndian ? format.littleEndian() : format);
                    length.add(all, "", length.format);
                    length.add(
                            all,
                            ".marker((byte) 0x" + HexFormat.of().withUpperCase().toHexDigits(first) + ")",
                            length.format.marker(first),
                            "marker",
                            HexFormat.of().toHexDigits(first));
                    for (int header = 1; header <= 4; header++) {
                        length.add(
                                all,
                                ".before(" + header + ")",
                                length.format.before(header).keepHeader(),
                                "before",
                                header,
                                "deliver",
                                "with header");
                        length.add(
                                all,
                                ".after(" + header + ")",
                                length.format.after(header).keepHeader(),
                                "after",
                                header,
                                "deliver",
                                "with header");
                    }
                }
            }
        }
    }

    private record Length(int size, boolean littleEndian, Counts counts, LengthField format) {

        void add(List<Candidate> all, String headerCode, LengthField framing, Object... headerOptions) {
            Map<String, Object> options = options(headerOptions);
            String code = "LengthField.ofSize(" + size + ")" + headerCode + (littleEndian ? ".littleEndian()" : "")
                    + code(counts) + (options.containsKey("deliver") ? ".keepHeader()" : "");
            options.put("size", size);
            options.put("littleEndian", littleEndian);
            options.put("counts", counts.name());
            all.add(new Candidate("lengthField", options, code, framing));
        }
    }

    private static void add(List<Candidate> all, String name, String code, Framing framing, Object... options) {
        all.add(new Candidate(name, options(options), code, framing));
    }

    private static Map<String, Object> options(Object... options) {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            map.put((String) options[i], options[i + 1]);
        }
        return map;
    }
}
