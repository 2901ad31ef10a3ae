package dev.livesync.tck;

import dev.livesync.api.transport.TransportFeature;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** To which transports a test has something to say; without it, to all. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Where {
    /** The two shapes. */
    enum Shape {
        /** Peers have addresses. */
        DIALLING,
        /** Peers exchange signals first. */
        SIGNALLING
    }

    /** Only this shape; both if empty. */
    Shape[] shape() default {};

    /** Only with these features. */
    TransportFeature[] with() default {};

    /** Only without these. */
    TransportFeature[] without() default {};
}
