// Logs why a process ends when an exception is not caught.
#pragma once

namespace base {

// Logs such an end with its reason, as one more line. Call it once, before threads are started.
void log_termination();

}  // namespace base
