#include "json/writer.h"

#include "json/rapid.h"

namespace json {

struct Writer::Impl {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>,
                    rapidjson::CrtAllocator>
      rapid{buffer};
  std::string open;  // '{' and '[' of what is open, outermost first
};

Writer::Writer() : impl_(std::make_unique<Impl>()) {}
Writer::~Writer() = default;
Writer::Writer(Writer&&) noexcept = default;

Writer& Writer::object() {
  impl_->rapid.StartObject();
  impl_->open += '{';
  return *this;
}

Writer& Writer::array() {
  impl_->rapid.StartArray();
  impl_->open += '[';
  return *this;
}

Writer& Writer::end() {
  if (impl_->open.empty()) throw std::logic_error("json::Writer: nothing is open");
  if (impl_->open.back() == '{') {
    impl_->rapid.EndObject();
  } else {
    impl_->rapid.EndArray();
  }
  impl_->open.pop_back();
  return *this;
}

Writer& Writer::key(std::string_view name) { return string(name); }

Writer& Writer::string(std::string_view value) {
  impl_->rapid.String(value.data() == nullptr ? "" : value.data(), rapid_size(value.size()));
  return *this;
}

Writer& Writer::integer(std::int64_t value) {
  impl_->rapid.Int64(value);
  return *this;
}

Writer& Writer::boolean(bool value) {
  impl_->rapid.Bool(value);
  return *this;
}

Writer& Writer::null() {
  impl_->rapid.Null();
  return *this;
}

Writer& Writer::value(View view) {
  if (!view.exists()) return null();
  raw_value(view.raw())->Accept(impl_->rapid);
  return *this;
}

Writer& Writer::string_map(const StringMap& map) {
  object();
  for (const auto& [name, text] : map) field(name, text);
  return end();
}

Writer& Writer::field_if(std::string_view name, std::string_view value) {
  return value.empty() ? *this : field(name, value);
}

std::string Writer::text() const { return {impl_->buffer.GetString(), impl_->buffer.GetSize()}; }

}  // namespace json
