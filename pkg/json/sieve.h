// Drops the unwanted members of a JSON object while it arrives, so that they never take memory.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace json {

// The members that are kept, as a tree of names.
class Keep {
 public:
  // Paths such as "spec.nodeName". What is at the end of one is kept as a whole; an array on the
  // way stands for its elements. No path at all keeps everything.
  Keep() = default;
  Keep(std::initializer_list<std::string_view> paths);

  static const Keep& everything();

  void add(std::string_view path);
  // Adds the same tree below one more name, as if each path began with it and a dot.
  void add_below(std::string_view name, const Keep& tree);

  bool is_whole() const { return below_.empty(); }
  // Null when the member is not kept.
  const Keep* find(std::string_view member) const;

 private:
  std::map<std::string, Keep, std::less<>> below_;
};

// Filters one object after the other, byte by byte. Dropped members are not checked for being JSON;
// the rest is as well-formed as it came.
class Sieve {
 public:
  // `keep` must outlive it.
  explicit Sieve(const Keep& keep) : keep_(keep) {}

  // Begins another object.
  void begin();
  // Appends what is kept to `to`.
  void take(char c, std::string& to);

 private:
  // An open container some of whose members are kept.
  struct Level {
    const Keep* keep;
    bool is_object;
    bool has_member = false;  // of those kept
  };
  // The ways to keep the current value: with members taken out, as a whole, or not at all.
  enum class Fate { Sieved, Whole, Dropped };

  void take_in_string(char c, std::string& to);
  void take_sign(char c, std::string& to);
  void open(char c, std::string& to);
  void close(char c, std::string& to);
  void end_key(std::string& to);
  void emit(char c, std::string& to) const;

  const Keep& keep_;
  std::vector<Level> levels_;
  const Keep* value_ = nullptr;  // what is kept of the value that comes
  Fate fate_ = Fate::Sieved;
  int deep_ = 0;  // containers that are open in a value that is kept as a whole, or dropped
  bool in_string_ = false;
  bool escaped_ = false;
  bool wants_key_ = false;
  bool in_key_ = false;
  std::string key_;
};

}  // namespace json
