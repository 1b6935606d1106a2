package reactor.framing.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class RechunkTest {

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(Bytes.parse(hex));
    }

    private static Flux<ByteBuffer> stream(String... hex) {
        return Flux.fromArray(hex).map(RechunkTest::bytes);
    }

    private static List<String> cut(Flux<ByteBuffer> stream, Rechunk how) {
        return stream.transform(how)
                .map(chunk -> Bytes.hex(Bytes.of(chunk)))
                .collectList()
                .block();
    }

    @Test
    void fixedSize_joinsAndCutsBuffers() {
        assertThat(cut(stream("01 02", "03", "", "04 05 06 07"), Rechunk.ofSize(3)))
                .containsExactly("01 02 03", "04 05 06", "07");
        assertThat(cut(stream("01 02", "03"), Rechunk.ofSize(Integer.MAX_VALUE)))
                .containsExactly("01 02 03");
        assertThat(cut(stream(), Rechunk.ofSize(3))).isEmpty();
        assertThat(cut(stream("", ""), Rechunk.ofSize(3))).isEmpty();
    }

    @Test
    void byteByByte_oneByteAChunk() {
        assertThat(cut(stream("01 02", "03"), Rechunk.byteByByte())).containsExactly("01", "02", "03");
    }

    @Test
    void at_cutsThere() {
        assertThat(cut(stream("01 02", "03 04 05"), Rechunk.at(1, 4))).containsExactly("01", "02 03 04", "05");
        assertThat(cut(stream("01 02"), Rechunk.at())).containsExactly("01 02");
        assertThat(cut(stream("01 02"), Rechunk.at(2, 5))).containsExactly("01 02");
    }

    @Test
    void random_sameSeedSameChunksForEverySubscription() {
        byte[] bytes = new byte[10_000];
        Flux<ByteBuffer> source = Flux.just(ByteBuffer.wrap(bytes));
        Rechunk seven = Rechunk.random(7);
        List<String> first = cut(source, seven);
        assertThat(cut(source, seven)).isEqualTo(first);
        assertThat(cut(source, Rechunk.random(8))).isNotEqualTo(first);
        List<Integer> sizes =
                source.transform(seven).map(ByteBuffer::remaining).collectList().block();
        assertThat(sizes).allMatch(size -> size >= 1 && size <= 1024);
        assertThat(sizes.stream().mapToInt(i -> i).sum()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000})
    void random_upToTheLargestSizeAndUpToIt(int max) {
        List<Integer> sizes = Flux.just(ByteBuffer.allocate(100_000))
                .transform(Rechunk.random(1, max))
                .map(ByteBuffer::remaining)
                .collectList()
                .block();
        assertThat(sizes.subList(0, sizes.size() - 1)).allMatch(size -> size >= 1 && size <= max);
        assertThat(sizes).anyMatch(size -> size == 1);
        assertThat(sizes).anyMatch(size -> size > max * 3 / 4);
    }

    @Test
    void emptyChunks_oneInFrontOfEach() {
        assertThat(cut(stream("01 02"), Rechunk.byteByByte().withEmptyChunks())).startsWith("", "01", "", "02");
    }

    @Test
    void overwritten_garbageWhenOnNextHasReturned() {
        List<ByteBuffer> kept = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        stream("01 02 03").transform(Rechunk.ofSize(2).overwritten()).subscribe(chunk -> {
            kept.add(chunk);
            seen.add(Bytes.hex(Bytes.of(chunk)));
        });
        assertThat(seen).containsExactly("01 02", "03");
        assertThat(kept).extracting(chunk -> Bytes.hex(Bytes.of(chunk))).containsExactly("ee ee", "ee");
    }

    @Test
    void sourceBuffers_areLeftAsTheyAre() {
        ByteBuffer buffer = bytes("01 02 03 04").position(1).limit(3);
        assertThat(cut(Flux.just(buffer), Rechunk.byteByByte().overwritten())).containsExactly("02", "03");
        assertThat(buffer).isEqualTo(bytes("02 03"));
        assertThat(buffer.position()).isEqualTo(1);
    }

    @Test
    void demand_oneChunkForEachRequest_oneBufferAtATimeFromTheSource() {
        List<Long> asked = new ArrayList<>();
        StepVerifier.create(
                        stream("01 02 03", "04", "05 06")
                                .doOnRequest(asked::add)
                                .transform(Rechunk.ofSize(2)),
                        0)
                .thenRequest(1)
                .expectNext(bytes("01 02"))
                .then(() -> assertThat(asked).containsExactly(1L))
                .thenRequest(1)
                .expectNext(bytes("03 04"))
                .then(() -> assertThat(asked).containsExactly(1L, 1L))
                .thenRequest(5)
                .expectNext(bytes("05 06"))
                .verifyComplete();
    }

    @Test
    void nothingAtHand_whatIsThereIsNotHeldBack() {
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(Rechunk.ofSize(4)))
                .then(() -> source.next(bytes("01 02 03 04 05")))
                .expectNext(bytes("01 02 03 04"), bytes("05"))
                .then(() -> source.next(bytes("06")))
                .expectNext(bytes("06"))
                .then(source::complete)
                .verifyComplete();
    }

    @Test
    void error_behindTheBytesBeforeIt() {
        StepVerifier.create(
                        stream("01 02 03")
                                .concatWith(Flux.error(new IllegalStateException("reset")))
                                .transform(Rechunk.ofSize(2)),
                        1)
                .expectNext(bytes("01 02"))
                .thenRequest(1)
                .expectNext(bytes("03"))
                .verifyErrorMessage("reset");
    }

    @Test
    void end_needsNoDemandWhenNothingIsLeft() {
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(Rechunk.ofSize(4)), 1)
                .then(() -> source.next(bytes("01")))
                .expectNext(bytes("01"))
                .then(source::complete)
                .verifyComplete();
    }

    @Test
    void cancel_reachesTheSource() {
        TestPublisher<ByteBuffer> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(Rechunk.byteByByte()))
                .then(() -> source.next(bytes("01 02")))
                .expectNext(bytes("01"))
                .thenCancel()
                .verify();
        source.assertCancelled();
    }

    @Test
    void sourceInAnotherThread_allBytesInOrder() {
        List<String> all = Flux.range(0, 20_000)
                .map(i -> ByteBuffer.allocate(4).putInt(i).flip())
                .publishOn(Schedulers.parallel())
                .transform(Rechunk.random(3, 11).overwritten())
                .map(Bytes::of)
                .publishOn(Schedulers.single(), 1)
                .reduce(Bytes::concat)
                .map(Bytes::hex)
                .flux()
                .collectList()
                .block();
        ByteBuffer expected = ByteBuffer.allocate(80_000);
        IntStream.range(0, 20_000).forEach(expected::putInt);
        assertThat(all).containsExactly(Bytes.hex(expected.array()));
    }

    @Test
    void scan_tellsWhatItIs() {
        Flux<ByteBuffer> chunks = stream("01").transform(Rechunk.byteByByte());
        assertThat(Scannable.from(chunks).name()).isEqualTo("rechunk");
        assertThat(Scannable.from(chunks).scan(Attr.PREFETCH)).isNotNull();
    }

    @Test
    void badArguments_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rechunk.ofSize(0))
                .withMessage("size must be positive, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rechunk.random(1, -1))
                .withMessage("maxBytes must be positive, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rechunk.at(3, 3))
                .withMessage("offsets must be ascending and more than 0, were [3, 3]");
    }

    @Test
    void name_isWhatWasCalled() {
        assertThat(Rechunk.random(1, 9).withEmptyChunks().overwritten())
                .hasToString("Rechunk.random(1, 9).withEmptyChunks().overwritten()");
        assertThat(Rechunk.at(1, 4)).hasToString("Rechunk.at(1, 4)");
    }
}
