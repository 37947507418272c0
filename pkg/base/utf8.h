// Text that goes into JSON, whatever bytes it came as: an object with other bytes is stored with
// them replaced, and would never be what was wanted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

// Of the valid UTF-8 sequence at the front, in bytes; 0 when there is none.
std::size_t utf8_length(std::string_view text);

// Each byte that belongs to no valid sequence becomes U+FFFD.
std::string clean_utf8(std::string_view text);

// At most `limit` bytes (>= 3), not cut within a sequence; "..." at the end says that it was cut.
std::string cut_utf8(std::string_view text, std::size_t limit);

// The beginning of what somebody wrote, to show it in a message: at most 80 bytes.
std::string excerpt(std::string_view text);

}  // namespace base
