package dev.livesync.simulation.world;

import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.database.replica.PlantedBugs;
import dev.livesync.database.replica.ReplicaParts;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A mistake that every machine of a world makes, to see whether worlds find it.
 *
 * @param name what is wrong
 * @param parts of the database
 * @param disk told of each new disk
 * @param replica between the database and what syncs it
 */
record Defect(String name, ReplicaParts parts, Consumer<SimulatedDisk> disk, UnaryOperator<Replica> replica) {
    static final Defect NONE = new Defect("none", ReplicaParts.REAL, disk -> {}, replica -> replica);

    static List<Defect> all() {
        return List.of(
                ofDisk("skips one fsync", disk -> disk.skipForce(3)),
                ofParts("acknowledges before the fsync", PlantedBugs.acknowledgesBeforeTheForce()),
                ofParts("publishes heads before blocks", PlantedBugs.publishesHeadsBeforeBlocks()),
                ofParts("forgets the torn tail", PlantedBugs.forgetsTheTornTail()),
                ofParts("compacts a live block", PlantedBugs.compactsALiveBlock()),
                ofReplica("loses every fifth wake-up", Defect::lostWakeUps),
                ofReplica("the feed leaves out the last event of a large page", Defect::shortPages),
                ofReplica("every tenth page of the feed begins one change late", Defect::lateStart),
                ofReplica("every ninth commit is acknowledged and forgotten", Defect::forgetsCommits),
                ofReplica("one of several heads is left out", Defect::oneHeadLess),
                ofReplica("the last of the events since a clock is left out", Defect::oneEventLess),
                ofReplica("a commit of several events stores all but the last", Defect::dropsTheLast));
    }

    private static Defect ofDisk(String name, Consumer<SimulatedDisk> disk) {
        return new Defect(name, ReplicaParts.REAL, disk, replica -> replica);
    }

    private static Defect ofParts(String name, ReplicaParts parts) {
        return new Defect(name, parts, disk -> {}, replica -> replica);
    }

    private static Defect ofReplica(String name, UnaryOperator<Replica> replica) {
        return new Defect(name, ReplicaParts.REAL, disk -> {}, replica);
    }

    private static Replica lostWakeUps(Replica real) {
        return new Forwarding(real) {
            private int wakeUps;

            @Override
            public Subscription onChange(Runnable wakeUp) {
                return super.onChange(() -> {
                    if (++wakeUps % 5 != 0) {
                        wakeUp.run();
                    }
                });
            }
        };
    }

    private static Replica shortPages(Replica real) {
        return new Forwarding(real) {
            @Override
            public Changes changes(Cursor after, int maxEvents) {
                Changes page = super.changes(after, maxEvents);
                if (page.changes().size() < 4) {
                    return page;
                }
                List<Change> fewer = new ArrayList<>(page.changes());
                fewer.remove(fewer.size() - 1);
                return new Changes(fewer, page.next());
            }
        };
    }

    private static Replica lateStart(Replica real) {
        return new Forwarding(real) {
            private int pages;

            @Override
            public Changes changes(Cursor after, int maxEvents) {
                Changes page = super.changes(after, maxEvents);
                if (page.changes().isEmpty() || ++pages % 10 != 0) {
                    return page;
                }
                return new Changes(page.changes().subList(1, page.changes().size()), page.next());
            }
        };
    }

    private static Replica forgetsCommits(Replica real) {
        return new Forwarding(real) {
            private int commits;

            @Override
            public CommitResult commit(Commit commit) {
                if (commit.events().isEmpty() || ++commits % 9 != 0) {
                    return super.commit(commit);
                }
                CommitResult nothing = super.commit(new Commit(List.of(), List.of(), commit.origin()));
                return new CommitResult(
                        nothing.heads(),
                        commit.events().stream().map(Event::cid).toList(),
                        List.of(),
                        List.of(),
                        nothing.cursor());
            }
        };
    }

    private static Replica oneHeadLess(Replica real) {
        return new Forwarding(real) {
            @Override
            public Snapshot snapshot() {
                return changed(
                        super.snapshot(),
                        "heads",
                        (List<?> heads) -> heads.size() < 2 ? heads : heads.subList(1, heads.size()));
            }
        };
    }

    private static Replica oneEventLess(Replica real) {
        return new Forwarding(real) {
            @Override
            public Snapshot snapshot() {
                return changed(super.snapshot(), "eventsSince", (Iterator<?> events) -> {
                    List<Object> all = new ArrayList<>();
                    events.forEachRemaining(all::add);
                    return (all.size() < 5 ? all : all.subList(0, all.size() - 1)).iterator();
                });
            }
        };
    }

    /** A snapshot of which one method answers something else. */
    @SuppressWarnings("unchecked")
    private static <T> Snapshot changed(Snapshot real, String method, UnaryOperator<T> answer) {
        return (Snapshot) Proxy.newProxyInstance(
                Snapshot.class.getClassLoader(), new Class<?>[] {Snapshot.class}, (proxy, called, arguments) -> {
                    try {
                        Object result = called.invoke(real, arguments);
                        return called.getName().equals(method) ? answer.apply((T) result) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Replica dropsTheLast(Replica real) {
        return new Forwarding(real) {
            @Override
            public CommitResult commit(Commit commit) {
                int events = commit.events().size();
                return events < 3
                        ? super.commit(commit)
                        : super.commit(
                                new Commit(commit.blocks(), commit.events().subList(0, events - 1), commit.origin()));
            }
        };
    }

    /** Hands on whatever it is asked. */
    private static class Forwarding implements Replica {
        private final Replica real;

        Forwarding(Replica real) {
            this.real = real;
        }

        @Override
        public Snapshot snapshot() {
            return real.snapshot();
        }

        @Override
        public CommitResult commit(Commit commit) {
            return real.commit(commit);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            return real.changes(after, maxEvents);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return real.onChange(wakeUp);
        }

        @Override
        public Optional<PeerFrontiers> peerFrontiers() {
            return real.peerFrontiers();
        }
    }
}
