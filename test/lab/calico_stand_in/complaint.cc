// Which objects Calico's code would stumble over, or misread in silence.
#include "calico_stand_in/datastore.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <set>

namespace stand_in {
namespace {

using Complaint = std::optional<std::string>;

constexpr std::int64_t kOldestSeed = 1'600'000'000'000'000'000;  // nanoseconds since 1970

std::string text_of(const std::set<std::int64_t>& numbers) {
  std::string text;
  for (const auto number : numbers) text += fmt::format("{} ", number);
  return text;
}

std::set<std::int64_t> integers(json::View array) {
  std::set<std::int64_t> numbers;
  for (const auto item : array.items()) numbers.insert(item.integer(-1));
  return numbers;
}

// Ordinals of free and of allocated addresses, and the attributes that are in use.
struct Ordinals {
  std::set<std::int64_t> free, taken, attributes;
};

Ordinals ordinals_of(json::View spec) {
  Ordinals found;
  for (std::size_t i = 0; i < spec["allocations"].size(); ++i) {
    const auto owner = spec["allocations"].at(i).maybe_integer();
    (owner ? found.taken : found.free).insert(static_cast<std::int64_t>(i));
    if (owner) found.attributes.insert(*owner);
  }
  return found;
}

Complaint about_allocations(json::View spec, const Ordinals& ordinals) {
  const auto unallocated = integers(spec["unallocated"]);
  if (unallocated != ordinals.free || unallocated.size() != spec["unallocated"].size())
    return fmt::format("unallocated has {}but free are {}", text_of(unallocated),
                       text_of(ordinals.free));
  std::set<std::int64_t> known;
  for (std::size_t i = 0; i < spec["attributes"].size(); ++i)
    known.insert(static_cast<std::int64_t>(i));
  if (known != ordinals.attributes)
    return fmt::format("allocations refer to attributes {}of {}", text_of(ordinals.attributes),
                       known.size());
  return std::nullopt;
}

Complaint about_sequence(json::View spec, const Ordinals& ordinals) {
  const auto sequence = spec["sequenceNumber"].maybe_integer();
  if (!sequence || *sequence < kOldestSeed) return "sequenceNumber is not in nanoseconds";
  std::set<std::int64_t> spoken_of;
  for (const auto& [ordinal, number] : spec["sequenceNumberForAllocation"].members()) {
    spoken_of.insert(std::stoll(std::string(ordinal)));
    if (number.integer() > *sequence) return "an allocation is newer than its block";
  }
  if (spoken_of != ordinals.taken)
    return fmt::format("sequenceNumberForAllocation has {}but allocated are {}", text_of(spoken_of),
                       text_of(ordinals.taken));
  return std::nullopt;
}

Complaint about_fields(json::View block, const net::Cidr& cidr) {
  const auto spec = block["spec"];
  if (block["metadata"]["name"].string() != name_of_cidr(cidr.to_string())) return "wrong name";
  if (spec["cidr"].string() != cidr.to_string()) return "cidr is not in its canonical form";
  if (!spec["affinity"].string().starts_with("host:")) return "affinity is no host's";
  if (!spec["attributes"].is_array()) return "attributes is no list";
  if (spec["deleted"].boolean(true)) return "is deleted, or does not say";
  if (spec["strictAffinity"].boolean(true)) return "strictAffinity is not false";
  if (spec["affinityClaimTime"].string().empty()) return "no affinityClaimTime";
  if (spec["allocations"].size() != cidr.size())
    return fmt::format("{} allocations", spec["allocations"].size());
  return std::nullopt;
}

}  // namespace

std::optional<std::string> complaint_about_block(json::View block) {
  const auto spec = block["spec"];
  const auto where = "IPAMBlock " + block["metadata"]["name"].string() + ": ";
  const auto cidr = net::Cidr::parse(spec["cidr"].string());
  if (!cidr) return where + cidr.error().message;
  const auto ordinals = ordinals_of(spec);
  auto complaint = about_fields(block, *cidr);
  if (!complaint) complaint = about_allocations(spec, ordinals);
  if (!complaint) complaint = about_sequence(spec, ordinals);
  if (complaint) return where + *complaint;
  return std::nullopt;
}

std::optional<std::string> complaint_about_affinity(json::View affinity) {
  const auto spec = affinity["spec"];
  const auto name = affinity["metadata"]["name"].string();
  const auto labels = affinity["metadata"]["labels"];
  const auto node = spec["node"].string();
  const auto cidr = spec["cidr"].string();
  Complaint complaint;
  if (name != node + "-" + name_of_cidr(cidr)) complaint = "wrong name";
  if (spec["type"].string() != "host") complaint = "type is not host";
  if (spec["deleted"].string() != "false") complaint = "deleted is not the text false";
  if (labels["projectcalico.org/hostname-hash"].string() != hostname_hash(node))
    complaint = "label hostname-hash is not that of " + node;
  if (complaint) return "BlockAffinity " + name + ": " + *complaint;
  return std::nullopt;
}

std::string name_of_cidr(const std::string& cidr) {
  std::string name = cidr;
  for (auto& c : name)
    if (c == '.' || c == ':' || c == '/') c = '-';
  return name;
}

std::string hostname_hash(const std::string& node) {
  unsigned char digest[32];
  EVP_Digest(node.data(), node.size(), digest, nullptr, EVP_sha3_256(), nullptr);
  std::string text;
  unsigned bits = 0, count = 0;
  for (const auto byte : digest) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 5; count -= 5)
      text += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[bits >> (count - 5) & 31];
  }
  return text + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[bits << (5 - count) & 31];
}

}  // namespace stand_in
