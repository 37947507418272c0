#include "json/stream.h"

#include <fmt/format.h>

namespace json {
namespace {

constexpr std::size_t kUsualObject = 64u << 10;
constexpr int kItemsDepth = 2;  // the list is one object, its items one array

base::Failure too_long(std::string_view what, std::size_t limit) {
  return base::fail(base::ErrorKind::Protocol,
                    fmt::format("{} of more than {} bytes was refused", what, limit));
}

base::Failure too_much() {
  return base::fail(base::ErrorKind::Unavailable, "too much is being read at once");
}

// A buffer that was large once does not stay so.
void forget(std::string& text) {
  if (text.capacity() > kUsualObject) text = {};
  text.clear();
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

ListSplitter::ListSplitter(OnItem on_item, std::size_t max_item_bytes, const Keep& keep)
    : on_item_(std::move(on_item)), max_item_bytes_(max_item_bytes), sieve_(keep) {}

base::Result<void> ListSplitter::feed(std::string_view chunk) {
  for (const char c : chunk) {
    const Sign sign = step(c);
    if (sign == Sign::None) continue;
    if (auto done = obey(sign); !done) return done;
  }
  if (item_.size() > max_item_bytes_) return too_long("an item of a list", max_item_bytes_);
  if (skeleton_.size() > max_item_bytes_) return too_long("a list's metadata", max_item_bytes_);
  if (!share_.cover(item_.capacity() + skeleton_.capacity())) return too_much();
  return {};
}

base::Result<void> ListSplitter::obey(Sign sign) {
  if (sign == Sign::Refused) {
    return base::fail(base::ErrorKind::Protocol, "a list has an item that is no object");
  }
  if (item_.size() > max_item_bytes_) return too_long("an item of a list", max_item_bytes_);
  auto done = on_item_(item_);
  forget(item_);
  return done;
}

ListSplitter::Sign ListSplitter::step(char c) {
  if (where_ == Where::InItems) return step_between_items(c);
  if (where_ == Where::InItem) {
    sieve_.take(c, item_);
  } else {
    skeleton_ += c;
  }
  if (in_string_) {
    track_string(c);
    return Sign::None;
  }
  if (c == '"') {
    in_string_ = true;
    last_string_.clear();
    return Sign::None;
  }
  track_depth(c);
  if (where_ != Where::InItem || depth_ != kItemsDepth) return Sign::None;
  where_ = Where::InItems;
  return Sign::ItemEnds;
}

ListSplitter::Sign ListSplitter::step_between_items(char c) {
  if (c == ',' || is_space(c)) return Sign::None;
  if (c == ']') {
    where_ = Where::Behind;
    --depth_;
    skeleton_ += c;
    return Sign::None;
  }
  if (c != '{') return Sign::Refused;
  where_ = Where::InItem;
  ++depth_;
  sieve_.begin();
  sieve_.take(c, item_);
  return Sign::None;
}

void ListSplitter::track_string(char c) {
  if (escaped_) {
    escaped_ = false;
  } else if (c == '\\') {
    escaped_ = true;
  } else if (c == '"') {
    in_string_ = false;
    return;
  }
  // Six bytes, one more than "items" has, are enough to distinguish that key from every other.
  if (depth_ == 1 && last_string_.size() <= 5) last_string_ += c;
}

void ListSplitter::track_depth(char c) {
  if (c == '{' || c == '[') {
    ++depth_;
    const bool items = c == '[' && depth_ == kItemsDepth && last_string_ == "items";
    if (items && where_ == Where::Outside) where_ = Where::InItems;
  } else if (c == '}' || c == ']') {
    --depth_;
  }
}

base::Result<Document> ListSplitter::beginning() const { return Document::parse(skeleton_ + "]}"); }

base::Result<Document> ListSplitter::finish() {
  if (depth_ != 0 || in_string_ || skeleton_.empty()) {
    return base::fail(base::ErrorKind::Protocol, "a list ended early");
  }
  auto list = Document::parse(skeleton_);
  if (!list) {
    return base::fail(base::ErrorKind::Protocol, "a list is malformed: " + list.error().message);
  }
  list->erase("/items");
  return list;
}

LineSplitter::LineSplitter(OnLine on_line, std::size_t max_line_bytes, const Keep& keep)
    : on_line_(std::move(on_line)), max_line_bytes_(max_line_bytes), sieve_(keep) {
  sieve_.begin();
}

base::Result<void> LineSplitter::feed(std::string_view chunk) {
  while (!chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    for (const char c : chunk.substr(0, end)) sieve_.take(c, line_);
    if (line_.size() > max_line_bytes_) return too_long("a line of a watch", max_line_bytes_);
    if (!share_.cover(line_.capacity())) return too_much();
    if (end == std::string_view::npos) return {};
    chunk.remove_prefix(end + 1);
    if (auto done = end_line(); !done) return done;
  }
  return {};
}

base::Result<void> LineSplitter::end_line() {
  base::Result<void> done;
  if (!line_.empty()) done = on_line_(line_);
  forget(line_);
  share_.cover(line_.capacity());
  sieve_.begin();
  return done;
}

}  // namespace json
