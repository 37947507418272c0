#include "api/metadata_patch.h"

namespace api {

void write_changes(json::Writer& writer, std::string_view name, const KeyChanges& changes) {
  if (changes.empty()) return;
  writer.key(name).object();
  for (const auto& [key, value] : changes) {
    writer.key(key);
    value ? writer.string(*value) : writer.null();
  }
  writer.end();
}

void apply_changes(const KeyChanges& changes, StringMap& map) {
  for (const auto& [key, value] : changes) {
    if (value) {
      map[key] = *value;
    } else {
      map.erase(key);
    }
  }
}

}  // namespace api
