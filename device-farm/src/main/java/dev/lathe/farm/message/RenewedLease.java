package dev.lathe.farm.message;

import java.time.Instant;

/**
 * Answer 200 to {@code POST /api/v1/leases/{leaseId}/renew}; 410 if the lease is over.
 *
 * @param deadline by the service's clock
 */
public record RenewedLease(Instant deadline) {}
