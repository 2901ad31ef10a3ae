package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes TLS contexts. */
final class Tls {
    private Tls() {}

    static SSLContext fromKeyStore(Path file, char[] password) {
        try {
            KeyStore store = KeyStore.getInstance(file.toFile(), password);
            boolean hasKey = false;
            for (String alias : Collections.list(store.aliases())) {
                hasKey |= store.isKeyEntry(alias);
            }
            if (!hasKey) {
                throw new SyncException(ErrorKind.CONFIGURATION, file + " holds certificates, but no key");
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "the key store " + file + " can't be used: " + Failures.text(e), e);
        }
    }

    /** Trusts exactly the certificates with these hashes. That the peer has the key is proved by the handshake itself. */
    static SSLContext pinned(Set<String> hashes) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Pins(hashes)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.CONFIGURATION, "this Java has no usable TLS: " + Failures.text(e), e);
        }
    }

    /** Extended, so that Java adds no checks of its own. */
    private static final class Pins extends X509ExtendedTrustManager {
        private final Set<String> hashes;

        Pins(Set<String> hashes) {
            this.hashes = hashes;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            String hash = chain.length == 0 ? "" : Certificates.hex(Digests.sha256(chain[0].getEncoded()));
            if (!hashes.contains(hash)) {
                throw new CertificateException("its SHA-256 is " + hash + ", which is not pinned");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("clients show no certificates here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
