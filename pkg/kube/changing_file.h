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
  // Returns the content when the file was replaced or written to since the last call; nullopt
  // otherwise, and when it cannot be read, which the next call tries again.
  std::optional<std::string> read_if_changed();
  // Makes the next read_if_changed() return the content: the last one turned out to be unusable.
  void read_again() { seen_ = {}; }

 private:
  std::string path_;
  struct ::stat seen_ {};
};

}  // namespace kube
