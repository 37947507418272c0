#include "base/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace base {
namespace {

const EVP_MD* algorithm(Hash hash) {
  switch (hash) {
    case Hash::Sha1:
      return EVP_sha1();
    case Hash::Sha256:
      return EVP_sha256();
    case Hash::Sha3_256:
      return EVP_sha3_256();
    case Hash::Sha512:
      return EVP_sha512();
  }
  throw std::logic_error("digest: unknown hash");
}

}  // namespace

Bytes digest(Hash hash, std::string_view text) {
  Bytes bytes(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, algorithm(hash), nullptr) != 1) {
    throw std::runtime_error("digest: OpenSSL does not offer the hash");
  }
  bytes.resize(size);
  return bytes;
}

std::string hex(const Bytes& bytes) { return fmt::format("{:02x}", fmt::join(bytes, "")); }

std::string base32(const Bytes& bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t window = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    window = (window << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[(window >> (bits - 5)) & 31];
  }
  if (bits > 0) text += kAlphabet[(window << (5 - bits)) & 31];
  return text;
}

}  // namespace base
