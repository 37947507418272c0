// The options that a container gives to flanneld: on the command line as Go's flag package reads
// it, else in the environment.
#pragma once

#include "api/daemon_set.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flannel {

class Options {
 public:
  explicit Options(const api::ContainerSpec& container);

  // Whether flanneld is among the words of the command.
  bool runs_flanneld() const;
  // Whether there is no command, only options for the image's own program.
  bool runs_entrypoint() const;

  // Value of an option such as "kube-annotation-prefix".
  std::optional<std::string> text(std::string_view name) const;
  // Value of an option without argument; one that cannot be read is nullopt.
  std::optional<bool> boolean(std::string_view name) const;

 private:
  std::optional<std::string> from_environment(std::string_view name) const;

  std::vector<std::string> words_;  // shell commands are taken apart at blanks
  api::StringMap env_;
};

}  // namespace flannel
