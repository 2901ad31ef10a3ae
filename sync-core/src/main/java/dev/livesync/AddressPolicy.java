package dev.livesync;

import dev.livesync.core.transports.StandardAddressPolicy;

/**
 * Which addresses {@code accept} may dial. An offer was written by somebody else: dialling whatever it names would let its
 * author use this machine to reach what only this machine can.
 *
 * <p>Asked on the executor, so it may resolve names. Addresses that a user dials by hand are not asked about.
 */
@FunctionalInterface
public interface AddressPolicy {
    /**
     * Decides whether an address may be dialled.
     *
     * @param address an address with its scheme, as it stands in the offer
     * @return true if it may be dialled
     */
    boolean permits(String address);

    /**
     * Permits everything but what no peer of ours listens at: wildcard, multicast and link-local targets, by number or by
     * any of the addresses that a name resolves to.
     *
     * @return the default
     */
    static AddressPolicy standard() {
        return StandardAddressPolicy.INSTANCE;
    }

    /**
     * Permits everything.
     *
     * @return a policy without rules
     */
    static AddressPolicy any() {
        return address -> true;
    }
}
