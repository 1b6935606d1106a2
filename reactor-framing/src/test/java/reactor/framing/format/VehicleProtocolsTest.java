package reactor.framing.format;

import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;

class VehicleProtocolsTest extends PresetsContract {

    private static final int ANY = Integer.MAX_VALUE;

    @Override
    List<Preset> presets() {
        return List.of(jt808(), gbt32960(), doip(), someIp());
    }

    private static Preset jt808() {
        String report = "0200003c01887663897200e5000000000004000001317a6706936851000e0000002717101919353801040000"
                + "3fb2030200002504000000002a0200002b040000000030011f310100";
        String escaped =
                "020000830191715904370a2e00000000800000030158991806ca0feb00040000010d211108194050010400000003cc"
                        + "14383938363034373831303230373033313836303830011a8001aa810213888202007a8301148401aa8502189b860133"
                        + "8702007e8801338901148a0200998b1131323334353637383941424344454647488c04000200a88d0200828e0114a000";
        String batch =
                "0704402d0100000866496077582164881d0001000028000000000000000701a00192091f2a470016000000022605091642"
                        + "2701040000258230010031010e";
        return Preset.of(Protocols.jt808())
                .vector("EMQX, its test of the parser: a location", "7e" + report + "ab 7e", report)
                .vector(
                        "Traccar, Jt808ProtocolDecoderTest: a location with an escape",
                        "7e" + escaped.replace("02007e88", "02007d0288") + "2e 7e",
                        escaped)
                .vector("Traccar: locations in a batch, in the edition of 2019", "7e" + batch + "50 7e", batch)
                .yields(
                        "the picture",
                        "7e 00 02 00 00 01 23 45 67 89 01 00 7d 02 f4 7e",
                        "frame 00 02 00 00 01 23 45 67 89 01 00 7e",
                        "complete")
                .corrupt("another check", "7e" + report + "aa 7e")
                .corrupt("an escape of another byte", "7e 00 02 7d 03 7e")
                .corrupt("no mark", "00")
                .corrupt("a message of 11 bytes", "7e 00 02 00 00 01 23 45 67 89 01 00 8a 7e")
                .skipping(
                        "another check, then noise",
                        "7e" + report + "aa 7e 7e" + report + "ab 7e 00 7e" + report + "ab 7e",
                        "skipped Corrupt #0 @0 +75",
                        frame(report),
                        "skipped Corrupt #2 @150 +1",
                        frame(report),
                        "complete")
                .skipping(
                        "an escape of another byte, then a message of 11 bytes",
                        "7e 00 02 00 00 01 23 45 67 7d 03 7e  7e 00 02 00 00 01 23 45 67 89 01 00 8a 7e  7e" + report
                                + "ab 7e",
                        "skipped Corrupt #0 @0 +12",
                        "skipped Corrupt #1 @12 +14",
                        frame(report),
                        "complete")
                .yields("a message of 1,045 bytes", "7e" + "00".repeat(1045) + "00 7e", "error TooLong #0 @0 1045>1044")
                .bounds(12, 1044, n -> filled(n))
                .verified(verifier -> verifier.lengths(12, 1044).alphabet(0x7E, 0x7D, 1, 2, 0));
    }

    private static String frame(String hex) {
        return FramingEvents.frame(TestBytes.hex(hex));
    }

    private static Preset gbt32960() {
        String vin = "484155563442474e365335303032323139";
        String pack = "30524a5045413030484155304141463133313030313935";
        String in2025 =
                "242401fe" + vin + "010036190a1b140202000c38393836303932343739303032333136363630360101" + pack + "35";
        String in2016 = "232301fe" + vin + "010066190a1b140202000c38393836303932343739303032333136363630360318" + pack
                + "35" + pack + "36" + pack + "37";
        return Preset.of(Protocols.gbt32960())
                .vector(
                        "rtm_con, its test of logins: of the editions of 2025 and of 2016",
                        in2025 + "96" + in2016 + "dc",
                        in2025,
                        in2016)
                .corrupt("another check", in2016 + "dd")
                .corrupt("another start", "23 24")
                .corrupt("no start", "2a")
                .skipping(
                        "another check, half a start",
                        in2016 + "dd" + "23 00" + in2025 + "96",
                        "skipped Corrupt #0 @0 +127",
                        "skipped Corrupt #1 @127 +2",
                        frame(in2025),
                        "complete")
                .yields("data of 65,532 bytes", "232301fe" + vin + "01fffc" + "00", "error TooLong #0 @0 65556>65555")
                .refuses("no start", "2a2a01fe" + vin + "010000")
                .bounds(24, 65555, n -> gbt32960(filled(n, (byte) '#', (byte) '#')))
                .verified(verifier -> verifier.lengths(24, 65555).frames((random, n) -> {
                    byte[] message = new byte[n];
                    random.nextBytes(message);
                    byte start = (byte) (random.nextBoolean() ? '#' : '$');
                    message[0] = start;
                    message[1] = start;
                    return gbt32960(message);
                }));
    }

    private static byte[] gbt32960(byte[] message) {
        if (message.length >= 24) {
            ByteBuffer.wrap(message).putShort(22, (short) (message.length - 24));
        }
        return message;
    }

    private static Preset doip() {
        return Preset.of(Protocols.doip())
                .vector(
                        "Scapy, contrib/automotive/doip.uts: a gateway's answer, a diagnostic message and its answers",
                        "02fd800200000005 0000000000  02fd80010000000a 10100e805003003201f4",
                        "02fd800200000005 0000000000",
                        "02fd80010000000a 10100e805003003201f4")
                .corrupt("the second byte", "02fc 8002 00000000")
                .yields("the beginning of a message", "02fd 8002 00000001", "error Truncated #0 @0 8/9")
                .refuses("the second byte", "02fc 8002 00000000")
                .leastLength(
                        8,
                        n -> Arrays.copyOf(
                                filled(n, TestBytes.hex("02fd8002" + "%08x".formatted(Math.max(0, n - 8)))), n))
                .verified(verifier -> verifier.lengths(8, ANY).frames((random, n) -> {
                    byte[] message = new byte[n];
                    random.nextBytes(message);
                    message[1] = (byte) ~message[0];
                    ByteBuffer.wrap(message).putInt(4, n - 8);
                    return message;
                }));
    }

    private static Preset someIp() {
        return Preset.of(Protocols.someIp())
                .vector(
                        "COVESA vsomeip, constants.hpp: magic cookies of both sides; Scapy, someip.uts: a message",
                        "ffff0000 00000008 deadbeef 01010100  00000000 0000000c 00000000 01010000 deadbeef"
                                + "ffff8000 00000008 deadbeef 01010200",
                        "ffff0000 00000008 deadbeef 01010100",
                        "00000000 0000000c 00000000 01010000 deadbeef",
                        "ffff8000 00000008 deadbeef 01010200")
                .corrupt("protocol version 2", "11118111 00000008 33334444 02030405")
                .corrupt("a length of 7", "11118111 00000007 33334444 01030405")
                .refuses("protocol version 2", "11118111 00000008 33334444 02030405")
                .leastLength(
                        16,
                        n -> Arrays.copyOf(
                                filled(
                                        n,
                                        TestBytes.hex("11118111" + "%08x".formatted(Math.max(0, n - 8))
                                                + "3333444401030405")),
                                n))
                .verified(verifier -> verifier.lengths(16, ANY).frames((random, n) -> {
                    byte[] message = new byte[n];
                    random.nextBytes(message);
                    message[12] = 1;
                    ByteBuffer.wrap(message).putInt(4, n - 8);
                    return message;
                }));
    }
}
