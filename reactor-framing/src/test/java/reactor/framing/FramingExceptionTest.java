package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.test.FramingEvents.describe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.framing.format.LengthField;

class FramingExceptionTest {

    private static final FrameCodec FOUR = FrameCodec.of(LengthField.ofSize(4));

    private static Throwable fault(FrameCodec codec, byte[]... chunks) {
        return codec.decode(Flux.just(chunks).map(ByteBuffer::wrap))
                .materialize()
                .blockLast()
                .getThrowable();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[][] everyByte(byte[] bytes) {
        byte[][] chunks = new byte[bytes.length][];
        for (int i = 0; i < bytes.length; i++) {
            chunks[i] = new byte[] {bytes[i]};
        }
        return chunks;
    }

    @Test
    void httpClient_isRecognized() {
        FrameTooLongException e = (FrameTooLongException) fault(FOUR, ascii("GET "));

        assertThat(e)
                .hasMessage(
                        "declared length 1195725856 exceeds the limit of 8388608 bytes at offset 0: 47 45 54 20 'GET '"
                                + " - is an HTTP client talking to this port?");
        assertThat(e.length()).isEqualTo(1195725856L);
        assertThat(e.limit()).isEqualTo(8388608);
        assertThat(e.frameIndex()).isZero();
        assertThat(e.offset()).isZero();
        assertThat(e.skippedBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\n", "POST /a HTTP/1.1", "PUT /a", "HEAD", "DELETE /a", "OPTIONS *", "PATCH "})
    void everyHttpMethod_forEverySplit(String start) {
        byte[] bytes = ascii(start);
        for (int cut = 0; cut <= bytes.length; cut++) {
            Throwable e = fault(
                    FOUR, java.util.Arrays.copyOf(bytes, cut), java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
            assertThat(e)
                    .hasMessageContaining(" at offset 0: ")
                    .hasMessageEndingWith(" - is an HTTP client talking to this port?");
        }
        assertThat(fault(FOUR, everyByte(bytes))).hasMessageEndingWith(" - is an HTTP client talking to this port?");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            50 52 49 20 2a 20 48 54 54 50 2f 32, is an HTTP/2 client talking to this port?
            53 53 48 2d 32 2e 30,                is the peer speaking SSH?
            16 03 01 02 00 01 00,                is the peer speaking TLS?
            16 03 03 00,                         is the peer speaking TLS?
            16 03 00 00,                         is the peer speaking TLS?
            16 03 04 00,                         is the peer speaking TLS?
            16 03 01,                            is the peer speaking TLS?
            15 03 03 00 02 02 28,                is the peer speaking TLS?
            41 4d 51 50 00 00 09 01,             is the peer speaking AMQP?
            48 54 54 50 2f 31 2e 31,             is this port an HTTP server's?
            """)
    void otherProtocols_areRecognized(String hex, String hint) {
        assertThat(fault(FOUR, hex(hex))).hasMessageEndingWith(" - " + hint);
        assertThat(fault(FOUR, everyByte(hex(hex)))).hasMessageEndingWith(" - " + hint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"47 45 55 20", "50 52 4f 20", "ff ff ff ff", "16 04 01 02", "17 03 03 00", "41 4d 51 51"})
    void anythingElse_isNotGuessedAt(String hex) {
        assertThat(fault(FOUR, hex(hex)).getMessage()).doesNotContain(" - ").endsWith("'");
    }

    @Test
    void laterFrame_isNotTakenForAProtocolsStart() {
        Throwable e = fault(FOUR, hex("00 00 00 00 47 45 54 20"));

        assertThat(e)
                .hasMessage(
                        "declared length 1195725856 exceeds the limit of 8388608 bytes at offset 4: 47 45 54 20 'GET '");
        assertThat(describe(e)).isEqualTo("TooLong #1 @4 1195725856>8388608");
    }

    @Test
    void bytes_inHexAndAscii_sixteenAtMost() {
        assertThat(fault(FOUR, hex("ff 00 1f 20 7e 7f 80 41 42 43 44 45 46 47 48 49 4a 4b")))
                .hasMessageEndingWith(
                        " at offset 0: ff 00 1f 20 7e 7f 80 41 42 43 44 45 46 47 48 49 '... ~..ABCDEFGHI'");
    }

    @Test
    void truncation_tellsHowMuchOfTheFrameCame() {
        Throwable e = fault(FrameCodec.of(LengthField.ofSize(1)), hex("01 61 05"), hex("62"));
        assertThat(e).hasMessage("the stream ended inside a frame, after 2 of 6 bytes at offset 2: 05 62 '.b'");

        TruncatedFrameException header = (TruncatedFrameException) fault(FOUR, hex("00 00"));
        assertThat(header).hasMessage("the stream ended inside a frame, after 2 bytes at offset 0: 00 00 '..'");
        assertThat(header.received()).isEqualTo(2);
        assertThat(header.expected()).isEqualTo(-1);
    }

    /** Also of chunks that lie inside the frame, and not at the start of their buffers. */
    @Test
    void truncationOfALongFrame_showsItsFirstBytesHoweverItIsCut() {
        byte[] wire = new byte[300];
        for (int i = 0; i < wire.length; i++) {
            wire[i] = (byte) i;
        }
        for (int length : new int[] {1, 3, 5, 50, 300}) {
            Flux<ByteBuffer> chunks =
                    Flux.range(0, wire.length / length).map(i -> ByteBuffer.wrap(wire, i * length, length));
            assertThat(FOUR.decode(chunks).materialize().blockLast().getThrowable())
                    .as("chunks of %d bytes", length)
                    .hasMessage("the stream ended inside a frame, after 300 of 66055 bytes at offset 0: "
                            + "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f '................'");
        }
    }

    @Test
    void truncationBehindACompleteHeader_isOne() {
        assertThat(describe(fault(FOUR, hex("00 00 00 05")))).isEqualTo("Truncated #0 @0 4/9");
    }

    @Test
    void corruption_saysWhatWasFound() {
        assertThat(fault(FrameCodec.of(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xBB)), hex("aa bc 01")))
                .hasMessage("expected the marker aa bb but found aa bc at offset 0: aa bc 01 '...'");
        assertThat(fault(FrameCodec.of(LengthField.ofSize(8)), hex("ff ff ff ff ff ff ff fe")))
                .hasMessageStartingWith(
                        "length 18446744073709551614 is over the largest that can be, 9223372036854775807 at offset 0: ");
        assertThat(fault(FrameCodec.of(LengthField.ofSize(1).counts(LengthField.Counts.WHOLE_FRAME)), hex("00")))
                .hasMessage(
                        "length 0 makes a frame of 0 bytes, shorter than its header of 1 bytes at offset 0: 00 '.'");
        assertThat(fault(FrameCodec.of(LengthField.ofSize(1).strip(3)), hex("01 61")))
                .hasMessage("length 1 makes a frame of 2 bytes, of which 3 are to be stripped at offset 0: 01 61 '.a'");
    }

    @Test
    void sentFrame_isNotGuessedAt() {
        Throwable e = FrameCodec.of(LengthField.ofSize(1))
                .maxFrameLength(3)
                .encode(Flux.just(ByteBuffer.wrap(ascii("ok")), ByteBuffer.wrap(ascii("GET /"))))
                .materialize()
                .blockLast()
                .getThrowable();

        assertThat(e).hasMessage("frame of 5 bytes exceeds the limit of 3 bytes at offset 3: 47 45 54 20 2f 'GET /'");
        assertThat(describe(e)).isEqualTo("TooLong #1 @3 5>3");
    }

    @Test
    void madeByHand_hasNoPlace() {
        CorruptFrameException e = new CorruptFrameException("bad");

        assertThat(e).hasMessage("bad");
        assertThat(e.frameIndex()).isEqualTo(-1);
        assertThat(e.offset()).isEqualTo(-1);
        assertThat(e.skippedBytes()).isZero();
    }
}
