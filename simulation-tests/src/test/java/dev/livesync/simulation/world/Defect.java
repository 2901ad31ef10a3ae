package dev.livesync.simulation.world;

import dev.livesync.api.replica.Replica;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportContext.Scheduler;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.database.replica.ReplicaParts;
import dev.livesync.grant.Grants;
import dev.livesync.replica.postgres.ModelledServer;
import dev.livesync.replica.postgres.PlantedStoreBug;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A mistake that every machine of a world makes, to see whether worlds find it. Each method is a place where one can be put; as they are here,
 * they change nothing.
 */
class Defect {
    static final Defect NONE = new Defect("none");

    private final String name;

    /** One of which people can speak. */
    Defect(String name) {
        this.name = name;
    }

    /** What is wrong. */
    final String name() {
        return name;
    }

    /** Of the database. */
    ReplicaParts parts() {
        return ReplicaParts.REAL;
    }

    /** Told of each new disk. */
    void plant(SimulatedDisk disk) {}

    /** Between the database and what syncs it. */
    Replica replica(Replica real) {
        return real;
    }

    /** Between a transport and what syncs through it. */
    Channel wire(Channel real) {
        return real;
    }

    Executor executor(Executor real) {
        return real;
    }

    Scheduler scheduler(Scheduler real) {
        return real;
    }

    /** The time of deadlines: by right not that of the wall. */
    LongSupplier time(LongSupplier real, LongSupplier wall) {
        return real;
    }

    RandomGenerator random(RandomGenerator real) {
        return real;
    }

    Grants grants(Grants real, LongSupplier nanos) {
        return real;
    }

    /** Of hubs that share a store. */
    PlantedStoreBug store() {
        return PlantedStoreBug.NONE;
    }

    /** Told of the store that hubs share. */
    void plant(ModelledServer server) {}

    /** Whether databases are told apart. */
    boolean tellsDatabasesApart() {
        return true;
    }
}
