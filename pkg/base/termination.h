// Logs why a process ends when an exception is not caught.
#pragma once

namespace base {

// From now on such an end is logged with its reason, as one line more. Call it once, before threads
// are started.
void log_termination();

}  // namespace base
