/** The wire formats, one immutable class each; every page draws the bytes before and after. */
@NullMarked
package reactor.framing.format;

import org.jspecify.annotations.NullMarked;
