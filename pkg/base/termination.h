// The last words of a process that ends by an exception which nobody catches.
#pragma once

namespace base {

// From now on such an end is logged with its reason, as one line more. Call it once, before threads
// are started.
void log_termination();

}  // namespace base
