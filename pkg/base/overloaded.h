// std::visit over a variant with one lambda per alternative.
#pragma once

namespace base {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace base
