#include "api/names.h"
#include "calico/ip_pools.h"
#include "calico/names.h"
#include "fakes/build/objects.h"

#include <fmt/format.h>

namespace build {

api::IpPool a_pool_of(std::string_view json) {
  return api::parse_ip_pool(json::Document::parse(json).value().root());
}

api::IpPool a_pool(std::string_view name, std::string_view network, int block_size) {
  return a_pool_of(calico::render_pool({std::string(name), cidr(network), block_size, true}));
}

api::IpamBlock a_block(std::string_view node, std::string_view text) {
  api::IpamBlock block;
  block.cidr = cidr(text);
  block.meta.name = calico::cidr_name(block.cidr);
  if (!node.empty()) block.affinity = calico::host_affinity(node);
  return block;
}

api::BlockAffinity an_affinity(std::string_view node, std::string_view text) {
  api::BlockAffinity affinity;
  affinity.cidr = cidr(text);
  affinity.node = node;
  affinity.state = "confirmed";
  affinity.type = "host";
  affinity.meta.name = calico::affinity_name(node, affinity.cidr);
  return affinity;
}

api::FelixConfiguration a_felix(std::string_view spec_json) {
  const auto text =
      fmt::format(R"({{"apiVersion":"crd.projectcalico.org/v1","kind":"FelixConfiguration",)"
                  R"("metadata":{{"name":"default","resourceVersion":"1"}},"spec":{}}})",
                  spec_json);
  return api::parse_felix_configuration(json::Document::parse(text).value().root());
}

api::IpamConfig an_ipam_config(bool strict, bool auto_allocate) {
  const auto text = fmt::format(R"({{"apiVersion":"crd.projectcalico.org/v1","kind":"IPAMConfig",)"
                                R"("metadata":{{"name":"default","resourceVersion":"1"}},)"
                                R"("spec":{{"strictAffinity":{},"autoAllocateBlocks":{}}}}})",
                                strict, auto_allocate);
  return api::parse_ipam_config(json::Document::parse(text).value().root());
}

}  // namespace build
