// Versions as image tags carry them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace flannel {

// {0, 28, 4} for "v0.28.4-amd64"; the patch number may be missing. nullopt when the text does not
// begin like that, or has more than three numbers.
using Version = std::array<int, 3>;
std::optional<Version> parse_version(std::string_view text);

}  // namespace flannel
