#include "base/log.h"

#include <catch2/catch.hpp>

TEST_CASE("a log line is JSON whatever bytes the fields hold") {
  CHECK(base::format_log(base::LogLevel::Warn, "node failed",
                         {{"node", "w\"1\\"}, {"error", "a\nb\x01"}}) ==
        R"("level":"warn","msg":"node failed","node":"w\"1\\","error":"a\nb\u0001")");
}

TEST_CASE("what is no UTF-8 is replaced in a log line") {
  CHECK(
      base::format_log(base::LogLevel::Info, "\xc3\xa4 \xc3( \xed\xa0\x80 \xf0\x9f\x98\x80", {}) ==
      "\"level\":\"info\",\"msg\":\"\xc3\xa4 \\ufffd( \\ufffd\\ufffd\\ufffd \xf0\x9f\x98\x80\"");
}
