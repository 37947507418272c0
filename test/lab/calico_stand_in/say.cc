#include "calico_stand_in/say.h"

#include <fmt/chrono.h>

#include <cstdio>
#include <ctime>

namespace stand_in {

void say(const std::string& what) {
  fmt::print(stderr, "{:%H:%M:%S} {}\n", fmt::gmtime(std::time(nullptr)), what);
}

}  // namespace stand_in
