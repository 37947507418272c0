#include "flannel/options.h"

#include <algorithm>
#include <sstream>

namespace flannel {
namespace {

std::vector<std::string> split_words(const std::vector<std::string>& command) {
  std::vector<std::string> words;
  for (const auto& argument : command) {
    std::istringstream in(argument);
    for (std::string word; in >> word;) words.push_back(word);
  }
  return words;
}

bool is_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

// "--x=1" and "-x=1" -> "x=1"
std::string_view without_dashes(std::string_view word) {
  return word.substr(word.substr(0, 2) == "--" ? 2 : 1);
}

struct Written {
  std::string_view name;
  std::optional<std::string_view> value;
};

std::optional<Written> parse_option(std::string_view word) {
  if (!is_option(word)) return std::nullopt;
  word = without_dashes(word);
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return Written{word, std::nullopt};
  return Written{word.substr(0, equals), word.substr(equals + 1)};
}

std::optional<bool> parse_bool(std::string_view text) {
  for (const auto* yes : {"true", "True", "TRUE", "t", "T", "1"}) {
    if (text == yes) return true;
  }
  for (const auto* no : {"false", "False", "FALSE", "f", "F", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::string environment_name(std::string_view option) {
  std::string name = "FLANNELD_";
  for (const char c : option)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace

Options::Options(const api::ContainerSpec& container)
    : words_(split_words(container.command)), env_(container.env) {}

bool Options::runs_flanneld() const {
  return std::any_of(words_.begin(), words_.end(), [](const std::string& word) {
    return word.substr(word.rfind('/') + 1) == "flanneld";
  });
}

bool Options::runs_entrypoint() const { return words_.empty() || is_option(words_.front()); }

std::optional<std::string> Options::from_environment(std::string_view name) const {
  const auto found = env_.find(environment_name(name));
  if (found == env_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Options::text(std::string_view name) const {
  for (std::size_t i = words_.size(); i-- > 0;) {  // the last one wins
    const auto option = parse_option(words_[i]);
    if (!option || option->name != name) continue;
    if (option->value) return std::string(*option->value);
    if (i + 1 < words_.size() && !is_option(words_[i + 1])) return words_[i + 1];
  }
  return from_environment(name);
}

std::optional<bool> Options::boolean(std::string_view name) const {
  for (std::size_t i = words_.size(); i-- > 0;) {
    const auto option = parse_option(words_[i]);
    if (option && option->name == name) return parse_bool(option->value.value_or("true"));
  }
  const auto value = from_environment(name);
  return value ? parse_bool(*value) : std::nullopt;
}

}  // namespace flannel
