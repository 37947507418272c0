// Writing JSON text, value by value, with RapidJSON's writer behind it.
//   Writer w; w.object(); w.key("a").integer(1); w.key("b").string("x"); w.end();
//   std::move(w).text();
#pragma once

#include "json/value.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace json {

class Writer {
 public:
  Writer();
  ~Writer();
  Writer(Writer&&) noexcept;

  Writer& object();
  Writer& array();
  // Closes the innermost open object or array.
  Writer& end();
  Writer& key(std::string_view name);
  Writer& string(std::string_view value);
  Writer& integer(std::int64_t value);
  Writer& boolean(bool value);
  Writer& null();
  Writer& value(View view);
  Writer& string_map(const StringMap& map);

  // key + value in one go; the *_if forms write nothing for an empty or absent value.
  Writer& field(std::string_view name, std::string_view value) { return key(name).string(value); }
  Writer& field_if(std::string_view name, std::string_view value);

  // The text so far; call it when everything is closed.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace json
