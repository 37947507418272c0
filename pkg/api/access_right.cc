#include "api/access_right.h"

#include <fmt/format.h>

namespace api {

std::string AccessRight::to_string() const {
  std::string text = fmt::format("{} {}", verb, resource);
  if (!subresource.empty()) text += "/" + subresource;
  if (!ns.empty() && !name.empty()) text += " " + name;
  if (!ns.empty()) text += " in " + ns;
  return text;
}

}  // namespace api
