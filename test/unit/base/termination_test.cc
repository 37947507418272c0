#include "base/termination.h"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>
#include <new>

namespace {

// In a process of its own, with stderr to `to`.
[[noreturn]] void run_out_of_memory(int to) {
  dup2(to, STDERR_FILENO);
  std::signal(SIGABRT, SIG_DFL);
  base::log_termination();
  try {
    throw std::bad_alloc();
  } catch (const std::exception&) {
    std::terminate();
  }
}

}  // namespace

TEST_CASE("a process that runs out of memory logs why it ends") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) run_out_of_memory(pipe[1]);
  close(pipe[1]);
  std::string text;
  std::array<char, 256> buffer{};
  ssize_t got = 0;
  while ((got = read(pipe[0], buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  close(pipe[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(text.find(R"("level":"error","msg":"ending","error":"std::bad_alloc")") !=
        std::string::npos);
}
