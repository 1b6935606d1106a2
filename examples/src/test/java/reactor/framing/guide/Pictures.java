package reactor.framing.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws the pictures of the README and of the Javadoc. From the project's directory:
 *
 * <pre>
 * java examples/src/test/java/reactor/framing/guide/Pictures.java          writes them
 * java examples/src/test/java/reactor/framing/guide/Pictures.java --check  fails if one is not what would be written
 * </pre>
 *
 * <p>Each picture has a light ground of its own, so that it can be read on light and on dark pages.
 */
final class Pictures {

    private static final String CORE = "reactor-framing/src/main/java/reactor/framing/doc-files/";
    private static final String NETTY = "reactor-framing/src/main/java/reactor/framing/netty/doc-files/";

    private static final String INK = "#22242c";
    private static final String PALE = "#5d6270";
    private static final String GROUND = "#fcfbf8";
    private static final String HEADER = "#dcdee4";

    /** One colour for each frame; a frame's text tells it as well. */
    private static final List<String> FRAMES = List.of("#bcd9ff", "#c4ecc4", "#ffdca3", "#f3c9ec", "#c9eef0");

    private static final int CELL = 26;
    private static final int HEIGHT = 30;

    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final int height;
    private final String title;

    private Pictures(int width, int height, String title) {
        this.width = width;
        this.height = height;
        this.title = title;
    }

    public static void main(String[] args) throws IOException {
        boolean check = args.length > 0 && args[0].equals("--check");
        List<String> different = differing(Path.of(""));
        for (String file : different) {
            System.out.println((check ? "not what would be written: " : "written: ") + file);
            if (!check) {
                Files.createDirectories(Path.of(file).getParent());
                Files.writeString(Path.of(file), all().get(file));
            }
        }
        if (check && !different.isEmpty()) {
            System.exit(1);
        }
    }

    /** The pictures that are not there, or are not what would be written. */
    static List<String> differing(Path project) throws IOException {
        List<String> different = new ArrayList<>();
        for (Map.Entry<String, String> picture : all().entrySet()) {
            Path file = project.resolve(picture.getKey());
            if (!Files.exists(file) || !Files.readString(file).equals(picture.getValue())) {
                different.add(picture.getKey());
            }
        }
        return different;
    }

    static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("docs/pictures/framing.svg", framing());
        all.put(CORE + "decode.svg", decode());
        all.put(CORE + "read.svg", read());
        all.put(CORE + "decodeParts.svg", decodeParts());
        all.put(CORE + "encode.svg", encode());
        all.put(CORE + "coalesce.svg", coalesce());
        all.put(NETTY + "receive.svg", receive());
        all.put(NETTY + "send.svg", send());
        return all;
    }

    private static String framing() {
        Pictures picture = new Pictures(760, 250, "Chunks of bytes, cut anywhere, become frames");
        int[] chunks = picture.chunks(52, "what TCP delivers: bytes, cut anywhere");
        picture.operator(104, 62, "decode", "LengthField.ofSize(1)", "a length, then so many bytes");
        picture.timeline(214, "what you get: frames");
        picture.frame(chunks[1] - 40, 214, "abc", 0);
        picture.frame(chunks[2] - 27, 214, "hi", 1);
        picture.frame(chunks[3] - 53, 214, "ping", 2);
        picture.arrow(chunks[1], 166, 197);
        picture.arrow(chunks[2], 166, 197);
        picture.arrow(chunks[3], 166, 197);
        picture.end(214, 715);
        return picture.svg();
    }

    /** The chunks that three messages come in, with arrows down; the middles of the chunks. */
    private int[] chunks(int y, String label) {
        timeline(y, label);
        String[][] chunks = {{"03", "a0", "b0"}, {"c0", "02", "h1"}, {"i1", "04", "p2", "i2"}, {"n2", "g2"}};
        int[] middles = new int[chunks.length];
        int x = 70;
        for (int i = 0; i < chunks.length; i++) {
            int end = chunk(x, y, chunks[i]);
            middles[i] = (x + end) / 2;
            arrow(middles[i], y + 17, y + 48);
            x = end + 74;
        }
        end(y, 715);
        return middles;
    }

    private static String decode() {
        Pictures picture = new Pictures(760, 276, "decode: frames leave when they are whole and wanted");
        int[] chunks = picture.chunks(52, "chunks");
        picture.operator(104, 84, "decode", null, null);
        String[] held = {"holds “ab”, 1 missing", "holds “h”, 1 missing", "holds “pi”, 2 missing", "holds nothing"};
        for (int i = 0; i < held.length; i++) {
            picture.text(chunks[i], 172, 12, "middle", PALE, held[i]);
        }
        picture.timeline(238, "frames");
        picture.frame(chunks[1] - 40, 238, "abc", 0);
        picture.frame(chunks[2] - 27, 238, "hi", 1);
        picture.frame(chunks[3] - 53, 238, "ping", 2);
        picture.arrow(chunks[1], 190, 221);
        picture.arrow(chunks[2], 190, 221);
        picture.arrow(chunks[3], 190, 221);
        picture.end(238, 715);
        return picture.svg();
    }

    private static String read() {
        Pictures picture = new Pictures(760, 300, "read: each frame is lent to a function");
        int[] chunks = picture.chunks(52, "chunks");
        picture.operator(104, 110, "read", null, null);
        String[] lent = {"", "abc", "hi", "ping"};
        int[] frameWidths = {0, 80, 54, 106};
        for (int i = 1; i < lent.length; i++) {
            picture.dashed(chunks[i] - frameWidths[i] / 2, 148, lent[i], i - 1);
            picture.text(chunks[i], 196, 12, "middle", PALE, "lent to the function");
        }
        picture.timeline(262, "what the function returns");
        for (int i = 1; i < lent.length; i++) {
            picture.object(chunks[i], 262, "object " + i, i - 1);
            picture.arrow(chunks[i], 216, 245);
        }
        picture.end(262, 715);
        return picture.svg();
    }

    private static String decodeParts() {
        Pictures picture = new Pictures(760, 276, "decodeParts: each chunk gives its part of a frame at once");
        int[] chunks = picture.chunks(52, "chunks");
        picture.operator(104, 66, "decodeParts", null, null);
        picture.timeline(216, "parts");
        picture.part(chunks[0] - 26, 216, "ab", 0, false);
        picture.part(chunks[1] - 42, 216, "c", 0, true);
        picture.part(chunks[1] + 4, 216, "h", 1, false);
        picture.part(chunks[2] - 62, 216, "i", 1, true);
        picture.part(chunks[2] - 18, 216, "pi", 2, false);
        picture.part(chunks[3] - 26, 216, "ng", 2, true);
        for (int middle : chunks) {
            picture.arrow(middle, 172, 199);
        }
        picture.text(726, 250, 12, "end", PALE, "thick edge: last part");
        String[] indexes = {"frame 0", "0         1", "1         2     ", "2"};
        for (int i = 0; i < indexes.length; i++) {
            picture.text(chunks[i], 250, 12, "middle", PALE, indexes[i]);
        }
        picture.end(216, 715);
        return picture.svg();
    }

    private static String encode() {
        Pictures picture = new Pictures(760, 226, "encode: one buffer a frame");
        picture.timeline(52, "frames");
        picture.frame(120, 52, "abc", 0);
        picture.frame(330, 52, "hi", 1);
        picture.frame(520, 52, "ping", 2);
        picture.operator(100, 46, "encode", null, null);
        picture.timeline(190, "bytes");
        picture.chunk(107, 190, "03", "a0", "b0", "c0");
        picture.chunk(318, 190, "02", "h1", "i1");
        picture.chunk(507, 190, "04", "p2", "i2", "n2", "g2");
        for (int x : new int[] {159, 357, 572}) {
            picture.arrow(x, 69, 98);
            picture.arrow(x, 147, 173);
        }
        picture.end(52, 715);
        picture.end(190, 715);
        return picture.svg();
    }

    private static String coalesce() {
        Pictures picture = new Pictures(760, 250, "encode with coalesce: what is at hand leaves together");
        picture.timeline(52, "frames");
        picture.frame(70, 52, "abc", 0);
        picture.frame(156, 52, "hi", 1);
        picture.frame(216, 52, "ok", 2);
        picture.frame(530, 52, "ping", 3);
        picture.text(170, 90, 12, "middle", PALE, "at hand together");
        picture.text(583, 90, 12, "middle", PALE, "comes alone");
        picture.operator(112, 46, "coalesce(65536).encode", null, null);
        picture.timeline(202, "bytes");
        picture.chunk(70, 202, "03", "a0", "b0", "c0", "02", "h1", "i1", "02", "o2", "k2");
        picture.chunk(518, 202, "04", "p3", "i3", "n3", "g3");
        picture.text(200, 236, 12, "middle", PALE, "one buffer");
        picture.text(583, 236, 12, "middle", PALE, "leaves at once");
        for (int x : new int[] {170, 583}) {
            picture.arrow(x, 96, 110);
            picture.arrow(x, 159, 185);
        }
        picture.end(52, 715);
        picture.end(202, 715);
        return picture.svg();
    }

    private static String receive() {
        Pictures picture = new Pictures(760, 322, "receive: one stream of frames, whoever takes the next one");
        int[] chunks = picture.chunks(52, "the socket; the bar is the peer’s FIN");
        picture.operator(104, 46, "receive", null, null);
        picture.timeline(200, "first subscriber: take(1)");
        picture.frame(chunks[1] - 40, 200, "abc", 0);
        picture.arrow(chunks[1], 151, 183);
        picture.text(chunks[1] + 66, 188, 12, "middle", PALE, "cancels");
        picture.cross(200, chunks[1] + 52);
        picture.timeline(286, "second subscriber: loses nothing");
        picture.frame(chunks[2] - 27, 286, "hi", 1);
        picture.frame(chunks[3] - 53, 286, "ping", 2);
        picture.arrow(chunks[2], 151, 269);
        picture.arrow(chunks[3], 151, 269);
        picture.end(286, 715);
        return picture.svg();
    }

    private static String send() {
        Pictures picture = new Pictures(760, 300, "send: sends may overlap, their bytes never mix");
        picture.timeline(52, "one send", 611);
        picture.frame(90, 52, "abc", 0);
        picture.frame(420, 52, "ping", 2);
        picture.end(52, 590);
        picture.timeline(122, "another one", 401);
        picture.frame(270, 122, "hi", 1);
        picture.end(122, 380);
        picture.operator(164, 46, "send", "at most 130 KiB under way", null);
        picture.timeline(256, "the socket");
        picture.chunk(77, 256, "03", "a0", "b0", "c0");
        picture.chunk(258, 256, "02", "h1", "i1");
        picture.chunk(407, 256, "04", "p2", "i2", "n2", "g2");
        picture.arrow(130, 69, 162);
        picture.arrow(473, 69, 162);
        picture.arrow(297, 139, 162);
        for (int x : new int[] {130, 297, 473}) {
            picture.arrow(x, 211, 239);
        }
        return picture.svg();
    }

    // the parts that pictures are made of

    private void timeline(int y, String label) {
        timeline(y, label, 736);
    }

    private void timeline(int y, String label, int to) {
        text(24, y - 26, 13, "start", PALE, label);
        body.append("  <path d=\"M24 %d H%d m-8 -5 l8 5 l-8 5\" class=\"line\"/>\n".formatted(y, to));
    }

    private void end(int y, int x) {
        body.append("  <path d=\"M%d %d v32\" class=\"end\"/>\n".formatted(x, y - 16));
    }

    private void cross(int y, int x) {
        body.append("  <path d=\"M%d %d l10 12 m0 -12 l-10 12\" class=\"end\"/>\n".formatted(x - 5, y - 6));
    }

    private void operator(int y, int height, String name, String below, String beside) {
        body.append("  <rect x=\"24\" y=\"%d\" width=\"712\" height=\"%d\" rx=\"6\" class=\"operator\"/>\n"
                .formatted(y, height));
        String shown = below == null ? name : name + "   " + below;
        if (beside == null) {
            text(380, y + 30, 17, "middle", INK, shown, true);
        } else {
            text(380, y + 27, 17, "middle", INK, shown, true);
            text(380, y + 48, 13, "middle", PALE, beside);
        }
    }

    /** Bytes: two hexadecimal digits are of a header, a character and a digit are of the frame with that number. */
    private int chunk(int x, int y, String... bytes) {
        int top = y - HEIGHT / 2;
        int at = x;
        for (String b : bytes) {
            boolean header = Character.isDigit(b.charAt(0));
            String colour = header ? HEADER : FRAMES.get(b.charAt(1) - '0');
            body.append("  <rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n"
                    .formatted(at, top, CELL, HEIGHT, colour));
            text(at + CELL / 2, y + 5, 14, "middle", INK, header ? b : b.substring(0, 1), true);
            at += CELL;
        }
        outline(x, top, at - x, "chunk");
        return at;
    }

    private int frame(int x, int y, String text, int number) {
        return box(x, y, text, number, "frame");
    }

    private void part(int x, int y, String text, int number, boolean last) {
        int end = box(x, y, text, number, "part");
        if (last) {
            body.append("  <path d=\"M%d %d v%d\" class=\"last\"/>\n".formatted(end, y - HEIGHT / 2, HEIGHT));
        }
    }

    private void dashed(int x, int y, String text, int number) {
        box(x, y + 16, text, number, "lent");
    }

    private int box(int x, int y, String text, int number, String kind) {
        int boxWidth = Math.max(CELL * text.length() + 2, 28);
        body.append("  <rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"%s\" class=\"%s\"/>\n"
                .formatted(
                        x, y - HEIGHT / 2, boxWidth, HEIGHT, kind.equals("frame") ? 15 : 3, FRAMES.get(number), kind));
        text(x + boxWidth / 2, y + 5, 14, "middle", INK, text, true);
        return x + boxWidth;
    }

    private void object(int middle, int y, String text, int number) {
        body.append("  <path d=\"M%d %d l46 -17 l46 17 l-46 17 z\" fill=\"%s\" class=\"frame\"/>\n"
                .formatted(middle - 46, y, FRAMES.get(number)));
        text(middle, y + 4, 12, "middle", INK, text);
    }

    private void outline(int x, int top, int outlineWidth, String kind) {
        body.append("  <rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" class=\"%s\"/>\n"
                .formatted(x, top, outlineWidth, HEIGHT, kind));
    }

    private void arrow(int x, int from, int to) {
        body.append("  <path d=\"M%d %d V%d m-4 -7 l4 7 l4 -7\" class=\"arrow\"/>\n".formatted(x, from, to));
    }

    private void text(int x, int y, int size, String anchor, String colour, String text) {
        text(x, y, size, anchor, colour, text, false);
    }

    private void text(int x, int y, int size, String anchor, String colour, String text, boolean mono) {
        body.append(String.format(
                Locale.ROOT,
                "  <text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"%s\" fill=\"%s\"%s"
                        + " xml:space=\"preserve\">%s</text>\n",
                x,
                y,
                size,
                anchor,
                colour,
                mono ? " class=\"mono\"" : "",
                text.replace("&", "&amp;").replace("<", "&lt;")));
    }

    private String svg() {
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img">
                  <title>%3$s</title>
                  <style>
                    text { font-family: "DejaVu Sans", Verdana, Arial, sans-serif; }
                    .mono { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-weight: bold; }
                    .line { fill: none; stroke: %4$s; stroke-width: 1.5; }
                    .end { fill: none; stroke: %4$s; stroke-width: 3; }
                    .last { fill: none; stroke: %4$s; stroke-width: 5; }
                    .chunk { fill: none; stroke: %4$s; stroke-width: 2; }
                    .frame, .part { stroke: %4$s; stroke-width: 1.5; }
                    .lent { stroke: %4$s; stroke-width: 1.5; stroke-dasharray: 4 3; }
                    .operator { fill: #ffffff; stroke: %4$s; stroke-width: 2; }
                    .arrow { fill: none; stroke: %5$s; stroke-width: 1.5; }
                  </style>
                  <rect x="0.5" y="0.5" width="%6$d" height="%7$d" rx="8" fill="%8$s" stroke="#c9c9cf"/>
                %9$s</svg>
                """.formatted(width, height, title, INK, PALE, width - 1, height - 1, GROUND, body);
    }
}
