"""Edge: Linux. nftables, conntrack, neighbours, router advertisements, dnsmasq's files."""
