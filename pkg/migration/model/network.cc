#include "migration/model/network.h"

namespace migration {

std::string_view to_string(Network network) {
  switch (network) {
    case Network::Flannel:
      return "Flannel";
    case Network::Calico:
      return "Calico";
    case Network::None:
      return "None";
  }
  return "None";
}

std::string_view label_value(Network network) {
  switch (network) {
    case Network::Flannel:
      return "flannel";
    case Network::Calico:
      return "calico";
    case Network::None:
      return "none";
  }
  return "none";
}

std::optional<Network> parse_label_value(std::string_view value) {
  for (Network network : {Network::Flannel, Network::Calico, Network::None}) {
    if (label_value(network) == value) return network;
  }
  return std::nullopt;
}

Network other(Network network) {
  if (network == Network::Flannel) return Network::Calico;
  if (network == Network::Calico) return Network::Flannel;
  return Network::None;
}

Network network_of(api::Target target) {
  return target == api::Target::Calico ? Network::Calico : Network::Flannel;
}

}  // namespace migration
