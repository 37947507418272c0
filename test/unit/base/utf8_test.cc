#include "base/utf8.h"

#include <catch2/catch.hpp>

TEST_CASE("a sequence is UTF-8, or it is not") {
  CHECK(base::utf8_length("a\xc3\xa4") == 1);
  CHECK(base::utf8_length("\xc3\xa4") == 2);
  CHECK(base::utf8_length("\xf0\x9f\x98\x80!") == 4);
  for (const auto* bad : {"", "\xc3", "\xc3(", "\xa4", "\xed\xa0\x80", "\xe0\x80\x80", "\xff"})
    CHECK(base::utf8_length(bad) == 0);
}

TEST_CASE("bytes that are no UTF-8 are replaced") {
  CHECK(base::clean_utf8("Fehler: \xfcll") == "Fehler: \xef\xbf\xbdll");
  CHECK(base::clean_utf8("\xc3\xa4\xc3") == "\xc3\xa4\xef\xbf\xbd");
  CHECK(base::clean_utf8("").empty());
}

TEST_CASE("a text is cut between characters") {
  CHECK(base::cut_utf8("abcdef", 6) == "abcdef");
  CHECK(base::cut_utf8("abcdefg", 6) == "abc...");
  CHECK(base::cut_utf8("ab\u00e4xyz1", 6) == "ab...");
  CHECK(base::cut_utf8("abcd", 3) == "...");
  CHECK(base::excerpt(std::string(99, 'a')) == std::string(77, 'a') + "...");
  // What was cut is not cut again.
  CHECK(base::cut_utf8(base::cut_utf8("abcdefg", 6), 6) == "abc...");
}
