// Enums and the words that stand for them in JSON, one table for both directions.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace api {

template <typename E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

// Empty for a value that the table does not have.
template <typename E, std::size_t N>
constexpr std::string_view word_of(const Words<E, N>& words, E value) {
  for (const auto& [candidate, word] : words) {
    if (candidate == value) return word;
  }
  return {};
}

template <typename E, std::size_t N>
constexpr std::optional<E> value_of(const Words<E, N>& words, std::string_view text) {
  for (const auto& [value, word] : words) {
    if (word == text) return value;
  }
  return std::nullopt;
}

// "Calico, Flannel": what a person may write.
template <typename E, std::size_t N>
std::string all_words(const Words<E, N>& words) {
  std::string text;
  for (const auto& [value, word] : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace api
