package dev.livesync.simulation.world;

import dev.livesync.api.replica.Replica;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportContext.Scheduler;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.database.replica.PlantedBugs;
import dev.livesync.database.replica.ReplicaParts;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.replica.postgres.ModelledServer;
import dev.livesync.replica.postgres.PlantedStoreBug;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** The mistakes that worlds have to find. Their names are those of the table in {@code docs/reliability.md}. */
final class PlantedDefects {
    /** How long a revoked grant goes on, where it does. */
    private static final long TOO_LONG = 60_000_000_000L;

    private PlantedDefects() {}

    static List<Defect> all() {
        List<Defect> all = new ArrayList<>();
        all.addAll(ofDatabases());
        all.addAll(ofSessions());
        all.addAll(ofWires());
        all.addAll(ofMachines());
        all.addAll(ofStores());
        return all;
    }

    private static List<Defect> ofStores() {
        return List.of(
                ofStore(
                        "a hub takes what waits for stored after a commit that failed",
                        PlantedStoreBug.FORGETS_WHAT_WAITS),
                ofStore("no hub notices that its store has gone back", PlantedStoreBug.NOTICES_NO_LOSS),
                ofStore(
                        "a hub does not look what waits that others have brought",
                        PlantedStoreBug.DOES_NOT_READ_WHAT_WAITS),
                ofStore(
                        "a hub decides by what it knew before it had the lock",
                        PlantedStoreBug.DECIDES_BY_WHAT_IT_KNEW),
                new Defect("a commit's positions are taken without the lock") {
                    @Override
                    void plant(ModelledServer server) {
                        server.unlocked();
                    }
                });
    }

    private static Defect ofStore(String name, PlantedStoreBug bug) {
        return new Defect(name) {
            @Override
            PlantedStoreBug store() {
                return bug;
            }
        };
    }

    private static List<Defect> ofDatabases() {
        return List.of(
                ofDisk("skips one fsync", disk -> disk.skipForce(3)),
                ofDisk("never syncs the directory", SimulatedDisk::skipSyncs),
                ofDisk("never truncates a file", SimulatedDisk::skipTruncations),
                ofDisk("leaves every twentieth file open", disk -> disk.leak(20)),
                ofParts("acknowledges before the fsync", PlantedBugs.acknowledgesBeforeTheForce()),
                ofParts("publishes heads before blocks", PlantedBugs.publishesHeadsBeforeBlocks()),
                ofParts("forgets the torn tail", PlantedBugs.forgetsTheTornTail()),
                ofParts("compacts a live node", PlantedBugs.compactsALiveBlock()));
    }

    private static List<Defect> ofSessions() {
        return List.of(
                ofReplica("loses every fifth wake-up", ReplicaDefects::lostWakeUps),
                ofReplica("the feed leaves out the last event of a large page", ReplicaDefects::shortPages),
                ofReplica("every tenth page of the feed begins one change late", ReplicaDefects::lateStart),
                ofReplica("every ninth commit is acknowledged and forgotten", ReplicaDefects::forgetsCommits),
                ofReplica("one of several heads is left out", ReplicaDefects::oneHeadLess),
                ofReplica("the last of the events since a clock is left out", ReplicaDefects::oneEventLess),
                ofReplica("a commit of several events stores all but the last", ReplicaDefects::dropsTheLast),
                ofReplica("believes a frontier that it does not know", ReplicaDefects::believedFrontiers));
    }

    private static List<Defect> ofWires() {
        return List.of(
                ofWire("delivers every fortieth message twice", channel -> new FaultyChannel(channel).twice(40)),
                ofWire("loses every sixtieth message", channel -> new FaultyChannel(channel).loses(60)),
                ofWire("exchanges two messages now and then", channel -> new FaultyChannel(channel).exchanges(40)),
                ofWire("forgets every fourth request for messages", channel -> new FaultyChannel(channel).starves(4)),
                ofWire(
                        "reports every twentieth sent message to nobody",
                        channel -> new FaultyChannel(channel).mute(20)),
                ofWire("trusts a binding that is none", channel -> new FaultyChannel(channel).bound()));
    }

    private static List<Defect> ofMachines() {
        return List.of(
                new Defect("uses a nonce again after a restart") {
                    @Override
                    RandomGenerator random(RandomGenerator real) {
                        return new SplittableRandom(7);
                    }
                },
                new Defect("loses every ninth deadline") {
                    @Override
                    Scheduler scheduler(Scheduler real) {
                        int[] timers = {0};
                        return (delay, what) -> real.schedule(delay, ++timers[0] % 9 == 0 ? () -> {} : what);
                    }
                },
                new Defect("sets every ninth deadline for never") {
                    @Override
                    Scheduler scheduler(Scheduler real) {
                        int[] timers = {0};
                        return (delay, what) -> ++timers[0] % 9 == 0 ? () -> {} : real.schedule(delay, what);
                    }
                },
                new Defect("loses one task of two hundred") {
                    @Override
                    Executor executor(Executor real) {
                        int[] tasks = {0};
                        return task -> {
                            if (++tasks[0] % 200 != 0) {
                                real.execute(task);
                            }
                        };
                    }
                },
                new Defect("takes the wall's time for deadlines") {
                    @Override
                    LongSupplier time(LongSupplier real, LongSupplier wall) {
                        return wall;
                    }
                },
                new Defect("revokes a minute too late") {
                    @Override
                    Grants grants(Grants real, LongSupplier nanos) {
                        return new LateGrants(real, nanos, TOO_LONG);
                    }
                },
                new Defect("lets everybody with a grant read and write") {
                    @Override
                    Grants grants(Grants real, LongSupplier nanos) {
                        return new LateGrants(real, nanos, 0) {
                            @Override
                            public List<Grant> list() {
                                return super.list().stream()
                                        .map(grant -> new Grant(
                                                grant.name(),
                                                grant.secret(),
                                                Rights.READ_WRITE,
                                                grant.expires(),
                                                grant.peers()))
                                        .toList();
                            }
                        };
                    }
                },
                new Defect("does not look which database is meant") {
                    @Override
                    boolean tellsDatabasesApart() {
                        return false;
                    }
                });
    }

    private static Defect ofDisk(String name, Consumer<SimulatedDisk> plant) {
        return new Defect(name) {
            @Override
            void plant(SimulatedDisk disk) {
                plant.accept(disk);
            }
        };
    }

    private static Defect ofParts(String name, ReplicaParts parts) {
        return new Defect(name) {
            @Override
            ReplicaParts parts() {
                return parts;
            }
        };
    }

    private static Defect ofReplica(String name, UnaryOperator<Replica> between) {
        return new Defect(name) {
            @Override
            Replica replica(Replica real) {
                return between.apply(real);
            }
        };
    }

    private static Defect ofWire(String name, UnaryOperator<Channel> between) {
        return new Defect(name) {
            @Override
            Channel wire(Channel real) {
                return between.apply(real);
            }
        };
    }
}
