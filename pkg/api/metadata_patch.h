// Pieces of merge patches that more than one kind needs.
#pragma once

#include "api/meta.h"
#include "json/writer.h"

#include <map>
#include <optional>
#include <string>

namespace api {

// Per key: the value to set, or nullopt to take the key away.
using KeyChanges = std::map<std::string, std::optional<std::string>>;

// "<name>": {"k":"v","gone":null}; empty when there are no changes.
void write_changes(json::Writer& writer, std::string_view name, const KeyChanges& changes);
void apply_changes(const KeyChanges& changes, StringMap& map);

}  // namespace api
