package reactor.framing.studio;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The values of a format's options, checked against what the format says of them. */
final class Options {

    private final Map<String, Object> values;
    private final List<Option> known;

    /**
     * An option, as the browser shows it.
     *
     * @param name how the scenario calls it
     * @param label how people call it
     * @param type {@code int}, {@code bool}, {@code choice}, {@code hex} or {@code text}
     * @param min the smallest number
     * @param max the largest number, or the most bytes
     * @param choices what can be chosen
     * @param initial its value if none is given
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Option(
            String name, String label, String type, Integer min, Integer max, List<String> choices, Object initial) {

        static Option number(String name, String label, int min, int max, int initial) {
            return new Option(name, label, "int", min, max, null, initial);
        }

        static Option flag(String name, String label) {
            return new Option(name, label, "bool", null, null, null, false);
        }

        static Option choice(String name, String label, String... choices) {
            return new Option(name, label, "choice", null, null, List.of(choices), choices[0]);
        }

        static Option hex(String name, String label, int max, String initial) {
            return new Option(name, label, "hex", null, max, null, initial);
        }

        static Option text(String name, String label, int max, String initial) {
            return new Option(name, label, "text", null, max, null, initial);
        }
    }

    Options(List<Option> known, Map<String, Object> values) {
        this.known = known;
        this.values = values;
        for (String name : values.keySet()) {
            option(name);
        }
    }

    private Option option(String name) {
        return known.stream()
                .filter(option -> option.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BadRequest("this framing has no option of that name"));
    }

    private <T> T value(Option option, Class<T> type) {
        Object value = values.get(option.name());
        if (value == null) {
            value = option.initial();
        }
        if (!type.isInstance(value)) {
            throw new BadRequest("option " + option.name() + " must be a "
                    + type.getSimpleName().toLowerCase(java.util.Locale.ROOT));
        }
        return type.cast(value);
    }

    int number(String name) {
        Option option = option(name);
        int value = value(option, Integer.class);
        Scenario.check("option " + name, value, option.min(), option.max());
        return value;
    }

    boolean flag(String name) {
        return value(option(name), Boolean.class);
    }

    String choice(String name) {
        Option option = option(name);
        String value = value(option, String.class);
        if (!option.choices().contains(value)) {
            throw new BadRequest("option " + name + " must be one of " + String.join(", ", option.choices()));
        }
        return value;
    }

    byte[] hex(String name) {
        Option option = option(name);
        return Bytes.parseHex("option " + name, value(option, String.class), option.max());
    }

    /** Texts between spaces. */
    List<byte[]> texts(String name) {
        Option option = option(name);
        List<byte[]> texts = new ArrayList<>();
        for (String each : value(option, String.class).trim().split("\\s+")) {
            byte[] bytes = Bytes.parseText("option " + name, each);
            Scenario.check("the length of a delimiter", bytes.length, 1, option.max());
            texts.add(bytes);
        }
        Scenario.check("the number of delimiters", texts.size(), 1, 8);
        return texts;
    }
}
