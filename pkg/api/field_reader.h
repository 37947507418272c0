// Reads the members of an object that a person has written, strictly: a member that cannot be read
// is remembered with its name and the form that is wanted. Absent members, nulls and empty texts
// are not errors.
#pragma once

#include "api/migration_spec.h"
#include "api/words.h"
#include "json/value.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace api {

struct DurationRange {
  base::Duration least;
  base::Duration most;
};

// Errors that readers of one object and its children have found.
struct FieldErrors {
  std::vector<std::string> refused;  // "spec.paused: must be true or false, not 7"
  std::vector<std::string> unknown;  // "spec.pause": members that no reader asked for
};

class FieldReader {
 public:
  // `path` is what errors call `object`; both must outlive the reader and its children.
  FieldReader(json::View object, std::string path, FieldErrors& errors);
  FieldReader(const FieldReader&) = delete;
  FieldReader& operator=(const FieldReader&) = delete;
  // The members that were not asked for until then are unknown.
  ~FieldReader();

  FieldReader child(std::string_view name) const;
  // Neither absent nor null.
  bool exists() const { return object_.exists(); }

  std::optional<std::string> text(std::string_view name) const;
  std::optional<int> integer(std::string_view name, int least, int most) const;
  std::optional<bool> boolean(std::string_view name) const;
  std::optional<base::Duration> duration(std::string_view name, DurationRange range) const;
  std::optional<net::Cidr> cidr(std::string_view name, net::Family family) const;
  std::optional<IntOrPercent> int_or_percent(std::string_view name) const;
  std::optional<StringMap> string_map(std::string_view name) const;
  // Kubernetes' rules decide which label keys and values are accepted.
  std::optional<std::string> label_key(std::string_view name) const;
  std::optional<StringMap> labels(std::string_view name) const;
  // Elements are names, or objects with a member "name".
  std::optional<std::vector<std::string>> names(std::string_view name) const;

  template <typename E, std::size_t N>
  std::optional<E> word(std::string_view name, const Words<E, N>& words) const {
    const auto written = text(name);
    if (!written) return std::nullopt;
    const auto value = value_of(words, *written);
    if (!value) refuse(name, "must be one of " + all_words(words));
    return value;
  }

  void refuse(std::string_view name, std::string_view wanted) const;

 private:
  json::View member(std::string_view name) const;

  json::View object_;
  std::string path_;
  FieldErrors& errors_;
  mutable std::set<std::string, std::less<>> asked_;
};

// Overwrites `field` when there is a value.
template <typename T>
void assign(T& field, std::optional<T> value) {
  if (value) field = *std::move(value);
}

}  // namespace api
