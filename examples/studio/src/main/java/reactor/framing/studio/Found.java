package reactor.framing.studio;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import reactor.framing.examples.finder.Candidate;
import reactor.framing.examples.finder.Finder;
import reactor.framing.examples.finder.HexDump;

/** What the finder says of a dump, for the browser. */
final class Found {

    /** The longest stream, in bytes: what the stage can show. */
    private static final int MAX_BYTES = Scenario.MAX_STREAM;

    private static final int SHOWN_FRAMES = 5;
    private static final int SHOWN_FAULTS = 120;

    private Found() {}

    /**
     * What was found.
     *
     * @param wire the bytes, in hexadecimal
     * @param read the framings that read to the end, and those that read whole frames up to one that is cut off; the ones that
     *     mean the most come first
     * @param failed some of the others, and why
     * @param tried how many were tried
     */
    record Result(String wire, List<Match> read, List<Match> failed, int tried) {}

    /**
     * A framing that was tried.
     *
     * @param format the framing; null if the studio's catalogue does not have it
     * @param code the Java that makes it
     * @param label what the format is called
     * @param complete whether it reads to the end with no fault
     * @param frames the number of frames
     * @param shown the first of them, as text
     * @param shuffles in how many orders of the same bytes it reads to the end, too
     * @param fault what went wrong, if something did
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Match(
            Scenario.Format format,
            String code,
            String label,
            boolean complete,
            int frames,
            List<String> shown,
            int shuffles,
            String fault) {}

    static Result inDump(String dump) {
        try {
            return in(HexDump.parse(dump, MAX_BYTES));
        } catch (IllegalArgumentException e) {
            throw new BadRequest(e.getMessage());
        }
    }

    static Result in(byte[] bytes) {
        Finder.Result result = Finder.find(bytes);
        return new Result(
                Bytes.hex(bytes),
                result.read().stream().map(Found::match).toList(),
                result.failed().stream().limit(SHOWN_FAULTS).map(Found::match).toList(),
                result.read().size() + result.failed().size());
    }

    private static Match match(Finder.Match match) {
        Candidate candidate = match.candidate();
        Formats.Kind kind = Formats.all().stream()
                .filter(each -> each.id().equals(candidate.name()))
                .findFirst()
                .orElse(null);
        return new Match(
                kind == null ? null : new Scenario.Format(candidate.name(), candidate.options()),
                candidate.code(),
                kind == null ? candidate.name() : kind.label(),
                match.complete(),
                match.frames().size(),
                match.frames().stream().limit(SHOWN_FRAMES).map(Bytes::text).toList(),
                match.shuffles(),
                match.fault() == null ? null : match.fault().getMessage());
    }
}
