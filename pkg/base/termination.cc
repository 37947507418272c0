#include "base/termination.h"

#include "base/log.h"

#include <exception>

namespace base {
namespace {

std::terminate_handler end_process = nullptr;  // as it was set before

std::string reason() {
  const auto thrown = std::current_exception();
  if (!thrown) return "terminated without an exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

// Memory for one line is available even when a larger piece was refused; if it is not, the library
// ends the process without the line.
[[noreturn]] void log_and_end() {
  log_error("ending", {{"error", reason()}});
  end_process();
  __builtin_unreachable();
}

}  // namespace

void log_termination() { end_process = std::set_terminate(log_and_end); }

}  // namespace base
