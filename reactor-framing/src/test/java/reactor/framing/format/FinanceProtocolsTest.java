package reactor.framing.format;

import static reactor.framing.format.Preset.ascii;

import java.util.List;
import java.util.Random;

class FinanceProtocolsTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(fix());
    }

    private static Preset fix() {
        return Preset.of(Protocols.fix())
                .vector(
                        "Wikipedia, \"Financial Information eXchange\": a logon of FIX 4.2, an execution report",
                        LOGON + REPORT,
                        LOGON,
                        REPORT)
                .vector(
                        "recorded from QuickFIX/J 2.3.2: a logon, data with SOH in it that read like a message's end",
                        QUICKFIX_LOGON + QUICKFIX_DATA,
                        QUICKFIX_LOGON,
                        QUICKFIX_DATA)
                .yields(
                        "a length beyond the limit",
                        soh("8=FIX.4.2|9=9999999|35=A|"),
                        "error TooLong #0 @0 10000026>8388608")
                .yields("a length announced", soh("8=FIX.4.2|9=65|35="), "error Truncated #0 @0 18/87")
                .corrupt("garbled: no BeginString", soh("9=65|35=A|10=000|"))
                .corrupt("garbled: no BodyLength in the second place", soh("8=FIX.4.2|35=A|9=65|10=000|"))
                .corrupt("garbled: a BodyLength that is no number", soh("8=FIX.4.2|9=6a|35=A|"))
                .corrupt("garbled: a BodyLength of 4", soh("8=FIX.4.2|9=4|35=|10=000|"))
                .corrupt("garbled: no MsgType in the third place", soh("8=FIX.4.2|9=5|49=A|10=000|"))
                .corrupt("garbled: a wrong checksum", soh("8=FIX.4.2|9=5|35=0|10=162|"))
                .corrupt("garbled: a checksum of two digits", soh("8=FIX.4.2|9=5|35=0|10=61|8=FIX"))
                .corrupt("garbled: the last field is another", soh("8=FIX.4.2|9=5|35=0|01=161|"))
                .corrupt("garbled: a BodyLength that is too small", soh("8=FIX.4.2|9=5|35=0|112=a|10=000|"))
                .corrupt("a header of more than 64 bytes", ascii("8=FIX" + ".".repeat(60)))
                .skipping(
                        "garbled messages are ignored, and what follows is read",
                        HEARTBEAT
                                + soh("8=FIX.4.2|9=5|35=0|10=162|")
                                + HEARTBEAT
                                + soh("8=FIX.4.2|9=5|35=0|112=a|10=000|")
                                + HEARTBEAT
                                + ascii("noise")
                                + HEARTBEAT,
                        beat(),
                        "skipped Corrupt #1 @26 +26",
                        beat(),
                        "skipped Corrupt #3 @78 +32",
                        beat(),
                        "skipped Corrupt #5 @136 +5",
                        beat(),
                        "complete")
                .refuses("another BodyLength", soh("8=FIX.4.2|9=6|35=0|10=161|"))
                .refuses("no checksum", soh("8=FIX.4.2|9=5|35=0|"))
                .verified(verifier -> verifier.frames((random, length) -> message(random, Math.max(0, length - 30)))
                        .alphabet('8', '=', 'F', 'I', 'X', 1, '9', '3', '5', '1', '0'));
    }

    private static final String HEARTBEAT = soh("8=FIX.4.2|9=5|35=0|10=161|");

    private static final String LOGON =
            soh("8=FIX.4.2|9=65|35=A|49=SERVER|56=CLIENT|34=177|52=20090107-18:15:16|98=0|" + "108=30|10=062|");
    private static final String REPORT = soh("8=FIX.4.2|9=178|35=8|49=PHLX|56=PERS|52=20071123-05:30:00.000|"
            + "11=ATOMNOCCC9990900|20=3|150=E|39=E|55=MSFT|167=CS|54=1|38=15|40=2|44=15|58=PHLX EQUITY TESTING|59=0|"
            + "47=C|32=0|31=0|151=15|14=0|6=0|10=128|");

    private static final String QUICKFIX_LOGON =
            soh("8=FIX.4.4|9=67|35=A|34=1|49=CLIENT|52=20261128-16:15:52.263|" + "56=SERVER|98=0|108=30|10=158|");
    private static final String QUICKFIX_DATA = soh("8=FIX.4.4|9=111|35=B|34=5|49=CLIENT|52=20261128-16:15:52.949|"
            + "56=SERVER|58=order 3 |95=34|96=|10=000|8=FIX.4.4|9=5|35=0|10=163||10=193|");

    private static String soh(String text) {
        return ascii(text.replace('|', '\1'));
    }

    private static String beat() {
        return "frame " + HEARTBEAT.replaceAll("(..)(?=.)", "$1 ");
    }

    /** A message whose field 58 has this many bytes, SOH among them. */
    private static byte[] message(Random random, int length) {
        byte[] text = new byte[length];
        random.nextBytes(text);
        String body = "35=B\00158=" + new String(text, java.nio.charset.StandardCharsets.ISO_8859_1) + "\1";
        String start = "8=FIXT.1.1\0019=" + body.length() + "\1" + body;
        int sum = start.chars().sum() & 0xFF;
        return (start + "10=%03d\1".formatted(sum)).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
