package reactor.framing.examples.finder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HexDumpTest {

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
        assertThatThrownBy(() -> HexDump.parse(dump, 100)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void dumpThatIsTooLong_isRefused() {
        assertThatThrownBy(() -> HexDump.parse("00".repeat(101), 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the dump is longer than 100 bytes");
    }
}
