// What the agent has to know again on its next run and cannot observe: which device was handed over
// with which MTU, and, while it gets its new name, what lay on it. One small JSON file.
#pragma once

#include "base/error.h"
#include "hostnet/lay.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hostnet {

struct DeviceMemory {
  std::uint32_t index = 0;
  std::uint32_t mtu = 0;           // as flannel had it, to be given back; 0: nothing to give back
  std::optional<DeviceState> device_state;  // to be laid again
  bool operator==(const DeviceMemory&) const = default;
};

struct Memory {
  std::map<net::Family, DeviceMemory> devices;
  bool operator==(const Memory&) const = default;
};

std::string render_memory(const Memory& memory);
// Invalid for what render_memory does not write.
base::Result<Memory> parse_memory(std::string_view text);

}  // namespace hostnet
