// A connection of the health server: a request, an answer, and the end. No client can make it live
// longer than two seconds, or read more than a few KiB.
#pragma once

#include "controller/serve/health_pages.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace controller {

// Used on the thread of the socket's io_context only. Its own handlers keep it alive, until the
// connection has ended or the io_context is destroyed.
class HealthSession : public std::enable_shared_from_this<HealthSession> {
 public:
  // `pages` must outlive it.
  HealthSession(boost::asio::ip::tcp::socket socket, const HealthPages& pages);
  ~HealthSession();

  void start();
  // Ends the connection at once, whatever it is doing.
  void drop();

 private:
  struct Messages;

  void limit_time();
  void read_headers();
  void answer(const boost::system::error_code& error);
  void write();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  const HealthPages& pages_;
  std::unique_ptr<Messages> messages_;
};

}  // namespace controller
