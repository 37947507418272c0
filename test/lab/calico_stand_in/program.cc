#include "calico_stand_in/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace stand_in {
namespace {

// A file without a name: what a program reads or writes, without a pipe that may be full.
class Scratch {
 public:
  explicit Scratch(const std::string& text = "") : file_(memfd_create("stand-in", MFD_CLOEXEC)) {
    if (write(file_, text.data(), text.size()) >= 0) lseek(file_, 0, SEEK_SET);
  }
  Scratch(const Scratch&) = delete;
  ~Scratch() { close(file_); }

  int file() const { return file_; }

  std::string text() const {
    std::string text;
    std::array<char, 4096> buffer{};
    ssize_t length = 0;
    off_t offset = 0;
    while ((length = pread(file_, buffer.data(), buffer.size(), offset)) > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(length));
      offset += length;
    }
    return text;
  }

 private:
  int file_;
};

int spawn(const std::vector<std::string>& command, const Scratch& in, const Scratch& out) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.file(), 0);
  posix_spawn_file_actions_adddup2(&actions, out.file(), 1);
  posix_spawn_file_actions_adddup2(&actions, out.file(), 2);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

base::Result<void> batch(const std::string& program, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  auto done = run({program, "-batch", "-"}, joined(lines, "\n") + "\n");
  if (!done) return tl::unexpected(done.error().with_context(joined(lines, "; ")));
  return {};
}

base::Result<json::Document> query(std::vector<std::string> command,
                                   const std::vector<std::string>& arguments) {
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto output = run(command);
  if (!output) return tl::unexpected(output.error());
  return json::Document::parse(output->empty() ? "[]" : *output);
}

}  // namespace

base::Result<std::string> run(const std::vector<std::string>& command, const std::string& input) {
  const Scratch in(input), out;
  const int pid = spawn(command, in, out);
  int status = -1;
  if (pid > 0) waitpid(pid, &status, 0);
  if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return out.text();
  return base::fail(base::ErrorKind::Internal, joined(command, " ") + ": " + out.text());
}

base::Result<void> ip_batch(const std::vector<std::string>& lines) { return batch("ip", lines); }

base::Result<void> bridge_batch(const std::vector<std::string>& lines) {
  return batch("bridge", lines);
}

base::Result<json::Document> ip_query(const std::vector<std::string>& arguments) {
  return query({"ip", "-json", "-details"}, arguments);
}

base::Result<json::Document> bridge_query(const std::vector<std::string>& arguments) {
  return query({"bridge", "-json"}, arguments);
}

base::Result<InNamespace> InNamespace::enter(const std::string& path) {
  const int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  const int target = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = target >= 0 && setns(target, CLONE_NEWNET) == 0;
  const std::string reason = std::strerror(errno);
  if (target >= 0) close(target);
  if (entered) return InNamespace(home);
  close(home);
  return base::fail(base::ErrorKind::NotFound, "network namespace " + path + ": " + reason);
}

InNamespace::~InNamespace() {
  if (home_ < 0) return;
  if (setns(home_, CLONE_NEWNET) != 0) _exit(1);
  close(home_);
}

base::Result<void> write_file(const std::string& path, const std::string& text, int mode) {
  const auto part = path + ".part";
  const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  if (written && rename(part.c_str(), path.c_str()) == 0) return {};
  return base::fail(base::ErrorKind::Internal,
                    "cannot write " + path + ": " + std::strerror(errno));
}

}  // namespace stand_in
