#include "calico_stand_in/defaults.h"

#include "calico_stand_in/datastore.h"
#include "json/writer.h"
#include "kube/reader.h"
#include "kube/writer.h"

namespace stand_in {
namespace {

std::string or_else(const std::string& text, const std::string& otherwise) {
  return text.empty() ? otherwise : text;
}

json::Writer begin_object(const kube::Resource& resource, const std::string& name) {
  json::Writer w;
  w.object().field("apiVersion", resource.api_version()).field("kind", resource.kind);
  w.key("metadata").object().field("name", name).end().key("spec").object();
  return w;
}

// Another node may have been faster.
base::Result<void> create(kube::Transport& transport, const kube::Resource& resource,
                          json::Writer& object) {
  const auto made = kube::Writer(transport).create(resource, "", object.end().end().text());
  if (!made && made.error().kind != base::ErrorKind::AlreadyExists)
    return tl::unexpected(made.error());
  return {};
}

base::Result<void> make_settings(kube::Transport& transport) {
  auto settings = begin_object(kFelix, "default");
  settings.field("floatingIPs", "Disabled").field("logSeverityScreen", "Info");
  settings.field("reportingInterval", "0s");
  return create(transport, kFelix, settings);
}

// The modes are environment variables; Calico's own network, as this cluster was not made by
// kubeadm, whose configuration would name another.
base::Result<void> make_pool(kube::Transport& transport) {
  auto pool = begin_object(kPools, "default-ipv4-ippool");
  pool.field("cidr", or_else(environment("CALICO_IPV4POOL_CIDR"), "192.168.0.0/16"));
  pool.field("ipipMode", or_else(environment("CALICO_IPV4POOL_IPIP"), "Never"));
  pool.field("vxlanMode", or_else(environment("CALICO_IPV4POOL_VXLAN"), "Never"));
  pool.field("nodeSelector", "all()").key("blockSize").integer(26);
  pool.key("natOutgoing").boolean(true);
  pool.key("allowedUses").array().string("Workload").string("Tunnel").end();
  return create(transport, kPools, pool);
}

}  // namespace

base::Result<void> make_defaults(kube::Transport& transport) {
  if (auto made = make_settings(transport); !made) return made;
  bool any = false;
  auto listed = kube::Reader(transport).list(kPools, {}, [&](json::View) { any = true; });
  if (!listed) return tl::unexpected(listed.error());
  return any ? base::Result<void>() : make_pool(transport);
}

}  // namespace stand_in
