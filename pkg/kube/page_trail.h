// The pages of one list so far: recognises a list that never ends.
#pragma once

#include "base/error.h"

#include <cstddef>
#include <string_view>
#include <unordered_set>

namespace kube {

// Not thread safe.
class PageTrail {
 public:
  // Adds the page of this token, with which the list goes on. Protocol when the token was there
  // before, or when the list has more pages than any cluster can fill.
  base::Result<void> add(std::string_view continue_token);
  void clear() { tokens_.clear(); }

 private:
  std::unordered_set<std::size_t> tokens_;  // hashes, as a token may be long
};

}  // namespace kube
