// Reads JSON: a document that owns its memory, and views into it that never fail on a missing
// member. Only the files of this folder include RapidJSON. 64-bit integers are kept exactly.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace json {

// Found by string_view too, without a copy of the key.
using StringMap = std::map<std::string, std::string, std::less<>>;

// A place in a document; cheap to copy, valid while the document lives and is not written to. The
// view of a missing member is absent: every question to it has an answer (the default), so that
// optional members of API objects read in one line. Use the require_* functions where a wrong type
// must be reported to a person.
class View {
 public:
  View() = default;

  bool exists() const { return value_ != nullptr; }  // false also for an explicit null
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_number() const;
  bool is_bool() const;

  // The member of an object; absent when this is not an object or has no such member.
  View operator[](std::string_view key) const;
  // Element of an array; absent when out of range. (Views of nulls inside arrays are absent.)
  View at(std::size_t index) const;
  // Elements of an array, members of an object, else 0.
  std::size_t size() const;

  std::string string(std::string_view otherwise = "") const;
  // Valid as long as the document.
  std::string_view string_view() const;
  std::int64_t integer(std::int64_t otherwise = 0) const;
  bool boolean(bool otherwise = false) const;
  double number(double otherwise = 0) const;
  std::optional<std::int64_t> maybe_integer() const;
  std::optional<bool> maybe_boolean() const;

  std::vector<View> items() const;
  // Members in document order.
  std::vector<std::pair<std::string_view, View>> members() const;
  // The string members of an object; others are left out.
  StringMap string_map() const;
  // The string elements of an array; others are left out.
  std::vector<std::string> strings() const;

  // Compact JSON text of this place; "null" when absent.
  std::string dump() const;

  // For this library's own files only: the RapidJSON value behind the view.
  const void* raw() const { return value_; }
  static View from_raw(const void* value);

 private:
  const void* value_ = nullptr;
};

// A whole JSON text, parsed. Copyable (deep), so that documents can be members of values.
class Document {
 public:
  // An empty object.
  Document();
  Document(const Document& other);
  Document& operator=(const Document& other);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  // Invalid with offset and reason. At most 512 levels of nesting and 250,000 values are accepted.
  // Unavailable when memory runs out.
  static base::Result<Document> parse(std::string_view text);

  View root() const;
  View operator[](std::string_view key) const { return root()[key]; }

  // Writing, addressed by RFC 6901 JSON pointers ("/spec/allocations/3"); objects on the way are
  // created. Use pointer_escape() for keys with '/' or '~'. Views taken before are invalid
  // afterwards.
  void set_string(std::string_view pointer, std::string_view value);
  void set_integer(std::string_view pointer, std::int64_t value);
  void set_boolean(std::string_view pointer, bool value);
  void set_null(std::string_view pointer);
  void set_object(std::string_view pointer);  // {} unless an object is there already
  void set_array(std::string_view pointer);   // [] always
  void set(std::string_view pointer, View value);
  void append(std::string_view pointer, View value);
  void append_string(std::string_view pointer, std::string_view value);
  void append_integer(std::string_view pointer, std::int64_t value);
  void append_null(std::string_view pointer);
  void erase(std::string_view pointer);

  std::string dump() const { return root().dump(); }
  // Structural equality; the order of members does not matter.
  bool operator==(const Document& other) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "projectcalico.org/x" -> "projectcalico.org~1x"
std::string pointer_escape(std::string_view key);
// Structural equality of two places; two absent ones are equal.
bool equal(View a, View b);

}  // namespace json
