package reactor.framing.test;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.framing.FramingException;

/** One thing that a subscriber saw, or a rule that was broken meanwhile. */
final class Event {

    enum Type {
        FRAME,
        SKIPPED,
        COMPLETE,
        ERROR,
        /** A rule was broken; nothing after it means anything. */
        VIOLATION
    }

    static final Event COMPLETE = new Event(Type.COMPLETE, FramingEvents.COMPLETE, null, null);

    private final Type type;
    private final @Nullable String text;
    private final byte @Nullable [] frame;
    private final @Nullable Throwable cause;

    private Event(Type type, @Nullable String text, byte @Nullable [] frame, @Nullable Throwable cause) {
        this.type = type;
        this.text = text;
        this.frame = frame;
        this.cause = cause;
    }

    static Event frame(byte[] frame) {
        return new Event(Type.FRAME, null, frame, null);
    }

    static Event skipped(FramingException fault) {
        return new Event(Type.SKIPPED, FramingEvents.SKIPPED + FramingEvents.describe(fault), null, fault);
    }

    static Event error(Throwable error) {
        if (error instanceof Violation) {
            return violation(Objects.toString(error.getMessage()));
        }
        return new Event(Type.ERROR, FramingEvents.ERROR + FramingEvents.describe(error), null, error);
    }

    static Event violation(String rule) {
        return new Event(Type.VIOLATION, rule, null, null);
    }

    static Event parse(String text) {
        if (text.equals(FramingEvents.COMPLETE)) {
            return COMPLETE;
        }
        if (text.startsWith(FramingEvents.FRAME) || text.equals(FramingEvents.FRAME.trim())) {
            return frame(Bytes.parse(text.substring(FramingEvents.FRAME.trim().length())));
        }
        if (text.startsWith(FramingEvents.SKIPPED)) {
            return new Event(Type.SKIPPED, text, null, null);
        }
        if (text.startsWith(FramingEvents.ERROR)) {
            return new Event(Type.ERROR, text, null, null);
        }
        throw new IllegalArgumentException(
                "an event must begin with frame, skipped, complete or error, was \"" + text + "\"");
    }

    static List<Event> parse(List<String> texts) {
        return texts.stream().map(Event::parse).toList();
    }

    Type type() {
        return type;
    }

    boolean isFrame() {
        return type == Type.FRAME;
    }

    /** Whether this is the end of a stream, or something that should not have been seen at all. */
    boolean isEnd() {
        return type != Type.FRAME && type != Type.SKIPPED;
    }

    boolean isViolation() {
        return type == Type.VIOLATION;
    }

    /** Whether it is an error of that kind, such as Truncated. */
    boolean isError(String kind) {
        return type == Type.ERROR && toString().startsWith(FramingEvents.ERROR + kind + " #");
    }

    /** Whether it is, or tells of, an exception that no stream of bytes should cause. */
    boolean isUnexpected() {
        return type == Type.ERROR && cause != null && !(cause instanceof FramingException);
    }

    byte[] bytes() {
        return Objects.requireNonNull(frame, "not a frame");
    }

    @Nullable
    Throwable cause() {
        return cause;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Event that
                && type == that.type
                && (type == Type.FRAME ? Arrays.equals(frame, that.frame) : Objects.equals(text, that.text));
    }

    @Override
    public int hashCode() {
        return 31 * type.hashCode() + (type == Type.FRAME ? Arrays.hashCode(frame) : Objects.hashCode(text));
    }

    @Override
    public String toString() {
        return frame != null ? FramingEvents.frame(frame) : Objects.toString(text);
    }

    /** For a message: a long frame by its first bytes. */
    String shown() {
        return frame != null ? FramingEvents.FRAME + Bytes.shortHex(frame) : Objects.toString(text);
    }
}
