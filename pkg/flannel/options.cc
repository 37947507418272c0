#include "flannel/options.h"

#include "flannel/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace flannel {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// Expands variables as Kubernetes does in a command, and as a shell does.
std::string expand(std::string text, const api::StringMap& values) {
  for (const auto& [name, value] : values) {
    replace_all(text, "$(" + name + ")", value);
    replace_all(text, "${" + name + "}", value);
    if (text == "$" + name) text = value;
  }
  return text;
}

std::vector<std::string> split_blanks(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

// A variable may stand for several words.
std::vector<std::string> split_words(const std::vector<std::string>& command,
                                     const api::StringMap& values) {
  std::vector<std::string> words;
  for (const auto& argument : command) {
    for (const auto& word : split_blanks(expand(argument, values))) {
      for (auto& part : split_blanks(expand(word, values))) words.push_back(std::move(part));
    }
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

std::string_view program_name(std::string_view word) { return word.substr(word.rfind('/') + 1); }

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Programs to which a file's or a program's name is only an argument.
constexpr std::array<std::string_view, 6> kInstallers = {"cp", "install", "mv", "ln", "cat", "ls"};
constexpr std::array<std::string_view, 6> kSearches = {"pgrep",   "pidof", "pkill",
                                                       "killall", "echo",  "which"};

// True if the word at `at` is only searched for, and not run.
bool is_searched(const std::vector<std::string>& words, std::size_t at) {
  while (at > 0 && is_option(words[at - 1])) --at;
  return at > 0 && is_one_of(kSearches, program_name(words[at - 1]));
}

constexpr std::array<std::string_view, 2> kSwitches = {"ip-masq", "kube-subnet-mgr"};

std::string environment_name(std::string_view option) {
  std::string name = "FLANNELD_";
  for (const char c : option)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace

Options::Options(const api::ContainerSpec& container, const FindConfigMap& find)
    : image_(container.image),
      env_(read_environment(container, find)),
      words_(split_words(container.command, env_.values)) {}

bool Options::runs_flanneld() const {
  if (!words_.empty() && is_one_of(kInstallers, program_name(words_.front()))) return false;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (program_name(words_[i]) == "flanneld" && !is_searched(words_, i)) return true;
  }
  return false;
}

bool Options::runs_entrypoint() const { return words_.empty() || is_option(words_.front()); }

// The last of several equal options counts.
std::optional<std::size_t> Options::find(std::string_view name) const {
  for (std::size_t i = words_.size(); i-- > 0;) {
    const auto option = parse_option(words_[i]);
    if (option && option->name == name) return i;
  }
  return std::nullopt;
}

std::optional<std::string> Options::text(std::string_view name) const {
  if (const auto at = find(name)) {
    const auto option = parse_option(words_[*at]);
    if (option->value) return std::string(*option->value);
    if (*at + 1 < words_.size() && !is_option(words_[*at + 1])) return words_[*at + 1];
  }
  const auto value = env_.values.find(environment_name(name));
  return value == env_.values.end() ? std::nullopt : std::optional(value->second);
}

std::optional<bool> Options::boolean(std::string_view name) const {
  if (const auto at = find(name))
    return parse_bool(parse_option(words_[*at])->value.value_or("true"));
  const auto value = env_.values.find(environment_name(name));
  return value == env_.values.end() ? std::nullopt : parse_bool(value->second);
}

// Words that stand for options which cannot be seen.
std::string Options::unread_words() const {
  if (!runs_flanneld() && !runs_entrypoint()) return "what " + words_.front() + " runs";
  if (!runs_flanneld() && !is_flannel_image(image_)) return "image " + image_;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (!words_[i].starts_with('$')) continue;
    const auto before = i == 0 ? std::nullopt : parse_option(words_[i - 1]);
    const bool is_value = before && !before->value && !is_one_of(kSwitches, before->name);
    if (!is_value) return words_[i] + " of the command";
  }
  return {};
}

std::string Options::unread(std::string_view name) const {
  const auto variable = environment_name(name);
  if (const auto at = find(name)) {
    const auto written = parse_option(words_[*at])->value;
    const auto value =
        is_one_of(kSwitches, name) ? std::string(written.value_or("")) : text(name).value_or("");
    return value.find('$') == std::string::npos ? "" : fmt::format("--{} is {}", name, value);
  }
  if (const auto hidden = env_.unread.find(variable); hidden != env_.unread.end())
    return fmt::format("{} is in {}", variable, hidden->second);
  // The command line takes precedence over the environment.
  const auto words = unread_words();
  if (!words.empty()) return fmt::format("--{} may be in {}", name, words);
  if (env_.values.contains(variable) || env_.unread_object.empty()) return {};
  return fmt::format("{} may be in {}", variable, env_.unread_object);
}

}  // namespace flannel
