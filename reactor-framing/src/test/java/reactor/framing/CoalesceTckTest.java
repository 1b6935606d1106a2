package reactor.framing;

import org.testng.annotations.Test;
import reactor.framing.format.LengthField;

/** The same with coalesce: every chunk is full, since the frames are at hand. */
@Test
public class CoalesceTckTest extends EncodeTckTest {

    public CoalesceTckTest() {
        super(FrameCodec.of(LengthField.ofSize(1)).coalesce(6), 2);
    }
}
