package reactor.framing.test;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was found, written for reading; becomes an {@link AssertionError} in the thread of whoever called. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int LABEL = 10;

    /** The classes of this package that are found in a trace above what they call. */
    private static final Set<String> VERIFIERS = Set.of(
            "EncoderProof", "Frames", "FramingProof", "Interleaved", "Runner", "Watched", "Watchdog", "WorkProof");

    private static final int EVENTS_SHOWN = 20;

    Failure(String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
    }

    AssertionError toError() {
        return new AssertionError(getMessage(), getCause());
    }

    /** Puts a message together: what is wrong, then one line for each thing to know about it. */
    static final class Report {

        private final StringBuilder text;
        private @Nullable Throwable cause;

        Report(String headline) {
            text = new StringBuilder(headline).append('\n');
        }

        Report line(String label, Object value) {
            String indented = value.toString().replace("\n", "\n" + " ".repeat(LABEL + 2));
            text.append("\n  ")
                    .append(label)
                    .append(" ".repeat(Math.max(1, LABEL - label.length())))
                    .append(indented);
            return this;
        }

        Report cause(@Nullable Throwable cause) {
            this.cause = cause;
            return this;
        }

        Failure failure() {
            return new Failure(text.append('\n').toString(), cause);
        }
    }

    static String lines(List<Event> events) {
        if (events.isEmpty()) {
            return "nothing";
        }
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < events.size(); i++) {
            if (events.size() > EVENTS_SHOWN && i == EVENTS_SHOWN - 2) {
                lines.append("\n... (").append(events.size() - EVENTS_SHOWN + 1).append(" more)");
                i = events.size() - 1;
            }
            lines.append(i == 0 ? "" : "\n").append(events.get(i).shown());
        }
        return lines.toString();
    }

    /** The first place in the trace that is neither the JDK's nor the library's. */
    static @Nullable String place(Throwable t) {
        StackTraceElement[] trace = t.getStackTrace();
        for (StackTraceElement element : trace) {
            if (isUsers(element.getClassName())) {
                return place(element);
            }
            if (element.getClassName().startsWith(Runner.class.getName())) {
                break; // the verifier has called, and nobody of the user's is between
            }
        }
        return trace.length == 0 ? null : place(trace[0]);
    }

    static String place(StackTraceElement element) {
        String type = element.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + element.getMethodName() + "("
                + Objects.requireNonNullElse(element.getFileName(), "unknown source") + ":" + element.getLineNumber()
                + ")";
    }

    static boolean isUsers(String className) {
        return !className.startsWith("java.")
                && !className.startsWith("jdk.")
                && !className.startsWith("sun.")
                && !className.startsWith("reactor.core.")
                && !isVerifiers(className)
                && !className.matches("reactor\\.framing\\.[A-Z].*");
    }

    private static boolean isVerifiers(String className) {
        String own = Failure.class.getPackageName() + ".";
        return className.startsWith(own)
                && VERIFIERS.contains(className.substring(own.length()).split("\\$", 2)[0]);
    }
}
