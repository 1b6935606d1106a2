package reactor.framing.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says in words what is wrong: from what was left when the case had been made as plain as it can be. */
final class Diagnosis {

    private static final String SILENT = "silent truncation: ";

    private final Case found;
    private final List<Event> expected;
    private final List<Event> came;

    private Diagnosis(Case found, List<Event> expected) {
        this.found = found;
        this.expected = expected;
        this.came = found.came();
    }

    static String headline(Case found, List<Event> expected) {
        return new Diagnosis(found, expected).headline();
    }

    private String headline() {
        for (Event event : came) {
            if (event.isViolation()) {
                return event.toString();
            }
            Throwable cause = event.cause();
            if (event.isUnexpected() && cause != null) {
                String place = Failure.place(cause);
                return matter() + ": " + cause.getClass().getName() + " is thrown"
                        + (place == null ? "" : " at " + place);
            }
        }
        String difference = difference();
        return difference.startsWith(SILENT) ? difference : matter() + ": " + difference;
    }

    /** What it takes for the fault to show. */
    private String matter() {
        Manner manner = found.manner();
        List<String> matters = new ArrayList<>();
        if (manner.overwritten()) {
            matters.add("bytes of a borrowed chunk are kept after onNext");
        }
        if (manner.access() != Manner.Access.DECODE) {
            matters.add("find() and decode() disagree");
        }
        if (manner.kind() != BufferKind.HEAP) {
            matters.add("the kind of buffer matters, here " + manner.kind().text);
        }
        if (manner.mode() != Manner.Mode.DECODE) {
            matters.add(manner.mode().text + " gives something else than decode");
        }
        if (manner.demand() != Long.MAX_VALUE) {
            matters.add("the demand matters");
        }
        if (manner.empties()) {
            matters.add("an empty chunk matters");
        }
        if (matters.isEmpty() && found.cuts().length > 0) {
            boolean limit = isTooLong(first(expected)) != isTooLong(first(came));
            matters.add(limit ? "the limit depends on the split" : "the split matters");
        }
        return matters.isEmpty() ? found.input().claim() : String.join(", ", matters);
    }

    private static boolean isTooLong(Event event) {
        return !event.isFrame() && event.toString().contains(" TooLong #");
    }

    /** The first event that is another one than in the other list. */
    private Event first(List<Event> events) {
        int i = 0;
        while (i < expected.size() && i < came.size() && expected.get(i).equals(came.get(i))) {
            i++;
        }
        return i < events.size() ? events.get(i) : Event.COMPLETE;
    }

    private String difference() {
        List<Event> expectedFrames = expected.stream().filter(Event::isFrame).toList();
        List<Event> cameFrames = came.stream().filter(Event::isFrame).toList();
        Event expectedEnd = end(expected);
        Event cameEnd = end(came);
        int same = 0;
        while (same < Math.min(expectedFrames.size(), cameFrames.size())
                && expectedFrames.get(same).equals(cameFrames.get(same))) {
            same++;
        }
        if (expectedEnd.isError("Truncated") && cameEnd == Event.COMPLETE) {
            return cameFrames.size() > expectedFrames.size()
                    ? SILENT + "a frame cut short is delivered as if it were whole"
                    : SILENT + "the stream ends inside a frame and completes";
        }
        if (first(expected).type() == Event.Type.SKIPPED && first(came).type() == Event.Type.SKIPPED) {
            return "the reports of what was skipped differ";
        }
        boolean prefix = same == Math.min(cameFrames.size(), expectedFrames.size());
        if (prefix
                && cameFrames.size() != expectedFrames.size()
                && isFault(expectedEnd)
                && isFault(cameEnd)
                && kind(expectedEnd).equals(kind(cameEnd))) {
            return "good frames before the fault are lost"
                    + (cameFrames.size() > expectedFrames.size() ? ", when they come in one chunk" : "");
        }
        if (same == cameFrames.size() && same < expectedFrames.size()) {
            if (cameEnd.type() == Event.Type.ERROR) {
                if (expectedFrames.get(same).bytes().length == 0) {
                    return "an empty frame is swallowed, number " + same;
                }
                return "frame " + same + " is not delivered, but an error";
            }
        }
        if (same < expectedFrames.size() && isMissing(expectedFrames, cameFrames, same)) {
            return expectedFrames.get(same).bytes().length == 0
                    ? "an empty frame is swallowed, number " + same
                    : "frame " + same + " is lost";
        }
        if (same < expectedFrames.size() && same < cameFrames.size()) {
            return changed(
                    same, expectedFrames.get(same).bytes(), cameFrames.get(same).bytes());
        }
        if (same < cameFrames.size()) {
            return "frame " + same + " comes and should not";
        }
        if (!cameEnd.equals(expectedEnd)) {
            if (expectedEnd == Event.COMPLETE && cameEnd.isError("Truncated")) {
                return "bytes are left over at the end";
            }
            return expectedEnd.type() == cameEnd.type() && kind(expectedEnd).equals(kind(cameEnd))
                    ? "the figures of the error differ"
                    : "the end is another one";
        }
        return "the reports of what was skipped differ";
    }

    private static boolean isFault(Event end) {
        return end.type() == Event.Type.ERROR && !end.isError("Truncated");
    }

    private static boolean isMissing(List<Event> expected, List<Event> came, int at) {
        return came.size() < expected.size()
                && came.subList(at, came.size())
                        .equals(expected.subList(expected.size() - came.size() + at, expected.size()));
    }

    private static String changed(int index, byte[] expected, byte[] came) {
        int at = Arrays.mismatch(expected, came);
        if (at == came.length) {
            return "frame " + index + " is too short, " + came.length + " instead of " + expected.length + " bytes";
        }
        if (at == expected.length) {
            return "frame " + index + " is too long, " + came.length + " instead of " + expected.length + " bytes";
        }
        return "frame " + index + " has other bytes, from byte " + at + " on";
    }

    private static String kind(Event end) {
        String[] words = end.toString().split(" ");
        return words.length > 1 ? words[1] : words[0];
    }

    private static Event end(List<Event> events) {
        return events.isEmpty() ? Event.violation("nothing") : events.get(events.size() - 1);
    }

    static @Nullable Throwable cause(List<Event> came) {
        for (Event event : came) {
            if (event.isUnexpected()) {
                return event.cause();
            }
        }
        return null;
    }
}
