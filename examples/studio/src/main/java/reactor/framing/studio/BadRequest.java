package reactor.framing.studio;

/** Says what is wrong with what the browser sent. */
final class BadRequest extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadRequest(String message) {
        super(message);
    }
}
