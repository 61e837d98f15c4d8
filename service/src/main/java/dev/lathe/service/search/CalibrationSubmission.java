package dev.lathe.service.search;

import com.fasterxml.jackson.databind.JsonNode;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a user sends to calibrate a device. Everything may be left out.
 *
 * @param space name of a search space, or its definition
 * @param data set from which the networks' inputs come; {@code builtin} by default
 * @param seed of which networks are offered
 * @param networks measured at most, at each precision
 * @param targetError at which it stops: the mean relative error on held-out networks, as 0.03
 * @param minutes after which it stops
 * @param ifStale whether nothing is done while the device's predictors are fresh
 */
public record CalibrationSubmission(
    @Schema(anyOf = {String.class, Object.class}) @Nullable JsonNode space,
    @Nullable String data,
    @Nullable Long seed,
    @Nullable Integer networks,
    @Nullable Double targetError,
    @Nullable Double minutes,
    @Nullable Boolean ifStale) {}
