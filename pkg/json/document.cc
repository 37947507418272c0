#include "json/rapid.h"
#include "json/value.h"

#include <fmt/format.h>

#include <charconv>
#include <mutex>
#include <new>

namespace json {
namespace {

constexpr int kMaxDepth = 512;
// A value takes 16 bytes and more: a text of small numbers would become many times as large. An
// IPAM block of 4,096 addresses, the largest there is, has about 50,000.
constexpr std::size_t kMostValues = 250'000;
// Larger texts are parsed one at a time: while that lasts, it takes several times the memory.
constexpr std::size_t kUsualText = 256u << 10;
std::mutex large_texts;

// Hands what the parser reads on to the document, and stops the parser when there is too much of
// it, or it is nested too deeply: everything behind it (copying, writing, comparing, destroying)
// recurses.
class Guard {
 public:
  explicit Guard(Rapid& to) : to_(to) {}

  bool Null() { return fits() && to_.Null(); }
  bool Bool(bool value) { return fits() && to_.Bool(value); }
  bool Int(int value) { return fits() && to_.Int(value); }
  bool Uint(unsigned value) { return fits() && to_.Uint(value); }
  bool Int64(std::int64_t value) { return fits() && to_.Int64(value); }
  bool Uint64(std::uint64_t value) { return fits() && to_.Uint64(value); }
  bool Double(double value) { return fits() && to_.Double(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    return fits() && to_.RawNumber(text, size, copy);
  }
  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    return fits() && to_.String(text, size, copy);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    return fits() && to_.Key(text, size, copy);
  }
  bool StartObject() { return fits() && ++depth_ <= kMaxDepth && to_.StartObject(); }
  bool EndObject(rapidjson::SizeType count) { return --depth_ >= 0 && to_.EndObject(count); }
  bool StartArray() { return fits() && ++depth_ <= kMaxDepth && to_.StartArray(); }
  bool EndArray(rapidjson::SizeType count) { return --depth_ >= 0 && to_.EndArray(count); }

 private:
  bool fits() { return ++values_ <= kMostValues; }

  Rapid& to_;
  int depth_ = 0;
  std::size_t values_ = 0;
};

std::string unescape(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const std::string_view two = token.substr(i, 2);
    const bool escape = two == "~0" || two == "~1";
    key += escape ? (two == "~1" ? '/' : '~') : token[i];
    i += escape ? 1 : 0;
  }
  return key;
}

std::vector<std::string> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    if (pointer.front() == '/') pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    tokens.push_back(unescape(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return tokens;
}

Value* find_member(Value& object, const std::string& key) {
  return object.HasMember(key) ? &object[key] : nullptr;
}

Value* find_element(Value& array, const std::string& token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool number = error == std::errc() && end == token.data() + token.size();
  return number && index < array.Size() ? &array[rapid_size(index)] : nullptr;
}

Value* find_child(Value& parent, const std::string& token) {
  if (parent.IsObject()) return find_member(parent, token);
  return parent.IsArray() ? find_element(parent, token) : nullptr;
}

// An index behind the end of an array, and "-", append.
Value& make_child(Value& parent, const std::string& token, Rapid::AllocatorType& allocator) {
  if (parent.IsArray()) {
    parent.PushBack(Value(), allocator);
    return parent[parent.Size() - 1];
  }
  if (!parent.IsObject()) parent.SetObject();
  parent.AddMember(make_string(token, allocator), Value(), allocator);
  return (parent.MemberEnd() - 1)->value;
}

Value& reach(Rapid& document, std::string_view pointer) {
  Value* place = &document;
  for (const std::string& token : tokens_of(pointer)) {
    Value* const child = find_child(*place, token);
    place = child != nullptr ? child : &make_child(*place, token, document.GetAllocator());
  }
  return *place;
}

Value copy_of(View view, Rapid::AllocatorType& allocator) {
  return view.exists() ? Value(*raw_value(view.raw()), allocator) : Value();
}

void append_value(Rapid& document, std::string_view pointer, Value value) {
  Value& array = reach(document, pointer);
  if (!array.IsArray()) array.SetArray();
  array.PushBack(std::move(value), document.GetAllocator());
}

}  // namespace

struct Document::Impl {
  Rapid rapid{rapidjson::kObjectType};

  Rapid::AllocatorType& allocator() { return rapid.GetAllocator(); }
  rapidjson::ParseResult read(std::string_view text);
};

rapidjson::ParseResult Document::Impl::read(std::string_view text) {
  constexpr unsigned kFlags =
      rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Reader reader;
  rapidjson::ParseResult result;
  const auto generate = [&](Rapid& to) {
    Guard guard(to);
    rapidjson::MemoryStream bytes(text.data() == nullptr ? "" : text.data(), text.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
    result = reader.Parse<kFlags>(stream, guard);
    return !result.IsError();
  };
  rapid.Populate(generate);
  return result;
}

Document::Document() : impl_(std::make_unique<Impl>()) {}
Document::Document(const Document& other) : Document() { *this = other; }
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document& Document::operator=(const Document& other) {
  if (this == &other) return *this;
  if (!impl_) impl_ = std::make_unique<Impl>();
  if (other.impl_) impl_->rapid.CopyFrom(other.impl_->rapid, impl_->allocator());
  return *this;
}

base::Result<Document> Document::parse(std::string_view text) {
  std::unique_lock one_at_a_time(large_texts, std::defer_lock);
  if (text.size() > kUsualText) one_at_a_time.lock();
  Document document;
  rapidjson::ParseResult result;
  try {
    result = document.impl_->read(text);
  } catch (const std::bad_alloc&) {
    return base::fail(base::ErrorKind::Unavailable, "not enough memory for a JSON text");
  }
  if (!result.IsError() && text.find('\0') == std::string_view::npos) return document;
  const bool stopped = result.Code() == rapidjson::kParseErrorTermination;
  const char* const reason = !result.IsError() ? "a NUL byte in the text"
                             : stopped         ? "nested too deeply, or too many values"
                                               : rapidjson::GetParseError_En(result.Code());
  return base::fail(base::ErrorKind::Invalid,
                    fmt::format("JSON is malformed at byte {}: {}", result.Offset(), reason));
}

View Document::root() const { return impl_ ? View::from_raw(&impl_->rapid) : View(); }

void Document::set_string(std::string_view pointer, std::string_view value) {
  // The value is created first: `value` may point into this document.
  Value made = make_string(value, impl_->allocator());
  reach(impl_->rapid, pointer) = std::move(made);
}

void Document::set_integer(std::string_view pointer, std::int64_t value) {
  reach(impl_->rapid, pointer).SetInt64(value);
}

void Document::set_boolean(std::string_view pointer, bool value) {
  reach(impl_->rapid, pointer).SetBool(value);
}

void Document::set_null(std::string_view pointer) { reach(impl_->rapid, pointer).SetNull(); }

void Document::set_object(std::string_view pointer) {
  Value& place = reach(impl_->rapid, pointer);
  if (!place.IsObject()) place.SetObject();
}

void Document::set_array(std::string_view pointer) { reach(impl_->rapid, pointer).SetArray(); }

void Document::set(std::string_view pointer, View value) {
  Value made = copy_of(value, impl_->allocator());
  reach(impl_->rapid, pointer) = std::move(made);
}

void Document::append(std::string_view pointer, View value) {
  append_value(impl_->rapid, pointer, copy_of(value, impl_->allocator()));
}

void Document::append_string(std::string_view pointer, std::string_view value) {
  append_value(impl_->rapid, pointer, make_string(value, impl_->allocator()));
}

void Document::append_integer(std::string_view pointer, std::int64_t value) {
  append_value(impl_->rapid, pointer, Value(value));
}

void Document::append_null(std::string_view pointer) {
  append_value(impl_->rapid, pointer, Value());
}

void Document::erase(std::string_view pointer) {
  std::vector<std::string> tokens = tokens_of(pointer);
  if (tokens.empty()) return;
  const std::string last = std::move(tokens.back());
  tokens.pop_back();
  Value* place = &impl_->rapid;
  for (const std::string& token : tokens) {
    place = place == nullptr ? nullptr : find_child(*place, token);
  }
  if (place == nullptr) return;
  Value* const child = find_child(*place, last);
  if (child == nullptr) return;
  if (place->IsObject()) {
    place->EraseMember(place->FindMember(last));
  } else {
    place->Erase(child);
  }
}

bool Document::operator==(const Document& other) const { return equal(root(), other.root()); }

std::string pointer_escape(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace json
