// What a sieve leaves of a text that comes to it one character at a time.
#pragma once

#include "json/sieve.h"

#include <string>
#include <string_view>

namespace json {

inline std::string sieved(const Keep& keep, std::string_view text) {
  Sieve sieve(keep);
  std::string rest;
  sieve.begin();
  for (const char c : text) sieve.take(c, rest);
  return rest;
}

}  // namespace json
