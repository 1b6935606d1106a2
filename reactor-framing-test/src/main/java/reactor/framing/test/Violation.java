package reactor.framing.test;

/** A rule was broken by what is verified. Thrown through the operator, so that it ends the stream. */
final class Violation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Violation(String rule) {
        super(rule, null, false, false);
    }

    static void unless(boolean kept, String rule) {
        if (!kept) {
            throw new Violation(rule);
        }
    }
}
