package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.framing.format.LengthField;
import reactor.framing.test.Rechunk;

class FrameLogTest {

    private static final String CATEGORY = "test.frames";

    private final Logger logger = (Logger) LoggerFactory.getLogger(CATEGORY);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final FrameCodec plain = FrameCodec.of(LengthField.ofSize(1));

    @BeforeEach
    void capture() {
        logged.start();
        logger.addAppender(logged);
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
    }

    @AfterEach
    void release() {
        logger.detachAppender(logged);
        logger.setLevel(null);
        logger.setAdditive(true);
    }

    private List<String> messages() {
        return logged.list.stream()
                .map(event -> event.getFormattedMessage().replace("\r", ""))
                .toList();
    }

    private static Flux<ByteBuffer> chunks(String hex) {
        return Flux.just(ByteBuffer.wrap(TestBytes.hex(hex)));
    }

    @Test
    void received_eachFrameIsLoggedForEveryCut() {
        for (int size = 1; size <= 6; size++) {
            logged.list.clear();
            FrameCodec codec = plain.log(FrameLog.to(CATEGORY)).named("a1b2");

            assertThat(codec.decode(chunks("02 6869 00 01 ff").transform(Rechunk.ofSize(size)))
                            .count()
                            .block())
                    .isEqualTo(3);

            assertThat(messages())
                    .containsExactly(
                            "[a1b2] received frame 0, 2 bytes\n"
                                    + "00000000  68 69                                             |hi|",
                            "[a1b2] received frame 1, 0 bytes",
                            "[a1b2] received frame 2, 1 bytes\n"
                                    + "00000000  ff                                                |.|");
        }
    }

    @Test
    void levelIsOff_nothingIsLogged() {
        logger.setLevel(Level.INFO);

        plain.log(FrameLog.to(CATEGORY)).decode(chunks("01 61")).blockLast();

        assertThat(messages()).isEmpty();
    }

    @Test
    void sent_eachFrameIsLogged() {
        FrameCodec codec = plain.log(FrameLog.to(CATEGORY).show(0));
        Flux<ByteBuffer> frames = Flux.just("a", "bcd").map(text -> ByteBuffer.wrap(text.getBytes()));

        codec.encode(frames).blockLast();
        codec.coalesce(100).encode(frames).blockLast();

        assertThat(messages())
                .containsExactly(
                        "sent frame 0, 1 bytes",
                        "sent frame 1, 3 bytes",
                        "sent frame 0, 1 bytes",
                        "sent frame 1, 3 bytes");
    }

    @Test
    void sentByAWriter_wholeOrInPieces_eachFrameIsLogged() {
        FrameWriter writer = plain.log(FrameLog.to(CATEGORY).show(0)).newWriter();
        ByteBuffer frame = ByteBuffer.wrap(TestBytes.hex("61 62"));
        ByteBuffer target = ByteBuffer.allocate(9);

        writer.encodedLength(frame);
        writer.encode(frame, target);
        writer.before(5, frame, target);
        writer.behind(target);

        assertThat(messages()).containsExactly("sent frame 0, 2 bytes", "sent frame 1, 5 bytes");
    }

    @Test
    void show_cutsWhatIsShown() {
        plain.log(FrameLog.to(CATEGORY).show(20))
                .decode(chunks("1e 3031323334353637383930313233343536373839 30313233343536373839"))
                .blockLast();

        assertThat(messages())
                .containsExactly("received frame 0, 30 bytes\n"
                        + "00000000  30 31 32 33 34 35 36 37  38 39 30 31 32 33 34 35  |0123456789012345|\n"
                        + "00000010  36 37 38 39                                       |6789|\n"
                        + "...");
    }

    @Test
    void show_bytesThatCannotBePrinted_arePoints() {
        plain.log(FrameLog.to(CATEGORY).show(20)).decode(chunks("04 1f207e7f")).blockLast();

        assertThat(messages()).singleElement().asString().endsWith("|. ~.|");
    }

    @Test
    void mask_overwritesACopy() {
        List<ByteBuffer> frames = plain.log(FrameLog.to(CATEGORY).mask(bytes -> bytes.put(1, (byte) '*')))
                .decode(chunks("03 616263"))
                .collectList()
                .block();

        assertThat(messages()).singleElement().asString().contains("61 2a 63").contains("|a*c|");
        assertThat(frames).containsExactly(ByteBuffer.wrap("abc".getBytes()));
    }

    @Test
    void maskThatThrows_showsNothingAndTheStreamGoesOn() {
        FrameLog log = FrameLog.to(CATEGORY).mask(bytes -> bytes.put(100, (byte) '*'));

        assertThat(plain.log(log).decode(chunks("03 616263")).count().block()).isEqualTo(1);

        assertThat(messages())
                .singleElement()
                .asString()
                .contains("the mask failed")
                .doesNotContain("61");
    }

    @Test
    void parts_eachIsLogged() {
        plain.log(FrameLog.to(CATEGORY).show(0))
                .decodeParts(chunks("03 616263").transform(Rechunk.ofSize(2)))
                .blockLast();

        assertThat(messages())
                .containsExactly("received part of frame 0, 1 bytes", "received part of frame 0, 2 bytes");
    }

    @Test
    void lent_isWhatWasLogged() {
        List<String> read = plain.log(FrameLog.to(CATEGORY))
                .read(chunks("02 6869 01 61").transform(Rechunk.ofSize(1)), frame -> TestBytes.bytes(frame).length + "")
                .collectList()
                .block();

        assertThat(read).containsExactly("2", "1");
        assertThat(messages()).hasSize(2);
    }

    @Test
    void negativeLength_isRefused() {
        assertThatThrownBy(() -> FrameLog.to(CATEGORY).show(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
