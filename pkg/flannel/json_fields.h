// Members of JSON that Go's encoding/json writes or reads: keys match in any case, null is absent.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "net/cidr.h"

#include <optional>
#include <string>
#include <string_view>

namespace flannel {

// ASCII letters in lower case.
std::string lower(std::string_view text);

// The last member whose name is `key` in any case, as encoding/json has it.
json::View find_folded(json::View object, std::string_view key);

// Reads members of one object; the first member of a wrong type or value is remembered, named as
// "<path>.<key>".
class JsonFields {
 public:
  JsonFields(json::View object, std::string path, std::optional<base::Error>& error);

  JsonFields child(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<int> integer(std::string_view key, int least, int most) const;
  // Empty texts are absent.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<net::Cidr> cidr(std::string_view key, net::Family family) const;
  void refuse(std::string_view key, std::string_view wanted) const;

 private:
  std::string path_to(std::string_view key) const;

  json::View object_;
  std::string path_;
  std::optional<base::Error>& error_;
};

}  // namespace flannel
