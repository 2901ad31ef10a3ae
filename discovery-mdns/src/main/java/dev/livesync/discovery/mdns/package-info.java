/**
 * Peers on one network find each other by multicast DNS. Start at {@link dev.livesync.discovery.mdns.MdnsDiscovery}.
 *
 * <p>What is announced is a TXT record that members of the group recognize by its tag, and nobody else: {@code LanRecord}. What comes from
 * the network is read by jmDNS ({@code JmdnsLan}), checked ({@code LanRecord}), and remembered within bounds ({@code LanPeers}).
 */
@NullMarked
package dev.livesync.discovery.mdns;

import org.jspecify.annotations.NullMarked;
