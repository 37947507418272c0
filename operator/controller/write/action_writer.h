// Carries out an action of a plan on the API server and returns the change of the snapshot. Blocks;
// thread safe when reader and writer are.
#pragma once

#include "api/migration_spec.h"
#include "controller/write/event_recorder.h"
#include "controller/write/ipam_writer.h"
#include "migration/model/action.h"

#include <string>

namespace controller {

struct ActionWriterOptions {
  std::string ns;           // the operator's
  std::string agent_image;  // where the migration names none
};

class ActionWriter {
 public:
  ActionWriter(const kube::Reader& reader, const kube::Writer& writer, const base::Clock& clock,
               ActionWriterOptions options)
      : writer_(writer),
        ipam_(reader, writer, clock),
        events_(writer, clock),
        options_(std::move(options)) {}

  // `agent` comes from the active migration's spec.
  base::Result<Change> run(const migration::Action& action, const api::AgentSpec& agent) const;

 private:
  base::Result<Change> write(const migration::PatchNode& action) const;
  base::Result<Change> write(const migration::SetNetworkAvailable& action) const;
  base::Result<Change> write(const migration::CreatePool& action) const;
  base::Result<Change> write(const migration::DeletePool& action) const;
  base::Result<Change> write(const migration::RestorePool& action) const;
  base::Result<Change> write(const migration::WriteFelix& action) const;
  base::Result<Change> write(const migration::DeleteFelix& action) const;
  base::Result<Change> write(const migration::WriteIpamConfig& action) const;
  base::Result<Change> write(const migration::DeleteIpamConfig& action) const;
  base::Result<Change> write(const migration::WriteVethMtu& action) const;
  base::Result<Change> write(const migration::PatchDaemonSet& action) const;
  base::Result<Change> write(const migration::CreateDaemonSet& action) const;
  base::Result<Change> write(const migration::DeleteDaemonSet& action) const;
  base::Result<Change> write(const migration::RunAgent& action, const api::AgentSpec& agent) const;
  base::Result<Change> write(const migration::DeleteAgents& action) const;
  base::Result<Change> write(const migration::RemovePod& action) const;
  base::Result<Change> write(const migration::SaveConfigMap& action) const;
  base::Result<Change> write(const migration::DeleteConfigMap& action) const;
  base::Result<Change> write(const migration::SetFinalizer& action) const;
  base::Result<Change> write(const migration::DropApproval& action) const;
  base::Result<json::Document> patch_migration(const std::string& name,
                                               const std::string& body) const;
  void tell(const migration::PatchNode& action) const;

  const kube::Writer& writer_;
  IpamWriter ipam_;
  EventRecorder events_;
  ActionWriterOptions options_;
};

}  // namespace controller
