// std::visit over a variant with one lambda per alternative.
#pragma once

namespace base {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
// clang deduces this by itself from version 17 on.
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>;

}  // namespace base
