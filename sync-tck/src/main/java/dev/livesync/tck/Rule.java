package dev.livesync.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;

/** Marks a test of the kit with the rule that it tests. A rule may have several tests, a test has one rule. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
public @interface Rule {
    /**
     * The rule's id in the specification.
     *
     * @return such as {@code T4.1} for transports, {@code R1.1} for replicas
     */
    String value();

    /**
     * Where to look when the test fails.
     *
     * @return a sentence or two for the implementer
     */
    String check();

    /**
     * Prerequisites: rules without which the outcome of this test means nothing. Where one of them fails, this one may.
     *
     * @return their ids
     */
    String[] needs() default {};
}
