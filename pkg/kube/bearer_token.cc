#include "kube/bearer_token.h"

#include "kube/files.h"

#include <fmt/format.h>

namespace kube {
namespace {

std::string read_token(const std::string& path) {
  std::string text = read_file(path).value_or("");
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

}  // namespace

BearerToken::BearerToken(const ClientConfig& config)
    : path_(config.token_file), token_(config.token_file.empty() ? config.token : "") {}

base::Result<std::string> BearerToken::get() {
  if (path_.empty()) return token_;
  const std::lock_guard lock(mutex_);
  if (has_changed()) {
    // A file caught between truncation and write keeps the last token, and is read again next time.
    std::string read = read_token(path_);
    if (read.empty()) {
      seen_ = {};
    } else {
      token_ = std::move(read);
    }
  }
  if (!token_.empty()) return token_;
  return base::fail(base::ErrorKind::Invalid,
                    fmt::format("the token file {} cannot be read or is empty", path_));
}

bool BearerToken::has_changed() {
  struct ::stat now {};
  if (::stat(path_.c_str(), &now) != 0) return false;
  const bool same = now.st_ino == seen_.st_ino && now.st_size == seen_.st_size &&
                    now.st_mtim.tv_sec == seen_.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == seen_.st_mtim.tv_nsec;
  seen_ = now;
  return !same;
}

}  // namespace kube
