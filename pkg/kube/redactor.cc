#include "kube/redactor.h"

#include <algorithm>

namespace kube {
namespace {

constexpr std::string_view kInstead = "<credentials>";

}  // namespace

std::string_view Redactor::feed(std::string_view piece) {
  if (secret_.empty()) return piece;
  const bool whole = held_.empty();
  if (whole && piece.find(secret_) == std::string_view::npos && beginning_at_end(piece) == 0) {
    return piece;
  }
  const std::string joined = held_.append(piece);
  std::string_view text = joined;
  clean_.clear();
  for (auto at = text.find(secret_); at != std::string_view::npos; at = text.find(secret_)) {
    clean_.append(text.substr(0, at)).append(kInstead);
    text.remove_prefix(at + secret_.size());
  }
  const std::size_t held = beginning_at_end(text);
  clean_.append(text.substr(0, text.size() - held));
  held_ = text.substr(text.size() - held);
  return clean_;
}

std::string_view Redactor::finish() {
  clean_ = std::move(held_);
  held_.clear();
  return clean_;
}

std::size_t Redactor::beginning_at_end(std::string_view text) const {
  const std::string_view secret = secret_;
  std::size_t size = std::min(text.size(), secret.size() - 1);
  while (size > 0 && !text.ends_with(secret.substr(0, size))) --size;
  return size;
}

}  // namespace kube
