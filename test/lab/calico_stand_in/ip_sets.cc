#include "calico_stand_in/ip_sets.h"

#include "calico_stand_in/program.h"

#include <fmt/format.h>

#include <sstream>

namespace stand_in {
namespace {

bool is_v4(net::Family family) { return family == net::Family::V4; }

std::string refill(net::Family family, const std::string& name,
                   const std::vector<net::Cidr>& members) {
  const auto create = fmt::format(" hash:net family {}\n", is_v4(family) ? "inet" : "inet6");
  const std::string next = is_v4(family) ? "cali4t0" : "cali6t0";
  auto text = "create " + name + create + "create " + next + create + "flush " + next + "\n";
  for (const auto& member : members) text += fmt::format("add {} {}\n", next, member.to_string());
  return text + fmt::format("swap {0} {1}\ndestroy {0}\n", next, name);
}

base::Result<void> restore(const std::string& text) {
  const auto done = run({"ipset", "restore", "-exist"}, text);
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace

std::string set_prefix(net::Family family) { return is_v4(family) ? "cali40s:" : "cali60s:"; }

base::Result<void> ensure_sets(net::Family family, const IpSets& sets) {
  std::string text;
  for (const auto& [name, members] : sets) text += refill(family, name, members);
  return text.empty() ? base::Result<void>() : restore(text);
}

base::Result<void> remove_other_sets(net::Family family, const IpSets& sets) {
  const auto names = run({"ipset", "list", "-name"});
  if (!names) return tl::unexpected(names.error());
  std::string text;
  std::istringstream lines(*names);
  for (std::string name; std::getline(lines, name);)
    if (name.starts_with(set_prefix(family)) && sets.count(name) == 0)
      text += "destroy " + name + "\n";
  return text.empty() ? base::Result<void>() : restore(text);
}

}  // namespace stand_in
