package reactor.framing.format;

import reactor.framing.Framing;

/** A framing that reads by another one. */
interface Wrapping extends Framing {

    /** The other one. */
    Framing wrapped();
}
