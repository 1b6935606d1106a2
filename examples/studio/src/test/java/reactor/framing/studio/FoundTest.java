package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.framing.examples.finder.Candidate;
import reactor.framing.examples.finder.Finder;

class FoundTest {

    private static Found.Result find(String hex) {
        return Found.in(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "100e00044d5154540402003c00026869 20020000 30090003612f6268656c6c c000 | Protocols.mqtt()",
                "72 0005 6669727374 72 0006 7365636f6e64 72 0005 7468697264 | LengthField.ofSize(2).marker((byte) 0x72)",
                "00000005 68656c6c6f 00000005 776f726c64 0000000b 6d657373616765732e2e2e | LengthField.ofSize(4)",
                "05000000 68656c6c6f 05000000 776f726c64 | LengthField.ofSize(4).littleEndian()"
            })
    void streamOfAFormat_isReadByIt(String hex, String code) {
        Found.Result result = find(hex);

        assertThat(result.read())
                .filteredOn(match -> match.code().equals(code))
                .singleElement()
                .satisfies(match -> {
                    assertThat(match.complete()).isTrue();
                    assertThat(match.shuffles()).isLessThanOrEqualTo(1);
                });
        assertThat(result.read().get(0).shuffles()).isZero();
    }

    @Test
    void text_isReadByLinesWhichSaysLittle() {
        Found.Result result = find(hex("HELO a\r\nNOOP\r\n"));

        assertThat(result.read())
                .filteredOn(match -> match.code().equals("Delimiter.lines()"))
                .singleElement()
                .satisfies(match -> {
                    assertThat(match.shown()).containsExactly("HELO a", "NOOP");
                    assertThat(match.shuffles()).isEqualTo(Finder.SHUFFLES);
                });
        assertThat(result.read())
                .filteredOn(match -> match.label().equals("Delimiters"))
                .anySatisfy(match -> assertThat(match.shuffles()).isLessThan(Finder.SHUFFLES));
    }

    @Test
    void streamThatIsCutOff_isFoundBehindThoseThatAreRead() {
        Found.Result result = find("0005 68656c6c6f 0005 776f726c64 0005 7468");

        assertThat(result.read()).anySatisfy(match -> {
            assertThat(match.code()).isEqualTo("LengthField.ofSize(2)");
            assertThat(match.complete()).isFalse();
            assertThat(match.frames()).isEqualTo(2);
            assertThat(match.fault()).startsWith("the stream ended inside a frame");
        });
        assertThat(result.read()).isSortedAccordingTo((a, b) -> Boolean.compare(b.complete(), a.complete()));
    }

    @Test
    void framingThatFails_isToldWithItsFault() {
        Found.Result result = find(hex("GET / HTTP/1.1\r\n\r\n"));

        assertThat(result.failed())
                .filteredOn(match -> match.code().equals("Protocols.tpkt()"))
                .singleElement()
                .satisfies(match -> assertThat(match.fault()).contains("expected the marker 03 00 but found 47"));
        assertThat(result.tried()).isGreaterThan(100);
    }

    @Test
    void everyCandidateOfTheCatalogue_isWhatTheCatalogueMakes() {
        List<Candidate> known = Candidate.all((byte) 0x72).stream()
                .filter(candidate ->
                        Formats.all().stream().anyMatch(kind -> kind.id().equals(candidate.name())))
                .toList();
        assertThat(known).hasSizeGreaterThan(200);
        for (Candidate candidate : known) {
            Formats.Built built = Formats.build(new Scenario.Format(candidate.name(), candidate.options()));
            assertThat(built.code()).isEqualTo(candidate.code());
            assertThat(built.framing().toString()).isEqualTo(candidate.framing().toString());
        }
    }

    @Test
    void everyFormatOfTheCatalogue_isACandidate() {
        assertThat(Candidate.all((byte) 0))
                .extracting(Candidate::name)
                .containsAll(Formats.all().stream()
                        .map(Formats.Kind::id)
                        .filter(id -> !id.equals("switching"))
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "abc"})
    void whatIsNoDump_isRefused(String dump) {
        assertThatThrownBy(() -> Found.inDump(dump)).isInstanceOf(BadRequest.class);
    }
}
