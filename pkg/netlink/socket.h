// A netlink socket of one family: requests with their answers, one after the other.
#pragma once

#include "base/error.h"
#include "netlink/message.h"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

struct mnl_socket;

namespace netlink {

// "what: what errno says"; NotFound, AlreadyExists, Forbidden, Conflict (busy), Invalid (not known
// to this kernel) or Internal.
base::Failure system_error(std::string_view what, int error);

class Socket {
 public:
  // `family`: NETLINK_ROUTE, NETLINK_NETFILTER. `groups`: bits of the multicast groups to listen
  // to.
  static base::Result<Socket> open(int family, unsigned groups = 0);

  // Sends the message and waits for the kernel's acknowledgement.
  base::Result<void> change(Message& message, std::string_view what);
  // Hands out every message of the answer. A dump that the kernel calls inconsistent, because
  // something changed meanwhile, is asked for again: `restart` is called before each try.
  using OnMessage = std::function<void(const nlmsghdr*)>;
  base::Result<void> dump(Message& message, std::string_view what, const OnMessage& on_message,
                          const std::function<void()>& restart);
  // Asks a question that has at most one message for an answer. Returns 0 or the kernel's errno,
  // for callers to whom that is an answer, too.
  int ask(Message& message, const OnMessage& on_message);
  // Sends messages that the kernel carries out before this returns: messages to nf_tables all or
  // none, messages about routes each by itself. Returns the first error.
  base::Result<void> send_batch(const std::vector<Message>& messages, std::string_view what);
  int descriptor() const;

 private:
  mnl_socket* raw() const { return socket_.get(); }

  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  // 0, or the error of the kernel.
  int transact(nlmsghdr* message, const OnMessage& on_message);
  int receive(unsigned sequence, const OnMessage& on_message);
  int read_complaint();

  std::unique_ptr<mnl_socket, Close> socket_;
  int family_ = 0;
  unsigned sequence_ = 0;
};

}  // namespace netlink
