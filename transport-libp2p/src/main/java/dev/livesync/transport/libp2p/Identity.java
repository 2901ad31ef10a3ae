package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Arrays;
import java.util.Set;

/** Our identity: an Ed25519 key pair. Its file is the protobuf of the private key, as other libp2p implementations keep it. */
final class Identity {
    /** Longer than any file of the kind. */
    private static final int MAX_FILE = 4_096;

    private final PrivateKey key;
    private final byte[] publicKey;
    private final PeerId peerId;

    private Identity(PrivateKey key, byte[] rawPublicKey) {
        this.key = key;
        this.publicKey = IdentityKey.encode(rawPublicKey);
        this.peerId = PeerId.ofKey(publicKey);
    }

    static Identity generate(SecureRandom random) {
        return of(Ed25519.generate(random));
    }

    private static Identity of(KeyPair pair) {
        return new Identity(pair.getPrivate(), Ed25519.raw(pair.getPublic()));
    }

    /** Reads the identity in a file; where there is no such file, makes one that only its owner can read. */
    static Identity readOrCreate(Path file, SecureRandom random) {
        try {
            return read(file, readFile(file));
        } catch (NoSuchFileException e) {
            return create(file, random);
        } catch (IOException e) {
            throw unusable(file, "it can't be read: " + Libp2pFailures.text(e), e);
        }
    }

    private static byte[] readFile(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_FILE + 1);
        }
    }

    private static Identity read(Path file, byte[] bytes) {
        try {
            if (bytes.length > MAX_FILE) {
                throw Libp2pFailures.malformed("it is too long");
            }
            Protobuf message = Protobuf.read("it", bytes);
            Long type = message.number(1);
            byte[] data = message.bytes(2);
            if (type == null || data == null || data.length < 2 * Ed25519.BYTES && type == IdentityKey.ED25519) {
                throw Libp2pFailures.malformed("it lacks the type or the bytes of a key");
            }
            if (type != IdentityKey.ED25519) {
                throw Libp2pFailures.malformed("its key is not of the type Ed25519");
            }
            byte[] raw = Arrays.copyOfRange(data, Ed25519.BYTES, 2 * Ed25519.BYTES);
            Identity identity = new Identity(Ed25519.privateKey(Arrays.copyOfRange(data, 0, Ed25519.BYTES)), raw);
            byte[] probe = raw.clone();
            if (!IdentityKey.read(identity.publicKey()).verifies(probe, identity.sign(probe))) {
                throw Libp2pFailures.malformed("its two halves do not belong together");
            }
            return identity;
        } catch (SyncException e) {
            throw unusable(file, Libp2pFailures.text(e), e);
        }
    }

    private static Identity create(Path file, SecureRandom random) {
        KeyPair pair = Ed25519.generate(random);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Protobuf.write(out, 1, IdentityKey.ED25519);
        Protobuf.write(out, 2, ByteArrays.concat(Ed25519.raw(pair.getPrivate()), Ed25519.raw(pair.getPublic())));
        Path absolute = file.toAbsolutePath();
        try {
            // Whole under another name first: nobody ever finds half of it.
            Path whole = Files.createTempFile(absolute.getParent(), ".identity", ".tmp", onlyOwner(absolute));
            try {
                try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                    ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                    channel.force(true);
                }
                publish(whole, absolute);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (FileAlreadyExistsException e) {
            return readOrCreate(file, random); // somebody else was faster
        } catch (IOException e) {
            throw unusable(file, "it can't be written: " + Libp2pFailures.text(e), e);
        }
        return of(pair);
    }

    /** Publishes a whole file by a hard link, which never replaces an existing file, where the file system has links. */
    private static void publish(Path whole, Path file) throws IOException {
        try {
            Files.createLink(file, whole);
        } catch (UnsupportedOperationException e) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static FileAttribute<?>[] onlyOwner(Path file) {
        Set<String> views = file.getFileSystem().supportedFileAttributeViews();
        return views.contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static SyncException unusable(Path file, String why, Exception cause) {
        return new SyncException(
                ErrorKind.CONFIGURATION, "no libp2p identity can be had from " + file + ": " + why, cause);
    }

    /** The public key as libp2p's protobuf. */
    byte[] publicKey() {
        return publicKey.clone();
    }

    PeerId peerId() {
        return peerId;
    }

    byte[] sign(byte[] message) {
        try {
            Signature signer = Signature.getInstance(Ed25519.ALGORITHM);
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw Ed25519.missing(e);
        }
    }
}
