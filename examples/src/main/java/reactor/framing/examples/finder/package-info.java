/** Finds the framing of a capture: what the command {@code FindFraming} and the studio share. */
package reactor.framing.examples.finder;
