// The result of one dump of the kernel, as values.
#pragma once

#include "netlink/socket.h"

#include <string_view>
#include <utility>
#include <vector>

namespace netlink {

// `parse`: const nlmsghdr* -> std::optional<T>; messages for which it returns nullopt are left out.
template <typename T, typename Parse>
base::Result<std::vector<T>> dump_all(Socket& socket, Message message, std::string_view what,
                                      Parse parse) {
  std::vector<T> all;
  const auto add = [&](const nlmsghdr* answer) {
    if (auto one = parse(answer)) all.push_back(std::move(*one));
  };
  auto done = socket.dump(message, what, add, [&all] { all.clear(); });
  if (!done) return tl::unexpected(done.error());
  return all;
}

}  // namespace netlink
