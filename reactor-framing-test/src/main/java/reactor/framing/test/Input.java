package reactor.framing.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A stream, what should come of it, and the smaller ones that a failure is shrunk to. */
abstract class Input {

    private @Nullable List<Event> expected;

    abstract byte[] stream();

    /** What should come, for every split. */
    final List<Event> expected(Runner runner) {
        List<Event> expected = this.expected;
        if (expected == null) {
            expected = expect(runner);
            this.expected = expected;
        }
        return expected;
    }

    abstract List<Event> expect(Runner runner);

    /** Whether an exception that is none of the library's is one that was expected. */
    boolean expectsAnyException() {
        return false;
    }

    /** Inputs that may show the same, the smallest first. */
    abstract List<Input> smaller();

    /** What is wrong if it fails even in one piece. */
    abstract String claim();

    /** The frames that the stream was made of, if it was. */
    @Nullable
    List<byte[]> frames() {
        return null;
    }

    /** Whether this is not what should come. */
    final boolean isRefutedBy(List<Event> came, Runner runner) {
        return !came.equals(expected(runner))
                || !expectsAnyException()
                        && came.stream().anyMatch(event -> event.isViolation() || event.isUnexpected());
    }

    private static List<Event> plain(byte[] stream, Runner runner) {
        return runner.run(stream, new int[0], Manner.PLAIN);
    }

    /** A stream of which somebody knows what should come. */
    static final class Given extends Input {

        private final byte[] stream;
        private final List<Event> events;
        private final String claim;

        Given(byte[] stream, List<Event> events) {
            this(stream, events, "the stream holds something else");
        }

        Given(byte[] stream, List<Event> events, String claim) {
            this.stream = stream;
            this.events = events;
            this.claim = claim;
        }

        @Override
        byte[] stream() {
            return stream;
        }

        @Override
        List<Event> expect(Runner runner) {
            return events;
        }

        @Override
        boolean expectsAnyException() {
            return events.stream().anyMatch(event -> event.type() == Event.Type.ERROR);
        }

        @Override
        List<Input> smaller() {
            return List.of();
        }

        @Override
        String claim() {
            return claim;
        }
    }

    /** A stream that was written, of which the same frames should come. */
    static final class Written extends Input {

        private final List<byte[]> frames;
        private final byte[] stream;
        private final Frames source;
        private final String claim;

        private Written(List<byte[]> frames, byte[] stream, Frames source, String claim) {
            this.frames = frames;
            this.stream = stream;
            this.source = source;
            this.claim = claim;
        }

        static Written of(List<byte[]> frames, Frames source) {
            return new Written(frames, source.wire(frames), source, "encoder and decoder disagree");
        }

        Written claiming(String claim) {
            return new Written(frames, stream, source, claim);
        }

        @Override
        byte[] stream() {
            return stream;
        }

        @Override
        List<byte[]> frames() {
            return frames;
        }

        @Override
        List<Event> expect(Runner runner) {
            List<Event> events = new ArrayList<>();
            frames.forEach(frame -> events.add(Event.frame(source.delivered(frame))));
            events.add(Event.COMPLETE);
            return events;
        }

        @Override
        List<Input> smaller() {
            List<Input> smaller = new ArrayList<>();
            for (int i = 0; i < frames.size() && frames.size() > 1; i++) {
                List<byte[]> rest = new ArrayList<>(frames);
                rest.remove(i);
                add(smaller, rest);
            }
            for (int i = 0; i < frames.size(); i++) {
                int length = frames.get(i).length;
                for (int shorter : new int[] {0, 1, length / 2, length - 1}) {
                    byte[] frame = shorter >= 0 && shorter < length ? source.plain(shorter) : null;
                    if (frame != null) {
                        List<byte[]> others = new ArrayList<>(frames);
                        others.set(i, frame);
                        add(smaller, others);
                    }
                }
            }
            return smaller;
        }

        private void add(List<Input> smaller, List<byte[]> frames) {
            byte[] wire = source.wireIfAccepted(frames);
            if (wire != null) {
                smaller.add(new Written(frames, wire, source, claim));
            }
        }

        @Override
        String claim() {
            return claim;
        }
    }

    /** A written stream that ends inside a frame. */
    static final class CutShort extends Input {

        private final List<byte[]> frames;
        private final byte[] last;
        private final int length;
        private final Frames source;
        private final Function<byte[], String> atEnd;
        private final byte[] stream;
        private final int start;
        private final int wireLength;

        /**
         * @param last the frame that is cut
         * @param length how many bytes of it are there, on the wire
         */
        CutShort(List<byte[]> frames, byte[] last, int length, Frames source, Function<byte[], String> atEnd) {
            this.frames = frames;
            this.last = last;
            this.length = length;
            this.source = source;
            this.atEnd = atEnd;
            List<byte[]> all = new ArrayList<>(frames);
            all.add(last);
            byte[] wire = source.wire(all);
            start = source.wire(frames).length;
            wireLength = wire.length - start;
            stream = Arrays.copyOf(wire, start + length);
        }

        @Override
        byte[] stream() {
            return stream;
        }

        @Override
        List<byte[]> frames() {
            List<byte[]> all = new ArrayList<>(frames);
            all.add(last);
            return all;
        }

        @Override
        List<Event> expect(Runner runner) {
            List<Event> events = new ArrayList<>();
            frames.forEach(frame -> events.add(Event.frame(source.delivered(frame))));
            String atEnd = this.atEnd.apply(Arrays.copyOfRange(stream, start, stream.length));
            if (atEnd.equals(FramingVerifier.TRUNCATED)) {
                List<Event> came = plain(stream, runner);
                List<Event> whole = new ArrayList<>(events);
                whole.add(Event.frame(source.delivered(last)));
                whole.add(Event.COMPLETE);
                if (came.equals(whole)) {
                    return whole; // the bytes that are missing are none of the frame's, such as white space behind it
                }
                Event end = came.isEmpty() ? Event.COMPLETE : came.get(came.size() - 1);
                events.add(isTruncation(end) ? end : truncation());
            } else {
                events.add(Event.parse(atEnd));
                if (events.get(events.size() - 1).isFrame()) {
                    events.add(Event.COMPLETE);
                }
            }
            return events;
        }

        /** The figures that are known; a decoder may know more or less. */
        private Event truncation() {
            return Event.parse("error Truncated #" + frames.size() + " @" + start + " " + length + "/" + wireLength);
        }

        private boolean isTruncation(Event event) {
            if (!event.isError("Truncated")) {
                return false;
            }
            String[] words = event.toString().split(" ");
            String[] figures = words[4].split("/");
            int received = Integer.parseInt(figures[0]);
            int expected = Integer.parseInt(figures[1]);
            return words[2].equals("#" + frames.size())
                    && received >= 1
                    && received <= length
                    && Integer.parseInt(words[3].substring(1)) + received == stream.length
                    && (expected == -1 || expected == wireLength - (length - received));
        }

        @Override
        List<Input> smaller() {
            List<Input> smaller = new ArrayList<>();
            for (int i = 0; i < frames.size(); i++) {
                List<byte[]> rest = new ArrayList<>(frames);
                rest.remove(i);
                smaller.add(new CutShort(rest, last, length, source, atEnd));
            }
            for (int shorter = 0; shorter < Math.min(last.length, 4); shorter++) {
                byte[] frame = source.plain(shorter);
                byte[] wire = frame == null ? null : source.wireIfAccepted(List.of(frame));
                for (int n = 1; wire != null && frame != null && n < wire.length; n++) {
                    smaller.add(new CutShort(frames, frame, n, source, atEnd));
                }
            }
            return smaller;
        }

        @Override
        String claim() {
            return "the stream ends inside a frame";
        }
    }

    /** Any bytes: what comes of them in one piece should come for every split. */
    static final class Compared extends Input {

        private final byte[] stream;
        private final String claim;

        Compared(byte[] stream, String claim) {
            this.stream = stream;
            this.claim = claim;
        }

        @Override
        byte[] stream() {
            return stream;
        }

        @Override
        List<Event> expect(Runner runner) {
            return plain(stream, runner);
        }

        /** The same, of which it is not known what comes with another policy. */
        Compared again() {
            return new Compared(stream, claim);
        }

        @Override
        List<Input> smaller() {
            List<Input> smaller = new ArrayList<>();
            for (int length = stream.length / 2; length > 0; length /= 2) {
                for (int from = 0; from + length <= stream.length; from += length) {
                    smaller.add(new Compared(Bytes.without(stream, from, from + length), claim));
                }
            }
            return smaller;
        }

        @Override
        String claim() {
            return claim;
        }
    }
}
