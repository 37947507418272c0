#include "calico_stand_in/link_name.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace stand_in {

std::string link_of_pod(const std::string& ns, const std::string& pod) {
  unsigned char digest[20];
  const auto text = ns + "." + pod;
  EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_sha1(), nullptr);
  std::string hex;
  for (int i = 0; i < 6; ++i) hex += fmt::format("{:02x}", digest[i]);
  return "cali" + hex.substr(0, 11);
}

}  // namespace stand_in
