#include "base/digest.h"

#include <catch2/catch.hpp>

using base::Bytes;

TEST_CASE("base32 gives the values of RFC 4648 without padding") {
  const auto [text, encoded] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"f", "MY"},
      {"fo", "MZXQ"},
      {"foo", "MZXW6"},
      {"foob", "MZXW6YQ"},
      {"fooba", "MZXW6YTB"},
      {"foobar", "MZXW6YTBOI"},
  }));
  CHECK(base::base32(Bytes(text.begin(), text.end())) == encoded);
}

TEST_CASE("hashes give the published values of the empty text") {
  CHECK(base::hex(base::digest(base::Hash::Sha1, "")) ==
        "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(base::hex(base::digest(base::Hash::Sha256, "")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(base::hex(base::digest(base::Hash::Sha3_256, "")) ==
        "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
  CHECK(base::hex(base::digest(base::Hash::Sha512, "")) ==
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
}
