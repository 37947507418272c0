// Whole objects in the fake API server: Calico's configuration, DaemonSets, ConfigMaps, the
// migration itself.
#pragma once

#include "base/error.h"
#include "scenario/world.h"

namespace scenario {

base::Result<void> serve_object(World& world, const migration::CreatePool& action);
base::Result<void> serve_object(World& world, const migration::DeletePool& action);
base::Result<void> serve_object(World& world, const migration::RestorePool& action);
base::Result<void> serve_object(World& world, const migration::WriteFelix& action);
base::Result<void> serve_object(World& world, const migration::DeleteFelix& action);
base::Result<void> serve_object(World& world, const migration::WriteIpamConfig& action);
base::Result<void> serve_object(World& world, const migration::DeleteIpamConfig& action);
base::Result<void> serve_object(World& world, const migration::WriteVethMtu& action);
base::Result<void> serve_object(World& world, const migration::PatchDaemonSet& action);
base::Result<void> serve_object(World& world, const migration::CreateDaemonSet& action);
base::Result<void> serve_object(World& world, const migration::DeleteDaemonSet& action);
base::Result<void> serve_object(World& world, const migration::SaveConfigMap& action);
base::Result<void> serve_object(World& world, const migration::DeleteConfigMap& action);
base::Result<void> serve_object(World& world, const migration::SetFinalizer& action);
base::Result<void> serve_object(World& world, const migration::DropApproval& action);

}  // namespace scenario
