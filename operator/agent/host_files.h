// Files of the host, below one root. No symbolic link is followed anywhere on the way, so that no
// content of a folder can lead out of it.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace agent {

enum class FileType { Missing, File, Folder, Symlink, Other };

struct FileEntry {
  std::string name;
  FileType type = FileType::Missing;
};

// Whether programs that watch the folder must notice a new content (inotify).
enum class Notice { None, Watchers };

class HostFiles {
 public:
  explicit HostFiles(std::string root) : root_(std::move(root)) {}

  // Returns Missing also when a folder on the way is missing.
  FileType type(std::string_view path) const;
  // Sorted by name; empty when the folder is missing. Invalid when there are more than `limit`.
  base::Result<std::vector<FileEntry>> list(std::string_view folder, std::size_t limit) const;
  // Reads a regular file; Invalid when it is larger than `limit` bytes.
  base::Result<std::string> read(std::string_view path, std::size_t limit) const;
  // Writes all of it or nothing, and durably: it survives a power cut. Creates missing folders.
  base::Result<void> write(std::string_view path, std::string_view text, Notice notice) const;
  // Moves within one file system; replaces a file at `to`.
  base::Result<void> move(std::string_view from, std::string_view to) const;
  // Deletes a file; or the files in a folder, and the folder itself unless it is not empty then or
  // is a mount point. A missing path is not an error.
  base::Result<void> remove(std::string_view path) const;
  // For libraries that open files by themselves.
  std::string full_path(std::string_view path) const;

 private:
  std::string root_;
};

}  // namespace agent
