package dev.livesync.bench.compare;

/**
 * One of them.
 *
 * @param workload in which processes: {@link SystemComparison}'s
 * @param system who
 * @param documents how many A had
 * @param metric what
 * @param round in which round: those of one round were taken in turn
 * @param value in the metric's unit
 */
record Measurement(Workload workload, String system, int documents, Metric metric, int round, double value) {}
