package dev.livesync.simulation.world;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Mistakes between a database and what syncs it. */
final class ReplicaDefects {
    private ReplicaDefects() {}

    static Replica lostWakeUps(Replica real) {
        return new ForwardingReplica(real) {
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

    static Replica shortPages(Replica real) {
        return new ForwardingReplica(real) {
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

    static Replica lateStart(Replica real) {
        return new ForwardingReplica(real) {
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

    static Replica forgetsCommits(Replica real) {
        return new ForwardingReplica(real) {
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

    static Replica oneHeadLess(Replica real) {
        return new ForwardingReplica(real) {
            @Override
            public Snapshot snapshot() {
                return changed(
                        super.snapshot(),
                        "heads",
                        (List<?> heads) -> heads.size() < 2 ? heads : heads.subList(1, heads.size()));
            }
        };
    }

    static Replica oneEventLess(Replica real) {
        return new ForwardingReplica(real) {
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

    static Replica dropsTheLast(Replica real) {
        return new ForwardingReplica(real) {
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

    /** As if each unknown head of a peer's were one of ours: what it says of itself is not checked. */
    static Replica believedFrontiers(Replica real) {
        return new ForwardingReplica(real) {
            @Override
            public Snapshot snapshot() {
                Snapshot snapshot = super.snapshot();
                return (Snapshot) Proxy.newProxyInstance(
                        Snapshot.class.getClassLoader(),
                        new Class<?>[] {Snapshot.class},
                        (proxy, called, arguments) -> {
                            if (called.getName().equals("eventsSince")
                                    && ((Collection<?>) arguments[0])
                                            .stream().anyMatch(cid -> snapshot.event((Cid) cid) == null)) {
                                return Collections.emptyIterator();
                            }
                            try {
                                return called.invoke(snapshot, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
            }
        };
    }
}
