#include "json/sieve.h"

#include <algorithm>

namespace json {
namespace {

constexpr std::size_t kLongestName = 64;  // of a member that a Keep names

}  // namespace

Keep::Keep(std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) add(path);
}

const Keep& Keep::everything() {
  static const Keep all;
  return all;
}

void Keep::add(std::string_view path) {
  Keep* place = this;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    place = &place->below_[std::string(path.substr(0, end))];
    path.remove_prefix(std::min(end + 1, path.size()));
  }
}

void Keep::add_below(std::string_view name, const Keep& tree) { below_[std::string(name)] = tree; }

const Keep* Keep::find(std::string_view member) const {
  const auto found = below_.find(member);
  return found == below_.end() ? nullptr : &found->second;
}

void Sieve::begin() {
  levels_.clear();
  value_ = &keep_;
  fate_ = keep_.is_whole() ? Fate::Whole : Fate::Sieved;
  deep_ = 0;
  in_string_ = escaped_ = wants_key_ = in_key_ = false;
}

void Sieve::take(char c, std::string& to) {
  if (in_string_) return take_in_string(c, to);
  if (c == '"') {
    in_string_ = true;
    in_key_ = wants_key_ && deep_ == 0;
    if (in_key_) key_.clear();
    return in_key_ ? void() : emit(c, to);
  }
  if (c == '{' || c == '[') return open(c, to);
  if (c == '}' || c == ']') return close(c, to);
  take_sign(c, to);
}

void Sieve::take_in_string(char c, std::string& to) {
  const bool ends = c == '"' && !escaped_;
  escaped_ = c == '\\' && !escaped_;
  in_string_ = !ends;
  if (!in_key_) return emit(c, to);
  if (ends) return end_key(to);
  if (key_.size() <= kLongestName) key_ += c;
}

void Sieve::end_key(std::string& to) {
  in_key_ = wants_key_ = false;
  Level& level = levels_.back();
  value_ = level.keep->find(key_);
  if (value_ == nullptr) {
    fate_ = Fate::Dropped;
    return;
  }
  fate_ = value_->is_whole() ? Fate::Whole : Fate::Sieved;
  if (level.has_member) to += ',';
  level.has_member = true;
  to.append("\"").append(key_).append("\"");
}

// A comma of an object is written with the next member that is kept.
void Sieve::take_sign(char c, std::string& to) {
  const bool ends_member = c == ',' && deep_ == 0 && !levels_.empty() && levels_.back().is_object;
  if (!ends_member) return emit(c, to);
  wants_key_ = true;
  fate_ = Fate::Sieved;
}

void Sieve::open(char c, std::string& to) {
  const bool nested = c == '[' && !levels_.empty() && !levels_.back().is_object;
  if (deep_ == 0 && fate_ == Fate::Sieved && nested) {
    to += "null";  // no path of a Keep leads into an array in an array
    fate_ = Fate::Dropped;
  }
  if (deep_ > 0 || fate_ != Fate::Sieved) {
    ++deep_;
    return emit(c, to);
  }
  to += c;
  levels_.push_back({levels_.empty() ? &keep_ : value_, c == '{'});
  wants_key_ = c == '{';
}

void Sieve::close(char c, std::string& to) {
  if (deep_ > 0) {
    emit(c, to);
    if (--deep_ == 0 && !levels_.empty() && !levels_.back().is_object) fate_ = Fate::Sieved;
    return;
  }
  to += c;
  if (levels_.empty()) return;
  levels_.pop_back();
  fate_ = Fate::Sieved;
  wants_key_ = false;
  if (!levels_.empty()) value_ = levels_.back().keep;
}

void Sieve::emit(char c, std::string& to) const {
  if (fate_ != Fate::Dropped) to += c;
}

}  // namespace json
