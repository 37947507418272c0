#include "netlink/socket.h"

#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

namespace netlink {
namespace {

constexpr int kDumpTries = 10;
constexpr int kBatchSlack = 64 << 10;  // what the kernel counts beside the bytes

base::ErrorKind kind_of(int error) {
  switch (error) {
    case ENOENT:
    case ESRCH:
    case ENODEV:
    case EADDRNOTAVAIL:
      return base::ErrorKind::NotFound;
    case EEXIST:
      return base::ErrorKind::AlreadyExists;
    case EPERM:
    case EACCES:
      return base::ErrorKind::Forbidden;
    case EBUSY:
      return base::ErrorKind::Conflict;
    case EINVAL:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
      return base::ErrorKind::Invalid;
    default:
      return base::ErrorKind::Internal;
  }
}

int hand_out(const nlmsghdr* message, void* data) {
  (*static_cast<const Socket::OnMessage*>(data))(message);
  return MNL_CB_OK;
}

// The first error among these messages, or 0.
int first_complaint(const char* data, int size) {
  const auto* message = reinterpret_cast<const nlmsghdr*>(data);
  for (; mnl_nlmsg_ok(message, size); message = mnl_nlmsg_next(message, &size)) {
    if (message->nlmsg_type != NLMSG_ERROR) continue;
    const auto* answer = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
    if (answer->error != 0) return -answer->error;
  }
  return 0;
}

}  // namespace

base::Failure system_error(std::string_view what, int error) {
  return base::fail(kind_of(error), fmt::format("{}: {}", what, std::strerror(error)));
}

void Socket::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

base::Result<Socket> Socket::open(int family, unsigned groups) {
  Socket result;
  result.family_ = family;
  result.socket_.reset(mnl_socket_open2(family, SOCK_CLOEXEC));
  if (!result.socket_) return system_error("opening a netlink socket", errno);
  if (mnl_socket_bind(result.raw(), groups, MNL_SOCKET_AUTOPID) < 0)
    return system_error("binding a netlink socket", errno);
  return result;
}

int Socket::descriptor() const { return mnl_socket_get_fd(raw()); }

int Socket::transact(nlmsghdr* message, const OnMessage& on_message) {
  message->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(raw(), message, message->nlmsg_len) < 0) return errno;
  return receive(message->nlmsg_seq, on_message);
}

int Socket::receive(unsigned sequence, const OnMessage& on_message) {
  alignas(std::uint64_t) std::array<char, 65536> buffer;
  while (true) {
    const auto size = mnl_socket_recvfrom(raw(), buffer.data(), buffer.size());
    if (size < 0) return errno;
    const int verdict =
        mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), sequence,
                   mnl_socket_get_portid(raw()), hand_out, const_cast<OnMessage*>(&on_message));
    if (verdict == MNL_CB_STOP) return 0;
    if (verdict == MNL_CB_ERROR) return errno;
  }
}

base::Result<void> Socket::change(Message& message, std::string_view what) {
  message.raw()->nlmsg_flags |= NLM_F_ACK;
  const int error = transact(message.raw(), [](const nlmsghdr*) {});
  if (error != 0) return system_error(what, error);
  return {};
}

int Socket::ask(Message& message, const OnMessage& on_message) {
  message.raw()->nlmsg_flags |= NLM_F_ACK;
  return transact(message.raw(), on_message);
}

base::Result<void> Socket::dump(Message& message, std::string_view what,
                                const OnMessage& on_message, const std::function<void()>& restart) {
  message.raw()->nlmsg_flags |= NLM_F_DUMP;
  int error = EINTR;
  for (int i = 0; i < kDumpTries && error == EINTR; ++i) {
    // A new socket for each further try: messages that a broken-off dump has left unread must not
    // answer the next one.
    if (i > 0) {
      auto again = Socket::open(family_);
      if (!again) return tl::unexpected(again.error());
      socket_ = std::move(again->socket_);
    }
    restart();
    error = transact(message.raw(), on_message);
  }
  if (error != 0) return system_error(what, error);
  return {};
}

base::Result<void> Socket::send_batch(const std::vector<Message>& messages, std::string_view what) {
  std::string all;
  for (const auto& message : messages) {
    const auto begin = all.size();
    all.append(reinterpret_cast<const char*>(message.raw()), message.raw()->nlmsg_len);
    all.resize(begin + MNL_ALIGN(message.raw()->nlmsg_len));
    const unsigned sequence = ++sequence_;
    all.replace(begin + offsetof(nlmsghdr, nlmsg_seq), sizeof(sequence),
                reinterpret_cast<const char*>(&sequence), sizeof(sequence));
  }
  // A batch is one datagram, and a dense node's is larger than a socket accepts by default.
  const int room = static_cast<int>(all.size()) + kBatchSlack;
  (void)setsockopt(descriptor(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
  if (mnl_socket_sendto(raw(), all.data(), all.size()) < 0) return system_error(what, errno);
  const int complaint = read_complaint();
  if (complaint != 0) return system_error(what, complaint);
  return {};
}

// The kernel's errors about a batch can be read as soon as the batch was sent.
int Socket::read_complaint() {
  alignas(std::uint64_t) std::array<char, 65536> buffer;
  int result = 0;
  while (true) {
    const auto got = recv(descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN ? result : errno;
    if (result == 0) result = first_complaint(buffer.data(), static_cast<int>(got));
  }
}

}  // namespace netlink
