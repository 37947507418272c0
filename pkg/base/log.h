// Structured log: a constant message and key/value pairs, one JSON object a line on stderr. The
// same key for the same thing everywhere: "node", "migration", "action", "error".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace base {

enum class LogLevel { Debug, Info, Warn, Error };

using LogField = std::pair<std::string_view, std::string>;

// Sets what is printed from now on; call it once, before threads are started. Thread safe
// afterwards.
void init_log(LogLevel least);

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// Returns what log() prints behind the time: "level":...,"msg":...,k:v, as escaped JSON. Bytes that
// are not UTF-8 are replaced.
std::string format_log(LogLevel level, std::string_view message,
                       std::initializer_list<LogField> fields);

inline void log_debug(std::string_view m, std::initializer_list<LogField> f = {}) {
  log(LogLevel::Debug, m, f);
}
inline void log_info(std::string_view m, std::initializer_list<LogField> f = {}) {
  log(LogLevel::Info, m, f);
}
inline void log_warn(std::string_view m, std::initializer_list<LogField> f = {}) {
  log(LogLevel::Warn, m, f);
}
inline void log_error(std::string_view m, std::initializer_list<LogField> f = {}) {
  log(LogLevel::Error, m, f);
}

}  // namespace base
