// The one budget of this process for texts that are held until they are complete: peers that send
// large texts on every connection get no more memory together than a single one could.
#pragma once

#include <cstddef>

namespace json {

class MemoryShare {
 public:
  MemoryShare() = default;
  ~MemoryShare() { cover(0); }
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;

  // Takes as much of the budget as `bytes` need, or returns what they do not need; false, with what
  // it had unchanged, when there is not enough left. A small share is free for all and not counted.
  // Any thread.
  bool cover(std::size_t bytes);

 private:
  std::size_t held_ = 0;
};

}  // namespace json
