package reactor.framing.studio;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * One step of a run, and how things stand after it.
 *
 * @param lane whose step it is: {@code codec}, or {@code pipeline} for the decoder that runs beside it
 * @param type what happened
 * @param millis when, in the time of the run
 * @param text what happened, in a sentence
 * @param marks what has become known of bytes
 * @param frame the frame that was delivered, if one was
 * @param fault what went wrong, if something did
 * @param codec how the codec's side stands
 * @param pipeline how the side of the decoder in a pipeline stands
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Step(
        String lane,
        String type,
        long millis,
        String text,
        List<Mark> marks,
        Frame frame,
        Fault fault,
        Codec codec,
        Pipeline pipeline) {

    /**
     * What bytes of the stream are.
     *
     * @param from the stream offset of the first
     * @param to the stream offset behind the last
     * @param role what they are
     * @param delivered whether the subscriber gets them
     * @param as the byte that is delivered instead, in hexadecimal
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Mark(int from, int to, Role role, boolean delivered, String as) {}

    /**
     * A frame as the subscriber gets it.
     *
     * @param index counted from 0, over the frames that were delivered
     * @param from where on the wire it begins, or -1 if that is not known
     * @param to where on the wire it ends
     * @param hex its bytes
     * @param text its bytes as text
     */
    record Frame(int index, int from, int to, String hex, String text) {}

    /** An exception: its class and its message, as a program would see them. */
    record Fault(String type, String message) {

        static Fault of(Throwable t) {
            return new Fault(t.getClass().getSimpleName(), String.valueOf(t.getMessage()));
        }
    }

    /**
     * How the codec's side stands.
     *
     * @param demand what is requested and not delivered; -1 for unbounded
     * @param sent the number of chunks that have arrived
     * @param arrived the number of bytes that have arrived
     * @param read the number of bytes that the decoder has read
     * @param held the number of bytes that the operator holds, as it tells itself ({@code Scannable})
     * @param frames the number of frames delivered
     * @param frameStart where the unfinished frame begins, or -1
     * @param received the number of its bytes that have been read
     * @param expected the number of bytes it takes on the wire, or -1
     * @param waits what is waited for, if something is
     * @param ended {@code complete} or {@code error} if the stream is over
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Codec(
            long demand,
            int sent,
            int arrived,
            int read,
            int held,
            int frames,
            int frameStart,
            int received,
            long expected,
            String waits,
            String ended) {}

    /**
     * How the side of the decoder in a pipeline stands.
     *
     * @param demand what is requested and not delivered; -1 for unbounded
     * @param sent the number of chunks that were read from the socket
     * @param arrived the number of bytes in them
     * @param queued the number of decoded frames that nobody has asked for
     * @param queuedBytes the number of bytes in them
     * @param frames the number of frames delivered
     * @param ended {@code complete} or {@code error} if the stream is over
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Pipeline(long demand, int sent, int arrived, int queued, int queuedBytes, int frames, String ended) {}
}
