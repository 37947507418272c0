// Configures RapidJSON for this folder; include it from the .cc files here and from nowhere else.
#pragma once

#include <stdexcept>

// RapidJSON's assertions throw: a failed one is a bug of ours, never a property of the input, and
// tests can catch it.
#define RAPIDJSON_HAS_STDSTRING 1
#define RAPIDJSON_ASSERT_THROWS 1
#define RAPIDJSON_ASSERT(x) \
  (static_cast<bool>(x) ? static_cast<void>(0) : throw std::logic_error("rapidjson: " #x))
#define RAPIDJSON_NOEXCEPT_ASSERT(x) static_cast<void>(0)

#include <rapidjson/document.h>
#include <rapidjson/encodedstream.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

namespace json {

// Plain heap memory: the default pool takes 64 KiB a document at least and never gives back what a
// write replaced.
using Rapid =
    rapidjson::GenericDocument<rapidjson::UTF8<>, rapidjson::CrtAllocator, rapidjson::CrtAllocator>;
using Value = Rapid::ValueType;

inline rapidjson::SizeType rapid_size(std::size_t size) {
  return static_cast<rapidjson::SizeType>(size);
}

inline Value make_string(std::string_view text, Rapid::AllocatorType& allocator) {
  return Value(text.data() == nullptr ? "" : text.data(), rapid_size(text.size()), allocator);
}

inline const Value* raw_value(const void* raw) { return static_cast<const Value*>(raw); }

}  // namespace json
