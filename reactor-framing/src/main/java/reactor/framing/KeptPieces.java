package reactor.framing;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The pieces of a frame, in its order, from when the first one stays in the chunk that brought it. */
final class KeptPieces {

    private final List<FrameStream.Piece> pieces = new ArrayList<>();
    private int lengthInChunks;

    /** How many bytes are in pieces that are in no chunk. */
    private int lengthInMemory;

    int lengthInChunks() {
        return lengthInChunks;
    }

    /** Adds what the memory has behind the pieces that are here. */
    void addOfMemory(byte[] memory, int end) {
        int n = end - lengthInMemory;
        if (n != 0) {
            pieces.add(new FrameStream.Piece(ByteBuffer.wrap(memory), lengthInMemory, n, false));
            lengthInMemory = end;
        }
    }

    /** Adds bytes of a chunk that is kept. */
    void addOfChunk(FrameStream.Piece piece) {
        pieces.add(piece);
        lengthInChunks += piece.length();
    }

    List<FrameStream.Piece> all() {
        return pieces;
    }

    /** Copies all pieces; returns how many bytes that were. */
    int copyTo(byte[] target) {
        int at = 0;
        for (FrameStream.Piece piece : pieces) {
            piece.bytes().get(piece.start(), target, at, piece.length());
            at += piece.length();
        }
        return at;
    }

    /** Hands the chunks back, the last one first; the pieces are not looked at any more. */
    void handBack(HeldChunk chunks) {
        for (int i = pieces.size() - 1; i >= 0; i--) {
            FrameStream.Piece piece = pieces.get(i);
            if (piece.isOfChunk()) {
                chunks.handBack(piece.bytes());
            }
        }
    }
}
