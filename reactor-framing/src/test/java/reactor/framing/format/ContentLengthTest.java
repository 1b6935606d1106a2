package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
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
        return encode(ContentLength.create(), frame);
    }

    private static String encode(ContentLength format, String frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.getBytes(StandardCharsets.UTF_8));
        return StandardCharsets.UTF_8
                .decode(FrameCodec.of(format).encode(Flux.just(bytes)).blockLast())
                .toString();
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix("Content-Length: 5\r\n\r\nhello").yields(frame("hello"), "complete");
        matrix("content-length:2\r\nX: y\r\n\r\nhiCONTENT-LENGTH: 0\r\n\r\n")
                .yields(frame("hi"), frame(""), "complete");
    }

    /** Found by fuzzing: it wrote headers that its own decoder takes for endless ones. */
    @Test
    void encoder_refusesHeadersOverTheLimit() {
        assertThat(encode(ContentLength.create().maxHeader(21), "123456789")).startsWith("Content-Length: 9");
        assertThatThrownBy(() -> encode(ContentLength.create().maxHeader(20), "123456789"))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("headers take 21 bytes, which is more than 20");
    }

    @Tag("slow")
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
    void badHeaders_areCorruptAfterTheGoodFrames() {
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

    @Test
    void badHeaders_areToldByTheirFault() {
        assertFault("Content-Length: 1\n", "LF without CR in the headers");
        assertFault("Content-Length: 1\rx", "expected LF behind CR in the headers but found 78");
        assertFault("X: y\r\n\r\n", "no Content-Length in the headers");
        assertFault("X y: z\r\n", "20 in the name of a header");
        assertFault(": 1\r\n", "a header line without a name");
        assertFault("Content-Length\r\n", "a header line without a colon");
        assertFault("Content-Length:  \r\n", "Content-Length has 0 digits, not 1 to 18");
        assertFault("Content-Length: 1234567890123456789\r\n", "Content-Length has 19 digits, not 1 to 18");
        assertFault("Content-Length: 1:\r\n", "3a is no digit of a Content-Length");
        assertFault("Content-Length: 1/\r\n", "2f is no digit of a Content-Length");
        assertFault("Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length is both 1 and 2");
        assertFault("Content-Length: 0\r\nContent-Length: 2\r\n", "Content-Length is both 0 and 2");
        assertFault("x".repeat(8193), "the headers do not end within 8192 bytes");
    }

    private static void assertFault(String stream, String fault) {
        ByteBuffer bytes = ByteBuffer.wrap(stream.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> FrameCodec.of(ContentLength.create())
                        .decode(Flux.just(bytes))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining(fault);
    }

    private static void bad(String stream) {
        String good = "Content-Length: 1\r\n\r\na";
        StreamVerifier skipping = matrix(good + stream + good).skipInvalid();
        List<String> events = skipping.events();
        assertThat(events).hasSizeGreaterThan(2).startsWith(frame("a"));
        assertThat(events.get(1)).startsWith("skipped Corrupt #1 @" + good.length());
        assertThat(events.get(events.size() - 1)).isEqualTo("complete");
        skipping.yields(events);
        byte[] bytes = (good + stream).getBytes(StandardCharsets.UTF_8);
        for (int chunk : new int[] {1, 2, 7, bytes.length}) {
            assertThat(events(FrameCodec.of(ContentLength.create()), bytes, chunk))
                    .isEqualTo(frame("a") + " Corrupt #1 @" + good.length());
        }
    }

    // ---- what stands between messages

    @Test
    void logLinesBetweenMessages_passedOverUpToTheNextLength() {
        String message = "Content-Length: 2\r\n\r\nhi";
        for (String log : List.of(
                "INFO loading\n",
                "INFO loading\r\n",
                "12:00:01 [main] ready: yes\r\n\r\n",
                "a\nb\rc\r\n\n",
                "loading...",
                "no Content-Length here\n",
                "content-length",
                "Content-Length: x\r\n",
                "x: y\r\n\r\n",
                "Content-Length: 2\r\nContent-Length: 3\r\n",
                "Content-Length: 2\r\n!\n")) {
            int n = log.length();
            matrix(log + message).yields("error Corrupt #0 @0");
            matrix(message + log + message.toUpperCase(Locale.ROOT))
                    .skipInvalid()
                    .yields(frame("hi"), "skipped Corrupt #1 @23 +" + n, frame("HI"), "complete");
        }
    }

    @Test
    void logLineThatEndsInsideAHeaderBlock_isLostWithTheHeadersInFrontOfTheLength() {
        matrix("Content-Type: x\r\nINFO\nContent-Type: x\r\nContent-Length: 2\r\n\r\nhi")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +39", frame("hi"), "complete");
        // a line that looks like a header is none of the log's
        matrix("INFO: loading\r\nContent-Length: 2\r\n\r\nhi").yields(frame("hi"), "complete");
    }

    @Test
    void falseStarts_everyByteIsLookedAtAFewTimesAtMost() {
        for (String noise : List.of(
                "Content-Length:",
                "content-length",
                "Content-Length: 1\r\n",
                "Content-Length: x\r\n",
                "x: Content-Length: y\r\n",
                "x: Content-Length: 1\r\n\r\n",
                "Content-Length: 1\n",
                "Content-Length: 1\r",
                "Content-Length:".repeat(500) + "\r\n",
                "Content-Length:".repeat(500) + "\n",
                "Content-Length: 1\r\n".repeat(400) + "!\r\n",
                "Content-Length: 1\r\n".repeat(400) + "Content-Length: 2\r\n",
                "x: y\r\n".repeat(400) + "\r\n")) {
            byte[] wire = noise.repeat(300_000 / noise.length()).getBytes(StandardCharsets.US_ASCII);
            for (int chunk : new int[] {1, 1000, wire.length}) {
                ContentLength.Reader reader = new ContentLength.Reader(ContentLength.create());
                FrameDecoder decoder = new ContentLength.Decoder(ContentLength.create(), reader);
                FrameCodec.of(framing(decoder))
                        .skipInvalid(e -> {})
                        .decode(Flux.range(0, (wire.length + chunk - 1) / chunk)
                                .map(i -> ByteBuffer.wrap(wire, i * chunk, Math.min(chunk, wire.length - i * chunk))))
                        .onErrorComplete()
                        .blockLast();
                assertThat(reader.examined())
                        .as("%.40s, chunks of %s", noise, chunk)
                        .isPositive()
                        .isLessThan(4L * wire.length);
            }
        }
    }

    private static Framing framing(FrameDecoder decoder) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return decoder;
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException();
            }
        };
    }

    // ---- SIP, RTSP

    private static final ContentLength SIP = ContentLength.create()
            .startLine()
            .names("Content-Length", "l")
            .optional()
            .keepHeader();

    private static final String INFO = "INFO sip:a@b SIP/2.0\r\nl: 2\r\n\r\nhi";
    private static final String ACK = "ACK sip:a@b SIP/2.0\r\n\r\n";

    private static StreamVerifier matrix(ContentLength format, String stream) {
        return StreamVerifier.of(format).stream(stream.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void workedExample_sip() {
        matrix(SIP, INFO + ACK + INFO).yields(frame(INFO), frame(ACK), frame(INFO), "complete");
        assertThat(encode(SIP, INFO)).isEqualTo(INFO);
        assertThat(encode(SIP, ACK)).isEqualTo(ACK);
    }

    /**
     * RFC 2326, section 10.2, the example of DESCRIBE; section 10.12 lets data in between, which is not of this format.
     */
    @Test
    void rtspResponse_isReadWhole() {
        String body = "v=0\r\ns=SDP Seminar\r\n";
        String response = "RTSP/1.0 200 OK\r\nCSeq: 312\r\nDate: 23 Jan 1997 15:35:06 GMT\r\n"
                + "Content-Type: application/sdp\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        ContentLength rtsp = ContentLength.create().startLine().optional();
        matrix(rtsp.keepHeader(), response + response).yields(frame(response), frame(response), "complete");
        matrix(rtsp, response + "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n").yields(frame(body), frame(""), "complete");
    }

    @Test
    void headersOfRfc3261_foldedAndWithSpacesInFrontOfTheColon() {
        String message = "INVITE x\r\nSubject: a\r\n  Content-Length: 9\r\nCONTENT-LENGTH \t: 1\r\n\r\na";
        matrix(SIP, message).yields(frame(message), "complete");
        matrix(SIP, "INVITE x\r\n: 1\r\n\r\n").yields("error Corrupt #0 @0");
        matrix(SIP, "INVITE x\r\na b: 1\r\n\r\n").yields("error Corrupt #0 @0");
        matrix(SIP, "INVITE x\r\nl: 1\r\nContent-Length: 2\r\n\r\n").yields("error Corrupt #0 @0");
        matrix(SIP, "\r\nINVITE x\r\n\r\n").yields("error Corrupt #0 @0");
        matrix(ContentLength.create().startLine(), "INVITE x\r\n\r\n").yields("error Corrupt #0 @0");
    }

    @Test
    void emptyLineInsteadOfTheStartLine_isTold() {
        ByteBuffer bytes = ByteBuffer.wrap("\r\nINVITE x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> FrameCodec.of(SIP).decode(Flux.just(bytes)).blockLast())
                .hasMessageContaining("an empty line instead of the start line");
    }

    /** RFC 5626, section 3.5.1: a client keeps its connection alive by an empty line or two. */
    @Test
    void lineEndsBetweenMessages_arePassedOverBySkipBetween() {
        StreamVerifier.of(SkipBetween.of(SIP, "\r\n")).stream(
                        ("\r\n\r\n" + INFO + "\r\n" + ACK).getBytes(StandardCharsets.UTF_8))
                .yields(frame(INFO), frame(ACK), "complete");
    }

    @Test
    void startLine_faultsEndTheStream() {
        matrix(SIP, ACK + "INVITE x\r\nbad\r\n\r\n" + ACK).skipInvalid().yields(frame(ACK), "error Corrupt #1 @23");
    }

    @Tag("slow")
    @Test
    void contract_holdsForWholeMessages() {
        FramingVerifier.of(ContentLength.create().keepHeader())
                .lengths(21, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    int payload =
                            length < 31 ? length - 21 : length == 31 ? 9 : length < 122 ? length - 22 : length - 23;
                    return ("Content-Length: " + payload + "\r\n\r\n" + "x".repeat(payload))
                            .getBytes(StandardCharsets.US_ASCII);
                })
                .alphabet('\r', '\n', ':', ' ', '1', 'a')
                .refuses("", "0d0a", "610d0a0d0a")
                .verify();
    }

    @Test
    void wholeMessageWithAnotherLengthThanItSays_notWritten() {
        assertThatThrownBy(() -> encode(ContentLength.create().keepHeader(), "Content-Length: 1\r\n\r\nab"))
                .hasMessageStartingWith("frame has a body of 2 bytes, but its headers say 1");
    }

    @Test
    void wholeMessageThatEndsInItsHeaders_notWritten() {
        assertThatThrownBy(() -> encode(ContentLength.create().keepHeader(), "Content-Length: 1\r\n"))
                .hasMessageStartingWith("frame ends inside its headers");
    }

    @Test
    void wholeMessageInPieces_waitsForTheEndOfItsHeaders() {
        EnvelopeEncoder encoder =
                (EnvelopeEncoder) ContentLength.create().keepHeader().newEncoder();
        byte[] message = "Content-Length: 1\r\n\r\na".getBytes(StandardCharsets.UTF_8);
        for (int known = 0; known <= message.length; known++) {
            assertThat(encoder.before(message.length, ByteBuffer.wrap(message, 0, known), ByteBuffer.allocate(0)))
                    .as("%s bytes", known)
                    .isEqualTo(known < message.length - 1 ? EnvelopeEncoder.MORE : 0);
        }
    }

    @Test
    void firstAndLastLetter_areReadInEitherCase() {
        ContentLength format = ContentLength.create().names("AZ", "aMz");
        for (String name : List.of("AZ", "az", "aZ", "Az", "AMZ", "amz")) {
            matrix(format, name + ": 1\r\n\r\nx").yields(frame("x"), "complete");
        }
    }

    @Test
    void keptHeaders_countAgainstTheLimit() {
        matrix(SIP, ACK + INFO + ACK)
                .with(codec -> codec.maxFrameLength(30))
                .skipInvalid()
                .yields(frame(ACK), "skipped TooLong #1 @23 32>30 +32", frame(ACK), "complete");
    }

    @Test
    void maxHeader_isExact() {
        ContentLength format = ContentLength.create().maxHeader(21);
        matrix(format, "Content-Length: 1\r\n\r\na").yields(frame("a"), "complete");
        matrix(format, "Content-Length: 01\r\n\r\na").yields("error Corrupt #0 @0");
    }

    @Test
    void arguments_areChecked() {
        ContentLength format = ContentLength.create();
        for (String name : List.of("", "a b", "a:", "ä", "a\n")) {
            assertThatThrownBy(() -> format.names(name)).hasMessageContaining("was \"" + name);
            assertThatThrownBy(() -> format.names("l", name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> format.maxHeader(3)).hasMessage("maxHeader must be 4 to 16000 bytes, was 3");
        assertThatThrownBy(() -> format.maxHeader(16_001)).hasMessageContaining("was 16001");
        assertThat(format.maxHeader(4)).asString().endsWith(".maxHeader(4)");
        assertThat(format.maxHeader(16_000)).asString().endsWith(".maxHeader(16000)");
        assertThatThrownBy(() -> format.startLine().newEncoder())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("keepHeader()");
    }

    @Test
    void toString_tellsTheOptions() {
        assertThat(ContentLength.create()).hasToString("ContentLength.create()");
        assertThat(SIP.maxHeader(9000))
                .hasToString("ContentLength.create().startLine().names(Content-Length, l).optional().keepHeader()"
                        + ".maxHeader(9000)");
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
