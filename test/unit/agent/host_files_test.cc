#include "agent/host_files.h"

#include "agent/descriptor.h"

#include <catch2/catch.hpp>
#include <sys/inotify.h>

#include <array>
#include <filesystem>
#include <fstream>

using agent::FileType;
using agent::HostFiles;
using agent::Notice;
namespace fs = std::filesystem;

namespace {

// A folder of its own that goes with the test.
class Root {
 public:
  Root() {
    std::string name = (fs::temp_directory_path() / "fm-files-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Root() { fs::remove_all(path); }

  fs::path path;
};

}  // namespace

TEST_CASE("a file is written with its folders, read, listed, moved and removed") {
  const Root root;
  const HostFiles files(root.path);
  REQUIRE(files.write("/a/b/one.conf", "text", GENERATE(Notice::None, Notice::Watchers)));
  CHECK(files.read("/a/b/one.conf", 100) == "text");
  CHECK(files.list("/a/b", 10)->size() == 1);
  REQUIRE(files.move("/a/b/one.conf", "/a/b/two.conf"));
  CHECK(files.type("/a/b/one.conf") == FileType::Missing);
  CHECK(files.type("/a/b/two.conf") == FileType::File);
  REQUIRE(files.remove("/a/b"));
  CHECK(files.type("/a/b") == FileType::Missing);
  CHECK(files.remove("/a/b"));
}

TEST_CASE("who watches the folder hears of a write to the new file, behind its appearance") {
  const Root root;
  const HostFiles files(root.path);
  const agent::Descriptor watch(inotify_init1(IN_NONBLOCK));
  inotify_add_watch(watch.get(), root.path.c_str(), IN_MOVED_TO | IN_MODIFY);
  REQUIRE(files.write("/10-calico.conflist", "{}", Notice::Watchers));
  alignas(inotify_event) std::array<char, 4096> buffer{};
  std::vector<std::pair<std::uint32_t, std::string>> heard;
  const auto size = read(watch.get(), buffer.data(), buffer.size());
  for (long at = 0; at < size;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    if (std::string(event->name) == "10-calico.conflist")
      heard.emplace_back(event->mask, event->name);
    at += static_cast<long>(sizeof(inotify_event) + event->len);
  }
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].first == IN_MOVED_TO);
  CHECK(heard[1].first == IN_MODIFY);
}

TEST_CASE("what is missing is empty or not found") {
  const Root root;
  const HostFiles files(root.path);
  CHECK(files.list("/x/y", 10)->empty());
  CHECK(files.read("/x", 10).error().kind == base::ErrorKind::NotFound);
}

TEST_CASE("a file or folder that is too large is refused") {
  const Root root;
  const HostFiles files(root.path);
  REQUIRE(files.write("/d/1", "12345", Notice::None));
  REQUIRE(files.write("/d/2", "", Notice::None));
  CHECK(files.read("/d/1", 4).error().kind == base::ErrorKind::Invalid);
  CHECK(files.list("/d", 1).error().kind == base::ErrorKind::Invalid);
}

TEST_CASE("no symbolic link is followed, neither at the end nor on the way") {
  const Root root;
  const Root other;
  const HostFiles files(root.path);
  std::ofstream(other.path / "file") << "kept";
  fs::create_directory_symlink(other.path, root.path / "link");
  fs::create_symlink(other.path / "file", root.path / "end");
  CHECK(files.type("/link") == FileType::Symlink);
  CHECK(files.read("/link/file", 10).error().kind == base::ErrorKind::Invalid);
  CHECK(files.read("/end", 10).error().kind == base::ErrorKind::Invalid);
  CHECK_FALSE(files.write("/link/new", "x", Notice::None));
  CHECK_FALSE(files.remove("/link/file"));
  CHECK_FALSE(files.read("/../etc/hostname", 1000));
  // Replaced, not written through.
  REQUIRE(files.write("/end", "new", Notice::Watchers));
  std::ifstream kept(other.path / "file");
  CHECK(std::string(std::istreambuf_iterator<char>(kept), {}) == "kept");
  REQUIRE(files.remove("/link"));
  CHECK(fs::exists(other.path / "file"));
}

TEST_CASE("a folder in which something stays is emptied of its files") {
  const Root root;
  const HostFiles files(root.path);
  REQUIRE(files.write("/d/file", "", Notice::None));
  REQUIRE(files.write("/d/deeper/file", "", Notice::None));
  REQUIRE(files.remove("/d"));
  CHECK(files.type("/d/file") == FileType::Missing);
  CHECK(files.type("/d/deeper/file") == FileType::File);
}
