#include "yaml/parse.h"

#include "json/writer.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace yaml {
namespace {

constexpr std::size_t kMostBytes = 4u << 20;
constexpr std::size_t kMostValues = 100'000;
constexpr std::size_t kMostLevels = 64;

// An error for YAML that this reader does not accept. Its message quotes nothing of the text.
class Refused : public YAML::Exception {
 public:
  using YAML::Exception::Exception;
};

// 12, -12, 0o14, 0x0c; nullopt for anything else, and for what 64 bits cannot hold.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  int base = 10;
  if (text.starts_with("0o") || text.starts_with("0x")) {
    base = text[1] == 'o' ? 8 : 16;
    text.remove_prefix(2);
    if (text.starts_with('-')) return std::nullopt;
  } else if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

// Writes what yaml-cpp reads, as it reads it: no tree of nodes, and no way back to one.
class ToJson : public YAML::EventHandler {
 public:
  explicit ToJson(Use use) : use_(use) {}

  std::string text() const { return found_ ? writer_.text() : "null"; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused(mark, "an alias: write out what it stands for");
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    count(mark);
    if (levels_.empty()) return;  // an empty document, as behind a last "---", is none
    before_value(mark);
    writer_.null();
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    count(mark);
    if (!levels_.empty() && levels_.back().wants_key) return write_key(mark, value);
    before_value(mark);
    write_scalar(tag, value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark);
    levels_.emplace_back();
    writer_.array();
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark);
    levels_.push_back({true, true, {}});
    writer_.object();
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    bool is_map = false;
    bool wants_key = false;
    std::set<std::string> keys;
  };

  void count(const YAML::Mark& mark) {
    if (++values_ > kMostValues)
      throw Refused(mark, fmt::format("more than {} values", kMostValues));
  }

  // Called before each value: a document, an item of a sequence, or what stands behind a key.
  void before_value(const YAML::Mark& mark) {
    if (levels_.empty()) {
      if (found_) throw Refused(mark, "a second document: give each a file of its own");
      found_ = true;
    } else if (levels_.back().wants_key) {
      throw Refused(mark, "a key has to be a plain text");
    } else {
      levels_.back().wants_key = levels_.back().is_map;
    }
  }

  void open(const YAML::Mark& mark) {
    count(mark);
    before_value(mark);
    if (levels_.size() == kMostLevels)
      throw Refused(mark, fmt::format("nested in more than {} levels", kMostLevels));
  }

  void close() {
    levels_.pop_back();
    writer_.end();
  }

  void write_key(const YAML::Mark& mark, const std::string& key) {
    auto& level = levels_.back();
    if (!level.keys.insert(key).second) throw Refused(mark, "a key that is there twice");
    level.wants_key = false;
    writer_.key(key);
  }

  void write_scalar(const std::string& tag, const std::string& text) {
    // Quoted, or tagged so.
    const bool is_text = use_ == Use::Secrets || tag == "!" || tag.ends_with(":str");
    if (const auto number = is_text ? std::nullopt : parse_integer(text)) {
      writer_.integer(*number);
    } else if (const auto flag = is_text ? std::nullopt : parse_boolean(text)) {
      writer_.boolean(*flag);
    } else {
      writer_.string(text);
    }
  }

  const Use use_;
  json::Writer writer_;
  std::vector<Level> levels_;
  std::size_t values_ = 0;
  bool found_ = false;
};

std::string to_json(std::string_view text, Use use) {
  std::istringstream in{std::string(text)};
  YAML::Parser parser(in);
  ToJson handler(use);
  while (parser.HandleNextDocument(handler)) {
  }
  return handler.text();
}

base::Failure invalid(const YAML::Mark& mark, std::string_view why) {
  return base::fail(base::ErrorKind::Invalid,
                    fmt::format("line {}, column {}: {}", mark.line + 1, mark.column + 1, why));
}

}  // namespace

base::Result<json::Document> parse(std::string_view text, Use use) {
  if (text.size() > kMostBytes) {
    return base::fail(base::ErrorKind::Invalid,
                      fmt::format("longer than {} MiB", kMostBytes >> 20));
  }
  try {
    return json::Document::parse(to_json(text, use));
  } catch (const Refused& error) {
    return invalid(error.mark, error.msg);
  } catch (const YAML::Exception& error) {
    return invalid(error.mark, use == Use::Secrets ? "this is no YAML" : error.msg);
  }
}

}  // namespace yaml
