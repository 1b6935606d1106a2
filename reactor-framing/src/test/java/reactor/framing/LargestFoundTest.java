package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.framing.format.LengthField;

class LargestFoundTest {

    private final LargestFound finder =
            new LargestFound((FrameFinder) LengthField.ofSize(1).newDecoder());

    private static ByteBuffer chunk(String hex) {
        return ByteBuffer.wrap(TestBytes.hex(hex));
    }

    @Test
    void largest_isThatOnTheWireSinceTheLastTime() {
        ByteBuffer chunk = chunk("01 61  03 62 63 64  00  02 65");
        FramePlace place = new FramePlace();
        List<Boolean> found = new ArrayList<>();
        for (int start : new int[] {0, 2, 6, 7}) {
            found.add(finder.find(chunk, start, place));
        }
        assertThat(found).containsExactly(true, true, true, false);
        assertThat(finder.take()).isEqualTo(4);
        assertThat(finder.take()).isZero();
    }

    @Test
    void cutFrame_isFoundAndNotYetCounted() {
        FramePlace place = new FramePlace();
        ByteBuffer chunk = chunk("02 65");
        assertThat(finder.find(chunk, 0, place)).isFalse();
        assertThat(finder.findCut(chunk, 0, place)).isTrue();
        assertThat(place.end()).isEqualTo(3);
        assertThat(finder.take()).isZero();
    }
}
