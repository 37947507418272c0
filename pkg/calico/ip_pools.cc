#include "calico/ip_pools.h"

#include "json/writer.h"

#include <algorithm>

namespace calico {
namespace {

constexpr std::string_view kAllNodes = "all()";

std::string text_of(bool value) { return value ? "true" : "false"; }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

// Collects what differs.
class Comparison {
 public:
  void field(std::string name, const std::string& observed, const std::string& wanted,
             bool immutable = false) {
    if (observed != wanted) found_.push_back({std::move(name), observed, wanted, immutable});
  }

  std::vector<FieldDifference> take() && { return std::move(found_); }

 private:
  std::vector<FieldDifference> found_;
};

// A blank is Calico's default.
std::string or_default(const std::string& observed, std::string_view otherwise) {
  return observed.empty() ? std::string(otherwise) : observed;
}

bool allows(const std::vector<std::string>& uses, std::string_view use) {
  return uses.empty() || std::find(uses.begin(), uses.end(), use) != uses.end();
}

void compare_cidr(const api::IpPool& existing, const PoolWanted& wanted, Comparison& differences) {
  const auto observed = existing.cidr ? existing.cidr->to_string() : existing.cidr_text;
  differences.field("spec.cidr", observed, wanted.cidr.to_string(), true);
  differences.field("spec.blockSize", std::to_string(effective_block_size(existing)),
                    std::to_string(wanted.block_size), true);
}

void compare_use(const api::IpPool& existing, Comparison& differences) {
  differences.field("spec.disabled", text_of(existing.disabled), text_of(false));
  differences.field("spec.nodeSelector", or_default(existing.node_selector, kAllNodes),
                    std::string(kAllNodes));
  if (!allows(existing.allowed_uses, "Workload") || !allows(existing.allowed_uses, "Tunnel")) {
    differences.field("spec.allowedUses", joined(existing.allowed_uses), "Workload,Tunnel");
  }
  differences.field("spec.assignmentMode", or_default(existing.assignment_mode, "Automatic"),
                    "Automatic");
  differences.field("spec.namespaceSelector", or_default(existing.namespace_selector, kAllNodes),
                    std::string(kAllNodes));
}

}  // namespace

std::string render_pool(const PoolWanted& pool) {
  json::Writer out;
  out.object().field("apiVersion", "crd.projectcalico.org/v1").field("kind", "IPPool");
  out.key("metadata").object().field("name", pool.name).end();
  out.key("spec").object().field("cidr", pool.cidr.to_string());
  out.field("vxlanMode", "Always").field("ipipMode", "Never");
  if (pool.nat_outgoing) out.key("natOutgoing").boolean(true);
  out.key("blockSize").integer(pool.block_size).field("nodeSelector", kAllNodes);
  out.key("allowedUses").array().string("Workload").string("Tunnel").end();
  out.field("assignmentMode", "Automatic");
  return out.end().end().text();
}

std::vector<FieldDifference> compare_pool(const api::IpPool& existing, const PoolWanted& wanted) {
  Comparison differences;
  compare_cidr(existing, wanted, differences);
  differences.field("spec.vxlanMode", existing.vxlan_mode, "Always");
  differences.field("spec.ipipMode", existing.ipip_mode, "Never");
  differences.field("spec.natOutgoing", text_of(existing.nat_outgoing),
                    text_of(wanted.nat_outgoing));
  compare_use(existing, differences);
  return std::move(differences).take();
}

int effective_block_size(const api::IpPool& pool) {
  if (pool.block_size != 0) return pool.block_size;
  const bool v6 = pool.cidr && pool.cidr->family() == net::Family::V6;
  return v6 ? 122 : 26;
}

}  // namespace calico
