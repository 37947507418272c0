#include "controller/write/ipam_writer.h"

#include "calico/block.h"
#include "calico/names.h"
#include "controller/snapshot/snapshot_builder.h"
#include "fakes/build/objects.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

#include <map>

using namespace controller;
using namespace migration;
using base::ErrorKind;

namespace {

// A server for custom objects: create, get, replace with compare-and-swap, delete with
// preconditions.
class Objects {
 public:
  kube::Response answer(const kube::Request& request) {
    switch (request.method) {
      case kube::Method::Get:
        return objects.contains(request.path) ? kube::Response{200, objects[request.path]}
                                              : status(404, "NotFound");
      case kube::Method::Post:
        return create(request);
      case kube::Method::Put:
        return replace(request);
      case kube::Method::Delete:
        return remove(request);
      default:
        return status(405, "MethodNotAllowed");
    }
  }

  std::map<std::string, std::string> objects;  // by path
  int version = 100;
  std::function<void()> before_write;

 private:
  static kube::Response status(int code, const std::string& reason) {
    return {code, R"({"kind":"Status","reason":")" + reason + R"("})"};
  }
  static std::string version_of(const std::string& text) {
    return json::Document::parse(text).value()["metadata"]["resourceVersion"].string();
  }
  kube::Response store(const std::string& path, json::Document object) {
    object.set_string("/metadata/resourceVersion", std::to_string(++version));
    objects[path] = object.dump();
    return {200, objects[path]};
  }
  kube::Response create(const kube::Request& request) {
    auto object = json::Document::parse(request.body).value();
    const auto path = request.path + "/" + object["metadata"]["name"].string();
    if (objects.contains(path)) return status(409, "AlreadyExists");
    return store(path, object);
  }
  kube::Response replace(const kube::Request& request) {
    if (before_write) before_write();
    auto object = json::Document::parse(request.body).value();
    if (!objects.contains(request.path)) return status(404, "NotFound");
    if (version_of(request.body) != version_of(objects[request.path]))
      return status(409, "Conflict");
    return store(request.path, object);
  }
  kube::Response remove(const kube::Request& request) {
    if (!objects.contains(request.path)) return status(404, "NotFound");
    const auto options = json::Document::parse(request.body).value();
    const auto wanted = options["preconditions"]["resourceVersion"].string();
    if (!wanted.empty() && wanted != version_of(objects[request.path]))
      return status(409, "Conflict");
    objects.erase(request.path);
    return {200, R"({"kind":"Status","status":"Success"})"};
  }
};

const std::string kBlocks = "/apis/crd.projectcalico.org/v1/ipamblocks/";
const std::string kAffinities = "/apis/crd.projectcalico.org/v1/blockaffinities/";
const std::string kHandles = "/apis/crd.projectcalico.org/v1/ipamhandles/";
const std::string kBlock = kBlocks + "10-244-1-0-30";

struct World {
  fakes::FakeClock clock;
  Objects server;
  fakes::FakeTransport transport{
      [this](const kube::Request& request) { return server.answer(request); }};
  kube::Reader reader{transport};
  kube::Writer writer{transport};
  IpamWriter ipam{reader, writer, clock};
  SnapshotBuilder snapshot{{}};

  template <typename Action>
  base::Result<void> run(const Action& action) {
    const auto change = ipam.run(action);
    if (!change) return base::Failure(change.error());
    (*change)(snapshot);
    return {};
  }
  json::Document object(const std::string& path) const {
    return json::Document::parse(server.objects.at(path)).value();
  }
  // Changes an object behind the writer's back.
  void set(const std::string& path, const std::function<void(json::Document&)>& change) {
    auto document = object(path);
    change(document);
    document.set_string("/metadata/resourceVersion", std::to_string(++server.version));
    server.objects[path] = document.dump();
  }
  std::string verbs() const {
    std::string all;
    for (const auto& request : transport.requests())
      all += std::string(kube::to_string(request.method)) + " ";
    return all;
  }
};

const auto kCidr = build::cidr("10.244.1.0/30");

// Ordinal 2 is a pod's; with fields of a newer release.
void put_block(World& world) {
  world.server.objects[kBlock] =
      R"({"apiVersion":"crd.projectcalico.org/v1","kind":"IPAMBlock",
  "metadata":{"name":"10-244-1-0-30","resourceVersion":"7","labels":{"novel":"yes"}},
  "spec":{"cidr":"10.244.1.0/30","affinity":"host:w1","allocations":[null,null,0,null],
  "unallocated":[0,1,3],"attributes":[{"handle_id":"pod","secondary":{"node":"w1"}}],
  "sequenceNumber":5,"sequenceNumberForAllocation":{"2":4},"deleted":false,
  "strictAffinity":false,"novel":{"kept":true}}})";
}

}  // namespace

TEST_CASE("a block, its affinity and its handle are created and known at once") {
  World world;
  CHECK(world.run(CreateBlock{"w1", kCidr, true, std::nullopt}));
  CHECK(world.run(CreateAffinity{"w1", kCidr}));
  CHECK(world.run(CreateHandle{"vxlan-tunnel-addr-w1", {{kCidr, 1}}, false}));
  CHECK(world.verbs() == "POST POST POST ");
  CHECK(world.object(kBlock)["spec"]["affinity"].string() == "host:w1");
  CHECK(world.object(kBlock)["spec"]["attributes"].at(0)["handle_id"].string() ==
        "vxlan-tunnel-addr-w1");
  CHECK(world.object(kAffinities + "w1-10-244-1-0-30")["spec"]["state"].string() == "confirmed");
  const auto& state = world.snapshot.state();
  CHECK(state.blocks.at(kCidr).allocated.at(0) == "vxlan-tunnel-addr-w1");
  CHECK(state.affinities.size() == 1);
  CHECK(state.handles.contains("vxlan-tunnel-addr-w1"));
}

TEST_CASE("a block is created with the address that keeps it from being empty") {
  World world;
  CHECK(world.run(CreateBlock{"w1", kCidr, false, 3}));
  const auto block = world.object(kBlock);
  CHECK(calico::check_block(block));
  CHECK(block["spec"]["attributes"].at(0)["handle_id"].string() == "flannel-migration-w1");
  CHECK(world.snapshot.state().blocks.at(kCidr).allocated ==
        std::map<std::uint32_t, std::string>{{3, "flannel-migration-w1"}});
}

TEST_CASE("a handle that names another block is corrected, once") {
  World world;
  const auto path = kHandles + "vxlan-tunnel-addr-w1";
  const auto old = build::cidr("10.244.9.0/26");
  CHECK(world.run(CreateHandle{"vxlan-tunnel-addr-w1", {{old, 1}}, false}));
  world.set(path, [](auto& handle) { handle.set_string("/spec/novel", "kept"); });
  for (int i = 0; i < 2; ++i)
    CHECK(world.run(CreateHandle{"vxlan-tunnel-addr-w1", {{kCidr, 1}}, true}));
  CHECK(world.verbs() == "POST POST GET PUT POST GET ");
  CHECK(world.object(path)["spec"]["block"].dump() == R"({"10.244.1.0/30":1})");
  CHECK(world.object(path)["spec"]["novel"].string() == "kept");
  CHECK(world.snapshot.state().handles.at("vxlan-tunnel-addr-w1").blocks ==
        std::map<std::string, int>{{"10.244.1.0/30", 1}});
}

TEST_CASE("a number that Calico has counted in a handle stays") {
  World world;
  CHECK(world.run(CreateHandle{"vxlan-tunnel-addr-w1", {{kCidr, 3}}, false}));
  CHECK(world.run(CreateHandle{"vxlan-tunnel-addr-w1", {{kCidr, 1}}, true}));
  CHECK(world.verbs() == "POST POST GET ");
}

TEST_CASE("an address that a pod has got meanwhile is not released") {
  World world;
  put_block(world);
  CHECK(world.run(ReserveAddresses{"w1", kCidr, {1, 3}, {}}));
  CHECK(world.run(ReleaseReservation{"w1", kCidr, {1, 2}}));
  CHECK(world.snapshot.state().blocks.at(kCidr).allocated ==
        std::map<std::uint32_t, std::string>{{2, "pod"}, {3, "flannel-migration-w1"}});
}

TEST_CASE("a block that exists is taken as it is") {
  World world;
  put_block(world);
  CHECK(world.run(CreateBlock{"w1", kCidr, true, std::nullopt}));
  CHECK(world.verbs() == "POST GET ");
  CHECK(world.snapshot.state().blocks.at(kCidr).allocated.at(2) == "pod");
}

TEST_CASE("an object that is marked deleted makes room for a new one") {
  World world;
  SECTION("a block") {
    put_block(world);
    world.set(kBlock, [](auto& block) { block.set_boolean("/spec/deleted", true); });
    CHECK(world.run(CreateBlock{"w1", kCidr, false, std::nullopt}));
    CHECK(world.snapshot.state().blocks.at(kCidr).allocated.empty());
  }
  SECTION("an affinity, whose mark is a text") {
    CHECK(world.ipam.run(CreateAffinity{"w1", kCidr}));
    world.set(kAffinities + "w1-10-244-1-0-30",
              [](auto& affinity) { affinity.set_string("/spec/deleted", "true"); });
    CHECK(world.run(CreateAffinity{"w1", kCidr}));
    CHECK_FALSE(world.snapshot.state().affinities.begin()->second.deleted);
  }
  CHECK_THAT(world.verbs(), Catch::EndsWith("POST GET DELETE POST "));
  const auto requests = world.transport.requests();
  CHECK_THAT(requests.at(requests.size() - 2).body, Catch::Contains("resourceVersion"));
}

TEST_CASE("an affinity that was left pending is confirmed") {
  World world;
  const auto path = kAffinities + "w1-10-244-1-0-30";
  CHECK(world.ipam.run(CreateAffinity{"w1", kCidr}));
  for (const char* state : {"pending", "pendingDeletion"}) {
    world.set(path, [&](auto& affinity) {
      affinity.set_string("/spec/state", state);
      affinity.set_string("/spec/novel", "kept");
    });
    CHECK(world.run(CreateAffinity{"w1", kCidr}));
    CHECK(world.object(path)["spec"]["state"].string() == "confirmed");
    CHECK(world.object(path)["spec"]["novel"].string() == "kept");
  }
}

TEST_CASE("an edit keeps what it does not know and counts the sequence on") {
  World world;
  put_block(world);
  CHECK(world.run(ReserveAddresses{"w1", kCidr, {1, 2, 3}, {}}));
  CHECK(world.verbs() == "GET PUT ");
  const auto block = world.object(kBlock);
  CHECK(block["spec"]["novel"]["kept"].boolean());
  CHECK(block["metadata"]["labels"]["novel"].string() == "yes");
  CHECK(block["spec"]["sequenceNumber"].integer() == 6);
  CHECK(calico::check_block(block));
  const auto& held = world.snapshot.state().blocks.at(kCidr).allocated;
  CHECK(held.at(1) == "flannel-migration-w1");
  CHECK(held.at(2) == "pod");
  CHECK(held.at(3) == "flannel-migration-w1");
}

TEST_CASE("an edit that changes nothing writes nothing") {
  World world;
  put_block(world);
  CHECK(world.run(ReserveAddresses{"w1", kCidr, {1}, {}}));
  CHECK(world.run(ReserveAddresses{"w1", kCidr, {1}, {}}));
  CHECK(world.run(ReleaseReservation{"w9", kCidr, {1}}));
  CHECK(world.verbs() == "GET PUT GET GET ");
}

TEST_CASE("an address that a dead pod left behind changes hands") {
  World world;
  put_block(world);
  CHECK(world.run(ReserveAddresses{"w1", kCidr, {2}, {2}}));
  CHECK(world.snapshot.state().blocks.at(kCidr).allocated.at(2) == "flannel-migration-w1");
  CHECK(calico::check_block(world.object(kBlock)));
  CHECK(world.run(ReleaseReservation{"w1", kCidr, {1, 2}}));
  CHECK(world.snapshot.state().blocks.at(kCidr).allocated.empty());
}

TEST_CASE("an address that is only freed is written too") {
  World world;
  put_block(world);
  CHECK(world.run(ReserveAddresses{"w1", kCidr, {}, {2}}));
  CHECK(world.snapshot.state().blocks.at(kCidr).allocated.empty());
  CHECK(world.object(kBlock)["spec"]["allocations"].dump() == "[null,null,null,null]");
}

TEST_CASE("a tunnel address is allocated once, and never taken from somebody") {
  World world;
  put_block(world);
  CHECK(world.run(AllocateVtep{"w1", kCidr}));
  CHECK(world.run(AllocateVtep{"w1", kCidr}));
  CHECK(world.verbs() == "GET PUT GET ");
  CHECK(world.snapshot.state().blocks.at(kCidr).allocated.at(0) == "vxlan-tunnel-addr-w1");
  const auto other = world.run(AllocateVtep{"w2", kCidr});
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == ErrorKind::Conflict);
  CHECK_THAT(other.error().message, Catch::Contains("10.244.1.0/30"));
}

TEST_CASE("a block that somebody else wrote in between is a conflict") {
  World world;
  put_block(world);
  world.server.before_write = [&] {
    world.set(kBlock, [](auto& block) { block.set_string("/spec/novel", "theirs"); });
  };
  const auto result = world.run(AllocateVtep{"w1", kCidr});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Conflict);
  CHECK(world.object(kBlock)["spec"]["novel"].string() == "theirs");
}

TEST_CASE("a block that is not there has no reservation, but no tunnel address either") {
  World world;
  CHECK(world.run(ReleaseReservation{"w1", kCidr, {1, 2}}));
  const auto missing = world.run(AllocateVtep{"w1", kCidr});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::NotFound);
}

TEST_CASE("a block that breaks Calico's rules is left alone") {
  World world;
  put_block(world);
  world.set(kBlock, [](auto& block) { block.set_array("/spec/allocations"); });
  const auto result = world.run(ReserveAddresses{"w1", kCidr, {1}, {}});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Invalid);
  CHECK(world.verbs() == "GET ");
}

TEST_CASE("IPAM objects are deleted by name, once or again") {
  World world;
  CHECK(world.run(CreateBlock{"w1", kCidr, false, std::nullopt}));
  CHECK(world.run(CreateAffinity{"w1", kCidr}));
  CHECK(world.run(CreateHandle{"flannel-migration-w1", {{kCidr, 1}}, false}));
  CHECK(world.server.objects.contains(kHandles + calico::handle_name("flannel-migration-w1")));
  for (int i = 0; i < 2; ++i) {
    CHECK(world.run(DeleteAffinity{"w1-10-244-1-0-30"}));
    CHECK(world.run(DeleteBlock{"10-244-1-0-30"}));
    CHECK(world.run(DeleteHandle{"flannel-migration-w1"}));
  }
  CHECK(world.server.objects.empty());
  CHECK(world.snapshot.state().blocks.empty());
  CHECK(world.snapshot.state().affinities.empty());
  CHECK(world.snapshot.state().handles.empty());
}

TEST_CASE("a block that has changed since it was seen empty is not deleted") {
  World world;
  REQUIRE(world.run(CreateBlock{"w1", kCidr, false, std::nullopt}));
  const auto seen = world.object(kBlock)["metadata"]["resourceVersion"].string();
  world.set(kBlock, [](auto&) {});
  const auto refused = world.run(DeleteBlock{"10-244-1-0-30", seen});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Conflict);
  CHECK(world.server.objects.contains(kBlock));
  const auto now = world.object(kBlock)["metadata"]["resourceVersion"].string();
  CHECK(world.run(DeleteBlock{"10-244-1-0-30", now}));
  CHECK(world.server.objects.empty());
}
