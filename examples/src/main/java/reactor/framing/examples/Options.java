package reactor.framing.examples;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;

/**
 * The command line of a program: {@code --name value} pairs, and more where the usage ends in a word like {@code
 * [FILE]}. What is wrong with it is said with the usage, and ends the program with exit code 2.
 */
final class Options {

    private static final Pattern NAME = Pattern.compile("--[a-z][a-z-]*");

    private final String usage;
    private final Map<String, List<String>> values = new HashMap<>();
    private final List<String> more = new ArrayList<>();

    private Options(String usage) {
        this.usage = usage;
    }

    /** Reads the command line. The names are those in the usage; {@code --help} prints it and ends the program. */
    static Options parse(String usage, String... args) {
        Options options = new Options(usage);
        Set<String> names =
                NAME.matcher(usage).results().map(MatchResult::group).collect(Collectors.toSet());
        boolean takesMore = usage.lines().findFirst().orElse("").matches(".* \\[[A-Z]+]");
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--help") || args[i].equals("-h")) {
                System.out.println(usage);
                System.exit(0);
            } else if (takesMore && !args[i].startsWith("--")) {
                options.more.add(args[i]);
            } else if (!names.contains(args[i])) {
                throw options.refuse("unknown option " + args[i]);
            } else if (i + 1 == args.length) {
                throw options.refuse(args[i] + " needs a value");
            } else {
                options.values
                        .computeIfAbsent(args[i], name -> new ArrayList<>())
                        .add(args[++i]);
            }
        }
        return options;
    }

    /** Ends the program. */
    IllegalArgumentException refuse(String reason) {
        System.err.println(reason);
        System.err.println(usage);
        System.exit(2);
        return new IllegalArgumentException(reason);
    }

    /** What has no name. */
    List<String> more() {
        return more;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    String text(String name, String otherwise) {
        List<String> all = all(name);
        return all.isEmpty() ? otherwise : all.get(all.size() - 1);
    }

    String required(String name) {
        if (!has(name)) {
            throw refuse(name + " is missing");
        }
        return text(name, "");
    }

    /** The value, which is one of those named. */
    String choice(String name, String... choices) {
        String value = text(name, choices[0]);
        if (!List.of(choices).contains(value)) {
            throw refuse(name + " must be " + String.join(" or ", choices) + ", was " + value);
        }
        return value;
    }

    String host() {
        String host = text("--host", "127.0.0.1");
        try {
            if (InetAddress.getByName(host).isLoopbackAddress()) {
                return host;
            }
        } catch (UnknownHostException e) {
            throw refuse("--host " + host + " is not known");
        }
        throw refuse("--host must be a loopback address, was " + host);
    }

    int port() {
        return port("--port");
    }

    int port(String name) {
        return number(name, 7000, 0, 65_535);
    }

    int number(String name, int otherwise, int min, int max) {
        if (!has(name)) {
            return otherwise;
        }
        String value = text(name, "");
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw refuse(name + " must be a number, was " + value);
        }
        throw refuse(name + " must be " + min + " to " + max + ", was " + value);
    }

    String framing() {
        return choice("--framing", "length4", "tlv");
    }

    FrameCodec codec() {
        return FrameCodec.of(
                framing().equals("length4")
                        ? LengthField.ofSize(4)
                        : LengthField.ofSize(2).marker((byte) 0x72));
    }
}
