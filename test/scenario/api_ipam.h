// Calico's IPAM objects in the fake API server.
#pragma once

#include "base/error.h"
#include "scenario/world.h"

namespace scenario {

base::Result<void> create_block(World& world, const migration::CreateBlock& action);
base::Result<void> create_affinity(World& world, const migration::CreateAffinity& action);
base::Result<void> create_handle(World& world, const migration::CreateHandle& action);
base::Result<void> allocate_vtep(World& world, const migration::AllocateVtep& action);
base::Result<void> reserve_addresses(World& world, const migration::ReserveAddresses& action);
base::Result<void> release_reserved(World& world, const migration::ReleaseReservation& action);
base::Result<void> delete_block(World& world, const migration::DeleteBlock& action);

}  // namespace scenario
