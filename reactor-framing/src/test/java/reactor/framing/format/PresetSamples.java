package reactor.framing.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import reactor.framing.TestBytes;

/** The streams of real peers and of specifications that the tests of presets have, for tests of another package. */
public final class PresetSamples {

    private PresetSamples() {}

    /** Streams by the name that a preset shows. */
    public static Map<String, List<byte[]>> streams() {
        Map<String, List<byte[]>> streams = new TreeMap<>();
        PresetsContract.all()
                .flatMap(preset -> preset.cases.stream())
                .filter(each -> !each.frames().isEmpty())
                .forEach(each -> add(streams, each.framing(), each.stream()));
        ProtocolsTest.vectors().forEach(vector -> add(streams, vector.get()[0], (String) vector.get()[1]));
        return streams;
    }

    private static void add(Map<String, List<byte[]>> streams, Object framing, String stream) {
        streams.computeIfAbsent(framing.toString(), name -> new ArrayList<>()).add(TestBytes.hex(stream));
    }
}
