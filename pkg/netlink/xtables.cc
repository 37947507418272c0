#include "netlink/xtables.h"

#include "netlink/socket.h"
#include "netlink/xt_table.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace netlink {
namespace {

// The tables that exist in this network namespace. Absent without the kernel's module: none.
std::vector<std::string> existing_tables(net::Family family) {
  std::ifstream file(family == net::Family::V4 ? "/proc/self/net/ip_tables_names"
                                               : "/proc/self/net/ip6_tables_names");
  std::vector<std::string> names;
  for (std::string name; std::getline(file, name);) names.push_back(name);
  return names;
}

class FileLock {
 public:
  explicit FileLock(const std::string& path)
      : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (fd_ >= 0) close(fd_);
  }

  base::Result<void> take() const {
    if (fd_ < 0) return system_error("opening the xtables lock", errno);
    if (flock(fd_, LOCK_EX | LOCK_NB) == 0) return {};
    if (errno == EWOULDBLOCK)
      return base::fail(base::ErrorKind::Conflict, "somebody else has the xtables lock");
    return system_error("taking the xtables lock", errno);
  }

 private:
  int fd_;
};

}  // namespace

base::Result<std::vector<FilterTable>> Xtables::tables() const {
  std::vector<FilterTable> all;
  for (const auto family : {net::Family::V4, net::Family::V6}) {
    for (const auto& name : existing_tables(family)) {
      auto table = read_xt_table(family, name);
      if (!table) return tl::unexpected(table.error());
      all.push_back(std::move(*table));
    }
  }
  return all;
}

base::Result<void> Xtables::cut(const FilterCut& cut) const {
  return locked([&] { return cut_xt_table(cut); });
}

base::Result<void> Xtables::rename(const FilterRename& rename) const {
  return locked([&] { return rename_xt_chains(rename); });
}

base::Result<void> Xtables::locked(const std::function<base::Result<void>()>& change) const {
  const FileLock lock(lock_file_);
  if (auto taken = lock.take(); !taken) return taken;
  return change();
}

}  // namespace netlink
