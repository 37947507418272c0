// Carries out planned actions, one after the other, and stops at the first that fails.
#pragma once

#include "agent/host_files.h"
#include "agent/host_reader.h"
#include "agent/options.h"
#include "hostnet/action.h"

#include <vector>

namespace agent {

class HostExecutor {
 public:
  HostExecutor(const Options& options, const HostFiles& files, KernelInterfaces& interfaces)
      : options_(options), files_(files), interfaces_(interfaces) {}

  // A failure names the action. Earlier actions stay done.
  base::Result<void> run(const std::vector<hostnet::HostAction>& actions);

 private:
  base::Result<void> perform(const hostnet::HostAction& action);
  base::Result<void> add_bridge(const hostnet::AddBridge& action);
  base::Result<void> rename(const hostnet::RenameLink& action);
  base::Result<void> keep_mac(const hostnet::RenameLink& action);
  base::Result<void> keep_bridge_mac(std::uint32_t index);
  base::Result<void> rename_down(const hostnet::RenameLink& action);
  base::Result<void> restore(const hostnet::DeviceState& device_state);
  // Called after each change: here tests end the process.
  base::Result<void> step(base::Result<void> result);

  const Options& options_;
  const HostFiles& files_;
  KernelInterfaces& interfaces_;
  int changes_ = 0;
};

}  // namespace agent
