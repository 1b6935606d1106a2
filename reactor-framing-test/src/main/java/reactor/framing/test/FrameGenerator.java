package reactor.framing.test;

import java.util.Random;

/** Makes frames that a format can carry, for a format that cannot carry any bytes. */
@FunctionalInterface
public interface FrameGenerator {

    /**
     * Makes a frame.
     *
     * @param random where all that is random comes from, so that a failure can be repeated
     * @param length how many bytes the frame should have, within {@link FramingVerifier#lengths}; a frame of another
     *     length is taken, too, where there is none of this one
     * @return the bytes of the frame
     */
    byte[] generate(Random random, int length);
}
