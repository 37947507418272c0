# The edits that a dual-stack user makes to calico-node.yaml.
s/"ipam": {"type": "calico-ipam"}/"ipam": {"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true"}/
s/{name: FELIX_IPV6SUPPORT, value: "false"}/{name: FELIX_IPV6SUPPORT, value: "true"}/
s/^\( *\)- {name: IP, value: autodetect}/&\n\1- {name: IP6, value: autodetect}/
