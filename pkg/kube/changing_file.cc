#include "kube/changing_file.h"

#include "kube/files.h"

namespace kube {
namespace {

bool same_file(const struct ::stat& a, const struct ::stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

std::optional<std::string> ChangingFile::read_if_changed() {
  struct ::stat now {};
  if (path_.empty() || ::stat(path_.c_str(), &now) != 0 || same_file(now, seen_)) return {};
  auto text = read_file(path_);
  if (!text) return {};
  seen_ = now;  // taken before the read: a write during the read is a change
  return std::move(*text);
}

}  // namespace kube
