// Large answers of the API server, taken apart while they arrive, so that memory holds one object
// at a time.
#pragma once

#include "base/error.h"
#include "json/memory_share.h"
#include "json/sieve.h"
#include "json/value.h"

#include <functional>
#include <string>
#include <string_view>

namespace json {

// No object in etcd is larger, unless etcd was configured for it.
inline constexpr std::size_t kLongestObject = 8u << 20;

// A Kubernetes list: hands out each element of the top-level "items" array as its own text; keeps
// the rest.
class ListSplitter {
 public:
  // `on_item` gets the JSON text of one element, valid during the call; an error it returns ends
  // the parse.
  using OnItem = std::function<base::Result<void>(std::string_view)>;
  // `keep` names the members of each element that are kept, and must outlive the splitter. An
  // element that is longer than `max_item_bytes` even so is refused (Protocol); Unavailable while
  // too much is being read at all.
  explicit ListSplitter(OnItem on_item, std::size_t max_item_bytes = kLongestObject,
                        const Keep& keep = Keep::everything());

  // Bytes as they come, cut anywhere.
  base::Result<void> feed(std::string_view chunk);
  // For on_item: the list as far as it came before its items.
  base::Result<Document> beginning() const;
  // After the last byte: the list without its items (kind, metadata), or Protocol when the text
  // ended early.
  base::Result<Document> finish();

 private:
  enum class Where { Outside, InItems, InItem, Behind };
  // The meaning of a character for the list.
  enum class Sign { None, ItemEnds, Refused };

  Sign step(char c);
  Sign step_between_items(char c);
  void track_string(char c);
  void track_depth(char c);
  base::Result<void> obey(Sign sign);

  OnItem on_item_;
  std::size_t max_item_bytes_;
  Sieve sieve_;
  MemoryShare share_;
  Where where_ = Where::Outside;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  std::string skeleton_;  // everything but the elements
  std::string item_;
  std::string last_string_;  // the string read last at depth 1: the key in front of a value
};

// A watch: one JSON text a line.
class LineSplitter {
 public:
  using OnLine = std::function<base::Result<void>(std::string_view)>;
  // The arguments are ListSplitter's, for each line.
  explicit LineSplitter(OnLine on_line, std::size_t max_line_bytes = kLongestObject,
                        const Keep& keep = Keep::everything());
  base::Result<void> feed(std::string_view chunk);

 private:
  base::Result<void> end_line();

  OnLine on_line_;
  std::size_t max_line_bytes_;
  Sieve sieve_;
  MemoryShare share_;
  std::string line_;
};

}  // namespace json
