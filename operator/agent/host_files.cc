#include "agent/host_files.h"

#include "agent/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace agent {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

base::Failure failure(std::string_view what, std::string_view path) {
  const int error = errno;
  if (error == ENOENT)
    return base::fail(base::ErrorKind::NotFound, fmt::format("{} is not there", path));
  if (error == ELOOP || error == ENOTDIR)
    return base::fail(base::ErrorKind::Invalid,
                      fmt::format("{}: a symbolic link or no folder on the way", path));
  return base::fail(base::ErrorKind::Internal,
                    fmt::format("{} {}: {}", what, path, std::strerror(error)));
}

// The open folder of the last part of a path, and that part.
struct Place {
  Descriptor folder;
  std::string name;
};

enum class Make { No, Folders };

int open_part(int at, const std::string& part, Make make) {
  const int fd = openat(at, part.c_str(), kFolderFlags);
  if (fd >= 0 || errno != ENOENT || make == Make::No) return fd;
  if (mkdirat(at, part.c_str(), 0755) != 0 && errno != EEXIST) return -1;
  return openat(at, part.c_str(), kFolderFlags);
}

base::Result<Place> find_place(const std::string& root, std::string_view path,
                               Make make = Make::No) {
  Place place{Descriptor(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), {}};
  if (!place.folder.is_open()) return failure("opening", root);
  std::string_view rest = path;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const std::string part(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (part.empty()) continue;
    if (part == "..") return base::fail(base::ErrorKind::Invalid, fmt::format("{}: has ..", path));
    if (!place.name.empty()) {
      place.folder = Descriptor(open_part(place.folder.get(), place.name, make));
      if (!place.folder.is_open()) return failure("opening", path);
    }
    place.name = part;
  }
  return place;
}

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::File;
  if (S_ISDIR(mode)) return FileType::Folder;
  return S_ISLNK(mode) ? FileType::Symlink : FileType::Other;
}

FileType type_at(int folder, const char* name) {
  struct stat about {};
  if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0) return FileType::Missing;
  return type_of(about.st_mode);
}

base::Result<std::vector<FileEntry>> entries(Descriptor folder, std::string_view path,
                                             std::size_t limit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(folder.get()), closedir);
  if (!stream) return failure("listing", path);
  const int fd = folder.release();
  std::vector<FileEntry> all;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (all.size() == limit)
      return base::fail(base::ErrorKind::Invalid,
                        fmt::format("{} has more than {} entries", path, limit));
    all.push_back({name, type_at(fd, entry->d_name)});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

bool write_all(int fd, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto size = pwrite(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (size <= 0) return false;
    done += static_cast<std::size_t>(size);
  }
  return true;
}

base::Result<void> remove_files_in(const Place& place, std::string_view path) {
  Descriptor folder(openat(place.folder.get(), place.name.c_str(), kFolderFlags));
  if (!folder.is_open()) return failure("opening", path);
  Descriptor copy(dup(folder.get()));
  auto all = entries(std::move(copy), path, SIZE_MAX);
  if (!all) return tl::unexpected(all.error());
  for (const auto& entry : *all) {
    if (entry.type == FileType::Folder) continue;
    if (unlinkat(folder.get(), entry.name.c_str(), 0) != 0 && errno != ENOENT)
      return failure("removing", path);
  }
  const bool gone = unlinkat(place.folder.get(), place.name.c_str(), AT_REMOVEDIR) == 0;
  if (gone || errno == ENOTEMPTY || errno == EBUSY || errno == ENOENT) return {};
  return failure("removing", path);
}

}  // namespace

std::string HostFiles::full_path(std::string_view path) const {
  return root_ == "/" ? std::string(path) : root_ + std::string(path);
}

FileType HostFiles::type(std::string_view path) const {
  const auto place = find_place(root_, path);
  if (!place)
    return place.error().kind == base::ErrorKind::Invalid ? FileType::Symlink : FileType::Missing;
  return type_at(place->folder.get(), place->name.c_str());
}

base::Result<std::vector<FileEntry>> HostFiles::list(std::string_view folder,
                                                     std::size_t limit) const {
  const auto place = find_place(root_, folder);
  if (!place && place.error().kind == base::ErrorKind::NotFound) return std::vector<FileEntry>();
  if (!place) return tl::unexpected(place.error());
  Descriptor open(openat(place->folder.get(), place->name.c_str(), kFolderFlags));
  if (!open.is_open() && errno == ENOENT) return std::vector<FileEntry>();
  if (!open.is_open()) return failure("opening", folder);
  return entries(std::move(open), folder, limit);
}

base::Result<std::string> HostFiles::read(std::string_view path, std::size_t limit) const {
  const auto place = find_place(root_, path);
  if (!place) return tl::unexpected(place.error());
  // O_NONBLOCK: a named pipe must not hold us.
  const Descriptor file(openat(place->folder.get(), place->name.c_str(),
                               O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) return failure("opening", path);
  struct stat about {};
  if (fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return base::fail(base::ErrorKind::Invalid, fmt::format("{} is no regular file", path));
  if (static_cast<std::size_t>(about.st_size) > limit)
    return base::fail(base::ErrorKind::Invalid,
                      fmt::format("{} has {} bytes, more than {}", path, about.st_size, limit));
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  const auto size = pread(file.get(), text.data(), text.size(), 0);
  if (size < 0) return failure("reading", path);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

base::Result<void> HostFiles::write(std::string_view path, std::string_view text,
                                    Notice notice) const {
  const auto place = find_place(root_, path, Make::Folders);
  if (!place) return tl::unexpected(place.error());
  const int folder = place->folder.get();
  const std::string fresh = "." + place->name + ".flannel-migration";
  unlinkat(folder, fresh.c_str(), 0);  // of an agent that was killed here
  const Descriptor file(
      openat(folder, fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return failure("making", path);
  if (!write_all(file.get(), text) || fsync(file.get()) != 0) return failure("writing", path);
  if (renameat(folder, fresh.c_str(), folder, place->name.c_str()) != 0)
    return failure("renaming", path);
  if (fsync(folder) != 0) return failure("writing", path);
  // containerd ignores a file that appears; a write to it makes it read the folder again.
  if (notice == Notice::Watchers && !write_all(file.get(), text)) return failure("writing", path);
  return {};
}

base::Result<void> HostFiles::move(std::string_view from, std::string_view to) const {
  const auto before = find_place(root_, from);
  if (!before) return tl::unexpected(before.error());
  const auto after = find_place(root_, to, Make::Folders);
  if (!after) return tl::unexpected(after.error());
  if (renameat(before->folder.get(), before->name.c_str(), after->folder.get(),
               after->name.c_str()) != 0)
    return failure("moving", from);
  return {};
}

base::Result<void> HostFiles::remove(std::string_view path) const {
  const auto place = find_place(root_, path);
  if (!place && place.error().kind == base::ErrorKind::NotFound) return {};
  if (!place) return tl::unexpected(place.error());
  const auto type = type_at(place->folder.get(), place->name.c_str());
  if (type == FileType::Missing) return {};
  if (type == FileType::Folder) return remove_files_in(*place, path);
  if (unlinkat(place->folder.get(), place->name.c_str(), 0) != 0) return failure("removing", path);
  return {};
}

}  // namespace agent
