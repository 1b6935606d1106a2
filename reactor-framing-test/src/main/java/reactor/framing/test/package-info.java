/**
 * For tests. {@link reactor.framing.test.FramingVerifier} proves that a {@link reactor.framing.Framing} keeps its
 * promises, {@link reactor.framing.test.StreamVerifier} that one stream of bytes gives the frames that it should,
 * however it is cut, and {@link reactor.framing.test.Rechunk} cuts streams anew in tests of one's own.
 *
 * <p>All of it works with any test framework: what fails is an {@link java.lang.AssertionError}.
 *
 * @serial exclude
 */
@NullMarked
package reactor.framing.test;

import org.jspecify.annotations.NullMarked;
