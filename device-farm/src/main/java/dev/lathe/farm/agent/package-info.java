/** The program on a device that fetches jobs from a service, measures, and reports. */
@NullMarked
package dev.lathe.farm.agent;

import org.jspecify.annotations.NullMarked;
