#include "calico_stand_in/host_local.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/program.h"
#include "kube/reader.h"

namespace stand_in {
namespace {

base::Result<std::string> run_host_local(json::Document conf, const std::string& subnet) {
  conf.set_string("/ipam/subnet", subnet);
  const auto folder = environment("CNI_PATH");
  return run({folder.substr(0, folder.find(':')) + "/host-local"}, conf.dump());
}

base::Result<std::string> pod_cidr_of(kube::Transport& transport, const std::string& node) {
  const auto object = kube::Reader(transport).get({kube::kNodes, "", node});
  if (!object) return tl::unexpected(object.error());
  const auto cidr = (*object)["spec"]["podCIDR"].string();
  if (cidr.empty()) return base::fail(base::ErrorKind::Invalid, "node " + node + " has no podCIDR");
  return cidr;
}

}  // namespace

bool uses_host_local(json::View conf) { return conf["ipam"]["type"].string() == "host-local"; }

base::Result<net::IpAddress> assign_from_host_local(kube::Transport& transport,
                                                    const json::Document& conf) {
  if (conf["ipam"]["subnet"].string() != "usePodCidr")
    return base::fail(base::ErrorKind::Invalid, "host-local without usePodCidr");
  const auto cidr = pod_cidr_of(transport, conf["nodename"].string());
  if (!cidr) return tl::unexpected(cidr.error());
  const auto output = run_host_local(conf, *cidr);
  if (!output) return tl::unexpected(output.error());
  const auto result = json::Document::parse(*output);
  if (!result) return tl::unexpected(result.error());
  const auto address = (*result)["ips"].at(0)["address"].string();
  return net::IpAddress::parse(address.substr(0, address.find('/')));
}

// host-local looks for the container's name only: any subnet will do, and no API is needed.
base::Result<void> release_to_host_local(const json::Document& conf) {
  const auto released = run_host_local(conf, "0.0.0.0/0");
  if (!released) return tl::unexpected(released.error());
  return {};
}

}  // namespace stand_in
