// State that the agent needs on its next run and cannot observe: which device was handed over with
// which MTU and, while it gets its new name, its settings. One small JSON file.
#pragma once

#include "base/error.h"
#include "hostnet/device_state.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hostnet {

struct SavedDevice {
  std::uint32_t index = 0;
  std::uint32_t mtu = 0;  // as flannel had it, to be restored; 0: nothing to restore
  std::optional<DeviceState> device_state;  // to be restored
  bool operator==(const SavedDevice&) const = default;
};

struct SavedDevices {
  std::map<net::Family, SavedDevice> devices;
  bool operator==(const SavedDevices&) const = default;
};

std::string render_saved_devices(const SavedDevices& memory);
// Invalid for what render_saved_devices does not write.
base::Result<SavedDevices> parse_saved_devices(std::string_view text);

}  // namespace hostnet
