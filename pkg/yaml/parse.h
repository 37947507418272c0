// Converts a YAML text of one document to JSON. Only this folder includes yaml-cpp. The time and
// memory for a text are in proportion to its length, whatever it contains.
#pragma once

#include "base/error.h"
#include "json/value.h"

#include <string_view>

namespace yaml {

enum class Use {
  // Plain scalars become integers, booleans and null by YAML's core schema; quoted ones stay
  // strings, as do numbers with a fraction, which no field of ours has.
  Object,
  // Every scalar but null is a string, as it stands in the text, and errors quote nothing of it.
  Secrets,
};

// Null when there is no document. Invalid names line and column. So are a second document, a key
// that is there twice, an alias, more than 4 MiB, 100,000 values or 64 levels of nesting.
base::Result<json::Document> parse(std::string_view text, Use use = Use::Object);

}  // namespace yaml
