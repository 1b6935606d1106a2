package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.framing.format.Cobs;
import reactor.framing.format.Delimiter;
import reactor.framing.format.Hdlc;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.format.StartEnd;
import reactor.framing.test.FramingEvents;

/**
 * Frames of gigabytes, in parts and when they are passed over, in a JVM with a heap of 32 MiB, and what passing over
 * allocates.
 */
class PolicyMemoryTest {

    private static final int CHUNK = 64 * 1024;
    private static final long MIB = 1 << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A format, and what is before and behind the bytes of a frame. */
    enum Format {
        LENGTH_FIELD(LengthField.ofSize(8), "", ""),
        DELIMITER(Delimiter.of("\n"), "", "0a"),
        LINES(Delimiter.lines(), "", "0d 0a"),
        START_END(StartEnd.of((byte) 2, (byte) 3), "02", "03"),
        SLIP(Slip.rfc1055(), "", "c0"),
        HDLC(Hdlc.create(), "7e", "7e"),
        COBS(Cobs.create(), "", "00");

        private final Framing framing;
        private final byte[] start;
        private final byte[] end;

        Format(Framing framing, String start, String end) {
            this.framing = framing;
            this.start = TestBytes.hex(start);
            this.end = TestBytes.hex(end);
        }

        ByteBuffer start(long length) {
            return this == LENGTH_FIELD ? ByteBuffer.allocate(8).putLong(length).flip() : ByteBuffer.wrap(start);
        }
    }

    /**
     * A frame of so many bytes, a multiple of a chunk, and the frame "hi" behind it. All chunks are the same buffer,
     * with other bytes each time.
     */
    private static Flux<ByteBuffer> stream(Format format, long length, CRC32 sent) {
        byte[] memory = new byte[CHUNK];
        // codes of COBS blocks that have 15 bytes each, none of them zero, and for the others bytes that mean nothing
        Arrays.fill(memory, (byte) 16);
        Flux<ByteBuffer> payload = Flux.generate(() -> 0L, (i, sink) -> {
            if (i * CHUNK == length) {
                sink.complete();
                return i;
            }
            memory[(int) (i % CHUNK) / 16 * 16 + 1] = (byte) (0x20 + (i & 0x1F));
            if (format != Format.COBS) {
                sent.update(memory);
            }
            sink.next(ByteBuffer.wrap(memory));
            return i + 1;
        });
        return Flux.concat(
                Flux.just(format.start(length)),
                payload,
                Flux.just(ByteBuffer.wrap(format.end)),
                Flux.just(
                        format.start(2),
                        ByteBuffer.wrap(TestBytes.hex(format == Format.COBS ? "03 68 69" : "68 69")),
                        ByteBuffer.wrap(format.end)));
    }

    /** Runs in a JVM of its own. */
    public static void main(String[] args) {
        Format format = Format.valueOf(args[0]);
        long length = Long.parseLong(args[1]);
        if (args[2].equals("parts")) {
            receiveInParts(format, length);
        } else {
            passOver(format, length);
        }
        System.out.println("done with a heap of " + Runtime.getRuntime().maxMemory() / MIB + " MiB");
    }

    private static void receiveInParts(Format format, long length) {
        CRC32 sent = new CRC32();
        CRC32 received = new CRC32();
        long[] expectedOffset = new long[2];
        int[] last = new int[2];
        FrameCodec.of(format.framing)
                .maxFrameLength(Long.MAX_VALUE)
                .decodeParts(stream(format, length, sent))
                .doOnNext(part -> {
                    int frame = (int) part.frameIndex();
                    assertThat(part.offset()).isEqualTo(expectedOffset[frame]);
                    assertThat(last[frame]).isZero();
                    assertThat(part.content().remaining()).isLessThanOrEqualTo(CHUNK);
                    expectedOffset[frame] += part.content().remaining();
                    last[frame] += part.last() ? 1 : 0;
                    if (frame == 0) {
                        received.update(part.content());
                    }
                })
                .blockLast();
        assertThat(last).containsExactly(1, 1);
        if (format == Format.COBS) {
            // a zero between two blocks in place of each code but the first
            assertThat(expectedOffset).containsExactly(length - 1, 2);
        } else {
            assertThat(expectedOffset).containsExactly(length, 2);
            assertThat(received.getValue()).isEqualTo(sent.getValue());
        }
    }

    private static void passOver(Format format, long length) {
        List<FramingException> reports = new ArrayList<>();
        List<ByteBuffer> frames = FrameCodec.of(format.framing)
                .maxFrameLength(100)
                .skipInvalid(reports::add)
                .decode(stream(format, length, new CRC32()))
                .collectList()
                .block();
        assertThat(frames).containsExactly(ByteBuffer.wrap(new byte[] {'h', 'i'}));
        long wireLength = format.start(length).remaining() + length + format.end.length;
        long told = format == Format.LENGTH_FIELD ? length : 101;
        assertThat(reports)
                .extracting(FramingEvents::describe)
                .containsExactly("TooLong #0 @0 " + told + ">100 +" + wireLength);
    }

    private static void inSmallHeap(Format format, long length, String what) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PolicyMemoryTest.class.getName(),
                        format.name(),
                        Long.toString(length),
                        what)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output).contains("done with a heap of");
        assertThat(Integer.parseInt(output.replaceAll("(?s).*heap of (\\d+) MiB.*", "$1")))
                .isLessThanOrEqualTo(32);
    }

    @Test
    void frameOfAGibibyte_inParts_withAHeapOf32MiB() throws Exception {
        inSmallHeap(Format.LENGTH_FIELD, 1024 * MIB, "parts");
    }

    @Test
    void frameOfAGibibyte_passedOver_withAHeapOf32MiB() throws Exception {
        inSmallHeap(Format.DELIMITER, 1024 * MIB, "skip");
    }

    /** Over 2 to the 32nd. */
    @Tag("campaign")
    @ParameterizedTest
    @EnumSource
    void frameOfFiveGibibytes_withAHeapOf32MiB_campaign(Format format) throws Exception {
        long start = System.nanoTime();
        inSmallHeap(format, 5 * 1024 * MIB, "parts");
        long received = System.nanoTime();
        inSmallHeap(format, 5 * 1024 * MIB, "skip");
        System.out.printf(
                "%s: 5 GiB in parts in %d ms, passed over in %d ms%n",
                format, (received - start) / 1_000_000, (System.nanoTime() - received) / 1_000_000);
    }

    @ParameterizedTest
    @EnumSource
    void oversizeFrame_isPassedOverWithoutBeingHeld(Format format) {
        passOver(format, 2 * CHUNK);
        long chunks = 100 * MIB / CHUNK;

        long before = THREADS.getCurrentThreadAllocatedBytes();
        passOver(format, 100 * MIB);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

        // two views for each chunk, the source's and the operator's, and the one buffer of the source
        assertThat(allocated).isLessThan(2 * CHUNK + chunks * 200);
    }

    /** What a frame was made of before it proved too long is let go at once: there is no room for a hundred of them. */
    @ParameterizedTest
    @CsvSource({"DELIMITER, 1", "LENGTH_FIELD, 0"})
    void oversizeFramesInARow_eachGivenUp(Format format, int limitsHeld) {
        int limit = (int) MIB;
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        Flux<ByteBuffer> frame = Flux.concat(
                Flux.just(format.start(2 * MIB)),
                Flux.range(0, 32).map(i -> chunk),
                Flux.just(ByteBuffer.wrap(format.end)));
        List<FramingException> reports = new ArrayList<>();
        FrameCodec codec = FrameCodec.of(format.framing).maxFrameLength(limit).skipInvalid(reports::add);

        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThat(codec.decode(frame.repeat(99)).collectList().block()).isEmpty();
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

        assertThat(reports).hasSize(100);
        // growing by doubling makes twice the limit of it
        assertThat(allocated).isLessThan(100 * (limitsHeld * 2L * limit + CHUNK));
    }
}
