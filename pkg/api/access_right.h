// A right of an account, in the form in which SubjectAccessReviews ask for it.
#pragma once

#include <compare>
#include <string>

namespace api {

struct AccessRight {
  std::string verb;
  std::string group;  // empty: the core group
  std::string resource;
  std::string ns = {};    // empty: everywhere
  std::string name = {};  // for rights that are given for one object
  std::string subresource = {};
  auto operator<=>(const AccessRight&) const = default;

  // "patch nodes", "create serviceaccounts/token canal in kube-system"
  std::string to_string() const;
};

}  // namespace api
