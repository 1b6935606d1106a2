package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;

class LaboratoryProtocolsTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(dicom(), astm());
    }

    private static Preset dicom() {
        String associate =
                "0100000000d100010000414e592d5343502020202020202020204543484f534355202020202020202020" + "00".repeat(32)
                        + "10000015312e322e3834302e31303030382e332e312e312e312000002e0100000030000011312e322e3834302e31303030382e312e"
                        + "3140000011312e322e3834302e31303030382e312e325000003e5100000400003ffe52000020312e322e3832362e302e312e333638"
                        + "303034332e392e333831312e302e392e305500000e50594e45544449434f4d5f303930";
        String data =
                "0400000000540000005001030000000004000000420000000000020012000000312e322e3834302e31303030382e312e31"
                        + "0000000001020000003080000020010200000001000000000802000000010100000009020000000000";
        return Preset.of(Protocols.dicom())
                .vector(
                        "pynetdicom, encoded_pdu_items.py: A-ASSOCIATE-RQ, P-DATA-TF, A-RELEASE-RQ and -RP, A-ABORT",
                        associate + data + "05000000000400000000 06000000000400000000 07000000000400000000",
                        associate,
                        data,
                        "05000000000400000000",
                        "06000000000400000000",
                        "07000000000400000000")
                .corrupt("type 8", "080000000004")
                .corrupt("type 0", "000000000004")
                .corrupt("a length of 3", "050000000003")
                .refuses("type 8", "08000000000400000000")
                .leastLength(10, n -> dicom(filled(n)))
                .verified(verifier -> verifier.lengths(10, Integer.MAX_VALUE).frames((random, n) -> {
                    byte[] pdu = new byte[n];
                    random.nextBytes(pdu);
                    return dicom(pdu);
                }));
    }

    private static byte[] dicom(byte[] pdu) {
        pdu[0] = 4;
        ByteBuffer.wrap(pdu).putInt(2, pdu.length - 6);
        return pdu;
    }

    private static Preset astm() {
        String header = "02" + ascii("1H\r") + "03" + ascii("89");
        String patient = "02" + ascii("2P\r") + "03" + ascii("92");
        String bad = "02" + ascii("2P\r") + "03" + ascii("93");
        String crlf = "0d0a";
        return Preset.of(Protocols.astm())
                .vector(
                        "python-astm, test_client.py: a session",
                        "05" + header + crlf + patient + crlf + "04 06 15",
                        "05",
                        header,
                        patient,
                        "04",
                        "06",
                        "15")
                .readVector(
                        "number 7",
                        "02" + ascii("7") + "03" + ascii("3A") + crlf,
                        "02" + ascii("7") + "03" + ascii("3A"))
                .corrupt("another sum", bad + crlf)
                .corrupt("no end of the text", "02" + ascii("2P\r92") + crlf)
                .corrupt("number 8", "02" + ascii("8P\r") + "03" + ascii("98") + crlf)
                .corrupt("4 bytes", "02" + ascii("1") + "03" + ascii("3") + crlf)
                .corrupt("2 bytes", "02" + ascii("1") + crlf)
                .corrupt("no start", ascii("H"))
                .skipping(
                        "another sum, noise",
                        bad + crlf + "06" + ascii("xx") + header + crlf,
                        "skipped Corrupt #0 @0 +9",
                        "frame 06",
                        "skipped Corrupt #2 @10 +2",
                        FramingEvents.frame(TestBytes.hex(header)),
                        "complete")
                .yields("63,999 bytes", "02" + "30".repeat(63_998) + crlf, "error TooLong #0 @0 63999>63998")
                .refuses("no start", ascii("1H"))
                .refuses("two control characters", "0505")
                .refuses("no end of the text", "02" + ascii("2P\r92"))
                .bounds(5, 63_998, n -> astm(filled(n)))
                .verified(verifier ->
                        verifier.frames(LaboratoryProtocolsTest::astm).alphabet(2, 3, 5, '0', '\r', '\n'));
    }

    @Test
    void astm_sumIsFilledIn() {
        assertThat(written(Protocols.astm(), List.of("02 31 03 30 30", "05"))).isEqualTo("0231033334" + "0d0a" + "05");
        assertThat(written(Protocols.astm(), List.of("02" + ascii("1H\r") + "03 30 30")))
                .isEqualTo("02" + ascii("1H\r") + "03" + ascii("89") + "0d0a");
    }

    private static byte[] astm(Random random, int length) {
        if (length < 5) {
            return new byte[] {5};
        }
        byte[] frame = new byte[Math.min(length, 63_998)];
        for (int i = 0; i < frame.length; i++) {
            frame[i] = (byte) (' ' + random.nextInt(95));
        }
        return astm(frame);
    }

    private static byte[] astm(byte[] frame) {
        int n = frame.length;
        if (n < 5) {
            return Arrays.copyOf(new byte[] {2, '0', 3, '3'}, n);
        }
        frame[0] = 2;
        frame[1] = '0';
        frame[n - 3] = 0x17;
        int sum = 0;
        for (int i = 1; i < n - 2; i++) {
            sum += frame[i];
        }
        System.arraycopy(String.format("%02X", sum & 0xFF).getBytes(US_ASCII), 0, frame, n - 2, 2);
        return frame;
    }
}
