// The options that a container gives to flanneld: on the command line as Go's flag package reads
// it, else in the environment.
#pragma once

#include "flannel/environment.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flannel {

class Options {
 public:
  explicit Options(const api::ContainerSpec& container, const FindConfigMap& find = no_config_map);

  // Whether flanneld is among the words of the command, as a program that is run.
  bool runs_flanneld() const;
  // True if there is no command, only options for the image's own program.
  bool runs_entrypoint() const;
  bool has(std::string_view name) const { return find(name).has_value(); }

  // Value of an option such as "kube-annotation-prefix".
  std::optional<std::string> text(std::string_view name) const;
  // Value of an option without argument; nullopt when it cannot be read.
  std::optional<bool> boolean(std::string_view name) const;
  // The place where the option's value is, or may be, if it could not be read: "FLANNELD_IP_MASQ is
  // in Secret x". Empty when the value is known, flannel's default included.
  std::string unread(std::string_view name) const;

 private:
  std::optional<std::size_t> find(std::string_view name) const;
  std::string unread_words() const;

  std::string image_;
  Environment env_;
  std::vector<std::string> words_;  // shell commands are taken apart at blanks
};

}  // namespace flannel
