package reactor.framing.studio;

import java.nio.charset.StandardCharsets;

class Dump {
    public static void main(String[] a) {
        Trace t = Run.of(Json.read(a[0].getBytes(StandardCharsets.UTF_8), Scenario.class));
        System.out.println(t.codec() + "  " + t.wire() + " cut " + t.cut() + " "
                + t.steps().size());
        for (Step s : t.steps())
            System.out.println(String.format(
                            "%6d %-8s %-8s %s   %s",
                            s.millis(), s.lane(), s.type(), s.text(), s.fault() == null ? "" : s.fault())
                    + (s.codec() != null
                            ? "  [" + s.codec().demand() + " held " + s.codec().held() + " read "
                                    + s.codec().read() + "/" + s.codec().arrived() + " rx "
                                    + s.codec().received() + "/" + s.codec().expected() + "]"
                            : "")
                    + (s.pipeline() != null ? " q" + s.pipeline().queued() : ""));
        if (t.noLoop() != null) System.out.println(t.noLoop());
    }
}
