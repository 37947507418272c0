// nf_tables of the network namespace that the caller is in, families ip and ip6: what iptables-nft,
// flannel's and Calico's nftables modes write.
#pragma once

#include "netlink/message.h"
#include "netlink/packet_filter.h"
#include "netlink/socket.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netlink {

class Nft {
 public:
  static base::Result<Nft> open();

  // Empty if the kernel has no nf_tables.
  base::Result<std::vector<FilterTable>> tables();
  // Deletes all of it or nothing. Parts that are gone already are not an error.
  base::Result<void> cut(const FilterCut& cut);
  base::Result<void> rename(const FilterRename& rename);

 private:
  explicit Nft(Socket socket) : socket_(std::move(socket)) {}
  base::Result<void> add_chains(std::vector<FilterTable>& tables);
  base::Result<void> add_rules(std::vector<FilterTable>& tables);
  base::Result<void> send(const std::vector<Message>& messages, std::string_view what,
                          const std::string& table);
  base::Result<std::optional<FilterTable>> table(net::Family family, const std::string& name);

  Socket socket_;
};

}  // namespace netlink
