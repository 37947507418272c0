// The bytes of one connection: a TCP socket, with TLS on it when there is a context for that. Every
// wait is the Interrupter's.
#pragma once

#include "base/time.h"
#include "kube/host_lookup.h"
#include "kube/interrupter.h"

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>

namespace kube {

// Connects to the first of `addresses` that accepts, `each` at most for one of them: a non-blocking
// socket, which is the caller's to close, or -1.
int connect_socket(const SocketAddresses& addresses, base::Duration each, Interrupter& interrupter);

class Channel {
 public:
  // `interrupter` must outlive it.
  explicit Channel(Interrupter& interrupter) : interrupter_(interrupter) {}

  // Begins to use `socket`, which stays the caller's.
  void open(int socket);
  // TLS from now on; false when the handshake fails, or takes too long. `name` for SNI may be
  // empty.
  bool handshake(SSL_CTX* context, const std::string& name);
  // Ends TLS, without waiting, and forgets the socket.
  void close();

  // Works like read(2) and write(2), but for the waiting: 0 at the end, -1 when the connection
  // broke or the request is over.
  ssize_t read(char* to, std::size_t size);
  ssize_t write(const char* from, std::size_t size);

  bool is_open() const { return socket_ >= 0; }
  // Whether there is something to be read, or the end, though nothing was asked for: the server
  // closed it, or it is not to be trusted.
  bool has_unread() const;

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  ssize_t receive(char* to, std::size_t size);
  ssize_t transmit(const char* from, std::size_t size);
  // After an operation that failed: waits until it can be tried again; false when that is useless.
  bool wait_to_retry(int result, short events);

  Interrupter& interrupter_;
  int socket_ = -1;
  std::unique_ptr<SSL, FreeSsl> ssl_;  // none for plain TCP
  std::array<char, 4096> buffer_{};    // what was received and not read is from begin_ to end_
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace kube
