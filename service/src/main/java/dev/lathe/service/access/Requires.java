package dev.lathe.service.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a route asks of its caller. A route without this annotation is open to nobody. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Requires {
  /** The scope that is needed. */
  Scope value();

  /** Whether the token of the lease in the path opens the route, too. */
  boolean orLeaseToken() default false;
}
