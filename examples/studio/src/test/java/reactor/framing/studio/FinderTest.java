package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FinderTest {

    private static Finder.Result find(String hex) {
        return Finder.find(HexFormat.of().parseHex(hex.replace(" ", "")));
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
        Finder.Result result = find(hex);

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
        Finder.Result result = find(hex("HELO a\r\nNOOP\r\n"));

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
        Finder.Result result = find("0005 68656c6c6f 0005 776f726c64 0005 7468");

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
        Finder.Result result = find(hex("GET / HTTP/1.1\r\n\r\n"));

        assertThat(result.failed())
                .filteredOn(match -> match.code().equals("Protocols.tpkt()"))
                .singleElement()
                .satisfies(match -> assertThat(match.fault()).contains("expected the marker 03 00 but found 47"));
        assertThat(result.tried()).isGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "03616263026869",
                "03 61 62 63 02 68 69",
                "0x03, 0x61, 0x62, 0x63, 0x02, 0x68, 0x69",
                "03:61:62:63:02:68:69",
                "03 61 62\n63 02 68 69\n",
                "00000000: 0361 6263 0268 69                        .abc.hi",
                "00000000  03 61 62 63 02 68 69                              |.abc.hi|\n00000007",
                "0000000 03 61 62 63 02 68 69\n0000007",
                "\t0x0000:  0361 6263 0268 69                        .abc.hi",
                "0000   03 61 62 63 02 68 69                              .abc.hi",
                "0000   03 61 62 63\n0004   02 68 69"
            })
    void dumpOfAnyTool_isRead(String dump) {
        assertThat(HexFormat.of().formatHex(HexDump.parse(dump, 100))).isEqualTo("03616263026869");
    }

    @Test
    void dumpOfManyLines_isRead() {
        String xxd = """
                00000000: 100e 0004 4d51 5454 0402 003c 0002 6869  ....MQTT...<..hi
                00000010: 2002 0000 3009 0003 612f 6268 656c 6cc0   ...0...a/bhell.
                00000020: 00                                       .
                """;
        String hexdump = """
                00000000  10 0e 00 04 4d 51 54 54  04 02 00 3c 00 02 68 69  |....MQTT...<..hi|
                00000010  20 02 00 00 30 09 00 03  61 2f 62 68 65 6c 6c c0  | ...0...a/bhell.|
                00000020  00                                                |.|
                00000021
                """;
        assertThat(HexDump.parse(xxd, 100)).hasSize(33).isEqualTo(HexDump.parse(hexdump, 100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \n ", "hello", "abc", "00000000: zz", "0x"})
    void whatIsNoDump_isRefused(String dump) {
        assertThatThrownBy(() -> HexDump.parse(dump, 100)).isInstanceOf(BadRequest.class);
    }

    @Test
    void dumpThatIsTooLong_isRefused() {
        assertThatThrownBy(() -> HexDump.parse("00".repeat(101), 100))
                .isInstanceOf(BadRequest.class)
                .hasMessage("the dump is longer than 100 bytes");
    }
}
