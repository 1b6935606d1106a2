/**
 * For tests. {@link reactor.framing.test.Rechunk} cuts streams anew.
 *
 * @serial exclude
 */
@NullMarked
package reactor.framing.test;

import org.jspecify.annotations.NullMarked;
