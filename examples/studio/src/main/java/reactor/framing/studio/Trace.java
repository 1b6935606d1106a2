package reactor.framing.studio;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * All that happened in a run.
 *
 * @param wire the bytes of the stream as they arrive, in hexadecimal
 * @param framing the Java that makes the framing
 * @param sender the Java that makes the sender's framing, if that is another
 * @param codec the Java that makes the codec
 * @param chunks where each chunk begins and ends in the stream
 * @param steps what happened, in order
 * @param cut whether the run was given up because there were too many steps
 * @param noLoop what a decoder without the inner loop makes of the same chunks, if that was asked for
 * @param hasPipeline whether Netty ships a decoder for the framing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Trace(
        String wire,
        String framing,
        String sender,
        String codec,
        List<int[]> chunks,
        List<Step> steps,
        boolean cut,
        NoLoop noLoop,
        boolean hasPipeline) {}
