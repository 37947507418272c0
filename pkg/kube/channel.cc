#include "kube/channel.h"

#include "base/clock.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace kube {
namespace {

// Go's clients have the same limit: a server that needs longer does not answer a request in time
// either.
constexpr std::chrono::seconds kLongestHandshake{10};

Interrupter::TimePoint in(base::Duration time) { return base::SystemClock().steady_now() + time; }

void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof(value));
}

// A peer that vanished silently is noticed after about half a minute, also in the middle of a
// silent watch.
void watch_peer(int socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool is_connected(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

int connect_one(const SocketAddress& address, base::Duration longest, Interrupter& interrupter) {
  const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const int socket = ::socket(address.storage.ss_family, type, 0);
  if (socket < 0) return -1;
  watch_peer(socket);
  const bool begun = ::connect(socket, address.raw(), address.size) == 0 || errno == EINPROGRESS;
  if (begun && interrupter.wait(socket, POLLOUT, in(longest)) && is_connected(socket)) {
    return socket;
  }
  ::close(socket);
  return -1;
}

int int_size(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

int connect_socket(const SocketAddresses& addresses, base::Duration each,
                   Interrupter& interrupter) {
  // Divides the time that is left into a part for each remaining address and one for the exchange:
  // an address that does not answer must not use up the time of the others.
  for (std::size_t i = 0; i < addresses.size() && !interrupter.is_over(); ++i) {
    const auto left = std::chrono::floor<base::Duration>(interrupter.deadline() -
                                                         base::SystemClock().steady_now());
    const auto part = left / static_cast<std::int64_t>(addresses.size() - i + 1);
    const bool last = i + 1 == addresses.size();
    const int socket = connect_one(addresses[i], last ? each : std::min(each, part), interrupter);
    if (socket >= 0) return socket;
  }
  return -1;
}

void Channel::open(int socket) {
  close();
  socket_ = socket;
}

bool Channel::handshake(SSL_CTX* context, const std::string& name) {
  ssl_.reset(SSL_new(context));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_) != 1) return false;
  // An IP address must not be named there (RFC 6066).
  if (!name.empty()) SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
  const auto until = in(kLongestHandshake);
  while (!interrupter_.is_over() && base::SystemClock().steady_now() < until) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1) return true;
    const int error = SSL_get_error(ssl_.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) break;
    const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!interrupter_.wait(socket_, events, until)) break;
  }
  ERR_clear_error();
  ssl_.reset();
  return false;
}

void Channel::close() {
  if (ssl_) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ssl_.reset();
  socket_ = -1;
  begin_ = end_ = 0;
}

ssize_t Channel::read(char* to, std::size_t size) {
  if (begin_ == end_) {
    if (size >= buffer_.size()) return receive(to, size);
    const ssize_t received = receive(buffer_.data(), buffer_.size());
    if (received <= 0) return received;
    begin_ = 0;
    end_ = static_cast<std::size_t>(received);
  }
  const std::size_t copied = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, copied);
  begin_ += copied;
  return static_cast<ssize_t>(copied);
}

// Checks the deadline first: a peer that always has one byte more must not get around it.
ssize_t Channel::receive(char* to, std::size_t size) {
  while (is_open() && !interrupter_.is_over()) {
    ERR_clear_error();
    const ssize_t got =
        ssl_ ? SSL_read(ssl_.get(), to, int_size(size)) : ::recv(socket_, to, size, 0);
    if (got > 0) return got;
    const bool ended =
        ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(got)) == SSL_ERROR_ZERO_RETURN : got == 0;
    if (ended) return 0;
    if (!wait_to_retry(static_cast<int>(got), POLLIN)) break;
  }
  return -1;
}

ssize_t Channel::write(const char* from, std::size_t size) {
  while (is_open() && !interrupter_.is_over()) {
    ERR_clear_error();
    const ssize_t sent = transmit(from, size);
    if (sent > 0) return sent;
    if (!wait_to_retry(static_cast<int>(sent), POLLOUT)) break;
  }
  return -1;
}

ssize_t Channel::transmit(const char* from, std::size_t size) {
  if (ssl_) return SSL_write(ssl_.get(), from, int_size(size));
  return ::send(socket_, from, size, MSG_NOSIGNAL);
}

bool Channel::wait_to_retry(int result, short events) {
  if (!ssl_) {
    if (errno == EINTR) return true;
    return (errno == EAGAIN || errno == EWOULDBLOCK) && interrupter_.wait(socket_, events);
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return interrupter_.wait(socket_, POLLIN);
    case SSL_ERROR_WANT_WRITE:
      return interrupter_.wait(socket_, POLLOUT);
    default:
      return false;
  }
}

bool Channel::has_unread() const {
  pollfd poll{socket_, POLLIN, 0};
  const bool buffered = begin_ != end_ || (ssl_ && SSL_pending(ssl_.get()) > 0);
  return buffered || !is_open() || ::poll(&poll, 1, 0) != 0;
}

}  // namespace kube
