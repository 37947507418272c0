// Makes text valid UTF-8 before it goes into JSON: the API server replaces other bytes when it
// stores an object, and the stored object would then always differ from the wanted one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

// Length in bytes of the valid UTF-8 sequence at the front of the text; 0 when there is none.
std::size_t utf8_length(std::string_view text);

// Each byte that belongs to no valid sequence becomes U+FFFD.
std::string clean_utf8(std::string_view text);

// At most `limit` bytes (>= 3), not cut within a sequence; "..." at the end says that it was cut.
std::string cut_utf8(std::string_view text, std::size_t limit);

// The beginning of a text from outside, to quote it in a message: at most 80 bytes.
std::string excerpt(std::string_view text);

}  // namespace base
