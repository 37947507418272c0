#include "hostnet/cni_files.h"

#include "hostnet/cni_conf.h"

#include <algorithm>
#include <string>

namespace hostnet {
void block_pod_starts(HostPlanBuilder& builder) {
  const auto* conf = builder.state.find_conf(kCalicoConf);
  if (conf == nullptr || conf->kind != CniKind::Dummy)
    builder.add(WriteConf{builder.in_cni(kCalicoConf), dummy_conf()});
}

void move_calico_conf_away(HostPlanBuilder& builder) {
  const auto* conf = builder.state.find_conf(kCalicoConf);
  if (conf == nullptr) return;
  const auto path = builder.in_cni(kCalicoConf);
  if (conf->kind == CniKind::Dummy) return builder.add(RemovePath{path});
  builder.add(MovePath{path, saved(path)});
}

void write_placeholder_conf(HostPlanBuilder& builder) {
  const auto& confs = builder.state.cni;
  const bool not_needed = std::any_of(confs.begin(), confs.end(), [](const auto& conf) {
    return conf.kind == CniKind::Flannel || conf.kind == CniKind::Canal || conf.file == kHoldConf;
  });
  if (!not_needed) builder.add(WriteConf{builder.in_cni(kHoldConf), dummy_conf()});
}

}  // namespace hostnet
