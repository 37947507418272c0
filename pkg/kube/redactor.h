// Takes one secret out of a text that comes in pieces, wherever these are cut.
#pragma once

#include <string>
#include <string_view>

namespace kube {

class Redactor {
 public:
  // An empty `secret` is nowhere.
  explicit Redactor(std::string secret) : secret_(std::move(secret)) {}

  // Returns the part of the text so far that may be kept and was not returned before; valid until
  // the next call, and as long as `piece`. A possible beginning of the secret is held back.
  std::string_view feed(std::string_view piece);
  // The rest, at the end of the text.
  std::string_view finish();

 private:
  std::size_t beginning_at_end(std::string_view text) const;

  const std::string secret_;
  std::string held_;   // the end of the text so far, a beginning of the secret
  std::string clean_;  // what was handed out last
};

}  // namespace kube
