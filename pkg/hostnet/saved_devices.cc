#include "hostnet/saved_devices.h"

#include "json/writer.h"

#include <array>

namespace hostnet {
namespace {

constexpr std::array<std::pair<net::Family, const char*>, 2> kFamilies = {
    {{net::Family::V4, "v4"}, {net::Family::V6, "v6"}}};

void write_routes(json::Writer& out, const std::vector<netlink::Route>& routes) {
  out.key("routes").array();
  for (const auto& route : routes) {
    out.object().field("to", route.destination.to_string());
    if (route.gateway) out.field("via", route.gateway->to_string());
    if (route.source) out.field("src", route.source->to_string());
    out.key("protocol").integer(route.protocol).key("scope").integer(route.scope);
    out.key("onlink").boolean(route.onlink).key("metric").integer(route.metric).end();
  }
  out.end();
}

void write_device_state(json::Writer& out, const DeviceState& device_state) {
  out.key("lay").object().key("addresses").array();
  for (const auto& one : device_state.addresses) {
    out.object().field("address", one.address.to_string());
    out.key("prefix").integer(one.prefix).key("scope").integer(one.scope).end();
  }
  out.end();
  write_routes(out, device_state.routes);
  out.key("neighbours").array();
  for (const auto& one : device_state.neighbours)
    out.object().field("address", one.address.to_string()).field("mac", one.mac.to_string()).end();
  out.end().key("fdb").array();
  for (const auto& one : device_state.fdb) {
    out.object().field("mac", one.mac.to_string());
    if (one.remote) out.field("remote", one.remote->to_string());
    out.end();
  }
  out.end().end();
}

// Reads one device; remembers the first value that render_saved_devices() would not write.
class Reader {
 public:
  explicit Reader(std::uint32_t index) : index_(index) {}

  DeviceState read_device_state(json::View view) {
    DeviceState device_state;
    for (const auto& one : view["addresses"].items())
      device_state.addresses.push_back({index_, address(one["address"]),
                                        static_cast<int>(one["prefix"].integer()),
                                        small(one["scope"])});
    for (const auto& one : view["routes"].items()) device_state.routes.push_back(route(one));
    for (const auto& one : view["neighbours"].items())
      device_state.neighbours.push_back({index_, address(one["address"]), mac(one["mac"])});
    for (const auto& one : view["fdb"].items())
      device_state.fdb.push_back({index_, mac(one["mac"]), maybe_address(one["remote"])});
    return device_state;
  }

  const std::optional<base::Error>& error() const { return error_; }

 private:
  template <typename T>
  T take(base::Result<T> result) {
    if (result) return *result;
    if (!error_) error_ = result.error();
    return T{};
  }

  static std::uint8_t small(json::View view) { return static_cast<std::uint8_t>(view.integer()); }

  net::IpAddress address(json::View view) {
    return take(net::IpAddress::parse(view.string_view()));
  }
  std::optional<net::IpAddress> maybe_address(json::View view) {
    return view.exists() ? std::optional(address(view)) : std::nullopt;
  }
  net::MacAddress mac(json::View view) { return take(net::MacAddress::parse(view.string_view())); }

  netlink::Route route(json::View view) {
    netlink::Route route;
    route.destination = take(net::Cidr::parse(view["to"].string_view()));
    route.link = index_;
    route.gateway = maybe_address(view["via"]);
    route.source = maybe_address(view["src"]);
    route.protocol = small(view["protocol"]);
    route.scope = small(view["scope"]);
    route.onlink = view["onlink"].boolean();
    route.metric = static_cast<std::uint32_t>(view["metric"].integer());
    return route;
  }

  std::uint32_t index_;
  std::optional<base::Error> error_;
};

}  // namespace

std::string render_saved_devices(const SavedDevices& memory) {
  json::Writer out;
  out.object();
  for (const auto& [family, name] : kFamilies) {
    const auto found = memory.devices.find(family);
    if (found == memory.devices.end()) continue;
    out.key(name).object().key("index").integer(found->second.index);
    if (found->second.mtu != 0) out.key("mtu").integer(found->second.mtu);
    if (found->second.device_state) write_device_state(out, *found->second.device_state);
    out.end();
  }
  return out.end().text() + "\n";
}

base::Result<SavedDevices> parse_saved_devices(std::string_view text) {
  const auto document = json::Document::parse(text);
  if (!document) return tl::unexpected(document.error());
  SavedDevices memory;
  for (const auto& [family, name] : kFamilies) {
    const auto view = (*document)[name];
    if (!view.exists()) continue;
    auto& device = memory.devices[family];
    device.index = static_cast<std::uint32_t>(view["index"].integer());
    device.mtu = static_cast<std::uint32_t>(view["mtu"].integer());
    if (!view["lay"].exists()) continue;
    Reader reader(device.index);
    device.device_state = reader.read_device_state(view["lay"]);
    if (reader.error()) return tl::unexpected(reader.error()->with_context(name));
  }
  return memory;
}

}  // namespace hostnet
