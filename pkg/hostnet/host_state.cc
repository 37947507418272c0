#include "hostnet/host_state.h"

#include <algorithm>

namespace hostnet {
namespace {

template <typename T, typename Matches>
const T* find(const std::vector<T>& list, Matches matches) {
  const auto found = std::find_if(list.begin(), list.end(), matches);
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

const netlink::Link* HostState::find_link(std::string_view name) const {
  return find(links, [name](const auto& link) { return link.name == name; });
}

const netlink::Link* HostState::find_link(std::uint32_t index) const {
  return find(links, [index](const auto& link) { return link.index == index; });
}

const CniConf* HostState::find_conf(std::string_view file) const {
  return find(cni, [file](const auto& conf) { return conf.file == file; });
}

const CniConf* HostState::flannel_conf() const {
  const auto* canal = find(cni, [](const auto& conf) { return conf.kind == CniKind::Canal; });
  if (canal != nullptr) return canal;
  return find(cni, [](const auto& conf) { return conf.kind == CniKind::Flannel; });
}

const CniConf* HostState::conf_in_force() const {
  return find(cni, [](const auto& conf) {
    return is_conf_name(conf.file) && conf.kind != CniKind::Unreadable;
  });
}

const CniConf* HostState::network_conf() const {
  return find(cni, [](const auto& conf) {
    return is_conf_name(conf.file) && conf.kind != CniKind::Unreadable &&
           conf.kind != CniKind::Other;
  });
}

bool HostState::has_address(std::uint32_t link, const net::IpAddress& address) const {
  return find(addresses, [&](const auto& one) {
           return one.link == link && one.address == address;
         }) != nullptr;
}

}  // namespace hostnet
