// Hashes and their text forms as Go programs write them: names that those programs compute are
// computed here, too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Bytes = std::vector<std::uint8_t>;

enum class Hash { Sha1, Sha256, Sha3_256, Sha512 };

Bytes digest(Hash hash, std::string_view text);
// Lower case.
std::string hex(const Bytes& bytes);
// RFC 4648, upper case, without padding.
std::string base32(const Bytes& bytes);

}  // namespace base
