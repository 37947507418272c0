"""Command-line options that `make-flannel` and `add-node` share: what the pod network looks like."""
import argparse


def network_parser(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("directory", metavar="DIR", help="folder of the running cluster")
    parser.add_argument("--network", default="", help="pod network; wide enough for the nodes when left out")
    parser.add_argument("--subnet-length", type=int, default=24)
    parser.add_argument("--dual-stack", action="store_true")
    parser.add_argument("--ipv6-network", default="fd00:10:244::/48")
    parser.add_argument("--ipv6-subnet-length", type=int, default=64)
    return parser


def flannel_parser(description):
    parser = network_parser(description)
    parser.add_argument("--nodes", type=int, required=True, help="how many, control-plane nodes included")
    parser.add_argument("--control-plane", type=int, default=0, help="how many of them are control-plane nodes")
    parser.add_argument("--zones", type=int, default=0, help="spread the nodes over so many zones")
    parser.add_argument("--pods-per-node", type=int, default=0)
    parser.add_argument("--canal", action="store_true", help="Canal in kube-system in place of flannel")
    parser.add_argument("--canal-flannel-image", default="docker.io/flannel/flannel:v0.24.4", help="Canal's flanneld")
    parser.add_argument("--veth-mtu", default="0", help="of Canal's pods; 0: Calico measures it")
    parser.add_argument("--namespace", default="", help="of flannel (kube-flannel, or kube-system for Canal)")
    parser.add_argument("--backend", default="vxlan", help="flannel's backend type")
    parser.add_argument("--vni", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="VXLAN port; 0: not set, flannel takes 8472")
    parser.add_argument("--mtu", type=int, default=1450, help="that the agents report")
    parser.add_argument("--direct-routing", action="store_true")
    parser.add_argument("--no-ip-masq", action="store_true")
    parser.add_argument("--annotation-prefix", default="flannel.alpha.coreos.com")
    parser.add_argument("--no-annotations", action="append", default=[], metavar="NODE",
                        help="a node that flannel has not annotated; may be repeated")
    return parser
