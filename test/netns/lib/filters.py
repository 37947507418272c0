"""Packet filter rules of flannel, of Calico, and of others, in every back end of the kernel."""
BACKENDS = ("iptables-nft", "iptables-legacy", "ip6tables-nft", "ip6tables-legacy")


def lay_others(ns):
    """What kube-proxy and an admin may have there; the agent has to leave all of it."""
    for tool in BACKENDS:
        ns.run(tool, "-N", "KUBE-FORWARD")
        ns.run(tool, "-N", "calico-like")
        ns.run(tool, "-A", "FORWARD", "-m", "comment", "--comment", "kubernetes forwarding rules", "-j", "KUBE-FORWARD")
        ns.run(tool, "-A", "KUBE-FORWARD", "-m", "mark", "--mark", "0x4000/0x4000", "-j", "ACCEPT")
        ns.run(tool, "-t", "nat", "-A", "POSTROUTING", "-m", "comment", "--comment", "not flanneld masq", "-j", "MASQUERADE")
    ns.run("nft", "-f", "-", text="table ip mine {\n chain calico-like {\n counter\n }\n chain FLANNEL-FWD-mine {\n counter\n }\n}\n")


def lay_flannel(ns):
    """flannel v0.20 and later, one old rule without a chain, and its nftables mode."""
    for tool in BACKENDS:
        for table, chain, hook, comment in (("nat", "FLANNEL-POSTRTG", "POSTROUTING", "flanneld masq"),
                                            ("filter", "FLANNEL-FWD", "FORWARD", "flanneld forward")):
            ns.run(tool, "-t", table, "-N", chain)
            ns.run(tool, "-t", table, "-A", hook, "-m", "comment", "--comment", comment, "-j", chain)
            ns.run(tool, "-t", table, "-A", chain, "-m", "comment", "--comment", comment, "-j", "RETURN")
            ns.run(tool, "-t", table, "-A", hook, "-m", "comment", "--comment", comment, "-j", "ACCEPT")
    for family, number in (("ip", 4), ("ip6", 6)):
        ns.run("nft", "-f", "-", text=f"""table {family} flannel-ipv{number} {{
            chain forward {{
                type filter hook forward priority 0;
                counter accept comment "flanneld forward"
            }}
            chain postrtg {{
                type nat hook postrouting priority 100;
                counter return comment "flanneld masq"
            }}
        }}""")


def lay_calico(ns, deny="Drop"):
    """`deny`: iptablesFilterDenyAction. Felix's shape: hooks that carry a hash, chains that jump to each other, a rule in the kernel's own chain, ipsets in use."""
    for tool in BACKENDS:
        name = "cali60all-vxlan-net" if tool.startswith("ip6") else "cali40all-vxlan-net"
        family = "inet6" if tool.startswith("ip6") else "inet"
        ns.run("ipset", "-exist", "create", name, "hash:net", "family", family)
        for table in ("filter", "nat", "mangle", "raw"):
            ns.run(tool, "-t", table, "-N", "cali-PREROUTING")
            ns.run(tool, "-t", table, "-N", "cali-pri-kns.default")
            ns.run(tool, "-t", table, "-A", "cali-PREROUTING", "-m", "comment", "--comment", "cali:abc", "-j", "cali-pri-kns.default")
        ns.run(tool, "-N", "cali-INPUT")
        ns.run(tool, "-A", "INPUT", "-m", "comment", "--comment", "cali:Cz_u1IQiXIMmKD4c", "-j", "cali-INPUT")
        # Only for IPv6 the words follow the action.
        ip, word = ("IPv6", deny) if tool.startswith("ip6") else ("IPv4", "Drop")
        for comment, match, target in (("Allow {} VXLAN packets from allowed hosts", ("-m", "set", "--match-set", name, "src"), "ACCEPT"),
                                       (word + " {} VXLAN packets from non-allowed hosts", (), deny.upper())):
            ns.run(tool, "-A", "cali-INPUT", "-p", "udp", "--dport", "8472", "-m", "comment", "--comment", "cali:def", "-m", "comment",
                   "--comment", comment.format(ip), *match, "-j", target)
        ns.run(tool, "-A", "FORWARD", "-m", "comment", "--comment", "cali:S93hcgKJrXEqnTfs", "-m", "comment", "--comment",
               "Policy explicitly accepted packet.", "-m", "mark", "--mark", "0x10000/0x10000", "-j", "ACCEPT")
    for family in ("ip", "ip6"):
        ns.run("nft", "-f", "-", text=f"""table {family} calico {{
            chain cali-x {{
                type filter hook input priority 0;
                counter
            }}
        }}""")


def rules(ns):
    """Every rule and every chain of its own in all back ends, without counters. What the kernel makes by itself, and stays, is left out."""
    lines = []
    for tool in BACKENDS:
        table = ""
        for line in ns.run(f"{tool}-save").splitlines():
            table = line if line.startswith("*") else table
            if line.startswith("-A") or (line.startswith(":") and " - " in line):
                lines.append(f"{tool} {table}: {line.split(' [')[0]}")
    own = ("filter", "nat", "mangle", "raw")
    lines += [f"nft: {line}" for line in ns.run("nft", "list", "tables").splitlines() if line.split()[-1] not in own]
    lines += [f"set: {line}" for line in ns.run("ipset", "list", "-n").splitlines()]
    return sorted(lines)
