package reactor.framing.studio;

/** What a byte of the stream is. */
enum Role {
    /** A constant byte at a frame's start. */
    MARKER,
    /** A byte in front of the payload that is neither marker nor length. */
    HEADER,
    LENGTH,
    PAYLOAD,
    DELIMITER,
    ESCAPE,
    /** A byte that belongs to no frame. */
    SKIPPED
}
