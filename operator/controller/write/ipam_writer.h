// Calico's IPAM objects on the server: created whole, edited by read, change, compare-and-swap
// (pkg/calico/README.md, Blocks). Every function may be repeated. Blocks; thread safe when reader
// and writer are.
#pragma once

#include "base/clock.h"
#include "controller/snapshot/snapshot_change.h"
#include "json/value.h"
#include "kube/reader.h"
#include "kube/writer.h"
#include "migration/model/action.h"

namespace controller {

class IpamWriter {
 public:
  IpamWriter(const kube::Reader& reader, const kube::Writer& writer, const base::Clock& clock)
      : reader_(reader), writer_(writer), clock_(clock) {}

  base::Result<Change> run(const migration::CreateBlock& action) const;
  base::Result<Change> run(const migration::CreateAffinity& action) const;
  base::Result<Change> run(const migration::CreateHandle& action) const;
  base::Result<Change> run(const migration::AllocateVtep& action) const;
  base::Result<Change> run(const migration::ReserveAddresses& action) const;
  base::Result<Change> run(const migration::ReleaseReservation& action) const;
  base::Result<Change> run(const migration::DeleteBlock& action) const;
  base::Result<Change> run(const migration::DeleteAffinity& action) const;
  base::Result<Change> run(const migration::DeleteHandle& action) const;

 private:
  using Edit = std::function<base::Result<bool>(json::Document& block)>;

  // Reads the block, applies `edit`, and writes it back unless the edit changed nothing.
  base::Result<Change> edit_block(const net::Cidr& cidr, const Edit& edit) const;
  // Creates an object; an existing one that is marked as deleted is deleted for good first, as
  // Calico's readers do.
  base::Result<json::Document> create(const kube::Resource& resource, const std::string& name,
                                      const std::string& body) const;

  const kube::Reader& reader_;
  const kube::Writer& writer_;
  const base::Clock& clock_;
};

}  // namespace controller
