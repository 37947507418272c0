#include "json/memory_share.h"

#include <atomic>

namespace json {
namespace {

constexpr std::size_t kAll = 32u << 20;
constexpr std::size_t kFree = 256u << 10;  // for everybody

std::atomic<std::size_t> in_use{0};

}  // namespace

bool MemoryShare::cover(std::size_t bytes) {
  const std::size_t wanted = bytes > kFree ? bytes : 0;
  if (wanted <= held_) {
    in_use -= held_ - wanted;
  } else if (in_use.fetch_add(wanted - held_) + (wanted - held_) > kAll) {
    in_use -= wanted - held_;
    return false;
  }
  held_ = wanted;
  return true;
}

}  // namespace json
