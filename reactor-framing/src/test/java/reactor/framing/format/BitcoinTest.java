package reactor.framing.format;

import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;

class BitcoinTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(bitcoin());
    }

    private static Preset bitcoin() {
        String address = "f9beb4d96164647200000000000000001f000000 ed52399b"
                + "01e215104d010000000000000000000000000000000000ffff0a000001208d";
        String bad = address.replace("ed52399b", "ed52399c");
        String verack = "f9beb4d9 76657261636b000000000000 00000000 5df6e0e2";
        return Preset.of(Protocols.bitcoin())
                .vector(
                        "bitcoinj, BitcoinSerializerTest.java: addr; Bitcoin Wiki, Protocol documentation: verack",
                        address + verack,
                        address,
                        verack)
                .corrupt("another check", bad)
                .corrupt("another network", "f9beb4da 76657261636b000000000000 00000000 5df6e0e2")
                .yields(
                        "4,000,001 bytes",
                        "f9beb4d9 76657261636b000000000000 01093d00 5df6e0e2",
                        "error TooLong #0 @0 4000025>4000024")
                .skipping(
                        "another check",
                        bad + verack,
                        "skipped Corrupt #0 @0 +55",
                        FramingEvents.frame(TestBytes.hex(verack)),
                        "complete")
                .refuses("another network", "f9beb4da 76657261636b000000000000 00000000 5df6e0e2")
                .bounds(24, 4_000_024, n -> message(filled(n)))
                .verified(verifier -> verifier.lengths(24, 4_000_024).frames((random, n) -> {
                    byte[] message = new byte[n];
                    random.nextBytes(message);
                    return message(message);
                }));
    }

    private static byte[] message(byte[] message) {
        int payload = message.length - 24;
        if (payload >= 0) {
            ByteBuffer.wrap(message).putInt(0, 0x0B110907).putInt(16, Integer.reverseBytes(payload));
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(message, 24, payload);
                System.arraycopy(digest.digest(digest.digest()), 0, message, 20, 4);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        return message;
    }
}
