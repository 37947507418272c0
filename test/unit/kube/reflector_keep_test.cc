// What a reflector takes of objects that are larger than anything it wants of them.
#include "fakes/fake_transport.h"
#include "json/stream.h"
#include "kube/reflector.h"

#include <catch2/catch.hpp>

#include <future>

using namespace kube;

namespace {

// Small numbers: as a document they would take ten times as much.
std::string junk() {
  std::string text = "\"junk\":[1";
  for (std::size_t i = 0; i < json::kLongestObject; ++i) text += ",1";
  return text + "]";
}

std::string object(const std::string& name) {
  return R"({"kind":"Node","apiVersion":"v1",)" + junk() +
         R"(,"metadata":{"resourceVersion":"6","name":")" + name + "\"}," + junk() + "}";
}

}  // namespace

TEST_CASE("an object with endless unwanted members is listed and watched without them") {
  fakes::FakeTransport transport(
      [](const Request& request) -> base::Result<Response> {
        if (request.path.find("watch=true") != std::string::npos)
          return Response{200, R"({"type":"MODIFIED","object":)" + object("watched") + "}\n"};
        return Response{
            200,
            R"({"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[)" +
                object("listed") + "]}"};
      },
      64u << 10);
  transport.hold_watches();
  std::promise<void> watched;
  std::vector<std::string> seen;
  ReflectorOptions options{.resource = kNodes};
  options.keep = {"kind", "apiVersion", "metadata.name", "metadata.resourceVersion"};
  Reflector reflector(transport, options, [&](const WatchEvent& event) {
    if (event.kind != WatchEvent::Kind::Applied) return;
    seen.push_back(event.object.dump());
    if (seen.size() == 2) watched.set_value();
  });
  reflector.start();
  CHECK(watched.get_future().wait_for(std::chrono::minutes(1)) == std::future_status::ready);
  reflector.stop();
  const auto expected = [](const std::string& name) {
    return R"({"kind":"Node","apiVersion":"v1","metadata":{"resourceVersion":"6","name":")" + name +
           "\"}}";
  };
  CHECK(seen == std::vector<std::string>{expected("listed"), expected("watched")});
}
