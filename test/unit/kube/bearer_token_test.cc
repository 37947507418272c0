#include "kube/bearer_token.h"

#include "fakes/temporary_folder.h"

#include <catch2/catch.hpp>

#include <filesystem>

using namespace kube;

namespace {

ClientConfig with_file(const std::string& path) {
  ClientConfig config;
  config.token_file = path;
  return config;
}

}  // namespace

TEST_CASE("a token is what is in its file, without the white space around it") {
  const fakes::TemporaryFolder folder;
  BearerToken token(with_file(folder.write("token", " \teyJ.a-b_c~d+e/f=\r\n\n")));
  CHECK(token.get() == "eyJ.a-b_c~d+e/f=");
}

TEST_CASE("a token that would break the header it is sent in is refused, unquoted") {
  const fakes::TemporaryFolder folder;
  const auto text = GENERATE(
      values<std::string>({"secret\r\nX-Remote-User: admin", "secret\nsecret", "secret secret",
                           "secret\x01", std::string("secret\0secret", 13), "secret\x7f",
                           "secret\xc3\xa4", std::string(1u << 20, 's')}));
  ClientConfig config;
  config.token = text;
  BearerToken plain(config);
  BearerToken file(with_file(folder.write("token", text)));
  for (auto* token : {&plain, &file}) {
    const auto got = token->get();
    REQUIRE_FALSE(got);
    CHECK(got.error().kind == base::ErrorKind::Invalid);
    CHECK_THAT(got.error().message,
               Catch::Contains("token") && !Catch::Contains("secret") && !Catch::Contains("admin"));
  }
  CHECK_THAT(file.get().error().message, Catch::Contains(folder.path()));
  folder.write("token", "good");
  CHECK(file.get() == "good");
}

TEST_CASE("a token file that vanishes keeps its last token, and is read when it is back") {
  const fakes::TemporaryFolder folder;
  const auto path = folder.write("token", "first");
  BearerToken token(with_file(path));
  CHECK(token.get() == "first");
  std::filesystem::remove(path);
  CHECK(token.get() == "first");
  std::filesystem::create_directory(path);
  CHECK(token.get() == "first");
  std::filesystem::remove(path);
  folder.write("token", "");
  CHECK(token.get() == "first");
  folder.write("token", "second");
  CHECK(token.get() == "second");
}

TEST_CASE("a token file behind a symbolic link is read again when the link is moved") {
  const fakes::TemporaryFolder folder;
  folder.write("one", "first");
  folder.write("two", "other");
  const auto link = folder.path() + "/token";
  std::filesystem::create_symlink("one", link);
  BearerToken token(with_file(link));
  CHECK(token.get() == "first");
  std::filesystem::create_symlink("two", folder.path() + "/new");
  std::filesystem::rename(folder.path() + "/new", link);
  CHECK(token.get() == "other");
}
