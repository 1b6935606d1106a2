package reactor.framing.test;

import java.util.List;

/** One run that gave something else than it should. */
record Case(Input input, int[] cuts, Manner manner, List<Event> came) {}
