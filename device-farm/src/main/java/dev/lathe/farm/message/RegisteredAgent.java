package dev.lathe.farm.message;

/**
 * Answer to {@link AgentRegistration}.
 *
 * @param deviceId under which the agent claims jobs
 * @param name as registered
 */
public record RegisteredAgent(String deviceId, String name) {}
