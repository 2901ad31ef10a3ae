package dev.livesync.it.grants;

import static dev.livesync.it.grants.Granting.failure;
import static dev.livesync.it.grants.Granting.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A list of libp2p's peer ids lets in without a secret, and nobody who isn't on it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class Libp2pPeerGrantTest {
    private static final String ANYWHERE = "libp2p:/ip4/127.0.0.1/tcp/0";

    @TempDir
    private Path directory;

    private Sync sync(Database database, String identity) {
        return Sync.builder(database)
                .transport(new Libp2pTransportProvider(Libp2pConfiguration.builder()
                        .identityFile(directory.resolve(identity))
                        .build()))
                .build();
    }

    private static String peerId(Endpoint endpoint) {
        String address = endpoint.publicAddress();
        return address.substring(address.lastIndexOf('/') + 1);
    }

    @Test
    void whoIsOnTheListNeedsNoSecret() throws Exception {
        Grants grants = Grants.inMemory();
        try (Database hub = Database.inMemory();
                Database mine = Database.inMemory();
                Sync atHub = sync(hub, "hub");
                Sync laptop = sync(mine, "laptop");
                Sync stranger = sync(mine, "stranger")) {
            hub.put("a", "{}");
            String id = peerId(get(laptop.listen(ANYWHERE)));
            grants.add(Grant.ofPeers("laptops", Rights.READ_WRITE, Set.of(new PeerIdentity("libp2p", id))));
            Endpoint endpoint = get(atHub.listen(ANYWHERE, grants));
            assertThat(endpoint.address()).doesNotContain("#");

            Session session = get(laptop.dial(endpoint.address()));
            get(session.awaitEqual());
            assertThat(mine.get("a")).isPresent();
            assertThat(session.peer().authentication()).isEqualTo(PeerInfo.Authentication.BOUND);
            assertThat(atHub.sessions().get(0).peer().grant()).contains("laptops");

            assertThat(failure(stranger.dial(endpoint.address())).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            String anybodys = endpoint.address().substring(0, endpoint.address().indexOf("/p2p/"));
            assertThat(failure(laptop.dial(anybodys)).kind())
                    .as("an address that names nobody")
                    .isEqualTo(ErrorKind.CONFIGURATION);
        }
    }
}
