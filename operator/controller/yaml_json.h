// A YAML text of one document as JSON.
#pragma once

#include "base/error.h"
#include "json/value.h"

#include <string>
#include <string_view>

namespace controller {

// Plain scalars become integers, booleans and null by YAML's core schema; quoted ones stay strings,
// as do numbers with a fraction, which no field of ours has. Invalid names line and column; a
// second document and a key that is there twice are.
base::Result<json::Document> yaml_to_json(std::string_view text);

}  // namespace controller
