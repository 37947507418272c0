#include "kube/bearer_token.h"

#include <fmt/format.h>

#include <algorithm>

namespace kube {
namespace {

// A ServiceAccount's token has about 1 KiB; the API server reads headers of 1 MiB at most.
constexpr std::size_t kLongest = 64 * 1024;
constexpr const char* kSpace = " \t\r\n";

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(kSpace) + 1);
  text.erase(0, text.find_first_not_of(kSpace));
  return text;
}

}  // namespace

base::Result<void> check_token(std::string_view token) {
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::all_of(token.begin(), token.end(), visible)) {
    return base::fail(base::ErrorKind::Invalid,
                      "holds a line break, white space or another character that no token has");
  }
  if (token.size() <= kLongest) return {};
  return base::fail(base::ErrorKind::Invalid,
                    fmt::format("is longer than {} KiB", kLongest / 1024));
}

BearerToken::BearerToken(const ClientConfig& config)
    : file_(config.token_file), token_(config.token_file.empty() ? config.token : "") {}

base::Result<std::string> BearerToken::get() {
  const std::lock_guard lock(mutex_);
  if (auto good = read(); !good) return tl::unexpected(good.error());
  if (auto good = check_token(token_); !good)
    return tl::unexpected(good.error().with_context("the token"));
  if (!token_.empty() || file_.path().empty()) return token_;
  return base::fail(base::ErrorKind::Invalid,
                    fmt::format("the token file {} cannot be read or is empty", file_.path()));
}

base::Result<void> BearerToken::read() {
  const auto text = file_.read_if_changed();
  if (!text) return {};
  auto token = trimmed(*text);
  if (token.empty()) {
    file_.read_again();  // caught between truncation and write
    return {};
  }
  const auto good = check_token(token);
  if (good) {
    token_ = std::move(token);
    return {};
  }
  file_.read_again();
  return tl::unexpected(good.error().with_context(fmt::format("the token in {}", file_.path())));
}

}  // namespace kube
