package reactor.framing.work;

import java.util.List;
import java.util.Map;

/** What counted classes are asked to do by those that are not counted. All types are the JDK's. */
public interface Work {

    /**
     * A format's frames on the wire.
     *
     * @param head what comes once, in front of the others
     * @param samples what comes again and again
     */
    record Frames(byte[] head, List<byte[]> samples) {}

    /** The formats by name. */
    Map<String, Frames> formats();

    /** Decodes the stream by one of them, or by one that is broken, passing over faults, and counts the frames. */
    long decode(String format, byte[] stream, int chunkLength);

    /** Encodes the bytes as one frame; false if there is no encoder, or it refuses them. */
    boolean encode(String format, byte[] frame);
}
