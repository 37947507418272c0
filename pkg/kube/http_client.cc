#include "kube/http_client.h"

namespace kube {

// The stream that httplib reads from and writes to. httplib reads lines byte by byte, and bodies in
// larger pieces.
class HttpClient::Bytes final : public httplib::Stream {
 public:
  explicit Bytes(HttpClient& client) : client_(client) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const ssize_t got = client_.channel_.read(to, size);
    if (size > 1) {
      client_.limits_.line_ended();
    } else if (got == 1 && !client_.limits_.take(*to)) {
      return -1;
    }
    return got;
  }
  ssize_t write(const char* from, std::size_t size) override {
    return client_.channel_.write(from, size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return client_.socket_.sock; }

 private:
  HttpClient& client_;
};

HttpClient::HttpClient(Settings settings, Interrupter& interrupter)
    : httplib::ClientImpl(settings.host, settings.port),
      settings_(std::move(settings)),
      interrupter_(interrupter),
      channel_(interrupter) {}

HttpClient::~HttpClient() { channel_.close(); }

void HttpClient::begin(std::shared_ptr<const Gate> gate) {
  gate_ = std::move(gate);
  refused_ = false;
  limits_.begin();
}

bool HttpClient::create_and_connect_socket(Socket& socket, httplib::Error& error) {
  error = httplib::Error::Connection;
  socket.sock = connect_socket(addresses_, settings_.connect_timeout, interrupter_);
  if (!socket.is_open()) return false;
  channel_.open(socket.sock);
  if (settings_.tls == nullptr || channel_.handshake(settings_.tls, settings_.server_name)) {
    error = httplib::Error::Success;
    return true;
  }
  error = httplib::Error::SSLConnection;
  channel_.close();
  close_socket(socket);
  return false;
}

void HttpClient::shutdown_ssl(Socket&, bool) { channel_.close(); }

bool HttpClient::process_socket(const Socket&, std::function<bool(httplib::Stream&)> callback) {
  if (!may_send()) return false;
  Bytes bytes(*this);
  return callback(bytes);
}

// The gate is asked here, as connecting may have taken as long as a lease.
bool HttpClient::may_send() {
  if (gate_ == nullptr) return true;
  const auto until = (*gate_)();
  refused_ = !until.has_value();
  if (until) interrupter_.tighten(*until);
  return !refused_;
}

}  // namespace kube
