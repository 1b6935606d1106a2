package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.ShowingSlicer.text;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.format.Check;
import reactor.framing.format.Checked;
import reactor.framing.format.LengthField;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

/** Frames whose bytes stay in the chunks that brought them, until they are joined. */
class FrameJoinerTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    private final TestPublisher<ByteBuffer> upstream = TestPublisher.create();
    private final List<ByteBuffer> handedBack = new ArrayList<>();
    private final FrameStream stream = CODEC.open(upstream, this::handBack);

    /** Chunks are garbage when they have been handed back, and are handed back once. */
    private void handBack(ByteBuffer chunk) {
        assertThat(handedBack).noneMatch(other -> other == chunk);
        handedBack.add(chunk);
        Arrays.fill(chunk.array(), (byte) 0xEE);
    }

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(hex(hex));
    }

    /** Keeps what chunks have of a frame if it is so many bytes at least, and shows how a frame was made. */
    private static final class Joiner extends ShowingSlicer implements FrameStream.Joiner<String> {

        private final int least;

        private final boolean fails;

        Joiner(int least) {
            this(least, false);
        }

        Joiner(int least, boolean fails) {
            this.least = least;
            this.fails = fails;
        }

        @Override
        public boolean keeps(ByteBuffer chunk, int length) {
            return length >= least;
        }

        @Override
        public String join(List<FrameStream.Piece> pieces) {
            if (fails) {
                throw new IllegalStateException("no memory");
            }
            StringBuilder joined = new StringBuilder("join");
            for (FrameStream.Piece piece : pieces) {
                joined.append(piece.isOfChunk() ? " chunk:" : " copy:")
                        .append(text(piece.bytes().slice(piece.start(), piece.length())));
            }
            return joined.toString();
        }
    }

    /** What the frame is, however it was made. */
    private static String frame(String made) {
        return made.replaceAll("^(join|slice |copy )| (chunk|copy):", "");
    }

    private TestSubscriber<String> joined(int least, long demand) {
        TestSubscriber<String> subscriber =
                TestSubscriber.builder().initialRequest(demand).build();
        stream.receive(new Joiner(least)).subscribe(subscriber);
        return subscriber;
    }

    @Test
    void bytesStayInTheirChunks_whichAreHandedBackBehindTheFrame_theLastOneFirst() {
        TestSubscriber<String> subscriber = joined(2, Long.MAX_VALUE);
        ByteBuffer first = chunk("01 61 07 62 63");
        ByteBuffer second = chunk("64 65 66");
        ByteBuffer third = chunk("67 68 01 69");
        upstream.next(first).next(second);
        assertThat(handedBack).isEmpty();
        assertThat(stream.unread()).isEqualTo(5);
        upstream.next(third);

        assertThat(subscriber.getReceivedOnNext())
                .containsExactly("slice a", "join chunk:bc chunk:def chunk:gh", "slice i");
        assertThat(handedBack).hasSize(3);
        assertThat(handedBack.get(0)).isSameAs(second);
        assertThat(handedBack.get(1)).isSameAs(first);
        assertThat(handedBack.get(2)).isSameAs(third);
    }

    @Test
    void whatIsTooLittleToStay_isCopiedInItsPlace() {
        TestSubscriber<String> subscriber = joined(3, Long.MAX_VALUE);
        for (String hex : List.of("0e 61", "62", "63 64 65", "66", "67 68", "69 6a 6b 6c", "6d", "6e 02 6f", "70")) {
            upstream.next(chunk(hex));
        }

        assertThat(subscriber.getReceivedOnNext())
                .containsExactly("join copy:ab chunk:cde copy:fgh chunk:ijkl copy:m chunk:n", "copy op");
        assertThat(handedBack).hasSize(9);
    }

    /** All ways to cut a stream, with every demand, and whatever stays in its chunk. */
    @Test
    void everyCut_sameFrames_everyChunkIsHandedBack() {
        String wire = "05 61 62 63 64 65 00 03 66 67 68 01 69";
        byte[] bytes = hex(wire);
        for (int least = 1; least <= 4; least++) {
            for (int cuts = 0; cuts < 1 << bytes.length - 1; cuts++) {
                for (long demand : new long[] {1, 2, Long.MAX_VALUE}) {
                    assertFrames(bytes, cuts, least, demand, "abcde", "", "fgh", "i");
                }
            }
        }
    }

    private static void assertFrames(byte[] wire, int cuts, int least, long demand, String... frames) {
        FrameJoinerTest test = new FrameJoinerTest();
        TestSubscriber<String> subscriber = test.joined(least, demand);
        int start = 0;
        int chunks = 0;
        long requested = demand;
        for (int end = 1; end <= wire.length; end++) {
            if (end == wire.length || (cuts >> end - 1 & 1) != 0) {
                test.upstream.next(ByteBuffer.wrap(Arrays.copyOfRange(wire, start, end)));
                start = end;
                chunks++;
                while (subscriber.getReceivedOnNext().size() == requested) {
                    requested += demand;
                    subscriber.request(demand);
                }
            }
        }
        assertThat(subscriber.getReceivedOnNext().stream().map(FrameJoinerTest::frame))
                .as("cuts %s, least %d, demand %d", Integer.toBinaryString(cuts), least, demand)
                .containsExactly(frames);
        assertThat(test.handedBack).hasSize(chunks);
    }

    @Test
    void subscriberThatLeavesInsideAFrame_nextOneGetsItWhole_howeverItReads() {
        for (int way = 0; way < 4; way++) {
            FrameJoinerTest test = new FrameJoinerTest();
            TestSubscriber<String> first = test.joined(2, 1);
            test.upstream.next(chunk("08 61 62")).next(chunk("63"));
            first.cancel();
            TestSubscriber<String> second = TestSubscriber.create();
            switch (way) {
                case 0 -> test.stream.receive().map(ShowingSlicer::text).subscribe(second);
                case 1 -> test.stream.receive(ShowingSlicer::text).subscribe(second);
                case 2 ->
                    test.stream.receiveParts().map(part -> text(part.content())).subscribe(second);
                default ->
                    test.stream
                            .receive(new Joiner(1))
                            .map(FrameJoinerTest::frame)
                            .subscribe(second);
            }
            test.upstream.next(chunk("64 65")).next(chunk("66 67 68 01 69"));

            assertThat(String.join("", second.getReceivedOnNext()))
                    .as("way %d", way)
                    .isEqualTo("abcdefghi");
            assertThat(test.handedBack).hasSize(4);
        }
    }

    @Test
    void handBackAtOnce_whatStayedInItsChunkIsCopied() {
        TestSubscriber<String> subscriber = joined(2, 2);
        upstream.next(chunk("06 61")).next(chunk("62 63"));
        assertThat(handedBack).hasSize(1);

        stream.handBackAtOnce();
        assertThat(handedBack).hasSize(2);
        upstream.next(chunk("64 65"));
        assertThat(handedBack).hasSize(3);
        upstream.next(chunk("66"));
        assertThat(subscriber.getReceivedOnNext()).containsExactly("copy abcdef");
    }

    @Test
    void abortInsideAFrame_chunksAreHandedBack() {
        TestSubscriber<String> subscriber = joined(1, 1);
        upstream.next(chunk("06 61 62")).next(chunk("63 64"));
        stream.abort(new IllegalStateException("over"));

        assertThat(handedBack).hasSize(2);
        assertThat(subscriber.expectTerminalError()).hasMessage("over");
    }

    @Test
    void endInsideAFrame_chunksAreHandedBack() {
        TestSubscriber<String> subscriber = joined(1, 1);
        upstream.next(chunk("06 61 62")).next(chunk("63 64")).complete();

        assertThat(handedBack).hasSize(2);
        assertThat(subscriber.expectTerminalError()).isInstanceOf(TruncatedFrameException.class);
    }

    /** A fault shows at the frame's end, and is passed over: what stayed in chunks is dropped with it. */
    @Test
    void faultInsideAFrame_chunksAreHandedBack_andTheStreamGoesOn() {
        FrameCodec checked =
                FrameCodec.of(Checked.of(LengthField.ofSize(1), Check.xor())).skipInvalid(skipped -> {});
        FrameStream other = checked.open(upstream, this::handBack);
        List<String> frames = new ArrayList<>();
        other.receive(new Joiner(1)).subscribe(frames::add);
        byte[] good = bytes(checked.encode(Flux.just(chunk("61 62 63"))).blockLast());
        byte[] bad = good.clone();
        bad[2] ^= 1;
        for (byte[] frame : List.of(bad, good)) {
            upstream.next(ByteBuffer.wrap(Arrays.copyOf(frame, 2)));
            upstream.next(ByteBuffer.wrap(Arrays.copyOfRange(frame, 2, 4)));
            upstream.next(ByteBuffer.wrap(Arrays.copyOfRange(frame, 4, frame.length)));
        }

        assertThat(frames).hasSize(1);
        assertThat(frame(frames.get(0))).isEqualTo("abc");
        assertThat(handedBack).hasSize(6);
    }

    @Test
    void joinerThatThrows_endsTheStream_chunksAreHandedBack() {
        TestSubscriber<String> subscriber = TestSubscriber.create();
        stream.receive(new Joiner(1, true)).subscribe(subscriber);
        upstream.next(chunk("03 61")).next(chunk("62")).next(chunk("63"));

        assertThat(subscriber.expectTerminalError()).hasMessage("no memory");
        assertThat(handedBack).hasSize(3);
        assertThatThrownBy(() -> stream.receive().blockFirst()).hasMessage("no memory");
    }
}
