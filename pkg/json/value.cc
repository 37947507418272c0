#include "json/value.h"

#include "json/rapid.h"

namespace json {
namespace {

const Value* of(const View& view) { return raw_value(view.raw()); }

}  // namespace

View View::from_raw(const void* value) {
  View view;
  if (value != nullptr && !raw_value(value)->IsNull()) view.value_ = value;
  return view;
}

bool View::is_object() const { return exists() && of(*this)->IsObject(); }
bool View::is_array() const { return exists() && of(*this)->IsArray(); }
bool View::is_string() const { return exists() && of(*this)->IsString(); }
bool View::is_number() const { return exists() && of(*this)->IsNumber(); }
bool View::is_bool() const { return exists() && of(*this)->IsBool(); }

View View::operator[](std::string_view key) const {
  if (!is_object() || key.data() == nullptr) return {};
  const Value name(rapidjson::StringRef(key.data(), rapid_size(key.size())));
  const auto member = of(*this)->FindMember(name);
  return member == of(*this)->MemberEnd() ? View() : from_raw(&member->value);
}

View View::at(std::size_t index) const {
  if (!is_array() || index >= of(*this)->Size()) return {};
  return from_raw(&(*of(*this))[rapid_size(index)]);
}

std::size_t View::size() const {
  if (is_array()) return of(*this)->Size();
  return is_object() ? of(*this)->MemberCount() : 0;
}

std::string View::string(std::string_view otherwise) const {
  return std::string(is_string() ? string_view() : otherwise);
}

std::string_view View::string_view() const {
  if (!is_string()) return {};
  return {of(*this)->GetString(), of(*this)->GetStringLength()};
}

std::int64_t View::integer(std::int64_t otherwise) const {
  return maybe_integer().value_or(otherwise);
}

bool View::boolean(bool otherwise) const { return maybe_boolean().value_or(otherwise); }

double View::number(double otherwise) const {
  return is_number() ? of(*this)->GetDouble() : otherwise;
}

std::optional<std::int64_t> View::maybe_integer() const {
  if (!exists() || !of(*this)->IsInt64()) return std::nullopt;
  return of(*this)->GetInt64();
}

std::optional<bool> View::maybe_boolean() const {
  if (!is_bool()) return std::nullopt;
  return of(*this)->GetBool();
}

std::vector<View> View::items() const {
  std::vector<View> found;
  if (!is_array()) return found;
  found.reserve(size());
  for (const Value& item : of(*this)->GetArray()) found.push_back(from_raw(&item));
  return found;
}

std::vector<std::pair<std::string_view, View>> View::members() const {
  std::vector<std::pair<std::string_view, View>> found;
  if (!is_object()) return found;
  found.reserve(size());
  for (const auto& member : of(*this)->GetObject()) {
    found.emplace_back(from_raw(&member.name).string_view(), from_raw(&member.value));
  }
  return found;
}

StringMap View::string_map() const {
  StringMap found;
  for (const auto& [key, value] : members()) {
    if (value.is_string()) found.emplace(key, value.string_view());
  }
  return found;
}

std::vector<std::string> View::strings() const {
  std::vector<std::string> found;
  for (const View& item : items()) {
    if (item.is_string()) found.push_back(item.string());
  }
  return found;
}

std::string View::dump() const {
  if (!exists()) return "null";
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  of(*this)->Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

bool equal(View a, View b) {
  if (!a.exists() || !b.exists()) return a.exists() == b.exists();
  return *of(a) == *of(b);
}

}  // namespace json
