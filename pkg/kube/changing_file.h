// A small file that is replaced from time to time, as the kubelet does with what it mounts.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace kube {

// Not thread safe.
class ChangingFile {
 public:
  // An empty path stands for no file.
  explicit ChangingFile(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // What is in it, when it is another file or was written to since the last call; nullopt else, and
  // when it cannot be read, which is tried again with the next call.
  std::optional<std::string> read_if_changed();
  // What was read last is of no use: it counts as changed.
  void read_again() { seen_ = {}; }

 private:
  std::string path_;
  struct ::stat seen_ {};
};

}  // namespace kube
