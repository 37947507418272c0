// The only way to the API server: requests go out, answers come back. HttpTransport is the real
// one.
#pragma once

#include "base/error.h"
#include "kube/request.h"
#include "kube/response.h"

#include <functional>
#include <stop_token>
#include <string_view>

namespace kube {

class Transport {
 public:
  // Gets a piece of the body; an error it returns ends the stream and is the stream's result.
  using OnChunk = std::function<base::Result<void>(std::string_view)>;

  virtual ~Transport() = default;

  // Any answer of the server is a Response, whatever its status; an Error means that no answer
  // came. Thread safe; blocks.
  virtual base::Result<Response> send(const Request& request) = 0;

  // Hands out the body of a successful answer as it comes, on the calling thread; returns when it
  // has ended. An unsuccessful answer is returned as error_of() reads it. `stop` ends the stream
  // from another thread, promptly, with Cancelled. Thread safe; blocks.
  virtual base::Result<void> stream(const Request& request, const OnChunk& on_chunk,
                                    const std::stop_token& stop) = 0;
};

}  // namespace kube
