package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class ContentLengthTest {

    private static StreamVerifier matrix(String stream) {
        return StreamVerifier.of(ContentLength.create()).stream(stream.getBytes(StandardCharsets.UTF_8));
    }

    private static String frame(String text) {
        return FramingEvents.frame(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encode(String frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.getBytes(StandardCharsets.UTF_8));
        return StandardCharsets.UTF_8
                .decode(FrameCodec.of(ContentLength.create())
                        .encode(Flux.just(bytes))
                        .blockLast())
                .toString();
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix("Content-Length: 5\r\n\r\nhello").yields(frame("hello"), "complete");
        matrix("content-length:2\r\nX: y\r\n\r\nhiCONTENT-LENGTH: 0\r\n\r\n")
                .yields(frame("hi"), frame(""), "complete");
    }

    @Test
    void contract_holds() {
        FramingVerifier.of(ContentLength.create())
                .lengths(0, Integer.MAX_VALUE)
                .alphabet('\r', '\n', ':', ' ', '1', 'a')
                .verify();
    }

    /** Noise almost never gets as far as a length: here it is inside a header that is nearly good. */
    @Test
    void nearlyGoodHeaders_areTheSameForEverySplit() {
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            byte[] stream =
                    "Content-Length: 1\r\nX: y\r\n\r\naContent-Length:0\r\n\r\n".getBytes(StandardCharsets.UTF_8);
            byte[] noise = {'\r', '\n', ':', ' ', '2', 'x', 0, -1};
            stream[random.nextInt(stream.length)] = noise[random.nextInt(noise.length)];
            FrameCodec codec = FrameCodec.of(ContentLength.create()).maxFrameLength(9);
            String whole = events(codec, stream, stream.length);
            for (int chunk : new int[] {1, 2, 7}) {
                assertThat(events(codec, stream, chunk)).isEqualTo(whole);
            }
        }
    }

    private static String events(FrameCodec codec, byte[] stream, int chunkLength) {
        StringBuilder events = new StringBuilder();
        codec.decode(Flux.range(0, (stream.length + chunkLength - 1) / chunkLength)
                        .map(i -> ByteBuffer.wrap(
                                stream, i * chunkLength, Math.min(chunkLength, stream.length - i * chunkLength))))
                .subscribe(
                        frame -> events.append(FramingEvents.frame(TestBytes.bytes(frame)))
                                .append(' '),
                        e -> events.append(FramingEvents.describe(e)));
        return events.toString();
    }

    @Test
    void exampleOfTheLanguageServerProtocol_isReadAndWritten() {
        String body = """
                {
                \t"jsonrpc": "2.0",
                \t"id": 1,
                \t"method": "textDocument/completion",
                \t"params": {
                \t}
                }""";
        String wire = "Content-Length: " + body.length() + "\r\n\r\n" + body;
        assertThat(encode(body)).isEqualTo(wire);
        matrix(wire).yields(frame(body), "complete");
        matrix("Content-Length: " + body.length()
                        + "\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" + body)
                .yields(frame(body), "complete");
    }

    @Test
    void length_countsBytesAndNotCharacters() {
        assertThat(encode("é")).isEqualTo("Content-Length: 2\r\n\r\né");
        matrix("Content-Length: 2\r\n\r\né").yields(frame("é"), "complete");
    }

    @Test
    void whiteSpaceAndZerosAroundTheLength_areAccepted() {
        matrix("Content-Length:1\r\n\r\na").yields(frame("a"), "complete");
        matrix("Content-Length: \t 01 \t\r\n\r\na").yields(frame("a"), "complete");
        matrix("A:\r\nContent-Length: 1\r\nB: Content-Length: 2\r\n\r\na").yields(frame("a"), "complete");
    }

    @Test
    void sameLengthTwice_isAcceptedAndTwoThatDifferAreCorrupt() {
        matrix("Content-Length: 1\r\ncontent-length: 01\r\n\r\na").yields(frame("a"), "complete");
        bad("Content-Length: 1\r\nContent-Length: 2\r\n\r\naa");
        bad("Content-Length: 1, 1\r\n\r\na");
    }

    @Test
    void lengthOfOneFrame_isNotThatOfTheNext() {
        bad("X: y\r\n\r\na");
    }

    @Test
    void badHeaders_areCorruptAfterTheGoodFramesAndNotSkipped() {
        bad("\r\n");
        bad("X: y\r\n\r\n");
        bad("Content-Length 1\r\n\r\na");
        bad("Content-Length : 1\r\n\r\na");
        bad(" Content-Length: 1\r\n\r\na");
        bad("X: y\r\n z\r\n");
        bad(": 1\r\n\r\n");
        bad("Content-Length:\r\n\r\n");
        bad("Content-Length: -1\r\n\r\n");
        bad("Content-Length: +1\r\n\r\na");
        bad("Content-Length: 1 1\r\n\r\na");
        bad("Content-Length: 0x1\r\n\r\na");
        bad("Content-Length: 1\n\na");
        bad("Content-Length: 1\r\r\n\r\na");
        bad("Content-Length: 1\r\n\ra");
        bad("Content-Length: 1234567890123456789\r\n\r\na");
    }

    private static void bad(String stream) {
        String good = "Content-Length: 1\r\n\r\na";
        String corrupt = "error Corrupt #1 @" + good.length();
        assertThat(matrix(good + stream).skipInvalid().events()).containsExactly(frame("a"), corrupt);
        byte[] bytes = (good + stream).getBytes(StandardCharsets.UTF_8);
        for (int chunk : new int[] {1, 2, 7, bytes.length}) {
            assertThat(events(FrameCodec.of(ContentLength.create()), bytes, chunk))
                    .isEqualTo(frame("a") + " Corrupt #1 @" + good.length());
        }
    }

    @Test
    void headerBlock_endsWithin8KiB() {
        String length = "Content-Length: 1\r\n";
        String rest = "x".repeat(8192 - length.length() - "X:\r\n\r\n".length());
        checkLong(length + "X:" + rest + "\r\n\r\na", "frame 61 ");
        checkLong(length + "X:" + rest + "y\r\n\r\na", "Corrupt #0 @0");
        checkLong("x".repeat(8192), "Truncated #0 @0 8192/-1");
        checkLong("x".repeat(8193), "Corrupt #0 @0");
    }

    private static void checkLong(String stream, String events) {
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        for (int chunk : new int[] {1, 100, 8191, 8192, bytes.length}) {
            assertThat(events(FrameCodec.of(ContentLength.create()), bytes, chunk))
                    .isEqualTo(events);
        }
    }

    @Test
    void overTheLimit_passedOverByItsLength() {
        String good = "Content-Length: 2\r\n\r\nab";
        matrix("Content-Length: 3\r\n\r\nabc" + good)
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields("skipped TooLong #0 @0 3>2 +24", frame("ab"), "complete");
        matrix(good + "Content-Length: 123456789012345678\r\n\r\n")
                .yields(frame("ab"), "error TooLong #1 @23 123456789012345678>8388608");
    }

    @Test
    void endInsideTheBody_tellsHowLongItWouldHaveBeen() {
        matrix("Content-Length: 3\r\n\r\nab").yields("error Truncated #0 @0 23/24");
        matrix("Content-Length: 3\r\n\r\n").yields("error Truncated #0 @0 21/24");
        matrix("Content-Length: 3\r\n\r").yields("error Truncated #0 @0 20/-1");
    }
}
