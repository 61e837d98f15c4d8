/** The service's side of the farm: devices, jobs, leases, and measurements for searches. */
@NullMarked
package dev.lathe.service.farm;

import org.jspecify.annotations.NullMarked;
