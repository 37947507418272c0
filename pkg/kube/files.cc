#include "kube/files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace kube {
namespace {

constexpr std::size_t kLongest = 4u << 20;

base::Failure unreadable(const std::string& path, std::string_view why) {
  return base::fail(base::ErrorKind::Invalid, fmt::format("{} cannot be read: {}", path, why));
}

}  // namespace

base::Result<std::string> read_file(const std::string& path) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (kind == std::filesystem::file_type::not_found) {
    return base::fail(base::ErrorKind::NotFound, fmt::format("{} does not exist", path));
  }
  if (error) return unreadable(path, error.message());
  if (kind != std::filesystem::file_type::regular) return unreadable(path, "it is no file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(path, "permission denied?");
  if (std::filesystem::file_size(path, error) > kLongest) {
    return unreadable(path, "it is longer than 4 MiB");
  }
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace kube
