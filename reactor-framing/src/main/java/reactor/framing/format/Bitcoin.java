package reactor.framing.format;

import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import java.util.zip.Checksum;
import reactor.framing.Framing;

/** The messages of Bitcoin's peers. */
final class Bitcoin {

    private static final int HEADER = 24;
    private static final int CHECK_AT = 20;
    private static final int MAX_PAYLOAD = 4_000_000;

    /** Main, test 3, test 4, signet, regression test. */
    private static final Set<Integer> NETWORKS = Set.of(0xF9BEB4D9, 0x0B110907, 0x1C163F28, 0x0A03CF40, 0xFABFB5DA);

    static final Framing BITCOIN = preset(
            "bitcoin",
            Checked.of(
                            LengthField.ofSize(4)
                                    .before(16)
                                    .littleEndian()
                                    .after(4)
                                    .keepHeader()
                                    .checkHeader(rule(
                                                    "no Bitcoin message begins so",
                                                    header -> NETWORKS.contains(header.getInt(0)))
                                            .and(length(
                                                    "Bitcoin message",
                                                    Bitcoin::messageLength,
                                                    HEADER,
                                                    HEADER + MAX_PAYLOAD))),
                            Check.of("sha256d()", 4, DoubleSha::new))
                    .at(CHECK_AT)
                    .covers(HEADER)
                    .keepCheck());

    private Bitcoin() {}

    private static long messageLength(ByteBuffer header) {
        return HEADER + (Integer.reverseBytes(header.getInt(16)) & 0xFFFFFFFFL);
    }

    /** The first bytes of SHA-256 of SHA-256. */
    private static final class DoubleSha implements Checksum {

        private final MessageDigest digest = newDigest();
        private final MessageDigest second = newDigest();

        private static MessageDigest newDigest() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        @Override
        public void update(int value) {
            digest.update((byte) value);
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            digest.update(bytes, from, length);
        }

        @Override
        public long getValue() {
            return ByteBuffer.wrap(second.digest(digest.digest())).getInt(0);
        }

        @Override
        public void reset() {
            digest.reset();
        }
    }
}
